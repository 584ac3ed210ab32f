//! The recorder: one thread between the building and the disk.
//!
//! It commits one batch after the other, and tries again for as long as it takes. Nobody waits for it: while it is
//! busy, newer values gather in the building.

mod end;

use crate::{
    announce::Announcer,
    engine::{Request, Requests},
    historian::Historian,
    stats::{RecorderStats, STALLED_AFTER, Stats},
};
use poe_building::{Changes, NextIds, Time};
use poe_store::{Cause, CommitError, Committed, Store};
use std::{
    error::Error,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
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

/// A batch, and one that goes ahead of it. The engine has no more than these under way, so that it never waits here.
const BATCHES_MAX: usize = 2;

/// A batch to be written.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) changes: Arc<Changes>,
    pub(crate) handed_over: Instant,
    /// Whether it holds no values, and goes ahead of a batch whose values wait for the table.
    pub(crate) goes_ahead: bool,
}

/// The engine's side. The recorder ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Recorder(SyncSender<Recording>);

impl Recorder {
    /// Gives the recorder its next batch.
    pub(crate) fn record(&self, recording: Recording) {
        // A recorder that has ended gave up at its deadline and has said so.
        self.0.send(recording).ok();
    }
}

/// The thread, and when it has to give up.
#[derive(Debug)]
pub(crate) struct RecorderThread {
    thread: JoinHandle<Result<(), GaveUp>>,
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

/// The recorder has ended before everything was written, for this reason.
#[derive(Debug)]
pub(crate) struct GaveUp(pub(crate) String);

impl RecorderThread {
    pub(crate) fn start(
        store: Store,
        historian: Option<Historian>,
        announcer: Arc<Announcer>,
        requests: Requests,
        stats: Arc<Stats>,
    ) -> io::Result<(Recorder, Self)> {
        let (sender, batches) = mpsc::sync_channel(BATCHES_MAX);
        let deadline = Arc::new(Mutex::new(None));
        let told = Arc::clone(&deadline);
        let work = Work { store, historian, announcer, requests, stats, deadline: told, end: None };
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
    pub(crate) fn join(self) -> Result<(), GaveUp> {
        self.thread.join().unwrap_or_else(|_| Err(GaveUp("the recorder has panicked".into())))
    }
}

struct Work {
    store: Store,
    /// Nobody, where no history is kept.
    historian: Option<Historian>,
    announcer: Arc<Announcer>,
    requests: Requests,
    stats: Arc<Stats>,
    deadline: Arc<Mutex<Option<Instant>>>,
    /// The numbers that come next in the journal, and when its last entry was decided.
    end: Option<(NextIds, Time)>,
}

impl Work {
    fn run(mut self, batches: &Receiver<Recording>) -> Result<(), GaveUp> {
        while let Ok(recording) = batches.recv() {
            if let Err(gave_up) = self.write(recording, batches) {
                // Nothing comes after these any more, and the log may take what the table does not.
                for recording in batches.try_iter() {
                    self.keep_readings(&recording.changes);
                }
                self.keep_the_last_readings();
                self.requests.send(Request::GaveUp).ok();
                return Err(gave_up);
            }
        }
        self.keep_the_last_readings();
        self.store.close();
        Ok(())
    }

    fn keep_readings(&mut self, changes: &Changes) {
        if let Some(historian) = &mut self.historian {
            historian.keep(&changes.readings);
        }
    }

    fn write(&mut self, recording: Recording, batches: &Receiver<Recording>) -> Result<(), GaveUp> {
        if recording.goes_ahead {
            return self.write_ahead(recording);
        }
        let Recording { changes, handed_over, .. } = recording;
        self.stats.recorder().busy_since = Some(handed_over);
        self.write_news(&changes, handed_over)?;
        self.keep_readings(&changes);
        self.write_rows(&changes, handed_over, batches)?;
        // The engine takes the memory back, and ends only after the recorder has nothing more to tell it.
        drop(changes);
        self.requests.send(Request::Recorded).ok();
        self.keep_mark();
        if let Err(error) = self.store.tidy() {
            self.failed(&error);
            warn!(error = chain(&error), "the log could not be moved into its file and stays as it is");
        }
        Ok(())
    }

