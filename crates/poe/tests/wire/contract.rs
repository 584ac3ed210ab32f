//! The wire protocol, sentence by sentence.

use crate::{
    node::{FIRE, Node, SMOKE, WATER, everything_is_read, post, reading},
    support::{PATIENCE, Server, Setup, open_read_only, table},
};
use rusqlite::Connection;
use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    time::{SystemTime, UNIX_EPOCH},
};

fn now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

#[test]
fn the_golden_example_posts_one_and_is_stamped_by_the_servers_clock() {
    let server = Server::start(&[]);
    let before = now_s();
    let mut node = Node::connect(&server, 2);
    node.send(&[0x01, 0xFF, 0x00, 0x01]);
    server.wait_for(|server| server.row("127.0.0.2_255").is_some(), PATIENCE);
    let after = now_s();
    let (kind, value, time) = server.row("127.0.0.2_255").unwrap();
    assert_eq!((kind.as_str(), value), ("FIRE", 1));
    assert!((before..=after).contains(&time), "{before} <= {time} <= {after}");
    let types: String = open_read_only(&server.setup().db_path())
        .query_row(
            "SELECT typeof(ip_id) || ' ' || typeof(sensor) || ' ' || typeof(value) || ' ' || typeof(time) FROM sensors",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(types, "text text integer real");
}

#[test]
fn an_announcement_alone_makes_neither_a_node_nor_a_row() {
    let server = Server::start(&[]);
    let mut node = Node::connect(&server, 2);
    node.send(&[0, 7, SMOKE, 99]);
    server.check_metric("poe_frames_total{result=\"init\"}", 1.0);
    server.check_metric("poe_nodes", 0.0);
    server.check_metric("poe_sensors", 0.0);
    assert!(server.table().is_empty());

    // The first reading makes the node, and what it has announced on this connection is known then.
    node.send(&post(8, SMOKE, 50));
    server.wait_for(|server| server.row("127.0.0.2_8").is_some(), PATIENCE);
    server.check_metric("poe_nodes", 1.0);
    server.check_metric("poe_sensors", 2.0);
    assert_eq!(server.table().len(), 1);
}

#[test]
fn an_announcement_of_a_known_node_changes_no_stored_value() {
    let server = Server::start(&[]);
    let mut node = Node::connect(&server, 2);
    node.send(&post(3, FIRE, 1));
    server.wait_for(|server| server.row("127.0.0.2_3").is_some(), PATIENCE);
    let row = server.row("127.0.0.2_3").unwrap();

    node.send(&[[0, 3, FIRE, 0], [0, 3, WATER, 9], [0, 4, SMOKE, 200]].concat());
    server.check_metric("poe_frames_total{result=\"init\"}", 3.0);
    server.check_metric("poe_sensors", 2.0);
    // The next reading comes later, so that its row proves that the announcements have left none.
    node.send(&post(5, FIRE, 1));
    server.wait_for(|server| server.row("127.0.0.2_5").is_some(), PATIENCE);
    assert_eq!(server.row("127.0.0.2_3").unwrap(), row);
    assert_eq!(server.row("127.0.0.2_4"), None);
}

#[test]
fn an_announcement_on_a_connection_that_ends_is_forgotten() {
    let server = Server::start(&[]);
    let mut scanner = Node::connect(&server, 2);
    scanner.send(&[0, 7, SMOKE, 99]);
    server.check_metric("poe_frames_total{result=\"init\"}", 1.0);
    scanner.close();
    server.check_metric("poe_connections", 0.0);
    let mut node = Node::connect(&server, 2);
    node.send(&post(8, SMOKE, 50));
    server.wait_for(|server| server.row("127.0.0.2_8").is_some(), PATIENCE);
    server.check_metric("poe_sensors", 1.0);
}

#[test]
fn an_unknown_opt_or_type_costs_only_its_own_frame() {
    let server = Server::start(&[]);
    let mut node = Node::connect(&server, 2);
    let unknown_opts = [[2, 0, 0, 0], [0x80, 0, 5, 1], [255, 255, 255, 255]];
    let unknown_types = [[1, 0, 6, 0], [0, 0, 6, 0], [1, 0, 255, 1], [0, 0, 200, 3]];
    node.send(&post(0, FIRE, 1));
    for (sensor, frame) in (1..).zip(unknown_opts.iter().chain(&unknown_types)) {
        node.send(frame);
        node.send(&post(sensor, FIRE, 1));
    }
    server.wait_for(|server| server.row("127.0.0.2_7").is_some(), PATIENCE);
    server.check_metric("poe_invalid_frames_total{reason=\"opt\"}", 3.0);
    server.check_metric("poe_invalid_frames_total{reason=\"type\"}", 4.0);
    server.check_metric("poe_frames_total{result=\"invalid\"}", 7.0);
    server.check_metric("poe_frames_total{result=\"valid\"}", 8.0);
    server.check_metric("poe_sensors", 8.0);
    assert!(server.table().values().all(|row| reading(row) == ("FIRE", 1)));
    assert!(!node.is_closed());
    server.check_told("a frame from 127.0.0.2 means nothing");
}

#[test]
fn a_sensor_that_changes_its_kind_has_the_newest() {
    let server = Server::start(&[]);
    let mut node = Node::connect(&server, 2);
    for (kind, name) in [(SMOKE, "SMOKE"), (WATER, "WATER"), (FIRE, "FIRE")] {
        node.send(&post(9, kind, 77));
        let newest = (name, 77);
        server.wait_for(
            |server| server.row("127.0.0.2_9").is_some_and(|row| reading(&row) == newest),
            PATIENCE,
        );
    }
    assert_eq!(server.table().len(), 1);
    server.check_metric("poe_sensors", 1.0);
    server.check_told("127.0.0.2_9 was SMOKE and now posts WATER");
}

#[test]
fn a_write_of_128_frames_is_128_readings() {
    let server = Server::start(&[]);
    let mut node = Node::connect(&server, 2);
    let write: Vec<u8> = (0..128).flat_map(|id| post(id, WATER, 255 - id)).collect();
    assert_eq!(write.len(), 512);
    node.send(&write);
    server.wait_for(|server| server.table().len() == 128, PATIENCE);
    for id in 0..128u8 {
        assert_eq!(reading(&server.table()[&node.key(id)]), ("WATER", i64::from(255 - id)));
    }
    server.check_metric("poe_readings_total", 128.0);
}

#[test]
fn every_number_from_0_to_255_is_a_sensor() {
    let server = Server::start(&[]);
    let mut node = Node::connect(&server, 2);
    let frames: Vec<u8> = (0..=255).flat_map(|id| post(id, id % 6, id)).collect();
    node.send(&frames);
    server.wait_for(|server| server.table().len() == 256, PATIENCE);
    let kinds = ["FIRE", "SMOKE", "MOTION", "HUMIDITY", "TEMPERATURE", "WATER"];
    let table = server.table();
    for id in 0..=255u8 {
        assert_eq!(reading(&table[&node.key(id)]), (kinds[usize::from(id % 6)], i64::from(id)));
    }
}

#[test]
fn the_sites_table_gets_the_status_of_every_threshold() {
    const THRESHOLDS: [(u8, u8, &str); 21] = [
        (0, 0, "critical"),
        (0, 1, "normal"),
        (0, 255, "normal"),
        (1, 0, "normal"),
        (1, 159, "normal"),
        (1, 160, "warning"),
        (1, 199, "warning"),
        (1, 200, "critical"),
        (1, 255, "critical"),
        (2, 0, "normal"),
        (2, 1, "critical"),
        (2, 2, "undefined"),
        (2, 255, "undefined"),
        (3, 0, "normal"),
        (3, 79, "normal"),
        (3, 80, "critical"),
        (3, 255, "critical"),
        (4, 82, "normal"),
        (4, 83, "critical"),
        (5, 0, "undefined"),
        (5, 255, "undefined"),
    ];
    let setup = Setup::new();
    let site = setup.scratch().join("site.sqlite3");
    let schema = "CREATE TABLE myapp_sensors_table (ip_id varchar(30) NOT NULL PRIMARY KEY, sensor varchar(30) NOT NULL,
                  value integer NOT NULL, time real NOT NULL, status varchar(30) NOT NULL)";
    Connection::open(&site).unwrap().execute_batch(schema).unwrap();
    let mut server = setup.db(&site).args(["--table", "myapp_sensors_table"]).start();
    let mut node = Node::connect(&server, 2);
    for (id, (kind, value, _)) in (0..).zip(THRESHOLDS) {
        node.send(&post(id, kind, value));
    }
    server.wait_for(|_| table(&site, "myapp_sensors_table").len() == THRESHOLDS.len(), PATIENCE);
    assert!(server.stop().success());
    let connection = open_read_only(&site);
    for (id, (kind, value, expected)) in (0..).zip(THRESHOLDS) {
        let status: String = connection
            .query_row("SELECT status FROM myapp_sensors_table WHERE ip_id = ?1", [node.key(id)], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(status.to_lowercase(), expected, "kind {kind} value {value}");
    }
    let kept: String = connection
        .query_row("SELECT sql FROM sqlite_schema WHERE type = 'table'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, schema);
}

#[test]
fn an_unchanged_value_still_moves_its_time() {
    let server = Server::start(&[]);
    let mut node = Node::connect(&server, 2);
    let mut latest = 0.0;
    for _ in 0..3 {
        node.send(&post(1, FIRE, 1));
        server.wait_for(|server| server.row("127.0.0.2_1").is_some_and(|row| row.2 > latest), PATIENCE);
        latest = server.row("127.0.0.2_1").unwrap().2;
    }
    assert_eq!(server.table().len(), 1);
}

#[test]
fn several_connections_of_one_address_are_one_node_and_the_last_write_wins() {
    let server = Server::start(&[]);
    let mut connections: Vec<Node> = (0..5).map(|_| Node::connect(&server, 2)).collect();
    for (value, node) in (10..).zip(&mut connections) {
        node.send(&post(1, WATER, value));
        server.wait_for(
            |server| server.row("127.0.0.2_1").is_some_and(|row| row.1 == i64::from(value)),
            PATIENCE,
        );
    }
    connections[0].send(&post(1, WATER, 99));
    server.wait_for(|server| server.row("127.0.0.2_1").is_some_and(|row| row.1 == 99), PATIENCE);
    server.check_metric("poe_connections", 5.0);
    server.check_metric("poe_nodes", 1.0);
    assert_eq!(server.table().len(), 1);
}

#[test]
fn ipv4_on_an_ipv6_socket_keeps_its_form() {
    let server = Server::start(&["--listen", "[::]:0"]);
    let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, server.tcp().port()));
    let mut node = crate::support::connect_from([127, 0, 0, 7], v4);
    std::io::Write::write_all(&mut node, &post(3, FIRE, 1)).unwrap();
    server.wait_for(|server| !server.table().is_empty(), PATIENCE);
    assert_eq!(server.table().keys().collect::<Vec<_>>(), ["127.0.0.7_3"]);
}

