//! Sets of readings that were never in the log: an import.
//!
//! They are written aside, and checked, for as long as it takes. All of them become part of the history in one step at the end,
//! or none does.

use super::{
    CatalogueFile, check,
    names::Name,
    set::{self, Levels, NewFile, SetWriter, discard},
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
    mem::take,
    sync::atomic::{AtomicU64, Ordering},
};

/// How many sources are known again, at most: the oldest are forgotten.
const IMPORTS_KEPT: usize = 1_000;

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
}

impl<'a> ForeignSets<'a> {
    pub(crate) fn new(history: &'a History) -> Self {
        Self { folders: &history.folders, catalogue: &history.catalogue, open: None, written: Vec::new() }
    }

    /// Adds readings of a day: of the same day as before, or of another, and then sensors begin anew. Within a day sensors
    /// ascend, and of each the readings are sorted by time.
    pub(crate) fn write(&mut self, day: i64, sensor: SensorKey, readings: &[Reading]) -> Result<()> {
        if self.open.as_ref().is_none_or(|(open, _)| *open != day) {
            self.end_set()?;
            let part = NEXT_PART.fetch_add(1, Ordering::Relaxed);
            let writer = SetWriter::create(self.folders, part, day, Levels::ALL, Effort::Quick)?;
            self.open = Some((day, writer));
        }
        match &mut self.open {
            Some((_, writer)) => writer.write(sensor, readings),
            None => Ok(()),
        }
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
                std::io::ErrorKind::Interrupted.into(),
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
            paths.iter().filter(|path| !is_known(path)).for_each(|path| discard(&self.folders.path(path)));
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
