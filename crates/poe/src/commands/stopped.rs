//! The data folder of a server that does not run: commands work in it themselves.

use super::ask;
use clap::ArgMatches;
use poe::{Db, DbOptions, config};
use std::{error::Error, fs, io::ErrorKind, path::Path};

/// By these somebody says which folder is meant.
const FLAGS: [&str; 2] = ["data_dir", "config"];
const VARIABLES: [&str; 2] = ["POE_DATA_DIR", "POE_CONFIG"];
/// What may lie in a folder before a server has ever started in it: a lock, and what `poe tls init` has made.
const BEFORE_A_START: [&str; 2] = ["poe.lock", "tls"];

/// A folder that is there, or none.
pub(super) type Found = Result<Option<Db>, Box<dyn Error>>;

/// What a server has left in the folder that is meant; nothing, if none was ever there.
pub(super) fn open(matches: &ArgMatches) -> Found {
    open_if(matches, |folder| folder.join("state.db").exists())
}

/// The same. In a folder that somebody has named, and in which there is nothing yet, it begins: who prepares a machine makes
/// its first account before its first start. A folder that nobody has named is more likely the wrong one.
pub(super) fn open_or_begin(matches: &ArgMatches) -> Found {
    open_if(matches, |folder| folder.join("state.db").exists() || is_named(matches) && is_bare(folder))
}

fn open_if(matches: &ArgMatches, fits: impl FnOnce(&Path) -> bool) -> Found {
    let config = config::load(matches, super::environment())?.config;
    if !fits(&config.data_dir) {
        return Ok(None);
    }
    let (data_dir, file, table) = (config.data_dir.clone(), config.db_path(), config.table);
    Ok(Some(Db::open_with(DbOptions { data_dir, file, table })?))
}

fn is_named(matches: &ArgMatches) -> bool {
    let mut variables = super::environment();
    FLAGS.iter().any(|flag| ask::word(matches, flag).is_some())
        || variables.any(|(name, _)| VARIABLES.contains(&name.as_str()))
}

/// Whether there is nothing in a folder, or no folder.
fn is_bare(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.all(|entry| {
            entry.is_ok_and(|entry| BEFORE_A_START.iter().any(|name| entry.file_name() == *name))
        }),
        Err(cause) => cause.kind() == ErrorKind::NotFound,
    }
}
