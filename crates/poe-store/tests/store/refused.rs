//! What cannot be opened is refused with one clear line, and stays as it was to the last byte.

use crate::support::{House, beside, fingerprint, query};
use poe_wire::SensorKind::{Fire, Smoke};
use rusqlite::Connection;
use std::{fs, os::unix::fs::FileExt, path::Path};

const PAGE: usize = 4_096;

/// Tries to open the house and expects a refusal with these words, and not a byte changed.
#[track_caller]
fn check_refused(house: &House, words: &[&str]) {
    // A first try may make what is missing of ours, but nothing that was there before may change.
    let before = fingerprint(house.folder.path());
    let refusal = house.refusal();
    for word in words {
        assert!(refusal.contains(word), "no {word:?} in: {refusal}");
    }
    let after = fingerprint(house.folder.path());
    for (path, hash) in before {
        assert_eq!(after.get(&path), Some(&hash), "{} was changed", path.display());
    }
}

/// A file of ours with some 200 pages in it.
fn full_house() -> House {
    let house = House::new();
    let mut night = house.open().unwrap();
    for node in 0..400 {
        let address = format!("10.0.{}.{}", node / 200, node % 200 + 1);
        let readings: Vec<_> = (0..21).map(|id| (id, Smoke, 60)).collect();
        night.read(&address, 1_000, &readings);
    }
    night.commit().unwrap();
    night.store.close();
    house
}

fn overwrite(path: &Path, at: usize, bytes: &[u8]) {
    fs::OpenOptions::new().write(true).open(path).unwrap().write_all_at(bytes, at as u64).unwrap();
}

#[test]
fn a_required_column_that_readings_cannot_fill_is_named() {
    let house = House::with_file_of_another(
        "sensors",
        "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL, building TEXT NOT NULL)",
    );
    check_refused(&house, &["site.db", "\"sensors\"", "\"building\"", "default"]);
}

#[test]
fn an_ip_id_that_may_come_twice_is_refused() {
    for sql in [
        "CREATE TABLE sensors (ip_id TEXT, sensor TEXT, value INTEGER, time REAL)",
        "CREATE TABLE sensors (ip_id TEXT, sensor TEXT, value INTEGER, time REAL);
         CREATE INDEX i ON sensors (ip_id)",
        "CREATE TABLE sensors (ip_id TEXT, sensor TEXT, value INTEGER, time REAL, PRIMARY KEY (ip_id, sensor))",
        "CREATE TABLE sensors (ip_id TEXT, sensor TEXT, value INTEGER, time REAL);
         CREATE UNIQUE INDEX i ON sensors (ip_id) WHERE value > 0",
        "CREATE TABLE sensors (ip_id TEXT, sensor TEXT, value INTEGER, time REAL);
         CREATE UNIQUE INDEX i ON sensors (lower(ip_id))",
    ] {
        let house = House::with_file_of_another("sensors", sql);
        check_refused(&house, &["\"ip_id\"", "UNIQUE"]);
    }
}

#[test]
fn a_missing_column_is_named() {
    let house = House::with_file_of_another(
        "sensors",
        "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER)",
    );
    check_refused(&house, &["\"time\"", "ip_id, sensor, value and time"]);
}

#[test]
fn no_table_is_made_in_a_file_of_another_program() {
    let house = House::with_file_of_another("sensors", "CREATE TABLE guests (name TEXT)");
    check_refused(&house, &["no table \"sensors\"", "--table"]);
}

#[test]
fn a_view_takes_no_readings() {
    let house = House::with_file_of_another(
        "sensors",
        "CREATE TABLE t (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL);
         CREATE VIEW sensors AS SELECT * FROM t",
    );
    check_refused(&house, &["it is a view"]);
}

