//! What is missed together: a switch or a place that is lost with everything behind it.

use crate::{
    house::{behind_a_switch, group, node, place, with_groups},
    night::{Night, check_in},
};
use expect_test::expect;
use poe_building::{PlaceKind, SensorKey, Switch};
use poe_wire::SensorKind;
use std::{net::IpAddr, time::Duration};

fn of_kind(told: &str, kind: &str) -> usize {
    told.lines().filter(|line| line.contains(kind)).count()
}

#[test]
fn a_switch_with_forty_nodes_is_one_page_and_leaves_nobody_behind() {
    let mut night = Night::new(&behind_a_switch(40));
    let all = |night: &mut Night| {
        for last in 1..=40 {
            let key = SensorKey { address: IpAddr::from([10, 0, 0, last]), id: 0 };
            night.reads(key, SensorKind::Fire, 1);
            night.pass(Duration::from_millis(20));
        }
        night.tell();
    };
    all(&mut night);
    night.play("00:35");
    assert_eq!(of_kind(&night.told, "notification.promised"), 1);
    assert_eq!(of_kind(&night.told, "parent.lost"), 1 + 1, "the alarm, and its promise");
    assert_eq!(of_kind(&night.told, "node.silent unacknowledged"), 40, "each child is journalled");
    assert_eq!(night.building.suppressed_by_design(), 40);
    for _ in 0..10 {
        all(&mut night);
        night.pass(Duration::from_secs(8));
    }
    assert_eq!(of_kind(&night.told, "node.silent normal"), 40, "and restored, one by one");
    assert_eq!(night.building.suppressions().count(), 0);
    assert_eq!(of_kind(&night.told, "notification.promised"), 1);
    let left: Vec<String> = night.building.alarms().map(|alarm| alarm.source.to_string()).collect();
    assert_eq!(left, ["sw"], "until somebody acknowledges it");
    let lost = night.told.lines().find(|line| line.contains("parent.lost unacknowledged")).unwrap();
    expect!["00:30 alarm.raised sw parent.lost unacknowledged (all 40 nodes behind it are silent: 10.0.0.1 in floor-1, 10.0.0.2 in floor-1, 10.0.0.3 in floor-1, 10.0.0.4 in floor-1, 10.0.0.5 in floor-1, 10.0.0.6 in floor-1, 10.0.0.7 in floor-1, 10.0.0.8 in floor-1, and 32 more)"]
    .assert_eq(lost);
}

#[test]
fn who_does_not_return_with_its_switch_is_signalled_after_a_while() {
    check_in(
        &behind_a_switch(2),
        "00:00 10.0.0.1_0 FIRE 1
         00:00 10.0.0.2_0 FIRE 1
         00:40 10.0.0.1 speaks
         00:49 10.0.0.1 speaks
         00:58 10.0.0.1 speaks
         01:07 10.0.0.1 speaks
         01:16 10.0.0.1 speaks
         01:25 10.0.0.1 speaks
         01:34 10.0.0.1 speaks
         01:42 10.0.0.1 speaks",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 node.admitted 10.0.0.2
            00:10 node.late 10.0.0.1 (silent for 10 s)
            00:10 node.late 10.0.0.2 (silent for 10 s)
            00:30 alarm.raised sw parent.lost unacknowledged (all 2 nodes behind it are silent: 10.0.0.1 in floor-1, 10.0.0.2 in floor-1)
            00:30 notification.promised (porter sw/parent.lost/…/raised)
            00:30 suppression.began sw node.silent by poe (suppressed_by_design: sw is lost)
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            00:30 alarm.raised 10.0.0.2 node.silent unacknowledged (node has been silent for 30 s)
            00:40 node.back 10.0.0.1
            00:40 alarm.returned 10.0.0.1 node.silent normal
            00:40 alarm.returned sw parent.lost returned_unacknowledged
            01:40 suppression.ended sw node.silent (suppressed_by_design: its time is over)
            01:40 alarm.unquieted 10.0.0.2 node.silent unacknowledged (no longer suppressed_by_design)
            01:40 notification.promised (porter 10.0.0.2/node.silent/…/unquieted)
        "#]],
    );
}

