//! What each path answers.

use std::time::Duration;

use expect_test::{Expect, expect};
use poe_api::{AlarmFigures, AlarmSeconds, CommitSeconds, HistoryFigures, Metrics, Settings, TargetStatus};

use crate::{Answer, House, Said};

/// All of them answer alike.
fn check(answers: &[Answer], expected: &Expect) {
    let text = answers[0].text();
    for other in &answers[1..] {
        assert_eq!(other.text(), text);
    }
    expected.assert_eq(&text);
}

#[test]
fn a_living_server_is_healthy_at_both_doors() {
    let house = House::calm();
    check(
        &[house.ask("GET", "/healthz"), house.ask_local("GET", "/healthz")],
        &expect![[r#"
        200
        content-type: text/plain; charset=utf-8
        content-security-policy: default-src 'none'; frame-ancestors 'none'
        x-content-type-options: nosniff
        referrer-policy: no-referrer
        cross-origin-opener-policy: same-origin
        cross-origin-resource-policy: same-origin
        cache-control: no-store
        content-length: 2
        connection: close

        ok
    "#]],
    );
}

#[test]
fn a_ready_server_says_so() {
    let house = House::calm();
    for answer in [house.ask("GET", "/readyz"), house.ask_local("GET", "/readyz")] {
        assert_eq!((answer.status, answer.body.as_str()), (200, "ready"));
    }
}

#[test]
fn reasons_are_told_at_the_machine_only() {
    let reasons = vec!["no commit for 12 s".into(), "the disk is full".into()];
    let house = House::open(Said { reasons, ..Said::default() }, Settings::default());
    let (far, near) = (house.ask("GET", "/readyz"), house.ask_local("GET", "/readyz"));
    assert_eq!((far.status, far.body.as_str()), (503, "not ready"));
    assert_eq!((near.status, near.body.as_str()), (503, "not ready\nno commit for 12 s\nthe disk is full"));
}

#[test]
fn head_is_a_get_without_the_body() {
    let house = House::calm();
    for path in ["/healthz", "/readyz", "/metrics"] {
        let (head, get) = (house.ask("HEAD", path), house.ask("GET", path));
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        assert_eq!(head.header("content-type"), get.header("content-type"));
    }
}

#[test]
fn an_unknown_path_is_a_problem() {
    let house = House::calm();
    check(
        &[house.ask("GET", "/nowhere"), house.ask_local("POST", "/healthz/no")],
        &expect![[r#"
            404
            content-type: application/problem+json
            content-security-policy: default-src 'none'; frame-ancestors 'none'
            x-content-type-options: nosniff
            referrer-policy: no-referrer
            cross-origin-opener-policy: same-origin
            cross-origin-resource-policy: same-origin
            cache-control: no-store
            content-length: 125
            connection: close

            {"type":"about:blank","title":"Not Found","status":404,"detail":"There is nothing at this path, or it is not for your role."}
        "#]],
    );
}

#[test]
fn another_method_is_a_problem() {
    let house = House::calm();
    let mut answers = vec![house.ask("POST", "/healthz"), house.ask_local("DELETE", "/metrics")];
    answers.extend(["PUT", "PATCH", "OPTIONS", "TRACE", "BREW"].map(|method| house.ask(method, "/readyz")));
    check(
        &answers,
        &expect![[r#"
        405
        content-type: application/problem+json
        allow: GET,HEAD
        content-security-policy: default-src 'none'; frame-ancestors 'none'
        x-content-type-options: nosniff
        referrer-policy: no-referrer
        cross-origin-opener-policy: same-origin
        cross-origin-resource-policy: same-origin
        cache-control: no-store
        content-length: 155
        connection: close

        {"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"This path does not take this method; the Allow header lists those that it does."}
    "#]],
    );
}

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
    expect![[r##"
        # HELP poe_ready Whether the server does its work: 1, or 0.
        # TYPE poe_ready gauge
        poe_ready 1
        # HELP poe_frames_total Frames taken from nodes, by what they were.
        # TYPE poe_frames_total counter
        poe_frames_total{result="valid"} 1
        poe_frames_total{result="invalid"} 2
        poe_frames_total{result="init"} 3
        # HELP poe_invalid_frames_total Invalid frames, by the byte that was unknown.
        # TYPE poe_invalid_frames_total counter
        poe_invalid_frames_total{reason="opt"} 4
        poe_invalid_frames_total{reason="type"} 5
        # HELP poe_cut_frames_total Frames left unfinished by a closed connection.
        # TYPE poe_cut_frames_total counter
        poe_cut_frames_total 6
        # HELP poe_readings_total Readings taken.
        # TYPE poe_readings_total counter
        poe_readings_total 18446744073709551615
        # HELP poe_status_changes_total Changes of a sensor's status; its first reading is not one.
        # TYPE poe_status_changes_total counter
        poe_status_changes_total 8
        # HELP poe_invalid_datagrams_total Datagrams refused for their length.
        # TYPE poe_invalid_datagrams_total counter
        poe_invalid_datagrams_total 9
        # HELP poe_held_frames_total Frames of nodes that wait for approval, held and not taken.
        # TYPE poe_held_frames_total counter
        poe_held_frames_total 43
        # HELP poe_quarantine_full_total Nodes that wait for approval and made room for another.
        # TYPE poe_quarantine_full_total counter
        poe_quarantine_full_total 44
        # HELP poe_connections Node connections open.
        # TYPE poe_connections gauge
        poe_connections 10
        # HELP poe_connections_accepted_total Node connections accepted.
        # TYPE poe_connections_accepted_total counter
        poe_connections_accepted_total 11
        # HELP poe_refused_total Node connections refused, by reason.
        # TYPE poe_refused_total counter
        poe_refused_total{reason="network"} 12
        poe_refused_total{reason="address_cap"} 13
        poe_refused_total{reason="connection_cap"} 14
        poe_refused_total{reason="descriptors"} 15
        # HELP poe_displaced_total Silent connections closed to make room.
        # TYPE poe_displaced_total counter
        poe_displaced_total 16
        # HELP poe_out_of_step_total Streams closed as out of step.
        # TYPE poe_out_of_step_total counter
        poe_out_of_step_total 17
        # HELP poe_nodes Nodes known.
        # TYPE poe_nodes gauge
        poe_nodes 18
        # HELP poe_sensors Sensors known.
        # TYPE poe_sensors gauge
        poe_sensors 19
        # HELP poe_sensors_refused_total New sensors refused at the limit.
        # TYPE poe_sensors_refused_total counter
        poe_sensors_refused_total 20
        # HELP poe_commit_seconds How long commits took.
        # TYPE poe_commit_seconds histogram
        poe_commit_seconds_sum 6.0074
        poe_commit_seconds_count 5
        poe_commit_seconds_bucket{le="0.0005"} 2
        poe_commit_seconds_bucket{le="0.001"} 3
        poe_commit_seconds_bucket{le="0.0025"} 3
        poe_commit_seconds_bucket{le="0.005"} 3
        poe_commit_seconds_bucket{le="0.01"} 4
        poe_commit_seconds_bucket{le="0.025"} 4
        poe_commit_seconds_bucket{le="0.05"} 4
        poe_commit_seconds_bucket{le="0.1"} 4
        poe_commit_seconds_bucket{le="0.25"} 4
        poe_commit_seconds_bucket{le="0.5"} 4
        poe_commit_seconds_bucket{le="1.0"} 4
        poe_commit_seconds_bucket{le="2.5"} 4
        poe_commit_seconds_bucket{le="5.0"} 4
        poe_commit_seconds_bucket{le="10.0"} 5
        poe_commit_seconds_bucket{le="+Inf"} 5
        # HELP poe_commit_failures_total Commits that failed, by cause.
        # TYPE poe_commit_failures_total counter
        poe_commit_failures_total{cause="busy"} 21
        poe_commit_failures_total{cause="full"} 22
        poe_commit_failures_total{cause="io"} 23
        poe_commit_failures_total{cause="other"} 24
        # HELP poe_commit_stalled_seconds Time since the last commit finished while changes wait, else 0.
        # TYPE poe_commit_stalled_seconds gauge
        poe_commit_stalled_seconds 0.025
        # HELP poe_rows_waiting Rows that wait for a commit.
        # TYPE poe_rows_waiting gauge
        poe_rows_waiting 26
        # HELP poe_rows_committed_total Rows committed.
        # TYPE poe_rows_committed_total counter
        poe_rows_committed_total 27
        # HELP poe_rows_refused_total Rows that the table refused.
        # TYPE poe_rows_refused_total counter
        poe_rows_refused_total 29
        # HELP poe_commit_interval_seconds The present time between two commits.
        # TYPE poe_commit_interval_seconds gauge
        poe_commit_interval_seconds 0.05
        # HELP poe_wal_bytes Size of the write-ahead logs.
        # TYPE poe_wal_bytes gauge
        poe_wal_bytes{file="state"} 28
        poe_wal_bytes{file="table"} 29
        # HELP poe_alarms Alarms that are shown, by class and state.
        # TYPE poe_alarms gauge
        poe_alarms{class="alarm",state="unacknowledged"} 32
        poe_alarms{class="alarm",state="acknowledged"} 33
        poe_alarms{class="alarm",state="returned_unacknowledged"} 34
        poe_alarms{class="alarm",state="latched_unacknowledged"} 35
        poe_alarms{class="alarm",state="latched_acknowledged"} 36
        poe_alarms{class="supervisory",state="unacknowledged"} 0
        poe_alarms{class="supervisory",state="acknowledged"} 0
        poe_alarms{class="supervisory",state="returned_unacknowledged"} 0
        poe_alarms{class="supervisory",state="latched_unacknowledged"} 0
        poe_alarms{class="supervisory",state="latched_acknowledged"} 0
        poe_alarms{class="trouble",state="unacknowledged"} 37
        poe_alarms{class="trouble",state="acknowledged"} 0
        poe_alarms{class="trouble",state="returned_unacknowledged"} 0
        poe_alarms{class="trouble",state="latched_unacknowledged"} 0
        poe_alarms{class="trouble",state="latched_acknowledged"} 0
        # HELP poe_alarms_quiet Alarms that are kept quiet, by class.
        # TYPE poe_alarms_quiet gauge
        poe_alarms_quiet{class="alarm"} 38
        poe_alarms_quiet{class="supervisory"} 0
        poe_alarms_quiet{class="trouble"} 39
        # HELP poe_suppressions Suppressions in force.
        # TYPE poe_suppressions gauge
        poe_suppressions 40
        # HELP poe_alarm_flood 1 while more alarms come than a person can follow.
        # TYPE poe_alarm_flood gauge
        poe_alarm_flood 1
        # HELP poe_alarm_commit_seconds From an alarm's reading until it was stored.
        # TYPE poe_alarm_commit_seconds histogram
        poe_alarm_commit_seconds_sum 0.002
        poe_alarm_commit_seconds_count 1
        poe_alarm_commit_seconds_bucket{le="0.0005"} 0
        poe_alarm_commit_seconds_bucket{le="0.001"} 0
        poe_alarm_commit_seconds_bucket{le="0.0025"} 1
        poe_alarm_commit_seconds_bucket{le="0.005"} 1
        poe_alarm_commit_seconds_bucket{le="0.01"} 1
        poe_alarm_commit_seconds_bucket{le="0.025"} 1
        poe_alarm_commit_seconds_bucket{le="0.05"} 1
        poe_alarm_commit_seconds_bucket{le="0.1"} 1
        poe_alarm_commit_seconds_bucket{le="0.25"} 1
        poe_alarm_commit_seconds_bucket{le="0.5"} 1
        poe_alarm_commit_seconds_bucket{le="1.0"} 1
        poe_alarm_commit_seconds_bucket{le="2.5"} 1
        poe_alarm_commit_seconds_bucket{le="5.0"} 1
        poe_alarm_commit_seconds_bucket{le="10.0"} 1
        poe_alarm_commit_seconds_bucket{le="+Inf"} 1
        # HELP poe_alarm_notify_seconds From an alarm's reading until somebody was told.
        # TYPE poe_alarm_notify_seconds histogram
        poe_alarm_notify_seconds_sum 11.0
        poe_alarm_notify_seconds_count 1
        poe_alarm_notify_seconds_bucket{le="0.0005"} 0
        poe_alarm_notify_seconds_bucket{le="0.001"} 0
        poe_alarm_notify_seconds_bucket{le="0.0025"} 0
        poe_alarm_notify_seconds_bucket{le="0.005"} 0
        poe_alarm_notify_seconds_bucket{le="0.01"} 0
        poe_alarm_notify_seconds_bucket{le="0.025"} 0
        poe_alarm_notify_seconds_bucket{le="0.05"} 0
        poe_alarm_notify_seconds_bucket{le="0.1"} 0
        poe_alarm_notify_seconds_bucket{le="0.25"} 0
        poe_alarm_notify_seconds_bucket{le="0.5"} 0
        poe_alarm_notify_seconds_bucket{le="1.0"} 0
        poe_alarm_notify_seconds_bucket{le="2.5"} 0
        poe_alarm_notify_seconds_bucket{le="5.0"} 0
        poe_alarm_notify_seconds_bucket{le="10.0"} 0
        poe_alarm_notify_seconds_bucket{le="+Inf"} 1
        # HELP poe_journal_entries_total Entries in the journal.
        # TYPE poe_journal_entries_total counter
        poe_journal_entries_total 41
        # HELP poe_journal_mark_failures_total How often the mark of the journal's end could not be written.
        # TYPE poe_journal_mark_failures_total counter
        poe_journal_mark_failures_total 46
        # HELP poe_notifications_sent_total Notifications confirmed, by target.
        # TYPE poe_notifications_sent_total counter
        poe_notifications_sent_total{target="desk \"1\""} 43
        # HELP poe_notification_failures_total Tries that failed, by target.
        # TYPE poe_notification_failures_total counter
        poe_notification_failures_total{target="desk \"1\""} 44
        # HELP poe_notifications_dead_total Notifications given up, by target.
        # TYPE poe_notifications_dead_total counter
        poe_notifications_dead_total{target="desk \"1\""} 45
        # HELP poe_notifications_waiting Notifications that wait, by target.
        # TYPE poe_notifications_waiting gauge
        poe_notifications_waiting{target="desk \"1\""} 42
        # HELP poe_http_connections HTTP clients connected, by the door they came through.
        # TYPE poe_http_connections gauge
        poe_http_connections{door="network"} 1
        poe_http_connections{door="local"} 0
        # HELP poe_http_refused_total HTTP clients refused, by reason.
        # TYPE poe_http_refused_total counter
        poe_http_refused_total{reason="address_cap"} 0
        poe_http_refused_total{reason="handshake"} 0
        poe_http_refused_total{reason="followers"} 0
        # HELP poe_http_bodies_refused_total Bodies refused because too many large ones came at a time.
        # TYPE poe_http_bodies_refused_total counter
        poe_http_bodies_refused_total 0
        # HELP poe_http_displaced_total Idle HTTP clients closed to make room.
        # TYPE poe_http_displaced_total counter
        poe_http_displaced_total 0
        # HELP poe_http_stalled_total HTTP clients cut because they had stopped reading.
        # TYPE poe_http_stalled_total counter
        poe_http_stalled_total 0
        # HELP poe_history_readings_total Readings added to the history.
        # TYPE poe_history_readings_total counter
        poe_history_readings_total 53
        # HELP poe_history_log_bytes_total Bytes that they took in its log.
        # TYPE poe_history_log_bytes_total counter
        poe_history_log_bytes_total 54
        # HELP poe_history_left_out_total Readings that are missing in the history, since the disk stood still for too long.
        # TYPE poe_history_left_out_total counter
        poe_history_left_out_total 55
        # HELP poe_history_failing Whether the history takes no readings: 1, or 0.
        # TYPE poe_history_failing gauge
        poe_history_failing 1
        # HELP poe_history_memory_bytes Memory of readings that wait for a commit.
        # TYPE poe_history_memory_bytes gauge
        poe_history_memory_bytes 56
        # HELP poe_history_batches_waiting Batches that wait to be sealed.
        # TYPE poe_history_batches_waiting gauge
        poe_history_batches_waiting 47
        # HELP poe_history_readings_waiting Readings in them.
        # TYPE poe_history_readings_waiting gauge
        poe_history_readings_waiting 48
        # HELP poe_history_waiting_bytes Size of the log that holds them.
        # TYPE poe_history_waiting_bytes gauge
        poe_history_waiting_bytes 49
        # HELP poe_history_sealing_lag_seconds How long the oldest of them has waited.
        # TYPE poe_history_sealing_lag_seconds gauge
        poe_history_sealing_lag_seconds 50.5
        # HELP poe_history_readings_sealed Readings in files.
        # TYPE poe_history_readings_sealed gauge
        poe_history_readings_sealed 100
        # HELP poe_history_bytes Size of the files.
        # TYPE poe_history_bytes gauge
        poe_history_bytes{level="readings"} 20
        poe_history_bytes{level="rollups"} 5
        # HELP poe_history_files How many files there are.
        # TYPE poe_history_files gauge
        poe_history_files 51
        # HELP poe_history_damaged_files Files set aside since they are damaged.
        # TYPE poe_history_damaged_files gauge
        poe_history_damaged_files 52
        # HELP poe_history_bytes_per_reading Bytes on disk for each reading in a file, roll-ups included; 0, where there is none.
        # TYPE poe_history_bytes_per_reading gauge
        poe_history_bytes_per_reading 0.25
        # HELP poe_logins_total Sessions that people have begun.
        # TYPE poe_logins_total counter
        poe_logins_total 0
        # HELP poe_login_failures_total Logins that failed, by reason.
        # TYPE poe_login_failures_total counter
        poe_login_failures_total{reason="password"} 0
        poe_login_failures_total{reason="too_soon"} 0
        # HELP poe_live_clients Clients that follow what happens.
        # TYPE poe_live_clients gauge
        poe_live_clients 0
        # HELP poe_live_lagging_total How often a client that follows read too slowly, and was told the newest state instead.
        # TYPE poe_live_lagging_total counter
        poe_live_lagging_total 0
        # HELP poe_engine_rounds_total Rounds the engine has made.
        # TYPE poe_engine_rounds_total counter
        poe_engine_rounds_total 30
        # HELP poe_engine_busy_seconds_total Time the engine has worked.
        # TYPE poe_engine_busy_seconds_total counter
        poe_engine_busy_seconds_total 31.5
        # HELP poe_build_info The program that runs.
        # TYPE poe_build_info gauge
        poe_build_info{version="VERSION"} 1
    "##]]
    .assert_eq(&page);
}

#[test]
fn the_metrics_page_in_openmetrics_is_as_promised() {
    let (content_type, page) = metrics_page("Accept: application/openmetrics-text\r\n");
    assert_eq!(content_type, OPEN_METRICS);
    expect![[r##"
        # HELP poe_ready Whether the server does its work: 1, or 0.
        # TYPE poe_ready gauge
        poe_ready 1
        # HELP poe_frames Frames taken from nodes, by what they were.
        # TYPE poe_frames counter
        poe_frames_total{result="valid"} 1
        poe_frames_total{result="invalid"} 2
        poe_frames_total{result="init"} 3
        # HELP poe_invalid_frames Invalid frames, by the byte that was unknown.
        # TYPE poe_invalid_frames counter
        poe_invalid_frames_total{reason="opt"} 4
        poe_invalid_frames_total{reason="type"} 5
        # HELP poe_cut_frames Frames left unfinished by a closed connection.
        # TYPE poe_cut_frames counter
        poe_cut_frames_total 6
        # HELP poe_readings Readings taken.
        # TYPE poe_readings counter
        poe_readings_total 18446744073709551615
        # HELP poe_status_changes Changes of a sensor's status; its first reading is not one.
        # TYPE poe_status_changes counter
        poe_status_changes_total 8
        # HELP poe_invalid_datagrams Datagrams refused for their length.
        # TYPE poe_invalid_datagrams counter
        poe_invalid_datagrams_total 9
        # HELP poe_held_frames Frames of nodes that wait for approval, held and not taken.
        # TYPE poe_held_frames counter
        poe_held_frames_total 43
        # HELP poe_quarantine_full Nodes that wait for approval and made room for another.
        # TYPE poe_quarantine_full counter
        poe_quarantine_full_total 44
        # HELP poe_connections Node connections open.
        # TYPE poe_connections gauge
        poe_connections 10
        # HELP poe_connections_accepted Node connections accepted.
        # TYPE poe_connections_accepted counter
        poe_connections_accepted_total 11
        # HELP poe_refused Node connections refused, by reason.
        # TYPE poe_refused counter
        poe_refused_total{reason="network"} 12
        poe_refused_total{reason="address_cap"} 13
        poe_refused_total{reason="connection_cap"} 14
        poe_refused_total{reason="descriptors"} 15
        # HELP poe_displaced Silent connections closed to make room.
        # TYPE poe_displaced counter
        poe_displaced_total 16
        # HELP poe_out_of_step Streams closed as out of step.
        # TYPE poe_out_of_step counter
        poe_out_of_step_total 17
        # HELP poe_nodes Nodes known.
        # TYPE poe_nodes gauge
        poe_nodes 18
        # HELP poe_sensors Sensors known.
        # TYPE poe_sensors gauge
        poe_sensors 19
        # HELP poe_sensors_refused New sensors refused at the limit.
        # TYPE poe_sensors_refused counter
        poe_sensors_refused_total 20
        # HELP poe_commit_seconds How long commits took.
        # TYPE poe_commit_seconds histogram
        poe_commit_seconds_sum 6.0074
        poe_commit_seconds_count 5
        poe_commit_seconds_bucket{le="0.0005"} 2
        poe_commit_seconds_bucket{le="0.001"} 3
        poe_commit_seconds_bucket{le="0.0025"} 3
        poe_commit_seconds_bucket{le="0.005"} 3
        poe_commit_seconds_bucket{le="0.01"} 4
        poe_commit_seconds_bucket{le="0.025"} 4
        poe_commit_seconds_bucket{le="0.05"} 4
        poe_commit_seconds_bucket{le="0.1"} 4
        poe_commit_seconds_bucket{le="0.25"} 4
        poe_commit_seconds_bucket{le="0.5"} 4
        poe_commit_seconds_bucket{le="1.0"} 4
        poe_commit_seconds_bucket{le="2.5"} 4
        poe_commit_seconds_bucket{le="5.0"} 4
        poe_commit_seconds_bucket{le="10.0"} 5
        poe_commit_seconds_bucket{le="+Inf"} 5
        # HELP poe_commit_failures Commits that failed, by cause.
        # TYPE poe_commit_failures counter
        poe_commit_failures_total{cause="busy"} 21
        poe_commit_failures_total{cause="full"} 22
        poe_commit_failures_total{cause="io"} 23
        poe_commit_failures_total{cause="other"} 24
        # HELP poe_commit_stalled_seconds Time since the last commit finished while changes wait, else 0.
        # TYPE poe_commit_stalled_seconds gauge
        poe_commit_stalled_seconds 0.025
        # HELP poe_rows_waiting Rows that wait for a commit.
        # TYPE poe_rows_waiting gauge
        poe_rows_waiting 26
        # HELP poe_rows_committed Rows committed.
        # TYPE poe_rows_committed counter
        poe_rows_committed_total 27
        # HELP poe_rows_refused Rows that the table refused.
        # TYPE poe_rows_refused counter
        poe_rows_refused_total 29
        # HELP poe_commit_interval_seconds The present time between two commits.
        # TYPE poe_commit_interval_seconds gauge
        poe_commit_interval_seconds 0.05
        # HELP poe_wal_bytes Size of the write-ahead logs.
        # TYPE poe_wal_bytes gauge
        poe_wal_bytes{file="state"} 28
        poe_wal_bytes{file="table"} 29
        # HELP poe_alarms Alarms that are shown, by class and state.
        # TYPE poe_alarms gauge
        poe_alarms{class="alarm",state="unacknowledged"} 32
        poe_alarms{class="alarm",state="acknowledged"} 33
        poe_alarms{class="alarm",state="returned_unacknowledged"} 34
        poe_alarms{class="alarm",state="latched_unacknowledged"} 35
        poe_alarms{class="alarm",state="latched_acknowledged"} 36
        poe_alarms{class="supervisory",state="unacknowledged"} 0
        poe_alarms{class="supervisory",state="acknowledged"} 0
        poe_alarms{class="supervisory",state="returned_unacknowledged"} 0
        poe_alarms{class="supervisory",state="latched_unacknowledged"} 0
        poe_alarms{class="supervisory",state="latched_acknowledged"} 0
        poe_alarms{class="trouble",state="unacknowledged"} 37
        poe_alarms{class="trouble",state="acknowledged"} 0
        poe_alarms{class="trouble",state="returned_unacknowledged"} 0
        poe_alarms{class="trouble",state="latched_unacknowledged"} 0
        poe_alarms{class="trouble",state="latched_acknowledged"} 0
        # HELP poe_alarms_quiet Alarms that are kept quiet, by class.
        # TYPE poe_alarms_quiet gauge
        poe_alarms_quiet{class="alarm"} 38
        poe_alarms_quiet{class="supervisory"} 0
        poe_alarms_quiet{class="trouble"} 39
        # HELP poe_suppressions Suppressions in force.
        # TYPE poe_suppressions gauge
        poe_suppressions 40
        # HELP poe_alarm_flood 1 while more alarms come than a person can follow.
        # TYPE poe_alarm_flood gauge
        poe_alarm_flood 1
        # HELP poe_alarm_commit_seconds From an alarm's reading until it was stored.
        # TYPE poe_alarm_commit_seconds histogram
        poe_alarm_commit_seconds_sum 0.002
        poe_alarm_commit_seconds_count 1
        poe_alarm_commit_seconds_bucket{le="0.0005"} 0
        poe_alarm_commit_seconds_bucket{le="0.001"} 0
        poe_alarm_commit_seconds_bucket{le="0.0025"} 1
        poe_alarm_commit_seconds_bucket{le="0.005"} 1
        poe_alarm_commit_seconds_bucket{le="0.01"} 1
        poe_alarm_commit_seconds_bucket{le="0.025"} 1
        poe_alarm_commit_seconds_bucket{le="0.05"} 1
        poe_alarm_commit_seconds_bucket{le="0.1"} 1
        poe_alarm_commit_seconds_bucket{le="0.25"} 1
        poe_alarm_commit_seconds_bucket{le="0.5"} 1
        poe_alarm_commit_seconds_bucket{le="1.0"} 1
        poe_alarm_commit_seconds_bucket{le="2.5"} 1
        poe_alarm_commit_seconds_bucket{le="5.0"} 1
        poe_alarm_commit_seconds_bucket{le="10.0"} 1
        poe_alarm_commit_seconds_bucket{le="+Inf"} 1
        # HELP poe_alarm_notify_seconds From an alarm's reading until somebody was told.
        # TYPE poe_alarm_notify_seconds histogram
        poe_alarm_notify_seconds_sum 11.0
        poe_alarm_notify_seconds_count 1
        poe_alarm_notify_seconds_bucket{le="0.0005"} 0
        poe_alarm_notify_seconds_bucket{le="0.001"} 0
        poe_alarm_notify_seconds_bucket{le="0.0025"} 0
        poe_alarm_notify_seconds_bucket{le="0.005"} 0
        poe_alarm_notify_seconds_bucket{le="0.01"} 0
        poe_alarm_notify_seconds_bucket{le="0.025"} 0
        poe_alarm_notify_seconds_bucket{le="0.05"} 0
        poe_alarm_notify_seconds_bucket{le="0.1"} 0
        poe_alarm_notify_seconds_bucket{le="0.25"} 0
        poe_alarm_notify_seconds_bucket{le="0.5"} 0
        poe_alarm_notify_seconds_bucket{le="1.0"} 0
        poe_alarm_notify_seconds_bucket{le="2.5"} 0
        poe_alarm_notify_seconds_bucket{le="5.0"} 0
        poe_alarm_notify_seconds_bucket{le="10.0"} 0
        poe_alarm_notify_seconds_bucket{le="+Inf"} 1
        # HELP poe_journal_entries Entries in the journal.
        # TYPE poe_journal_entries counter
        poe_journal_entries_total 41
        # HELP poe_journal_mark_failures How often the mark of the journal's end could not be written.
        # TYPE poe_journal_mark_failures counter
        poe_journal_mark_failures_total 46
        # HELP poe_notifications_sent Notifications confirmed, by target.
        # TYPE poe_notifications_sent counter
        poe_notifications_sent_total{target="desk \"1\""} 43
        # HELP poe_notification_failures Tries that failed, by target.
        # TYPE poe_notification_failures counter
        poe_notification_failures_total{target="desk \"1\""} 44
        # HELP poe_notifications_dead Notifications given up, by target.
        # TYPE poe_notifications_dead counter
        poe_notifications_dead_total{target="desk \"1\""} 45
        # HELP poe_notifications_waiting Notifications that wait, by target.
        # TYPE poe_notifications_waiting gauge
        poe_notifications_waiting{target="desk \"1\""} 42
        # HELP poe_http_connections HTTP clients connected, by the door they came through.
        # TYPE poe_http_connections gauge
        poe_http_connections{door="network"} 1
        poe_http_connections{door="local"} 0
        # HELP poe_http_refused HTTP clients refused, by reason.
        # TYPE poe_http_refused counter
        poe_http_refused_total{reason="address_cap"} 0
        poe_http_refused_total{reason="handshake"} 0
        poe_http_refused_total{reason="followers"} 0
        # HELP poe_http_bodies_refused Bodies refused because too many large ones came at a time.
        # TYPE poe_http_bodies_refused counter
        poe_http_bodies_refused_total 0
        # HELP poe_http_displaced Idle HTTP clients closed to make room.
        # TYPE poe_http_displaced counter
        poe_http_displaced_total 0
        # HELP poe_http_stalled HTTP clients cut because they had stopped reading.
        # TYPE poe_http_stalled counter
        poe_http_stalled_total 0
        # HELP poe_history_readings Readings added to the history.
        # TYPE poe_history_readings counter
        poe_history_readings_total 53
        # HELP poe_history_log_bytes Bytes that they took in its log.
        # TYPE poe_history_log_bytes counter
        poe_history_log_bytes_total 54
        # HELP poe_history_left_out Readings that are missing in the history, since the disk stood still for too long.
        # TYPE poe_history_left_out counter
        poe_history_left_out_total 55
        # HELP poe_history_failing Whether the history takes no readings: 1, or 0.
        # TYPE poe_history_failing gauge
        poe_history_failing 1
        # HELP poe_history_memory_bytes Memory of readings that wait for a commit.
        # TYPE poe_history_memory_bytes gauge
        poe_history_memory_bytes 56
        # HELP poe_history_batches_waiting Batches that wait to be sealed.
        # TYPE poe_history_batches_waiting gauge
        poe_history_batches_waiting 47
        # HELP poe_history_readings_waiting Readings in them.
        # TYPE poe_history_readings_waiting gauge
        poe_history_readings_waiting 48
        # HELP poe_history_waiting_bytes Size of the log that holds them.
        # TYPE poe_history_waiting_bytes gauge
        poe_history_waiting_bytes 49
        # HELP poe_history_sealing_lag_seconds How long the oldest of them has waited.
        # TYPE poe_history_sealing_lag_seconds gauge
        poe_history_sealing_lag_seconds 50.5
        # HELP poe_history_readings_sealed Readings in files.
        # TYPE poe_history_readings_sealed gauge
        poe_history_readings_sealed 100
        # HELP poe_history_bytes Size of the files.
        # TYPE poe_history_bytes gauge
        poe_history_bytes{level="readings"} 20
        poe_history_bytes{level="rollups"} 5
        # HELP poe_history_files How many files there are.
        # TYPE poe_history_files gauge
        poe_history_files 51
        # HELP poe_history_damaged_files Files set aside since they are damaged.
        # TYPE poe_history_damaged_files gauge
        poe_history_damaged_files 52
        # HELP poe_history_bytes_per_reading Bytes on disk for each reading in a file, roll-ups included; 0, where there is none.
        # TYPE poe_history_bytes_per_reading gauge
        poe_history_bytes_per_reading 0.25
        # HELP poe_logins Sessions that people have begun.
        # TYPE poe_logins counter
        poe_logins_total 0
        # HELP poe_login_failures Logins that failed, by reason.
        # TYPE poe_login_failures counter
        poe_login_failures_total{reason="password"} 0
        poe_login_failures_total{reason="too_soon"} 0
        # HELP poe_live_clients Clients that follow what happens.
        # TYPE poe_live_clients gauge
        poe_live_clients 0
        # HELP poe_live_lagging How often a client that follows read too slowly, and was told the newest state instead.
        # TYPE poe_live_lagging counter
        poe_live_lagging_total 0
        # HELP poe_engine_rounds Rounds the engine has made.
        # TYPE poe_engine_rounds counter
        poe_engine_rounds_total 30
        # HELP poe_engine_busy_seconds Time the engine has worked.
        # TYPE poe_engine_busy_seconds counter
        poe_engine_busy_seconds_total 31.5
        # HELP poe_build The program that runs.
        # TYPE poe_build info
        poe_build_info{version="VERSION"} 1
        # EOF
    "##]]
    .assert_eq(&page);
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
