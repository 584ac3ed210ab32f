//! Who is told what, and when: alarms as soon as they are durable, values with the table.

use crate::{
    sample::{alarm, commit, entries, everything},
    support::House,
};
use poe_building::{Alarm, AlarmId, Changes, NewNode, NewSensor, NodeNo, Row, SensorNo, State, Status, Time};
use poe_store::{Cause, verify};
use poe_wire::SensorKind;
use rusqlite::Connection;
use std::{fs, sync::Arc};

/// A batch with an alarm and the reading that raised it.
fn smoke() -> Changes {
    let first_seen = Time::from_secs(1);
    let (node, sensor, kind) = (NodeNo(0), SensorNo(0), SensorKind::Smoke);
    Changes {
        nodes: vec![NewNode { node, address: [10, 0, 0, 1].into(), first_seen }],
        sensors: vec![NewSensor { sensor, node, id: 8, kind, first_seen }],
        retired: vec![([10, 0, 0, 1].into(), true)],
        rows: vec![Row { time: Time::from_secs(99), sensor, kind, value: 210, status: Status::Warning }],
        ..everything()
    }
}

#[test]
fn people_are_told_of_an_alarm_before_the_table_is_written() {
    let house = House::new();
    let (mut store, _) = house.store();
    let (board, latest) = (store.board(), store.latest());
    let mut told = 0;
    let changes = smoke();
    store
        .commit(&changes, &mut || {
            told += 1;
            assert_eq!(board.alarm(AlarmId(1)), Some(alarm(1)));
            assert_eq!(board.last_seq(), 5);
            assert_eq!(latest.sensor_count(), 0, "the table comes later");
        })
        .unwrap();
    assert_eq!(told, 1);
    let shown = latest.sensors(0, 1)[0];
    assert_eq!((shown.status(), shown.legacy_status()), (Some(Status::Warning), Some(Status::Critical)));

    // Readings alone are no news.
    let rows = Changes { rows: changes.rows, ..Changes::default() };
    store.commit(&rows, &mut || panic!("there is nothing to tell")).unwrap();
}

