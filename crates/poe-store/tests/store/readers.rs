//! Other programs at the same files: long readers, locks, other users.

use crate::support::{House, Night, query, text};
use nix::unistd::{Gid, Uid, setfsgid, setfsuid};
use poe_store::Cause;
use poe_wire::SensorKind::{Fire, Smoke};
use rusqlite::{Connection, OpenFlags};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

const KITCHEN: &str = "10.89.21.188";
const PAGE: u64 = 4_096;

/// All sensors of some large nodes read and are stored, each round other values, so that many pages change.
#[track_caller]
fn record_all(night: &mut Night, round: u64) {
    let readings: Vec<_> = (0..=255).map(|id| (id, Smoke, (round % 150) as u8)).collect();
    for node in 170..190 {
        night.read(&format!("10.89.21.{node}"), 1_000 + round as i64, &readings);
    }
    night.commit().unwrap();
}

#[test]
fn a_long_reader_makes_the_log_grow_and_its_end_makes_it_short_again() {
    let house = House::new();
    let mut night = house.open().unwrap();
    record_all(&mut night, 0);
    let reader = Connection::open(&house.table_file).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM sensors").unwrap();

    let mut round = 0;
    while house.wal_bytes() < 6_000 * PAGE {
        round += 1;
        record_all(&mut night, round);
        assert!(round < 5_000, "the log does not grow: {} bytes", house.wal_bytes());
    }
    assert_eq!(house.value("10.89.21.188_255"), Some((round % 150) as i64), "new readers see new values");
    let sql = "SELECT value FROM sensors WHERE ip_id = '10.89.21.188_255'";
    assert_eq!(query(&reader, sql), [[rusqlite::types::Value::Integer(0)]], "the old one sees its own");

    reader.execute_batch("COMMIT").unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while house.wal_bytes() > 4_200 * (PAGE + 24) {
        round += 1;
        record_all(&mut night, round);
        assert!(Instant::now() < deadline, "the log stays long: {} bytes", house.wal_bytes());
        thread::sleep(Duration::from_millis(5));
    }
    drop((reader, night));
    assert_eq!(house.wal_bytes(), 0);
    assert_eq!(house.value("10.89.21.188_255"), Some((round % 150) as i64));
}

#[test]
fn no_commit_moves_the_log_into_the_file() {
    let house = House::new();
    let mut night = house.open().unwrap();
    record_all(&mut night, 0);
    let file = || fs::metadata(&house.table_file).map(|file| (file.len(), file.modified().unwrap())).unwrap();
    let before = file();
    let mut round = 0;
    // SQLite by itself would do it in the commit that passes 1000 pages.
    while house.wal_bytes() < 2_000 * PAGE {
        round += 1;
        record_all(&mut night, round);
        assert!(round < 5_000);
    }
    assert_eq!(file(), before);
}

#[test]
fn a_lock_delays_a_commit_and_loses_nothing() {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(0, Fire, 1)]);
    let table = Connection::open(&house.table_file).unwrap();
    let state = Connection::open(house.state_file()).unwrap();
    table.execute_batch("BEGIN IMMEDIATE").unwrap();
    state.execute_batch("BEGIN IMMEDIATE").unwrap();

    night.read(KITCHEN, 1_002, &[(0, Fire, 0)]);
    night.read("10.89.21.189", 1_002, &[(0, Fire, 1)]);
    let begun = Instant::now();
    let error = night.commit().unwrap_err();
    assert_eq!((error.cause, error.path.ends_with("state.db")), (Cause::Busy, true));
    assert!(begun.elapsed() < Duration::from_secs(2), "it must notice a stop");

    state.execute_batch("COMMIT").unwrap();
    let error = night.commit().unwrap_err();
    assert_eq!((error.cause, error.path.ends_with("poe.db")), (Cause::Busy, true));
    assert_eq!(night.store.latest().node_count(), 1, "nothing is shown that is not stored");
    night.read(KITCHEN, 1_004, &[(0, Fire, 7)]);

    table.execute_batch("COMMIT").unwrap();
    night.commit().unwrap();
    assert_eq!(house.value("10.89.21.188_0"), Some(7));
    assert_eq!(house.value("10.89.21.189_0"), Some(1));
}

#[test]
fn a_locked_state_does_not_keep_known_sensors_from_the_table() {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(0, Fire, 1)]);
    let state = Connection::open(house.state_file()).unwrap();
    state.execute_batch("BEGIN IMMEDIATE").unwrap();
    // A flame would be an alarm, which belongs there.
    night.record(KITCHEN, 1_002, &[(0, Fire, 2)]);
    assert_eq!(house.value("10.89.21.188_0"), Some(2));
}

