//! A file of SQLite and the log beside it, made one file.

use crate::error::{HistoryError, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Moves what is in the log beside a file of SQLite into the file, which is then all there is. The file is changed: it is to
/// be a copy.
///
/// # Errors
/// It is no such file, or the disk fails.
pub fn take_in_log(copy: &Path) -> Result<()> {
    let failed = |cause: rusqlite::Error| HistoryError::Import {
        place: copy.display().to_string(),
        why: cause.to_string(),
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(copy, flags).map_err(failed)?;
    // Another way of keeping a journal has no use for the log.
    let mode: String =
        connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(failed)?;
    if mode != "delete" {
        let why = format!("its log cannot be taken in: SQLite keeps it in the mode {mode}");
        return Err(HistoryError::Import { place: copy.display().to_string(), why });
    }
    connection.close().map_err(|(_, cause)| failed(cause))
}
