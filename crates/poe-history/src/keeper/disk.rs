//! What is done to files and folders, so that a power cut finds either the old or the new.

use crate::{HistoryError, error::Result};
use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// Readings of motion tell who was where: the server's group may read them, so that a person in it can point DuckDB at the
/// folder, and nobody else.
const FILE_MODE: u32 = 0o640;
const FOLDER_MODE: u32 = 0o750;

/// Makes a folder and those above it; their names are durable when it returns.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        make_folder(above)?;
        match DirBuilder::new().mode(FOLDER_MODE).create(path) {
            Err(cause) if cause.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(HistoryError::disk("make the folder", path, cause));
            }
            _ => sync_folder(above)?,
        }
    }
    Ok(())
}

/// Names in it, added, changed and removed, are durable when it returns.
pub(super) fn sync_folder(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|cause| HistoryError::disk("sync", path, cause))
}

pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).map_err(|cause| HistoryError::disk("rename", from, cause))
}

/// Lets those read it who may.
pub(super) fn allow(path: &Path) -> Result<()> {
    std::fs::set_permissions(path, Permissions::from_mode(FILE_MODE))
        .map_err(|cause| HistoryError::disk("set the mode of", path, cause))
}

/// Writes a file from its beginning and syncs it.
pub(super) fn write_synced(path: &Path, content: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true).mode(FILE_MODE);
    let write = || {
        let mut file = options.open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(|cause| HistoryError::disk("write", path, cause))
}
