//! Files that somebody moves or deletes while the server runs.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]

use poe_building::{Changes, NewNode, NewSensor, NodeNo, Row, SensorNo, Status, Time};
use poe_store::{DataFolder, Store, StoreOptions};
use poe_wire::SensorKind;
use std::{fs, path::Path};

fn open(folder: &Path) -> (Store, poe_building::Known) {
    let options = StoreOptions { table_file: folder.join("poe.db"), table: "sensors".to_owned() };
    Store::open(DataFolder::lock(folder).unwrap(), options).unwrap()
}

/// Two sensors of one node, then readings of the second only.
fn readings(values: &[u8]) -> Changes {
    let row = |(sensor, value): (u32, &u8)| Row {
        time: Time::from_secs(1_000),
        sensor: SensorNo(sensor),
        kind: SensorKind::Smoke,
        value: *value,
        status: Status::Normal,
    };
    Changes { rows: (0..).zip(values).map(row).collect(), ..Changes::default() }
}

fn two_new_sensors() -> Changes {
    let sensor = |id: u8| NewSensor {
        sensor: SensorNo(u32::from(id)),
        node: NodeNo(0),
        id,
        kind: SensorKind::Smoke,
        first_seen: Time::from_secs(1),
    };
    let node = NewNode { node: NodeNo(0), address: [10, 0, 0, 1].into(), first_seen: Time::from_secs(1) };
    Changes {
        nodes: vec![node],
        sensors: vec![sensor(0), sensor(1)],
        rows: readings(&[40, 50]).rows,
        ..Changes::default()
    }
}

#[test]
fn deleted_files_are_made_anew_with_everything_that_was_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, _) = open(folder.path());
    store.commit(&two_new_sensors(), &mut || {}).unwrap();
    for name in ["poe.db", "poe.db-wal", "poe.db-shm", "state.db", "state.db-wal", "state.db-shm"] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }

    store.commit(&readings(&[41]), &mut || {}).unwrap();
    store.close();

    let (_, known) = open(folder.path());
    assert_eq!(known.nodes[0].first_seen, Time::from_secs(1));
    let values: Vec<u8> = known.sensors.iter().map(|sensor| sensor.latest.unwrap().value).collect();
    assert_eq!(
        values,
        [41, 50],
        "the second sensor's value was written anew though nothing new came from it"
    );
}

#[test]
fn a_restored_backup_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, _) = open(folder.path());
    store.commit(&two_new_sensors(), &mut || {}).unwrap();
    store.tidy().unwrap();
    let file = folder.path().join("poe.db");
    let backup = folder.path().join("backup.db");
    let source = rusqlite::Connection::open(&file).unwrap();
    source.execute("VACUUM INTO ?1", [backup.to_str()]).unwrap();
    drop(source);
    store.commit(&readings(&[42, 52]), &mut || {}).unwrap();

    fs::rename(&backup, &file).unwrap();
    fs::remove_file(folder.path().join("poe.db-wal")).unwrap();
    fs::remove_file(folder.path().join("poe.db-shm")).unwrap();
    store.commit(&readings(&[43]), &mut || {}).unwrap();
    store.close();

    let (_, known) = open(folder.path());
    let values: Vec<u8> = known.sensors.iter().map(|sensor| sensor.latest.unwrap().value).collect();
    assert_eq!(values, [43, 52]);
}
