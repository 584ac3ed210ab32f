//! Another program holds the file.

use crate::{
    counter::{Counter, seen, seen_in, wait_until_seen},
    flood::Flood,
    ground::long_tests,
    support::{PATIENCE, Server, Setup},
};
use rusqlite::Connection;
use std::{
    net::Ipv4Addr,
    thread,
    time::{Duration, Instant},
};

const NODE: Ipv4Addr = Ipv4Addr::new(127, 0, 4, 1);

fn lock_time() -> Duration {
    Duration::from_secs(if long_tests() { 60 } else { 7 })
}

/// A node counts, for as long as the lock is held. The server becomes unready after 5 s and tells its owner why.
#[track_caller]
fn count_while_locked(server: &Server, counter: &mut Counter) {
    let begun = Instant::now();
    let mut unready = None;
    while begun.elapsed() < lock_time() {
        counter.count(1);
        let (status, text) = server.local_get("/readyz");
        if status == 503 {
            unready.get_or_insert(begun.elapsed());
            assert!(text.contains("locked"), "{text}");
        }
        thread::sleep(Duration::from_millis(20));
    }
    let unready = unready.expect("it was unready");
    assert!((4.5..=6.5).contains(&unready.as_secs_f64()), "unready after {unready:?}");
    assert_eq!(server.http_get("/healthz").0, 200);
    assert!(server.metric("poe_rows_waiting") <= 3.0, "only latest values wait");
    let stderr = server.stderr();
    assert!(stderr.matches("ERROR").count() <= 1, "said once, not with every try: {stderr}");
}

#[test]
fn latest_values_wait_for_a_locked_table_and_arrive_by_themselves() {
    let server = Server::start(&[]);
    let file = server.setup().db_path();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(3);
    wait_until_seen(&file, NODE, 3);

    let holder = Connection::open(&file).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let locked_at = seen(&file, NODE);
    count_while_locked(&server, &mut counter);
    assert_eq!(seen(&file, NODE), locked_at);
    holder.execute_batch("COMMIT").unwrap();

    let unlocked = Instant::now();
    wait_until_seen(&file, NODE, counter.number);
    assert!(unlocked.elapsed() < Duration::from_secs(10), "{:?}", unlocked.elapsed());
    server.wait_for(|server| server.http_get("/readyz").0 == 200, PATIENCE);
}

#[test]
fn a_reader_in_a_file_without_a_log_only_delays() {
    let setup = Setup::new();
    let site = setup.scratch().join("site.db");
    Connection::open(&site)
        .unwrap()
        .execute_batch(
            "CREATE TABLE myapp_sensors_table (id INTEGER PRIMARY KEY AUTOINCREMENT, ip_id varchar(50) NOT NULL UNIQUE,
                 sensor varchar(50) NOT NULL, value integer NOT NULL, time real NOT NULL, status TEXT NOT NULL)",
        )
        .unwrap();
    let mut server = setup.db(&site).args(["--table", "myapp_sensors_table"]).start();
    let reader = Connection::open(&site).unwrap();
    let wait_for = |number| {
        let begun = Instant::now();
        while seen_in(&Connection::open(&site).unwrap(), "myapp_sensors_table", NODE).number != number {
            assert!(begun.elapsed() < PATIENCE);
            thread::sleep(Duration::from_millis(10));
        }
    };
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(3);
    wait_for(3);

    reader.execute_batch("BEGIN; SELECT count(*) FROM myapp_sensors_table").unwrap();
    count_while_locked(&server, &mut counter);
    reader.execute_batch("COMMIT").unwrap();
    wait_for(counter.number);
    server.wait_for(|server| server.http_get("/readyz").0 == 200, PATIENCE);
    assert!(server.stop().success());
    let mode: String = reader.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
}

#[test]
fn a_reader_that_does_not_end_makes_the_log_grow_and_holds_nobody_up() {
    let server = Server::start(&[]);
    let file = server.setup().db_path();
    let mut flood = Flood::start(server.tcp(), 0);
    flood.wait_until_seen(&file);
    let reader = Connection::open(&file).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM sensors").unwrap();
    let bytes = |server: &Server| server.metric("poe_wal_bytes{file=\"table\"}");
    let grown = 20e6;
    let begun = Instant::now();
    while bytes(&server) < grown {
        flood.send();
        thread::sleep(Duration::from_millis(5));
        assert!(begun.elapsed() < PATIENCE, "{}", bytes(&server));
    }
    flood.wait_until_seen(&file);
    assert_eq!(server.http_get("/readyz").0, 200);

    reader.execute_batch("COMMIT").unwrap();
    let begun = Instant::now();
    while bytes(&server) >= grown {
        flood.send();
        thread::sleep(Duration::from_millis(5));
        assert!(begun.elapsed() < PATIENCE, "the log stays long: {}", bytes(&server));
    }
    flood.wait_until_seen(&file);
    assert_eq!(server.metric("poe_commit_failures_total{cause=\"busy\"}"), 0.0);
}

#[test]
fn a_file_that_stays_locked_at_the_start_is_named() {
    let setup = Setup::new();
    let site = setup.scratch().join("site.db");
    let holder = Connection::open(&site).unwrap();
    holder
        .execute_batch(
            "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL); BEGIN EXCLUSIVE",
        )
        .unwrap();
    let ended = setup.db(&site).try_start().unwrap_err();
    assert!(!ended.status.success());
    assert!(ended.stderr.contains("site.db is locked by another program"), "{}", ended.stderr);
}

#[test]
fn a_stop_while_the_table_is_locked_ends_in_time_and_says_what_was_not_stored() {
    let mut server = Server::start(&[]);
    let file = server.setup().db_path();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(3);
    wait_until_seen(&file, NODE, 3);
    let holder = Connection::open(&file).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    counter.count(3);
    counter.wait_until_acknowledged();

    let begun = Instant::now();
    let status = server.stop();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(status.code(), Some(1));
    let stderr = server.stderr();
    let last = stderr.lines().last().unwrap();
    for word in ["error: ", "3 latest values could not be stored", "poe.db", "locked"] {
        assert!(last.contains(word), "no {word:?} in {stderr}");
    }
    holder.execute_batch("COMMIT").unwrap();
    assert_eq!(seen(&file, NODE).number, 3);
}

#[test]
fn a_value_that_waits_behind_another_of_its_sensor_is_not_counted_twice() {
    let mut server = Server::start(&[]);
    let file = server.setup().db_path();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(3);
    wait_until_seen(&file, NODE, 3);
    let holder = Connection::open(&file).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    counter.count(1);
    let begun = Instant::now();
    while server.metric("poe_commit_failures_total{cause=\"busy\"}") < 1.0 {
        assert!(begun.elapsed() < PATIENCE, "nobody waits for the table");
        thread::sleep(Duration::from_millis(5));
    }
    counter.count(1);
    counter.wait_until_acknowledged();
    assert_eq!(server.stop().code(), Some(1));
    server.check_told("error: 3 latest values could not be stored");
}

#[test]
fn a_lock_that_ends_during_a_stop_lets_everything_be_stored() {
    let mut server = Server::start(&[]);
    let file = server.setup().db_path();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(3);
    wait_until_seen(&file, NODE, 3);
    let holder = Connection::open(&file).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    counter.count(5);
    counter.wait_until_acknowledged();
    server.signal(nix::sys::signal::Signal::SIGTERM);
    thread::sleep(Duration::from_secs(1));
    holder.execute_batch("COMMIT").unwrap();
    assert!(server.wait().success());
    assert_eq!(seen(&file, NODE).number, counter.number);
}
