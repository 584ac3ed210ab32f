//! What the check in the background finds.

use crate::support::{House, query};
use poe_store::check_integrity;
use poe_wire::SensorKind::Fire;
use rusqlite::{Connection, types::Value};
use std::{fs, os::unix::fs::FileExt, path::Path};

/// Zeroes the first page of a table or an index.
fn damage(file: &Path, name: &str) {
    let sql = format!("SELECT rootpage FROM sqlite_schema WHERE name = '{name}'");
    let page = match query(&Connection::open(file).unwrap(), &sql)[0][0] {
        Value::Integer(page) => page as u64,
        ref other => panic!("{other:?}"),
    };
    let file = fs::OpenOptions::new().write(true).open(file).unwrap();
    file.write_all_at(&[0; 4_096], (page - 1) * 4_096).unwrap();
}

#[test]
fn a_sound_file_is_sound_and_damage_is_told_in_one_line() {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record("10.0.0.1", 1_000, &[(0, Fire, 1)]);
    for (file, table) in [(&house.table_file, Some("sensors")), (&house.state_file(), None)] {
        assert_eq!(check_integrity(file, table).unwrap(), None);
    }
    drop(night);
    damage(&house.table_file, "sqlite_autoindex_sensors_1");
    let found = check_integrity(&house.table_file, Some("sensors")).unwrap().unwrap();
    assert!(found.contains("page") && !found.contains('\n'), "{found}");
}

#[test]
fn a_damaged_schema_is_damage_too() {
    let house = House::new();
    house.open().unwrap().record("10.0.0.1", 1_000, &[(0, Fire, 1)]);
    let file = fs::OpenOptions::new().write(true).open(&house.table_file).unwrap();
    file.write_all_at(&[0; 1_000], 100).unwrap();
    let found = check_integrity(&house.table_file, Some("sensors")).unwrap().unwrap();
    assert!(found.contains("malformed"), "{found}");
}

#[test]
fn only_our_table_of_a_site_is_checked() {
    // The check keeps the site from writing, so it must not read all of what may be a large file.
    let house = House::with_file_of_another(
        "sensors",
        "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL);
         CREATE TABLE guests (name TEXT);
         INSERT INTO guests VALUES ('porter')",
    );
    house.open().unwrap().record("10.0.0.1", 1_000, &[(0, Fire, 1)]);
    damage(&house.table_file, "guests");
    assert_eq!(check_integrity(&house.table_file, Some("sensors")).unwrap(), None);
    damage(&house.table_file, "sensors");
    assert!(check_integrity(&house.table_file, Some("sensors")).unwrap().is_some());
}
