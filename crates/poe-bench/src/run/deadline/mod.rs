//! From a flame at a node to the people: how long until a client and a webhook know of it, on the clock of whoever
//! wrote the frame, in quiet and in every hardship at once.

mod flames;
mod follower;
mod hardship;
mod journal;
mod night;
mod rows;
mod sightings;
mod stages;
mod webhook;

use super::lab::{Lab, Nodes, Pace};
use super::report::Row;
use crate::failure::Failure;
use crate::load::Pattern;
pub use flames::{Flames, Lit};
pub use follower::follow;
pub use hardship::SlowDisk;
use night::{Night, Scene};
use rows::Bound;
pub use sightings::Sightings;
use std::time::Duration;

/// Fifty a second: each is an alarm of its own, and all of them a great fire.
const SPREAD: Duration = Duration::from_millis(20);

/// A campus: 105,000 readings a second, of which none is an alarm.
const CAMPUS: Nodes = Nodes {
    count: 10_000,
    sensors: 21,
    frames_each: 21 * 30,
    batch: 21,
    threads: 2,
    pace: Pace::BeatMs(2_000),
    pattern: Pattern::Calm,
};

/// As much as two cores can send,
const FLAT_OUT: Nodes = Nodes {
    count: 100,
    sensors: 21,
    frames_each: 4_000_000_000,
    batch: 21,
    threads: 2,
    pace: Pace::FlatOut,
    pattern: Pattern::Calm,
};
/// and one peer that sends 64 KiB at a time.
const FLOOD: Nodes = Nodes { count: 1, batch: 16_384, threads: 1, ..FLAT_OUT };

/// As much again, and nearly every reading an alarm or the end of one.
const RESTLESS: Nodes = Nodes { pattern: Pattern::Restless, ..FLAT_OUT };

const QUIET: Scene = Scene { flames: 500, gap: SPREAD, loads: &[], stalled: false };
const BUSY: Scene = Scene { flames: 1_000, loads: &[CAMPUS], ..QUIET };
const AT_ONCE: Scene = Scene { gap: Duration::ZERO, ..BUSY };
const SATURATED: Scene = Scene { loads: &[FLAT_OUT, FLOOD], ..BUSY };
const HECTIC: Scene = Scene { loads: &[RESTLESS], ..BUSY };
const STALLED: Scene = Scene { stalled: true, ..BUSY };

pub fn in_quiet(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let night = Night::watch(lab, &QUIET)?;
    Ok(vec![
        rows::to_a_client("flame to a client, idle", &night, Bound::P99(20.0)),
        rows::to_a_webhook("flame to a webhook's yes, idle", &night, Bound::P99(100.0)),
        rows::stamps("server's stamp of a flame, idle", &night, 5.0),
    ])
}

pub fn with_a_campus(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let night = Night::watch(lab, &BUSY)?;
    Ok(vec![
        rows::to_a_client("flame to a client, 10,000 nodes", &night, Bound::P99(20.0)),
        rows::to_a_webhook("flame to a webhook's yes, 10,000 nodes", &night, Bound::P99(100.0)),
        rows::slowest("the slowest of these", &night),
        rows::stamps("server's stamp of a flame, 10,000 nodes", &night, 20.0),
    ])
}

pub fn all_at_once(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let night = Night::watch(lab, &AT_ONCE)?;
    Ok(vec![
        rows::to_a_client("1,000 flames at once to a client", &night, Bound::Worst),
        rows::to_a_webhook("1,000 flames at once to a webhook's yes", &night, Bound::Worst),
    ])
}

pub fn while_saturated(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let night = Night::watch(lab, &SATURATED)?;
    Ok(vec![
        rows::to_a_client("flame to a client, both cores saturated", &night, Bound::Worst),
        rows::to_a_webhook("flame to a webhook's yes, both cores saturated", &night, Bound::Worst),
    ])
}

pub fn while_every_reading_is_an_event(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let night = Night::watch(lab, &HECTIC)?;
    Ok(vec![
        rows::to_a_client("flame to a client, a flood of other alarms", &night, Bound::Worst),
        rows::to_a_webhook("flame to a webhook's yes, a flood of other alarms", &night, Bound::Worst),
    ])
}

pub fn while_everything_stalls(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let night = Night::watch(lab, &STALLED)?;
    Ok(vec![
        rows::to_a_client("flame to a client, everything stalls", &night, Bound::Worst),
        rows::to_a_webhook("flame to a webhook's yes, everything stalls", &night, Bound::Worst),
        rows::unsaved("told as not yet stored, everything stalls", &night),
    ])
}
