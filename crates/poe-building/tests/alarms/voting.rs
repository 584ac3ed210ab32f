//! Alarms that several sensors, or one sensor twice, have to agree on.

use crate::{
    house::{group, node, place, rule, secs, with_groups, with_rules},
    night::{Night, check_in},
};
use expect_test::expect;
use poe_building::{Group, Model, PlaceKind, RuleSetting, Voting};
use std::net::IpAddr;

fn two_of(group: Group, window: u64) -> RuleSetting {
    RuleSetting {
        voting: Some(Voting::Coincidence { group, count: 2, window: secs(window) }),
        ..rule("fire")
    }
}

#[test]
fn two_of_eight_flame_detectors_of_a_node() {
    check_in(
        &with_rules([two_of(Group::Node, 5)]),
        "00:00 10.0.0.1_0 FIRE 1
         00:00 10.0.0.1_1 FIRE 1
         00:01 10.0.0.1_0 FIRE 0
         00:04 10.0.0.1_0 FIRE 1
         00:08 10.0.0.1_1 FIRE 0
         00:12 10.0.0.1_1 FIRE 1
         00:18 10.0.0.1_0 FIRE 0
         00:19 10.0.0.1_1 FIRE 0
         00:20 10.0.0.1_0 FIRE 1
         00:21 10.0.0.1_1 FIRE 1
         00:30",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:08 alarm.raised 10.0.0.1 fire unacknowledged 0 (flame: 10.0.0.1_0, 10.0.0.1_1)
            00:09 alarm.returned 10.0.0.1 fire latched_unacknowledged 0
            00:19 alarm.tripped 10.0.0.1 fire unacknowledged 0 (flame: 10.0.0.1_0, 10.0.0.1_1)
            00:25 alarm.returned 10.0.0.1 fire latched_unacknowledged 0
        "#]],
    );
}

fn zone() -> Model {
    Model {
        places: vec![
            place("attic", PlaceKind::Zone, None),
            place("room-1", PlaceKind::Room, Some("attic")),
            place("room-2", PlaceKind::Room, Some("attic")),
        ],
        nodes: vec![
            node(IpAddr::from([10, 0, 0, 1]), None, Some("room-1")),
            node(IpAddr::from([10, 0, 0, 2]), None, Some("room-2")),
            node(IpAddr::from([10, 0, 0, 3]), None, None),
        ],
        rules: vec![two_of(Group::Zone, 30)],
        ..with_groups([group("porter", 1)])
    }
}

#[test]
fn two_rooms_of_a_zone_agree() {
    check_in(
        &zone(),
        "00:00 10.0.0.1_0 FIRE 0
         00:01 10.0.0.3_0 FIRE 0
         00:02 10.0.0.2_0 FIRE 0
         00:03 ann acknowledges attic",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:01 node.admitted 10.0.0.3
            00:02 node.admitted 10.0.0.2
            00:02 alarm.raised attic fire unacknowledged 0 (flame: 10.0.0.1_0, 10.0.0.2_0)
            00:02 notification.promised (porter attic/fire/…/raised)
            00:03 alarm.acknowledged attic fire acknowledged 0 by ann (unacknowledged -> acknowledged)
        "#]],
    );
}

