//! From a frame to the row that another process sees.

use super::lab::{Lab, Nodes, Pace};
use super::report::{Row, Target};
use crate::failure::Failure;
use crate::probe::{Probe, Seen};
use crate::stats::Spread;
use std::time::Instant;

/// A hundred nodes that never stop while the probe looks.
const BACKGROUND: Nodes = Nodes {
    count: 100,
    sensors: 21,
    frames_each: 600_000,
    batch: 21,
    threads: 1,
    pace: Pace::Rate(1_000_000),
};

/// A status that changes is worth a commit of its own.
pub fn of_a_status_change(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), 100)?;
    let seen = Probe { n: 500, flip: true, ..Probe::at(server.tcp, server.db.clone()) }.measure()?;
    Ok(vec![row("status change to visible row, idle", &seen, Target::AtMost(3.0), "")])
}

/// Any reading waits for the recorder's next round at most, however busy the building is.
pub fn of_any_reading(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), BACKGROUND.count + 100)?;
    let _load = lab.load(server.tcp, &BACKGROUND)?;
    let (frames, began) = (server.frames()?, Instant::now());
    // Not a multiple of the recorder's round, so that the frames fall anywhere in it.
    let seen = Probe { n: 200, gap_ms: 17, ..Probe::at(server.tcp, server.db.clone()) }.measure()?;
    let rate = (server.frames()? - frames) as f64 / began.elapsed().as_secs_f64() / 1e6;
    let beside = format!(" at {rate:.2} M frames/s");
    Ok(vec![row("any reading to visible row, busy", &seen, Target::AtMost(60.0), &beside)])
}

fn row(bar: &'static str, seen: &Seen, target: Target, beside: &str) -> Row {
    if seen.lost > 0 {
        return Row::failed(bar, &format!("{} of the probe's frames never showed", seen.lost));
    }
    let Spread { p50, p99, max, .. } = Spread::of(&seen.latencies);
    let figure = format!("p99 {p99:.2} ms (p50 {p50:.2}, max {max:.2}){beside}");
    Row::new(bar, figure, p99, target, " ms")
}
