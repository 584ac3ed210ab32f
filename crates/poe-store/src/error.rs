//! What can go wrong with the memory, in words for the person who has to mend it.

use rusqlite::ErrorCode;
use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a store cannot be opened. What was on the disk before is still there, unchanged; files that were missing may
/// have been made, with nothing in them.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder cannot be made or used.
    #[error("cannot use the data folder {}: {cause}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Another server works on the folder.
    #[error("the data folder {} is in use by process {pid}; stop that server, or choose another folder with --data-dir", path.display())]
    FolderInUse {
        /// The folder.
        path: PathBuf,
        /// The process that holds it, as far as it is known.
        pid: String,
    },
    /// The file cannot be made or read.
    #[error("cannot open {}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The file that was named for the table is one that the server has for itself.
    #[error("{} is the server's own and cannot hold the table that others read; name another file with --db", path.display())]
    OwnFile {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not an SQLite database; it was left as it is. Name another file, or move this one away", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be trusted.
    #[error("{} is damaged ({detail}); it was left as it is. Restore a backup, or move it away to start with an empty one", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite found.
        detail: String,
    },
    /// A later version of the program wrote the file.
    #[error("{} has schema version {found}, and this program knows versions up to {known}; use the program that wrote it, or a newer one", path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The latest version known here.
        known: i64,
    },
    /// An earlier version of the program wrote the file, and what it holds cannot be carried over.
    #[error("{} has schema version {found} and cannot be brought up to date: {problem}; it was left as it is. Mend that and start again, or go on with the program that wrote it", path.display())]
    Upgrade {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// What stands against it.
        problem: String,
    },
    /// A restore that was cut short cannot be brought to its end.
    #[error("the restore in {} was cut short and cannot be brought to its end: {cause}; mend that and start again", path.display())]
    Restore {
        /// The folder with what is still to be put in its place.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The file belongs to another program and has no such table.
    #[error("{} has no table {table:?}; it belongs to another program, so none is made there. Name its table with --table, or another file with --db", path.display())]
    NoTable {
        /// The file.
        path: PathBuf,
        /// The table looked for.
        table: String,
    },
    /// The table cannot take the readings.
    #[error("table {table:?} of {}: {problem}", path.display())]
    UnfitTable {
        /// The file.
        path: PathBuf,
        /// The table.
        table: String,
        /// What does not fit.
        problem: String,
    },
    /// Another program holds the file.
    #[error("{} is locked by another program; close that program's transaction and start again", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// Anything else that SQLite said.
    #[error("cannot {doing} {}: {cause}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        cause: rusqlite::Error,
    },
}

impl OpenError {
    /// Gives an error of SQLite the words that fit it.
    pub(crate) fn sqlite(path: &Path, doing: &'static str, cause: rusqlite::Error) -> Self {
        let path = path.to_owned();
        let cause = in_one_line(cause);
        match cause.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, detail: cause.to_string() },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            _ => Self::Sqlite { path, doing, cause },
        }
    }
}

/// What SQLite said, and not the statement that it said it about: it becomes part of a line for a person.
pub(crate) fn in_one_line(error: rusqlite::Error) -> rusqlite::Error {
    let (code, text) = match error {
        rusqlite::Error::SqlInputError { error, msg, .. } => (error, msg),
        rusqlite::Error::SqliteFailure(code, Some(text)) => (code, text),
        other => return other,
    };
    // A trigger's message and a column's name may hold anything.
    let words: Vec<&str> = text.split(char::is_control).filter(|part| !part.is_empty()).collect();
    rusqlite::Error::SqliteFailure(code, Some(words.join(" ")))
}

/// Why a commit did not happen. What it held is not stored and must be committed again.
#[derive(Debug, thiserror::Error)]
#[error("could not {doing} {}", path.display())]
pub struct CommitError {
    /// The file.
    pub path: PathBuf,
    /// What was being done.
    pub doing: &'static str,
    /// What SQLite, or the opening of the file, said.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
    /// What kind of trouble it is.
    pub cause: Cause,
}

impl CommitError {
    pub(crate) fn new(path: &Path, doing: &'static str, error: rusqlite::Error) -> Self {
        let error = in_one_line(error);
        Self { path: path.to_owned(), doing, cause: Cause::of(&error), source: Box::new(error) }
    }

    pub(crate) fn gone(path: &Path) -> Self {
        let source = "it is gone or empty, and belongs to another program that has to make it".into();
        Self { path: path.to_owned(), doing: "open", cause: Cause::Io, source }
    }

    pub(crate) fn busy(path: &Path, doing: &'static str) -> Self {
        Self { path: path.to_owned(), doing, cause: Cause::Busy, source: "a reader holds on to it".into() }
    }

    pub(crate) fn reopen(error: OpenError) -> Self {
        let (path, cause) = match &error {
            OpenError::Locked { path } => (path.clone(), Cause::Busy),
            OpenError::Sqlite { path, cause, .. } => (path.clone(), Cause::of(cause)),
            OpenError::File { path, .. } => (path.clone(), Cause::Io),
            OpenError::Folder { path, .. }
            | OpenError::FolderInUse { path, .. }
            | OpenError::OwnFile { path }
            | OpenError::NotADatabase { path }
            | OpenError::Damaged { path, .. }
            | OpenError::NewerSchema { path, .. }
            | OpenError::Upgrade { path, .. }
            | OpenError::Restore { path, .. }
            | OpenError::NoTable { path, .. }
            | OpenError::UnfitTable { path, .. } => (path.clone(), Cause::Other),
        };
        Self { path, doing: "open", cause, source: Box::new(error) }
    }
}

/// What keeps a commit from happening, in kinds that a metric can count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// Another program holds the file.
    Busy,
    /// The disk is full.
    Full,
    /// The disk failed to read, write or sync. What it holds has to be checked before it is used again.
    Io,
    /// Anything else.
    Other,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 4] = [Self::Busy, Self::Full, Self::Io, Self::Other];

    /// The word for it in metrics and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Full => "full",
            Self::Io => "io",
            Self::Other => "other",
        }
    }

    pub(crate) fn of(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => Self::Io,
            _ => Self::Other,
        }
    }

    /// Whether the connection may simply try again: nothing was half written and no sync has failed.
    pub(crate) fn may_retry_as_is(self) -> bool {
        matches!(self, Self::Busy | Self::Full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_in_one_line_without_the_statement() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let told = |sql: &str| {
            let cause = connection.execute_batch(sql).unwrap_err();
            OpenError::sqlite("poe.db".as_ref(), "prepare", cause).to_string()
        };
        assert_eq!(
            told("CREATE TABLE order (\n value INTEGER\n)"),
            "cannot prepare poe.db: near \"order\": syntax error"
        );
        assert_eq!(
            told(
                "CREATE TABLE t (value INTEGER);
                 CREATE TRIGGER no BEFORE INSERT ON t BEGIN SELECT raise(ABORT, 'not\r\nhere'); END;
                 INSERT INTO t VALUES (1)"
            ),
            "cannot prepare poe.db: not here"
        );
    }
}
