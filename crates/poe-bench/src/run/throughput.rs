//! How much of the machine's ceiling is left when every frame is kept.

use super::lab::{Lab, Nodes, Pace};
use super::report::{Row, Target};
use crate::failure::{Doing, Failure};
use crate::json;
use crate::load::Pattern;
use crate::stats::median;
use std::path::Path;
use std::time::Duration;

/// A shape of load, and the share of the ceiling that the server should reach with it.
pub struct Shape {
    bar: &'static str,
    nodes: Nodes,
    target: f64,
}

/// A hundred nodes, as fast as they can.
pub const HUNDRED: Nodes = Nodes {
    count: 100,
    sensors: 21,
    frames_each: 200_000,
    batch: 21,
    threads: 2,
    pace: Pace::FlatOut,
    pattern: Pattern::Normal,
};

pub const BURSTS: Shape =
    Shape { bar: "latest values durable, 84-byte writes", nodes: HUNDRED, target: 0.80 };

pub const SINGLE_FRAMES: Shape = Shape {
    bar: "latest values durable, one frame per write",
    nodes: Nodes { frames_each: 10_000, batch: 1, ..HUNDRED },
    target: 0.90,
};

pub const KIBIBYTES: Shape = Shape {
    bar: "latest values durable, 1 KiB writes",
    nodes: Nodes { frames_each: 1_000_000, batch: 256, threads: 1, ..HUNDRED },
    target: 0.40,
};

pub fn measure(lab: &Lab, shape: &Shape) -> Result<Vec<Row>, Failure> {
    let (mut ceilings, mut servers, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..lab.rounds {
        let ceiling = ceiling_frames_per_s(lab, &shape.nodes, None)?;
        let server = server_frames_per_s(lab, shape)?;
        eprintln!("  ceiling {:.3}, server {:.3} M frames/s", ceiling / 1e6, server / 1e6);
        ceilings.push(ceiling);
        servers.push(server);
        // Within a round: a neighbour who slows the machine slows both.
        ratios.push(server / ceiling);
    }
    let ratio = median(&ratios);
    let (server, ceiling) = (median(&servers) / 1e6, median(&ceilings) / 1e6);
    let figure = format!("{ratio:.2} of the ceiling: {server:.2} of {ceiling:.2} M frames/s");
    Ok(vec![Row::new(shape.bar, figure, ratio, Target::AtLeast(shape.target), "")])
}

/// What the ceiling takes in, or keeps in a log.
pub fn ceiling_frames_per_s(lab: &Lab, nodes: &Nodes, log: Option<&Path>) -> Result<f64, Failure> {
    let (ceiling, addr) = lab.ceiling(log)?;
    lab.load(addr, nodes)?.finish()?;
    let line = ceiling.line("{", Duration::from_secs(30))?;
    let number = |name| {
        json::number(&line, name).ok_or_else(|| Failure::new(format!("the ceiling told no {name}: {line}")))
    };
    let frames = number("frames")? as u64;
    if frames == nodes.frames() {
        number("frames_per_s")
    } else {
        Err(Failure::new(format!("the ceiling lost frames: {frames} of {}", nodes.frames())))
    }
}

/// From the first byte sent until every frame is counted and the file shows the last value of each sensor.
fn server_frames_per_s(lab: &Lab, shape: &Shape) -> Result<f64, Failure> {
    let patience = Duration::from_secs(20);
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), shape.nodes.count + 100)?;
    let load = lab.load(server.tcp, &shape.nodes)?;
    let expected = load.expected()?;
    let sent = load.finish()?;
    let frames = shape.nodes.frames();
    let counted = server.await_frames(frames, patience)?;
    if counted != frames {
        return Err(Failure::new(format!("the server counted {counted} of {frames} frames")));
    }
    let ended = server.await_table(&expected, patience)?;
    let took =
        ended.duration_since(sent.began).doing(|| "measure with a clock that runs backwards".into())?;
    Ok(frames as f64 / took.as_secs_f64())
}
