//! The history on a disk that is full, free again, or nearly full.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

#[path = "storage/counter.rs"]
#[allow(dead_code, reason = "shared with the tests of the table")]
mod counter;
#[path = "history/ledger.rs"]
#[allow(dead_code, reason = "shared with the tests of crashes")]
mod ledger;
#[path = "history/past.rs"]
#[allow(dead_code, reason = "shared with the tests of the files")]
mod past;

use counter::{Counter, assert_sound, wait_until_seen};
use ledger::Ledger;
use past::{BEGIN_MS, DATES, HOUR_MS, Past, Question, Sum};
use poe_api::client::Client;
use serde_json::Value;
use std::{
    fs,
    io::Write,
    net::Ipv4Addr,
    path::Path,
    thread,
    time::{Duration, Instant},
};
use support::{
    PATIENCE, Server, Setup, connect_from,
    ground::{Disk, has},
    is_root, poe,
};

const NODE: Ipv4Addr = Ipv4Addr::new(127, 0, 17, 1);

fn disk(test: &str, megabytes: u64) -> Option<Disk> {
    if !is_root(test) {
        return None;
    }
    let disk = Disk::in_a_file(megabytes);
    if let Err(why) = &disk {
        has(test, &format!("a loop device with ext4: {}", why.trim()), false);
    }
    disk.ok()
}

fn client(setup: &Setup) -> Client {
    Client::local(setup.data_path().join("poe.sock"))
}

fn alarms(server: &Server) -> String {
    client(server.setup()).get("/api/v1/alarms").unwrap().to_string()
}

#[test]
fn a_full_disk_holds_up_no_value_and_no_alarm_and_the_history_has_everything_once_it_is_free() {
    let test = "a_full_disk_holds_up_no_value_and_no_alarm_and_the_history_has_everything_once_it_is_free";
    let Some(disk) = disk(test, 24) else { return };
    let setup = Setup::new().data_dir(disk.path().join("data"));
    let mut server = setup.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(20);
    wait_until_seen(&setup.db_path(), NODE, 20);
    let mut ledger = Ledger::new(NODE);
    ledger.check(&client(&setup), 0, 20, 20);

    let filler = disk.fill();
    let mut other = Counter::connect(Ipv4Addr::new(127, 0, 17, 3), server.tcp());
    let begun = Instant::now();
    while server.local_get("/readyz").0 == 200 {
        other.count(1);
        assert!(begun.elapsed() < PATIENCE, "still ready");
        thread::sleep(Duration::from_millis(20));
    }
    server.wait_for(|server| alarms(server).contains("\"storage\""), PATIENCE);
    let taken = server.metric("poe_frames_total{result=\"valid\"}");
    counter.count(500);
    server
        .wait_for(|server| server.metric("poe_frames_total{result=\"valid\"}") >= taken + 1_500.0, PATIENCE);
    // A flame is an alarm as ever.
    let mut stove = connect_from(Ipv4Addr::new(127, 0, 17, 2), server.tcp());
    stove.write_all(&[1, 7, 0, 0]).unwrap();
    server.wait_for(|server| alarms(server).contains("127.0.17.2_7"), PATIENCE);
    // What the history has is told as before.
    ledger.clone().check(&client(&setup), 20, 20, 520);

    drop(filler);
    wait_until_seen(&setup.db_path(), NODE, 520);
    wait_until_seen(&setup.db_path(), other.address, other.number);
    Ledger::new(other.address).check(&client(&setup), 0, other.number, other.number);
    server.wait_for(|server| server.metric("poe_history_failing") == 0.0, PATIENCE);
    ledger.check(&client(&setup), 20, 520, 520);
    assert_eq!(server.metric("poe_history_left_out_total"), 0.0);
    server.wait_for(|server| server.http_get("/readyz").0 == 200, PATIENCE);
    counter.count(20);
    wait_until_seen(&setup.db_path(), NODE, 540);
    assert!(server.stop().success());
    let server = setup.start();
    ledger.check(&client(&setup), 520, 540, 540);
    assert_eq!(server.metric("poe_history_damaged_files"), 0.0);
    assert_sound(&setup.db_path());
}

/// The bytes that are free for everybody, and all.
fn room(folder: &Path) -> (u64, u64) {
    let found = nix::sys::statvfs::statvfs(folder).unwrap();
    (found.blocks_available() * found.fragment_size(), found.blocks() * found.fragment_size())
}

#[test]
fn when_the_disk_is_nearly_full_the_oldest_readings_go_first_and_nothing_else_does() {
    let test = "when_the_disk_is_nearly_full_the_oldest_readings_go_first_and_nothing_else_does";
    let Some(disk) = disk(test, 700) else { return };
    let setup = Setup::new().data_dir(disk.path().join("data"));
    let mut server = setup.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(20);
    wait_until_seen(&setup.db_path(), NODE, 20);
    let past = Past::new(3);
    let file = setup.scratch().join("past.csv");
    past.write_csv(&file);
    let data = setup.data_path().to_str().unwrap();
    let done = poe(["import", file.to_str().unwrap(), "--data-dir", data]);
    assert!(done.status.success(), "{done:?}");
    connect_from(Ipv4Addr::new(127, 0, 17, 2), server.tcp()).write_all(&[1, 7, 0, 0]).unwrap();
    server.wait_for(|server| alarms(server).contains("127.0.17.2_7"), PATIENCE);

    // A tenth of a small disk is to stay free, and a little less is.
    let (free, total) = room(setup.data_path());
    let filler = fs::File::create(disk.path().join("filler")).unwrap();
    nix::fcntl::posix_fallocate(&filler, 0, (free - total / 10 + (16 << 10)) as i64).unwrap();
    let client = client(&setup);
    let removed = || {
        let events = client.get("/api/v1/events?kind=history.removed").unwrap();
        let texts = events["items"].as_array().unwrap().iter().map(Value::to_string);
        texts.collect::<Vec<_>>()
    };
    server.wait_for(|_| !removed().is_empty(), PATIENCE);
    // What goes with the first day may be enough, or not; then all is at rest.
    let mut before = 0;
    while before != removed().len() {
        before = removed().len();
        thread::sleep(Duration::from_millis(1_500));
    }
    let removed = removed();
    for (text, date) in removed.iter().zip(DATES) {
        assert!(text.contains(&format!("readings of {date}")), "{date} is next, and not {text}");
    }
    assert!(removed.len() <= DATES.len(), "{removed:?}");

    for (day, date) in DATES.iter().enumerate() {
        let begin = BEGIN_MS - 22 * HOUR_MS + day as i64 * 24 * HOUR_MS;
        for (node, sensor) in past.sensors() {
            let question = Question { node, sensor, times_ms: begin..begin + 24 * HOUR_MS };
            let told = question.values(&client);
            let expected = if day < removed.len() { Vec::new() } else { past.values(&question) };
            assert_eq!(told, expected, "{date}: {question:?}");
            // Roll-ups stay for much longer.
            let Sum { count, .. } = question.ask(&client);
            assert_eq!(count, past.sum(&question).count, "{date}: {question:?}");
        }
    }
    // Today's readings, the alarm and the latest values are not for sale.
    Ledger::new(NODE).check(&client, 0, 20, 20);
    assert!(alarms(&server).contains("127.0.17.2_7"));
    let sound = poe(["verify", "--data-dir", data]);
    assert!(sound.status.success(), "{sound:?}");
    assert!(server.stop().success());
    drop(filler);
}
