//! Alarms and what belongs to them, over a restart.

use crate::{
    sample::{alarm, commit, entries, everything, old_alarm, promise, suppression},
    sample_model::model,
    support::{House, query},
};
use poe_building::{
    Alarm, AlarmId, Changes, Entry, EntryKind, LastRun, Model, NextIds, Promise, PromiseId, PromiseState,
    State, Suppression, Time,
};
use poe_store::read_model;
use rusqlite::{Connection, types::Value};
use std::sync::Arc;

#[test]
fn a_restart_finds_everything_as_it_was() {
    let house = House::new();
    let (mut store, known) = house.store();
    assert_eq!(
        (known.model, known.next, known.last_run),
        (Model::default(), NextIds::default(), LastRun::None)
    );
    let changes = everything();
    commit(&mut store, &changes);
    store.close();

    let (store, known) = house.store();
    assert_eq!(known.alarms.into_iter().map(Arc::new).collect::<Vec<_>>(), changes.alarms);
    assert_eq!(known.suppressions, changes.suppressions);
    assert_eq!(known.promises, changes.promises);
    assert_eq!(known.model, model());
    assert_eq!(Some(known.next), changes.next);
    assert_eq!(known.last_run, LastRun::Broken(changes.entries[4].decided));
    assert_eq!(known.journal_fault, None);
    assert_eq!(read_model(&house.data()).unwrap(), model());

    let board = store.board();
    assert_eq!(board.alarms(), [alarm(1), old_alarm(2)], "nobody is shown what only waits for its delay");
    assert_eq!(board.suppressions(), changes.suppressions);
    assert_eq!(board.promises(), changes.promises);
    assert_eq!((board.model().version, board.last_seq()), (7, 5));
}

#[test]
fn a_run_that_was_stopped_in_order_is_known_as_such() {
    let house = House::new();
    let (mut store, _) = house.store();
    let stopped = Entry { kind: EntryKind::ServerStopped, ..crate::sample::entry(6) };
    commit(&mut store, &entries(1..=5));
    commit(&mut store, &Changes { entries: vec![stopped], ..Changes::default() });
    store.close();
    assert_eq!(house.store().1.last_run, LastRun::Stopped);
}

#[test]
fn what_has_ended_is_gone_and_never_comes_back() {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &everything());
    let ended = Alarm { state: State::Normal, escalate: None, ..alarm(1) };
    let lifted = Suppression { ended: Some(Time::from_secs(200)), ..suppression(1) };
    let outcomes = vec![
        (PromiseId(1), PromiseState::Confirmed, Time::from_secs(101)),
        (PromiseId(2), PromiseState::Dead, Time::from_secs(102)),
    ];
    let changes = Changes {
        alarms: vec![ended.clone().into()],
        suppressions: vec![lifted],
        outcomes,
        ..entries(6..=8)
    };
    commit(&mut store, &changes);
    // A batch from before, as it comes again when it was waiting for a retry.
    commit(&mut store, &Changes { suppressions: vec![suppression(1)], ..Changes::default() });
    let check = |store: &poe_store::Store| {
        let board = store.board();
        assert_eq!(board.alarms(), [old_alarm(2)]);
        assert_eq!(board.promises(), [promise(3)]);
        let letters = board.dead_letters();
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].promise.id, letters[0].given_up), (PromiseId(2), Time::from_secs(102)));
    };
    check(&store);
    assert_eq!(store.board().alarm(AlarmId(1)), Some(ended));
    store.close();

    let (store, known) = house.store();
    check(&store);
    assert_eq!(known.suppressions.iter().map(|it| it.id.0).collect::<Vec<_>>(), [2]);
    let state = Connection::open(house.state_file()).unwrap();
    let tombstones = query(&state, "SELECT id, ended_us FROM suppressions WHERE ended_us IS NOT NULL");
    assert_eq!(tombstones, [[Value::Integer(1), Value::Integer(200_000_000)]]);
    let promises = query(&state, "SELECT id, state FROM promises ORDER BY id");
    assert_eq!(promises.len(), 2, "one that was kept is in the journal alone");
}

#[test]
fn no_number_comes_twice() {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &everything());
    // A delay begins without an entry, so that nobody tells which number comes next.
    commit(&mut store, &Changes { alarms: vec![alarm(9).into()], ..Changes::default() });
    let lower = NextIds::default();
    commit(&mut store, &Changes { next: Some(lower), ..entries(6..=6) });
    store.close();
    let next = NextIds { seq: 7, alarm: 10, suppression: 3, promise: 4 };
    assert_eq!(house.store().1.next, next);
}

