//! The disk is full, and free again.

use crate::{
    counter::{Counter, assert_sound, seen, wait_until_seen},
    ground::{Disk, has},
    support::{PATIENCE, Server, Setup, is_root},
};
use std::{
    net::Ipv4Addr,
    thread,
    time::{Duration, Instant},
};

const NODE: Ipv4Addr = Ipv4Addr::new(127, 0, 3, 1);

fn small_disk(test: &str) -> Option<Disk> {
    if !is_root(test) {
        return None;
    }
    match Disk::in_a_file(24) {
        Ok(disk) => Some(disk),
        Err(file) => match Disk::in_memory(8) {
            Ok(disk) => Some(disk),
            Err(memory) => {
                has(test, &format!("a disk of its own: {}; {}", file.trim(), memory.trim()), false);
                None
            }
        },
    }
}

/// Counts until the server says at its local socket that it cannot store anything, and why.
#[track_caller]
fn count_until_unready(server: &Server, counter: &mut Counter, why: &str) -> Duration {
    let begun = Instant::now();
    loop {
        counter.count(1);
        let (status, text) = server.local_get("/readyz");
        if status == 503 {
            assert!(text.contains("nothing could be stored for"), "{text}");
            assert!(text.contains(why), "no {why:?} in {text:?}");
            return begun.elapsed();
        }
        assert!(begun.elapsed() < PATIENCE, "still ready");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_full_disk_costs_no_value_that_was_seen_and_drains_once_it_is_free() {
    let Some(disk) = small_disk("a_full_disk_costs_no_value_that_was_seen_and_drains_once_it_is_free") else {
        return;
    };
    let setup = Setup::new().data_dir(disk.path().join("data"));
    let mut server = setup.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(20);
    wait_until_seen(&setup.db_path(), NODE, 20);

    let filler = disk.fill();
    count_until_unready(&server, &mut counter, "full");
    let before = seen(&setup.db_path(), NODE);
    assert!(before.number >= 20);
    let (status, body) = server.http_get("/readyz");
    assert_eq!((status, body.contains("full")), (503, false), "only the owner hears the reason");
    assert_eq!(server.http_get("/healthz").0, 200);
    let taken = server.metric("poe_frames_total{result=\"valid\"}");
    counter.count(100);
    server.wait_for(|server| server.metric("poe_frames_total{result=\"valid\"}") >= taken + 300.0, PATIENCE);
    assert!(server.metric("poe_rows_waiting") <= 3.0, "only latest values wait");
    assert!(server.metric("poe_commit_failures_total{cause=\"full\"}") > 0.0);
    // A node that nobody knew yet is taken too.
    let mut other = Counter::connect(Ipv4Addr::new(127, 0, 3, 2), server.tcp());
    other.count(5);
    assert!(seen(&setup.db_path(), NODE) >= before, "what was seen stays");

    drop(filler);
    wait_until_seen(&setup.db_path(), NODE, counter.number);
    wait_until_seen(&setup.db_path(), other.address, other.number);
    server.wait_for(|server| server.http_get("/readyz").0 == 200, PATIENCE);
    assert_eq!(server.metric("poe_commit_failures_total{cause=\"other\"}"), 0.0);
    assert!(server.stop().success());
    assert_sound(&setup.db_path());
    assert_sound(&setup.data_path().join("state.db"));
}

#[test]
fn a_server_that_died_on_a_full_disk_starts_there_and_takes_readings() {
    let Some(disk) = small_disk("a_server_that_died_on_a_full_disk_starts_there_and_takes_readings") else {
        return;
    };
    let setup = Setup::new().data_dir(disk.path().join("data"));
    let mut server = setup.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(20);
    wait_until_seen(&setup.db_path(), NODE, 20);
    let filler = disk.fill();
    counter.count(1);
    server.kill();
    let before = seen(&setup.db_path(), NODE);

    let server = setup.start();
    let mut again = Counter::connect(NODE, server.tcp());
    again.number = counter.number;
    again.count(10);
    server.wait_for(|server| server.metric("poe_readings_total") >= 30.0, PATIENCE);
    assert_eq!(server.http_get("/healthz").0, 200);
    assert!(seen(&setup.db_path(), NODE) >= before);
    drop(filler);
    wait_until_seen(&setup.db_path(), NODE, again.number);
}
