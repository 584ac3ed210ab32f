//! A file that belongs to another program: it gets the readings, and nothing else about it changes.

use crate::support::{House, text};
use poe_wire::SensorKind::{Fire, Humidity, Motion, Smoke, Temperature, Water};
use rusqlite::types::Value;
use std::fs;

const KITCHEN: &str = "10.89.21.188";

/// The table of the Django site, with a column that somebody has added, beside other tables of the site.
const SITE: &str = "
    CREATE TABLE auth_user (id INTEGER PRIMARY KEY AUTOINCREMENT, name varchar(150) NOT NULL UNIQUE);
    INSERT INTO auth_user (name) VALUES ('porter'), ('fire brigade');
    CREATE TABLE myapp_sensors_table (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        ip_id varchar(50) NOT NULL UNIQUE,
        sensor varchar(50) NOT NULL,
        value integer NOT NULL,
        time real NOT NULL,
        status TEXT NOT NULL,
        place varchar(100) NULL
    );
    CREATE INDEX myapp_sensor ON myapp_sensors_table (sensor);
    INSERT INTO myapp_sensors_table (ip_id, sensor, value, time, status, place)
        VALUES ('10.89.21.188_0', 'FIRE', 1, 900.5, 'normal', 'above the stove'),
               ('unknown', 'FIRE', 1, 900.5, 'normal', 'nowhere');
    PRAGMA user_version = 7;";

#[test]
fn the_sites_table_is_filled_and_everything_else_stays_as_it_is() {
    let house = House::with_file_of_another("myapp_sensors_table", SITE);
    let rest = || {
        let mut rows = house.query("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name");
        for pragma in ["journal_mode", "application_id", "user_version", "page_size", "encoding"] {
            rows.append(&mut house.query(&format!("PRAGMA {pragma}")));
        }
        rows.append(&mut house.query("SELECT * FROM auth_user ORDER BY id"));
        rows.append(&mut house.query("SELECT * FROM myapp_sensors_table WHERE ip_id = 'unknown'"));
        rows
    };
    let before = rest();
    assert!(before.contains(&vec![text("delete")]));

    let mut night = house.open().unwrap();
    assert_eq!(night.building.sensor_count(), 1, "the row that was there is a known sensor");
    let readings = [(0, Fire, 0), (8, Smoke, 170), (9, Smoke, 200), (16, Motion, 1), (17, Humidity, 79)];
    night.record(KITCHEN, 1_000, &readings);
    night.record(KITCHEN, 1_002, &[(18, Temperature, 82), (19, Temperature, 83), (20, Water, 5)]);
    night.record(KITCHEN, 1_004, &[(17, Humidity, 80), (16, Motion, 0)]);

    assert_eq!(rest(), before);
    let rows = house.query(
        "SELECT ip_id, value, status, place FROM myapp_sensors_table WHERE sensor <> '' AND ip_id <> 'unknown'
         ORDER BY time, ip_id",
    );
    let row = |id: u8, value, status: &str| {
        vec![text(&format!("{KITCHEN}_{id}")), Value::Integer(value), text(status), Value::Null]
    };
    let mut stove = row(0, 0, "critical");
    stove[3] = text("above the stove");
    let expected = [
        stove,
        row(8, 170, "warning"),
        row(9, 200, "critical"),
        row(18, 82, "normal"),
        row(19, 83, "critical"),
        row(20, 5, "undefined"),
        row(16, 0, "normal"),
        row(17, 80, "critical"),
    ];
    assert_eq!(rows, expected);
    drop(night);
    assert_eq!(rest(), before);
    assert!(!house.wal().exists(), "a log where there was none");
}

#[test]
fn a_file_that_the_old_server_left_is_taken_over() {
    // The table that a script made with Python's sqlite3, with a plain autocommit for every row.
    let house = House::with_file_of_another(
        "sensors",
        "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL);
         INSERT INTO sensors VALUES ('10.89.21.188_17', 'HUMIDITY', 41, 1649862120.25);
         INSERT INTO sensors VALUES ('10.89.21.189_0', 'FIRE', 1, 1649862121.5);
         INSERT INTO sensors VALUES ('10.89.21.189_1', 'LIGHT', 1, 1649862121.5);
         INSERT INTO sensors VALUES (NULL, 'FIRE', 1, 1649862121.5);
         INSERT INTO sensors VALUES ('10.89.21.189_2', 'FIRE', 256, 1649862121.5);
         INSERT INTO sensors VALUES ('10.89.21.189_3', NULL, NULL, NULL);",
    );
    let night = house.open().unwrap();
    assert_eq!((night.building.node_count(), night.building.sensor_count()), (2, 2));
    let sensors = night.store.latest().sensors(0, 10);
    let (value, time, _) = sensors[0].reading.unwrap();
    assert_eq!((sensors[0].key.to_string().as_str(), sensors[0].kind), ("10.89.21.188_17", Humidity));
    assert_eq!((value, time.as_secs_f64()), (41, 1_649_862_120.25));
    drop(night);
    assert_eq!(house.rows().len(), 6, "rows that are no readings are left alone");

    let mut night = house.open().unwrap();
    assert_eq!(night.building.sensor_count(), 2, "known from the state too, and still once");
    night.record("10.89.21.189", 1_700_000_000, &[(2, Fire, 1), (3, Fire, 0)]);
    assert_eq!(house.value("10.89.21.189_2"), Some(1), "a row that made no sense is mended by a reading");
    assert_eq!(house.value("10.89.21.189_3"), Some(0));
    assert_eq!(house.rows().len(), 6);
}

