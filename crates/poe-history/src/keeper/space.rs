//! What the disk has, and how much of it is to stay free.

use super::{
    Work,
    catalogue::{Catalogue, Level},
    names::day_of,
    retention::Gone,
    work::Flow,
};
use crate::{HistoryError, copy::held_by_backup};
use std::{
    fs,
    path::Path,
    sync::{Arc, atomic::Ordering},
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

/// A removal has made room if the disk has this part of its bytes more: others write meanwhile, and round.
const GAIN_PART: u64 = 2;

/// After a removal that made no room, the next one waits so long: first for disks that are slow to count what is free, and
/// after another one for whoever holds the files, as a snapshot does. What is removed meanwhile would be lost for nothing.
const WAITS: [Duration; 3] = [Duration::from_secs(60), Duration::from_hours(1), Duration::from_hours(24)];

/// During a long merge the disk is looked at this often. At wire speed that is 60 MB of log.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What is told while the days that may go would not be enough.
pub(super) const CROWDED: &str = "the disk is nearly full, and removing every day before today would not make enough room: delete something else, or take a larger disk";

/// What is told while removing makes no room.
pub(super) const HELD: &str = "the disk is nearly full, and removing the oldest readings has made no room, as if something else held their files, such as a snapshot or a copy with hard links: delete that, or something else, or take a larger disk";

/// How much of the disk that a data folder is on is left free, whatever is kept: readings go rather than that.
///
/// # Errors
/// The system does not tell.
pub fn kept_free(data_dir: &Path) -> crate::error::Result<u64> {
    Ok(Space::of(data_dir)?.reserve())
}

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
    /// The oldest day is to go, or where there is none before today, the oldest file of today.
    Remove(Gone),
    /// What may go would not be enough.
    Crowded,
}

/// A removal that made no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fruitless {
    /// What was as good as free right after it.
    free: u64,
    /// What it was to make free.
    bytes: u64,
    /// When that was, by the clock that nobody can set.
    at: Duration,
    /// How many removals before it made no room either.
    before: usize,
}

impl Fruitless {
    /// Whether the room has come after all.
    fn has_come(&self, space: Space) -> bool {
        space.free >= self.free.saturating_add(self.bytes / GAIN_PART)
    }

    fn wait(&self) -> Duration {
        WAITS[self.before.min(WAITS.len() - 1)]
    }

    /// What to tell of it. Once is no reason: some disks count late.
    fn told(&self) -> Option<&'static str> {
        (self.before > 0).then_some(HELD)
    }
}

/// What is to be done next. With the days before today, the reserve can be reached, and is. Else a tenth of it is kept free,
/// for which also files of today go, since the newest readings would be lost otherwise; if all that would not be enough,
/// nothing is removed that would help nobody. `part` of the reserve is asked for.
pub(super) fn next(catalogue: &Catalogue, space: Space, today: i64, part: u64) -> (Room, bool) {
    let bytes = |is_old: bool| -> u64 {
        let files = catalogue.of(Level::Raw).filter(|entry| (entry.day() < today) == is_old);
        files.map(|entry| entry.bytes).sum()
    };
    let can_go = bytes(true);
    let Space { free, .. } = space;
    let wanted = space.reserve() / part;
    let is_crowded = free + can_go < wanted;
    let wanted = if is_crowded { wanted.min(space.reserve() / CROWDED_PART) } else { wanted };
    if free >= wanted {
        return (Room::Enough, is_crowded);
    }
    if free + can_go + bytes(false) < wanted {
        return (Room::Crowded, true);
    }
    // Sets are sealed in the order in which readings came.
    let oldest = catalogue.of(Level::Raw).min_by_key(|entry| (entry.day(), entry.set));
    let Some(oldest) = oldest else { return (Room::Crowded, true) };
    let day = catalogue.of(Level::Raw).filter(|entry| entry.day() == oldest.day() && oldest.day() < today);
    let mut files: Vec<_> = day.cloned().collect();
    if files.is_empty() {
        files.push(Arc::clone(oldest));
    }
    let why = format!("the disk is nearly full ({free} bytes are free)");
    (Room::Remove(Gone { files, why }), is_crowded)
}

impl Work<'_> {
    /// What the disk will have in a moment: what is as good as free counts as free.
    pub(super) fn space(&self) -> Flow<Space> {
        let coming = self.coming()?;
        let mut space = (self.keeping.space)(&self.history.folders.data)?;
        space.free += coming;
        Ok(space)
    }

    /// The bytes of what is deleted as soon as nobody reads it, of what waits to be imported, and of what is removed but for a
    /// backup that has it.
    fn coming(&self) -> Flow<u64> {
        let data = &self.history.folders.data;
        Ok(self.bury()? + bytes_in(&data.join("imports")) + held_by_backup(data))
    }

    /// Removes the oldest days while the disk is short of room, and that makes room.
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
                self.keeping.crowded.set(is_crowded.then_some(CROWDED));
            }
            is_short |= is_crowded || room != Room::Enough;
            // While files are merged less is asked for, and enough for that need not be enough.
            if part == 1 || is_short {
                self.history.is_short.store(is_short, Ordering::Relaxed);
            }
            match room {
                Room::Remove(gone) if !self.waits_for_room(space) => self.remove_for_room(gone)?,
                Room::Remove(_) => return Ok(()),
                Room::Enough if part == 1 => {
                    self.keeping.fruitless.set(None);
                    return Ok(());
                }
                Room::Enough | Room::Crowded => return Ok(()),
            }
        }
    }

    /// Whether the last removal made no room, and it is not yet time to try another.
    fn waits_for_room(&self, space: Space) -> bool {
        let Some(fruitless) = self.keeping.fruitless.get() else { return false };
        if fruitless.has_come(space) {
            self.keeping.fruitless.set(None);
            return false;
        }
        if fruitless.told().is_some() {
            self.keeping.crowded.set(fruitless.told());
        }
        (self.keeping.steady)().saturating_sub(fruitless.at) < fruitless.wait()
    }

    /// Removes files, and looks whether that makes room.
    fn remove_for_room(&self, gone: Gone) -> Flow<()> {
        let bytes = gone.bytes();
        let coming = self.coming()?;
        self.remove(&[gone])?;
        // Only now, since others may write much while the catalogue is replaced.
        let before = (self.keeping.space)(&self.history.folders.data)?.free + coming;
        let free = self.space()?.free;
        let fruitless = (free < before.saturating_add(bytes / GAIN_PART)).then(|| {
            let before = self.keeping.fruitless.get().map_or(0, |last| last.before + 1);
            Fruitless { free, bytes, at: (self.keeping.steady)(), before }
        });
        self.keeping.fruitless.set(fruitless);
        Ok(())
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
