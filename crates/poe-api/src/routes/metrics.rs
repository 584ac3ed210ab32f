//! `GET /metrics`: what the server counts and measures, for Prometheus.

use std::fmt;
use std::fs;

use axum::extract::State;
use axum::http::header::{self, HeaderName};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use crate::door::Door;
use crate::server::Metrics;

/// The encoder writes OpenMetrics, which Prometheus has read since 2.5.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The whole page, from a fresh snapshot.
pub(crate) async fn show(State(door): State<Door>) -> ([(HeaderName, &'static str); 1], String) {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], page(door.server.metrics()))
}

fn page(metrics: Metrics) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Snapshot(metrics)));
    let mut page = String::new();
    encode(&mut page, &registry).expect("a String takes any text");
    page
}

#[derive(Debug)]
struct Snapshot(Metrics);

impl Collector for Snapshot {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Snapshot(metrics) = self;
        let mut page = Page(encoder);

        page.counters(
            "poe_frames",
            "Frames taken from nodes, by what they were.",
            "result",
            [
                ("valid", metrics.frames_valid),
                ("invalid", metrics.frames_invalid),
                ("init", metrics.frames_init),
            ],
        )?;
        page.counters(
            "poe_invalid_frames",
            "Invalid frames, by the byte that was unknown.",
            "reason",
            [("opt", metrics.invalid_frames_opt), ("type", metrics.invalid_frames_type)],
        )?;
        page.counter("poe_cut_frames", "Frames left unfinished by a closed connection.", metrics.cut_frames)?;
        page.counter("poe_readings", "Readings taken.", metrics.readings)?;
        page.counter("poe_status_changes", "Changes of a sensor's status.", metrics.status_changes)?;
        page.counter(
            "poe_invalid_datagrams",
            "Datagrams refused for their length.",
            metrics.invalid_datagrams,
        )?;

        page.gauge("poe_connections", "Node connections open.", metrics.connections)?;
        page.counter("poe_connections_accepted", "Node connections accepted.", metrics.connections_accepted)?;
        page.counters(
            "poe_refused",
            "Node connections refused, by reason.",
            "reason",
            [
                ("network", metrics.refused_network),
                ("address_cap", metrics.refused_address_cap),
                ("connection_cap", metrics.refused_connection_cap),
                ("descriptors", metrics.refused_descriptors),
            ],
        )?;
        page.counter("poe_displaced", "Silent connections closed to make room.", metrics.displaced)?;
        page.counter("poe_out_of_step", "Streams closed as out of step.", metrics.out_of_step)?;

        page.gauge("poe_nodes", "Nodes known.", metrics.nodes)?;
        page.gauge("poe_sensors", "Sensors known.", metrics.sensors)?;
        page.counter("poe_sensors_refused", "New sensors refused at the limit.", metrics.sensors_refused)?;

        let commits = &metrics.commit_seconds;
        let buckets: Vec<_> = commits.buckets().collect();
        page.metric("poe_commit_seconds", "How long commits took.", MetricType::Histogram)?
            .encode_histogram::<NoLabelSet>(commits.sum_s(), commits.count(), &buckets, None)?;
        page.counters(
            "poe_commit_failures",
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
        page.counter("poe_rows_committed", "Rows committed.", metrics.rows_committed)?;
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

        page.counter("poe_engine_rounds", "Rounds the engine has made.", metrics.engine_rounds)?;
        page.counter(
            "poe_engine_busy_seconds",
            "Time the engine has worked.",
            metrics.engine_busy.as_secs_f64(),
        )?;

        page.metric("poe_build", "The program that runs.", MetricType::Info)?
            .encode_info(&[("version", env!("CARGO_PKG_VERSION"))])?;
        if let Some(bytes) = resident_bytes() {
            page.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", bytes)?;
        }
        if let Some(open) = open_fds() {
            page.gauge("process_open_fds", "Number of open file descriptors.", open)?;
        }
        Ok(())
    }
}

/// The few shapes that our metrics have. A counter's `_total` and an info's `_info` come by themselves.
struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    fn metric<'s>(
        &'s mut self,
        name: &'s str,
        help: &str,
        kind: MetricType,
    ) -> Result<MetricEncoder<'s>, fmt::Error> {
        self.0.encode_descriptor(name, help, None, kind)
    }

    fn counter(&mut self, name: &str, help: &str, value: impl EncodeCounterValue + Copy) -> fmt::Result {
        self.metric(name, help, MetricType::Counter)?.encode_counter::<NoLabelSet, _, u64>(&value, None)
    }

    fn counters<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: [(&str, u64); N],
    ) -> fmt::Result {
        let mut metric = self.metric(name, help, MetricType::Counter)?;
        values.iter().try_for_each(|(which, value)| {
            metric.encode_family(&[(label, *which)])?.encode_counter::<NoLabelSet, _, u64>(value, None)
        })
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl EncodeGaugeValue + Copy) -> fmt::Result {
        self.metric(name, help, MetricType::Gauge)?.encode_gauge(&value)
    }

    fn gauges<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: [(&str, u64); N],
    ) -> fmt::Result {
        let mut metric = self.metric(name, help, MetricType::Gauge)?;
        values
            .iter()
            .try_for_each(|(which, value)| metric.encode_family(&[(label, *which)])?.encode_gauge(value))
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
