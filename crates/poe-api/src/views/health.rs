//! How the server itself is.

use std::net::SocketAddr;

use serde::Serialize;
use utoipa::ToSchema;

use crate::server::{Metrics, Readiness, Run};
use crate::views::{Stamp, now};

/// How the server is. The counts are those of this run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthView {
    time: Stamp,
    /// When this run began.
    started: Stamp,
    version: &'static str,
    /// Whether the building, its nodes and its readings are made up: `poe serve --demo`.
    demo: bool,
    /// Where nodes connect over TCP, as it is bound: `0.0.0.0:1234` and `[::]:1234` are every address of this machine.
    #[schema(value_type = Vec<String>)]
    listen: Vec<SocketAddr>,
    /// Where they send datagrams. None, unless it is set.
    #[schema(value_type = Vec<String>)]
    udp: Vec<SocketAddr>,
    ready: bool,
    /// Why it is not, a line each.
    reasons: Vec<String>,
    nodes: u64,
    sensors: u64,
    /// Connections of nodes.
    connections: u64,
    readings: u64,
    invalid_frames: u64,
    /// The last entry of the journal that is stored.
    last_seq: u64,
    /// Whether more alarms come than a person can follow.
    flood: bool,
    storage: StorageView,
    /// Targets of notifications that fail just now.
    failing_targets: u64,
}

/// How storing goes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Storage)]
struct StorageView {
    /// For how long nothing could be stored although something waits, in seconds; 0: all is well.
    stalled_s: f64,
    /// Latest values that wait to be stored.
    rows_waiting: u64,
    commits: u64,
    failed_commits: u64,
    /// Size of the logs of both databases, in bytes.
    wal_bytes: u64,
}

impl HealthView {
    pub(crate) fn new(run: Run, readiness: Readiness, metrics: &Metrics, demo: bool) -> Self {
        let Run { started, listen, udp } = run;
        let failed_commits = [
            metrics.commit_failures_busy,
            metrics.commit_failures_full,
            metrics.commit_failures_io,
            metrics.commit_failures_other,
        ];
        HealthView {
            time: now().into(),
            started: started.into(),
            version: env!("CARGO_PKG_VERSION"),
            demo,
            listen,
            udp,
            ready: readiness.is_ready(),
            reasons: readiness.reasons,
            nodes: metrics.nodes,
            sensors: metrics.sensors,
            connections: metrics.connections,
            readings: metrics.readings,
            invalid_frames: metrics.frames_invalid,
            last_seq: metrics.journal_seq,
            flood: metrics.flood,
            storage: StorageView {
                stalled_s: metrics.commit_stalled.as_secs_f64(),
                rows_waiting: metrics.rows_waiting,
                commits: metrics.commit_seconds.count(),
                failed_commits: failed_commits.iter().sum(),
                wal_bytes: metrics.wal_bytes_state + metrics.wal_bytes_table,
            },
            failing_targets: metrics.targets.iter().filter(|target| target.failing > 0).count() as u64,
        }
    }
}
