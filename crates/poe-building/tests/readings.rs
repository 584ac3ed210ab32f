//! Every reading is handed over for the history, in order and once; at the bound they are thinned, which is told.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

use poe_building::{Building, Changes, Input, Limits, Sample, Scope, Session, Status, Time};
use poe_wire::SensorKind;
use proptest::prelude::*;
use std::net::IpAddr;

fn address(node: u8) -> IpAddr {
    [10, 0, 0, node].into()
}

fn post(id: u8, value: u8) -> [u8; 4] {
    [1, id, SensorKind::Smoke.byte(), value]
}

fn say(building: &mut Building, session: &mut Session, frames: &[[u8; 4]], at: i64) {
    let bytes = frames.as_flattened();
    building.handle(Input::Stream { session, bytes }, Time::from_secs(at), &mut Vec::new());
}

/// What was handed over: when, from which node, which sensor, which value.
fn taken(changes: &Changes) -> Vec<(i64, u32, u8, u8)> {
    let bursts = changes.readings.bursts();
    let one = |burst: &poe_building::Burst, sample: &Sample| {
        (burst.time.0 / 1_000_000, burst.node.0, sample.id, sample.value)
    };
    bursts.flat_map(|(burst, samples)| samples.iter().map(move |sample| one(burst, sample))).collect()
}

#[test]
fn each_reading_has_its_kind_and_the_status_of_its_moment() {
    let mut building = Building::new(Limits::default());
    let mut session = building.open(address(1));
    say(&mut building, &mut session, &[post(8, 20), post(8, 170), post(8, 230)], 1);
    let mut changes = Changes::default();
    building.take_changes(Scope::All, &mut changes);
    let samples: Vec<Sample> = changes.readings.bursts().flat_map(|(_, samples)| samples.to_vec()).collect();
    let statuses: Vec<Status> = samples.iter().map(|sample| sample.status).collect();
    assert_eq!(statuses, [Status::Normal, Status::Warning, Status::Critical]);
    assert!(samples.iter().all(|sample| sample.kind == SensorKind::Smoke));
}

proptest! {
    #[test]
    fn every_reading_is_handed_over_once_and_in_order(
        bursts in prop::collection::vec((1..4_u8, prop::collection::vec((0..5_u8, any::<u8>()), 1..30), any::<bool>()), 1..40),
    ) {
        let mut building = Building::new(Limits::default());
        let mut sessions: Vec<Session> = (1..4).map(|node| building.open(address(node))).collect();
        let (mut expected, mut told) = (Vec::new(), Vec::new());
        let mut changes = Changes::default();
        for (at, (node, frames, take)) in bursts.into_iter().enumerate() {
            let sent: Vec<[u8; 4]> = frames.iter().map(|(id, value)| post(*id, *value)).collect();
            say(&mut building, &mut sessions[usize::from(node - 1)], &sent, at as i64);
            let no = building.find(address(node)).unwrap().0;
            expected.extend(frames.iter().map(|(id, value)| (at as i64, no, *id, *value)));
            if take {
                building.take_changes(if at % 2 == 0 { Scope::All } else { Scope::Urgent }, &mut changes);
                told.extend(taken(&changes));
                changes.clear();
            }
        }
        building.take_changes(Scope::All, &mut changes);
        told.extend(taken(&changes));
        prop_assert_eq!(told, expected);
        prop_assert_eq!(building.take_gap(), None);
    }
}

#[test]
fn beyond_the_bound_only_changes_are_kept_and_then_nothing_and_the_gap_is_told() {
    let mut building = Building::new(Limits { readings_bytes: 4_000, ..Limits::default() });
    let mut session = building.open(address(1));
    let mut sent = 0;
    for at in 0..1_000 {
        // One that stays, and one that changes.
        say(&mut building, &mut session, &[post(8, 20), post(9, (at % 100) as u8)], at);
        sent += 2;
    }
    let mut changes = Changes::default();
    assert!(building.reading_bytes_waiting() < 4_000 + 500 + 100);
    building.take_changes(Scope::All, &mut changes);
    let kept = taken(&changes);
    let gap = building.take_gap().unwrap();
    assert_eq!(kept.len() as u64 + gap.readings, sent);
    assert_eq!(gap.readings, building.counters().readings_left_out);
    assert_eq!(gap.to, Time::from_secs(999));
    let thinned_from = gap.from.0 / 1_000_000;
    assert!(
        kept.iter().any(|(at, _, id, _)| *at > thinned_from && *id == 9),
        "changes were kept for a while"
    );
    assert!(!kept.iter().any(|(at, _, id, _)| *at > thinned_from && *id == 8), "what stays was not");
    assert_eq!(building.take_gap(), None);

    say(&mut building, &mut session, &[post(8, 20)], 1_001);
    changes.clear();
    building.take_changes(Scope::All, &mut changes);
    assert_eq!(taken(&changes).len(), 1, "with room again everything is kept");
}

#[test]
fn where_no_history_is_kept_nothing_gathers_and_nothing_is_missing() {
    let mut building = Building::new(Limits { readings_bytes: 0, ..Limits::default() });
    let mut session = building.open(address(1));
    say(&mut building, &mut session, &[post(8, 20), post(8, 21)], 1);
    let mut changes = Changes::default();
    building.take_changes(Scope::All, &mut changes);
    assert!(changes.readings.is_empty());
    assert_eq!((building.take_gap(), building.counters().readings_left_out), (None, 0));
}
