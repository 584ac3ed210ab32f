//! How much room a disk has: asked before something large is begun.

use nix::sys::statvfs::statvfs;
use std::{
    io,
    path::{Path, PathBuf},
};

/// What is left of a disk whatever is copied there, in bytes: beside a copy the server goes on to store readings, for about
/// ten minutes of a full building with this much.
pub const KEPT: u64 = 64 << 20;

/// There is not enough room.
#[derive(Debug, thiserror::Error)]
#[error(
    "not enough room in {}: {needed} bytes are needed{}, and {free} are free; make room, or choose a place on another disk",
    path.display(),
    if *kept > 0 { format!(" and {kept} more are kept free") } else { String::new() }
)]
pub struct NoRoom {
    /// Where.
    pub path: PathBuf,
    /// What it takes.
    pub needed: u64,
    /// What is kept free beside it.
    pub kept: u64,
    /// What there is.
    pub free: u64,
}

/// Why something was not begun.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RoomError {
    #[error(transparent)]
    No(#[from] NoRoom),
    #[error(transparent)]
    Unknown(#[from] io::Error),
}

/// How many bytes there are for us on the disk that this folder is on.
///
/// # Errors
/// The system does not tell.
pub fn free_room(folder: &Path) -> io::Result<u64> {
    let disk = statvfs(folder)?;
    Ok(disk.blocks_available().saturating_mul(disk.fragment_size()))
}

/// Whether so many bytes fit on the disk that this folder is on, beside what is to be kept free there.
pub(crate) fn check(folder: &Path, needed: u64, kept: u64) -> Result<(), RoomError> {
    let free = free_room(folder)?;
    if free >= needed.saturating_add(kept) {
        return Ok(());
    }
    Err(NoRoom { path: folder.to_owned(), needed, kept, free }.into())
}
