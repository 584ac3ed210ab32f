//! One SQLite file: how it is made, opened and checked.

use crate::{OpenError, error::in_one_line, owner};
use rusqlite::{
    Connection,
    ErrorCode::{DatabaseCorrupt, SystemIoFailure},
    FileControl, OpenFlags,
    config::DbConfig,
};
use std::{
    fs,
    io::{self, Read},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

/// Marks the files with a table that we made: `poeb`. In any other we create and alter nothing.
pub(crate) const APPLICATION_ID: i64 = 0x706F_6562;

/// How long one try waits for a lock that another program holds. It is short, so that a stop is noticed; the
/// recorder tries again for as long as it takes.
const BUSY_WAIT: Duration = Duration::from_millis(200);
/// A start waits longer, since it has nothing else to do and fails otherwise.
const BUSY_WAIT_AT_START: Duration = Duration::from_secs(5);
/// Pages kept in memory, in KiB: enough for the table of some 20,000 sensors. A larger one is written in the order of its
/// rows, where more would not help.
const CACHE_KIB: u32 = 2 * 1024;
/// The log is cut back to this size, in bytes, when it starts over after it has grown.
const WAL_KEPT: u32 = 16 << 20;

/// An open file and the size of its write-ahead log.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    wal_pages: Arc<AtomicU32>,
}

/// When a file is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Occasion {
    /// The program starts: it may wait, and nothing of it has the file open.
    Start,
    /// The file was closed while the program runs: a stop must not have to wait for it.
    Anew,
}

impl Occasion {
    fn patience(self) -> Duration {
        match self {
            Self::Start => BUSY_WAIT_AT_START,
            Self::Anew => BUSY_WAIT,
        }
    }
}

/// Whether there is already a database in the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    Database,
}

impl Database {
    /// Opens the file, or makes it with these permissions. Changes nothing in a file that has something in it.
    pub(crate) fn open(path: &Path, mode: u32, occasion: Occasion) -> Result<(Self, Found), OpenError> {
        let found =
            look(path, mode, occasion).map_err(|cause| OpenError::File { path: path.to_owned(), cause })?;
        let Some(found) = found else { return Err(OpenError::NotADatabase { path: path.to_owned() }) };
        let failed = |cause| OpenError::sqlite(path, "open", cause);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        if connection.is_readonly("main").map_err(failed)? {
            // SQLite opens a file that may only be read all the same, and fails with the first commit.
            let cause = io::Error::new(io::ErrorKind::PermissionDenied, "it may only be read, not written");
            return Err(OpenError::File { path: path.to_owned(), cause });
        }
        connection.busy_timeout(occasion.patience()).map_err(failed)?;
        // Closed now, the file and its log stay as they are: what is refused may be looked into later.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        connection.pragma_update(None, "cache_size", -i64::from(CACHE_KIB)).map_err(failed)?;
        let wal_pages = Arc::new(AtomicU32::new(0));
        let pages = Arc::clone(&wal_pages);
        connection
            .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count| {
                pages.store(u32::try_from(count).unwrap_or(0), Relaxed);
                Ok(())
            }))
            .map_err(failed)?;
        Ok((Self { connection, path: path.to_owned(), wal_pages }, found))
    }

    /// Sets a file of ours to a write-ahead log, without checkpoints inside of commits, and keeps the log when
    /// the file is closed: readers of another user could not open the file without it.
    pub(crate) fn use_wal(&self) -> rusqlite::Result<()> {
        let mode: String = self.connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        if mode != "wal" {
            self.connection.pragma_update(None, "journal_mode", "WAL")?;
        }
        // The hook that counts pages has replaced SQLite's own, which would checkpoint.
        self.connection.pragma_update(None, "journal_size_limit", WAL_KEPT)?;
        self.connection.file_control(Some("main"), FileControl::PersistWal(&mut 1))
    }

    /// Whether the file is one of ours or, looked at as a database, empty: a crash while it was made leaves it so.
    pub(crate) fn may_be_altered(&self) -> rusqlite::Result<bool> {
        let pages: i64 = self.connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        Ok(pages == 0 || is_ours(&self.connection)?)
    }

    /// The file is sound and used from here on: a lock is waited for only briefly, and when the file is closed, its
    /// log is moved into it.
    pub(crate) fn accept(&self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(BUSY_WAIT)?;
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map(drop)
    }

    /// Ends a transaction that an error has left open.
    pub(crate) fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(cause) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::debug!(%cause, file = %self.path.display(), "the transaction had already ended");
        }
    }

    /// Whether the file is no longer where it was opened: somebody has moved, replaced or deleted it, and whatever is
    /// written now would be seen by nobody.
    pub(crate) fn has_moved(&self) -> bool {
        let mut moved = 0;
        let asked = self.connection.file_control(Some("main"), FileControl::HasMoved(&mut moved));
        asked.is_ok() && moved != 0
    }

    /// Pages in the write-ahead log after the latest commit.
    pub(crate) fn wal_pages(&self) -> u32 {
        self.wal_pages.load(Relaxed)
    }

    /// Bytes of the write-ahead log's file.
    pub(crate) fn wal_bytes(&self) -> u64 {
        let mut name = self.path.clone().into_os_string();
        name.push("-wal");
        fs::metadata(name).map_or(0, |file| file.len())
    }

    /// Moves what it can from the log into the file, without waiting for anyone. The log starts over with the
    /// next commit if all of it could be moved.
    pub(crate) fn checkpoint(&self) -> rusqlite::Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
    }

    /// Moves all of the log into the file and empties it. Returns false if a reader is in the way.
    pub(crate) fn empty_wal(&self) -> rusqlite::Result<bool> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| Ok(row.get::<_, i64>(0)? == 0))
    }
}

