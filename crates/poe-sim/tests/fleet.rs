//! Fleets over real sockets, against a server of a few lines.
#![expect(clippy::unwrap_used, reason = "the server of these tests belongs to them")]

use expect_test::expect;
use poe_sim::{Fleet, FleetControl, Report, raise_descriptor_limit};
use std::collections::{BTreeMap, HashSet};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::net::TcpSocket;

/// Every frame of every client arrives, in order, from the client's own address, although the server talks to
/// nodes that hardly listen.
#[test]
fn the_server_receives_exactly_what_the_nodes_sent() {
    let (target, server) = server(40, b"who goes there?");
    let fleet = Fleet { clients: 40, packets: Some(25), ..fleet(target) };
    let report = fleet.run(&FleetControl::new()).unwrap();

    let received = server.join().unwrap();
    for client in 0..fleet.clients {
        let mut node = fleet.node(client);
        let sent: Vec<u8> = (0..25).flat_map(|_| node.burst()).collect();
        let address = fleet.source(client).unwrap_or(Ipv4Addr::LOCALHOST.into());
        assert!(received[&address] == sent, "client {client} at {address}");
    }
    let expected = (40, 40, 40, 1_000, 21_000, 84_000, None);
    let Report { clients, reached, connected, packets, frames, .. } = report;
    assert_eq!(
        (clients, reached, connected, packets, frames, report.bytes(), report.first_failure),
        expected
    );
}

/// Such a target is what a server's listening address looks like.
#[test]
fn an_unspecified_target_is_this_machine() {
    let (target, server) = server(3, b"");
    let target = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), target.port());
    Fleet { clients: 3, ..fleet(target) }.run(&FleetControl::new()).unwrap();
    let nodes: Vec<_> = server.join().unwrap().into_keys().map(|node| node.to_string()).collect();
    assert_eq!(nodes, ["127.0.0.1", "127.0.1.1", "127.0.1.2"]);
}

#[test]
fn a_pause_lies_between_two_packets_and_not_after_the_last() {
    for (packets, pause_ms, least_ms) in [(5, 50, 200), (1, 600_000, 0)] {
        let (target, server) = server(3, b"");
        let pause = Duration::from_millis(pause_ms);
        let fleet = Fleet { clients: 3, packets: Some(packets), pause, ..fleet(target) };
        let report = fleet.run(&FleetControl::new()).unwrap();
        server.join().unwrap();
        assert!(report.elapsed >= Duration::from_millis(least_ms), "{report}");
    }
}

#[test]
fn a_fleet_that_is_refused_ends_and_tells_why() {
    let bound_but_deaf = TcpSocket::new_v4().unwrap();
    bound_but_deaf.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let target = bound_but_deaf.local_addr().unwrap();
    let fleet = Fleet { clients: 3, packets: Some(2), ..fleet(target) };
    let mut report = fleet.run(&FleetControl::new()).unwrap();
    report.elapsed = Duration::from_millis(100);
    let told = report.to_string().replace(&target.to_string(), "TARGET").replace("; ", "\n");
    expect![[r#"
        3 clients, 0 packets, 0 frames in 0.1 s (0 frames/s)
        0 of 3 reached the server, 6 failed connects, 0 lost connections, 6 missed packets
        first failure: client 0 could not connect to TARGET: Connection refused (os error 111)"#]]
    .assert_eq(&told);
}

#[test]
fn a_report_without_failures_is_one_short_line() {
    let report = Report {
        clients: 3,
        reached: 3,
        connected: 3,
        packets: 15,
        packets_missed: 0,
        frames: 315,
        connects_failed: 0,
        connections_lost: 0,
        elapsed: Duration::from_millis(4_010),
        first_failure: None,
    };
    expect!["3 clients, 15 packets, 315 frames in 4.0 s (79 frames/s)"].assert_eq(&report.to_string());
}

#[test]
fn an_endless_fleet_runs_until_it_is_stopped_and_loses_nothing() {
    let (target, server) = server(2, b"");
    let control = FleetControl::new();
    let running = thread::spawn({
        let control = control.clone();
        move || Fleet { clients: 2, packets: None, ..fleet(target) }.run(&control).unwrap()
    });
    wait_until(|| control.report().packets > 100);
    control.stop();
    let report = running.join().unwrap();
    let received: usize = server.join().unwrap().values().map(Vec::len).sum();
    assert_eq!(received as u64, report.bytes());
    assert_eq!(control.report(), report, "the last report stays");
}

#[test]
fn a_fleet_on_its_pause_stops_at_once() {
    let (target, server) = server(1, b"");
    let control = FleetControl::new();
    let running = thread::spawn({
        let control = control.clone();
        move || {
            Fleet { packets: None, pause: Duration::from_secs(600), ..fleet(target) }.run(&control).unwrap()
        }
    });
    wait_until(|| control.report().packets == 1);
    control.stop();
    running.join().unwrap();
    server.join().unwrap();
}

#[test]
fn a_node_that_is_thrown_out_comes_back() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap();
    let control = FleetControl::new();
    let running = thread::spawn({
        let control = control.clone();
        let pause = Duration::from_millis(5);
        move || Fleet { packets: None, pause, ..fleet(target) }.run(&control).unwrap()
    });
    for _ in 0..3 {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0; 84]).unwrap();
    }
    let (mut stream, _) = listener.accept().unwrap();
    control.stop();
    stream.read_to_end(&mut Vec::new()).unwrap();
    drop(stream);
    let report = running.join().unwrap();
    assert_eq!((report.reached, report.connections_lost, report.connected), (1, 3, 1), "{report}");
}

