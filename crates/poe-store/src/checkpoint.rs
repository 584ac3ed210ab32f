//! Moving the table's log into its file, in slices that no commit has to wait for.
//!
//! A log is used from its start again only when all of it has been moved, and while commits go on there is always a
//! rest. So the bulk is moved beside the commits by a thread of its own; then the recorder moves the small rest
//! between two commits, and the next commit starts the log over.

use crate::sqlite::Database;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering::AcqRel, Ordering::Acquire, Ordering::Release},
        mpsc::{self, SyncSender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The log is moved once it has so many pages, 16 MiB: rarely enough to cost little, and little enough to be read
/// back in some 20 ms after a crash.
const WAL_PAGES_MAX: u32 = 4096;
/// While a reader holds on to an old state, the log cannot start over, and trying more often would not help.
const PAUSE: Duration = Duration::from_millis(200);

const IDLE: u8 = 0;
const BULK: u8 = 1;
const REST: u8 = 2;

/// The two slices, taken in turn.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    stage: Arc<AtomicU8>,
    /// Dropped to end the thread.
    work: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    started: Option<Instant>,
}

impl Checkpointer {
    /// A checkpointer for the file at this path, which is one of ours.
    pub(crate) fn start(path: PathBuf) -> std::io::Result<Self> {
        let stage = Arc::new(AtomicU8::new(IDLE));
        let (work, orders) = mpsc::sync_channel::<()>(1);
        let thread = thread::Builder::new().name("checkpoint".into()).spawn({
            let stage = Arc::clone(&stage);
            move || {
                for () in orders {
                    let moved = rusqlite::Connection::open(&path)
                        .and_then(|bulk| bulk.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
                    if let Err(cause) = moved {
                        tracing::warn!(%cause, file = %path.display(), "the log could not be moved into the file");
                    }
                    stage.store(REST, Release);
                }
            }
        })?;
        Ok(Self { stage, work: Some(work), thread: Some(thread), started: None })
    }

    /// Called between two commits: takes the slice that is due, if any.
    pub(crate) fn step(&mut self, database: &Database) -> rusqlite::Result<()> {
        match self.stage.load(Acquire) {
            IDLE if database.wal_pages() > WAL_PAGES_MAX
                && self.started.is_none_or(|started| started.elapsed() > PAUSE) =>
            {
                self.started = Some(Instant::now());
                self.stage.store(BULK, Release);
                if let Some(work) = &self.work {
                    work.try_send(()).expect("the thread waits for orders while the stage is idle");
                }
                Ok(())
            }
            REST => {
                let moved = database.checkpoint();
                // Nobody else leaves this stage.
                self.stage.compare_exchange(REST, IDLE, AcqRel, Acquire).ok();
                moved
            }
            _ => Ok(()),
        }
    }
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