#[test]
fn a_table_without_row_numbers_will_do() {
    let house = House::with_file_of_another(
        "latest",
        "CREATE TABLE latest (time REAL NOT NULL, value INTEGER, sensor TEXT, ip_id TEXT PRIMARY KEY) WITHOUT ROWID",
    );
    for at in [1_000, 1_002] {
        let mut night = house.open().unwrap();
        night.record(KITCHEN, at, &[(0, Fire, 1), (1, Fire, 0)]);
        night.record(KITCHEN, at + 1, &[(1, Fire, 3)]);
    }
    assert_eq!(
        house.query("SELECT time, value FROM latest WHERE ip_id LIKE '%_1'"),
        [[Value::Real(1_003.0), Value::Integer(3)]]
    );
}

#[test]
fn a_table_with_defaults_generated_columns_and_capitals_will_do() {
    let house = House::with_file_of_another(
        "Sensors",
        "CREATE TABLE sensors (IP_ID TEXT NOT NULL, Sensor TEXT, Value INTEGER, Time REAL, STATUS TEXT,
             seen TEXT NOT NULL DEFAULT 'no',
             hot INTEGER NOT NULL GENERATED ALWAYS AS (Value > 82) VIRTUAL);
         CREATE UNIQUE INDEX one_row_a_sensor ON sensors (ip_id)",
    );
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(18, Temperature, 90)]);
    let row = [text("critical"), text("no"), Value::Integer(1)];
    assert_eq!(house.query("SELECT status, seen, hot FROM sensors"), [row]);
}

#[test]
fn a_file_with_a_log_keeps_it_and_it_stays_short() {
    let house =
        House::with_file_of_another("myapp_sensors_table", &format!("PRAGMA journal_mode = WAL; {SITE}"));
    let mut night = house.open().unwrap();
    // Held open, as the site does: else every look at the table would move the log into the file.
    let site = rusqlite::Connection::open(&house.table_file).unwrap();
    let mut longest = 0;
    for at in 0..600 {
        night.record(KITCHEN, 1_000 + at, &[(0, Fire, 1), (8, Smoke, 60), (17, Humidity, at as u8)]);
        longest = longest.max(house.wal_bytes());
    }
    assert!(longest > 1_000 * 4_096, "{longest}: moved sooner than SQLite itself would");
    assert!(longest < 1_100 * 4_200, "{longest}: not moved");
    drop(site);
    drop(night);
    assert_eq!(house.query("PRAGMA journal_mode"), [[text("wal")]]);
    assert_eq!(house.value("10.89.21.188_17"), Some(599 % 256));
}

#[test]
fn a_reader_in_the_sites_file_makes_a_commit_wait_and_not_fail_for_good() {
    let house = House::with_file_of_another("myapp_sensors_table", SITE);
    let mut night = house.open().unwrap();
    let reader = rusqlite::Connection::open(&house.table_file).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM myapp_sensors_table").unwrap();
    night.read(KITCHEN, 1_000, &[(0, Fire, 0), (1, Fire, 1)]);
    let error = night.commit().unwrap_err();
    assert_eq!(error.cause, poe_store::Cause::Busy);
    night.read(KITCHEN, 1_001, &[(2, Fire, 1)]);
    night.commit().unwrap_err();
    assert_eq!(night.store.latest().sensors(0, 10).len(), 1, "nothing is shown that is not stored");
    reader.execute_batch("COMMIT").unwrap();
    night.commit().unwrap();
    assert_eq!(house.value("10.89.21.188_0"), Some(0));
    assert_eq!(house.value("10.89.21.188_2"), Some(1));
    assert_eq!(fs::metadata(crate::support::beside(&house.table_file, "-journal")).map_or(0, |f| f.len()), 0);
}

