//! Copies of everything, made while a server commits.

use crate::{
    sample::{alarm, commit, entries},
    support::{House, fingerprint, text},
};
use poe_building::Changes;
use poe_store::{Backup, BackupError, BackupSource, DataFolder, Restored, restore};
use poe_wire::SensorKind;
use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

impl House {
    pub(crate) fn source(&self) -> BackupSource {
        BackupSource {
            data_dir: self.data(),
            table_file: self.table_file.clone(),
            table: self.table.to_owned(),
        }
    }

    /// The archive of a backup that is made now.
    #[track_caller]
    pub(crate) fn back_up(&self) -> Vec<u8> {
        let backup = Backup::make(&self.source(), "0.0.0-test", |_| Ok(())).unwrap();
        let mut archive = Vec::new();
        backup.write(&mut archive).unwrap();
        assert_eq!(archive.len() as u64, backup.bytes());
        archive
    }

    /// What a house has after this backup was put back.
    #[track_caller]
    pub(crate) fn put_back(&self, mut archive: &[u8]) -> Restored {
        let folder = DataFolder::lock(&self.data()).unwrap();
        restore(&folder, &self.table_file, &mut archive, false).unwrap()
    }
}

/// The members of an archive: name, mode, content.
pub(crate) fn members(archive: &[u8]) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut members = BTreeMap::new();
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let mut entry = entry.unwrap();
        let (name, mode) =
            (entry.path().unwrap().to_str().unwrap().to_owned(), entry.header().mode().unwrap());
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        members.insert(name, (mode, content));
    }
    members
}

fn write(folder: &Path, name: &str, content: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(name), content).unwrap();
}

#[test]
fn a_backup_has_everything_that_is_ours_and_says_so() {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record("10.0.0.7", 100, &[(3, SensorKind::Smoke, 41), (4, SensorKind::Temperature, 20)]);
    commit(&mut night.store, &entries(1..=5));
    write(&house.data().join("plans"), &"ab".repeat(32), "<svg/>");
    write(&house.data().join("tls"), "server.key", "a key");
    write(&house.data().join("tls"), "server.pem", "a certificate");
    write(&house.data().join("tls"), "server.pem.new", "half a certificate");

    let backup = Backup::make(&house.source(), "1.2.3", |_| Ok(())).unwrap();
    let mut archive = Vec::new();
    backup.write(&mut archive).unwrap();
    assert_eq!(archive.len() as u64, backup.bytes());
    let members = members(&archive);
    let names: Vec<&str> = members.keys().map(String::as_str).collect();
    let plan = format!("plans/{}", "ab".repeat(32));
    let all =
        ["journal.mark", "manifest.json", &plan, "state.db", "table.db", "tls/server.key", "tls/server.pem"];
    assert_eq!(names, all);
    assert!(members.values().all(|(mode, _)| *mode == 0o600), "there are keys among them");
    assert_eq!(members["tls/server.key"].1, b"a key");

    let manifest: serde_json::Value = serde_json::from_slice(&members["manifest.json"].1).unwrap();
    let numbers =
        ["format", "schema", "last_seq", "nodes", "sensors", "rows"].map(|field| manifest[field].as_u64());
    assert_eq!(numbers, [1, 3, 5, 1, 2, 2].map(Some));
    assert_eq!((&manifest["program"], &manifest["table"]), (&"1.2.3".into(), &"sensors".into()));
    assert!(manifest["warnings"].as_array().unwrap().is_empty() && manifest["journal_fault"].is_null());
    for member in manifest["members"].as_array().unwrap() {
        let (_, content) = &members[member["name"].as_str().unwrap()];
        assert_eq!(member["bytes"], content.len());
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content);
        let digits: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(member["sha256"], digits);
    }
    let mut reader = tar::Archive::new(&archive[..]);
    let first = reader.entries().unwrap().next().unwrap().unwrap();
    assert_eq!(first.path().unwrap().to_str(), Some("manifest.json"));
    let file_name = backup.file_name();
    let (name, ending) = file_name.split_at("poe-backup-".len());
    assert_eq!((name, ending.len()), ("poe-backup-", "20260314T092653Z.tar".len()));
}

#[test]
fn a_backup_leaves_nothing_behind_and_there_is_one_at_a_time() {
    let house = House::new();
    house.open().unwrap().record("10.0.0.7", 100, &[(3, SensorKind::Smoke, 41)]);
    let before = fingerprint(&house.data());
    let backup = Backup::make(&house.source(), "", |_| Ok(())).unwrap();
    let refused = Backup::make(&house.source(), "", |_| Ok(())).unwrap_err();
    assert!(matches!(refused, BackupError::Busy), "{refused}");
    let folder = house.data().join("backup.tmp");
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(folder.join("state.db")).unwrap().permissions().mode() & 0o777, 0o600);
    drop(backup);
    assert_eq!(fingerprint(&house.data()), before);
    house.back_up();
}

