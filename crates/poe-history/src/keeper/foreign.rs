//! Sets of readings that were never in the log: an import.
//!
//! They are written aside, and checked, for as long as it takes. All of them become part of the history in one step at the end,
//! or none does.

use super::{
    CatalogueFile, Space, check,
    names::Name,
    set::{self, Levels, NewFile, SetWriter, discard, discard_named},
    work::{Halt, named},
};
use crate::{
    HistoryError,
    error::Result,
    files::Effort,
    history::{Folders, History},
    reading::Reading,
};
use poe_building::SensorKey;
use std::{
    collections::BTreeSet,
    io,
    mem::take,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

/// How many sources are known again, at most: the oldest are forgotten.
const IMPORTS_KEPT: usize = 1_000;

/// Sets that one source may have beside the first of each day. One that is sorted by time has a second of some day for each
/// 2,500,000 readings, so that this is for 12,000,000,000 of them; one that goes to and fro between days would leave millions of
/// little files.
const SECOND_SETS_MAX: usize = if cfg!(test) { 50 } else { 5_000 };

/// Numbers for files that have no set yet, far from those of sets.
static NEXT_PART: AtomicU64 = AtomicU64::new(1 << 40);

/// Sets that are written and are not part of the history yet. What has not become part of it goes with this value.
#[derive(Debug)]
pub(crate) struct ForeignSets<'a> {
    folders: &'a Folders,
    catalogue: &'a CatalogueFile,
    /// The one that is being written, and its day.
    open: Option<(i64, SetWriter)>,
    /// Each set with its files, in the order in which they were written.
    written: Vec<Vec<NewFile>>,
    /// Those of which there is a set.
    days: BTreeSet<i64>,
    /// What the disk of a folder has.
    space: fn(&Path) -> Result<Space>,
}

impl<'a> ForeignSets<'a> {
    pub(crate) fn new(history: &'a History) -> Self {
        Self {
            folders: &history.folders,
            catalogue: &history.catalogue,
            open: None,
            written: Vec::new(),
            days: BTreeSet::new(),
            space: Space::of,
        }
    }

    /// Adds readings of a day: of the same day as before, or of another, and then sensors begin anew. Within a day sensors
    /// ascend, and of each the readings are sorted by time.
    pub(crate) fn write(&mut self, day: i64, sensor: SensorKey, readings: &[Reading]) -> Result<()> {
        self.check_space()?;
        if self.open.as_ref().is_none_or(|(open, _)| *open != day) {
            self.end_set()?;
            // Else what is begun here would be taken for what a crash has left.
            self.catalogue.clear()?;
            self.check_day(day)?;
            let part = NEXT_PART.fetch_add(1, Ordering::Relaxed);
            let writer = SetWriter::create(self.folders, part, day, Levels::ALL, Effort::Quick)?;
            self.open = Some((day, writer));
        }
        match &mut self.open {
            Some((_, writer)) => writer.write(sensor, readings),
            None => Ok(()),
        }
    }

    /// What is to stay free is kept for readings as they come. With less, days of readings would be removed for the sake of
    /// others.
    fn check_space(&self) -> Result<()> {
        let space = (self.space)(&self.folders.data)?;
        if space.free > space.reserve() {
            return Ok(());
        }
        let why = format!("the disk is nearly full: {} MiB have to stay free", space.reserve() >> 20);
        let cause = io::Error::new(io::ErrorKind::StorageFull, why);
        Err(HistoryError::disk("write more to", &self.folders.history(), cause))
    }

    /// Refuses what would become very many files.
    fn check_day(&mut self, day: i64) -> Result<()> {
        if self.days.insert(day) || self.written.len().saturating_sub(self.days.len()) < SECOND_SETS_MAX {
            return Ok(());
        }
        let why = "its readings go to and fro between too many days, which would become very many small files: sort it by \
                   time, or import it in parts";
        Err(HistoryError::Import { place: "all of it".to_owned(), why: why.to_owned() })
    }

    /// What follows is another set, also if it is of the same day.
    pub(crate) fn end_set(&mut self) -> Result<()> {
        let Some((_, writer)) = self.open.take() else { return Ok(()) };
        self.written.push(writer.finish()?);
        let files = self.written.last().map_or(&[][..], |files| &files[..]);
        check::check(files, &mut || Ok(())).map_err(|halt| match halt {
            Halt::Failed(error) => error,
            Halt::Stopping => HistoryError::disk(
                "read back what was written to",
                &self.folders.history(),
                io::ErrorKind::Interrupted.into(),
            ),
        })
    }