#[test]
fn a_row_that_the_site_forbids_keeps_no_other_from_being_stored() {
    let table = "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL";
    for (name, sql) in [
        ("check", format!("{table}, CHECK (value < 200))")),
        ("generated column", format!("{table}, low INTEGER AS (value < 200) CHECK (low))")),
        ("no row numbers", format!("{table}, CHECK (value < 200)) WITHOUT ROWID")),
        ("roll back", format!("{table}, CHECK (value < 200) ON CONFLICT ROLLBACK)")),
        ("trigger", format!("{table}); {}", trigger("ABORT"))),
        ("trigger that fails", format!("{table}); {}", trigger("FAIL"))),
        ("trigger that rolls back", format!("{table}); {}", trigger("ROLLBACK"))),
        (
            "deferred key",
            format!(
                "CREATE TABLE allowed (value INTEGER PRIMARY KEY);
                 WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 199)
                 INSERT INTO allowed SELECT n FROM n;
                 {table}, FOREIGN KEY (value) REFERENCES allowed DEFERRABLE INITIALLY DEFERRED)"
            ),
        ),
    ] {
        let house = House::with_file_of_another("sensors", &sql);
        let mut night = house.open().unwrap();
        let readings: Vec<_> = (0..100).map(|id| (id, Smoke, if id % 33 == 5 { 230 } else { id })).collect();
        night.read(KITCHEN, 1_000, &readings);
        let committed = night.commit().unwrap();
        assert_eq!((committed.rows, committed.rows_refused), (97, 3), "{name}");
        assert_eq!(house.rows().len(), 97, "{name}");
        for (id, value) in [(4, Some(4)), (5, None), (6, Some(6)), (38, None), (71, None), (99, Some(99))] {
            assert_eq!(house.value(&format!("{KITCHEN}_{id}")), value, "{name}: {id}");
        }
        let shown = night.store.latest().sensors(5, 1)[0].reading.unwrap().0;
        assert_eq!(shown, 230, "{name}: what the sensor says is shown");

        // A row that was there keeps its old value, and one that was not comes with the next reading that fits.
        night.read(KITCHEN, 1_002, &[(4, Smoke, 240), (5, Smoke, 60), (6, Smoke, 61)]);
        let committed = night.commit().unwrap();
        assert_eq!((committed.rows, committed.rows_refused), (2, 1), "{name}");
        for (id, value) in [(4, 4), (5, 60), (6, 61)] {
            assert_eq!(house.value(&format!("{KITCHEN}_{id}")), Some(value), "{name}: {id}");
        }
    }
}

fn trigger(how: &str) -> String {
    let refuse = format!("WHEN new.value >= 200 BEGIN SELECT raise({how}, 'too\nmuch smoke'); END");
    format!(
        "CREATE TRIGGER i BEFORE INSERT ON sensors {refuse}; CREATE TRIGGER u BEFORE UPDATE ON sensors {refuse}"
    )
}

#[test]
fn a_site_that_takes_nothing_at_all_delays_nobody_for_long() {
    for how in ["ABORT", "ROLLBACK"] {
        let sql = format!(
            "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL); {}",
            trigger(how)
        );
        let house = House::with_file_of_another("sensors", &sql);
        let mut night = house.open().unwrap();
        let readings: Vec<_> = (0..=255).map(|id| (id, Smoke, 230)).collect();
        for node in 0..8 {
            night.read(&format!("10.0.0.{node}"), 1_000, &readings);
        }
        let begun = std::time::Instant::now();
        assert_eq!(night.commit().unwrap().rows_refused, 8 * 256);
        assert!(begun.elapsed().as_secs() < 10, "{how}: {:?}", begun.elapsed());
    }
}

#[test]
fn columns_that_are_called_like_row_numbers_are_the_sites_own() {
    for (columns, expected) in [
        ("rowid TEXT DEFAULT 'row'", "'row'"),
        ("RowId TEXT DEFAULT 'row', _rowid_ TEXT DEFAULT '_row_'", "'row' AND _rowid_ = '_row_'"),
        (
            "rowid TEXT DEFAULT 'row', _rowid_ TEXT DEFAULT '_row_', oid TEXT DEFAULT 'o'",
            "'row' AND _rowid_ = '_row_' AND oid = 'o'",
        ),
        ("rowid INTEGER DEFAULT 1", "1"),
    ] {
        let house = House::with_file_of_another(
            "sensors",
            &format!(
                "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL, {columns})"
            ),
        );
        for at in [1_000, 1_010] {
            let mut night = house.open().unwrap();
            night.record(KITCHEN, at, &[(0, Fire, 1), (1, Fire, 0)]);
            night.record(KITCHEN, at + 2, &[(0, Fire, 0), (1, Fire, 2)]);
        }
        let sql = format!("SELECT value FROM sensors WHERE rowid = {expected} ORDER BY ip_id");
        assert_eq!(house.query(&sql), [[Value::Integer(0)], [Value::Integer(2)]], "{columns}");
    }
}

#[test]
fn a_file_that_the_site_has_yet_to_fill_again_does_not_become_ours() {
    let house = House::with_file_of_another("myapp_sensors_table", SITE);
    let mut night = house.open().unwrap();
    night.record(KITCHEN, 1_000, &[(0, Fire, 1)]);
    let backup = house.folder.path().join("backup.db");
    fs::rename(&house.table_file, &backup).unwrap();
    fs::write(&house.table_file, "").unwrap();

    night.read(KITCHEN, 1_002, &[(0, Fire, 0)]);
    let error = night.commit().unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("empty"), "{error:?}");
    assert_eq!(fs::metadata(&house.table_file).unwrap().len(), 0);

    fs::rename(&backup, &house.table_file).unwrap();
    night.commit().unwrap();
    assert_eq!(house.value("10.89.21.188_0"), Some(0));
}
