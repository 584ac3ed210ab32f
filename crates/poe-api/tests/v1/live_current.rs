//! When whoever follows has been told everything, and knows it.

use std::collections::BTreeSet;

use poe_api::Server;
use poe_api::client::{Event, Events};
use poe_building::{AlarmId, Order, Who};

use crate::Hall;

/// Sensors of each of so many nodes.
const SENSORS: u8 = 250;
const NODES: u8 = 8;

/// All that is warm says how warm it is.
fn warm(hall: &Hall, degrees: u8) {
    for node in 1..=NODES {
        let frames: Vec<[u8; 4]> = (0..SENSORS).map(|sensor| [1, sensor, 4, degrees]).collect();
        hall.engine.frames(&format!("10.0.1.{node}"), &frames);
    }
}

/// Everything up to the next event of this kind, and that.
fn until(events: &mut Events, kind: &str) -> Vec<Event> {
    let mut told = Vec::new();
    while told.last().is_none_or(|last: &Event| last.kind != kind) {
        told.push(events.next().unwrap().unwrap());
    }
    told
}

fn count(told: &[Event], kind: &str) -> usize {
    told.iter().filter(|event| event.kind == kind).count()
}

/// Which things of this kind are told of, by their names.
fn names(told: &[Event], kind: &str, field: &str) -> BTreeSet<String> {
    let of_kind = told.iter().filter(|event| event.kind == kind);
    of_kind.map(|event| event.data[field].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_reading_and_node_comes_before_it_is_current_and_that_is_said_once() {
    let hall = Hall::open();
    warm(&hall, 70);
    let mut events = hall.client.follow_some("", None).unwrap();
    let told = until(&mut events, "current");
    assert_eq!(told[0].kind, "snapshot");
    assert_eq!(names(&told, "reading", "ip_id").len(), usize::from(SENSORS) * usize::from(NODES));
    let nodes = hall.get("nodes?limit=1000")["items"].as_array().unwrap().len();
    assert_eq!(names(&told, "node", "node").len(), nodes);
    let current = told.last().unwrap();
    let fields: Vec<_> = current.data.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((current.id, fields), (None, vec!["time"]));

    // It goes on, and that is said no more.
    warm(&hall, 71);
    let mut told = until(&mut events, "heartbeat");
    told.extend(until(&mut events, "heartbeat"));
    assert_eq!((count(&told, "current"), count(&told, "snapshot")), (0, 0));
    assert!(count(&told, "reading") >= usize::from(SENSORS) * usize::from(NODES), "{}", told.len());
}

#[test]
fn after_each_further_snapshot_it_is_said_once_all_that_changed_is_told() {
    let hall = Hall::open();
    warm(&hall, 70);
    let mut events = hall.client.follow_some("", None).unwrap();
    until(&mut events, "current");
    // More than the channel holds, all at once.
    hall.engine.disk_stands_still(true);
    for _ in 0..2_000 {
        let nobodys = Order::Acknowledge(AlarmId(99));
        hall.engine.order(nobodys, Who::new("test", "library")).unwrap_err();
    }
    hall.engine.disk_stands_still(false);
    let mut told = until(&mut events, "snapshot");
    warm(&hall, 75);
    told.extend(until(&mut events, "current"));
    told.extend(until(&mut events, "heartbeat"));
    told.extend(until(&mut events, "heartbeat"));
    // A snapshot may have come right after another.
    let after_each: Vec<_> =
        told.split(|event| event.kind == "snapshot").map(|it| count(it, "current")).collect();
    assert_eq!((after_each[0], after_each.last()), (0, Some(&1)), "{after_each:?}");
    assert!(after_each.iter().all(|count| *count <= 1), "{after_each:?}");

    // Whoever comes back is told everything, and then that.
    drop(events);
    let last = hall.get("events?last=1")["items"][0]["seq"].as_u64();
    let mut events = hall.client.follow_some("kind=event,reading", last).unwrap();
    let told = until(&mut events, "current");
    assert_eq!(count(&told, "snapshot"), 1);
    let warm: Vec<_> = told.iter().filter(|event| event.kind == "reading").collect();
    assert_eq!(warm.len(), usize::from(SENSORS) * usize::from(NODES));
    assert!(warm.iter().all(|reading| reading.data["value"] == 75), "{:?}", warm[0]);
}
