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

#[test]
fn a_file_that_is_opened_again_keeps_the_locks_of_the_check() {
    // A process loses its locks on a file when it closes the file anywhere, and SQLite alone knows how to avoid it.
    let house = House::with_file_of_another(
        "sensors",
        "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL)",
    );
    let mut night = house.open().unwrap();
    night.record("10.0.0.1", 1_000, &[(0, Fire, 1)]);
    let before = house.folder.path().join("before.db");
    let other = house.folder.path().join("other.db");
    let check = Connection::open(&other).unwrap();
    check.execute_batch("CREATE TABLE guests (name TEXT); BEGIN; SELECT * FROM guests").unwrap();
    assert!(is_locked_by_us(&other));

    // Not even a file that does not fit may lose them. One that fits is written to, and then locked anew.
    fs::rename(&house.table_file, &before).unwrap();
    fs::rename(&other, &house.table_file).unwrap();
    night.read("10.0.0.1", 1_002, &[(0, Fire, 0)]);
    night.commit().unwrap_err();
    assert!(is_locked_by_us(&house.table_file), "the check reads on without its lock");

    fs::rename(&before, &house.table_file).unwrap();
    night.commit().unwrap();
    assert_eq!(house.value("10.0.0.1_0"), Some(0));
}

/// Whether this process holds a POSIX lock on the file.
fn is_locked_by_us(file: &Path) -> bool {
    let inode = format!(":{} ", std::os::unix::fs::MetadataExt::ino(&fs::metadata(file).unwrap()));
    let pid = format!(" {} ", std::process::id());
    let is_listed = || {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        locks.lines().any(|lock| lock.contains("POSIX") && lock.contains(&pid) && lock.contains(&inode))
    };
    // A long list is read in pieces, and one that changes in between may lack a line.
    (0..50).any(|_| is_listed())
}

#[test]
fn a_file_that_came_back_as_something_else_is_left_as_it_is() {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record("10.0.0.1", 1_000, &[(0, Fire, 1)]);
    for ending in ["", "-wal", "-shm"] {
        fs::remove_file(crate::support::beside(&house.table_file, ending)).unwrap();
    }
    fs::write(&house.table_file, "a letter").unwrap();
    night.read("10.0.0.1", 1_002, &[(0, Fire, 0)]);
    let error = night.commit().unwrap_err();
    let told = std::error::Error::source(&error).unwrap().to_string();
    assert!(told.contains("not an SQLite database"), "{told}");
    assert_eq!(fs::read(&house.table_file).unwrap(), b"a letter");

    fs::remove_file(&house.table_file).unwrap();
    night.commit().unwrap();
    assert_eq!(house.value("10.0.0.1_0"), Some(0));
}