#[test]
fn every_client_has_a_source_address_of_its_own() {
    let fleet = fleet("127.0.0.1:1234".parse().unwrap());
    assert_eq!(fleet.source(0), None);
    assert_eq!(fleet.source(1), Some(Ipv4Addr::new(127, 0, 1, 1).into()));
    let sources: HashSet<IpAddr> = (1..200_000).filter_map(|client| fleet.source(client)).collect();
    assert_eq!(sources.len(), 199_999);
    for source in sources {
        let IpAddr::V4(source) = source else { panic!("{source} is not IPv4") };
        let [net, _, third, last] = source.octets();
        assert!(net == 127 && third != 0 && ![0, 255].contains(&last), "{source}");
    }
    let elsewhere = Fleet { target: "192.0.2.1:1234".parse().unwrap(), ..fleet };
    assert_eq!(elsewhere.source(5), None);
}

/// Run it alone, in release: `cargo test -p poe-sim --release -- --ignored --nocapture`.
#[test]
#[ignore = "takes most of the machine's descriptors"]
fn as_many_as_the_descriptors_allow() {
    let clients = (raise_descriptor_limit().unwrap() / 2 - 100).min(10_000);
    let (target, server) = server(clients as usize, b"");
    let fleet =
        Fleet { clients: clients as u32, packets: Some(10), pause: Duration::from_secs(1), ..fleet(target) };
    let report = fleet.run(&FleetControl::new()).unwrap();
    println!("{report}");
    let received = server.join().unwrap();
    assert_eq!(received.len() as u64, clients);
    assert!(received.values().all(|bytes| bytes.len() == 840));
}

fn fleet(target: SocketAddr) -> Fleet {
    Fleet { clients: 1, packets: Some(1), pause: Duration::ZERO, target, seed: 4711 }
}

type Received = BTreeMap<IpAddr, Vec<u8>>;

/// A server for `clients` connections, each of which it greets and then reads to its end.
fn server(clients: usize, greeting: &'static [u8]) -> (SocketAddr, JoinHandle<Received>) {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let target = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), listener.local_addr().unwrap().port());
    let reader = move || {
        let (mut stream, address) = listener.accept().unwrap();
        thread::spawn(move || {
            stream.write_all(greeting).unwrap();
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).unwrap();
            (address.ip(), bytes)
        })
    };
    let serve = move || {
        let readers: Vec<_> = (0..clients).map(|_| reader()).collect();
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    };
    (target, thread::spawn(serve))
}

fn wait_until(reached: impl Fn() -> bool) {
    let start = Instant::now();
    while !reached() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain");
        thread::sleep(Duration::from_millis(1));
    }
}
