//! Files of older programs: brought up to date as a copy, and kept.

use crate::{
    sample::{commit, entries},
    support::{House, beside},
};
use poe_store::verify;
use rusqlite::Connection;
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
};

/// A house as the program with the second schema has left it: with a node, a sensor and so many entries.
fn of_the_second(count: u64) -> House {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &entries(1..=count));
    store.close();
    let state = Connection::open(house.state_file()).unwrap();
    state
        .execute_batch(
            "INSERT INTO nodes (id, address, first_seen_us) VALUES (1, '10.0.0.7', 5);
             INSERT INTO sensors (node, id, kind, first_seen_us) VALUES (1, 3, 'SMOKE', 5);
             ALTER TABLE nodes DROP COLUMN approved;
             ALTER TABLE model DROP COLUMN enrolment;
             DROP TABLE plan_zones; DROP TABLE plan_placements; DROP TABLE plans;
             DROP TABLE sessions; DROP TABLE tokens; DROP TABLE users;
             PRAGMA user_version = 2",
        )
        .unwrap();
    house
}

fn version(path: &std::path::Path) -> i64 {
    Connection::open(path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[test]
fn an_older_state_is_brought_up_to_date_and_kept() {
    let house = of_the_second(9);
    assert_eq!(verify(&house.data()).unwrap().entries, 9, "it can be verified before");
    let (store, known) = house.store();
    assert_eq!((known.nodes.len(), known.sensors.len(), known.next.seq), (1, 1, 10));
    store.close();
    assert_eq!(verify(&house.data()).unwrap().entries, 9, "and after");
    let kept = house.data().join("state.db.v2");
    assert_eq!((version(&kept), version(&house.state_file())), (2, 3));
    for path in [&kept, &house.state_file()] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(!house.data().join("state.db.upgrading").exists());
    let before = fs::read(&kept).unwrap();
    drop(house.store());
    assert_eq!(fs::read(&kept).unwrap(), before, "once");
    assert!(!house.data().join("state.db.v2.2").exists());
}

#[test]
fn the_way_back_and_forth_keeps_every_old_file() {
    let house = of_the_second(9);
    drop(house.store());
    let kept = house.data().join("state.db.v2");
    // The older program goes on with what was kept.
    for ending in ["-wal", "-shm"] {
        fs::remove_file(beside(&house.state_file(), ending)).ok();
    }
    fs::copy(&kept, house.state_file()).unwrap();
    Connection::open(house.state_file()).unwrap().execute("UPDATE nodes SET first_seen_us = 6", []).unwrap();
    drop(house.store());
    let first_seen = |name: &str| {
        let connection = Connection::open(house.data().join(name)).unwrap();
        connection.query_row("SELECT first_seen_us FROM nodes", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!((first_seen("state.db.v2"), first_seen("state.db.v2.2")), (5, 6));
}

#[test]
fn what_is_only_in_the_log_comes_along() {
    let house = of_the_second(3);
    let writer = Connection::open(house.state_file()).unwrap();
    writer.pragma_update(None, "journal_mode", "WAL").unwrap();
    writer.execute("INSERT INTO nodes (id, address, first_seen_us) VALUES (2, '10.0.0.8', 7)", []).unwrap();
    // A server that was killed leaves its log.
    let killed = House::new();
    fs::create_dir_all(killed.data()).unwrap();
    for name in ["state.db", "state.db-wal", "journal.mark", "poe.db"] {
        fs::copy(house.data().join(name), killed.data().join(name)).unwrap();
    }
    assert!(fs::metadata(killed.data().join("state.db-wal")).unwrap().len() > 0);
    assert_eq!(killed.store().1.nodes.len(), 2);
    let kept = Connection::open(killed.data().join("state.db.v2")).unwrap();
    assert_eq!(kept.query_row("SELECT count(*) FROM nodes", [], |row| row.get::<_, i64>(0)).unwrap(), 2);
}

#[test]
fn what_cannot_be_carried_over_is_left_as_it_is() {
    let house = of_the_second(3);
    let state = Connection::open(house.state_file()).unwrap();
    state.execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO sensors VALUES (77, 1, 'SMOKE', 5)").unwrap();
    drop(state);
    check_left_alone(&house, "a row of sensors belongs to one of nodes that is not there");
    // A step that fails: what it makes is already there.
    let house = of_the_second(3);
    Connection::open(house.state_file()).unwrap().execute_batch("CREATE TABLE users (name)").unwrap();
    check_left_alone(&house, "table users already exists");
}

#[track_caller]
fn check_left_alone(house: &House, why: &str) {
    let before = fs::read(house.state_file()).unwrap();
    let refused = house.refusal();
    let words = format!("has schema version 2 and cannot be brought up to date: {why}; it was left as it is");
    assert!(refused.contains(&words), "{refused}");
    assert_eq!(fs::read(house.state_file()).unwrap(), before);
    let names = fs::read_dir(house.data()).unwrap().flatten().map(|entry| entry.file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with("state.db.")).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(verify(&house.data()).unwrap().entries, 3);
}

#[test]
fn a_crash_at_any_step_leaves_the_old_file_or_the_new_one() {
    // Half a copy.
    let house = of_the_second(4);
    fs::write(house.data().join("state.db.upgrading"), "half a copy").unwrap();
    fs::write(house.data().join("state.db.upgrading-wal"), "half a log").unwrap();
    drop(house.store());
    assert_eq!(version(&house.state_file()), 3);
    assert!(!house.data().join("state.db.upgrading-wal").exists());

    // The old one has its second name, and the new one is not in its place yet.
    let house = of_the_second(4);
    fs::hard_link(house.state_file(), house.data().join("state.db.v2")).unwrap();
    fs::copy(house.state_file(), house.data().join("state.db.upgrading")).unwrap();
    drop(house.store());
    assert_eq!(version(&house.state_file()), 3);
    assert_eq!(version(&house.data().join("state.db.v2")), 2);
    assert!(!house.data().join("state.db.v2.2").exists(), "it is kept once");
    assert_eq!(verify(&house.data()).unwrap().entries, 4);
}

#[test]
fn somebody_who_reads_the_old_file_is_waited_for_and_then_told() {
    let house = of_the_second(4);
    let reader = Connection::open(house.state_file()).unwrap();
    reader.pragma_update(None, "journal_mode", "WAL").unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM nodes").unwrap();
    let writer = Connection::open(house.state_file()).unwrap();
    writer.execute("UPDATE nodes SET first_seen_us = 9", []).unwrap();
    let refused = house.refusal();
    assert!(refused.contains("is locked by another program"), "{refused}");
    drop((reader, writer));
    drop(house.store());
    assert_eq!(version(&house.state_file()), 3);
}

/// `nobody`: a server that does not run as root.
const ANOTHER: u32 = 65_534;

#[track_caller]
fn check_that_all_is_theirs(house: &House) {
    for entry in fs::read_dir(house.data()).unwrap().flatten() {
        let file = entry.metadata().unwrap();
        assert_eq!((file.uid(), file.gid()), (ANOTHER, ANOTHER), "{}", entry.path().display());
    }
}

#[test]
fn what_root_makes_in_the_folder_of_a_server_is_the_server_s() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: only root can give files away");
        return;
    }
    let new = House::new();
    fs::create_dir(new.data()).unwrap();
    chown(new.data(), Some(ANOTHER), Some(ANOTHER)).unwrap();
    let (mut store, _) = new.store();
    commit(&mut store, &entries(1..=3));
    check_that_all_is_theirs(&new);
    store.close();
    check_that_all_is_theirs(&new);

    let old = of_the_second(3);
    chown(old.data(), Some(ANOTHER), Some(ANOTHER)).unwrap();
    for entry in fs::read_dir(old.data()).unwrap().flatten() {
        chown(entry.path(), Some(ANOTHER), Some(ANOTHER)).unwrap();
    }
    fs::remove_file(old.data().join("journal.mark")).unwrap();
    let (mut store, _) = old.store();
    commit(&mut store, &entries(4..=5));
    assert_eq!(version(&old.state_file()), 3);
    assert!(old.data().join("state.db.v2").exists() && old.data().join("journal.mark").exists());
    check_that_all_is_theirs(&old);
}