    fn write_ahead(&mut self, recording: Recording) -> Result<(), GaveUp> {
        self.write_news(&recording.changes, recording.handed_over)?;
        self.keep_readings(&recording.changes);
        drop(recording);
        self.requests.send(Request::NewsStored).ok();
        self.keep_mark();
        Ok(())
    }

    /// Commits what the journal has to remember, however often it takes, and has people told of it.
    fn write_news(&mut self, changes: &Changes, handed_over: Instant) -> Result<(), GaveUp> {
        for (seq, at) in self.announcer.take_notified() {
            self.store.note_notified(seq, at);
        }
        let mut trouble = Trouble::new(handed_over, changes.rows.len());
        loop {
            let announcer = &self.announcer;
            match self.store.commit_news(changes, &mut || announcer.stored(changes)) {
                Ok(()) => {
                    if let (Some(next), Some(last)) = (changes.next, changes.entries.last()) {
                        self.end = Some((next, last.decided));
                    }
                    return Ok(());
                }
                Err(error) => thread::sleep(self.pause_after(&error, &mut trouble)?),
            }
        }
    }

    /// Commits the latest values, however often it takes. While the table does not take them, what happens meanwhile is
    /// committed all the same: another program's lock keeps no alarm out of the journal.
    fn write_rows(
        &mut self,
        changes: &Changes,
        handed_over: Instant,
        batches: &Receiver<Recording>,
    ) -> Result<(), GaveUp> {
        let mut trouble = Trouble::new(handed_over, changes.rows.len());
        loop {
            let error = match self.store.commit_rows(changes) {
                Ok(committed) => {
                    if trouble.told {
                        let waited_s = handed_over.elapsed().as_secs_f64();
                        info!(rows = committed.rows, "commits go on after {waited_s:.1} s");
                    }
                    self.committed(committed, handed_over);
                    return Ok(());
                }
                Err(error) => error,
            };
            self.requests.send(Request::TableWaits).ok();
            let until = Instant::now() + self.pause_after(&error, &mut trouble)?;
            while let Some(left) = until.checked_duration_since(Instant::now()) {
                match batches.recv_timeout(left) {
                    Ok(news) => self.write_ahead(news)?,
                    Err(RecvTimeoutError::Timeout) => break,
                    // The engine has handed over its last batch, which is this one.
                    Err(RecvTimeoutError::Disconnected) => thread::sleep(left),
                }
            }
        }
    }

    /// How long to wait after a failure until the next try.
    fn pause_after(&self, error: &CommitError, trouble: &mut Trouble) -> Result<Duration, GaveUp> {
        self.failed(error);
        let Trouble { since, rows, told, pause } = trouble;
        if !*told && (since.elapsed() > STALLED_AFTER || error.cause != Cause::Busy) {
            *told = true;
            let error = chain(error);
            error!(
                rows,
                "nothing can be stored: {error}; latest values wait in memory and the server tries on"
            );
        }
        if self.out_of_time() {
            return Err(GaveUp(chain(error)));
        }
        let next = (*pause * 2).min(RETRY_MAX);
        Ok(std::mem::replace(pause, next))
    }

    fn keep_mark(&mut self) {
        let kept = self.store.keep_mark();
        let mut stats = self.stats.recorder();
        stats.mark_failing = !kept;
        stats.mark_failures += u64::from(!kept);
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

/// What keeps a batch from being committed.
struct Trouble {
    since: Instant,
    rows: usize,
    /// Whether the log has it.
    told: bool,
    pause: Duration,
}

impl Trouble {
    fn new(since: Instant, rows: usize) -> Self {
        Self { since, rows, told: false, pause: RETRY_FIRST }
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
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
