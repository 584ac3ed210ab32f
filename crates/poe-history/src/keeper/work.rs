//! What every piece of the keeper's work has at hand.

use super::{
    Catalogue, Entry, Keeping, check,
    names::Name,
    set::{self, Named, NewFile, discard, discard_named},
    steps::DiskStep,
};
use crate::{History, HistoryError, error::Result};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Why a piece of work has ended early.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The server stops. What is under way is left as a crash would leave it.
    Stopping,
    Failed(HistoryError),
}

impl From<HistoryError> for Halt {
    fn from(error: HistoryError) -> Self {
        Self::Failed(error)
    }
}

pub(crate) type Flow<T> = std::result::Result<T, Halt>;

/// The history, and what the keeper knows besides. Whoever has it is the only one who seals, compacts and removes.
#[derive(Clone, Copy)]
pub(crate) struct Work<'a> {
    pub(crate) history: &'a History,
    pub(crate) keeping: &'a Keeping,
    pub(crate) stopping: &'a AtomicBool,
}

impl Work<'_> {
    pub(super) fn check_stopping(&self) -> Flow<()> {
        if self.stopping.load(Ordering::Relaxed) { Err(Halt::Stopping) } else { Ok(()) }
    }

    /// Where a long piece of work pauses: neither sealing nor the disk waits for it.
    pub(super) fn breathe(&self) -> Flow<()> {
        self.check_stopping()?;
        self.history.publish_if_due();
        self.make_room_if_due()?;
        self.seal_if_due()
    }

    pub(super) fn now_ms(&self) -> i64 {
        (self.keeping.clock)()
    }

    /// Reads files back, names them and has the catalogue take them: `change` adds the entries, and says whether it still
    /// can. If anything fails, nothing has changed.
    pub(super) fn put(
        &self,
        files: Vec<Named>,
        between: &mut dyn FnMut() -> Flow<()>,
        change: impl FnOnce(&mut Catalogue, Vec<Arc<Entry>>) -> bool,
    ) -> Flow<bool> {
        let files = Parts(files);
        let steps = &self.history.catalogue.steps;
        steps.reached(DiskStep::Written);
        for named in &files.0 {
            if let Err(halt) = check::check(std::slice::from_ref(&named.file), between) {
                return Err(files.give_up(halt));
            }
        }
        steps.reached(DiskStep::Checked);
        let parts: Vec<_> = files.0.iter().map(|named| named.file.part.clone()).collect();
        let entries = match set::place(&self.history.folders, &self.history.catalogue, files.0) {
            Ok(entries) => entries,
            Err(error) => {
                parts.iter().for_each(|part| discard(part));
                return Err(error.into());
            }
        };
        let paths: Vec<_> = entries.iter().map(|entry| self.history.folders.path(&entry.path)).collect();
        let changed = self.history.catalogue.change(|catalogue| change(catalogue, entries));
        if !matches!(changed, Ok(true)) {
            // A failure after it was replaced leaves it replaced.
            let now = self.history.catalogue.now();
            let is_known =
                |path: &&PathBuf| now.entries.iter().any(|e| self.history.folders.path(&e.path) == **path);
            paths.iter().filter(|path| !is_known(path)).for_each(|path| discard_named(path));
        }
        Ok(changed?)
    }

    /// Deletes what nobody needs and nobody reads. The bytes of files that have to wait for their readers.
    pub(super) fn bury(&self) -> Result<u64> {
        self.history.catalogue.bury(|path: &Path| self.history.footers.forget(path))
    }
}

/// Files that were written and are not named.
struct Parts(Vec<Named>);

impl Parts {
    /// After a failure they are removed; a stop leaves them to the next start.
    fn give_up(&self, halt: Halt) -> Halt {
        if matches!(halt, Halt::Failed(_)) {
            self.0.iter().for_each(|named| discard(&named.file.part));
        }
        halt
    }
}

/// Files of one set as they are to be called.
pub(super) fn named(files: Vec<NewFile>, name: Name) -> impl Iterator<Item = Named> {
    files.into_iter().map(move |file| Named::new(file, name))
}
