//! Which files there are. It changes as a whole, from one moment to the next.

use crate::{error::Result, files::Step, history::Folders};
use std::sync::Arc;

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Level {
    /// Readings.
    Raw,
    /// Roll-ups.
    Rollup(Step),
}

/// One file.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Entry {
    /// Its path, from the data folder on: `history/date=2026-11-23/000042.parquet`.
    pub(crate) path: String,
    pub(crate) level: Level,
    /// The times of the earliest and latest *reading* that it holds, or that its roll-ups are about.
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) footer_crc: u32,
    /// The set that it was written with: readings and the roll-ups of the same readings have the same number. A higher
    /// number was written later.
    pub(crate) set: u64,
    /// Whether it is a whole day's, or month's, and written with all effort.
    pub(crate) daily: bool,
}

/// All files of one moment.
#[derive(Clone, Default, Debug)]
pub(crate) struct Catalogue {
    /// By level, then by `from_ms`.
    pub(crate) entries: Vec<Arc<Entry>>,
    /// Segments of the log up to this one are in the files.
    pub(crate) sealed_through: u64,
    pub(crate) next_set: u64,
}

/// The catalogue on disk and in memory.
#[derive(Debug)]
pub(crate) struct CatalogueFile {}

impl CatalogueFile {
    pub(crate) fn open(folders: &Folders) -> Result<Self> {
        let _ = folders;
        todo!()
    }

    /// All files as they are now. As long as the value lives, none of them is deleted.
    pub(crate) fn now(&self) -> Arc<Catalogue> {
        todo!()
    }

    /// Replaces it: durable when it returns. Files that are in it no more are deleted once nobody reads them.
    pub(crate) fn replace(&self, next: Catalogue) -> Result<()> {
        let _ = next;
        todo!()
    }

    /// Takes a damaged file out of the catalogue and puts it into `damaged/`, where a person can look at it.
    pub(crate) fn set_aside(&self, entry: &Entry, why: &str) -> Result<()> {
        let _ = (entry, why);
        todo!()
    }
}
