//! Files are read now and then, so that damage is found before somebody asks for what is damaged.

use super::{
    Work,
    catalogue::{Entry, Level},
    check::{each_piece, read_raw},
    work::{Flow, Halt},
};
use crate::HistoryError;
use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

/// In this time every file is read once.
const SCRUB_ALL: Duration = Duration::from_hours(7 * 24);

/// However many files there are, the disk has this pause between two.
const SCRUB_PAUSE_MIN: Duration = Duration::from_secs(5);

impl Work<'_> {
    /// Reads the next file, if it is time.
    pub(super) fn scrub(&self) -> Flow<()> {
        let now = Instant::now();
        let catalogue = self.history.catalogue.now();
        let files = u32::try_from(catalogue.entries.len()).unwrap_or(u32::MAX).max(1);
        if self
            .keeping
            .scrubbed
            .get()
            .is_some_and(|last| now < last + (SCRUB_ALL / files).max(SCRUB_PAUSE_MIN))
        {
            return Ok(());
        }
        // Nothing is read in the first pause after a start, which has enough to do.
        let is_first = self.keeping.scrubbed.replace(Some(now)).is_none();
        if is_first || catalogue.entries.is_empty() {
            return Ok(());
        }
        let before = self.keeping.scrubbed_path.take();
        let next =
            catalogue.entries.iter().filter(|entry| entry.path > before).min_by_key(|entry| &entry.path);
        let next = next.or_else(|| catalogue.entries.iter().min_by_key(|entry| &entry.path)).cloned();
        drop(catalogue);
        if let Some(entry) = next {
            self.keeping.scrubbed_path.set(entry.path.clone());
            self.look_at(&entry)?;
        }
        Ok(())
    }

    /// Reads a file from end to end.
    fn look_at(&self, entry: &Arc<Entry>) -> Flow<()> {
        match entry.level {
            Level::Raw => {
                let path = self.history.folders.path(&entry.path);
                read_raw(&self.raw(entry)?, &path, &mut || self.breathe())?;
            }
            Level::Rollup(_) => {
                let file = self.rollups(entry)?;
                let mut reader = file.reader()?;
                let mut rollups = Vec::new();
                each_piece(file.directory(), |_, rows, _| {
                    rollups.clear();
                    reader.read(rows, &mut rollups)?;
                    self.breathe()
                })?;
            }
        }
        Ok(())
    }

    /// Sets the file aside that a failure is about, if it is one of the catalogue's. Whether it was.
    pub(super) fn set_damaged_aside(&self, halt: &Halt) -> crate::error::Result<bool> {
        let (path, why) = match halt {
            Halt::Failed(HistoryError::Damaged { path, why }) => (path, why.as_str()),
            Halt::Failed(HistoryError::Disk { path, cause, .. })
                if cause.kind() == io::ErrorKind::NotFound =>
            {
                (path, "it is missing")
            }
            _ => return Ok(false),
        };
        let catalogue = self.history.catalogue.now();
        let is_it = |entry: &&Arc<Entry>| self.history.folders.path(&entry.path) == *path;
        let Some(entry) = catalogue.entries.iter().find(is_it) else { return Ok(false) };
        self.history.footers.forget(path);
        self.history.catalogue.set_aside(entry, why)?;
        Ok(true)
    }
}
