//! One input of the fuzzer as a night of a small building: connections from four addresses, pieces of their
//! streams, datagrams, reconnections and rounds of the recorder.

use poe_building::{Event, Input, Scope, Time};
use poe_wire::FRAME_BYTES;
use std::{collections::BTreeSet, net::IpAddr};

#[path = "model.rs"]
mod model;
use model::Pair;

/// Enough for each address to speak through several; more would only make inputs longer.
const LINES_MAX: usize = 16;

// The upper three bits of a step's first byte say what it is, the lower five whom it concerns.
const OPEN: u8 = 0;
const RECONNECT: u8 = 1;
const RECORD_URGENT: u8 = 2;
const SEND: u8 = 3;
const DATAGRAM: u8 = 4;
const RECORD_ALL: u8 = 5;

/// Plays an input on the real building and on the naive one, and compares.
///
/// A step is one byte; [`SEND`] and [`DATAGRAM`] go on with a byte that says how many bytes follow. Connection 0,
/// from address 10.0.0.0, is open from the start.
pub fn fuzz(mut input: &[u8]) {
    let mut pair = Pair::new();
    let mut lines = vec![pair.open(address(0))];
    let mut told = Told::default();
    while let Some((&step, rest)) = input.split_first() {
        input = rest;
        let whom = step & 0b1_1111;
        match step >> 5 {
            OPEN if lines.len() < LINES_MAX => lines.push(pair.open(address(whom))),
            RECONNECT => told.note(&pair.reconnect(lines[usize::from(whom) % lines.len()])),
            RECORD_URGENT => pair.record(Scope::Urgent),
            RECORD_ALL => pair.record(Scope::All),
            SEND => {
                let line = lines[usize::from(whom) % lines.len()];
                told.note(&pair.send(line, counted(&mut input)));
                // From here on the model, which does not judge, would hear more than the building.
                if pair.closed(line) {
                    return;
                }
            }
            DATAGRAM => told.note(&datagram(&mut pair, address(whom), counted(&mut input))),
            _ => {}
        }
        told.agrees_with(&pair);
    }
    pair.record(Scope::All);
    assert_eq!(pair.table, pair.model.sensors);
    assert_eq!(pair.building.rows_waiting(), 0);
}

fn address(whom: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, whom % 4])
}

/// The bytes after a byte that counts them, or as many of them as there are.
fn counted<'a>(input: &mut &'a [u8]) -> &'a [u8] {
    let Some((&count, rest)) = input.split_first() else { return &[] };
    let (bytes, rest) = rest.split_at(rest.len().min(usize::from(count)));
    *input = rest;
    bytes
}

/// To the naive building a datagram is a connection of its own; cut frames make all of it invalid.
fn datagram(pair: &mut Pair, from: IpAddr, bytes: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    pair.building.handle(Input::Datagram { from, bytes }, Time(0), &mut events);
    if bytes.len().is_multiple_of(FRAME_BYTES) {
        let mut line = pair.model.open(from);
        pair.model.stream(&mut line, bytes);
    }
    events
}

/// What the events have told, which the building must agree with whenever it is asked.
#[derive(Default)]
struct Told {
    nodes: usize,
    sensors: usize,
    status_changes: u64,
    invalid: u64,
}

impl Told {
    fn note(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::NodeAdded { .. } => self.nodes += 1,
                Event::SensorAdded { .. } => self.sensors += 1,
                Event::StatusChanged { from, to, .. } => {
                    assert_ne!(*from, Some(*to));
                    // The first reading of all is told, but there is no status that it would change.
                    self.status_changes += u64::from(from.is_some());
                }
                Event::FrameInvalid { .. } => self.invalid += 1,
                Event::SensorRefused { .. } => panic!("a thousand sensors are far below the limit"),
                Event::KindChanged { from, to, .. } => assert_ne!(from, to),
                Event::OutOfStep { .. } => {}
            }
        }
    }

    fn agrees_with(&self, pair: &Pair) {
        let counters = pair.building.counters();
        let nodes: BTreeSet<IpAddr> = pair.model.sensors.keys().map(|key| key.address).collect();
        assert_eq!((self.nodes, self.sensors), (pair.building.node_count(), pair.building.sensor_count()));
        assert_eq!((self.nodes, self.sensors), (nodes.len(), pair.model.sensors.len()));
        assert_eq!(self.status_changes, counters.status_changes);
        assert_eq!(self.invalid, counters.invalid_opt + counters.invalid_type);
        assert_eq!(counters.readings, counters.posts);
        assert!(pair.building.connected_count() <= nodes.len());
    }
}
