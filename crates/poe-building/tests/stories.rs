//! Short stories in the building's words: what comes in, and what the building tells.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]
#![allow(clippy::needless_pass_by_value, reason = "an expectation is written where it is checked")]

use expect_test::{Expect, expect};
use poe_building::{
    Building, Changes, Event, Input, Known, KnownNode, KnownSensor, Limits, NodeNo, Scope, Session, Time,
};
use poe_wire::SensorKind;
use std::{fmt::Write, net::IpAddr};

const NODE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 89, 21, 188));

/// The common node's burst: 8 flame detectors, 8 smoke sensors, motion, humidity, two temperatures, water.
fn burst() -> Vec<u8> {
    smoky_burst(50)
}

/// The same in air of this quality.
fn smoky_burst(smoke: u8) -> Vec<u8> {
    let reading = |id: u8| match id {
        0..=7 => [1, id, 0, 1],
        8..=15 => [1, id, 1, smoke + id],
        16 => [1, id, 2, 0],
        17 => [1, id, 3, 40],
        18 | 19 => [1, id, 4, 72],
        _ => [1, id, 5, 3],
    };
    (0..21).flat_map(reading).collect()
}

fn told(events: &[Event]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::NodeAdded { node, address } => writeln!(text, "node {} is {address}", node.0),
            Event::SensorAdded { sensor, id, kind, .. } => {
                writeln!(text, "sensor {} is {id} {kind}", sensor.0)
            }
            Event::KindChanged { id, from, to, .. } => writeln!(text, "{id} was {from}, is {to}"),
            Event::StatusChanged { id, from: None, to, value, .. } => {
                writeln!(text, "{id} reads {value}: {to}")
            }
            Event::StatusChanged { id, from: Some(from), to, value, .. } => {
                writeln!(text, "{id} reads {value}: {from} to {to}")
            }
            Event::SensorRefused { id, .. } => writeln!(text, "{id} refused"),
            Event::FrameInvalid { frame, .. } => writeln!(text, "invalid {frame:?}"),
            Event::OutOfStep { .. } => writeln!(text, "out of step"),
        }
        .unwrap();
    }
    text
}

fn send(building: &mut Building, session: &mut Session, bytes: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    building.handle(Input::Stream { session, bytes }, Time::from_secs(1), &mut events);
    events
}

fn check(bytes: &[u8], expected: Expect) {
    let mut building = Building::new(Limits::default());
    let mut session = building.open(NODE);
    expected.assert_eq(&told(&send(&mut building, &mut session, bytes)));
}

