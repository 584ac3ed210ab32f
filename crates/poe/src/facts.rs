//! What the server says of itself and takes from others, in the words of the HTTP interface.

use crate::{
    announce::Announcer,
    building_file,
    engine::{Request, Requests},
    latency::{Latencies, Measures, Step},
    net::doors::Refusal,
    orders::{self, OrderError},
    stats::{STALLED_AFTER, Stats},
    sys::ask_for_nodes,
};
use poe_api::{
    AlarmFigures, HistoryFigures, Latency, Metrics, Occurrence, OrderFailed, Ordered, Readiness, Run, Server,
    SignalLatency, Spread, TargetStatus,
};
use poe_building::{Class, Model, NodeView, Order, Quarantined, Time, Who};
use poe_history::History;
use poe_store::{Backup, BackupError, BackupSource, Board, JournalReader, Latest, OpenError};
use std::{
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, PoisonError},
};
use tokio::sync::broadcast;

/// Answers for the HTTP interface. It outlives the server and tells its last figures then.
#[derive(Clone, Debug)]
pub struct Facts {
    pub(crate) stats: Arc<Stats>,
    pub(crate) requests: Requests,
    pub(crate) announcer: Arc<Announcer>,
    pub(crate) board: Arc<Board>,
    pub(crate) latest: Arc<Latest>,
    pub(crate) history: Option<Arc<History>>,
    /// What a backup is made of: the data folder and the table.
    pub(crate) source: Arc<BackupSource>,
    pub(crate) run: Arc<Run>,
}

impl Server for Facts {
    fn run(&self) -> Run {
        Run::clone(&self.run)
    }

    fn readiness(&self) -> Readiness {
        let recorder = self.stats.recorder();
        let stalled =
            recorder.busy_since.map(|since| since.elapsed()).filter(|stalled| *stalled > STALLED_AFTER);
        let stalled = stalled.map(|stalled| {
            let why = recorder.failing.as_deref().unwrap_or("the disk does not answer");
            format!("nothing could be stored for {:.0} s: {why}", stalled.as_secs_f64())
        });
        Readiness { reasons: stalled.into_iter().chain(recorder.damage.iter().cloned()).collect() }
    }

    fn metrics(&self) -> Metrics {
        let engine = self.stats.engine();
        let recorder = self.stats.recorder().clone();
        let counters = engine.counters;
        let refused = |refusal: Refusal| engine.refused[refusal.index()];
        let [commit_failures_busy, commit_failures_full, commit_failures_io, commit_failures_other] =
            recorder.failures;
        Metrics {
            ready: self.readiness().is_ready(),
            frames_valid: counters.posts,
            frames_invalid: counters.invalid_opt + counters.invalid_type,
            frames_init: counters.initializations,
            invalid_frames_opt: counters.invalid_opt,
            invalid_frames_type: counters.invalid_type,
            cut_frames: counters.cut_frames,
            readings: counters.readings,
            status_changes: counters.status_changes,
            invalid_datagrams: counters.invalid_datagrams,
            held_frames: counters.held_frames,
            quarantine_full: counters.quarantine_full,
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
            alarms: AlarmFigures::of(&self.board.alarms()),
            suppressions: engine.alarms.suppressions as u64,
            flood: engine.alarms.flood,
            journal_seq: self.board.last_seq(),
            alarm_commit_seconds: self.latencies(|latencies| latencies.alarms_stored.clone()),
            alarm_notify_seconds: self.latencies(|latencies| latencies.alarms_notified.clone()),
            targets: self.targets(),
            mark_failures: recorder.mark_failures,
            history: self.history.as_ref().map(|history| HistoryFigures {
                stored: history.figures(),
                readings: recorder.history.readings,
                log_bytes: recorder.history.bytes,
                left_out: counters.readings_left_out + recorder.history.left_out,
                failing: recorder.history.failing.is_some(),
                bytes_in_memory: engine.reading_bytes_waiting as u64,
            }),
        }
    }

    fn flood(&self) -> bool {
        self.stats.engine().alarms.flood
    }

