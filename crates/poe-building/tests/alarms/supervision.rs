//! Who is heard and who is missed; who is moved, and who is gone for good.

use crate::{
    house::node,
    night::{Night, check, check_in},
};
use expect_test::expect;
use poe_building::{Input, Model};
use poe_wire::SensorKind;
use std::{net::IpAddr, time::Duration};

#[test]
fn a_node_shows_how_often_it_speaks() {
    check(
        "00:00 10.0.0.1 speaks
         00:25 10.0.0.1 speaks
         00:50 10.0.0.1 speaks
         01:15 10.0.0.1 speaks
         02:25
         02:40
         04:00",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:10 node.late 10.0.0.1 (silent for 10 s)
            00:25 node.back 10.0.0.1
            00:35 node.late 10.0.0.1 (silent for 10 s)
            00:50 node.back 10.0.0.1
            02:30 node.late 10.0.0.1 (silent for 75 s)
            03:45 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 150 s)
        "#]],
    );
}

#[test]
fn a_node_that_was_described_and_never_heard_is_missed() {
    check_in(
        &Model { nodes: vec![node(IpAddr::from([10, 0, 0, 1]), None, None)], ..Model::default() },
        "00:31
         00:40 10.0.0.1 speaks",
        expect![[r#"
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has never been heard)
            00:40 node.admitted 10.0.0.1
            00:40 alarm.returned 10.0.0.1 node.silent returned_unacknowledged
        "#]],
    );
}

#[test]
fn a_server_that_could_not_listen_accuses_nobody() {
    check(
        "00:00 10.0.0.1 speaks
         00:09 listening
         00:18
         00:20",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:19 node.late 10.0.0.1 (silent for 10 s)
        "#]],
    );
}

#[test]
fn two_nodes_on_one_address_are_a_trouble() {
    let mut night = Night::new(&Model::default());
    let address = IpAddr::from([10, 0, 0, 1]);
    let mut lines = [night.building.open(address), night.building.open(address)];
    for at in 0..12 {
        night.pass(Duration::from_secs(1));
        let session = &mut lines[at % 2];
        let bytes = [1, 17, SensorKind::Humidity.byte(), 40 + at as u8];
        night.building.handle(Input::Stream { session, bytes: &bytes }, night.now, &mut Vec::new());
    }
    night.play("01:10");
    expect![[r#"
        00:01 node.admitted 10.0.0.1
        00:08 alarm.raised 10.0.0.1 node.conflict unacknowledged (two connections of 10.0.0.1 both deliver sensor 17: two nodes with one address?)
        00:22 node.late 10.0.0.1 (silent for 10 s)
        00:42 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
    "#]].assert_eq(&night.told);
}

#[test]
fn a_new_address_with_the_sensors_of_a_silent_node_may_be_that_node() {
    check(
        "00:00 10.0.0.1_0 FIRE 1
         00:00 10.0.0.1_18 TEMPERATURE 72
         00:00 10.0.0.2_5 WATER 1
         00:40 10.0.0.9_18 TEMPERATURE 72
         00:40 10.0.0.9_0 FIRE 1
         00:49 10.0.0.9_0 FIRE 1
         00:50",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 node.admitted 10.0.0.2
            00:10 node.late 10.0.0.1 (silent for 10 s)
            00:10 node.late 10.0.0.2 (silent for 10 s)
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            00:30 alarm.raised 10.0.0.2 node.silent unacknowledged (node has been silent for 30 s)
            00:40 node.admitted 10.0.0.9
            00:50 node.moved_maybe 10.0.0.9 (has the sensors of 10.0.0.1, which fell silent; moved? then: poe node move 10.0.0.1 10.0.0.9)
        "#]],
    );
}

#[test]
fn a_node_that_was_moved_is_not_missed_where_it_was() {
    check_in(
        &Model { nodes: vec![node(IpAddr::from([10, 0, 0, 1]), None, None)], ..Model::default() },
        "00:00 10.0.0.1_0 FIRE 0
         00:01 ann moves 10.0.0.1 10.0.0.9
         00:02 ann unplugs 10.0.0.1
         00:10 ann disconnects 10.0.0.1 600 repair
         00:40 ann moves 10.0.0.1 10.0.0.9
         00:41 10.0.0.9_0 FIRE 0
         00:42 ann moves 10.0.0.3 10.0.0.9
         00:43 ann moves 10.0.0.9 10.0.0.9",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:01 refused: 10.0.0.1 is still heard; move it once the old node is unplugged
            00:01 command.refused 10.0.0.1 by ann (move node 10.0.0.1 to 10.0.0.9: 10.0.0.1 is still heard; move it once the old node is unplugged)
            00:10 node.late 10.0.0.1 (silent for 10 s)
            00:10 suppression.began 10.0.0.1 by ann (out_of_service: repair (until 1970-01-12 13:56:50 UTC))
            00:10 alarm.quieted 10.0.0.1_0 fire unacknowledged 0 by ann (out_of_service)
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            00:40 node.moved 10.0.0.1 by ann (10.0.0.1 is 10.0.0.9 now)
            00:40 alarm.returned 10.0.0.1_0 fire normal 0 by ann (the node is 10.0.0.9 now)
            00:40 alarm.returned 10.0.0.1 node.silent normal by ann (the node is 10.0.0.9 now)
            00:40 model.changed 10.0.0.1 by ann (node 10.0.0.1: removed)
            00:40 model.changed 10.0.0.9 by ann (node 10.0.0.9: added)
            00:41 node.admitted 10.0.0.9
            00:41 alarm.raised 10.0.0.9_0 fire unacknowledged 0 (flame)
            00:42 refused: there is no node "10.0.0.3"
            00:42 command.refused 10.0.0.3 by ann (move node 10.0.0.3 to 10.0.0.9: there is no node "10.0.0.3")
            00:43 refused: the two addresses are the same
            00:43 command.refused 10.0.0.9 by ann (move node 10.0.0.9 to 10.0.0.9: the two addresses are the same)
        "#]],
    );
}

#[test]
fn a_node_of_which_nothing_was_said_is_missed_where_it_was_moved_to() {
    check(
        "00:00 10.0.0.1_0 FIRE 0
         00:01 ann unplugs 10.0.0.1
         00:40 ann moves 10.0.0.1 10.0.0.9
         01:20 10.0.0.9_0 FIRE 1",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:10 node.late 10.0.0.1 (silent for 10 s)
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            00:40 node.moved 10.0.0.1 by ann (10.0.0.1 is 10.0.0.9 now)
            00:40 alarm.returned 10.0.0.1_0 fire normal 0 by ann (the node is 10.0.0.9 now)
            00:40 alarm.returned 10.0.0.1 node.silent normal by ann (the node is 10.0.0.9 now)
            00:40 model.changed 10.0.0.9 by ann (node 10.0.0.9: added)
            01:10 alarm.raised 10.0.0.9 node.silent unacknowledged (node has never been heard)
            01:20 node.admitted 10.0.0.9
            01:20 alarm.returned 10.0.0.9 node.silent returned_unacknowledged
        "#]],
    );
}

#[test]
fn a_node_that_was_moved_by_mistake_and_back_is_missed_and_judged_again() {
    check(
        "00:00 10.0.0.1_0 FIRE 0
         00:01 ann unplugs 10.0.0.1
         00:40 ann moves 10.0.0.1 10.0.0.9
         00:41 ann moves 10.0.0.9 10.0.0.1
         01:20
         01:30 10.0.0.1_0 FIRE 0",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:10 node.late 10.0.0.1 (silent for 10 s)
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            00:40 node.moved 10.0.0.1 by ann (10.0.0.1 is 10.0.0.9 now)
            00:40 alarm.returned 10.0.0.1_0 fire normal 0 by ann (the node is 10.0.0.9 now)
            00:40 alarm.returned 10.0.0.1 node.silent normal by ann (the node is 10.0.0.9 now)
            00:40 model.changed 10.0.0.9 by ann (node 10.0.0.9: added)
            00:41 node.moved 10.0.0.9 by ann (10.0.0.9 is 10.0.0.1 now)
            00:41 model.changed 10.0.0.9 by ann (node 10.0.0.9: removed)
            00:41 model.changed 10.0.0.1 by ann (node 10.0.0.1: added)
            00:41 node.approved 10.0.0.1 by ann (approved no -> yes)
            01:11 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            01:30 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            01:30 node.back 10.0.0.1
            01:30 alarm.returned 10.0.0.1 node.silent returned_unacknowledged
        "#]],
    );
}

#[test]
fn a_node_that_is_retired_is_missed_by_nobody_until_it_speaks() {
    check(
        "00:00 10.0.0.1_0 FIRE 0
         00:01 ann retires 10.0.0.1
         00:02 ann unplugs 10.0.0.1
         00:31
         00:40 ann retires 10.0.0.1
         00:41 ann retires 10.0.0.2
         00:42 killed
         02:00 10.0.0.1_0 FIRE 1",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:01 refused: 10.0.0.1 is connected; unplug it first
            00:01 command.refused 10.0.0.1 by ann (retire node 10.0.0.1: 10.0.0.1 is connected; unplug it first)
            00:10 node.late 10.0.0.1 (silent for 10 s)
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            00:40 node.retired 10.0.0.1 by ann (retired no -> yes)
            00:40 alarm.returned 10.0.0.1_0 fire normal 0 by ann (the node is retired)
            00:40 alarm.returned 10.0.0.1 node.silent normal by ann (the node is retired)
            00:41 refused: there is no node "10.0.0.2"
            00:41 command.refused 10.0.0.2 by ann (retire node 10.0.0.2: there is no node "10.0.0.2")
            00:42 server.started system (poe 1.0)
            00:42 alarm.raised system restart unacknowledged (the server was not stopped in order; it last wrote something 0 s ago)
            00:42 alarm.returned system restart latched_unacknowledged
            02:00 node.back 10.0.0.1
        "#]],
    );
}

#[test]
fn a_node_that_was_never_heard_and_is_retired_is_described_no_longer() {
    check_in(
        &Model { nodes: vec![node(IpAddr::from([10, 0, 0, 1]), None, None)], ..Model::default() },
        "00:31
         00:40 ann retires 10.0.0.1
         00:41 ann retires 10.0.0.1
         02:00 10.0.0.1 speaks",
        expect![[r#"
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has never been heard)
            00:40 model.changed 10.0.0.1 by ann (node 10.0.0.1: removed)
            00:40 alarm.returned 10.0.0.1 node.silent normal by ann (it is no longer described)
            00:40 node.retired 10.0.0.1 by ann (never heard, and no longer described)
            00:41 refused: there is no node "10.0.0.1"
            00:41 command.refused 10.0.0.1 by ann (retire node 10.0.0.1: there is no node "10.0.0.1")
            02:00 node.admitted 10.0.0.1
        "#]],
    );
}

#[test]
fn a_flame_that_outlasts_the_retirement_of_its_node_is_signalled_again() {
    check(
        "00:00 10.0.0.1_0 FIRE 0
         00:01 10.0.0.1_1 FIRE 1
         00:02 ann unplugs 10.0.0.1
         00:20 ann retires 10.0.0.1
         00:30 10.0.0.1_1 FIRE 1
         00:31 10.0.0.1_0 FIRE 0",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:11 node.late 10.0.0.1 (silent for 10 s)
            00:20 node.retired 10.0.0.1 by ann (retired no -> yes)
            00:20 alarm.returned 10.0.0.1_0 fire normal 0 by ann (the node is retired)
            00:30 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:30 node.back 10.0.0.1
        "#]],
    );
}