#[test]
fn a_model_is_replaced_as_a_whole() {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &everything());
    let less = Model { version: 8, ..Model::default() };
    commit(&mut store, &Changes { model: Some(Arc::new(less.clone())), ..entries(6..=6) });
    store.close();
    assert_eq!(house.store().1.model, less);
    let state = Connection::open(house.state_file()).unwrap();
    for table in ["lists", "duty_hours", "rules", "places"] {
        assert_eq!(query(&state, &format!("SELECT count(*) FROM {table}")), [[Value::Integer(0)]], "{table}");
    }
}

#[test]
fn a_node_is_retired_until_it_is_heard_again() {
    let house = House::new();
    house.open().unwrap().record("10.0.0.1", 1_000, &[(0, poe_wire::SensorKind::Fire, 1)]);
    for retired in [true, false] {
        let (mut store, known) = house.store();
        assert_ne!(known.nodes[0].retired, retired);
        let retired = vec![(known.nodes[0].address, retired)];
        commit(&mut store, &Changes { retired, ..Changes::default() });
    }
    assert!(!house.store().1.nodes[0].retired);
}

#[test]
fn a_broken_row_is_named() {
    for (sql, named) in [
        ("UPDATE alarms SET state = 'asleep' WHERE id = 2", "alarms, row 2: state cannot be \"asleep\""),
        ("UPDATE alarms SET priority = 300 WHERE id = 1", "alarms, row 1: priority cannot be 300"),
        ("UPDATE suppressions SET source = 'x' WHERE id = 1", "suppressions, row 1: source cannot be"),
        ("UPDATE promises SET reason = '' WHERE id = 2", "promises, row 2: reason cannot be \"\""),
        ("UPDATE rules SET voting_count = NULL", "rules, row 0: voting cannot be \"coincidence\""),
        ("UPDATE model SET profile = 'x'", "model, row 1: profile cannot be \"x\""),
        ("UPDATE targets SET delivery = 'pigeon'", "targets, row 0: delivery cannot be \"pigeon\""),
        ("UPDATE lists SET text = 'x' WHERE list = 'classes'", "target_groups, row 0: there is no class"),
        ("UPDATE sensors SET kind = 'x'", "sensors, row 1: kind cannot be \"x\""),
    ] {
        let house = House::new();
        house.open().unwrap().record("10.0.0.1", 1_000, &[(0, poe_wire::SensorKind::Fire, 1)]);
        let (mut store, _) = house.store();
        commit(&mut store, &everything());
        store.close();
        Connection::open(house.state_file()).unwrap().execute_batch(sql).unwrap();
        let refused = house.refusal();
        assert!(refused.contains("state.db is damaged") && refused.contains(named), "{sql}: {refused}");
    }
}

#[test]
fn only_so_many_dead_letters_are_kept() {
    let house = House::new();
    let (mut store, _) = house.store();
    let numbers = || (1..=10_100).map(PromiseId);
    let promises = numbers().map(|id| Promise { id, ..promise(1) }).collect();
    let outcomes = numbers().map(|id| (id, PromiseState::Dead, Time::from_secs(id.0 as i64))).collect();
    commit(&mut store, &Changes { promises, outcomes, ..entries(1..=3) });
    assert_eq!(store.board().dead_letters().len(), 1_000);
    store.close();
    let state = Connection::open(house.state_file()).unwrap();
    let kept = query(&state, "SELECT count(*), min(id) FROM promises");
    assert_eq!(kept, [[Value::Integer(10_000), Value::Integer(101)]]);
    let letters = house.store().0.board().dead_letters();
    assert_eq!((letters.len(), letters[999].promise.id), (1_000, PromiseId(10_100)));
}

#[test]
fn a_file_of_the_first_version_keeps_its_nodes_and_sensors() {
    let house = House::new();
    std::fs::create_dir(house.data()).unwrap();
    let state = Connection::open(house.state_file()).unwrap();
    state.execute_batch(include_str!("../../src/migrations/1.sql")).unwrap();
    state
        .execute_batch(
            "INSERT INTO nodes VALUES (5, '10.0.0.1', 1000000);
             INSERT INTO sensors VALUES (5, 8, 'SMOKE', 2000000);
             PRAGMA user_version = 1",
        )
        .unwrap();
    assert_eq!(read_model(&house.data()).unwrap(), Model::default());
    drop(state);
    let (mut store, known) = house.store();
    assert_eq!((known.nodes.len(), known.nodes[0].first_seen), (1, Time::from_secs(1)));
    assert_eq!((known.sensors.len(), known.sensors[0].id), (1, 8));
    assert_eq!((known.journal_fault, known.last_run), (None, LastRun::None));
    commit(&mut store, &everything());
    store.close();
    assert_eq!(house.store().1.alarms.len(), 3);
}