#[test]
fn a_change_elsewhere_leaves_votes_and_their_alarm_alone() {
    let mut night = Night::new(&zone());
    night.play(
        "00:00 10.0.0.1_0 FIRE 0
         00:02 10.0.0.2_0 FIRE 0
         00:03 ann acknowledges attic",
    );
    night.told.clear();
    night.describe(&Model { site: "castle".into(), ..zone() });
    expect![[r#"
        00:03 model.changed castle by ann (site castle: name site -> castle)
    "#]]
    .assert_eq(&night.told);
}

#[test]
fn a_retired_node_has_no_vote() {
    check_in(
        &zone(),
        "00:00 10.0.0.1_0 FIRE 0
         00:01 ann unplugs 10.0.0.1
         00:31 ann retires 10.0.0.1
         00:32 10.0.0.2_0 FIRE 0",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:10 node.late 10.0.0.1 (silent for 10 s)
            00:30 alarm.raised attic parent.lost unacknowledged (all 2 nodes behind it are silent: 10.0.0.1 in room-1, 10.0.0.2 in room-2)
            00:30 notification.promised (porter attic/parent.lost/…/raised)
            00:30 suppression.began attic node.silent by poe (suppressed_by_design: attic is lost)
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            00:30 alarm.raised 10.0.0.2 node.silent unacknowledged (node has never been heard)
            00:30 alarm.raised 10.0.0.3 node.silent unacknowledged (node has never been heard)
            00:30 notification.promised (porter 10.0.0.3/node.silent/…/raised)
            00:31 node.retired 10.0.0.1 by ann (retired no -> yes)
            00:31 alarm.returned 10.0.0.1 node.silent normal by ann (the node is retired)
            00:31 alarm.returned attic parent.lost returned_unacknowledged by ann
            00:32 node.admitted 10.0.0.2
            00:32 alarm.returned 10.0.0.2 node.silent normal
        "#]],
    );
}

#[test]
fn votes_are_given_anew_after_a_restart_before_an_alarm_ends() {
    check_in(
        &zone(),
        "00:00 10.0.0.1_0 FIRE 0
         00:02 10.0.0.2_0 FIRE 0
         00:03 killed
         00:04 10.0.0.1_0 FIRE 0
         00:05 10.0.0.2_0 FIRE 0
         00:13 10.0.0.1 speaks
         00:14 10.0.0.2 speaks
         00:22 10.0.0.1 speaks
         00:23 10.0.0.2 speaks
         00:30 10.0.0.1 speaks
         00:30 10.0.0.2 speaks
         00:35",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:02 node.admitted 10.0.0.2
            00:02 alarm.raised attic fire unacknowledged 0 (flame: 10.0.0.1_0, 10.0.0.2_0)
            00:02 notification.promised (porter attic/fire/…/raised)
            00:03 server.started system (poe 1.0)
            00:03 alarm.raised system restart unacknowledged (the server was not stopped in order; it last wrote something 0 s ago)
            00:03 alarm.returned system restart latched_unacknowledged
            00:03 notification.promised (porter system/restart/…/restarted)
            00:33 alarm.raised 10.0.0.3 node.silent unacknowledged (node has never been heard)
            00:33 notification.promised (porter 10.0.0.3/node.silent/…/raised)
        "#]],
    );
}

fn crossed() -> Model {
    let voting = Some(Voting::CrossZone { group: Group::Node, window: secs(20) });
    with_rules([RuleSetting { voting, ..rule("smoke") }])
}

#[test]
fn of_two_crossed_detectors_one_alone_is_a_trouble() {
    check_in(
        &crossed(),
        "00:00 10.0.0.1_8 SMOKE 100
         00:01 10.0.0.1_8 SMOKE 220
         00:10 10.0.0.1 speaks
         00:18 10.0.0.1 speaks
         00:25 10.0.0.1_8 SMOKE 100",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:05 alarm.raised 10.0.0.1_8 smoke-warning unacknowledged 220 (smoke)
            00:21 alarm.raised 10.0.0.1 cross_zone.single unacknowledged (10.0.0.1_8 tripped, and no other detector did)
            00:25 alarm.returned 10.0.0.1_8 smoke-warning returned_unacknowledged 220
            00:25 alarm.returned 10.0.0.1 cross_zone.single returned_unacknowledged
        "#]],
    );
}

#[test]
fn also_where_it_was_over_before_the_window_was() {
    check_in(
        &crossed(),
        "00:00 10.0.0.1_8 SMOKE 100
         00:01 10.0.0.1_8 SMOKE 220
         00:02 10.0.0.1_8 SMOKE 100
         00:10 10.0.0.1 speaks
         00:18 10.0.0.1 speaks
         00:25",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:21 alarm.raised 10.0.0.1 cross_zone.single unacknowledged (10.0.0.1_8 tripped, and no other detector did)
            00:21 alarm.returned 10.0.0.1 cross_zone.single returned_unacknowledged
        "#]],
    );
}

#[test]
fn both_crossed_detectors_are_an_alarm_and_no_trouble_when_one_thins_out_first() {
    check_in(
        &crossed(),
        "00:01 10.0.0.1_8 SMOKE 220
         00:03 10.0.0.1_9 SMOKE 220
         00:10 10.0.0.1_8 SMOKE 100
         00:18 10.0.0.1 speaks
         00:26 10.0.0.1 speaks
         00:34 10.0.0.1_9 SMOKE 100",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:03 alarm.raised 10.0.0.1 smoke unacknowledged 220 (dense smoke: 10.0.0.1_8, 10.0.0.1_9)
            00:05 alarm.raised 10.0.0.1_8 smoke-warning unacknowledged 220 (smoke)
            00:07 alarm.raised 10.0.0.1_9 smoke-warning unacknowledged 220 (smoke)
            00:10 alarm.returned 10.0.0.1_8 smoke-warning returned_unacknowledged 220
            00:21 alarm.returned 10.0.0.1 smoke latched_unacknowledged 220
            00:34 alarm.returned 10.0.0.1_9 smoke-warning returned_unacknowledged 220
        "#]],
    );
}

#[test]
fn a_detector_that_tripped_alone_before_a_restart_is_no_trouble_for_ever() {
    check_in(
        &crossed(),
        "00:01 10.0.0.1_8 SMOKE 220
         00:10 10.0.0.1 speaks
         00:18 10.0.0.1 speaks
         00:22 stopped
         00:23 10.0.0.1_8 SMOKE 100
         00:32 10.0.0.1 speaks
         00:41 10.0.0.1 speaks
         00:50 10.0.0.1 speaks
         00:55",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:05 alarm.raised 10.0.0.1_8 smoke-warning unacknowledged 220 (smoke)
            00:21 alarm.raised 10.0.0.1 cross_zone.single unacknowledged (10.0.0.1_8 tripped, and no other detector did)
            00:22 server.stopped system
            00:22 server.started system (poe 1.0)
            00:23 alarm.returned 10.0.0.1_8 smoke-warning returned_unacknowledged 220
            00:52 alarm.returned 10.0.0.1 cross_zone.single returned_unacknowledged
        "#]],
    );
}

#[test]
fn and_where_it_still_trips_alone_nobody_is_told_twice() {
    check_in(
        &crossed(),
        "00:01 10.0.0.1_8 SMOKE 220
         00:10 10.0.0.1 speaks
         00:18 10.0.0.1 speaks
         00:22 stopped
         00:23 10.0.0.1_8 SMOKE 220
         00:32 10.0.0.1 speaks
         00:41 10.0.0.1 speaks
         00:50 10.0.0.1 speaks
         00:55",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:05 alarm.raised 10.0.0.1_8 smoke-warning unacknowledged 220 (smoke)
            00:21 alarm.raised 10.0.0.1 cross_zone.single unacknowledged (10.0.0.1_8 tripped, and no other detector did)
            00:22 server.stopped system
            00:22 server.started system (poe 1.0)
        "#]],
    );
}

fn verified() -> Model {
    with_rules([RuleSetting { voting: Some(Voting::Verification), ..rule("smoke") }])
}

#[test]
fn smoke_is_verified_by_a_second_look() {
    check_in(
        &verified(),
        "00:00 10.0.0.1_8 SMOKE 100
         00:01 10.0.0.1_8 SMOKE 220
         00:03 10.0.0.1_8 SMOKE 100
         00:05 10.0.0.1_8 SMOKE 220
         00:06 10.0.0.1_8 SMOKE 100
         00:14 10.0.0.1 speaks
         00:22 10.0.0.1 speaks
         00:30 10.0.0.1_8 SMOKE 220",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:30 alarm.raised 10.0.0.1_8 health.chatter unacknowledged (chatter: it crosses its threshold again and again)
            00:30 alarm.raised 10.0.0.1_8 smoke unacknowledged 220 (dense smoke)
        "#]],
    );
}

#[test]
fn smoke_that_stays_is_verified_after_ten_seconds() {
    check_in(
        &verified(),
        "00:00 10.0.0.1_8 SMOKE 100
         00:01 10.0.0.1_8 SMOKE 220
         00:09 10.0.0.1 speaks
         00:12",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:05 alarm.raised 10.0.0.1_8 smoke-warning unacknowledged 220 (smoke)
            00:11 alarm.raised 10.0.0.1_8 smoke unacknowledged 220 (dense smoke)
        "#]],
    );
}

#[test]
fn a_first_look_is_forgotten_after_a_minute() {
    let mut night = Night::new(&verified());
    night.play(
        "00:01 10.0.0.1_8 SMOKE 220
         00:02 10.0.0.1_8 SMOKE 100
         01:12 10.0.0.1_8 SMOKE 220
         01:13 10.0.0.1_8 SMOKE 100",
    );
    assert!(night.alarm_of("10.0.0.1_8/smoke").is_none());
    night.play("01:23 10.0.0.1_8 SMOKE 220");
    assert!(night.alarm_of("10.0.0.1_8/smoke").is_some(), "the one at 01:12 was a first one again");
}
