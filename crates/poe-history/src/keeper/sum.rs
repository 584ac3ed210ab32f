//! A sum over what is written, held against the same sum over what is read back.

use crate::{files::Rollup, reading::Reading};
use poe_building::SensorKey;
use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
};

/// What rows say, in their order. It finds what was written wrong, not what somebody has forged.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Sum {
    pub(super) rows: u64,
    state: u64,
}

impl Sum {
    /// What follows is of this sensor.
    pub(super) fn sensor(&mut self, sensor: SensorKey) {
        let mut hasher = DefaultHasher::new();
        (sensor.address, sensor.id).hash(&mut hasher);
        self.add(hasher.finish());
    }

    pub(super) fn readings(&mut self, readings: &[Reading]) {
        self.rows += readings.len() as u64;
        for reading in readings {
            let Reading { time_ms, value, kind, status } = *reading;
            let rest = u64::from(value) << 16 | u64::from(kind.byte()) << 8 | status as u64;
            self.add((time_ms as u64).rotate_left(24) ^ rest);
        }
    }

    pub(super) fn rollups(&mut self, rollups: &[Rollup]) {
        self.rows += rollups.len() as u64;
        for rollup in rollups {
            let Rollup { start_ms, kind, count, min, max, sum, last } = *rollup;
            self.add(start_ms as u64);
            self.add(u64::from(count) << 32 | u64::from(u32::from_le_bytes([min, max, last, kind.byte()])));
            self.add(sum);
        }
    }

    fn add(&mut self, word: u64) {
        // An odd factor loses nothing, and the rotation lets its high bits meet the next word's low ones.
        self.state = (self.state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
}
