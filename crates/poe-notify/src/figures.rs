//! How each target stands, for screens and metrics.

use poe_building::{Text, Time};
use std::time::Duration;

/// How a target stands. The counts are those of this run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TargetFigures {
    /// The target's name.
    pub target: Text,
    /// Pages that it has still to get, those under way among them.
    pub waiting: usize,
    /// The age of the oldest of these, since it was promised.
    pub oldest: Option<Duration>,
    /// Pages that it has confirmed.
    pub sent: u64,
    /// Tries that failed. A group of pages that goes out as one message is one try.
    pub failed: u64,
    /// Pages that were given up.
    pub dead: u64,
    /// Why and when a try failed last, also after it has got better.
    pub last_error: Option<(Text, Time)>,
    /// When it last said yes.
    pub last_success: Option<Time>,
    /// Tries that have failed since it last answered; 0: it is well.
    pub failing: u32,
}

/// How the heartbeat stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeartbeatFigures {
    /// Why the last one failed; `None`: it was answered, or there was none yet.
    pub failed: Option<Text>,
    /// How many have failed in this run.
    pub failures: u64,
    /// When it was last answered.
    pub last_success: Option<Time>,
}