#[test]
fn what_a_backup_that_was_killed_has_left_goes_with_the_next_start() {
    let house = House::new();
    drop(house.store());
    std::mem::forget(Backup::make(&house.source(), "", |_| Ok(())).unwrap());
    assert!(house.data().join("backup.tmp/state.db").exists());
    drop(house.store());
    assert!(!house.data().join("backup.tmp").exists());
    house.back_up();
}

#[test]
fn every_backup_under_load_is_one_moment() {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &entries(1..=1));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let source = house.source();
        let commits = scope.spawn(|| {
            let mut seq = 1;
            while !stop.load(Relaxed) {
                seq += 1;
                let changes = Changes { alarms: vec![alarm(seq).into()], ..entries(seq..=seq) };
                commit(&mut store, &changes);
            }
            seq
        });
        let mut last = 0;
        for _ in 0..8 {
            let seen = poe_store::verify(&house.data()).unwrap().last;
            let backup = Backup::make(&source, "", |_| Ok(())).unwrap();
            assert!(backup.manifest().last_seq >= seen.max(last), "what was there before is in it");
            last = backup.manifest().last_seq;
            let mut archive = Vec::new();
            backup.write(&mut archive).unwrap();
            let copy = House::new();
            let restored = copy.put_back(&archive);
            // An alarm and its entry are committed together.
            let state = rusqlite::Connection::open(copy.state_file()).unwrap();
            let number = |sql: &str| state.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
            assert_eq!(number("SELECT count(*) FROM alarms") + 1, number("SELECT count(*) FROM journal"));
            assert_eq!(u64::from(number("SELECT max(seq) FROM journal")), restored.manifest.last_seq);
        }
        stop.store(true, Relaxed);
        assert!(commits.join().unwrap() > last);
    });
}

#[test]
fn all_of_a_site_s_file_is_copied() {
    let house = House::with_file_of_another(
        "readings",
        "CREATE TABLE readings (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL);
         CREATE TABLE people (name TEXT); INSERT INTO people VALUES ('porter')",
    );
    let mut night = house.open().unwrap();
    night.record("10.0.0.7", 100, &[(3, SensorKind::Smoke, 41)]);
    let archive = house.back_up();
    let copy = House { table: "readings", ..House::new() };
    let restored = copy.put_back(&archive);
    assert_eq!((restored.manifest.rows, &*restored.manifest.table), (1, "readings"));
    assert_eq!(copy.query("SELECT name FROM people"), vec![vec![text("porter")]]);
    assert_eq!(copy.query("PRAGMA journal_mode"), vec![vec![text("delete")]]);
    assert_eq!(copy.value("10.0.0.7_3"), Some(41));
}

#[test]
fn a_fault_of_the_journal_stays_one_in_the_backup() {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &entries(1..=10));
    store.close();
    rusqlite::Connection::open(house.state_file())
        .unwrap()
        .execute("DELETE FROM journal WHERE seq > 7", [])
        .unwrap();
    let archive = house.back_up();
    let copy = House::new();
    let restored = copy.put_back(&archive);
    let told = "entries 8 to 10 of the journal were written and are missing";
    assert_eq!(restored.manifest.journal_fault.as_deref(), Some(told));
    assert_eq!(copy.store().1.journal_fault.as_deref(), Some(told), "and the server tells of it");
}

#[test]
fn of_what_is_damaged_no_backup_is_made() {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &entries(1..=400));
    store.close();
    let mut bytes = fs::read(house.state_file()).unwrap();
    let page = 4_096 * (bytes.len() / 4_096 / 2);
    bytes[page..page + 4_096].fill(0xAA);
    fs::write(house.state_file(), bytes).unwrap();
    let refused = Backup::make(&house.source(), "", |_| Ok(())).unwrap_err().to_string();
    assert!(refused.contains("state.db is damaged") && refused.contains("keep the older ones"), "{refused}");
    assert!(!house.data().join("backup.tmp").exists());
}

#[test]
fn a_picture_that_is_lost_is_told() {
    let house = House::new();
    drop(house.store());
    let state = rusqlite::Connection::open(house.state_file()).unwrap();
    state.execute("INSERT INTO plans (name, hash, version) VALUES ('cellar', zeroblob(32), 1)", []).unwrap();
    let backup = Backup::make(&house.source(), "", |_| Ok(())).unwrap();
    let told = format!("the picture {} of a floor plan is missing in the data folder", "00".repeat(32));
    assert_eq!(backup.manifest().warnings, [told]);
    drop(backup);
    write(&house.data().join("plans"), &"00".repeat(32), "a picture");
    assert!(Backup::make(&house.source(), "", |_| Ok(())).unwrap().manifest().warnings.is_empty());
}