    fn board(&self) -> Arc<Board> {
        Arc::clone(&self.board)
    }

    fn latest(&self) -> Arc<Latest> {
        Arc::clone(&self.latest)
    }

    fn journal(&self) -> Result<JournalReader, OpenError> {
        JournalReader::open(&self.source.data_dir)
    }

    fn stored_at(&self, seq: u64) -> Option<Time> {
        self.announcer.stored_at(seq)
    }

    fn order(&self, order: Order, who: Who) -> Result<Ordered, OrderFailed> {
        orders::give(&self.requests, &self.announcer, order, who).map_err(|error| match error {
            OrderError::Refused(refused) => OrderFailed::Refused(refused),
            OrderError::Stopped(_) => OrderFailed::Stopped,
        })
    }

    fn follow(&self) -> broadcast::Receiver<Arc<Occurrence>> {
        self.announcer.follow()
    }

    fn nodes(&self) -> Vec<NodeView> {
        ask_for_nodes(&self.requests, self.latest.node_count()).unwrap_or_default()
    }

    fn quarantine(&self) -> Vec<Quarantined> {
        self.requests.ask(Request::Quarantine).unwrap_or_default()
    }

    fn disconnect(&self, node: IpAddr) -> u64 {
        self.requests.ask(|reply| Request::Disconnect(node, reply)).unwrap_or(0)
    }

    fn targets(&self) -> Vec<TargetStatus> {
        let status = |figures: poe_notify::TargetFigures| TargetStatus {
            name: figures.target,
            waiting: figures.waiting as u64,
            oldest: figures.oldest,
            sent: figures.sent,
            failed: figures.failed,
            dead: figures.dead,
            last_error: figures.last_error,
            last_success: figures.last_success,
            failing: figures.failing,
        };
        self.announcer.targets().into_iter().map(status).collect()
    }

    fn latency(&self) -> Latency {
        let of = |class, within: SignalLatency| {
            let spread = |step| self.latencies(|latencies| spread(latencies.of(class, step)));
            SignalLatency {
                received_to_decided: spread(Step::Decided),
                received_to_committed: spread(Step::Stored),
                received_to_notified: spread(Step::Notified),
                ..within
            }
        };
        Latency {
            alarms: of(Class::Alarm, SignalLatency::ALARMS),
            troubles: of(Class::Trouble, SignalLatency::TROUBLES),
        }
    }

    fn read_building(&self, text: &str) -> Result<Model, Vec<String>> {
        building_file::parse(text, "building")
            .map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }

    fn plans_folder(&self) -> PathBuf {
        self.source.data_dir.join("plans")
    }

    fn history(&self) -> Option<Arc<History>> {
        self.history.clone()
    }

    fn imports_folder(&self) -> PathBuf {
        self.source.data_dir.join("imports")
    }

    fn write_building(&self, model: &Model) -> String {
        building_file::write(model)
    }

    fn backup(&self) -> Result<Backup, BackupError> {
        Backup::make(&self.source, env!("CARGO_PKG_VERSION"), |folder| {
            let copied = match &self.history {
                Some(history) => history.copy_to(folder),
                // What was kept before it was turned off lies still.
                None => poe_history::copy_stopped(&self.source.data_dir, folder),
            };
            Ok(copied?)
        })
    }
}

fn spread(measures: &Measures) -> Spread {
    let ms = |share| measures.percentile(share).as_secs_f64() * 1e3;
    Spread {
        count: measures.count,
        p50_ms: ms(0.5),
        p90_ms: ms(0.9),
        p99_ms: ms(0.99),
        worst_ms: measures.worst.as_secs_f64() * 1e3,
    }
}

impl Facts {
    fn latencies<T>(&self, ask: impl FnOnce(&Latencies) -> T) -> T {
        ask(&self.announcer.latencies.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many rounds the engine has made: a figure that stands still for seconds means that it hangs.
    pub fn engine_rounds(&self) -> u64 {
        self.stats.engine().rounds
    }
}