#[test]
fn a_letter_is_no_database() {
    let house = House::new();
    fs::create_dir_all(house.table_file.parent().unwrap()).unwrap();
    for content in ["Dear Sir or Madam, I am writing to you because of the smoke in the kitchen.", "SQLite"] {
        fs::write(&house.table_file, content).unwrap();
        check_refused(&house, &["poe.db", "not an SQLite database"]);
    }
    fs::remove_file(&house.table_file).unwrap();
    fs::write(house.state_file(), "a letter").unwrap();
    check_refused(&house, &["state.db", "not an SQLite database"]);
}

#[test]
fn a_folder_is_no_database() {
    let house = House::new();
    fs::create_dir_all(&house.table_file).unwrap();
    check_refused(&house, &["poe.db", "directory"]);
}

#[test]
fn a_file_for_a_data_folder_is_named() {
    let house = House::new();
    fs::write(house.folder.path().join("data"), "").unwrap();
    check_refused(&house, &["data folder", "data"]);
}

#[test]
fn a_zeroed_first_page_is_damage() {
    for file in ["poe.db", "state.db"] {
        let house = full_house();
        overwrite(&house.folder.path().join("data").join(file), 100, &[0; PAGE - 100]);
        check_refused(&house, &[file, "damaged", "backup"]);
    }
}

#[test]
fn a_zeroed_page_of_the_table_is_damage() {
    let house = full_house();
    // The table's root.
    let root = house.query("SELECT rootpage FROM sqlite_schema WHERE name = 'sensors'");
    let [[rusqlite::types::Value::Integer(root)]] = [[root[0][0].clone()]] else { panic!("{root:?}") };
    overwrite(&house.table_file, (root as usize - 1) * PAGE, &[0; PAGE]);
    check_refused(&house, &["poe.db", "damaged", "backup"]);
}

#[test]
fn a_truncated_file_is_damage() {
    let house = full_house();
    for file in [&house.table_file, &house.state_file()] {
        let whole = fs::read(file).unwrap();
        for length in [PAGE * 3, PAGE + 100, 100, 16] {
            fs::write(file, &whole[..length]).unwrap();
            check_refused(&house, &[file.file_name().unwrap().to_str().unwrap()]);
        }
        fs::write(file, whole).unwrap();
    }
    house.open().unwrap();
}

#[test]
fn a_flipped_bit_anywhere_in_the_header_empties_nothing() {
    let house = full_house();
    let whole = fs::read(&house.table_file).unwrap();
    for at in 0..100 {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&house.table_file, &bytes).unwrap();
        for ending in ["-wal", "-shm"] {
            fs::remove_file(beside(&house.table_file, ending)).ok();
        }
        match house.open() {
            // Many bits mean nothing to a reader, and what they say is repaired by the next commit.
            Ok(night) => assert_eq!(night.store.latest().sensor_count(), 400 * 21, "byte {at}"),
            Err(error) => assert!(!error.to_string().contains('\n'), "byte {at}: {error}"),
        }
    }
}

#[test]
fn a_log_without_its_file_is_not_thrown_away() {
    // SQLite removes a log whose file is empty, and with it everything that was only there.
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record("10.0.0.1", 1_000, &[(0, Fire, 1)]);
    let wal = fs::read(house.wal()).unwrap();
    drop(night);
    assert!(!wal.is_empty());
    fs::write(house.wal(), &wal).unwrap();
    fs::write(&house.table_file, "").unwrap();
    check_refused(&house, &["poe.db", "its log", "poe.db-wal"]);
    fs::remove_file(&house.table_file).unwrap();
    check_refused(&house, &["poe.db", "its log", "poe.db-wal"]);
    assert!(!house.table_file.exists());
}

#[test]
fn a_state_that_contradicts_itself_is_damage() {
    for sql in [
        "UPDATE nodes SET address = 'the kitchen'",
        "UPDATE sensors SET kind = 'LIGHT'",
        "PRAGMA foreign_keys = 0; DELETE FROM nodes",
        "PRAGMA user_version = -1",
    ] {
        let house = House::new();
        house.open().unwrap().record("10.0.0.1", 1_000, &[(0, Fire, 1)]);
        Connection::open(house.state_file()).unwrap().execute_batch(sql).unwrap();
        check_refused(&house, &["state.db", "damaged"]);
    }
}