#[test]
fn a_parent_is_back_with_the_first_of_its_nodes_also_if_that_was_only_late() {
    check_in(
        &behind_a_switch(2),
        "00:00 10.0.0.1_0 FIRE 1
         00:05 10.0.0.2_0 FIRE 1
         00:31 10.0.0.2 speaks
         00:32",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:05 node.admitted 10.0.0.2
            00:10 node.late 10.0.0.1 (silent for 10 s)
            00:15 node.late 10.0.0.2 (silent for 10 s)
            00:30 alarm.raised sw parent.lost unacknowledged (all 2 nodes behind it are silent: 10.0.0.1 in floor-1, 10.0.0.2 in floor-1)
            00:30 notification.promised (porter sw/parent.lost/…/raised)
            00:30 suppression.began sw node.silent by poe (suppressed_by_design: sw is lost)
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            00:31 node.back 10.0.0.2
            00:31 alarm.returned sw parent.lost returned_unacknowledged
        "#]],
    );
}

#[test]
fn a_floor_and_a_switch_that_are_both_lost_are_one_trouble() {
    let mut model = behind_a_switch(4);
    model.switches.push(Switch { name: "other".into(), place: None, fed_by: None, port: None });
    model.nodes[3].fed_by = Some("other".into());
    let mut night = Night::new(&model);
    night.play(
        "00:00 10.0.0.1_0 FIRE 1
         00:00 10.0.0.2_0 FIRE 1
         00:00 10.0.0.3_0 FIRE 1
         00:00 10.0.0.4_0 FIRE 1
         00:35",
    );
    assert_eq!(of_kind(&night.told, "parent.lost unacknowledged"), 1);
    assert_eq!(of_kind(&night.told, "notification.promised"), 1);
    assert_eq!(night.alarm_of("floor-1").unwrap().rule.to_string(), "parent.lost");
}

#[test]
fn a_node_that_speaks_rarely_is_not_accused_with_its_switch() {
    let mut model = behind_a_switch(2);
    model.nodes[1].supervision =
        Some(poe_building::Supervision { late: Duration::from_secs(90), trouble: Duration::from_secs(180) });
    check_in(
        &model,
        "00:00 10.0.0.1_0 FIRE 1
         00:05 10.0.0.2_0 FIRE 1
         00:40",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:05 node.admitted 10.0.0.2
            00:10 node.late 10.0.0.1 (silent for 10 s)
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            00:30 notification.promised (porter 10.0.0.1/node.silent/…/raised)
        "#]],
    );
}

#[test]
fn the_last_node_of_a_lost_switch_speaks_for_itself() {
    let mut night = Night::new(&behind_a_switch(2));
    night.play(
        "00:00 10.0.0.1_0 FIRE 1
         00:00 10.0.0.2_0 FIRE 1
         00:01 ann unplugs 10.0.0.2
         00:40 ann retires 10.0.0.2
         02:00",
    );
    expect![[r#"
        00:00 node.admitted 10.0.0.1
        00:00 node.admitted 10.0.0.2
        00:10 node.late 10.0.0.1 (silent for 10 s)
        00:10 node.late 10.0.0.2 (silent for 10 s)
        00:30 alarm.raised sw parent.lost unacknowledged (all 2 nodes behind it are silent: 10.0.0.1 in floor-1, 10.0.0.2 in floor-1)
        00:30 notification.promised (porter sw/parent.lost/…/raised)
        00:30 suppression.began sw node.silent by poe (suppressed_by_design: sw is lost)
        00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
        00:30 alarm.raised 10.0.0.2 node.silent unacknowledged (node has been silent for 30 s)
        00:40 node.retired 10.0.0.2 by ann (retired no -> yes)
        00:40 alarm.returned 10.0.0.2 node.silent normal by ann (the node is retired)
        00:40 alarm.returned sw parent.lost returned_unacknowledged by ann
        01:40 suppression.ended sw node.silent (suppressed_by_design: its time is over)
        01:40 alarm.unquieted 10.0.0.1 node.silent unacknowledged (no longer suppressed_by_design)
        01:40 notification.promised (porter 10.0.0.1/node.silent/…/unquieted)
    "#]].assert_eq(&night.told);
    assert_eq!(night.building.suppressions().count(), 0);
}

#[test]
fn places_in_places_are_lost_as_the_largest() {
    let mut model = with_groups([group("porter", 1)]);
    model.places = vec![place("b", PlaceKind::Building, None), place("floor", PlaceKind::Floor, Some("b"))];
    model.nodes = (1..4)
        .map(|last| node(IpAddr::from([10, 0, 0, last]), None, Some(["b", "floor"][last as usize % 2])))
        .collect();
    let mut night = Night::new(&model);
    night.play("00:31");
    assert_eq!(night.alarm_of("b").unwrap().rule.to_string(), "parent.lost");
    assert_eq!(of_kind(&night.told, "notification.promised"), 1);
}
