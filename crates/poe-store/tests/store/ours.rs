//! A file of ours: what it looks like, and what a restart finds.

use crate::support::{House, beside, query, text};
use poe_wire::SensorKind::{Fire, Humidity, Smoke, Temperature, Water};
use rusqlite::{Connection, types::Value};
use std::{fs, os::unix::fs::PermissionsExt};

const KITCHEN: &str = "10.89.21.188";

#[test]
fn a_new_file_holds_the_table_as_it_was_promised() {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(17, Humidity, 41)]);

    let schema = house.query("SELECT sql FROM sqlite_schema WHERE type = 'table'");
    let [row] = &schema[..] else { panic!("{schema:?}") };
    let Value::Text(sql) = &row[0] else { panic!("{row:?}") };
    let words: Vec<&str> = sql.split_whitespace().collect();
    assert_eq!(
        words.join(" "),
        "CREATE TABLE sensors ( ip_id TEXT PRIMARY KEY NOT NULL, sensor TEXT NOT NULL, \
         value INTEGER NOT NULL, time REAL NOT NULL )"
    );
    assert_eq!(house.query("PRAGMA journal_mode"), [[text("wal")]]);
    assert_eq!(house.query("PRAGMA application_id"), [[Value::Integer(0x706F_6562)]]);
    assert_eq!(
        house.rows(),
        [[text("10.89.21.188_17"), text("HUMIDITY"), Value::Integer(41), Value::Real(1_000.0)]]
    );
}

#[test]
fn the_table_is_for_everyone_and_the_state_for_us_alone() {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(0, Fire, 1)]);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for (path, expected) in [
        (house.table_file.clone(), 0o644),
        (beside(&house.table_file, "-wal"), 0o644),
        (beside(&house.table_file, "-shm"), 0o644),
        (house.state_file(), 0o600),
        (house.state_file().with_file_name("journal.mark"), 0o600),
        (beside(&house.state_file(), "-wal"), 0o600),
        (beside(&house.state_file(), "-shm"), 0o600),
    ] {
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
    assert_eq!(mode(&house.folder.path().join("data")), 0o755);
}

#[test]
fn a_restart_finds_nodes_sensors_and_latest_values() {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(0, Fire, 1), (8, Smoke, 60)]);
    night.record("::1", 1_001, &[(20, Water, 3)]);
    night.record(KITCHEN, 1_002, &[(8, Smoke, 210)]);
    let before = night.store.latest().sensors(0, 100);
    drop(night);

    let night = house.open().unwrap();
    let mut after = night.store.latest().sensors(0, 100);
    after.sort_by_key(|sensor| sensor.key);
    let mut before = before;
    before.sort_by_key(|sensor| sensor.key);
    assert_eq!(after, before);
    assert_eq!((night.building.node_count(), night.building.sensor_count()), (2, 3));
}

#[test]
fn a_sensor_that_was_rebuilt_keeps_its_new_kind() {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(3, Fire, 1)]);
    night.record(KITCHEN, 1_002, &[(3, Temperature, 70)]);
    drop(night);
    let state = Connection::open(house.state_file()).unwrap();
    assert_eq!(query(&state, "SELECT kind FROM sensors"), [[text("TEMPERATURE")]]);
    let night = house.open().unwrap();
    assert_eq!(night.store.latest().sensors(0, 1)[0].kind, Temperature);
}

#[test]
fn opening_again_and_again_changes_nothing() {
    let house = House::new();
    house.open().unwrap().record(KITCHEN, 1_000, &[(0, Fire, 1)]);
    let schema = || {
        let state = Connection::open(house.state_file()).unwrap();
        let mut rows = query(&state, "SELECT type, name, sql FROM sqlite_schema");
        rows.append(&mut query(&state, "PRAGMA user_version"));
        rows.append(&mut query(&state, "SELECT * FROM nodes"));
        rows.append(&mut query(&state, "SELECT * FROM sensors"));
        rows.append(&mut house.query("SELECT type, name, sql FROM sqlite_schema"));
        rows.append(&mut house.rows());
        rows
    };
    let before = schema();
    for _ in 0..3 {
        drop(house.open().unwrap());
    }
    assert_eq!(schema(), before);
}

