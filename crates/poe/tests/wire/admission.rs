//! Who may come in: by network, by address, and when the house is full.

use crate::{
    node::{FIRE, Node, WATER, post},
    support::{PATIENCE, Server, Setup, try_connect_from},
};
use std::{
    net::{Ipv4Addr, UdpSocket},
    thread,
    time::{Duration, Instant},
};

const NETWORK: &str = "poe_refused_total{reason=\"network\"}";
const ADDRESS_CAP: &str = "poe_refused_total{reason=\"address_cap\"}";
const CONNECTION_CAP: &str = "poe_refused_total{reason=\"connection_cap\"}";

#[test]
fn a_peer_of_another_network_is_refused_before_a_byte_is_read() {
    let server = Server::start(&["--allow", "127.0.0.2/32"]);
    let mut stranger = Node::connect(&server, 1);
    // It may be gone already.
    stranger.try_send(&post(1, FIRE, 1)).ok();
    stranger.wait_until_closed();
    server.check_metric(NETWORK, 1.0);
    let mut node = Node::connect(&server, 2);
    node.time_to_row(&server, 1, 7);
    server.check_metric("poe_frames_total{result=\"valid\"}", 1.0);
    server.check_metric("poe_connections_accepted_total", 1.0);
    assert_eq!(server.table().len(), 1);
    server.check_told("127.0.0.1 was refused: its network is not admitted");
}

#[test]
fn a_datagram_of_another_network_is_refused_and_counted() {
    let server = Server::start(&["--allow", "127.0.0.2/32", "--udp", "127.0.0.1:0"]);
    for (number, id) in [(1, 1), (3, 3), (2, 2)] {
        let socket = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, number), 0)).unwrap();
        socket.send_to(&post(id, FIRE, 1), server.udp()).unwrap();
    }
    server.wait_for(|server| server.row("127.0.0.2_2").is_some(), PATIENCE);
    server.check_metric(NETWORK, 2.0);
    assert_eq!(server.table().len(), 1);
    server.check_metric("poe_nodes", 1.0);
}

#[test]
fn a_flood_of_refusals_is_counted_in_full_and_logged_a_few_times() {
    let server = Server::start(&["--allow", "10.0.0.0/8"]);
    for _ in 0..300 {
        Node::connect(&server, 1).wait_until_closed();
    }
    server.check_metric(NETWORK, 300.0);
    let lines = server.stderr().matches("was refused").count();
    assert!((1..=20).contains(&lines), "{lines}");
}

#[test]
fn one_address_has_so_many_connections_and_no_more() {
    let server = Server::start(&["--max-connections-per-address", "3"]);
    let mut inside: Vec<Node> = (0..3).map(|_| Node::connect(&server, 2)).collect();
    let mut outside = Node::connect(&server, 2);
    outside.wait_until_closed();
    server.check_metric(ADDRESS_CAP, 1.0);
    Node::connect(&server, 3).time_to_row(&server, 1, 5);
    for (value, node) in (10..).zip(&mut inside) {
        node.time_to_row(&server, 2, value);
    }
    // Whoever leaves makes room.
    inside.pop();
    server.check_metric("poe_connections", 2.0);
    Node::connect(&server, 2).time_to_row(&server, 3, 6);
}

#[test]
fn the_longest_silent_makes_room_and_its_last_words_count() {
    const SILENCE: Duration = Duration::from_secs(10);
    let server = Server::start(&["--max-connections-per-address", "2"]);
    let begun = Instant::now();
    let mut first = Node::connect(&server, 2);
    first.time_to_row(&server, 1, 1);
    let mut second = Node::connect(&server, 2);
    second.time_to_row(&server, 2, 1);

    // Nobody has been silent for so long yet.
    let mut early = Node::connect(&server, 2);
    early.wait_until_closed();
    server.check_metric(ADDRESS_CAP, 1.0);
    server.check_metric("poe_displaced_total", 0.0);

    // Time itself is what is tried here; the second goes on speaking.
    while begun.elapsed() < SILENCE + Duration::from_millis(500) {
        second.send(&post(2, WATER, 2));
        thread::sleep(Duration::from_millis(100));
    }
    // While the server is held, the newcomer knocks first and then the silent one speaks.
    server.pause();
    let mut newcomer = Node::connect(&server, 2);
    first.send(&[&post(1, WATER, 99)[..], &[1, 1]].concat());
    server.resume();
    newcomer.time_to_row(&server, 3, 3);
    first.wait_until_closed();
    server.wait_for(|server| server.row("127.0.0.2_1").is_some_and(|row| row.1 == 99), PATIENCE);
    server.check_metric("poe_displaced_total", 1.0);
    server.check_metric("poe_cut_frames_total", 1.0);
    server.check_metric("poe_connections", 2.0);
    assert!(!second.is_closed());
}