#[test]
fn an_ipv6_node_is_called_by_its_address() {
    let server = Server::start(&["--listen", "[::1]:0"]);
    let mut node = Node::connect_as(&server, Ipv6Addr::LOCALHOST);
    node.send(&post(3, FIRE, 1));
    server.wait_for(|server| !server.table().is_empty(), PATIENCE);
    assert_eq!(server.table().keys().collect::<Vec<_>>(), ["::1_3"]);
}

#[test]
fn both_families_may_listen_on_one_port() {
    let start = || {
        let free = TcpListener::bind("[::]:0").unwrap().local_addr().unwrap().port();
        let [v6, v4] = [format!("[::]:{free}"), format!("0.0.0.0:{free}")];
        Setup::new().args(["--listen", &v6, "--listen", &v4]).try_start().ok()
    };
    // Between being found free and being taken, a port can go to somebody else.
    let server = (0..10).find_map(|_| start()).expect("one of ten ports stays free for a moment");
    let port = server.tcp().port();
    let mut v4 = crate::support::connect_from([127, 0, 0, 7], SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let mut v6 =
        crate::support::connect_from(Ipv6Addr::LOCALHOST, SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
    std::io::Write::write_all(&mut v4, &post(3, FIRE, 1)).unwrap();
    std::io::Write::write_all(&mut v6, &post(4, FIRE, 1)).unwrap();
    server.wait_for(|server| server.table().len() == 2, PATIENCE);
    assert_eq!(server.table().keys().collect::<Vec<_>>(), ["127.0.0.7_3", "::1_4"]);
}

#[test]
fn half_a_frame_is_dropped_with_its_connection_and_never_glued_to_the_next() {
    let server = Server::start(&[]);
    for held in 1..4 {
        let mut node = Node::connect(&server, 2);
        node.send(&post(1, WATER, held));
        // Completed by the beginning of the next connection's frame, this would be a reading of sensor 5.
        node.send(&[1, 5, 1][..usize::from(held)]);
        server.wait_for(everything_is_read, PATIENCE);
        node.close();
        server.check_metric("poe_cut_frames_total", f64::from(held));

        let mut next = Node::connect(&server, 2);
        next.send(&post(6, FIRE, held));
        server.wait_for(
            |server| server.row("127.0.0.2_6").is_some_and(|row| row.1 == i64::from(held)),
            PATIENCE,
        );
        next.close();
    }
    server.check_metric("poe_connections", 0.0);
    assert_eq!(server.table().keys().collect::<Vec<_>>(), ["127.0.0.2_1", "127.0.0.2_6"]);
    server.check_metric("poe_cut_frames_total", 3.0);
    server.check_metric("poe_frames_total{result=\"valid\"}", 6.0);
    server.check_metric("poe_frames_total{result=\"invalid\"}", 0.0);
}