/// Refuses a file that is missing or empty while its log is not: SQLite would take that for a new file and throw the log
/// away, and with it all that is only there.
pub(crate) fn refuse_orphaned_log(path: &Path) -> Result<(), OpenError> {
    let length = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let mut log = path.to_owned().into_os_string();
    log.push("-wal");
    if length(path) > 0 || length(log.as_ref()) == 0 {
        return Ok(());
    }
    let detail = format!(
        "it is missing or empty, and its log {} is not; move that away too",
        Path::new(&log).display()
    );
    Err(OpenError::Damaged { path: path.to_owned(), detail })
}

/// Makes the file if there is none. `None` if what is there cannot be a database.
fn look(path: &Path, mode: u32, occasion: Occasion) -> io::Result<Option<Found>> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // With SQLite's own permissions there would be a moment in which others could open it.
            let file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
            // The umask has no say: others are promised the table.
            file.set_permissions(fs::Permissions::from_mode(mode))?;
            owner::give(&file, path)?;
            return Ok(Some(Found::Nothing));
        }
        Err(error) => return Err(error),
    };
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    if occasion == Occasion::Anew {
        // To close a file takes away the locks that this process has on it, also those of the check in the
        // background. SQLite will see by itself whether this is a database.
        return Ok(Some(if metadata.len() == 0 { Found::Nothing } else { Found::Database }));
    }
    let mut header = Vec::new();
    fs::File::open(path)?.take(16).read_to_end(&mut header)?;
    Ok(match header.as_slice() {
        [] => Some(Found::Nothing),
        b"SQLite format 3\0" => Some(Found::Database),
        _ => None,
    })
}

fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok(id == APPLICATION_ID)
}

/// Reads the whole file and says what is wrong with it, if anything. Of a file that belongs to another program only this
/// table is read: without a log, nobody can write to the file in the meantime. It may take long and is meant for a
/// thread of its own; it only reads.
///
/// # Errors
/// What could not be opened or read.
pub fn check_integrity(path: &Path, table: Option<&str>) -> Result<Option<String>, rusqlite::Error> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY_WAIT_AT_START)?;
    match find_damage(&connection, table).map_err(in_one_line) {
        Err(error) if matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | SystemIoFailure)) => {
            Ok(Some(error.to_string()))
        }
        found => found,
    }
}

pub(crate) fn find_damage(connection: &Connection, table: Option<&str>) -> rusqlite::Result<Option<String>> {
    let verdict: String = match table {
        Some(table) if !is_ours(connection)? => {
            connection.query_row("SELECT * FROM pragma_quick_check(?1)", [table], |row| row.get(0))?
        }
        _ => connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?,
    };
    // Its first line may only tell in which database the damage is.
    Ok((verdict != "ok").then(|| verdict.lines().last().unwrap_or_default().to_owned()))
}
