//! One file per command.

mod access;
pub(crate) mod alarms;
pub(crate) mod ask;
pub(crate) mod backup;
pub(crate) mod building;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod console;
pub(crate) mod doctor;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod man;
mod moment;
pub(crate) mod node;
pub(crate) mod nodes;
pub(crate) mod notify;
pub(crate) mod pages;
pub(crate) mod restore;
pub(crate) mod sensors;
pub(crate) mod serve;
pub(crate) mod simulate;
mod stopped;
pub(crate) mod tls;
pub(crate) mod token;
pub(crate) mod user;
pub(crate) mod verify;
pub(crate) mod zones;

use std::error::Error;

/// What a command comes to: an error has one line for each thing to mend.
pub(crate) type Done = Result<(), Box<dyn Error>>;

/// The environment, as far as it is text.
pub(crate) fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
}
