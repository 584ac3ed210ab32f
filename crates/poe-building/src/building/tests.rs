//! That nothing piles up, and that a large building is no slower than its size.

use super::*;
use crate::{NodeInfo, Order, Place, PlaceKind, RuleScope, RuleSetting, Switch, Who};
use core::time::Duration;

fn moment(millis: u64) -> Moment {
    Time(millis as i64 * 1_000 + 1_000_000_000).into()
}

fn reads(building: &mut Building, session: &mut Session, frames: &[u8], now: Moment) {
    building.handle(Input::Stream { session, bytes: frames }, now, &mut Vec::new());
    let mut changes = Changes::default();
    building.take_changes(Scope::All, &mut changes);
}

fn set(building: &mut Building, model: Model, now: Moment) {
    let order = Order::SetModel { model: Box::new(model), from_version: None };
    building.order(order, &Who::new("ann", "test"), now).unwrap();
}

/// Nine flickering sensors that wait for an hour, in groups and alone.
fn patient() -> Model {
    let hour = Some(Duration::from_secs(3600));
    let rule = |name: &str| RuleSetting::new(name, RuleScope::Everywhere);
    let window = Duration::from_secs(3600);
    Model {
        rules: vec![
            RuleSetting { on_delay: hour, ..rule("humidity") },
            RuleSetting { off_delay: hour, re_alarm: Some(hour), ..rule("temperature") },
            RuleSetting {
                voting: Some(crate::Voting::Coincidence { group: crate::Group::Node, count: 3, window }),
                ..rule("fire")
            },
            RuleSetting {
                voting: Some(crate::Voting::CrossZone { group: crate::Group::Node, window }),
                ..rule("smoke")
            },
        ],
        ..Model::default()
    }
}

#[test]
fn an_hour_of_flicker_leaves_a_handful_of_timers() {
    let mut building = Building::new(Limits::default());
    set(&mut building, patient(), moment(0));
    let mut session = building.open([10, 0, 0, 1].into());
    let mut most = 0;
    for at in 0..3_600 * 10 {
        let now = moment(1 + at * 100);
        building.wake(now);
        assert!(building.next_wake().is_none_or(|next| next > now.ticks));
        let (on, off) = ([0, 220, 90, 150, 1], [1, 100, 50, 72, 0]);
        let [fire, smoke, humidity, heat, motion] = if at % 2 == 0 { on } else { off };
        let frames =
            [[1, 0, 0, fire], [1, 8, 1, smoke], [1, 16, 2, motion], [1, 17, 3, humidity], [1, 18, 4, heat]];
        reads(&mut building, &mut session, frames.as_flattened(), now);
        most = most.max(building.alarms.timers.len());
    }
    // Two for the node, and for each sensor its alarms, its chatter, its group or its observation.
    assert!(most <= 20, "{most} timers");
}

#[test]
fn nodes_that_come_and_go_and_models_that_change_leave_one_timer_each() {
    let mut building = Building::new(Limits::default());
    let mut session = building.open([10, 0, 0, 1].into());
    let mut now = 0;
    for round in 0..500u64 {
        now += 12_000 + round % 40 * 1_000;
        building.wake(moment(now));
        reads(&mut building, &mut session, &[1, 0, 0, 1], moment(now));
        building.handle(Input::Listening, moment(now), &mut Vec::new());
        set(&mut building, Model::default(), moment(now));
        assert!(building.alarms.timers.len() <= 3, "round {round}: {}", building.alarms.timers.len());
    }
}

/// Nodes on one floor, forty behind each switch.
fn campus(nodes: u16) -> Model {
    let address = |no: u16| IpAddr::from([10, 1, (no >> 8) as u8, no as u8]);
    let switch = |no: u16| format!("sw-{}", no / 40).into();
    Model {
        places: vec![Place { name: "floor".into(), kind: PlaceKind::Floor, within: None, title: None }],
        switches: (0..nodes.div_ceil(40))
            .map(|no| Switch { name: switch(no * 40), place: None, fed_by: None, port: None })
            .collect(),
        nodes: (0..nodes)
            .map(|no| NodeInfo {
                address: address(no),
                name: None,
                place: Some("floor".into()),
                fed_by: Some(switch(no)),
                port: None,
                supervision: None,
            })
            .collect(),
        ..Model::default()
    }
}

#[test]
fn a_campus_that_falls_silent_but_for_its_last_node_is_looked_through_once() {
    const NODES: u16 = 8_000;
    let mut building = Building::new(Limits::default());
    let model = campus(NODES);
    set(&mut building, model.clone(), moment(0));
    for node in &model.nodes {
        let mut session = building.open(node.address);
        reads(&mut building, &mut session, &[1, 0, 0, 1], moment(0));
    }
    let mut last = building.open(model.nodes[usize::from(NODES) - 1].address);
    for second in 1..=35 {
        building.wake(moment(second * 1_000));
        reads(&mut building, &mut last, &[1, 0, 0, 1], moment(second * 1_000));
    }
    let lost = building.alarms().filter(|alarm| &*alarm.rule == crate::builtin::PARENT_LOST).count();
    assert_eq!(lost, usize::from(NODES) / 40 - 1, "every switch but the last");
    assert_eq!(building.suppressed_by_design(), usize::from(NODES) - 40);
}

#[test]
fn newcomers_are_compared_with_those_who_look_alike() {
    const NODES: u16 = 20_000;
    let mut building = Building::new(Limits::default());
    let address = |campus: u8, no: u16| IpAddr::from([10, campus, (no >> 8) as u8, no as u8]);
    for campus in [1, 2] {
        let at = u64::from(campus) * 40_000;
        for no in 0..NODES {
            let mut session = building.open(address(campus, no));
            reads(&mut building, &mut session, &[1, no as u8, 5, 1], moment(at));
        }
        for later in (10_000..40_000).step_by(5_000) {
            while building.next_wake().is_some_and(|next| next <= moment(at + later).ticks) {
                building.wake(moment(at + later));
            }
        }
    }
    let mut changes = Changes::default();
    building.take_changes(Scope::All, &mut changes);
    let moved = changes.entries.iter().filter(|entry| entry.kind == EntryKind::NodeMovedMaybe);
    assert_eq!(moved.count(), usize::from(NODES));
}
