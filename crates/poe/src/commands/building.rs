//! `poe building`: the building file, checked on its own, and brought to and from a server.

use super::{Done, ask, stopped};
use crate::{console::who, process};
use clap::{Arg, ArgMatches, Command, value_parser};
use poe::{
    Db,
    building_file::{self, FILE_BYTES_MAX, FileError, Read},
};
use poe_api::client::ClientError;
use poe_building::{Model, Role};
use std::{
    error::Error,
    fs::File,
    io::{self, Read as _, Write, stderr},
    path::{Path, PathBuf},
};

/// Where the server has its building.
const PATH: &str = "/api/v1/building";

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
        .subcommand(ask::of_server(import))
        .subcommand(ask::of_server(export))
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
            import(matches, &model)
        }
        Some((_, matches)) => {
            let text = export(matches)?;
            match path(matches) {
                Some(path) => Ok(std::fs::write(path, text)
                    .map_err(|cause| format!("could not write '{}': {cause}", path.display()))?),
                None => Ok(process::print(&text)?),
            }
        }
        None => unreachable!("a subcommand is required"),
    }
}

/// Puts the model in force, and says which version it became.
fn import(matches: &ArgMatches, model: &Model) -> Done {
    let text = building_file::write(model);
    let answer = ask::server(matches)?.put_text(PATH, "application/toml", text, None);
    if let Err(ClientError::NoServer { .. }) = &answer
        && let Some(db) = stopped::open_or_begin(matches)?
    {
        return import_stopped(db, model);
    }
    let replaced = answer.map_err(ask::failed_for(Role::Engineer))?;
    let slow = if replaced["committed"] == false { " (not yet stored: the disk is slow)" } else { "" };
    let (version, summary) = (ask::told(&replaced, "version"), summary(model));
    Ok(process::print(&format!("in force as version {version}{slow}: {summary}\n"))?)
}

/// The same in the folder of a server that does not run.
fn import_stopped(db: Db, model: &Model) -> Done {
    let who = who::operator("command");
    let version = db.set_building(model.clone(), &who)?;
    let summary = summary(model);
    Ok(process::print(&format!("in force as version {version} once a server starts: {summary}\n"))?)
}

/// The building in force: the server tells it, or the folder of one that was stopped.
fn export(matches: &ArgMatches) -> Result<String, Box<dyn Error>> {
    match ask::server(matches)?.get_text(PATH) {
        Ok(answer) => Ok(answer.text),
        Err(nobody @ ClientError::NoServer { .. }) => {
            let folder = ask::data_dir(matches)?;
            if folder.join("state.db").exists() {
                Ok(building_file::write(&poe_store::read_model(&folder)?))
            } else {
                Err(ask::failed(nobody))
            }
        }
        Err(error) => Err(ask::failed_for(Role::Engineer)(error)),
    }
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
