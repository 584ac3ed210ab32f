//! What the server says of itself, in the words of the HTTP interface.

use crate::{
    net::doors::Refusal,
    stats::{STALLED_AFTER, Stats},
};
use poe_api::{Metrics, Readiness, Server};
use std::sync::Arc;

/// Answers for `/readyz` and `/metrics`. It outlives the server and tells its last figures then.
#[derive(Clone, Debug)]
pub struct Facts(pub(crate) Arc<Stats>);

impl Server for Facts {
    fn readiness(&self) -> Readiness {
        let recorder = self.0.recorder();
        let stalled =
            recorder.busy_since.map(|since| since.elapsed()).filter(|stalled| *stalled > STALLED_AFTER);
        let stalled = stalled.map(|stalled| {
            let why = recorder.failing.as_deref().unwrap_or("the disk does not answer");
            format!("nothing could be stored for {:.0} s: {why}", stalled.as_secs_f64())
        });
        Readiness { reasons: stalled.into_iter().chain(recorder.damage.iter().cloned()).collect() }
    }

    fn metrics(&self) -> Metrics {
        let engine = self.0.engine();
        let recorder = self.0.recorder().clone();
        let counters = engine.counters;
        let refused = |refusal: Refusal| engine.refused[refusal.index()];
        let [commit_failures_busy, commit_failures_full, commit_failures_io, commit_failures_other] =
            recorder.failures;
        Metrics {
            frames_valid: counters.posts,
            frames_invalid: counters.invalid_opt + counters.invalid_type,
            frames_init: counters.initializations,
            invalid_frames_opt: counters.invalid_opt,
            invalid_frames_type: counters.invalid_type,
            cut_frames: counters.cut_frames,
            readings: counters.readings,
            status_changes: counters.status_changes,
            invalid_datagrams: counters.invalid_datagrams,
            connections: engine.connections as u64,
            connections_accepted: engine.accepted,
            refused_network: refused(Refusal::Network),
            refused_address_cap: refused(Refusal::AddressCap),
            refused_connection_cap: refused(Refusal::ConnectionCap),
            refused_descriptors: refused(Refusal::Descriptors),
            displaced: engine.displaced,
            out_of_step: counters.out_of_step,
            nodes: engine.nodes as u64,
            sensors: engine.sensors as u64,
            sensors_refused: counters.sensors_refused,
            commit_seconds: recorder.commit_seconds,
            commit_failures_busy,
            commit_failures_full,
            commit_failures_io,
            commit_failures_other,
            commit_stalled: recorder.busy_since.map(|since| since.elapsed()).unwrap_or_default(),
            rows_waiting: engine.rows_waiting as u64,
            rows_committed: recorder.rows,
            rows_refused: recorder.rows_refused,
            commit_interval: engine.commit_interval,
            wal_bytes_state: recorder.state_wal_bytes,
            wal_bytes_table: recorder.table_wal_bytes,
            engine_rounds: engine.rounds,
            engine_busy: engine.busy,
        }
    }
}

impl Facts {
    /// How many rounds the engine has made: a figure that stands still for seconds means that it hangs.
    pub fn engine_rounds(&self) -> u64 {
        self.0.engine().rounds
    }
}
