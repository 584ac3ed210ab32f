//! The reference readings: what nodes say in a real building, as packed records with times of their own.
//!
//! A node sends a burst of its 21 sensors every two seconds, a few milliseconds early or late. Eight watch for flames, eight
//! for smoke around a level of their own, one for motion that comes for a while; humidity, two temperatures and water walk at
//! random.

use crate::load::Dice;
use poe_wire::SensorKind;
use std::io::{self, BufWriter, Write};
use std::ops::Range;

/// When the reference day begins, in milliseconds since 1970 UTC.
pub const DAY_BEGINS_MS: i64 = 1_760_000_000_000;
pub const DAY_MS: i64 = 86_400_000;
pub const SENSORS: u32 = 21;
/// What they measure, by their numbers.
pub const KINDS: [SensorKind; SENSORS as usize] = {
    use SensorKind::{Fire, Humidity, Motion, Smoke, Temperature, Water};
    let [f, s, t] = [Fire, Smoke, Temperature];
    [f, f, f, f, f, f, f, f, s, s, s, s, s, s, s, s, Motion, Humidity, t, t, Water]
};
/// Bursts of a node in a day.
pub const BURSTS_A_DAY: i64 = DAY_MS / BEAT_MS;

const BEAT_MS: i64 = 2_000;
/// A burst takes about 3 ms to arrive: so many readings come in each.
const READINGS_A_MS: i64 = 7;
/// What is handed on at a time.
const BUFFER_BYTES: usize = 1 << 20;

/// Which nodes there are, and from which burst to which each sends. Burst 0 begins the reference day.
#[derive(Clone)]
pub struct Reference {
    /// Nothing else has this name.
    pub name: String,
    nodes: Vec<Range<i64>>,
    day_begins_ms: i64,
}

impl Reference {
    /// Ten nodes for so many days, of which the last is the reference day.
    pub fn ten_nodes(days: i64) -> Self {
        let nodes = vec![days_until_the_end(days); 10];
        Self { name: format!("ten-nodes-{days}-days"), nodes, day_begins_ms: DAY_BEGINS_MS }
    }

    /// Ten nodes on the reference day, and an eleventh for so many days up to its end.
    pub fn one_for_long(days: i64) -> Self {
        let mut nodes = vec![days_until_the_end(1); 10];
        nodes.push(days_until_the_end(days));
        Self { name: format!("one-node-{days}-days"), nodes, day_begins_ms: DAY_BEGINS_MS }
    }

    /// The same, moved by whole days so that its last reading is less than a day old: a server does not believe a clock that is
    /// far ahead of all it has.
    pub fn until(mut self, now_ms: i64) -> Self {
        self.day_begins_ms = now_ms - DAY_MS - (now_ms - DAY_BEGINS_MS).rem_euclid(DAY_MS);
        self.name = format!("{}-until-{}", self.name, self.day_begins_ms / DAY_MS);
        self
    }

    /// How many readings a sensor of this node has.
    pub fn readings_of(&self, node: u32) -> u64 {
        self.nodes.get(node as usize).map_or(0, |bursts| (bursts.end - bursts.start) as u64)
    }

    /// How many there are.
    pub fn readings(&self) -> u64 {
        let nodes = 0..self.nodes.len() as u32;
        nodes.map(|node| self.readings_of(node)).sum::<u64>() * u64::from(SENSORS)
    }

    /// The time of its first reading is not before, in milliseconds since 1970.
    pub fn begins_ms(&self) -> i64 {
        let first = self.nodes.iter().map(|bursts| bursts.start).min();
        self.day_begins_ms + first.unwrap_or(0) * BEAT_MS - BEAT_MS
    }

    /// Writes packed records, in the order in which they come: `u32` sensor, `i64` milliseconds since 1970, `u8` value, all
    /// little-endian. Sensor `n` is number `n % 21` of node `n / 21`.
    pub fn write(&self, out: impl Write) -> io::Result<Tally> {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, out);
        let mut tally = Tally::default();
        let mut chance = Chance(Dice(0x2C1B_3C6D_297A_2D39));
        let mut nodes: Vec<_> = self.nodes.iter().map(|bursts| (bursts, Node::new(&mut chance))).collect();
        let first = self.nodes.iter().map(|bursts| bursts.start).min().unwrap_or(0);
        let end = self.nodes.iter().map(|bursts| bursts.end).max().unwrap_or(0);
        for burst in first..end {
            for (number, (bursts, node)) in nodes.iter_mut().enumerate() {
                if !bursts.contains(&burst) {
                    continue;
                }
                let jitter_ms = chance.below(11) as i64 - 5;
                let began_ms = self.day_begins_ms + burst * BEAT_MS + node.phase_ms + jitter_ms;
                for (at, value) in node.burst(&mut chance).into_iter().enumerate() {
                    let sensor = number as u32 * SENSORS + at as u32;
                    let time_ms = began_ms + at as i64 / READINGS_A_MS;
                    out.write_all(&record(sensor, time_ms, value))?;
                    tally.add(sensor, time_ms, value);
                }
            }
        }
        out.flush()?;
        Ok(tally)
    }
}

fn days_until_the_end(days: i64) -> Range<i64> {
    (1 - days) * BURSTS_A_DAY..BURSTS_A_DAY
}

fn record(sensor: u32, time_ms: i64, value: u8) -> [u8; 13] {
    let mut record = [0; 13];
    record[..4].copy_from_slice(&sensor.to_le_bytes());
    record[4..12].copy_from_slice(&time_ms.to_le_bytes());
    record[12] = value;
    record
}

