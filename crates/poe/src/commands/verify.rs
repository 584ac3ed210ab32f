//! `poe verify`: whether the journal is as it was written.

use super::{Done, ask};
use crate::process;
use clap::{ArgMatches, Command};
use poe_store::verify;

pub(crate) fn command() -> Command {
    let about = "Walk along the whole journal, and say whether anything was changed, taken out or put in";
    ask::of_folder(Command::new("verify").about(about))
}

/// The server may run or not: the folder is read beside it.
pub(crate) fn run(matches: &ArgMatches) -> Done {
    let folder = ask::data_dir(matches)?;
    let verified = verify(&folder)?;
    match verified.finding {
        None => Ok(process::print(&format!("journal: {} entries, whole\n", verified.entries))?),
        Some(finding) => Err(format!("journal: {finding}").into()),
    }
}
