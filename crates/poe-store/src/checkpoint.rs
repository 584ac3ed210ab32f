//! Moving the table's log into its file, in slices that no commit has to wait for.
//!
//! A log is used from its start again only when all of it has been moved, and while commits go on there is always a
//! rest. So the bulk is moved beside the commits by a thread of its own; then the recorder moves the small rest
//! between two commits, and the next commit starts the log over.

use crate::sqlite::Database;
use rusqlite::{
    Connection,
    ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked},
    OpenFlags,
};
use std::{
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, SyncSender, TryRecvError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The log is moved once it has so many pages, 16 MiB: rarely enough to cost little, and little enough to be read
/// back in some 20 ms after a crash.
const WAL_PAGES_MAX: u32 = 4096;
/// While a reader holds on to an old state, the log cannot start over, and trying more often would not help.
const PAUSE: Duration = Duration::from_millis(200);

/// The two slices, taken in turn.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    stage: Stage,
    /// Dropped to end the thread.
    work: Option<SyncSender<()>>,
    /// What became of each bulk.
    moved: Receiver<rusqlite::Result<()>>,
    thread: Option<JoinHandle<()>>,
    started: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Idle,
    /// The thread is at work, and the rest comes after it.
    Bulk,
}

impl Checkpointer {
    /// A checkpointer for the file at this path, which is one of ours.
    pub(crate) fn start(path: PathBuf) -> std::io::Result<Self> {
        Self::with(move || move_bulk(&path))
    }

    fn with(mut move_bulk: impl FnMut() -> rusqlite::Result<()> + Send + 'static) -> std::io::Result<Self> {
        // There is never more than one order, so that neither side ever waits for the other.
        let (work, orders) = mpsc::sync_channel::<()>(1);
        let (results, moved) = mpsc::sync_channel(1);
        let thread = thread::Builder::new().name("checkpoint".into()).spawn(move || {
            for () in orders {
                if results.send(move_bulk()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { stage: Stage::Idle, work: Some(work), moved, thread: Some(thread), started: None })
    }

    /// Called between two commits: takes the slice that is due, if any.
    ///
    /// # Errors
    /// What went wrong here or in the thread. If the disk has failed there, this connection cannot trust the file
    /// either.
    pub(crate) fn step(&mut self, database: &Database) -> rusqlite::Result<()> {
        match self.stage {
            Stage::Idle => {
                if database.wal_pages() <= WAL_PAGES_MAX
                    || self.started.is_some_and(|started| started.elapsed() <= PAUSE)
                {
                    return Ok(());
                }
                self.started = Some(Instant::now());
                if self.work.as_ref().is_some_and(|work| work.try_send(()).is_ok()) {
                    self.stage = Stage::Bulk;
                    return Ok(());
                }
                // The thread has gone. A commit that waits is better than a log that grows for ever.
                database.checkpoint()
            }
            Stage::Bulk => {
                let moved = match self.moved.try_recv() {
                    Err(TryRecvError::Empty) => return Ok(()),
                    Err(TryRecvError::Disconnected) => {
                        tracing::error!(
                            "the checkpoint thread has panicked; the recorder moves the log alone"
                        );
                        Ok(())
                    }
                    Ok(moved) => moved,
                };
                self.stage = Stage::Idle;
                match moved {
                    Err(cause) if is_harmless(&cause) => {
                        tracing::warn!(%cause, file = %database.path.display(), "the recorder moves the log alone");
                    }
                    moved => moved?,
                }
                database.checkpoint()
            }
        }
    }
}

/// Whether the bulk was not even begun, which says nothing against the file: there may be too many files open.
fn is_harmless(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(CannotOpen | DatabaseBusy | DatabaseLocked))
}

fn move_bulk(path: &Path) -> rusqlite::Result<()> {
    // A file that somebody has just taken away is not made anew here.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let bulk = Connection::open_with_flags(path, flags)?;
    bulk.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.work.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread has panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::Occasion;
    use rusqlite::{Error, ffi};

    /// A file whose log is long enough to be moved.
    fn with_long_log(folder: &Path) -> Database {
        let (database, _) = Database::open(&folder.join("poe.db"), 0o644, Occasion::Start).unwrap();
        database.use_wal().unwrap();
        database.connection.execute_batch("CREATE TABLE t AS SELECT zeroblob(17 << 20)").unwrap();
        assert!(database.wal_pages() > WAL_PAGES_MAX);
        database
    }

    /// Takes slices until the bulk is through.
    fn finish(checkpointer: &mut Checkpointer, database: &Database) -> rusqlite::Result<()> {
        loop {
            checkpointer.step(database)?;
            if matches!(checkpointer.stage, Stage::Idle) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn file_bytes(database: &Database) -> u64 {
        std::fs::metadata(&database.path).unwrap().len()
    }

    #[test]
    fn the_log_is_moved_in_two_slices() {
        let folder = tempfile::tempdir().unwrap();
        let database = with_long_log(folder.path());
        let mut checkpointer = Checkpointer::start(database.path.clone()).unwrap();
        checkpointer.step(&database).unwrap();
        assert!(matches!(checkpointer.stage, Stage::Bulk));
        finish(&mut checkpointer, &database).unwrap();
        assert!(file_bytes(&database) > 17 << 20);
    }

    #[test]
    fn a_disk_that_fails_beside_the_commits_is_told_to_the_recorder() {
        let folder = tempfile::tempdir().unwrap();
        let database = with_long_log(folder.path());
        let failed = || Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR_FSYNC), None));
        let mut checkpointer = Checkpointer::with(failed).unwrap();
        let error = finish(&mut checkpointer, &database).unwrap_err();
        assert_eq!(crate::Cause::of(&error), crate::Cause::Io);
        assert!(!crate::Cause::of(&error).may_retry_as_is(), "the file would not be closed");
    }

    #[test]
    fn a_file_that_was_taken_away_is_not_made_anew_beside_the_commits() {
        let folder = tempfile::tempdir().unwrap();
        let database = with_long_log(folder.path());
        let elsewhere = folder.path().join("elsewhere.db");
        let mut checkpointer = Checkpointer::start(elsewhere.clone()).unwrap();
        finish(&mut checkpointer, &database).unwrap();
        assert!(!elsewhere.exists());
        assert!(file_bytes(&database) > 17 << 20, "the recorder has moved it alone");
    }

    #[test]
    fn a_checkpoint_thread_that_has_gone_takes_nobody_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = with_long_log(folder.path());
        let mut checkpointer = Checkpointer::with(|| panic!("as a test wants it")).unwrap();
        finish(&mut checkpointer, &database).unwrap();
        assert!(file_bytes(&database) > 17 << 20, "the recorder has moved it alone");
        thread::sleep(PAUSE * 2);
        database.connection.execute_batch("UPDATE t SET rowid = 2").unwrap();
        finish(&mut checkpointer, &database).unwrap();
    }
}
