//! What a common building costs: a hundred nodes as they are in the field.

use super::lab::{Lab, Nodes, Pace};
use super::report::{Row, Target};
use crate::failure::Failure;
use crate::load::Pattern;
use std::thread;
use std::time::{Duration, Instant};

/// 21 writes of one frame from each, every two seconds, for longer than is measured.
const NODES: Nodes = Nodes {
    count: 100,
    sensors: 21,
    frames_each: 21 * 20,
    batch: 1,
    threads: 1,
    pace: Pace::BeatMs(2_000),
    pattern: Pattern::Normal,
};
/// Until every node has been heard and its sensors are known.
const WARM_UP: Duration = Duration::from_secs(3);
/// CPU time comes in ticks of 10 ms: 20 s tell a twentieth of a percent.
const MEASURED: Duration = Duration::from_secs(20);

pub fn measure(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), NODES.count + 100)?;
    let _load = lab.load(server.tcp, &NODES)?;
    thread::sleep(WARM_UP);
    let (frames, cpu_seconds, began) = (server.frames()?, server.cpu_seconds()?, Instant::now());
    thread::sleep(MEASURED);
    let seconds = began.elapsed().as_secs_f64();
    let percent = (server.cpu_seconds()? - cpu_seconds) / seconds * 100.0;
    let rate = (server.frames()? - frames) as f64 / seconds;
    let resident_mb = server.resident_bytes()? as f64 / 1e6;
    Ok(vec![
        Row::new(
            "CPU with 100 nodes",
            format!("{percent:.2} % of one core at {rate:.0} frames/s"),
            percent,
            Target::AtMost(3.0),
            " %",
        ),
        Row::new(
            "memory with 100 nodes",
            format!("{resident_mb:.1} MB"),
            resident_mb,
            Target::AtMost(20.0),
            " MB",
        ),
    ])
}
