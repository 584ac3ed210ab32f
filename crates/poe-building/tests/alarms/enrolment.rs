//! Nodes that were never seen before: who is let in, who waits, and that a flame is told whoever sees it.

use crate::{
    house,
    night::{Night, check, check_in},
};
use expect_test::expect;
use poe_building::{
    Changes, Enrolment, Limits, Model, NodeNo, Order, OrderRefused, QUARANTINE_NODES_MAX, Scope, SensorKey,
    Who,
};
use poe_wire::SensorKind;
use std::net::{IpAddr, Ipv4Addr};

fn approve() -> Model {
    Model { enrolment: Enrolment::Approve, ..Model::default() }
}

fn closed() -> Model {
    Model { enrolment: Enrolment::Closed, ..Model::default() }
}

fn nth(number: u32) -> IpAddr {
    Ipv4Addr::from_bits(0x0a01_0000 + number).into()
}

fn reads(night: &mut Night, node: IpAddr, kind: SensorKind, value: u8) {
    night.reads(SensorKey { address: node, id: 0 }, kind, value);
}

fn told(night: &Night) -> Vec<&str> {
    night.told.lines().collect()
}

#[test]
fn an_open_building_lets_everybody_in_and_shows_who_is_new() {
    let mut night = Night::new(&Model::default());
    night.play("00:00 10.0.0.1_0 FIRE 1");
    let is_approved = |night: &Night| night.building.nodes(NodeNo(0)).next().unwrap().approved;
    assert!(!is_approved(&night));
    night.play(
        "00:01 ann approves 10.0.0.1
         00:02 ann approves 10.0.0.1
         00:03 ann approves 10.0.0.2
         00:04 ann dismisses 10.0.0.1",
    );
    assert!(is_approved(&night));
    night.play_restart();
    assert!(is_approved(&night), "after a restart, too");
    expect![[r#"
        00:00 node.admitted 10.0.0.1
        00:01 node.approved 10.0.0.1 by ann (approved no -> yes)
        00:03 refused: there is no node "10.0.0.2"
        00:03 command.refused 10.0.0.2 by ann (approve node 10.0.0.2: there is no node "10.0.0.2")
        00:04 refused: there is no node that waits for approval "10.0.0.1"
        00:04 command.refused 10.0.0.1 by ann (dismiss node 10.0.0.1: there is no node that waits for approval "10.0.0.1")
    "#]]
    .assert_eq(&night.told);
}

#[test]
fn a_flame_that_a_stranger_sees_is_supervisory_until_somebody_approves_the_stranger() {
    check_in(
        &approve(),
        "00:00 10.0.0.1_8 SMOKE 60
         00:01 10.0.0.1_0 FIRE 0
         00:02 10.0.0.1_0 FIRE 0
         00:05 ann acknowledges 10.0.0.1
         00:10 ann approves 10.0.0.1",
        expect![[r#"
            00:00 node.quarantined 10.0.0.1 (waits for approval)
            00:01 alarm.raised 10.0.0.1 node.unapproved unacknowledged (not approved, and its sensor 0 (FIRE) reads 0)
            00:05 alarm.acknowledged 10.0.0.1 node.unapproved acknowledged by ann (unacknowledged -> acknowledged)
            00:10 node.approved 10.0.0.1 by ann (approved no -> yes)
            00:10 alarm.returned 10.0.0.1 node.unapproved normal by ann (the node is let in)
            00:10 node.admitted 10.0.0.1 by ann
            00:10 alarm.raised 10.0.0.1_0 fire unacknowledged 0 by ann (flame)
        "#]],
    );
}

#[test]
fn the_supervisory_signal_ends_a_minute_after_the_danger() {
    check_in(
        &approve(),
        "00:00 10.0.0.1_8 SMOKE 220
         00:05 10.0.0.1_8 SMOKE 100
         00:30 10.0.0.1_8 SMOKE 230
         00:40 10.0.0.1_8 SMOKE 199
         02:00",
        expect![[r#"
            00:00 node.quarantined 10.0.0.1 (waits for approval)
            00:00 alarm.raised 10.0.0.1 node.unapproved unacknowledged (not approved, and its sensor 8 (SMOKE) reads 220)
            01:40 alarm.returned 10.0.0.1 node.unapproved returned_unacknowledged
        "#]],
    );
}

#[test]
fn a_stranger_that_is_dismissed_comes_again_when_it_sends_again() {
    check_in(
        &approve(),
        "00:00 10.0.0.1_0 FIRE 0
         00:05 bob dismisses 10.0.0.1
         00:06 bob dismisses 10.0.0.1
         00:10 10.0.0.1_0 FIRE 1
         00:20 10.0.0.1_0 FIRE 0",
        expect![[r#"
            00:00 node.quarantined 10.0.0.1 (waits for approval)
            00:00 alarm.raised 10.0.0.1 node.unapproved unacknowledged (not approved, and its sensor 0 (FIRE) reads 0)
            00:05 node.dismissed 10.0.0.1 by bob (waits for approval yes -> no, after 1 frames)
            00:05 alarm.returned 10.0.0.1 node.unapproved normal by bob (the node was dismissed)
            00:06 refused: there is no node that waits for approval "10.0.0.1"
            00:06 command.refused 10.0.0.1 by bob (dismiss node 10.0.0.1: there is no node that waits for approval "10.0.0.1")
            00:10 node.quarantined 10.0.0.1 (waits for approval)
            00:20 alarm.raised 10.0.0.1 node.unapproved unacknowledged (not approved, and its sensor 0 (FIRE) reads 0)
        "#]],
    );
}

#[test]
fn where_enrolment_is_closed_a_flame_is_told_all_the_same() {
    check_in(
        &closed(),
        "00:00 10.0.0.1_8 SMOKE 100
         00:01 10.0.0.1_0 FIRE 0
         00:20 10.0.0.1_0 FIRE 1
         02:00",
        expect![[r#"
            00:00 node.quarantined 10.0.0.1 (is refused: enrolment is closed)
            00:01 alarm.raised 10.0.0.1 node.unapproved unacknowledged (not approved, and its sensor 0 (FIRE) reads 0)
            01:20 alarm.returned 10.0.0.1 node.unapproved returned_unacknowledged
        "#]],
    );
    let mut night = Night::new(&closed());
    night.play(
        "00:00 10.0.0.1_8 SMOKE 100
         00:01 10.0.0.1_0 FIRE 0",
    );
    let held: Vec<_> = night.building.quarantine().collect();
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].frames, held[0].alarming), (2, true), "who knocks is shown with its counts");
    assert_eq!(
        held[0].sensors.iter().map(|sensor| sensor.id).collect::<Vec<_>>(),
        [0],
        "the rest is dropped"
    );
}

#[test]
fn who_was_seen_before_goes_on_and_who_is_described_comes_in() {
    let described: IpAddr = [10, 0, 0, 2].into();
    let mut night = Night::new(&Model::default());
    night.play("00:00 10.0.0.1_0 FIRE 1");
    night.describe(&Model { nodes: vec![house::node(described, None, None)], ..closed() });
    night.play(
        "00:05 10.0.0.1_0 FIRE 0
         00:06 10.0.0.2_0 FIRE 0",
    );
    assert_eq!(night.building.quarantine().count(), 0);
    let approved: Vec<bool> = night.building.nodes(NodeNo(0)).map(|node| node.approved).collect();
    assert_eq!(approved, [false, true], "a description says that it is one of ours");
    expect![[r#"
        00:00 node.admitted 10.0.0.1
        00:00 model.changed site by ann (site site: enrolment open -> closed)
        00:00 model.changed 10.0.0.2 by ann (node 10.0.0.2: added)
        00:05 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
        00:06 node.admitted 10.0.0.2
        00:06 alarm.raised 10.0.0.2_0 fire unacknowledged 0 (flame)
    "#]]
    .assert_eq(&night.told);
}

#[test]
fn a_stranger_comes_in_by_a_description_or_an_open_door() {
    let mut night = Night::new(&approve());
    night.play(
        "00:00 10.0.0.1_0 FIRE 0
         00:01 10.0.0.2_0 FIRE 1",
    );
    night.told.clear();
    night.describe(&Model { nodes: vec![house::node([10, 0, 0, 1].into(), None, None)], ..approve() });
    assert_eq!(night.building.quarantine().map(|node| node.address).collect::<Vec<_>>(), [nth_small(2)]);
    night.describe(&Model::default());
    assert_eq!(night.building.quarantine().count(), 0);
    expect![[r#"
        00:01 model.changed 10.0.0.1 by ann (node 10.0.0.1: added)
        00:01 alarm.returned 10.0.0.1 node.unapproved normal by ann (the node is let in)
        00:01 node.admitted 10.0.0.1 by ann
        00:01 alarm.raised 10.0.0.1_0 fire unacknowledged 0 by ann (flame)
        00:01 model.changed site by ann (site site: enrolment approve -> open)
        00:01 model.changed 10.0.0.1 by ann (node 10.0.0.1: removed)
        00:01 node.admitted 10.0.0.2 by ann
    "#]]
    .assert_eq(&night.told);
}

fn nth_small(last: u8) -> IpAddr {
    [10, 0, 0, last].into()
}

#[test]
fn what_a_stranger_reads_is_judged_by_the_rules_as_they_are_now() {
    let mut night = Night::new(&approve());
    night.play("00:00 10.0.0.1_18 TEMPERATURE 100");
    night.told.clear();
    let mut setting = house::rule("temperature");
    setting.at_least = Some(90);
    night.describe(&Model { rules: vec![setting], ..approve() });
    night.describe(&approve());
    night.play("02:00");
    expect![[r#"
        00:00 rule.changed by ann (rule temperature: added: at_least 90)
        00:00 alarm.raised 10.0.0.1 node.unapproved unacknowledged by ann (not approved, and its sensor 18 (TEMPERATURE) reads 100)
        00:00 rule.changed by ann (rule temperature: removed: at_least 90)
        01:00 alarm.returned 10.0.0.1 node.unapproved returned_unacknowledged
    "#]].assert_eq(&night.told);
}

#[test]
fn a_node_that_takes_over_from_one_of_ours_is_one_of_ours() {
    let mut night = Night::new(&Model::default());
    night.play(
        "00:00 10.0.0.1_0 FIRE 1
         00:01 ann approves 10.0.0.1",
    );
    night.describe(&approve());
    night.play(
        "00:02 ann unplugs 10.0.0.1
         00:03 10.0.0.2_0 FIRE 1",
    );
    night.told.clear();
    night.play("00:40 ann moves 10.0.0.1 10.0.0.2");
    assert_eq!(night.building.quarantine().count(), 0);
    expect![[r#"
        00:10 node.late 10.0.0.1 (silent for 10 s)
        00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
        00:40 node.moved 10.0.0.1 by ann (10.0.0.1 is 10.0.0.2 now)
        00:40 alarm.returned 10.0.0.1 node.silent normal by ann (the node is 10.0.0.2 now)
        00:40 node.approved 10.0.0.2 by ann (approved no -> yes)
        00:40 node.admitted 10.0.0.2 by ann
    "#]]
    .assert_eq(&night.told);
}

#[test]
fn a_restart_forgets_who_waits_and_keeps_what_was_signalled() {
    check_in(
        &approve(),
        "00:00 10.0.0.1_0 FIRE 0
         00:00 10.0.0.2_0 FIRE 0
         00:05 stopped
         00:06 10.0.0.1_0 FIRE 0
         00:08 ann dismisses 10.0.0.2",
        expect![[r#"
            00:00 node.quarantined 10.0.0.1 (waits for approval)
            00:00 alarm.raised 10.0.0.1 node.unapproved unacknowledged (not approved, and its sensor 0 (FIRE) reads 0)
            00:00 node.quarantined 10.0.0.2 (waits for approval)
            00:00 alarm.raised 10.0.0.2 node.unapproved unacknowledged (not approved, and its sensor 0 (FIRE) reads 0)
            00:05 server.stopped system
            00:05 server.started system (poe 1.0)
            00:06 node.quarantined 10.0.0.1 (waits for approval)
            00:08 node.dismissed 10.0.0.2 by ann (signalled yes -> no)
            00:08 alarm.returned 10.0.0.2 node.unapproved normal by ann (the node was dismissed)
        "#]],
    );
}

#[test]
fn a_flood_of_invented_addresses_fills_neither_the_list_nor_the_journal() {
    let mut night = Night::new(&approve());
    let flame = nth(0);
    reads(&mut night, flame, SensorKind::Fire, 0);
    let real = nth(1);
    night.play(&format!("00:00 {real}_8 SMOKE 60"));
    for number in 2..2_000 {
        // Datagrams: their senders have no connection.
        let input = poe_building::Input::Datagram { from: nth(number), bytes: &[1, 0, 0, 1] };
        night.building.handle(input, night.now, &mut Vec::new());
    }
    night.tell();
    let held: Vec<_> = night.building.quarantine().collect();
    assert_eq!(held.len(), QUARANTINE_NODES_MAX);
    assert!(held.iter().any(|node| node.address == flame && node.alarming), "who reports danger stays");
    assert!(held.iter().any(|node| node.address == real), "who has a connection stays");
    assert_eq!(night.building.counters().quarantine_full, 2_000 - QUARANTINE_NODES_MAX as u64);
    night.play("01:00");
    let entries = told(&night).iter().filter(|line| line.contains("node.quarantined")).count();
    assert_eq!(entries, 21, "twenty, and one that counts the others:\n{}", night.told);
    assert!(
        night.told.contains("(1980 more in the last minute, without an entry of their own)"),
        "{}",
        night.told
    );
    assert_eq!(
        told(&night).iter().filter(|line| line.contains("alarm.raised system limit.quarantine")).count(),
        1
    );
    assert!(night.told.contains("alarm.returned system limit.quarantine"), "{}", night.told);
}

#[test]
fn a_flame_is_told_even_where_there_is_no_room_left_for_who_sees_it() {
    let mut night = Night::new(&approve());
    for number in 0..QUARANTINE_NODES_MAX as u32 {
        reads(&mut night, nth(number), SensorKind::Fire, 0);
    }
    night.tell();
    night.told.clear();
    let one_more: IpAddr = [10, 9, 9, 9].into();
    reads(&mut night, one_more, SensorKind::Fire, 1);
    reads(&mut night, one_more, SensorKind::Fire, 0);
    night.tell();
    assert_eq!(night.building.quarantine().count(), QUARANTINE_NODES_MAX);
    expect![[r#"
        00:00 alarm.raised system limit.quarantine unacknowledged (10.9.9.9 is not held: every one of 256 nodes reports danger)
        00:00 alarm.raised system node.unapproved unacknowledged (sensor 10.9.9.9_0 (FIRE) reads 0, and no more nodes can be held apart)
    "#]].assert_eq(&night.told);
}

#[test]
fn an_approval_that_does_not_fit_in_is_refused() {
    let limits = Limits { nodes: 0, ..Limits::default() };
    let mut building = poe_building::Building::new(limits);
    let (who, now) = (Who::new("ann", "test"), poe_building::Time::from_secs(1));
    let order = Order::SetModel { model: Box::new(approve()), from_version: None };
    building.order(order, &who, now).unwrap();
    let input = poe_building::Input::Datagram { from: nth(1), bytes: &[1, 0, 0, 0] };
    building.handle(input, now, &mut Vec::new());
    let refused = building.order(Order::ApproveNode(nth(1)), &who, now);
    assert_eq!(refused, Err(OrderRefused::Full { what: "nodes", most: 0 }));
    assert_eq!(building.quarantine().count(), 1, "it waits on");
}

#[test]
fn connections_and_announcements_of_a_stranger_are_shown() {
    let mut night = Night::new(&approve());
    let mut session = night.building.open(nth(1));
    let mut say = |night: &mut Night, bytes: &[u8]| {
        let input = poe_building::Input::Stream { session: &mut session, bytes };
        night.building.handle(input, night.now, &mut Vec::new());
    };
    say(&mut night, &[0, 3, 1, 0, 0, 4, 0, 0]);
    assert_eq!(night.building.quarantine().count(), 0, "who only announces may be a port scanner");
    say(&mut night, &[1, 3, 1, 60, 0, 5, 2, 0, 9, 9, 9, 9]);
    let held: Vec<_> = night.building.quarantine().collect();
    assert_eq!((held[0].connections, held[0].frames), (1, 3));
    let sensors: Vec<_> =
        held[0].sensors.iter().map(|sensor| (sensor.id, sensor.latest.map(|latest| latest.value))).collect();
    assert_eq!(sensors, [(3, Some(60)), (4, None), (5, None)]);
    night.play("00:01 ann approves 10.1.0.1");
    let mut changes = Changes::default();
    night.building.take_changes(Scope::All, &mut changes);
    let node = night.building.nodes(NodeNo(0)).next().unwrap();
    assert_eq!((node.sensors, node.frames, node.invalid_frames), (3, 3, 1));
    night.building.handle(poe_building::Input::Closed { session: &session }, night.now, &mut Vec::new());
}

#[test]
fn an_approval_does_not_go_ahead_of_its_node() {
    let mut night = Night::new(&approve());
    night.play("00:00 10.0.0.1_0 FIRE 1");
    let order = Order::ApproveNode([10, 0, 0, 1].into());
    night.building.order(order, &Who::new("ann", "test"), night.now).unwrap();
    let mut news = Changes::default();
    night.building.take_news(&mut news, 0);
    assert!(!news.entries.is_empty() && news.approved.is_empty(), "while the table is locked");
    let mut batch = Changes::default();
    night.building.take_changes(Scope::All, &mut batch);
    assert_eq!((batch.nodes.len(), batch.sensors.len(), batch.rows.len()), (1, 1, 1));
    assert_eq!(batch.approved, [IpAddr::from([10, 0, 0, 1])]);
    let mut events = Vec::new();
    night.building.take_events(&mut events);
    assert_eq!(events.len(), 3, "a node, a sensor and a status are told: {events:?}");
}

#[test]
fn nothing_is_new_where_nobody_asked_for_approval() {
    check(
        "00:00 10.0.0.1_0 FIRE 0",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
        "#]],
    );
}
