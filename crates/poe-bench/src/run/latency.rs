//! From a frame to the row that another process sees.

use super::lab::{Lab, Nodes, Pace};
use super::report::{Row, Target};
use crate::failure::{Doing, Failure};
use crate::load::Pattern;
use crate::probe::{Probe, Seen};
use crate::stats::Spread;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The probe and the disk take turns; even, so that each turn ends with no flame.
const FLIPS_IN_A_TURN: u32 = 100;
const TURNS: u32 = 5;
/// What a small commit writes.
const PAGE_BYTES: usize = 4096;

/// A hundred nodes that never stop while the probe looks.
const BACKGROUND: Nodes = Nodes {
    count: 100,
    sensors: 21,
    frames_each: 600_000,
    batch: 21,
    threads: 1,
    pace: Pace::Rate(1_000_000),
    pattern: Pattern::Normal,
};

/// A status that changes is worth a commit of its own, which cannot be faster than the disk: a bare
/// `fdatasync` in turns with the probe tells what the disk was worth meanwhile.
pub fn of_a_status_change(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), 100)?;
    let probe = Probe { n: FLIPS_IN_A_TURN, flip: true, ..Probe::at(server.tcp, server.db.clone()) };
    let (mut seen, mut syncs) = (Seen::default(), Vec::new());
    for _ in 0..TURNS {
        seen += probe.measure()?;
        syncs.extend(bare_syncs(folder.path()).doing(|| "measure the disk".into())?);
    }
    let Spread { p50, p99, .. } = Spread::of(&syncs);
    let beside = format!("; a bare fdatasync meanwhile: p99 {p99:.2} ms (p50 {p50:.2})");
    Ok(vec![row("status change to visible row, idle", &seen, Target::AtMost(3.0), &beside)])
}

/// What the disk is worth at the moment.
pub fn bare_syncs(folder: &Path) -> io::Result<Vec<Duration>> {
    let mut disk = Disk::of(folder)?;
    let sync = |_| {
        thread::sleep(Duration::from_millis(10));
        disk.sync()
    };
    (0..FLIPS_IN_A_TURN).map(sync).collect()
}

/// A file that grows by a page and is synced, and no more.
pub struct Disk {
    file: File,
    pages: u64,
}

impl Disk {
    pub fn of(folder: &Path) -> io::Result<Self> {
        Ok(Self { file: File::create(folder.join("synced"))?, pages: 0 })
    }

    /// How long the next page takes.
    pub fn sync(&mut self) -> io::Result<Duration> {
        let began = Instant::now();
        self.file.write_all_at(&[0; PAGE_BYTES], self.pages * PAGE_BYTES as u64)?;
        self.file.sync_data()?;
        self.pages += 1;
        Ok(began.elapsed())
    }
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
