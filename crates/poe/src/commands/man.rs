//! `poe man`: the manual pages, made from what the commands say of themselves. It is for who makes packages, and
//! therefore not in the help.

use super::Done;
use clap::{Arg, ArgMatches, Command, value_parser};
use clap_mangen::Man;
use std::{fs, io, path::Path, path::PathBuf};

pub(crate) fn command() -> Command {
    let folder = Arg::new("DIR").required(true).value_parser(value_parser!(PathBuf));
    Command::new("man")
        .about("Write the manual pages, one for each command, into a folder")
        .hide(true)
        .arg(folder.help("Where to; it is made if it is not there"))
}

/// `program` is the whole command line, which nobody but `main` knows.
pub(crate) fn run(matches: &ArgMatches, program: Command) -> Done {
    let folder = matches.get_one::<PathBuf>("DIR").expect("DIR is required");
    // A page about the help would only repeat the others.
    let mut program = program.disable_help_subcommand(true);
    program.build();
    fs::create_dir_all(folder).and_then(|()| write(&program, folder)).map_err(|cause| {
        format!("could not write the manual pages into '{}': {cause}", folder.display()).into()
    })
}

/// The page of a command and those of all below it.
fn write(command: &Command, folder: &Path) -> io::Result<()> {
    let page = Man::new(command.clone())
        .source(concat!("poe ", env!("CARGO_PKG_VERSION")))
        .manual("The server of a building's sensor nodes");
    page.generate_to(folder)?;
    command.get_subcommands().filter(|below| !below.is_hide_set()).try_for_each(|below| write(below, folder))
}
