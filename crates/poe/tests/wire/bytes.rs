//! What can happen to bytes on their way, and what must come out nevertheless: the same as from one read of the same
//! bytes, nothing that was not sent, and no socket that stays behind.

use crate::{
    greetings,
    node::{FIRE, Node, SMOKE, WATER, everything_is_read, post, reading},
    support::{PATIENCE, Server},
};
use poe_sim::{
    BURST_BYTES, COMMON_NODE, CommonNode,
    misbehave::{fragmented, shifted, with_invalid_frames},
};
use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    time::{Duration, Instant},
};

const VALID: &str = "poe_frames_total{result=\"valid\"}";
const INVALID: &str = "poe_frames_total{result=\"invalid\"}";
const FRAMES_PER_BURST: usize = COMMON_NODE.len();

/// Waits until all connections are gone and the server has no more sockets than before them.
#[track_caller]
fn check_nothing_leaks(server: &Server, sockets_before: usize) {
    server.check_metric("poe_connections", 0.0);
    server.wait_for(|server| server.socket_count() == sockets_before, PATIENCE);
}

/// What a stream of whole frames means, as one would say it: a posting of a known kind is a reading, its latest counts,
/// and everything else changes nothing.
#[derive(Default)]
struct Naive {
    latest: BTreeMap<String, (&'static str, i64)>,
    posts: u64,
    announcements: u64,
    invalid: u64,
    cut: u64,
}

impl Naive {
    fn take(&mut self, address: Ipv4Addr, stream: &[u8]) {
        const KINDS: [&str; 6] = ["FIRE", "SMOKE", "MOTION", "HUMIDITY", "TEMPERATURE", "WATER"];
        for frame in stream.chunks(4) {
            match *frame {
                [0, _, 0..=5, _] => self.announcements += 1,
                [1, id, kind @ 0..=5, value] => {
                    self.posts += 1;
                    let latest = (KINDS[usize::from(kind)], i64::from(value));
                    self.latest.insert(format!("{address}_{id}"), latest);
                }
                [_, _, _, _] => self.invalid += 1,
                _ => self.cut += 1,
            }
        }
    }

    #[track_caller]
    fn check(&self, server: &Server) {
        server.wait_for(|server| server.metric(VALID) >= self.posts as f64, PATIENCE);
        server.check_metric("poe_connections", 0.0);
        let counted = [VALID, INVALID, "poe_frames_total{result=\"init\"}", "poe_cut_frames_total"];
        let expected = [self.posts, self.invalid, self.announcements, self.cut];
        assert_eq!(counted.map(|name| server.metric(name) as u64), expected);
        server.check_metric("poe_rows_waiting", 0.0);
        server.wait_for(|server| self.is_in(server), PATIENCE);
    }

