//! The page of figures, in both forms.

use std::time::Duration;

use expect_test::expect_file;
use poe_api::{AlarmFigures, AlarmSeconds, CommitSeconds, HistoryFigures, Metrics, Settings, TargetStatus};

use crate::{House, Said};

/// A snapshot in which every figure is another.
fn every_figure() -> Metrics {
    let mut commit_seconds = CommitSeconds::default();
    for took_us in [200, 500, 700, 6_000, 6_000_000] {
        commit_seconds.observe(Duration::from_micros(took_us));
    }
    Metrics {
        ready: true,
        held_frames: 43,
        quarantine_full: 44,
        frames_valid: 1,
        frames_invalid: 2,
        frames_init: 3,
        invalid_frames_opt: 4,
        invalid_frames_type: 5,
        cut_frames: 6,
        readings: u64::MAX,
        status_changes: 8,
        invalid_datagrams: 9,
        connections: 10,
        connections_accepted: 11,
        refused_network: 12,
        refused_address_cap: 13,
        refused_connection_cap: 14,
        refused_descriptors: 15,
        displaced: 16,
        out_of_step: 17,
        nodes: 18,
        sensors: 19,
        sensors_refused: 20,
        commit_seconds,
        commit_failures_busy: 21,
        commit_failures_full: 22,
        commit_failures_io: 23,
        commit_failures_other: 24,
        commit_stalled: Duration::from_millis(25),
        rows_waiting: 26,
        rows_committed: 27,
        rows_refused: 29,
        commit_interval: Duration::from_millis(50),
        wal_bytes_state: 28,
        wal_bytes_table: 29,
        engine_rounds: 30,
        engine_busy: Duration::from_millis(31_500),
        alarms: AlarmFigures {
            by_state: [[0, 32, 33, 34, 35, 36], [0; 6], [0, 37, 0, 0, 0, 0]],
            quiet: [38, 0, 39],
        },
        suppressions: 40,
        flood: true,
        journal_seq: 41,
        alarm_commit_seconds: one(Duration::from_millis(2)),
        alarm_notify_seconds: one(Duration::from_secs(11)),
        targets: vec![TargetStatus {
            name: "desk \"1\"".into(),
            waiting: 42,
            oldest: None,
            sent: 43,
            failed: 44,
            dead: 45,
            last_error: None,
            last_success: None,
            failing: 0,
        }],
        mark_failures: 46,
        history: Some(HistoryFigures {
            stored: poe_history::Figures {
                batches_waiting: 47,
                readings_waiting: 48,
                bytes_waiting: 49,
                sealing_lag_s: 50.5,
                readings_sealed: 100,
                raw_bytes: 20,
                rollup_bytes: 5,
                files: 51,
                oldest_ms: None,
                damaged_files: 52,
            },
            readings: 53,
            log_bytes: 54,
            left_out: 55,
            failing: true,
            bytes_in_memory: 56,
        }),
    }
}

fn one(took: Duration) -> AlarmSeconds {
    let mut seconds = AlarmSeconds::default();
    seconds.observe(took);
    seconds
}

/// The page that answers a request with this `Accept`, without what tells of the process, which is never the same.
fn metrics_page(accept: &str) -> (String, String) {
    let house = House::open(Said { metrics: every_figure(), ..Said::default() }, Settings::default());
    let answer = house
        .say(&format!("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n{accept}Connection: close\r\n\r\n"));
    let of_the_server = answer.body.lines().filter(|line| !line.contains("process_"));
    let page: String = of_the_server.map(|line| format!("{line}\n")).collect();
    let content_type = answer.header("content-type").unwrap().to_owned();
    (content_type, page.replace(env!("CARGO_PKG_VERSION"), "VERSION"))
}

const CLASSIC: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[test]
fn the_metrics_page_is_as_promised() {
    let (content_type, page) = metrics_page("");
    assert_eq!(content_type, CLASSIC);
    expect_file!["metrics.txt"].assert_eq(&page);
}

#[test]
fn the_metrics_page_in_openmetrics_is_as_promised() {
    let (content_type, page) = metrics_page("Accept: application/openmetrics-text\r\n");
    assert_eq!(content_type, OPEN_METRICS);
    expect_file!["metrics.openmetrics.txt"].assert_eq(&page);
}

#[test]
fn a_collector_gets_openmetrics_only_if_it_asks_for_it() {
    const PROMETHEUS: &str = "Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
        application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;q=0.3,\
        text/plain;version=0.0.4;q=0.2,*/*;q=0.1\r\n";
    const PROMETHEUS_TOLD_TO_TAKE_TEXT: &str = "Accept: text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,*/*;q=0.1\r\n";
    for (accept, expected) in [
        ("", CLASSIC),
        ("Accept: */*\r\n", CLASSIC),
        ("Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n", CLASSIC),
        ("Accept: text/plain;version=0.0.4;q=1,*/*;q=0.1\r\n", CLASSIC),
        ("Accept: application/openmetrics-text;q=0\r\n", CLASSIC),
        ("Accept: application/openmetrics-text;q=much\r\n", CLASSIC),
        (PROMETHEUS_TOLD_TO_TAKE_TEXT, CLASSIC),
        (PROMETHEUS, OPEN_METRICS),
        ("Accept: */*;q=0.1\r\nAccept: Application/OpenMetrics-Text; Q=0.7\r\n", OPEN_METRICS),
    ] {
        assert_eq!(metrics_page(accept).0, expected, "{accept}");
    }
}

#[test]
fn the_metrics_page_knows_the_process() {
    let house = House::calm();
    let answer = house.ask_local("GET", "/metrics");
    let value = |name: &str| -> u64 {
        let line = answer.body.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().parse().unwrap()
    };
    assert!(value("process_resident_memory_bytes ") > 1024 * 1024);
    assert!(value("process_open_fds ") >= 5);
}