/// How many readings there are, and a sum over them in which each counts, in whatever order they come.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Tally {
    pub count: u64,
    pub digest: u64,
}

impl Tally {
    pub fn add(&mut self, sensor: u32, time_ms: i64, value: u8) {
        // Each reading becomes a number without pattern, so that two that are wrong hardly make up for each other.
        let mut mixed = (u64::from(sensor) << 8 | u64::from(value)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed ^= time_ms.cast_unsigned();
        for _ in 0..2 {
            mixed ^= mixed >> 29;
            mixed = mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        }
        self.count += 1;
        self.digest = self.digest.wrapping_add(mixed ^ mixed >> 32);
    }
}

/// A node, and how things are around it.
struct Node {
    phase_ms: i64,
    smoke: [f64; 8],
    moves: bool,
    humidity: f64,
    temperature: [f64; 2],
    water: f64,
}

impl Node {
    fn new(chance: &mut Chance) -> Self {
        Self {
            phase_ms: chance.below(BEAT_MS.cast_unsigned()) as i64,
            smoke: [(); 8].map(|()| 50.0 + 40.0 * chance.share()),
            moves: false,
            humidity: 40.0,
            temperature: [71.0, 72.0],
            water: 5.0,
        }
    }

    /// What it says next. A value is cut to a byte as a sensor cuts it.
    fn burst(&mut self, chance: &mut Chance) -> [u8; SENSORS as usize] {
        let mut values = [1; SENSORS as usize];
        for flame in &mut values[..8] {
            *flame = u8::from(chance.below(20_000) != 0);
        }
        for (value, level) in values[8..16].iter_mut().zip(self.smoke) {
            *value = (level + 2.0 * chance.spread()).round() as u8;
        }
        self.moves = if self.moves { chance.below(10) != 0 } else { chance.below(900) == 0 };
        values[16] = u8::from(self.moves);
        self.humidity = (self.humidity + 0.02 * chance.spread()).clamp(20.0, 90.0);
        values[17] = self.humidity as u8;
        for (value, temperature) in values[18..20].iter_mut().zip(&mut self.temperature) {
            *temperature = (*temperature + 0.02 * chance.spread()).clamp(50.0, 95.0);
            *value = *temperature as u8;
        }
        self.water = (self.water + 0.05 * chance.spread()).clamp(0.0, 30.0);
        values[20] = (self.water + 0.5 * chance.spread()) as u8;
        values
    }
}

/// Chance that is the same in every run.
struct Chance(Dice);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        // The lowest bits of the dice are its worst.
        (self.0.roll() >> 16) % bound
    }

    fn share(&mut self) -> f64 {
        (self.0.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Around 0 with a standard deviation of 1: the sum of twelve even chances, four of them from each roll.
    fn spread(&mut self) -> f64 {
        let mut sum = 0;
        for _ in 0..3 {
            let roll = self.0.roll();
            sum += (0..4).map(|part| roll >> (16 * part) & 0xFFFF).sum::<u64>();
        }
        sum as f64 / 65_536.0 - 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Chance, DAY_BEGINS_MS, DAY_MS, Reference, Tally};
    use crate::load::Dice;

    #[test]
    fn a_part_of_the_day_is_what_the_records_say() {
        let reference = Reference {
            name: "a tenth of it".into(),
            nodes: vec![0..4_320; 10],
            day_begins_ms: DAY_BEGINS_MS,
        };
        let mut records = Vec::new();
        let tally = reference.write(&mut records).unwrap();
        assert_eq!(Reference::ten_nodes(1).readings(), 9_072_000);
        assert_eq!(tally.count, reference.readings());
        let mut read = Tally::default();
        let mut means = [0.0; 21];
        for record in records.as_chunks::<13>().0 {
            let sensor = u32::from_le_bytes(record[..4].try_into().unwrap());
            let time_ms = i64::from_le_bytes(record[4..12].try_into().unwrap());
            assert!((DAY_BEGINS_MS - 5..DAY_BEGINS_MS + DAY_MS + 8).contains(&time_ms));
            assert!(time_ms >= reference.begins_ms());
            read.add(sensor, time_ms, record[12]);
            means[sensor as usize % 21] += f64::from(record[12]) / 43_200.0;
        }
        assert_eq!(read, tally);
        assert!(means[..8].iter().all(|flame| (0.9995..=1.0).contains(flame)), "{means:?}");
        assert!(means[8..16].iter().all(|smoke| (50.0..90.0).contains(smoke)), "{means:?}");
        assert!((0.004..0.03).contains(&means[16]), "{means:?}");
    }

    #[test]
    fn one_reading_that_is_different_is_another_tally() {
        let tally = |readings: &[(u32, i64, u8)]| {
            let mut tally = Tally::default();
            readings.iter().for_each(|&(sensor, time_ms, value)| tally.add(sensor, time_ms, value));
            tally
        };
        assert_eq!(tally(&[(1, 5, 7), (2, 6, 8)]), tally(&[(2, 6, 8), (1, 5, 7)]));
        assert_ne!(tally(&[(1, 5, 7), (2, 6, 8)]), tally(&[(1, 6, 7), (2, 5, 8)]));
        assert_ne!(tally(&[(1, 5, 7), (2, 6, 8)]), tally(&[(1, 5, 8), (2, 6, 7)]));
    }

    #[test]
    fn chance_spreads_around_nothing() {
        let mut chance = Chance(Dice(1));
        let drawn: Vec<f64> = (0..100_000).map(|_| chance.spread()).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let variance = drawn.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / drawn.len() as f64;
        assert!(mean.abs() < 0.02, "{mean}");
        assert!((variance - 1.0).abs() < 0.02, "{variance}");
    }
}
