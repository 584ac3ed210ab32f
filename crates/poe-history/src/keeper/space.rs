//! What the disk has, and how much of it is to stay free.

use super::{
    Work,
    catalogue::{Catalogue, Level},
    names::day_of,
    retention::Gone,
    work::Flow,
};
use crate::HistoryError;
use std::{
    fs,
    path::Path,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// What the disk has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Space {
    /// Bytes that we may write.
    pub(crate) free: u64,
    /// Bytes in all.
    pub(crate) total: u64,
}

/// So much of a disk is left free for alarms, the journal and the table, and on a large one for other programs.
const RESERVE_PERCENT: u64 = 2;
/// At least: a gigabyte of log and half of what an upgrade copies would fit.
const RESERVE_MIN_BYTES: u64 = 512 << 20;
/// At most: what is needed does not grow with the disk, and readings are not to go where gigabytes are free.
const RESERVE_MAX_BYTES: u64 = 2 << 30;

/// A merge may take this part of the reserve until what it has read is deleted: on a disk that is full of readings, days would
/// never become one file otherwise.
const MERGE_PART: u64 = 2;

/// Where something else fills the disk, the history gives this part of the reserve: enough for the log to go on, and for
/// somebody to look.
const CROWDED_PART: u64 = 10;

/// During a long merge the disk is looked at this often. At wire speed that is 60 MB of log.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What is told while nothing that the history may remove would help.
pub(super) const CROWDED: &str = "the disk is nearly full, and the history is not what fills it: delete something else, or take a larger disk";

impl Space {
    /// What the disk of a folder has.
    pub(crate) fn of(folder: &Path) -> crate::error::Result<Self> {
        let found = nix::sys::statvfs::statvfs(folder)
            .map_err(|errno| HistoryError::disk("look how much is free for", folder, errno.into()))?;
        let fragment = found.fragment_size();
        Ok(Self { free: found.blocks_available() * fragment, total: found.blocks() * fragment })
    }

    /// A small disk, on which half of it would have to be free, has a tenth.
    pub(crate) fn reserve(self) -> u64 {
        let part = self.total / 100 * RESERVE_PERCENT;
        part.clamp(RESERVE_MIN_BYTES.min(self.total / 10), RESERVE_MAX_BYTES)
    }
}

/// What is to be done for room.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Room {
    Enough,
    /// The oldest day is to go.
    Remove(Gone),
    /// What may go would not be enough.
    Crowded,
}

/// What is to be done next. With what may be removed, the reserve can be reached, and is; else a tenth of it, if that can be
/// reached; else nothing is removed that would help nobody. `part` of the reserve is asked for.
pub(super) fn next(catalogue: &Catalogue, space: Space, today: i64, part: u64) -> (Room, bool) {
    let old = || catalogue.of(Level::Raw).filter(|entry| entry.day() < today);
    let can_go: u64 = old().map(|entry| entry.bytes).sum();
    let Space { free, .. } = space;
    let wanted = space.reserve() / part;
    let is_crowded = free + can_go < wanted;
    let wanted = if is_crowded { wanted.min(space.reserve() / CROWDED_PART) } else { wanted };
    if free >= wanted {
        return (Room::Enough, is_crowded);
    }
    if free + can_go < wanted {
        return (Room::Crowded, true);
    }
    let Some(day) = old().map(|entry| entry.day()).min() else { return (Room::Crowded, true) };
    let files = old().filter(|entry| entry.day() == day).cloned().collect();
    let why = format!("the disk is nearly full ({free} bytes are free)");
    (Room::Remove(Gone { files, why }), is_crowded)
}

impl Work<'_> {
    /// What the disk will have in a moment: what is deleted as soon as nobody reads it, and what waits to be imported, is as
    /// good as free.
    pub(super) fn space(&self) -> Flow<Space> {
        let leaving = self.bury()?;
        let data = &self.history.folders.data;
        let mut space = (self.keeping.space)(data)?;
        space.free += leaving + bytes_in(&data.join("imports"));
        Ok(space)
    }

    /// Removes the oldest days while the disk is short of room.
    pub(super) fn make_room(&self) -> Flow<()> {
        self.keeping.looked_at_space.set(Some(Instant::now()));
        let part = if self.keeping.is_merging.get() { MERGE_PART } else { 1 };
        let mut is_short = false;
        loop {
            self.check_stopping()?;
            let space = self.space()?;
            let today = day_of(self.believed_ms());
            let (room, is_crowded) = next(&self.history.catalogue.now(), space, today, part);
            if part == 1 {
                self.keeping.is_crowded.set(is_crowded);
            }
            is_short |= is_crowded || room != Room::Enough;
            // While files are merged less is asked for, and enough for that need not be enough.
            if part == 1 || is_short {
                self.history.is_short.store(is_short, Ordering::Relaxed);
            }
            match room {
                Room::Remove(day) => self.remove(&[day])?,
                Room::Enough | Room::Crowded => return Ok(()),
            }
        }
    }

    /// The same during a long piece of work, now and then.
    pub(super) fn make_room_if_due(&self) -> Flow<()> {
        let last = self.keeping.looked_at_space.get();
        if last.is_some_and(|last| last.elapsed() < LOOK_EVERY) {
            return Ok(());
        }
        self.make_room()
    }

    /// Bytes that a merge may write before it deletes what it has read.
    pub(super) fn room_to_merge(&self) -> Flow<u64> {
        let space = self.space()?;
        Ok(space.free.saturating_sub(space.reserve() / MERGE_PART))
    }
}

/// The bytes of the files in a folder; none, if it is not there.
fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let files = entries.filter_map(|entry| entry.ok()?.metadata().ok());
    files.filter(fs::Metadata::is_file).map(|file| file.len()).sum()
}
