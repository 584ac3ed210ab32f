//! Crowds, stalls and floods: whatever some connections do, the others are served.

use crate::{
    node::{FIRE, Node, WATER, post},
    support::{PATIENCE, Server, Setup},
};
use poe_sim::CommonNode;
use std::{
    io::Write,
    net::{Ipv4Addr, TcpStream},
    thread,
    time::{Duration, Instant},
};

/// The promise for any overload: from a frame to what it does.
const AT_WORST: Duration = Duration::from_secs(1);

const ADDRESS_CAP: &str = "poe_refused_total{reason=\"address_cap\"}";
const DESCRIPTORS: &str = "poe_refused_total{reason=\"descriptors\"}";

/// The n-th of many addresses.
fn address(n: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 1, (n / 250) as u8, (n % 250) as u8 + 1)
}

#[test]
fn ten_thousand_from_one_address_leave_room_for_the_others() {
    const CROWD: usize = 10_000;
    poe_sim::raise_descriptor_limit().unwrap();
    let server = Server::start(&[]);
    let mut known = Node::connect(&server, 2);
    known.time_to_row(&server, 1, 1);
    let sockets = server.sockets_at_rest();
    let crowd: Vec<Node> = (0..CROWD).map(|_| Node::connect(&server, 66)).collect();
    let turned_away = |server: &Server| server.metric(ADDRESS_CAP) + server.metric("poe_displaced_total");
    server.wait_for(|server| turned_away(server) == (CROWD - 64) as f64, PATIENCE);
    server.check_metric("poe_connections", 65.0);
    assert!(server.socket_count() <= sockets + 64 + 1, "{}", server.socket_count());

    let mut another = Node::connect(&server, 3);
    assert!(another.time_to_row(&server, 1, 5) < AT_WORST);
    assert!(known.time_to_row(&server, 1, 2) < AT_WORST);
    known.close();
    let mut known = Node::connect(&server, 2);
    assert!(known.time_to_row(&server, 1, 3) < AT_WORST);
    drop((crowd, another, known));
    server.check_metric("poe_connections", 0.0);
    server.wait_for(|server| server.socket_count() < sockets, PATIENCE);
}

#[test]
fn five_hundred_slow_half_frames_delay_nobody() {
    const SLOW: usize = 500;
    let server = Server::start(&[]);
    let mut slow: Vec<Node> = (0..SLOW).map(|n| Node::connect_as(&server, address(n))).collect();
    let mut fast = Node::connect(&server, 2);
    let mut worst = Duration::ZERO;
    // Each of them sends a byte now and then: after 12 rounds three frames, and never one in a piece.
    for round in 0..12 {
        let byte = [1, 7, WATER, 50][round % 4];
        for node in &mut slow {
            node.send(&[byte]);
        }
        worst = worst.max(fast.time_to_row(&server, 1, round as u8));
    }
    assert!(worst < AT_WORST, "{worst:?}");
    server.check_metric("poe_readings_total", (3 * SLOW + 12) as f64);
    server.wait_for(|server| server.table().len() == SLOW + 1, PATIENCE);
    drop(slow);
    server.check_metric("poe_connections", 1.0);
    server.check_metric("poe_cut_frames_total", 0.0);
}

#[test]
fn a_server_without_descriptors_serves_whom_it_has_and_recovers() {
    const CROWD: usize = 200;
    let server = Setup::new().prefix(["prlimit", "--nofile=64:64"]).start();
    let mut known = Node::connect(&server, 2);
    known.time_to_row(&server, 1, 1);
    let crowd: Vec<Node> = (0..CROWD).map(|n| Node::connect_as(&server, address(n))).collect();
    // Somebody waits for HTTP as well; that must not be tried in a circle either.
    let browsers: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(server.http()).unwrap()).collect();
    server.wait_for(|server| server.descriptor_count() >= 64, PATIENCE);
    server.check_told("no file descriptors left");

    for value in 2..7 {
        let waited = known.time_to_row(&server, 1, value);
        assert!(waited < AT_WORST, "{waited:?}");
    }
    let begun = server.processor_time();
    // A second of its life is what is measured.
    thread::sleep(Duration::from_secs(1));
    let burnt = server.processor_time() - begun;
    assert!(burnt < Duration::from_millis(200), "{burnt:?} of processor time in a second of waiting");

    drop((crowd, browsers));
    let mut newcomer = Node::connect(&server, 3);
    newcomer.time_to_row(&server, 1, 9);
    server.check_metric("poe_connections", 2.0);
    assert!(server.metric(DESCRIPTORS) >= 1.0);
    assert!(known.time_to_row(&server, 1, 8) < AT_WORST);
    assert_eq!(server.http_get("/readyz").0, 200);
    let lines = server.stderr().matches("was refused").count();
    assert!(lines <= 30, "{lines} lines for one flood");
}