    fn is_in(&self, server: &Server) -> bool {
        let table = server.table();
        let rows = table.iter().map(|(key, row)| (key.as_str(), reading(row)));
        rows.eq(self.latest.iter().map(|(key, latest)| (key.as_str(), *latest)))
    }
}

#[test]
fn a_burst_cut_at_every_byte_is_still_the_same_burst() {
    let server = Server::start(&[]);
    let sockets = server.sockets_at_rest();
    let burst = CommonNode::new(1).burst();
    let mut naive = Naive::default();
    let mut nodes = Vec::new();
    for cut in 0..=BURST_BYTES as u8 {
        let address = Ipv4Addr::new(127, 0, 1, cut);
        naive.take(address, &burst);
        let mut node = Node::connect_as(&server, address);
        node.send(&burst[..usize::from(cut)]);
        nodes.push(node);
    }
    server.check_metric("poe_connections", nodes.len() as f64);
    server.wait_for(everything_is_read, PATIENCE);
    for (cut, node) in nodes.iter_mut().enumerate() {
        node.send(&burst[cut..]);
    }
    server.wait_for(everything_is_read, PATIENCE);
    drop(nodes);
    naive.check(&server);
    check_nothing_leaks(&server, sockets);
}

#[test]
fn a_read_of_1025_bytes_and_one_of_3_are_257_frames() {
    let server = Server::start(&[]);
    let stream: Vec<u8> = (0..257u16).flat_map(|n| post(n as u8, WATER, (n / 2) as u8)).collect();
    let mut naive = Naive::default();
    naive.take(Ipv4Addr::new(127, 0, 0, 2), &stream);
    let mut node = Node::connect(&server, 2);
    node.send(&stream[..1025]);
    server.check_metric(VALID, 256.0);
    node.send(&stream[1025..]);
    server.check_metric(VALID, 257.0);
    node.close();
    naive.check(&server);
}

#[test]
fn a_stream_in_pieces_of_one_to_three_bytes_is_the_same_stream() {
    let server = Server::start(&[]);
    let sockets = server.sockets_at_rest();
    let mut naive = Naive::default();
    for number in 2..6 {
        let mut model = CommonNode::new(u64::from(number));
        let stream: Vec<u8> = (0..20).flat_map(|_| model.burst()).collect();
        naive.take(Ipv4Addr::new(127, 0, 0, number), &stream);
        let mut node = Node::connect(&server, number);
        for piece in fragmented(&stream, 3, u64::from(number)) {
            node.send(piece);
        }
        server.wait_for(everything_is_read, PATIENCE);
    }
    naive.check(&server);
    check_nothing_leaks(&server, sockets);
}

/// How a connection can end.
type End = fn(Node);

#[test]
fn half_a_frame_before_any_end_leaves_the_whole_ones_counted() {
    let ends: [(&str, End); 3] = [
        ("FIN", Node::close),
        ("RST", Node::reset),
        ("half-close", |mut node| {
            node.half_close();
            node.wait_until_closed();
        }),
    ];
    for (name, end) in ends {
        let server = Server::start(&[]);
        let sockets = server.sockets_at_rest();
        let mut stream = CommonNode::new(5).burst().to_vec();
        stream.extend([1, 200]);
        let mut naive = Naive::default();
        naive.take(Ipv4Addr::new(127, 0, 0, 2), &stream);
        let mut node = Node::connect(&server, 2);
        node.send(&stream);
        server.check_metric(VALID, FRAMES_PER_BURST as f64);
        end(node);
        naive.check(&server);
        check_nothing_leaks(&server, sockets);
        assert!(!server.table().keys().any(|key| key.ends_with("_200")), "{name}");
    }
}

#[test]
fn what_was_sent_just_before_the_end_still_counts() {
    let ends: [End; 2] = [Node::close, |mut node| {
        node.half_close();
        node.wait_until_closed();
    }];
    let server = Server::start(&[]);
    let mut naive = Naive::default();
    for (number, end) in (2..).zip(ends) {
        let stream = [&CommonNode::new(9).burst()[..], &[1, 2, 3]].concat();
        naive.take(Ipv4Addr::new(127, 0, 0, number), &stream);
        let mut node = Node::connect(&server, number);
        node.send(&stream);
        end(node);
    }
    naive.check(&server);
}

#[test]
fn unknown_opts_and_types_inside_a_burst_leave_the_burst_as_it_was() {
    let server = Server::start(&[]);
    let mut model = CommonNode::new(4);
    let clean: Vec<u8> = (0..30).flat_map(|_| model.burst()).collect();
    let spoilt = with_invalid_frames(&clean, 3, 4);
    assert!(spoilt.len() > clean.len() * 5 / 4);
    let address = Ipv4Addr::new(127, 0, 0, 2);
    let mut naive = Naive::default();
    naive.take(address, &clean);
    naive.invalid = ((spoilt.len() - clean.len()) / 4) as u64;
    let mut node = Node::connect_as(&server, address);
    node.send(&spoilt);
    server.wait_for(everything_is_read, PATIENCE);
    assert!(!node.is_closed());
    node.close();
    naive.check(&server);
    server.check_metric("poe_out_of_step_total", 0.0);
}

#[test]
fn half_of_the_frames_invalid_closes_nothing() {
    let server = Server::start(&[]);
    let mut node = Node::connect(&server, 2);
    for burst in 0..20 {
        let frames: Vec<u8> =
            (0..100).flat_map(|id| [post(id, WATER, burst), [7, id, 9, burst]]).flatten().collect();
        node.send(&frames);
    }
    server.check_metric(INVALID, 2000.0);
    assert!(!node.is_closed());
    node.send(&post(1, WATER, 200));
    server.wait_for(|server| server.row("127.0.0.2_1").is_some_and(|row| row.1 == 200), PATIENCE);
    server.check_metric("poe_out_of_step_total", 0.0);
}

#[test]
fn two_thirds_of_the_frames_invalid_close_the_connection() {
    let server = Server::start(&[]);
    let sockets = server.sockets_at_rest();
    let mut node = Node::connect(&server, 2);
    let third: Vec<u8> =
        (0..130).flat_map(|id| [[7, id, 9, 0], [1, id, 99, 0], post(id, WATER, 5)]).flatten().collect();
    node.send(&third);
    node.wait_until_closed();
    server.check_metric("poe_out_of_step_total", 1.0);
    server.check_told("the stream from 127.0.0.2 is out of step");
    drop(node);
    check_nothing_leaks(&server, sockets);
}

/// A known node sends whole bursts, then a stream that lacks some bytes, until the server has had enough of it.
#[track_caller]
fn check_shifted(by: usize, bursts_before: usize, same_connection: bool) {
    // Two minutes of a common node; 19 bursts are enough in the worst case.
    const BURSTS_MAX: usize = 60;
    let server = Server::start(&[]);
    let sockets = server.sockets_at_rest();
    let mut model = CommonNode::new(by as u64);
    let mut node = Node::connect(&server, 2);
    for _ in 0..bursts_before {
        node.send(&model.burst());
    }
    let aligned = (bursts_before * FRAMES_PER_BURST) as f64;
    server.check_metric(VALID, aligned);
    if !same_connection {
        node.close();
        node = Node::connect(&server, 2);
    }
    let stream: Vec<u8> = (0..BURSTS_MAX).flat_map(|_| model.burst()).collect();
    for burst in shifted(&stream, by).chunks(BURST_BYTES) {
        // It ends by a reset as soon as the server has closed its side.
        if node.try_send(burst).is_err() {
            break;
        }
    }
    node.wait_until_closed();
    server.check_metric("poe_out_of_step_total", 1.0);

    // The node connects again and starts at a frame's edge.
    let mut again = Node::connect(&server, 2);
    let burst = model.burst();
    again.send(&burst);
    let mut naive = Naive::default();
    naive.take(Ipv4Addr::new(127, 0, 0, 2), &burst);
    let is_right_again = |server: &Server| {
        let table = server.table();
        naive.latest.iter().all(|(key, latest)| table.get(key).is_some_and(|row| reading(row) == *latest))
    };
    server.wait_for(is_right_again, PATIENCE);
    again.close();
    drop(node);
    check_nothing_leaks(&server, sockets);
}

#[test]
fn a_known_node_that_connects_out_of_step_is_closed_whichever_way_it_is_shifted() {
    for by in 1..4 {
        check_shifted(by, 1, false);
    }
}

#[test]
fn a_node_that_falls_out_of_step_on_the_way_is_closed_whichever_way_it_is_shifted() {
    for by in 1..4 {
        check_shifted(by, 1, true);
        check_shifted(by, 100, true);
    }
}

#[test]
fn a_node_that_falls_out_of_step_does_not_disturb_its_neighbour() {
    let server = Server::start(&[]);
    let mut neighbour = Node::connect(&server, 3);
    neighbour.send(&CommonNode::new(3).burst());
    server.wait_for(|server| server.table().len() == FRAMES_PER_BURST, PATIENCE);
    let mut node = Node::connect(&server, 2);
    node.send(&[255; 4 * 256]);
    node.wait_until_closed();
    assert!(!neighbour.is_closed());
    neighbour.time_to_row(&server, 1, 99);
}

/// Somebody says this to the port where nodes are expected, and hears nothing.
#[track_caller]
fn check_stranger(greeting: &[u8]) {
    let server = Server::start(&[]);
    let sockets = server.sockets_at_rest();
    let mut stranger = Node::connect(&server, 66);
    stranger.send(greeting);
    server.wait_for(|server| server.metric(INVALID) > 0.0, PATIENCE);
    server.wait_for(everything_is_read, PATIENCE);
    // Whoever connects later is served later: when its row is there, the greeting has been dealt with.
    let mut node = Node::connect(&server, 2);
    node.time_to_row(&server, 1, 9);
    assert_eq!(server.table().keys().collect::<Vec<_>>(), ["127.0.0.2_1"]);
    server.check_metric("poe_nodes", 1.0);
    server.check_metric("poe_sensors", 1.0);
    stranger.close();
    node.close();
    check_nothing_leaks(&server, sockets);
}

#[test]
fn a_browser_at_the_nodes_port_makes_no_node_and_hears_nothing() {
    check_stranger(greetings::HTTP);
}

#[test]
fn ssh_at_the_nodes_port_makes_no_node_and_hears_nothing() {
    check_stranger(greetings::SSH);
}

#[test]
fn the_beginning_of_a_tls_greeting_makes_no_node_and_hears_nothing() {
    // It holds an aligned announcement: 00 01 00 01.
    check_stranger(&greetings::bytes(greetings::TLS_CURL)[..12]);
}

#[test]
fn a_whole_tls_greeting_makes_no_node_and_hears_nothing() {
    check_stranger(&greetings::bytes(greetings::TLS_OPENSSL));
    check_stranger(&greetings::padded_bytes(greetings::TLS_CURL));
    check_stranger(&greetings::padded_bytes(greetings::TLS_PYTHON));
}

#[test]
fn a_mebibyte_at_line_rate_is_taken_whole() {
    let server = Server::start(&[]);
    let mut model = CommonNode::new(8);
    let mut stream: Vec<u8> = (0..).flat_map(|_: u32| model.burst()).take(1 << 20).collect();
    // The last reading of each sensor is told from all before.
    for id in 0..3 {
        stream.extend(post(id, FIRE, 40 + id));
    }
    let mut naive = Naive::default();
    naive.take(Ipv4Addr::new(127, 0, 0, 2), &stream);
    let begun = Instant::now();
    let mut node = Node::connect(&server, 2);
    node.send(&stream);
    node.close();
    naive.check(&server);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

/// A fresh random number at every call; the same ones for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % end
    }

    fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }

    /// Frames of all sorts and a rest. So few that no stream can be judged to be out of step.
    fn stream(&mut self) -> Vec<u8> {
        let mut stream = Vec::new();
        for _ in 0..1 + self.below(250) {
            let frame = match self.below(10) {
                0 => [self.byte(), self.byte(), self.byte(), self.byte()],
                1 => [0, self.byte(), self.byte() % 8, self.byte()],
                2 => [1, self.byte(), self.byte(), self.byte()],
                _ => [1, self.byte() % 24, self.byte() % 6, self.byte()],
            };
            stream.extend(frame);
        }
        let rest = self.below(4) as usize;
        stream.extend(&[1, 1, 1][..rest]);
        stream
    }
}

#[test]
fn random_streams_mean_what_a_naive_reader_says() {
    const SEED: u64 = 4711;
    let server = Server::start(&[]);
    let sockets = server.sockets_at_rest();
    let mut random = Random(SEED);
    let mut naive = Naive::default();
    let mut streams = Vec::new();
    for number in 1..=80 {
        let address = Ipv4Addr::new(127, 0, 2, number);
        // The first frame makes a node of it, so that its announcements need not be told from a stranger's.
        let stream = [&post(0, SMOKE, 1)[..], &random.stream()].concat();
        naive.take(address, &stream);
        streams.push((Node::connect_as(&server, address), stream));
    }
    while !streams.is_empty() {
        let at = random.below(streams.len() as u64) as usize;
        let (node, stream) = &mut streams[at];
        let rest = stream.split_off((1 + random.below(60) as usize).min(stream.len()));
        node.send(&std::mem::replace(stream, rest));
        if stream.is_empty() {
            streams.swap_remove(at);
        }
    }
    naive.check(&server);
    check_nothing_leaks(&server, sockets);
}

#[test]
fn noise_without_end_is_closed_and_harms_nobody() {
    let server = Server::start(&[]);
    let sockets = server.sockets_at_rest();
    let mut known = Node::connect(&server, 2);
    known.time_to_row(&server, 1, 7);
    let mut random = Random(4711);
    for number in 10..20 {
        let mut noisy = Node::connect(&server, number);
        let noise: Vec<u8> = (0..64 << 10).map(|_| random.byte()).collect();
        noisy.try_send(&noise).ok();
        noisy.wait_until_closed();
    }
    server.check_metric("poe_out_of_step_total", 10.0);
    known.time_to_row(&server, 1, 8);
    known.close();
    check_nothing_leaks(&server, sockets);
}
