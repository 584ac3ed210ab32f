//! What is removed when.

use poe_wire::SensorKind;
use std::time::Duration;

/// How long readings are kept. Whole days are removed, the oldest first.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Retention {
    /// Readings older than this are removed; nothing: they are kept for ever.
    pub age: Option<Duration>,
    /// Readings of these kinds are removed when they are older than this.
    pub age_of_kind: Vec<(SensorKind, Duration)>,
    /// While the files with readings are larger than this, the oldest are removed.
    pub bytes: Option<u64>,
    /// Roll-ups older than this are removed.
    pub rollup_age: Option<Duration>,
}