#[test]
fn a_thousand_nodes_that_reconnect_at_once_are_all_served() {
    const NODES: usize = 1_000;
    poe_sim::raise_descriptor_limit().unwrap();
    let server = Server::start(&[]);
    let connect_all = |value: u8| -> Vec<Node> {
        let connect = |n| {
            let mut node = Node::connect_as(&server, address(n));
            node.send(&post(1, WATER, value));
            node
        };
        (0..NODES).map(connect).collect()
    };
    let is_served = |value: i64| {
        move |server: &Server| {
            let table = server.table();
            table.len() == NODES && table.values().all(|row| row.1 == value)
        }
    };
    let nodes = connect_all(1);
    server.wait_for(is_served(1), PATIENCE);
    let sockets = server.sockets_at_rest();

    // Half of them say goodbye, the others are reset.
    for (n, node) in nodes.into_iter().enumerate() {
        if n % 2 == 0 { node.close() } else { node.reset() }
    }
    let begun = Instant::now();
    let nodes = connect_all(2);
    server.wait_for(is_served(2), PATIENCE);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    server.check_metric("poe_connections", NODES as f64);
    server.wait_for(|server| server.socket_count() <= sockets, PATIENCE);
    server.check_metric("poe_nodes", NODES as f64);
    for reason in ["network", "address_cap", "connection_cap", "descriptors"] {
        assert_eq!(server.metric(&format!("poe_refused_total{{reason=\"{reason}\"}}")), 0.0, "{reason}");
    }
    drop(nodes);
}

#[test]
fn a_stopped_process_goes_on_with_everything_that_was_sent_meanwhile() {
    const NODES: u8 = 20;
    let server = Server::start(&[]);
    let mut nodes: Vec<(Node, CommonNode)> = (1..=NODES)
        .map(|number| {
            (Node::connect_as(&server, Ipv4Addr::new(127, 0, 1, number)), CommonNode::new(number.into()))
        })
        .collect();
    for (node, model) in &mut nodes {
        node.send(&model.burst());
    }
    server.wait_for(|server| server.table().len() == usize::from(NODES) * 21, PATIENCE);
    server.pause();
    let begun = Instant::now();
    let mut bursts = 1;
    while begun.elapsed() < Duration::from_secs(2) {
        for (node, model) in &mut nodes {
            node.send(&model.burst());
        }
        bursts += 1;
        thread::sleep(Duration::from_millis(100));
    }
    // Others come while nobody answers.
    let mut late: Vec<Node> = (1..=NODES)
        .map(|number| {
            let mut node = Node::connect_as(&server, Ipv4Addr::new(127, 0, 2, number));
            node.send(&post(1, FIRE, 1));
            node
        })
        .collect();
    server.resume();
    let frames = bursts * 21 * u64::from(NODES) + u64::from(NODES);
    server.check_metric("poe_readings_total", frames as f64);
    server.wait_for(|server| server.table().len() == usize::from(NODES) * 22, PATIENCE);
    assert!(!nodes.iter_mut().any(|(node, _)| node.is_closed()));
    assert!(!late.iter_mut().any(Node::is_closed));
    server.check_metric("poe_connections", f64::from(NODES) * 2.0);
}

#[test]
fn one_node_at_line_rate_does_not_delay_another() {
    let server = Server::start(&[]);
    let mut calm = Node::connect(&server, 2);
    let mut loud = crate::support::connect_from([127, 0, 0, 66], server.tcp());
    let writer = thread::spawn(move || {
        let mut model = CommonNode::new(1);
        let stream: Vec<u8> = (0..500).flat_map(|_| model.burst()).collect();
        let begun = Instant::now();
        let mut sent = 0;
        while begun.elapsed() < Duration::from_secs(2) {
            loud.write_all(&stream).unwrap();
            sent += stream.len() as u64 / 4;
        }
        sent
    });
    let (mut worst, mut count) = (Duration::ZERO, 0);
    while !writer.is_finished() {
        count += 1;
        worst = worst.max(calm.time_to_row(&server, 1, (count % 250) as u8));
    }
    let sent = writer.join().unwrap();
    assert!(worst < AT_WORST, "{worst:?}");
    server.check_metric("poe_readings_total", (sent + count) as f64);
}
