//! The history: whether it keeps up, what it costs on disk, how soon it answers, and that it has everything.

mod all;
mod answers;
mod day;
mod flat;
mod generator;
mod ingest;
mod queries;
mod start;
mod stored;

use super::lab::{Lab, Nodes, Pace};
use super::server::Server;
use crate::failure::{Doing, Failure};
use crate::load::Pattern;
pub use all::measure as all;
pub use day::measure as day;
pub use flat::measure as flat;
pub use ingest::measure as ingest;
pub use queries::measure as queries;
pub use start::measure as start;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The days of the node that has been heard for long.
const YEAR_DAYS: i64 = 365;

/// 100,000 readings a second, for so many seconds.
fn beside(seconds: u32) -> Nodes {
    Nodes {
        count: 1_000,
        sensors: 21,
        frames_each: 100 * seconds,
        batch: 21,
        threads: 1,
        pace: Pace::Rate(100_000),
        pattern: Pattern::Calm,
    }
}

/// A part of what a full run would take, at least one.
fn in_brief(lab: &Lab, full: u32) -> u32 {
    (full / lab.brief).max(1)
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64)
}

/// Waits until nothing is left to seal or to compact: for a while, the files are the same.
fn await_rest(server: &Server, data: &Path, within: Duration) -> Result<(), Failure> {
    const RESTING: Duration = Duration::from_secs(10);
    let until = Instant::now() + within;
    let mut same_since = Instant::now();
    let mut last = (0, 0);
    while same_since.elapsed() < RESTING {
        if Instant::now() > until {
            return Err(Failure::new(format!("the history's files still change after {within:?}")));
        }
        thread::sleep(Duration::from_millis(500));
        let now = (server.metric("poe_history_files")? as u64, bytes_on_disk(data)?);
        if now != last || server.metric("poe_history_batches_waiting")? > 0.0 {
            (last, same_since) = (now, Instant::now());
        }
    }
    Ok(())
}

/// All files with readings and roll-ups, and whatever lies beside them.
fn bytes_on_disk(data: &Path) -> Result<u64, Failure> {
    Ok(bytes_in(&data.join("history"))? + bytes_in(&data.join("rollups"))?)
}

fn bytes_in(folder: &Path) -> Result<u64, Failure> {
    let doing = || format!("read {}", folder.display());
    let mut bytes = 0;
    for entry in fs::read_dir(folder).doing(doing)? {
        let entry = entry.doing(doing)?;
        // A file that goes just now has no size.
        let Ok(about) = entry.metadata() else { continue };
        bytes += if about.is_dir() { bytes_in(&entry.path())? } else { about.len() };
    }
    Ok(bytes)
}
