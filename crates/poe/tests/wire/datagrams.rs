//! The same frames without a connection.

use crate::{
    node::{FIRE, WATER, post, reading},
    support::{PATIENCE, Server},
};
use std::{
    io::ErrorKind,
    net::{Ipv4Addr, Ipv6Addr, UdpSocket},
};

fn with_udp(more: &[&str]) -> Server {
    Server::start(&[&["--udp", "127.0.0.1:0"], more].concat())
}

#[track_caller]
fn node(server: &Server, number: u8) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, number), 0)).unwrap();
    socket.connect(server.udp()).unwrap();
    socket
}

#[track_caller]
fn check_heard_nothing(node: &UdpSocket) {
    node.set_nonblocking(true).unwrap();
    let heard = node.recv(&mut [0; 16]);
    assert_eq!(heard.unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_datagram_of_one_frame_is_a_reading() {
    let server = with_udp(&[]);
    let node = node(&server, 2);
    node.send(&[0x01, 0xFF, 0x00, 0x01]).unwrap();
    server.wait_for(|server| server.row("127.0.0.2_255").is_some(), PATIENCE);
    assert_eq!(reading(&server.row("127.0.0.2_255").unwrap()), ("FIRE", 1));
    server.check_metric("poe_nodes", 1.0);
    server.check_metric("poe_connections", 0.0);
    check_heard_nothing(&node);
}

#[test]
fn a_datagram_of_several_frames_is_several_readings() {
    let server = with_udp(&[]);
    let node = node(&server, 2);
    let frames: Vec<u8> = (0..=255).flat_map(|id| post(id, WATER, id)).collect();
    node.send(&frames).unwrap();
    server.wait_for(|server| server.table().len() == 256, PATIENCE);
    assert!(server.table().iter().all(|(key, row)| *key == format!("127.0.0.2_{}", row.1)));
}

#[test]
fn a_datagram_that_is_no_whole_number_of_frames_is_invalid_as_a_whole() {
    let server = with_udp(&[]);
    let node = node(&server, 2);
    let frames: Vec<u8> = (0..4).flat_map(|id| post(id, FIRE, 1)).collect();
    let cut = [1, 2, 3, 5, 15];
    for length in cut {
        node.send(&frames[..length]).unwrap();
    }
    server.check_metric("poe_invalid_datagrams_total", cut.len() as f64);
    server.check_metric("poe_nodes", 0.0);
    server.check_metric("poe_frames_total{result=\"valid\"}", 0.0);
    // No rest of theirs is glued to the next one.
    node.send(&post(9, FIRE, 1)).unwrap();
    server.wait_for(|server| server.row("127.0.0.2_9").is_some(), PATIENCE);
    assert_eq!(server.table().len(), 1);
    check_heard_nothing(&node);
}

#[test]
fn an_invalid_frame_in_a_datagram_costs_only_itself() {
    let server = with_udp(&[]);
    let node = node(&server, 2);
    let frames = [post(1, FIRE, 1), [9, 9, 9, 9], post(2, FIRE, 1), [1, 3, 77, 1], post(4, FIRE, 1)];
    node.send(frames.as_flattened()).unwrap();
    server.wait_for(|server| server.table().len() == 3, PATIENCE);
    server.check_metric("poe_frames_total{result=\"invalid\"}", 2.0);
    assert_eq!(server.table().keys().collect::<Vec<_>>(), ["127.0.0.2_1", "127.0.0.2_2", "127.0.0.2_4"]);
}

#[test]
fn the_longest_datagram_counts_to_its_last_frame() {
    let server = with_udp(&[]);
    let node = node(&server, 2);
    // 65,507 bytes are the most that UDP carries over IPv4.
    let frames: Vec<u8> = (0..16_376u32).flat_map(|n| post(n as u8, WATER, (n >> 8) as u8)).collect();
    node.send(&frames).unwrap();
    server.wait_for(|server| server.table().len() == 256, PATIENCE);
    server.check_metric("poe_frames_total{result=\"valid\"}", 16_376.0);
    let table = server.table();
    assert_eq!((table["127.0.0.2_0"].1, table["127.0.0.2_247"].1, table["127.0.0.2_248"].1), (63, 63, 62));
}

#[test]
fn the_longest_datagram_that_is_not_whole_is_invalid() {
    let server = with_udp(&[]);
    let node = node(&server, 2);
    let frames: Vec<u8> = (0..16_376u32).flat_map(|n| post(n as u8, WATER, 1)).collect();
    node.send(&frames[..65_501]).unwrap();
    node.send(&post(9, FIRE, 1)).unwrap();
    server.wait_for(|server| server.row("127.0.0.2_9").is_some_and(|row| row.0 == "FIRE"), PATIENCE);
    server.check_metric("poe_invalid_datagrams_total", 1.0);
    assert_eq!(server.table().len(), 1);
}

#[test]
fn an_empty_datagram_is_nothing() {
    let server = with_udp(&[]);
    let node = node(&server, 2);
    node.send(&[]).unwrap();
    node.send(&post(1, FIRE, 1)).unwrap();
    server.wait_for(|server| server.row("127.0.0.2_1").is_some(), PATIENCE);
    server.check_metric("poe_readings_total", 1.0);
}

#[test]
fn datagrams_and_connections_of_one_address_are_one_node() {
    let server = with_udp(&[]);
    let datagrams = node(&server, 2);
    let mut connection = crate::node::Node::connect(&server, 2);
    connection.time_to_row(&server, 1, 10);
    datagrams.send(&post(1, WATER, 20)).unwrap();
    server.wait_for(|server| server.row("127.0.0.2_1").is_some_and(|row| row.1 == 20), PATIENCE);
    server.check_metric("poe_nodes", 1.0);
    assert_eq!(server.table().len(), 1);
}

#[test]
fn an_ipv4_datagram_on_an_ipv6_socket_keeps_its_form() {
    let server = with_udp(&["--udp", "[::]:0"]);
    let both = server.udp_addresses()[1];
    let socket = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 7), 0)).unwrap();
    socket.send_to(&post(3, FIRE, 1), (Ipv4Addr::LOCALHOST, both.port())).unwrap();
    let socket = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
    socket.send_to(&post(4, FIRE, 1), (Ipv6Addr::LOCALHOST, both.port())).unwrap();
    server.wait_for(|server| server.table().len() == 2, PATIENCE);
    assert_eq!(server.table().keys().collect::<Vec<_>>(), ["127.0.0.7_3", "::1_4"]);
}

#[test]
fn datagrams_alone_are_enough_for_a_server() {
    let server = with_udp(&["--listen", ""]);
    assert!(server.tcp_addresses().is_empty());
    let node = node(&server, 2);
    node.send(&post(1, FIRE, 1)).unwrap();
    server.wait_for(|server| server.row("127.0.0.2_1").is_some(), PATIENCE);
}
