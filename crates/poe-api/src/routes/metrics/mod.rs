//! `GET /metrics`: what the server counts and measures, for Prometheus.

mod alarms;
mod history;
mod http;
mod live;
mod logins;
mod page;

use std::fmt;
use std::fs;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{self, HeaderName};
use poe_building::Role;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::registry::Registry;
use utoipa_axum::routes;

use crate::accounts::LoginFigures;
use crate::auth::Policy;
use crate::door::Door;
use crate::live::LiveFigures;
use crate::places::Counts;
use crate::routes::table::Routes;
use crate::server::Metrics;
use page::Page;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::OnceSetUp(Role::Viewer), routes!(show))
}

/// What the server counts and measures, for Prometheus; OpenMetrics for those who ask for it.
#[utoipa::path(get, path = "/metrics", tag = "health", operation_id = "show_metrics",
    responses((status = 200, description = "The page.", content(
        (String = "text/plain"), (String = "application/openmetrics-text")))))]
async fn show(State(door): State<Door>, headers: HeaderMap) -> ([(HeaderName, &'static str); 1], String) {
    let form = Form::wanted_by(&headers);
    let snapshot = Snapshot {
        metrics: door.server.metrics(),
        http: Arc::clone(&door.counts),
        bodies_refused: door.shared.bodies.refused(),
        live: door.shared.live_figures(),
        logins: door.shared.accounts.figures(),
        form,
    };
    ([(header::CONTENT_TYPE, form.content_type())], snapshot.page())
}

/// How the page is written. Not every collector reads OpenMetrics, so that it has to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The text format of Prometheus, 0.0.4, which every collector reads.
    Classic,
    OpenMetrics,
}

impl Form {
    const CLASSIC_TYPE: &'static str = "text/plain";
    const OPEN_METRICS_TYPE: &'static str = "application/openmetrics-text";

    /// OpenMetrics, if it is named and the classic form is not named with a higher quality. A wildcard names neither.
    fn wanted_by(headers: &HeaderMap) -> Self {
        let open_metrics = quality(headers, Self::OPEN_METRICS_TYPE);
        if open_metrics > 0.0 && open_metrics >= quality(headers, Self::CLASSIC_TYPE) {
            Self::OpenMetrics
        } else {
            Self::Classic
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Classic => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// How much a client wants this type, from 0 to 1; 0 if it does not name it.
fn quality(headers: &HeaderMap, media_type: &str) -> f32 {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let of_type = accepted.flat_map(|value| value.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_meant = parts.next()?.eq_ignore_ascii_case(media_type);
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        is_meant.then(|| quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0)))
    });
    of_type.fold(0.0, f32::max)
}

#[derive(Debug)]
struct Snapshot {
    metrics: Metrics,
    http: Arc<Counts>,
    bodies_refused: u64,
    live: LiveFigures,
    logins: LoginFigures,
    form: Form,
}

impl Snapshot {
    fn page(self) -> String {
        let form = self.form;
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self));
        let mut page = String::new();
        encode_registry(&mut page, &registry).expect("a String takes any text");
        if form == Form::OpenMetrics {
            encode_eof(&mut page).expect("a String takes any text");
        }
        page
    }
}

impl Collector for Snapshot {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Snapshot { metrics, http, bodies_refused, live, logins, form } = self;
        let mut page = Page { encoder, form: *form };

        page.gauge("poe_ready", "Whether the server does its work: 1, or 0.", u64::from(metrics.ready))?;

        page.counters(
            "poe_frames_total",
            "Frames taken from nodes, by what they were.",
            "result",
            [
                ("valid", metrics.frames_valid),
                ("invalid", metrics.frames_invalid),
                ("init", metrics.frames_init),
            ],
        )?;
        page.counters(
            "poe_invalid_frames_total",
            "Invalid frames, by the byte that was unknown.",
            "reason",
            [("opt", metrics.invalid_frames_opt), ("type", metrics.invalid_frames_type)],
        )?;
        page.counter(
            "poe_cut_frames_total",
            "Frames left unfinished by a closed connection.",
            metrics.cut_frames,
        )?;
        page.counter("poe_readings_total", "Readings taken.", metrics.readings)?;
        page.counter(
            "poe_status_changes_total",
            "Changes of a sensor's status; its first reading is not one.",
            metrics.status_changes,
        )?;
        page.counter(
            "poe_invalid_datagrams_total",
            "Datagrams refused for their length.",
            metrics.invalid_datagrams,
        )?;
        page.counter(
            "poe_held_frames_total",
            "Frames of nodes that wait for approval, held and not taken.",
            metrics.held_frames,
        )?;
        page.counter(
            "poe_quarantine_full_total",
            "Nodes that wait for approval and made room for another.",
            metrics.quarantine_full,
        )?;

