//! `poe completions`: what a shell has to know to complete a command line.

use super::Done;
use crate::process;
use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;

pub(crate) fn command() -> Command {
    let shell = Arg::new("SHELL").required(true).value_parser(value_parser!(Shell));
    Command::new("completions")
        .about("Print the completions of a shell")
        .after_help(
            "For bash: poe completions bash > ~/.local/share/bash-completion/completions/poe\n\
             The Debian package brings those of bash, zsh and fish along.",
        )
        .arg(shell.help("The shell that is to complete"))
}

/// `program` is the whole command line, which nobody but `main` knows.
pub(crate) fn run(matches: &ArgMatches, mut program: Command) -> Done {
    let shell = *matches.get_one::<Shell>("SHELL").expect("SHELL is required");
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, name, &mut script);
    Ok(process::print(&String::from_utf8(script)?)?)
}
