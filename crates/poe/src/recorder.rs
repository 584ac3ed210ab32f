//! The recorder: one thread between the building and the disk.
//!
//! It commits one batch after the other, and tries again for as long as it takes. Nobody waits for it: while it is
//! busy, newer values gather in the building.

use crate::{
    announce::Announcer,
    engine::{Request, Requests},
    stats::{RecorderStats, STALLED_AFTER, Stats},
};
use poe_building::{Changes, PromiseState};
use poe_store::{Cause, CommitError, Committed, Store};
use std::{
    error::Error,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, SyncSender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tracing::{error, info, warn};

/// The pause after a try that failed, at first and at most. A lock is often gone in a moment, a full disk is not.
const RETRY_FIRST: Duration = Duration::from_millis(20);
const RETRY_MAX: Duration = Duration::from_secs(1);

/// A log this long is told about: four times what it grows to while nobody is in its way.
const LONG_LOG_BYTES: u64 = 128 << 20;

/// A batch to be written.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) changes: Arc<Changes>,
    pub(crate) handed_over: Instant,
}

/// The engine's side. The recorder ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Recorder(SyncSender<Recording>);

impl Recorder {
    /// Gives the recorder its next batch. There is never more than one.
    pub(crate) fn record(&self, recording: Recording) {
        // A recorder that has ended gave up at its deadline and has said so.
        self.0.send(recording).ok();
    }
}

/// The thread, and when it has to give up.
#[derive(Debug)]
pub(crate) struct RecorderThread {
    thread: JoinHandle<Result<(), Unsaved>>,
    deadline: Arc<Mutex<Option<Instant>>>,
}

/// Values that could not be written before the deadline.
#[derive(Debug, thiserror::Error)]
#[error("{rows} latest values could not be stored before the end: {cause}")]
pub struct Unsaved {
    /// How many sensors' values in the table are not the latest.
    pub rows: usize,
    /// What kept them from being stored.
    pub cause: String,
}

impl RecorderThread {
    pub(crate) fn start(
        store: Store,
        announcer: Arc<Announcer>,
        requests: Requests,
        stats: Arc<Stats>,
    ) -> io::Result<(Recorder, Self)> {
        let (sender, batches) = mpsc::sync_channel(1);
        let deadline = Arc::new(Mutex::new(None));
        let work = Work { store, announcer, requests, stats, deadline: Arc::clone(&deadline) };
        let thread = thread::Builder::new().name("recorder".into()).spawn(move || {
            let _farewell = Farewell { requests: work.requests.clone(), stats: Arc::clone(&work.stats) };
            work.run(&batches)
        })?;
        Ok((Recorder(sender), Self { thread, deadline }))
    }

    /// From this moment on, failed commits are given up.
    pub(crate) fn give_up_at(&self, deadline: Instant) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(deadline);
    }

    /// Whether the thread has ended.
    pub(crate) fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until everything is written and the files are closed, or the deadline has passed.
    pub(crate) fn join(self) -> Result<(), Unsaved> {
        self.thread
            .join()
            .unwrap_or_else(|_| Err(Unsaved { rows: 0, cause: "the recorder has panicked".into() }))
    }
}

struct Work {
    store: Store,
    announcer: Arc<Announcer>,
    requests: Requests,
    stats: Arc<Stats>,
    deadline: Arc<Mutex<Option<Instant>>>,
}

impl Work {
    fn run(mut self, batches: &Receiver<Recording>) -> Result<(), Unsaved> {
        for Recording { changes, handed_over } in batches {
            self.stats.recorder().busy_since = Some(handed_over);
            if let Err(unsaved) = self.commit(&changes, handed_over) {
                self.requests.send(Request::GaveUp).ok();
                return Err(unsaved);
            }
            // The engine takes the memory back, and ends only after the recorder has nothing more to tell it.
            drop(changes);
            self.requests.send(Request::Recorded).ok();
            if let Err(error) = self.store.tidy() {
                self.failed(&error);
                warn!(error = chain(&error), "the log could not be moved into its file and stays as it is");
            }
        }
        self.store.close();
        Ok(())
    }

    /// Commits a batch, however often it takes.
    fn commit(&mut self, changes: &Changes, handed_over: Instant) -> Result<(), Unsaved> {
        let mut pause = RETRY_FIRST;
        let mut told = false;
        self.note_notified(changes);
        loop {
            let announcer = &self.announcer;
            let error = match self.store.commit(changes, &mut || announcer.stored(changes)) {
                Ok(committed) => {
                    if told {
                        info!(
                            rows = committed.rows,
                            "commits go on after {:.1} s",
                            handed_over.elapsed().as_secs_f64()
                        );
                    }
                    self.committed(committed, handed_over);
                    return Ok(());
                }
                Err(error) => error,
            };
            self.failed(&error);
            if !told && (handed_over.elapsed() > STALLED_AFTER || error.cause != Cause::Busy) {
                told = true;
                error!(
                    rows = changes.rows.len(),
                    "nothing can be stored: {}; latest values wait in memory and the server tries on",
                    chain(&error)
                );
            }
            if self.out_of_time() {
                return Err(Unsaved { rows: changes.rows.len(), cause: chain(&error) });
            }
            thread::sleep(pause);
            pause = (pause * 2).min(RETRY_MAX);
        }
    }

    /// Keeps beside each entry when the first target had its notification.
    fn note_notified(&mut self, changes: &Changes) {
        for (promise, state, at) in &changes.outcomes {
            if *state == PromiseState::Confirmed
                && let Some(promise) = self.announcer.promise(*promise)
            {
                self.store.note_notified(promise.seq, *at);
            }
        }
    }

    fn committed(&self, committed: Committed, handed_over: Instant) {
        let mut stats = self.stats.recorder();
        stats.commit_seconds.observe(handed_over.elapsed());
        stats.rows += committed.rows as u64;
        stats.rows_refused += committed.rows_refused as u64;
        stats.busy_since = None;
        stats.failing = None;
        // Told each time that it has doubled.
        if committed.table_wal_bytes > LONG_LOG_BYTES.max(2 * stats.long_log_told) {
            stats.long_log_told = committed.table_wal_bytes;
            let mib = committed.table_wal_bytes >> 20;
            warn!(
                mib,
                "the log of the table has grown to {mib} MiB: a program keeps a transaction open; end it"
            );
        }
        stats.state_wal_bytes = committed.state_wal_bytes;
        stats.table_wal_bytes = committed.table_wal_bytes;
        stats.mark_failures += u64::from(committed.mark_failed);
        stats.journal_fault = self.store.journal_fault().map(str::to_owned);
    }

    fn failed(&self, error: &CommitError) {
        let mut stats = self.stats.recorder();
        let RecorderStats { failures, failing, .. } = &mut *stats;
        for (count, cause) in failures.iter_mut().zip(Cause::ALL) {
            *count += u64::from(cause == error.cause);
        }
        *failing = Some(chain(error));
    }

    fn out_of_time(&self) -> bool {
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        deadline.is_some_and(|deadline| deadline <= Instant::now())
    }
}

/// Tells of a recorder that has panicked: else the engine would wait for it at the end.
struct Farewell {
    requests: Requests,
    stats: Arc<Stats>,
}

impl Drop for Farewell {
    fn drop(&mut self) {
        if thread::panicking() {
            let mut stats = self.stats.recorder();
            stats.busy_since.get_or_insert_with(Instant::now);
            stats.failing = Some("the recorder has panicked; start the server again".into());
            drop(stats);
            self.requests.send(Request::GaveUp).ok();
        }
    }
}

/// An error with its causes, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
