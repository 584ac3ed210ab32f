//! What a crash has left in the data folder, found by the next start, and by whoever looks after it.

use crate::{
    DataFolder, OpenError, backup,
    restore::place::{ASIDE, FOLDER, READY, UNFINISHED, discard, place},
    snapshot::remove,
    upgrade,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tracing::{info, warn};

/// Something in the data folder that the server does not need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Leftover {
    /// Of a backup, a restore or an upgrade that was cut short: the next start removes it, or brings it to its end.
    CutShort(PathBuf),
    /// What was there before a restore.
    BeforeRestore(PathBuf),
    /// What was there before an upgrade.
    BeforeUpgrade(PathBuf),
}

/// What lies in this folder and is no longer needed. While a backup is made, its folder is there.
///
/// # Errors
/// The folder cannot be read.
pub fn leftovers(data_dir: &Path) -> io::Result<Vec<Leftover>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(data_dir)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str() else { continue };
        if name == backup::SPOOL || name.starts_with(FOLDER) || name.starts_with(upgrade::COPY) {
            found.push(Leftover::CutShort(path));
        } else if name.starts_with(ASIDE) {
            found.push(Leftover::BeforeRestore(path));
        } else if name.starts_with("state.db.v") {
            found.push(Leftover::BeforeUpgrade(path));
        }
    }
    found.sort_by(|one, other| one.path().cmp(other.path()));
    Ok(found)
}

impl Leftover {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        match self {
            Self::CutShort(path) | Self::BeforeRestore(path) | Self::BeforeUpgrade(path) => path,
        }
    }
}

/// Removes what was cut short, and brings a restore whose files were all there to its end.
pub(crate) fn clear(folder: &DataFolder) -> Result<(), OpenError> {
    let found = leftovers(folder.path());
    let found = found.map_err(|cause| OpenError::Folder { path: folder.path().to_owned(), cause })?;
    for leftover in found {
        let Leftover::CutShort(path) = leftover else { continue };
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.starts_with(FOLDER) && name.ends_with(READY) {
            place(folder.path(), &path).map_err(|cause| OpenError::Restore { path: path.clone(), cause })?;
            info!("a restore that was cut short was brought to its end");
            continue;
        }
        let removed = if name.starts_with(FOLDER) && name.ends_with(UNFINISHED) {
            discard(&path)
        } else if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            remove(&path)
        };
        match removed {
            Ok(()) => info!("{} was removed: it was left by something that was cut short", path.display()),
            Err(cause) => warn!(%cause, "{} could not be removed: {cause}", path.display()),
        }
    }
    Ok(())
}