#[test]
fn smoke_rises_and_thins_out() {
    check(
        &[1, 8, 1, 120, 1, 8, 1, 170, 1, 8, 1, 171, 1, 8, 1, 210, 1, 8, 1, 90],
        expect![[r#"
            node 0 is 10.89.21.188
            sensor 0 is 8 SMOKE
            8 reads 120: normal
            8 reads 170: normal to warning
            8 reads 210: warning to critical
            8 reads 90: critical to normal
        "#]],
    );
}

#[test]
fn an_announcement_alone_makes_no_node() {
    check(&[0, 1, 0, 0, 0, 2, 1, 9], expect![""]);
}

#[test]
fn announced_sensors_come_with_the_first_post() {
    check(
        &[0, 5, 1, 9, 0, 2, 0, 0, 1, 7, 3, 40],
        expect![[r#"
            node 0 is 10.89.21.188
            sensor 0 is 2 FIRE
            sensor 1 is 5 SMOKE
            sensor 2 is 7 HUMIDITY
            7 reads 40: normal
        "#]],
    );
}

#[test]
fn an_invalid_frame_costs_only_itself() {
    check(
        &[1, 0, 0, 1, 9, 9, 9, 9, 1, 1, 6, 1, 1, 0, 0, 0],
        expect![[r#"
            node 0 is 10.89.21.188
            sensor 0 is 0 FIRE
            0 reads 1: normal
            invalid 09 09 09 09
            invalid 01 01 06 01
            0 reads 0: normal to critical
        "#]],
    );
}

#[test]
fn a_post_of_another_kind_counts_and_an_announcement_does_not() {
    check(
        &[1, 3, 4, 70, 0, 3, 0, 0, 1, 3, 4, 71, 1, 3, 1, 100, 1, 3, 1, 101],
        expect![[r#"
            node 0 is 10.89.21.188
            sensor 0 is 3 TEMPERATURE
            3 reads 70: normal
            3 was TEMPERATURE, is SMOKE
        "#]],
    );
}

#[test]
fn the_first_bytes_of_a_tls_greeting_make_no_node() {
    // A record header, a ClientHello header and a version: the third frame is an aligned INITIALIZATION.
    let mut bytes = vec![0x16, 3, 1, 2, 0x0c, 1, 0, 2, 0, 3, 3, 0x11];
    bytes.extend(0x40..0x80);
    let mut building = Building::new(Limits::default());
    let mut session = building.open(NODE);
    send(&mut building, &mut session, &bytes);
    assert_eq!(building.node_count(), 0);
    assert_eq!(building.sensor_count(), 0);
}

#[test]
fn a_flame_inside_a_tls_greeting_is_none() {
    let greeting = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 9, 1, 143, 0, 0, 1, 3, 0, 0];
    let mut building = Building::new(Limits::default());
    let mut session = building.open(NODE);
    send(&mut building, &mut session, &burst());
    let mut scanner = building.open(NODE);
    send(&mut building, &mut scanner, &greeting);
    assert_eq!(building.sensor_count(), 21, "also where the scanner has the address of a node");
    building.handle(Input::Closed { session: &scanner }, Time::from_secs(2), &mut Vec::new());
    assert_eq!(building.counters().invalid_opt, 5, "its greeting and what looked like readings");

    let mut stranger = building.open("10.0.0.9".parse().unwrap());
    send(&mut building, &mut stranger, &greeting);
    assert_eq!(building.node_count(), 1);
}

#[test]
fn a_node_that_greets_like_a_browser_proves_itself_with_eight_readings() {
    let mut building = Building::new(Limits::default());
    let mut session = building.open(NODE);
    send(&mut building, &mut session, b"GET / HTTP/1.1\r\n\r\n..");
    send(&mut building, &mut session, &burst());
    assert_eq!(building.sensor_count(), 21);
    assert_eq!((session.frames(), session.invalid()), (26, 5));
}

#[test]
fn an_announcement_counts_once_the_peer_is_a_node_on_another_connection() {
    let mut building = Building::new(Limits::default());
    let (mut first, mut second) = (building.open(NODE), building.open(NODE));
    send(&mut building, &mut first, &[1, 0, 0, 1]);
    send(&mut building, &mut second, &[0, 9, 1, 0]);
    assert_eq!(building.sensor_count(), 2);
    assert_eq!(building.connections(NodeNo(0)), 2);
}

#[test]
fn a_changed_kind_does_not_wait_with_the_rest() {
    let mut building = Building::new(Limits::default());
    let mut session = building.open(NODE);
    send(&mut building, &mut session, &[1, 3, 4, 70]);
    building.take_changes(Scope::All, &mut Changes::default());
    send(&mut building, &mut session, &[1, 3, 3, 70]);
    assert!(building.has_urgent_changes());
}

/// A stream that lost some of its first bytes, from a node whose sensors are known.
fn misaligned_by(lost: usize, before: usize, same_connection: bool, smoke: u8) -> Option<usize> {
    let mut building = Building::new(Limits::default());
    let mut session = building.open(NODE);
    for _ in 0..before {
        send(&mut building, &mut session, &smoky_burst(smoke));
    }
    if !same_connection {
        session = building.open(NODE);
    }
    send(&mut building, &mut session, &smoky_burst(smoke)[lost..]);
    (1..40).find(|_| {
        let events = send(&mut building, &mut session, &smoky_burst(smoke));
        events.iter().any(|event| matches!(event, Event::OutOfStep { .. }))
    })
}

#[test]
fn a_stream_that_is_out_of_step_is_found_out() {
    for lost in 1..=3 {
        for same_connection in [false, true] {
            for before in [1, 100] {
                // Clean air reads like the ids of sensors that are known.
                for smoke in [0, 2, 5, 50, 140] {
                    let bursts = misaligned_by(lost, before, same_connection, smoke);
                    let told = format!("{lost} lost after {before} bursts, smoke {smoke}: {bursts:?}");
                    assert!(bursts.is_some_and(|n| n <= 19), "{told}");
                }
            }
        }
    }
    assert_eq!(misaligned_by(0, 1, false, 50), None);
    assert_eq!(misaligned_by(4, 1, true, 50), None, "a whole frame lost is no misalignment");
}

#[test]
fn half_invalid_closes_nothing() {
    let half: [&dyn Fn(usize) -> bool; 3] = [&|n| n % 2 == 0, &|n| n / 192 % 2 == 0, &|n| n / 21 % 2 == 1];
    for (pattern, invalid) in half.iter().enumerate() {
        let mut building = Building::new(Limits::default());
        let mut session = building.open(NODE);
        for n in 0..5_000 {
            let frame = if invalid(n) { [7, 7, 7, 7] } else { [1, (n / 3) as u8, 0, 1] };
            for event in send(&mut building, &mut session, &frame) {
                assert!(!matches!(event, Event::OutOfStep { .. }), "pattern {pattern}, frame {n}");
            }
        }
    }
}

#[test]
fn half_contradicting_announcements_close_nothing() {
    let mut building = Building::new(Limits::default());
    let mut session = building.open(NODE);
    send(&mut building, &mut session, &burst());
    for id in (21..=255).cycle().take(2_000) {
        let events = send(&mut building, &mut session, &[0, 0, 1, 0, 1, id, 1, 40]);
        assert!(!events.iter().any(|event| matches!(event, Event::OutOfStep { .. })));
    }
}

#[test]
fn two_thirds_invalid_close_at_once_and_nothing_after_it_is_heard() {
    let mut building = Building::new(Limits::default());
    let mut session = building.open(NODE);
    let mut bytes = [7; 4].repeat(256);
    bytes.extend([1, 0, 0, 1]);
    let events = send(&mut building, &mut session, &bytes);
    assert!(matches!(events.last(), Some(Event::OutOfStep { .. })));
    assert!(send(&mut building, &mut session, &burst()).is_empty());
    assert_eq!(building.node_count(), 0);
}

#[test]
fn a_full_building_refuses_new_sensors_and_serves_the_known() {
    let mut building = Building::new(Limits { sensors: 2, ..Limits::default() });
    let mut session = building.open(NODE);
    let events =
        send(&mut building, &mut session, &[1, 0, 0, 1, 1, 1, 0, 1, 1, 2, 0, 1, 0, 3, 0, 0, 1, 0, 0, 0]);
    expect![[r#"
        node 0 is 10.89.21.188
        sensor 0 is 0 FIRE
        0 reads 1: normal
        sensor 1 is 1 FIRE
        1 reads 1: normal
        2 refused
        3 refused
        0 reads 0: normal to critical
    "#]]
    .assert_eq(&told(&events));
    let mut stranger = building.open("10.0.0.9".parse().unwrap());
    expect![[r#"
        7 refused
    "#]]
    .assert_eq(&told(&send(&mut building, &mut stranger, &[1, 7, 0, 0])));
    assert_eq!(building.node_count(), 1, "a stranger without a sensor is no node");
}

#[test]
fn a_building_full_of_nodes_refuses_strangers_and_takes_new_sensors_of_the_known() {
    let mut building = Building::new(Limits { nodes: 1, ..Limits::default() });
    let mut session = building.open(NODE);
    send(&mut building, &mut session, &[1, 0, 0, 1]);
    let mut stranger = building.open("10.0.0.9".parse().unwrap());
    expect![[r#"
        7 refused
    "#]]
    .assert_eq(&told(&send(&mut building, &mut stranger, &[1, 7, 0, 0])));
    send(&mut building, &mut session, &[1, 1, 0, 1]);
    assert_eq!((building.node_count(), building.sensor_count()), (1, 2));
}

#[test]
fn a_datagram_is_whole_frames_or_nothing() {
    let mut building = Building::new(Limits::default());
    let mut events = Vec::new();
    let now = Time::from_secs(1);
    building.handle(Input::Datagram { from: NODE, bytes: &[1, 0, 0, 1, 1] }, now, &mut events);
    assert!(events.is_empty());
    assert_eq!(building.counters().invalid_datagrams, 1);
    building.handle(Input::Datagram { from: NODE, bytes: &[0, 1, 1, 0, 1, 0, 0, 1] }, now, &mut events);
    assert_eq!((building.node_count(), building.sensor_count()), (1, 2));
    assert_eq!(building.connections(NodeNo(0)), 0, "a datagram leaves no connection behind");
    let invalid_then_valid = [[9; 4].repeat(300), vec![1, 9, 0, 1]].concat();
    building.handle(Input::Datagram { from: NODE, bytes: &invalid_then_valid }, now, &mut events);
    assert_eq!(building.sensor_count(), 3, "there is no connection to judge");
}

#[test]
fn ipv4_through_an_ipv6_socket_is_the_same_node() {
    let mut building = Building::new(Limits::default());
    let mut session = building.open(NODE);
    send(&mut building, &mut session, &burst());
    let IpAddr::V4(v4) = NODE else { unreachable!("it is written above") };
    let mut session = building.open(IpAddr::V6(v4.to_ipv6_mapped()));
    send(&mut building, &mut session, &burst());
    assert_eq!(building.node_count(), 1);
    assert_eq!(building.connections(NodeNo(0)), 2);
}

#[test]
fn a_restored_building_goes_on_where_it_was() {
    let known = Known {
        nodes: vec![KnownNode {
            address: NODE,
            first_seen: Time::from_secs(5),
            retired: false,
            approved: false,
        }],
        sensors: vec![KnownSensor { node: NodeNo(0), id: 4, kind: SensorKind::Fire, latest: None }],
        ..Known::default()
    };
    let mut building = Building::restore(Limits::default(), &known, Time::from_secs(6));
    assert!(!building.has_urgent_changes());
    let mut session = building.open(NODE);
    expect![[r#"
        4 reads 0: critical
        sensor 1 is 5 FIRE
        5 reads 1: normal
    "#]]
    .assert_eq(&told(&send(&mut building, &mut session, &[1, 4, 0, 0, 1, 5, 0, 1])));
    assert_eq!(building.nodes(NodeNo(0)).next().unwrap().first_seen, Time::from_secs(5));
}

#[test]
fn a_changed_status_does_not_wait_with_the_rest() {
    let mut building = Building::new(Limits::default());
    let mut session = building.open(NODE);
    let mut changes = Changes::default();
    send(&mut building, &mut session, &burst());
    building.take_changes(Scope::All, &mut changes);
    changes.clear();

    send(&mut building, &mut session, &burst());
    assert!(!building.has_urgent_changes());
    send(&mut building, &mut session, &[1, 3, 0, 0]);
    assert!(building.has_urgent_changes());
    building.take_changes(Scope::Urgent, &mut changes);
    assert_eq!(changes.rows.iter().map(|row| row.value).collect::<Vec<_>>(), [0]);
    assert_eq!(building.rows_waiting(), 20);
    building.take_changes(Scope::All, &mut changes);
    assert_eq!(changes.rows.len(), 21);
    assert_eq!(building.rows_waiting(), 0);
}

#[test]
fn a_frame_cut_by_the_end_is_counted() {
    let mut building = Building::new(Limits::default());
    let mut session = building.open(NODE);
    send(&mut building, &mut session, &[1, 0, 0, 1, 1, 1]);
    let mut events = Vec::new();
    building.handle(Input::Closed { session: &session }, Time::from_secs(2), &mut events);
    assert_eq!(building.counters().cut_frames, 1);
    assert_eq!(building.counters().posts, 1);
    assert_eq!(building.connections(NodeNo(0)), 0);
}