        page.gauge("poe_connections", "Node connections open.", metrics.connections)?;
        page.counter(
            "poe_connections_accepted_total",
            "Node connections accepted.",
            metrics.connections_accepted,
        )?;
        page.counters(
            "poe_refused_total",
            "Node connections refused, by reason.",
            "reason",
            [
                ("network", metrics.refused_network),
                ("address_cap", metrics.refused_address_cap),
                ("connection_cap", metrics.refused_connection_cap),
                ("descriptors", metrics.refused_descriptors),
            ],
        )?;
        page.counter("poe_displaced_total", "Silent connections closed to make room.", metrics.displaced)?;
        page.counter("poe_out_of_step_total", "Streams closed as out of step.", metrics.out_of_step)?;

        page.gauge("poe_nodes", "Nodes known.", metrics.nodes)?;
        page.gauge("poe_sensors", "Sensors known.", metrics.sensors)?;
        page.counter(
            "poe_sensors_refused_total",
            "New sensors refused at the limit.",
            metrics.sensors_refused,
        )?;

        page.histogram("poe_commit_seconds", "How long commits took.", &metrics.commit_seconds)?;
        page.counters(
            "poe_commit_failures_total",
            "Commits that failed, by cause.",
            "cause",
            [
                ("busy", metrics.commit_failures_busy),
                ("full", metrics.commit_failures_full),
                ("io", metrics.commit_failures_io),
                ("other", metrics.commit_failures_other),
            ],
        )?;
        page.gauge(
            "poe_commit_stalled_seconds",
            "Time since the last commit finished while changes wait, else 0.",
            metrics.commit_stalled.as_secs_f64(),
        )?;
        page.gauge("poe_rows_waiting", "Rows that wait for a commit.", metrics.rows_waiting)?;
        page.counter("poe_rows_committed_total", "Rows committed.", metrics.rows_committed)?;
        page.counter("poe_rows_refused_total", "Rows that the table refused.", metrics.rows_refused)?;
        page.gauge(
            "poe_commit_interval_seconds",
            "The present time between two commits.",
            metrics.commit_interval.as_secs_f64(),
        )?;
        page.gauges(
            "poe_wal_bytes",
            "Size of the write-ahead logs.",
            "file",
            [("state", metrics.wal_bytes_state), ("table", metrics.wal_bytes_table)],
        )?;

        alarms::write(&mut page, metrics)?;
        http::write(&mut page, http, *bodies_refused)?;
        if let Some(history) = &metrics.history {
            history::write(&mut page, history)?;
        }
        logins::write(&mut page, logins)?;
        live::write(&mut page, *live)?;

        page.counter("poe_engine_rounds_total", "Rounds the engine has made.", metrics.engine_rounds)?;
        page.counter(
            "poe_engine_busy_seconds_total",
            "Time the engine has worked.",
            metrics.engine_busy.as_secs_f64(),
        )?;

        page.info("poe_build_info", "The program that runs.", "version", env!("CARGO_PKG_VERSION"))?;
        if let Some(bytes) = resident_bytes() {
            page.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", bytes)?;
        }
        if let Some(open) = open_fds() {
            page.gauge("process_open_fds", "Number of open file descriptors.", open)?;
        }
        Ok(())
    }
}

/// Memory that the process holds, from the `VmRSS:  1234 kB` of /proc. Where there is no /proc, the page does
/// without.
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

/// Descriptors that the process holds, but for the one that counts them.
fn open_fds() -> Option<u64> {
    let listed = fs::read_dir("/proc/self/fd").ok()?.count();
    u64::try_from(listed).ok()?.checked_sub(1)
}
