//! What can go wrong with the history, in words for people.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why something could not be kept, or told.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The disk does not do what it should.
    #[error("could not {doing} {}", path.display())]
    Disk {
        /// What was tried, as in "write to".
        doing: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why it failed.
        #[source]
        cause: io::Error,
    },
    /// A file is not what was written.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// What was given to import cannot be read.
    #[error("{place}: {why}")]
    Import {
        /// Where in it: a line, a row, a byte.
        place: String,
        /// What is wrong there, and what would be right.
        why: String,
    },
}

impl HistoryError {
    pub(crate) fn disk(doing: &'static str, path: &Path, cause: io::Error) -> Self {
        Self::Disk { doing, path: path.to_owned(), cause }
    }

    pub(crate) fn damaged(path: &Path, why: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), why: why.into() }
    }
}

pub(crate) type Result<T, E = HistoryError> = std::result::Result<T, E>;
