//! What the server counts and measures.

use std::time::Duration;

use crate::server::{AlarmFigures, HistoryFigures, TargetStatus};

/// A snapshot of what the server counts and measures. Counts only grow while the process lives.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics {
    /// Whether the server does its work.
    pub ready: bool,
    /// Frames that carried a reading.
    pub frames_valid: u64,
    /// Frames that meant nothing.
    pub frames_invalid: u64,
    /// Frames that introduced a sensor.
    pub frames_init: u64,
    /// Invalid frames with an unknown `opt`.
    pub invalid_frames_opt: u64,
    /// Invalid frames with an unknown sensor type.
    pub invalid_frames_type: u64,
    /// Frames that a closing connection left unfinished.
    pub cut_frames: u64,
    /// Readings taken.
    pub readings: u64,
    /// Changes of a sensor's status. Its first reading is not a change.
    pub status_changes: u64,
    /// Datagrams refused for their length.
    pub invalid_datagrams: u64,
    /// Frames of nodes that nobody has approved, held and not taken.
    pub held_frames: u64,
    /// How often a node that waits for approval had to make room for another.
    pub quarantine_full: u64,
    /// Node connections open now.
    pub connections: u64,
    /// Node connections accepted so far.
    pub connections_accepted: u64,
    /// Connections refused because their network is not admitted.
    pub refused_network: u64,
    /// Connections refused because their address holds its share already.
    pub refused_address_cap: u64,
    /// Connections refused because all places were taken.
    pub refused_connection_cap: u64,
    /// Connections refused for want of descriptors.
    pub refused_descriptors: u64,
    /// Silent connections that were closed to make room for another.
    pub displaced: u64,
    /// Streams closed because they had fallen out of step.
    pub out_of_step: u64,
    /// Nodes known.
    pub nodes: u64,
    /// Sensors known.
    pub sensors: u64,
    /// New sensors refused at the limit.
    pub sensors_refused: u64,
    /// How long commits took.
    pub commit_seconds: CommitSeconds,
    /// Commits that failed because the database was locked.
    pub commit_failures_busy: u64,
    /// Commits that failed because the disk was full.
    pub commit_failures_full: u64,
    /// Commits that failed because the disk did.
    pub commit_failures_io: u64,
    /// Commits that failed for any other reason.
    pub commit_failures_other: u64,
    /// The time since the last commit finished while changes wait; zero when none do.
    pub commit_stalled: Duration,
    /// Rows that wait for a commit.
    pub rows_waiting: u64,
    /// Rows committed.
    pub rows_committed: u64,
    /// Rows that the table of another program refused; they are left out.
    pub rows_refused: u64,
    /// The present time between two commits.
    pub commit_interval: Duration,
    /// Size of the write-ahead log of `state.db`.
    pub wal_bytes_state: u64,
    /// Size of the write-ahead log of the table that others read.
    pub wal_bytes_table: u64,
    /// Rounds the engine has made.
    pub engine_rounds: u64,
    /// Time the engine has worked. Its growth per second is the share of a core that the engine uses.
    pub engine_busy: Duration,
    /// Alarms that are shown.
    pub alarms: AlarmFigures,
    /// Suppressions in force.
    pub suppressions: u64,
    /// Whether more alarms come than a person can follow.
    pub flood: bool,
    /// The number of the last journal entry that is stored.
    pub journal_seq: u64,
    /// How long alarms took from the reading until they were stored.
    pub alarm_commit_seconds: AlarmSeconds,
    /// How long alarms took from the reading until somebody was told.
    pub alarm_notify_seconds: AlarmSeconds,
    /// How each target of notifications stands.
    pub targets: Vec<TargetStatus>,
    /// How often the mark of the journal's end could not be written.
    pub mark_failures: u64,
    /// How the history fares; nothing, where none is kept.
    pub history: Option<HistoryFigures>,
}

/// Upper bounds of the buckets, in seconds: from a good SSD, over the point where the storage is in trouble, to the
/// limit that the trade sets for an alarm.
pub const SECONDS_BOUNDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// How long commits took.
pub type CommitSeconds = Seconds;

/// How long alarms took.
pub type AlarmSeconds = Seconds;

/// How long something took, each time: a histogram that its owner fills.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seconds {
    counts: [u64; SECONDS_BOUNDS.len() + 1],
    sum_s: f64,
}

impl Seconds {
    /// Counts one that took this long.
    pub fn observe(&mut self, took: Duration) {
        let took_s = took.as_secs_f64();
        self.counts[SECONDS_BOUNDS.partition_point(|bound| *bound < took_s)] += 1;
        self.sum_s += took_s;
    }

    /// How many were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Seconds that all of them took together.
    #[must_use]
    pub fn sum_s(&self) -> f64 {
        self.sum_s
    }

    /// Each bucket's upper bound and how many are in it alone; the last bound is infinite.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        SECONDS_BOUNDS.into_iter().chain([f64::INFINITY]).zip(self.counts)
    }
}