#[test]
fn a_state_of_a_newer_program_is_refused() {
    let house = House::new();
    house.open().unwrap().record("10.0.0.1", 1_000, &[(0, Fire, 1)]);
    Connection::open(house.state_file()).unwrap().execute_batch("PRAGMA user_version = 1000").unwrap();
    check_refused(&house, &["state.db", "schema version 1000", "newer"]);
}

#[test]
fn a_table_named_like_a_word_of_sql_is_no_riddle() {
    let house = House::with_file_of_another(
        "order",
        "CREATE TABLE \"order\" (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL)",
    );
    house.open().unwrap().record("10.0.0.1", 1_000, &[(0, Fire, 1)]);
    assert_eq!(house.query("SELECT value FROM \"order\"").len(), 1);
}

#[test]
fn a_table_in_our_own_file_may_be_named_like_a_word_of_sql_too() {
    let mut house = House::new();
    house.table = "order";
    for at in [1_000, 1_002] {
        house.open().unwrap().record("10.0.0.1", at, &[(0, Fire, 1)]);
    }
    assert_eq!(house.query("SELECT value FROM \"order\"").len(), 1);
}

#[test]
fn a_name_that_sqlite_keeps_for_itself_is_refused_without_the_statement() {
    let mut house = House::new();
    house.table = "sqlite_sensors";
    let refusal = house.refusal();
    assert!(refusal.contains("reserved for internal use"), "{refusal}");
    assert!(!refusal.contains("CREATE"), "{refusal}");
}

#[test]
fn a_file_of_the_server_cannot_hold_the_table() {
    let mut house = House::new();
    let data = house.folder.path().join("data");
    let detour = house.folder.path().join("detour");
    fs::create_dir_all(&data).unwrap();
    std::os::unix::fs::symlink(&data, &detour).unwrap();
    let files = || fs::read_dir(&data).unwrap().count();
    for name in ["state.db", "state.db-wal", "state.db-shm", "state.db-journal", "journal.mark", "poe.lock"] {
        for way in [data.clone(), data.join("../data"), detour.clone()] {
            house.table_file = way.join(name);
            check_refused(&house, &[name, "server's own", "--db"]);
            assert_eq!(files(), 1, "only the lock is made");
        }
    }

    // The same once the file is there, and by another of its names.
    house.table_file = data.join("poe.db");
    house.open().unwrap().record("10.0.0.1", 1_000, &[(0, Fire, 1)]);
    house.table_file = house.state_file();
    check_refused(&house, &["server's own"]);
    for (at, link) in ["hard.db", "soft.db"].into_iter().enumerate() {
        house.table_file = house.folder.path().join(link);
        if at == 0 {
            fs::hard_link(house.state_file(), &house.table_file).unwrap();
        } else {
            std::os::unix::fs::symlink(house.state_file(), &house.table_file).unwrap();
        }
        check_refused(&house, &["server's own"]);
    }
    let state = Connection::open(house.state_file()).unwrap();
    assert_eq!(query(&state, "PRAGMA application_id"), [[rusqlite::types::Value::Integer(0)]], "not marked");

    // A file of that name elsewhere is no business of ours.
    let elsewhere = house.folder.path().join("elsewhere");
    house.table_file = elsewhere.join("state.db");
    assert!(
        house.refusal().to_string().contains("elsewhere/state.db"),
        "no folder is made for a mistyped path"
    );
    fs::create_dir(&elsewhere).unwrap();
    house.open().unwrap();
}

#[test]
fn a_pipe_is_no_database_and_nobody_waits_for_it() {
    let house = House::new();
    fs::create_dir_all(house.table_file.parent().unwrap()).unwrap();
    nix::unistd::mkfifo(&house.table_file, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let refusal = house.refusal();
    assert!(refusal.contains("poe.db") && refusal.contains("not a regular file"), "{refusal}");
}
