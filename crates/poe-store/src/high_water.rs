//! How far the journal is once written, kept up with by its mark, and what is told when either falls behind.

use crate::{
    mark::{self, Found, Mark, MarkFile},
    state::{End, lost},
};
use poe_building::NextIds;
use std::{io, path::Path};
use tracing::{error, info, warn};

/// The mark of a journal that is being written.
#[derive(Debug)]
pub(crate) struct HighWater {
    file: MarkFile,
    /// The last entry that the mark tells of, or that it need not tell of.
    marked: u64,
    failing: bool,
    fault: Option<String>,
}

impl HighWater {
    /// Reads the mark that an earlier run has left.
    pub(crate) fn open(folder: &Path) -> (Self, Found) {
        let found = mark::read(folder);
        (Self { file: MarkFile::new(folder), marked: 0, failing: false, fault: None }, found)
    }

    /// A journal without entries gets its mark before there is the first one: from then on a missing mark is a fault.
    /// Any other keeps what it has, faulty or not, until there are new entries.
    pub(crate) fn begin(&mut self, found: &Found, end: End) {
        self.marked = end.seq;
        if end == End::NONE && matches!(found, Found::Nothing) {
            let written = self.file.write(Mark { end, next: NextIds::default() });
            self.note(written);
        }
    }

    /// Keeps up with the journal, which ends here now. Returns false if it could not.
    pub(crate) fn keep(&mut self, end: End, next: NextIds) -> bool {
        let written = if end.seq > self.marked {
            self.marked = end.seq;
            self.file.write(Mark { end, next })
        } else {
            self.file.retry()
        };
        self.note(written)
    }

    fn note(&mut self, written: io::Result<()>) -> bool {
        match written {
            Ok(()) if self.failing => {
                self.failing = false;
                info!("the journal's mark, {}, is up to date again", mark::FILE);
            }
            Err(cause) if !self.failing => {
                self.failing = true;
                warn!(%cause, "the journal's mark, {}, cannot be written; until it is, nobody can tell whether the \
                               journal has lost entries", mark::FILE);
            }
            Ok(()) | Err(_) => {}
        }
        !self.failing
    }

    /// `state.db` was opened anew, and its journal ends with `last`; entries up to `written` were committed.
    pub(crate) fn compare(&mut self, last: u64, written: u64) {
        if last < written {
            let fault = lost(last, written);
            error!("{fault}: state.db was replaced or damaged while the server ran");
            self.fault = Some(fault);
        }
    }

    /// What [`HighWater::compare`] has found.
    pub(crate) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }
}