#[test]
fn a_file_that_stays_locked_is_refused_at_the_start() {
    let house = House::with_file_of_another(
        "sensors",
        "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL)",
    );
    let holder = Connection::open(&house.table_file).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let begun = Instant::now();
    let refusal = house.refusal();
    assert!(refusal.contains("locked by another program"), "{refusal}");
    assert!(begun.elapsed() < Duration::from_secs(8));
    holder.execute_batch("COMMIT").unwrap();
    house.open().unwrap();
}

#[test]
fn another_user_reads_the_table_whether_the_server_runs_or_not() {
    if !Uid::effective().is_root() {
        skipped("another_user_reads_the_table_whether_the_server_runs_or_not", "root");
        return;
    }
    let house = House::new();
    allow_all(house.folder.path());
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(0, Fire, 1)]);
    let sql = "SELECT sensor FROM sensors";
    assert_eq!(as_nobody(house.table_file.clone(), sql).unwrap(), [[text("FIRE")]], "while it runs");
    as_nobody(house.state_file(), "SELECT * FROM nodes").unwrap_err();
    drop(night);
    assert_eq!(as_nobody(house.table_file.clone(), sql).unwrap(), [[text("FIRE")]], "while it is down");
    as_nobody(house.state_file(), "SELECT * FROM nodes").unwrap_err();

    // And that has left nothing behind that would be in the server's way.
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_002, &[(0, Fire, 0)]);
    assert_eq!(
        as_nobody(house.table_file.clone(), "SELECT value FROM sensors WHERE value = 0").unwrap().len(),
        1
    );
}

#[test]
fn a_file_that_we_may_not_read_or_write_is_refused_at_the_start() {
    if !Uid::effective().is_root() {
        skipped("a_file_that_we_may_not_read_or_write_is_refused_at_the_start", "root");
        return;
    }
    for (mode, words) in [(0o600, "ermission denied"), (0o644, "may only be read")] {
        let house = House::with_file_of_another(
            "sensors",
            "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL)",
        );
        for (path, mode) in [(house.folder.path(), 0o777), (&house.table_file, mode)] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let refused = move || {
            become_nobody();
            house.refusal()
        };
        let refusal = thread::spawn(refused).join().unwrap();
        assert!(refusal.contains("site.db") && refusal.contains(words), "{refusal}");
    }
}

fn become_nobody() {
    setfsgid(Gid::from_raw(65_534));
    setfsuid(Uid::from_raw(65_534));
}

/// Asks as a user who owns nothing here. On Linux the user for files belongs to the thread.
fn as_nobody(path: PathBuf, sql: &'static str) -> Result<Vec<Vec<rusqlite::types::Value>>, rusqlite::Error> {
    let ask = move || {
        become_nobody();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(query(&connection, sql))
    };
    thread::spawn(ask).join().unwrap()
}

fn allow_all(folder: &std::path::Path) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Tells that a test was skipped, by its name.
fn skipped(test: &str, needs: &str) {
    use std::io::Write;
    let line = format!("skipped: {test} (needs {needs})");
    eprintln!("{line}");
    let list = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("skipped-tests.txt");
    let mut list = fs::OpenOptions::new().create(true).append(true).open(list).unwrap();
    writeln!(list, "{line}").unwrap();
}

#[test]
fn a_file_that_came_back_locked_does_not_delay_a_stop() {
    let table = "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL)";
    for house in [House::new(), House::with_file_of_another("sensors", table)] {
        let mut night = house.open().unwrap();
        night.record(KITCHEN, 1_000, &[(0, Fire, 1)]);
        let files = [house.table_file.clone(), house.state_file()];
        let holders = files.clone().map(|file| {
            let copy = file.with_extension("copy");
            let source = Connection::open(&file).unwrap();
            source.execute("VACUUM INTO ?1", [copy.to_str()]).unwrap();
            drop(source);
            for ending in ["-wal", "-shm"] {
                fs::remove_file(crate::support::beside(&file, ending)).ok();
            }
            fs::rename(copy, &file).unwrap();
            let holder = Connection::open(&file).unwrap();
            holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
            holder
        });
        night.read(KITCHEN, 1_002, &[(0, Fire, 0)]);
        let [table, state] = holders;
        for (holder, name) in [(state, "state.db"), (table, house.table_file.to_str().unwrap())] {
            let begun = Instant::now();
            let error = night.commit().unwrap_err();
            assert_eq!((error.cause, error.path.ends_with(name)), (Cause::Busy, true), "{error:?}");
            assert!(begun.elapsed() < Duration::from_secs(2), "{name}: {:?}", begun.elapsed());
            holder.execute_batch("COMMIT").unwrap();
        }
        night.commit().unwrap();
        assert_eq!(house.value("10.89.21.188_0"), Some(0));
    }
}
