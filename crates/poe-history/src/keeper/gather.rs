//! Readings of the log, brought into the order of files in bounded memory.
//!
//! The log has them in the order in which they came. They are taken in passes, each over a range of nodes (or, of a node that
//! says very much, over a range of its sensors, or of time) that fits into memory, eight bytes a reading; sorted by sensor by
//! counting, and each sensor by time.

use super::work::Flow;
use crate::{Range, error::Result, log::Segment, reading::Reading};
use poe_building::{SensorKey, Status};
use poe_wire::SensorKind;
use std::{collections::BTreeMap, net::IpAddr, ops::RangeInclusive, sync::Arc};

/// Readings in one pass: 8 MiB as they come, and as much again when they are sorted.
const PASS_READINGS: u64 = 1 << 20;

/// Nodes in one pass: 256 sensors each take a counter of four bytes, 4 MiB together.
const PASS_NODES: usize = 4_096;

/// Into how many pieces the time of a sensor that says too much for one pass is cut.
const PIECES: usize = 1_024;

/// Readings handed on at once: 128 KiB.
const HANDED_ON: usize = 8_192;

/// The longest time that fits into the 31 bits that a pass has for it.
pub(super) const TIME_MAX_MS: i64 = 1 << 31;

/// What one pass takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pass {
    /// Ascending.
    nodes: Vec<IpAddr>,
    ids: RangeInclusive<u8>,
    times: Range,
}

/// The passes that take all readings of a time, sensors ascending, and of each sensor times ascending. It must be shorter than
/// [`TIME_MAX_MS`].
pub(super) fn passes(segments: &[Arc<Segment>], times: Range) -> Result<Vec<Pass>> {
    passes_of(segments, times, PASS_READINGS)
}

/// As [`passes`], with a bound that tests can reach.
pub(super) fn passes_of(segments: &[Arc<Segment>], times: Range, readings_max: u64) -> Result<Vec<Pass>> {
    let mut counts: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for segment in segments {
        for (node, readings) in segment.nodes()? {
            *counts.entry(node).or_default() += readings;
        }
    }
    let mut passes = Vec::new();
    let mut nodes = Vec::new();
    let mut readings = 0;
    let whole = |nodes: &mut Vec<IpAddr>| Pass { nodes: std::mem::take(nodes), ids: 0..=u8::MAX, times };
    for (node, count) in counts {
        if !nodes.is_empty() && (readings + count > readings_max || nodes.len() == PASS_NODES) {
            passes.push(whole(&mut nodes));
            readings = 0;
        }
        if count > readings_max {
            split_node(segments, node, times, readings_max, &mut passes)?;
        } else {
            nodes.push(node);
            readings += count;
        }
    }
    if !nodes.is_empty() {
        passes.push(whole(&mut nodes));
    }
    Ok(passes)
}

/// Cuts a node that says too much for one pass by its sensors.
fn split_node(
    segments: &[Arc<Segment>],
    node: IpAddr,
    times: Range,
    readings_max: u64,
    passes: &mut Vec<Pass>,
) -> Result<()> {
    let mut counts = [0; 256];
    for segment in segments {
        segment.of_nodes(node, node, &mut |sensor, reading| {
            counts[usize::from(sensor.id)] += u64::from(times.holds(reading.time_ms));
        })?;
    }
    let (mut first, mut readings) = (0, 0);
    for id in 0..=u8::MAX {
        let count = counts[usize::from(id)];
        let pass = |ids| Pass { nodes: vec![node], ids, times };
        if readings > 0 && readings + count > readings_max {
            passes.push(pass(first..=id - 1));
            (first, readings) = (id, 0);
        }
        if count > readings_max {
            let sensor = SensorKey { address: node, id };
            split_sensor(segments, sensor, times, readings_max, passes)?;
            first = id.saturating_add(1);
        } else {
            readings += count;
            if id == u8::MAX && readings > 0 {
                passes.push(pass(first..=id));
            }
        }
    }
    Ok(())
}

