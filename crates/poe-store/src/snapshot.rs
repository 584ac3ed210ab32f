//! A copy of a database while others write to it: taken as it was at one moment, in slices that the disk can take.

use crate::{error::in_one_line, owner};
use rusqlite::{
    Connection, Error, ErrorCode, OpenFlags,
    backup::{Backup, StepResult},
    config::DbConfig,
    ffi,
};
use std::{
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

/// A writer holds a lock only while it commits, or moves its log.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// Pages that are copied before the disk has to have them, 4 MiB: what the kernel gathers beyond that would have to be
/// written before the next commit's sync, and delay it.
const PAGES_PER_SLICE: i32 = 1_024;

/// A database as it was at one moment. Writers are not kept from writing, unless the file has no write-ahead log; such a
/// log grows for as long as this value lives.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) connection: Connection,
    path: PathBuf,
}

/// Why a copy could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyError {
    /// SQLite could not read the one, or not write the other.
    #[error("{0}")]
    Sqlite(Error),
    /// The copy could not be made or synced.
    #[error("{0}")]
    File(io::Error),
}

impl From<Error> for CopyError {
    fn from(error: Error) -> Self {
        Self::Sqlite(in_one_line(error))
    }
}

impl From<io::Error> for CopyError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Snapshot {
    /// From here on, only what is committed now is seen.
    pub(crate) fn take(path: &Path) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_WAIT)?;
        // Whoever only reads leaves file and log as they are, also when nobody else has them open.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.execute_batch("BEGIN")?;
        // A transaction sees what is there at its first read.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// How large the copy will be.
    pub(crate) fn bytes(&self) -> rusqlite::Result<u64> {
        let number = |name| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        Ok((number("page_count")? * number("page_size")?).unsigned_abs())
    }

    /// Copies the file, page by page, into a new one that only its owner may read. The copy is durable when this returns,
    /// but for its name.
    pub(crate) fn copy(self, to: &Path) -> Result<(), CopyError> {
        // SQLite's own locks on the copy are lost when this is closed; by then it has closed the copy, too.
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        owner::give(&file, to)?;
        self.copy_pages(to, &file)?;
        // Nobody has to wait for the disk now.
        drop(self);
        Ok(file.sync_all()?)
    }

    fn copy_pages(&self, to: &Path, file: &File) -> Result<(), CopyError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut copy = Connection::open_with_flags(to, flags)?;
        // A copy that is not finished is thrown away, so that nothing has to be taken back in it.
        copy.pragma_update(None, "journal_mode", "OFF")?;
        copy.pragma_update(None, "synchronous", "OFF")?;
        // Without a log nobody can write meanwhile, and every sync would make them wait longer.
        let keeps_writers_out = !self.has_log()?;
        let backup = Backup::new(&self.connection, &mut copy)?;
        // Within one transaction, in which nothing changes, a backup never has to start over.
        loop {
            match backup.step(PAGES_PER_SLICE)? {
                StepResult::Done => return Ok(()),
                StepResult::More if keeps_writers_out => {}
                StepResult::More => file.sync_data()?,
                _ => return Err(busy(&self.path).into()),
            }
        }
    }

    fn has_log(&self) -> rusqlite::Result<bool> {
        self.connection.pragma_query_value(None, "journal_mode", |row| Ok(row.get_ref(0)?.as_str()? == "wal"))
    }
}

fn busy(path: &Path) -> Error {
    let told = format!("another program holds {}", path.display());
    Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), Some(told))
}

/// Opens a database that nobody writes to: no log is looked for beside it, and none is made.
pub(crate) fn open_still(path: &Path) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let mut name = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => name.push((*byte).into()),
            byte => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name.push_str("?immutable=1");
    Connection::open_with_flags(name, flags)
}

/// Looks through a whole database, and says what is wrong with it, if anything: first what is damaged, then what refers to
/// something that is not there.
pub(crate) fn find_faults(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let verdict = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    match verdict {
        Ok(verdict) if verdict == "ok" => {}
        Ok(verdict) => return Ok(verdict.lines().last().map(str::to_owned)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
            return Ok(Some(error.to_string()));
        }
        Err(error) => return Err(error),
    }
    let mut check = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = check.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
    Ok(Some(format!("a row of {table} belongs to one of {parent} that is not there")))
}

/// How many rows a table has.
pub(crate) fn count(connection: &Connection, table: &str) -> rusqlite::Result<u64> {
    let sql = format!("SELECT count(*) FROM \"{table}\"");
    connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}

/// Removes a database with all that SQLite keeps beside it.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(beside(path, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The path with this at its end.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(ending);
    name.into()
}