#[test]
fn a_table_that_is_locked_keeps_no_alarm_from_being_told_and_it_is_told_once() {
    let house = House::new();
    let (mut store, _) = house.store();
    let other = Connection::open(&house.table_file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut told = 0;
    for _ in 0..3 {
        let error = store.commit(&smoke(), &mut || told += 1).unwrap_err();
        assert_eq!(error.cause, Cause::Busy);
    }
    assert_eq!((told, store.board().alarms().len(), store.latest().sensor_count()), (1, 2, 0));
    other.execute_batch("ROLLBACK").unwrap();
    store.commit(&smoke(), &mut || told += 1).unwrap();
    assert_eq!((told, store.latest().sensor_count()), (1, 1));
    store.commit(&entries(6..=6), &mut || told += 1).unwrap();
    assert_eq!(told, 2);
    store.close();

    let verified = verify(&house.data()).unwrap();
    assert_eq!(
        (verified.entries, verified.finding),
        (6, None),
        "the chain is right after a batch came again"
    );
    let (_, known) = house.store();
    assert_eq!((known.alarms.len(), known.promises.len()), (3, 3));
}

#[test]
fn a_table_that_is_gone_keeps_no_alarm_from_being_stored() {
    let house = House::with_file_of_another(
        "sensors",
        "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY, sensor TEXT, value INTEGER, time REAL)",
    );
    let (mut store, _) = house.store();
    fs::remove_file(&house.table_file).unwrap();
    let mut told = 0;
    store.commit(&smoke(), &mut || told += 1).unwrap_err();
    store.commit(&smoke(), &mut || told += 1).unwrap_err();
    assert_eq!(told, 1);
    assert_eq!(verify(&house.data()).unwrap().entries, 5);
}

#[test]
fn a_state_that_is_locked_keeps_everything_for_the_next_try() {
    let house = House::new();
    let (mut store, _) = house.store();
    let other = Connection::open(house.state_file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.commit(&smoke(), &mut || panic!("nothing is durable")).unwrap_err();
    assert_eq!((error.cause, store.board().alarms().len()), (Cause::Busy, 0));
    other.execute_batch("ROLLBACK").unwrap();
    commit(&mut store, &smoke());
    store.close();
    assert_eq!(house.store().1.alarms.len(), 3);
    assert_eq!(verify(&house.data()).unwrap().finding, None);
}

#[test]
fn a_write_that_fails_in_the_middle_leaves_nothing_of_its_batch() {
    let house = House::new();
    let (mut store, _) = house.store();
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON promises BEGIN SELECT raise(ABORT, 'no room'); END";
    Connection::open(house.state_file()).unwrap().execute_batch(trigger).unwrap();
    store.commit(&smoke(), &mut || panic!("nothing is durable")).unwrap_err();
    assert_eq!(verify(&house.data()).unwrap().entries, 0, "all of a batch or nothing");
    Connection::open(house.state_file()).unwrap().execute_batch("DROP TRIGGER full").unwrap();
    commit(&mut store, &smoke());
    store.close();
    assert_eq!(verify(&house.data()).unwrap().entries, 5);
    assert_eq!(house.store().1.promises.len(), 3);
}

#[test]
fn what_waits_for_the_disk_can_be_shown_before() {
    let house = House::new();
    let (mut store, _) = house.store();
    let board = store.board();
    let first = everything();
    let acknowledged = Alarm { state: State::Acknowledged, ..alarm(1) };
    let second = Changes { alarms: vec![acknowledged.clone().into()], ..entries(6..=6) };
    board.show(&first);
    board.show(&second);
    assert_eq!(board.alarm(AlarmId(1)), Some(acknowledged.clone()));
    assert!(!board.is_committed(AlarmId(1)));
    assert_eq!(board.last_seq(), 0);

    // The disk is back: the first batch must not bring back how the alarm was.
    commit(&mut store, &first);
    assert_eq!(board.alarm(AlarmId(1)), Some(acknowledged.clone()));
    assert!(!board.is_committed(AlarmId(1)));
    assert!(board.is_committed(AlarmId(2)));
    commit(&mut store, &second);
    board.show(&second);
    assert_eq!(board.alarm(AlarmId(1)), Some(acknowledged));
    assert!(board.is_committed(AlarmId(1)));
    assert_eq!((board.alarms().len(), board.promises().len()), (2, 3));
}

#[test]
fn the_most_important_alarm_comes_first() {
    let house = House::new();
    let (store, _) = house.store();
    let board = store.board();
    use poe_building::Class::{Alarm as Fire, Supervisory, Trouble};
    let at = |id, class, priority, raised| Alarm {
        class,
        priority,
        raised: Some(Time::from_secs(raised)),
        ..alarm(id)
    };
    let alarms = vec![
        at(1, Trouble, 1, 1),
        at(2, Fire, 2, 2),
        at(3, Fire, 1, 9),
        at(4, Fire, 1, 8),
        at(5, Supervisory, 1, 0),
    ];
    let alarms = alarms.into_iter().map(Arc::new).collect();
    board.show(&Changes { alarms, ..Changes::default() });
    let order: Vec<u64> = board.alarms().iter().map(|alarm| alarm.id.0).collect();
    assert_eq!(order, [4, 3, 2, 5, 1]);
}

#[test]
fn a_state_that_was_deleted_is_made_anew_with_every_alarm_and_the_loss_is_told() {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &smoke());
    for ending in ["", "-wal", "-shm"] {
        fs::remove_file(crate::support::beside(&house.state_file(), ending)).unwrap();
    }
    assert_eq!(store.journal_fault(), None);
    commit(&mut store, &entries(6..=7));
    assert_eq!(store.journal_fault(), Some("entries 1 to 5 of the journal were written and are missing"));
    store.close();
    let (_, known) = house.store();
    let changes = everything();
    assert_eq!(known.alarms.into_iter().map(Arc::new).collect::<Vec<_>>(), changes.alarms);
    assert_eq!(known.suppressions, changes.suppressions);
    assert_eq!((known.promises, known.model), (changes.promises, crate::sample_model::model()));
    assert_eq!((known.nodes.len(), known.next.promise), (1, 4));
    assert!(known.nodes[0].retired);
    let finding = verify(&house.data()).unwrap().finding.unwrap();
    assert_eq!(finding.to_string(), "entry 1 is missing");
}
