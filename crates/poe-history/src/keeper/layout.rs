//! The earlier layout, in which the catalogue and what was damaged lay among the readings, and every program that opened
//! `history/` as one table stumbled over them. A folder of that layout is brought to the one of now when it is opened.

use super::{
    disk::{make_folder, rename, sync_folder},
    steps::{DiskStep, Steps},
};
use crate::{HistoryError, error::Result, history::Folders};
use std::{fs, io, path::Path};

/// Moves what does not belong into `history/` any more; durable when it returns, and nothing to do the next time. Each file
/// is one rename away from its place, so that whoever comes after a crash goes on. Parts of files that a crash has left there
/// are cleared with the others.
pub(super) fn bring_up(folders: &Folders, steps: &Steps) -> Result<()> {
    let (damaged, catalogue) = (folders.earlier_damaged(), folders.earlier_catalogue());
    let has_damaged = exists(&damaged)?;
    if has_damaged {
        move_all(&damaged, &folders.damaged(), steps)?;
        // What is not empty, since somebody has just put something there, has another turn.
        let _ = fs::remove_dir(&damaged);
    }
    // Half of one that never was in force.
    remove(&catalogue.with_extension("json.new"))?;
    let has_catalogue = exists(&catalogue)?;
    if has_catalogue {
        // It is the later one, if there are two: a program that knows the earlier layout only has worked here meanwhile.
        rename(&catalogue, &folders.catalogue())?;
        // Two names of one file are left as they are by a rename.
        remove(&catalogue)?;
        steps.reached(DiskStep::Moved);
    }
    if has_damaged || has_catalogue {
        // Before the next catalogue is written: else this one might be back after a power cut, and taken for the later.
        sync_folder(&folders.keeping())?;
        sync_folder(&folders.history())?;
    }
    Ok(())
}

fn move_all(from: &Path, to: &Path, steps: &Steps) -> Result<()> {
    make_folder(to)?;
    let failed = |cause| HistoryError::disk("read the folder", from, cause);
    for entry in fs::read_dir(from).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        rename(&from.join(&name), &to.join(&name))?;
        steps.reached(DiskStep::Moved);
    }
    sync_folder(to)?;
    sync_folder(from)
}

fn exists(path: &Path) -> Result<bool> {
    path.try_exists().map_err(|cause| HistoryError::disk("look at", path, cause))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            Err(HistoryError::disk("delete", path, cause))
        }
        _ => Ok(()),
    }
}
