//! `poe config`: looks at the settings without starting anything.

use super::{Done, environment};
use crate::process;
use clap::{ArgMatches, Command};
use poe::config::{self, ConfigError, Loaded};
use std::io::{Write, stderr};

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
    let text = match matches.subcommand() {
        Some(("check", matches)) => {
            load(matches)?.tls()?;
            "ok\n".to_owned()
        }
        Some(("show", matches)) => load(matches)?.show(),
        _ => config::example(),
    };
    Ok(process::print(&text)?)
}

fn load(matches: &ArgMatches) -> Result<Loaded, ConfigError> {
    let loaded = config::load(matches, environment())?;
    for warning in &loaded.warnings {
        // Nobody may be reading, which changes nothing about the settings.
        writeln!(stderr(), "warning: {warning}").ok();
    }
    Ok(loaded)
}
