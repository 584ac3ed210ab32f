//! A reading as the history has it.

use poe_building::{Status, Time};
use poe_wire::SensorKind;

/// One reading of a sensor. Of two with the same time the one that came later stands later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// Milliseconds since 1970-01-01 UTC.
    pub time_ms: i64,
    /// The raw byte.
    pub value: u8,
    /// What the sensor measured then.
    pub kind: SensorKind,
    /// What the value meant by the rules that were in force.
    pub status: Status,
}

/// The millisecond in which a moment lies.
pub(crate) fn millis(time: Time) -> i64 {
    time.0.div_euclid(1_000)
}
