//! What the threads know of themselves, for whoever asks.

use crate::net::doors::Refusal;
use poe_api::CommitSeconds;
use poe_building::{AlarmCounts, Counters, Gap};
use poe_store::Cause;
use std::{
    sync::{Mutex, MutexGuard, PoisonError, TryLockError},
    time::{Duration, Instant},
};

/// Changes that have waited this long for a commit make the server unready: its table is no longer true.
pub(crate) const STALLED_AFTER: Duration = Duration::from_secs(5);

/// The latest figures of each thread.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    engine: Mutex<EngineStats>,
    recorder: Mutex<RecorderStats>,
}

/// The engine's figures.
#[derive(Clone, Debug, Default)]
pub(crate) struct EngineStats {
    pub(crate) counters: Counters,
    pub(crate) connections: usize,
    pub(crate) accepted: u64,
    pub(crate) displaced: u64,
    /// By [`Refusal::index`].
    pub(crate) refused: [u64; Refusal::ALL.len()],
    pub(crate) nodes: usize,
    pub(crate) sensors: usize,
    pub(crate) rows_waiting: usize,
    /// Sensors whose latest values the table does not have; counted at the end alone.
    pub(crate) rows_unstored: usize,
    pub(crate) reading_bytes_waiting: usize,
    pub(crate) commit_interval: Duration,
    pub(crate) rounds: u64,
    pub(crate) busy: Duration,
    pub(crate) alarms: AlarmCounts,
}

/// The recorder's figures.
#[derive(Clone, Debug, Default)]
pub(crate) struct RecorderStats {
    pub(crate) commit_seconds: CommitSeconds,
    /// By the order of [`Cause::ALL`].
    pub(crate) failures: [u64; Cause::ALL.len()],
    pub(crate) rows: u64,
    pub(crate) rows_refused: u64,
    /// Since when the batch in hand has waited to be committed.
    pub(crate) busy_since: Option<Instant>,
    /// Why it still waits, after a try has failed.
    pub(crate) failing: Option<String>,
    pub(crate) state_wal_bytes: u64,
    pub(crate) table_wal_bytes: u64,
    /// How long the table's log was when it was last told about.
    pub(crate) long_log_told: u64,
    /// Whether the journal's mark cannot be written just now,
    pub(crate) mark_failing: bool,
    /// and how often that has happened.
    pub(crate) mark_failures: u64,
    /// What has happened to the journal while the server ran.
    pub(crate) journal_fault: Option<String>,
    /// What the background check has found wrong with a file.
    pub(crate) damage: Vec<String>,
    pub(crate) history: HistoryStats,
}

/// How keeping readings goes.
#[derive(Clone, Debug, Default)]
pub(crate) struct HistoryStats {
    /// Readings that are in the log, since the start,
    pub(crate) readings: u64,
    /// and their bytes there.
    pub(crate) bytes: u64,
    /// Why the log takes none just now.
    pub(crate) failing: Option<String>,
    /// Readings that were left out since it did not, for too long,
    pub(crate) left_out: u64,
    /// and those of them that nobody has been told of yet.
    pub(crate) gap: Option<Gap>,
}

impl Stats {
    /// Shows the engine's figures. Somebody who is reading them just now must not delay the engine: then the next
    /// round shows them.
    pub(crate) fn publish_engine(&self, own: &EngineStats) {
        match self.engine.try_lock() {
            Ok(mut shown) => shown.clone_from(own),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().clone_from(own),
            Err(TryLockError::WouldBlock) => {}
        }
    }

    pub(crate) fn engine(&self) -> EngineStats {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn recorder(&self) -> MutexGuard<'_, RecorderStats> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
