//! A batch becomes bytes: twice through the bursts, once to measure, once to write each where its node's bursts belong.

use super::record::{
    HEADER_BYTES, Header, READING_BYTES, RECORD_BYTES_MAX, V4_BYTES, V6_BYTES, meaning, put_varint,
    varint_bytes, zigzag,
};
use crate::reading::millis;
use poe_building::{NodeNo, Readings};
use std::net::IpAddr;

/// Makes records. It keeps its memory from batch to batch.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    /// By the number of a node: its place among `nodes`, or [`NONE`].
    places: Vec<u32>,
    /// The nodes of the batch, in the order in which they first spoke.
    nodes: Vec<Node>,
    /// Addresses, each with a place among `nodes`: that is what sorts two nodes of the same address.
    v4: Vec<u64>,
    v6: Vec<(u128, u32)>,
    record: Vec<u8>,
}

#[derive(Debug)]
struct Node {
    number: NodeNo,
    bytes: usize,
    readings: u32,
    /// Where its next burst goes.
    at: usize,
}

/// No place.
const NONE: u32 = u32::MAX;

/// The buffer of a busy building's batch. A larger one is given back.
const KEPT_BYTES: usize = 8 << 20;

impl Encoder {
    /// The record of a batch that has readings. Nothing if it would be longer than [`RECORD_BYTES_MAX`].
    pub(super) fn encode(
        &mut self,
        readings: &Readings,
        sequence: u64,
        address: impl Fn(NodeNo) -> IpAddr,
    ) -> Option<(Header, &[u8])> {
        let (base_ms, from_ms, to_ms) = self.measure(readings);
        self.sort(address);
        let bursts_bytes: usize = self.nodes.iter().map(|node| node.bytes).sum();
        let directory_bytes = self.v4.len() * V4_BYTES + self.v6.len() * V6_BYTES;
        let length = HEADER_BYTES + directory_bytes + bursts_bytes;
        if length > RECORD_BYTES_MAX {
            return None;
        }
        if self.record.capacity() > KEPT_BYTES {
            self.record = Vec::new();
        }
        // It never shrinks, so that what is written over anyway is not zeroed each time.
        if self.record.len() < length {
            self.record.resize(length, 0);
        }
        let record = &mut self.record[..length];
        write_directory(&mut self.nodes, &self.v4, &self.v6, &mut record[HEADER_BYTES..][..directory_bytes]);
        let bursts = &mut record[HEADER_BYTES + directory_bytes..];
        for (burst, samples) in readings.bursts() {
            let node = &mut self.nodes[self.places[burst.node.0 as usize] as usize];
            let mut at = node.at;
            at += put_varint(&mut bursts[at..], zigzag(millis(burst.time) - base_ms));
            at += put_varint(&mut bursts[at..], samples.len() as u64);
            let end = at + samples.len() * READING_BYTES;
            for (out, sample) in bursts[at..end].chunks_exact_mut(READING_BYTES).zip(samples) {
                out[0] = sample.id;
                out[1] = meaning(sample.kind, sample.status);
                out[2] = sample.value;
            }
            node.at = end;
        }
        let header = Header {
            length: length as u32,
            crc: crc32fast::hash(&record[HEADER_BYTES..]),
            base_ms,
            from_ms,
            to_ms,
            sequence,
            readings: readings.len() as u32,
            v4: self.v4.len() as u32,
            v6: self.v6.len() as u32,
        };
        let (head, _) = record.split_first_chunk_mut().expect("a record is longer than its header");
        header.write(head);
        Some((header, record))
    }

    /// Finds the nodes, how much room each needs, and the first, the earliest and the latest time.
    fn measure(&mut self, readings: &Readings) -> (i64, i64, i64) {
        for node in self.nodes.drain(..) {
            self.places[node.number.0 as usize] = NONE;
        }
        let mut times = None;
        for (burst, samples) in readings.bursts() {
            let time = millis(burst.time);
            let (base, from, to) = times.get_or_insert((time, time, time));
            (*from, *to) = (time.min(*from), time.max(*to));
            let number = burst.node.0 as usize;
            if self.places.len() <= number {
                self.places.resize(number + 1, NONE);
            }
            if self.places[number] == NONE {
                self.places[number] = self.nodes.len() as u32;
                self.nodes.push(Node { number: burst.node, bytes: 0, readings: 0, at: 0 });
            }
            let node = &mut self.nodes[self.places[number] as usize];
            let count = samples.len();
            node.bytes +=
                varint_bytes(zigzag(time - *base)) + varint_bytes(count as u64) + count * READING_BYTES;
            node.readings += count as u32;
        }
        times.unwrap_or_default()
    }

    fn sort(&mut self, address: impl Fn(NodeNo) -> IpAddr) {
        self.v4.clear();
        self.v6.clear();
        for (place, node) in self.nodes.iter().enumerate() {
            match address(node.number) {
                IpAddr::V4(address) => self.v4.push(u64::from(address.to_bits()) << 32 | place as u64),
                IpAddr::V6(address) => self.v6.push((address.to_bits(), place as u32)),
            }
        }
        self.v4.sort_unstable();
        self.v6.sort_unstable();
    }
}

/// Writes the directory, and gives each node its room among the bursts.
fn write_directory(nodes: &mut [Node], v4: &[u64], v6: &[(u128, u32)], out: &mut [u8]) {
    let mut offset = 0;
    let mut numbers = |place: u32, out: &mut [u8]| {
        let node = &mut nodes[place as usize];
        node.at = offset;
        out[..4].copy_from_slice(&(offset as u32).to_le_bytes());
        out[4..].copy_from_slice(&node.readings.to_le_bytes());
        offset += node.bytes;
    };
    let (short, long) = out.split_at_mut(v4.len() * V4_BYTES);
    for (entry, key) in short.chunks_exact_mut(V4_BYTES).zip(v4) {
        entry[..4].copy_from_slice(&((key >> 32) as u32).to_be_bytes());
        numbers(*key as u32, &mut entry[4..]);
    }
    for (entry, (address, place)) in long.chunks_exact_mut(V6_BYTES).zip(v6) {
        entry[..16].copy_from_slice(&address.to_be_bytes());
        numbers(*place, &mut entry[16..]);
    }
}
