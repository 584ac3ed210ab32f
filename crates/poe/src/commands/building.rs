//! `poe building`: the building file, checked on its own, and brought to and from a server.

use super::{Done, environment};
use crate::process;
use clap::{Arg, ArgMatches, Command, value_parser};
use poe::{
    building_file::{self, FILE_BYTES_MAX, FileError, Read},
    config,
};
use poe_building::Model;
use std::{
    fs::File,
    io::{self, Read as _, Write, stderr},
    path::{Path, PathBuf},
};

pub(crate) fn command() -> Command {
    let file = || Arg::new("FILE").value_parser(value_parser!(PathBuf));
    let check = Command::new("check")
        .about("Say whether a building file is right, without a server")
        .arg(file().required(true).help("The building file; see docs/building.toml"));
    let import = Command::new("import")
        .about("Put a building file in force")
        .arg(file().required(true).help("The building file"));
    let export = Command::new("export")
        .about("Write the building in force as a file")
        .arg(file().help("Where to; without it, standard output"));
    Command::new("building")
        .about("Check, import or export what people say about the building")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(check)
        .subcommand(with_data_dir(import))
        .subcommand(with_data_dir(export))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    match matches.subcommand() {
        Some(("check", matches)) => {
            let path = path(matches).expect("FILE is required");
            let model = read(path)?;
            Ok(process::print(&format!("{} is fine: {}\n", path.display(), summary(&model)))?)
        }
        Some(("import", matches)) => {
            let model = read(path(matches).expect("FILE is required"))?;
            server::import(&data_dir(matches)?, &model)
        }
        Some((_, matches)) => {
            let text = building_file::write(&server::export(&data_dir(matches)?)?);
            match path(matches) {
                Some(path) => Ok(std::fs::write(path, text)
                    .map_err(|cause| format!("could not write '{}': {cause}", path.display()))?),
                None => Ok(process::print(&text)?),
            }
        }
        None => unreachable!("a subcommand is required"),
    }
}

/// How the program talks to the server of a data folder.
mod server {
    use super::Done;
    use poe_building::Model;
    use std::{error::Error, path::Path};

    /// Puts the model in force.
    pub(super) fn import(data_dir: &Path, _model: &Model) -> Done {
        Err(not_yet(data_dir))
    }

    /// The model in force.
    pub(super) fn export(data_dir: &Path) -> Result<Model, Box<dyn Error>> {
        Err(not_yet(data_dir))
    }

    fn not_yet(data_dir: &Path) -> Box<dyn Error> {
        format!("this version cannot talk to the server of '{}' about its building yet", data_dir.display())
            .into()
    }
}

/// Adds `--data-dir` and `--config`. Both come from the settings, so that the folder is the one that `poe serve` has;
/// the other flags are taken and not shown.
fn with_data_dir(command: Command) -> Command {
    config::arguments(command).mut_args(|arg| match arg.get_id().as_str() {
        "FILE" | "config" | "data_dir" => arg,
        _ => arg.hide(true),
    })
}

fn data_dir(matches: &ArgMatches) -> Result<PathBuf, config::ConfigError> {
    Ok(config::load(matches, environment())?.config.data_dir)
}

fn path(matches: &ArgMatches) -> Option<&Path> {
    matches.get_one::<PathBuf>("FILE").map(PathBuf::as_path)
}

/// The model that a file describes; otherwise one line for each thing to mend.
fn read(path: &Path) -> Result<Model, String> {
    let name = path.display().to_string();
    let text = read_bounded(path).map_err(|cause| format!("cannot read '{name}': {cause}"))?;
    let Read { model, warnings } = building_file::read(&text, &name).map_err(|errors| lines(&errors))?;
    for warning in warnings {
        // Nobody may be reading, which changes nothing about the building.
        writeln!(stderr(), "warning: {warning}").ok();
    }
    Ok(model)
}

fn lines(errors: &[FileError]) -> String {
    errors.iter().map(FileError::to_string).collect::<Vec<_>>().join("\n")
}

/// One byte more than a file can have is enough to tell that it is too long.
fn read_bounded(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(FILE_BYTES_MAX as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// How much of everything there is.
fn summary(model: &Model) -> String {
    let counts = [
        (model.places.len(), "place", "places"),
        (model.switches.len(), "switch", "switches"),
        (model.nodes.len(), "node", "nodes"),
        (model.sensors.len(), "sensor", "sensors"),
        (model.rules.len(), "rule", "rules"),
        (model.targets.len(), "target", "targets"),
        (model.groups.len(), "group", "groups"),
    ];
    let said = counts.map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }));
    said.join(", ")
}