/// Cuts a sensor that says too much for one pass by time. A single millisecond is not cut.
fn split_sensor(
    segments: &[Arc<Segment>],
    sensor: SensorKey,
    times: Range,
    readings_max: u64,
    passes: &mut Vec<Pass>,
) -> Result<()> {
    let step = (times.to_ms - times.from_ms) / PIECES as i64 + 1;
    let mut counts = vec![0; PIECES];
    for segment in segments {
        segment.of_nodes(sensor.address, sensor.address, &mut |key, reading| {
            if key == sensor && times.holds(reading.time_ms) {
                counts[((reading.time_ms - times.from_ms) / step) as usize] += 1;
            }
        })?;
    }
    let pass = |times| Pass { nodes: vec![sensor.address], ids: sensor.id..=sensor.id, times };
    let mut from_ms = times.from_ms;
    let mut readings = 0;
    for (number, count) in counts.into_iter().enumerate() {
        let begin = (times.from_ms + step * number as i64).min(times.to_ms);
        let end = (begin + step).min(times.to_ms);
        if readings > 0 && readings + count > readings_max {
            passes.push(pass(Range { from_ms, to_ms: begin }));
            (from_ms, readings) = (begin, 0);
        }
        if count > readings_max && step > 1 {
            split_sensor(segments, sensor, Range { from_ms: begin, to_ms: end }, readings_max, passes)?;
            from_ms = end;
        } else {
            readings += count;
        }
    }
    if readings > 0 {
        passes.push(pass(Range { from_ms, to_ms: times.to_ms }));
    }
    Ok(())
}

/// Memory that passes share.
#[derive(Default, Debug)]
pub(super) struct Gather {
    came: Vec<u64>,
    sorted: Vec<u64>,
    ends: Vec<u32>,
    readings: Vec<Reading>,
}

impl Gather {
    /// Takes the readings of one pass, and hands them on: sensors ascending, of each by time, of one time as they came.
    pub(super) fn pass(
        &mut self,
        segments: &[Arc<Segment>],
        pass: &Pass,
        take: &mut dyn FnMut(SensorKey, &[Reading]) -> Flow<()>,
    ) -> Flow<()> {
        let Pass { nodes, ids, times } = pass;
        let (Some(first), Some(last)) = (nodes.first(), nodes.last()) else { return Ok(()) };
        self.came.clear();
        self.ends.clear();
        self.ends.resize(nodes.len() * 256, 0);
        let mut at = 0;
        for segment in segments {
            segment.of_nodes(*first, *last, &mut |sensor, reading| {
                if !ids.contains(&sensor.id) || !times.holds(reading.time_ms) {
                    return;
                }
                // A node's readings come one after another.
                if nodes[at] != sensor.address {
                    let Ok(found) = nodes.binary_search(&sensor.address) else { return };
                    at = found;
                }
                let number = at << 8 | usize::from(sensor.id);
                self.ends[number] += 1;
                self.came.push(pack(number, times.from_ms, reading));
            })?;
        }
        self.sort();
        let mut begin = 0;
        for (number, end) in self.ends.iter().enumerate() {
            let own = begin..*end as usize;
            begin = own.end;
            let own = &mut self.sorted[own];
            // Nearly always they came in order. Stable, so that of one time the later stays later.
            if !own.is_sorted_by_key(|word| time(*word)) {
                own.sort_by_key(|word| time(*word));
            }
            let sensor = SensorKey { address: nodes[number >> 8], id: number as u8 };
            for words in own.chunks(HANDED_ON) {
                self.readings.clear();
                self.readings.extend(words.iter().map(|word| unpack(*word, times.from_ms)));
                take(sensor, &self.readings)?;
            }
        }
        Ok(())
    }

    /// Sorts by sensor, by counting: `ends` has how many each has, and then where each ends.
    fn sort(&mut self) {
        let mut sum = 0;
        for end in &mut self.ends {
            let count = *end;
            *end = sum;
            sum += count;
        }
        self.sorted.clear();
        self.sorted.resize(self.came.len(), 0);
        for word in &self.came {
            let end = &mut self.ends[(word >> NUMBER) as usize];
            self.sorted[*end as usize] = *word;
            *end += 1;
        }
    }
}

/// From high to low: 20 bits of the sensor's number in the pass, 31 of time, 8 of value, 3 of kind, 2 of status.
const NUMBER: u32 = 44;
const TIME: u32 = 13;

fn pack(number: usize, from_ms: i64, reading: Reading) -> u64 {
    let Reading { time_ms, value, kind, status } = reading;
    (number as u64) << NUMBER
        | ((time_ms - from_ms) as u64) << TIME
        | u64::from(value) << 5
        | u64::from(kind.byte()) << 2
        | status as u64
}

fn time(word: u64) -> u32 {
    (word >> TIME) as u32 & (u32::MAX >> 1)
}

fn unpack(word: u64, from_ms: i64) -> Reading {
    Reading {
        time_ms: from_ms + i64::from(time(word)),
        value: (word >> 5) as u8,
        kind: SensorKind::ALL[(word >> 2 & 7) as usize],
        status: Status::ALL[(word & 3) as usize],
    }
}