#[test]
fn a_node_that_restarts_is_served_although_the_house_is_full() {
    let server = Server::start(&["--max-connections", "3"]);
    let mut nodes: Vec<Node> = (1..=3).map(|number| Node::connect(&server, number)).collect();
    for (node, value) in nodes.iter_mut().zip(1..) {
        node.time_to_row(&server, 1, value);
    }
    // Too soon: its other connection is alive.
    Node::connect(&server, 2).wait_until_closed();
    server.check_metric(CONNECTION_CAP, 1.0);

    thread::sleep(Duration::from_millis(10_100));
    Node::connect(&server, 4).wait_until_closed();
    let mut restarted = Node::connect(&server, 2);
    restarted.time_to_row(&server, 1, 9);
    nodes.remove(1).wait_until_closed();
    server.check_metric("poe_connections", 3.0);
    server.check_metric("poe_displaced_total", 1.0);
}

#[test]
fn a_full_house_keeps_places_for_the_nodes_that_it_knows() {
    const PLACES: usize = 20;
    const KNOWN: u8 = 5;
    let setup = Setup::new().args(["--max-connections", "20"]);
    let mut server = setup.start();
    for number in 1..=KNOWN {
        Node::connect_as(&server, Ipv4Addr::new(127, 0, 1, number)).time_to_row(&server, 1, 1);
    }
    assert!(server.stop().success());

    let server = setup.start();
    assert_eq!(server.metric("poe_nodes"), f64::from(KNOWN), "known from the first moment on");
    let mut strangers: Vec<Node> =
        (1..=40).map(|number| Node::connect_as(&server, Ipv4Addr::new(127, 0, 2, number))).collect();
    server.check_metric(CONNECTION_CAP, 25.0);
    server.check_metric("poe_connections", (PLACES - usize::from(KNOWN)) as f64);
    let mut known: Vec<Node> =
        (1..=KNOWN).map(|number| Node::connect_as(&server, Ipv4Addr::new(127, 0, 1, number))).collect();
    for node in &mut known {
        let waited = node.time_to_row(&server, 1, 2);
        assert!(waited < Duration::from_secs(1), "{waited:?}");
    }
    server.check_metric("poe_connections", PLACES as f64);
    // Now it is full for everyone.
    let mut late = Node::connect_as(&server, Ipv4Addr::new(127, 0, 3, 1));
    late.wait_until_closed();
    assert_eq!(strangers.iter_mut().filter_map(|node| (!node.is_closed()).then_some(())).count(), 15);
}

#[test]
fn a_full_building_refuses_new_sensors_and_serves_the_known() {
    const SENSORS: usize = 500;
    let server = Server::start(&["--max-sensors", "500"]);
    let mut known = Node::connect(&server, 2);
    known.time_to_row(&server, 1, 1);
    let burst: Vec<u8> = (0..20).flat_map(|id| post(id, WATER, 1)).collect();
    let memory = server.memory_bytes();
    for number in 0..2_000u16 {
        let [high, low] = number.to_be_bytes();
        let stream = try_connect_from(Ipv4Addr::new(127, 1, high, low.max(1)), server.tcp());
        std::io::Write::write_all(&mut stream.unwrap(), &burst).ok();
    }
    server.check_metric("poe_connections_accepted_total", 2_001.0);
    server.check_metric("poe_connections", 1.0);
    server.check_metric("poe_sensors", SENSORS as f64);
    let refused = server.metric("poe_sensors_refused_total");
    let readings = server.metric("poe_readings_total");
    assert_eq!(refused + readings, server.metric("poe_frames_total{result=\"valid\"}"));
    assert!(refused > 38_000.0, "{refused}");
    server.wait_for(|server| server.table().len() == SENSORS, PATIENCE);
    assert!(known.time_to_row(&server, 1, 2) < Duration::from_secs(1));
    server.check_metric("poe_sensors", SENSORS as f64);
    let grown = server.memory_bytes().saturating_sub(memory);
    assert!(grown < 16 << 20, "{grown} bytes for strangers");
}

#[test]
fn a_building_full_of_nodes_refuses_strangers_and_takes_new_sensors_of_the_known() {
    let server = Server::start(&["--max-nodes", "10"]);
    let mut nodes: Vec<Node> =
        (1..=30).map(|number| Node::connect_as(&server, Ipv4Addr::new(127, 0, 1, number))).collect();
    for node in &mut nodes {
        node.send(&[post(1, FIRE, 1), post(2, FIRE, 1)].concat());
    }
    server.check_metric("poe_frames_total{result=\"valid\"}", 60.0);
    server.check_metric("poe_nodes", 10.0);
    server.check_metric("poe_sensors", 20.0);
    server.check_metric("poe_sensors_refused_total", 40.0);
    server.wait_for(|server| server.table().len() == 20, PATIENCE);
    let first = server.table().into_keys().next().unwrap();
    let known: Ipv4Addr = first.split_once('_').unwrap().0.parse().unwrap();
    assert!(Node::connect_as(&server, known).time_to_row(&server, 3, 7) < Duration::from_secs(1));
}
