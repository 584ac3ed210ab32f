//! `poe config`: looks at the settings without starting anything.

use super::{Done, environment};
use clap::{ArgMatches, Command};
use poe::config::{self, Loaded};

pub(crate) fn command() -> Command {
    let check = Command::new("check").about("Say whether the configuration is right");
    let show = Command::new("show").about("Print every setting as it is in force, and where it comes from");
    Command::new("config")
        .about("Check, show or explain the settings")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(config::arguments(check))
        .subcommand(config::arguments(show))
        .subcommand(
            Command::new("example")
                .about("Print a configuration file with every setting, its default and meaning"),
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    match matches.subcommand() {
        Some(("check", matches)) => load(matches).map(|_| println!("ok")),
        Some(("show", matches)) => load(matches).map(|loaded| print!("{}", loaded.show())),
        _ => {
            print!("{}", config::example());
            Ok(())
        }
    }
}

fn load(matches: &ArgMatches) -> Result<Loaded, Box<dyn std::error::Error>> {
    let loaded = config::load(matches, environment())?;
    for warning in &loaded.warnings {
        eprintln!("warning: {warning}");
    }
    Ok(loaded)
}