#[test]
fn a_state_that_was_lost_is_made_anew_from_the_table() {
    let house = House::new();
    house.open().unwrap().record(KITCHEN, 1_000, &[(0, Fire, 1), (8, Smoke, 60)]);
    for ending in ["", "-wal", "-shm"] {
        fs::remove_file(beside(&house.state_file(), ending)).unwrap();
    }
    let night = house.open().unwrap();
    assert_eq!((night.building.node_count(), night.building.sensor_count()), (1, 2));
    assert_eq!(night.store.latest().sensors(0, 1)[0].reading.unwrap().0, 1);
}

#[test]
fn a_table_that_is_behind_the_state_is_filled_by_the_next_reading() {
    // The state is written first, so a crash between the two leaves a sensor without a row.
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(0, Fire, 1)]);
    drop(night);
    Connection::open(&house.table_file).unwrap().execute_batch("DELETE FROM sensors").unwrap();
    let mut night = house.open().unwrap();
    assert_eq!(night.store.latest().sensors(0, 1)[0].reading, None, "known, and without a value");
    night.record(KITCHEN, 1_002, &[(0, Fire, 0)]);
    assert_eq!(house.value("10.89.21.188_0"), Some(0));
}

#[test]
fn an_empty_file_becomes_the_table() {
    // A crash between making the file and making the table leaves this.
    let house = House::new();
    fs::create_dir_all(house.table_file.parent().unwrap()).unwrap();
    fs::write(&house.table_file, "").unwrap();
    fs::write(house.state_file(), "").unwrap();
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(0, Fire, 1)]);
    assert_eq!(house.value("10.89.21.188_0"), Some(1));
}

#[test]
fn a_table_in_our_file_has_one_name_whatever_its_capitals() {
    let mut house = House::new();
    house.open().unwrap().record(KITCHEN, 1_000, &[(0, Fire, 1)]);
    house.table = "SENSORS";
    house.open().unwrap().record(KITCHEN, 1_002, &[(0, Fire, 0)]);
    assert_eq!(house.value("10.89.21.188_0"), Some(0));
}

#[test]
fn a_row_that_somebody_deleted_comes_back_with_the_next_reading() {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(0, Fire, 1), (1, Fire, 1)]);
    house.query("DELETE FROM sensors WHERE ip_id = '10.89.21.188_0'");
    assert_eq!(house.value("10.89.21.188_0"), None);
    night.record(KITCHEN, 1_002, &[(0, Fire, 1), (1, Fire, 0)]);
    assert_eq!(house.value("10.89.21.188_0"), Some(1));
    assert_eq!(house.value("10.89.21.188_1"), Some(0));
}

#[test]
fn rows_that_somebody_renumbered_are_still_found() {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(0, Fire, 1), (1, Fire, 1)]);
    // Each row has now the number that the other one had.
    house.query("UPDATE sensors SET rowid = -rowid");
    house.query("UPDATE sensors SET rowid = 3 + rowid");
    night.record(KITCHEN, 1_002, &[(0, Fire, 0), (1, Fire, 5)]);
    assert_eq!((house.value("10.89.21.188_0"), house.value("10.89.21.188_1")), (Some(0), Some(5)));
    assert_eq!(house.rows().len(), 2);
}

#[test]
fn columns_that_others_added_to_our_table_keep_their_values() {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(0, Fire, 1)]);
    house.query("ALTER TABLE sensors ADD COLUMN note TEXT");
    house.query("UPDATE sensors SET note = 'above the stove'");
    night.record(KITCHEN, 1_002, &[(0, Fire, 0)]);
    drop(night);
    house.open().unwrap().record(KITCHEN, 1_004, &[(0, Fire, 1)]);
    assert_eq!(
        house.query("SELECT value, note FROM sensors"),
        [[Value::Integer(1), text("above the stove")]]
    );
}
