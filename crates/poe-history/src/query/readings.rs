//! Readings of one sensor.

use crate::{History, Range, error::Result, reading::Reading};
use poe_building::SensorKey;

/// Some readings of a sensor, by time.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Readings {
    /// In order.
    pub readings: Vec<Reading>,
    /// Where to go on, if there are more: the time of the next, and how many of that time are told already.
    pub next: Option<(i64, u32)>,
}

impl History {
    /// The readings of a sensor from `after` on, `limit` at most.
    ///
    /// # Errors
    /// The disk fails, or a file is damaged; it has then been set aside, and asking again is answered from the rest.
    pub fn readings(&self, sensor: SensorKey, range: Range, skip: u32, limit: usize) -> Result<Readings> {
        let _ = (sensor, range, skip, limit);
        todo!()
    }
}
