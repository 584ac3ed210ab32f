//! As many nodes as one process may hold, each as loud as a common node can be.

use super::lab::{Lab, Nodes, Pace};
use super::report::{Row, Target};
use crate::failure::Failure;
use crate::load::Pattern;
use std::time::Duration;

/// A burst of 84 bytes from each every 0.38 s.
const FRAMES_PER_S: u32 = 1_050_000;
/// About eight seconds of it.
const BURSTS_EACH: u32 = 21;

const NODES: Nodes = Nodes {
    count: 19_000,
    sensors: 21,
    frames_each: BURSTS_EACH * 21,
    batch: 21,
    threads: 2,
    pace: Pace::Rate(FRAMES_PER_S),
    pattern: Pattern::Normal,
};

pub fn measure(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let patience = Duration::from_secs(15);
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), NODES.count + 500)?;
    let load = lab.load(server.tcp, &NODES)?;
    let sent = load.finish()?;
    let expected = load.expected()?;
    let frames = NODES.frames();
    let counted = server.await_frames(frames, patience)?;
    let table = server.await_table(&expected, patience);
    let peak_mb = server.peak_resident_bytes()? as f64 / 1e6;

    let rate = sent.frames_per_s / 1e6;
    let lost = frames.abs_diff(counted);
    let lost_figure = format!("{lost} of {frames} lost at {rate:.2} M frames/s");
    let rows = expected.len();
    let (wrong, table_figure) = match table {
        Ok(_) => (0.0, format!("all {rows} rows right")),
        Err(failure) => (1.0, failure.chain()),
    };
    Ok(vec![
        Row::new("frames of 19,000 nodes", lost_figure, lost as f64, Target::AtMost(0.0), " lost"),
        Row::new("table of 19,000 nodes", table_figure, wrong, Target::AtMost(0.0), " wrong"),
        Row::new(
            "memory with 19,000 nodes",
            format!("{peak_mb:.1} MB at the peak"),
            peak_mb,
            Target::AtMost(96.0),
            " MB",
        ),
    ])
}
