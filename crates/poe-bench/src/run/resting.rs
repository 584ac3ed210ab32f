//! What a connection costs that has nothing to say.

use super::lab::{Lab, Nodes, Pace};
use super::report::{Row, Target};
use crate::failure::Failure;
use crate::load::Pattern;
use std::thread;
use std::time::{Duration, Instant};

const NODES: Nodes = Nodes {
    count: 10_000,
    sensors: 21,
    frames_each: 0,
    batch: 21,
    threads: 1,
    pace: Pace::Hold(30),
    pattern: Pattern::Normal,
};

pub fn measure(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), NODES.count + 1_000)?;
    // The first look at the metrics is paid for before the count begins.
    server.connections()?;
    let before = server.resident_bytes()?;
    let _load = lab.load(server.tcp, &NODES)?;
    let until = Instant::now() + Duration::from_secs(10);
    while server.connections()? < u64::from(NODES.count) {
        if Instant::now() > until {
            let connections = server.connections()?;
            return Err(Failure::new(format!(
                "the server holds {connections} of {} connections",
                NODES.count
            )));
        }
        thread::sleep(Duration::from_millis(50));
    }
    let grown = server.resident_bytes()?.saturating_sub(before);
    let each_kb = grown as f64 / f64::from(NODES.count) / 1e3;
    let figure = format!("{each_kb:.2} kB each at {} connections", NODES.count);
    Ok(vec![Row::new("an idle connection, resident", figure, each_kb, Target::AtMost(0.9), " kB")])
}
