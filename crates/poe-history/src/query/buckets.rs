//! Readings of one sensor, summed up in steps.

use crate::{History, Range, error::Result};
use poe_building::SensorKey;

/// What a sensor said in one step. One in which it said nothing is left out, so that a gap is a gap.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bucket {
    /// When it begins: a whole number of steps after the range does.
    pub time_ms: i64,
    /// How many readings.
    pub count: u64,
    /// The lowest value.
    pub min: u8,
    /// The highest.
    pub max: u8,
    /// All values together; the mean is this by the count.
    pub sum: u64,
    /// The latest.
    pub last: u8,
}

/// An answer in buckets.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Buckets {
    /// In order.
    pub buckets: Vec<Bucket>,
}

impl History {
    /// What a sensor said, in steps from the range's beginning on. The answer is the same whether it comes from roll-ups or
    /// from the readings themselves.
    ///
    /// # Errors
    /// As [`History::readings`].
    pub fn buckets(&self, sensor: SensorKey, range: Range, step_ms: i64) -> Result<Buckets> {
        let _ = (sensor, range, step_ms);
        todo!()
    }
}