    /// Makes everything part of the history, under a mark by which the same source is known again. Returns whether it was:
    /// `false`, if it was there already and `again` does not say that it may be.
    pub(crate) fn enter(mut self, mark: &str, again: bool) -> Result<bool> {
        self.end_set()?;
        // Who seals or imports meanwhile waits with its numbers.
        let numbering = self.catalogue.numbering();
        let before = self.catalogue.now();
        if !again && before.imports.iter().any(|known| known == mark) {
            return Ok(false);
        }
        if !self.folders.catalogue().exists() {
            // Without one, a crash would leave those files in the history that have their names by then.
            self.catalogue.change(|_| true)?;
        }
        let mut next_set = before.next_set.max(1);
        let mut files = Vec::new();
        for set in take(&mut self.written) {
            files.extend(named(set, Name::new(next_set, next_set)));
            next_set += 1;
        }
        let parts: Vec<_> = files.iter().map(|named| named.file.part.clone()).collect();
        let placed = set::place(self.folders, self.catalogue, files);
        let entries = placed.inspect_err(|_| parts.iter().for_each(|part| discard(part)))?;
        let paths: Vec<_> = entries.iter().map(|entry| entry.path.clone()).collect();
        let entered = self.catalogue.change(|catalogue| {
            catalogue.entries.extend(entries);
            catalogue.next_set = next_set;
            catalogue.imports.push(mark.to_owned());
            let forgotten = catalogue.imports.len().saturating_sub(IMPORTS_KEPT);
            catalogue.imports.drain(..forgotten);
            true
        });
        if entered.is_err() {
            // A failure after it was replaced leaves it replaced.
            let now = self.catalogue.now();
            let is_known = |path: &&String| now.entries.iter().any(|entry| entry.path == **path);
            let unknown = paths.iter().filter(|path| !is_known(path));
            unknown.for_each(|path| discard_named(&self.folders.path(path)));
        }
        drop(numbering);
        entered
    }
}

impl Drop for ForeignSets<'_> {
    fn drop(&mut self) {
        if let Some((_, writer)) = self.open.take() {
            writer.abandon();
        }
        self.written.iter().flatten().for_each(|file| discard(&file.part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, Retention, keeper::DAY_MS};
    use poe_building::Status;
    use poe_wire::SensorKind;
    use std::fs;

    const SENSOR: SensorKey =
        SensorKey { address: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), id: 1 };

    fn reading(day: i64) -> [Reading; 1] {
        [Reading { time_ms: day * DAY_MS, value: 1, kind: SensorKind::Smoke, status: Status::Normal }]
    }

    fn files(folder: &Path) -> usize {
        let of = |entry: fs::DirEntry| if entry.path().is_dir() { files(&entry.path()) } else { 1 };
        fs::read_dir(folder).map_or(0, |entries| entries.map(|entry| of(entry.unwrap())).sum())
    }

    #[test]
    fn an_import_stops_before_the_disk_is_so_full_that_days_would_go() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { data_dir: folder.path().to_owned(), retention: Retention::default() };
        let (history, ..) = History::open(&options).unwrap();
        let before = files(folder.path());
        let mut sets = ForeignSets::new(&history);
        sets.space = |_| Ok(Space { free: (2 << 30) + 1, total: 100 << 30 });
        sets.write(1, SENSOR, &reading(1)).unwrap();
        sets.write(2, SENSOR, &reading(2)).unwrap();
        sets.space = |_| Ok(Space { free: 1 << 30, total: 100 << 30 });
        let refused = sets.write(3, SENSOR, &reading(3)).unwrap_err();
        let HistoryError::Disk { cause, .. } = &refused else { panic!("{refused}") };
        assert_eq!(cause.kind(), io::ErrorKind::StorageFull);
        assert!(cause.to_string().contains("2048 MiB have to stay free"), "{cause}");
        drop(sets);
        assert_eq!(files(folder.path()), before, "what was written is gone");
    }

    #[test]
    fn a_source_may_have_many_days_and_not_go_to_and_fro_between_them() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { data_dir: folder.path().to_owned(), retention: Retention::default() };
        let (history, ..) = History::open(&options).unwrap();
        let mut sets = ForeignSets::new(&history);
        for day in 0..40 {
            sets.write(day, SENSOR, &reading(day)).unwrap();
        }
        let mut to_and_fro = (0..).map(|nth| (nth, sets.write(nth % 2, SENSOR, &reading(nth % 2))));
        let refused = to_and_fro.find_map(|(nth, written)| Some((nth, written.err()?)));
        let (at, why) = refused.unwrap();
        assert_eq!(at, SECOND_SETS_MAX as i64);
        assert!(why.to_string().contains("sort it by time"), "{why}");
    }
}
