//! A minute of full ingest with every reading kept, beside a log that keeps bytes and nothing else.

use super::{answers, in_brief, now_ms};
use crate::failure::{Doing, Failure};
use crate::load::Total;
use crate::run::lab::{Lab, Nodes};
use crate::run::report::{Row, Target};
use crate::run::server::Server;
use crate::run::throughput::{self, HUNDRED};
use crate::stats::median;
use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SECONDS: u32 = 60;
/// Of each node in a second: 8 M readings a second together, more than a server of these days takes.
const FRAMES_EACH: u32 = 3_800 * 21;
const PATIENCE: Duration = Duration::from_secs(60);
const HOUR_MS: i64 = 3_600_000;

pub fn measure(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let nodes = Nodes { frames_each: FRAMES_EACH * in_brief(lab, SECONDS), ..HUNDRED };
    let (mut logs, mut servers, mut ratios, mut wrongs) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..lab.rounds {
        let log = logged_frames_per_s(lab, &nodes)?;
        let (server, wrong) = kept_readings_per_s(lab, &nodes)?;
        eprintln!("  log {:.3}, history {:.3} M readings/s, {wrong} sensors wrong", log / 1e6, server / 1e6);
        logs.push(log);
        servers.push(server);
        // Within a round: a neighbour who slows the machine slows both.
        ratios.push(server / log);
        wrongs += wrong;
    }
    let ratio = median(&ratios);
    let (server, log) = (median(&servers), median(&logs));
    let took_s = nodes.frames() as f64 / server;
    let (server, log) = (server / 1e6, log / 1e6);
    let figure =
        format!("{ratio:.2} of the ceiling's log: {server:.2} of {log:.2} M readings/s for {took_s:.0} s");
    let sensors = nodes.count * nodes.sensors;
    let all =
        format!("{wrongs} of {sensors} sensors wrong, {} readings, {} times", nodes.frames(), lab.rounds);
    Ok(vec![
        Row::new("every reading kept, 84-byte writes", figure, ratio, Target::AtLeast(0.70), ""),
        Row::new(
            "count and sum of each sensor afterwards",
            format!("{all}; raw and by roll-ups"),
            wrongs as f64,
            Target::AtMost(0.0),
            " wrong",
        ),
    ])
}

fn logged_frames_per_s(lab: &Lab, nodes: &Nodes) -> Result<f64, Failure> {
    let folder = lab.folder()?;
    throughput::ceiling_frames_per_s(lab, nodes, Some(&folder.path().join("log")))
}

/// From the first byte sent until all is counted, in the table and in the history; and how many sensors are wrong there.
fn kept_readings_per_s(lab: &Lab, nodes: &Nodes) -> Result<(f64, usize), Failure> {
    let folder = lab.folder()?;
    let data = folder.path().join("data");
    let server = lab.server(&data, nodes.count + 100)?;
    let load = lab.load(server.tcp, nodes)?;
    let sent = load.finish()?;
    let frames = nodes.frames();
    let counted = server.await_frames(frames, PATIENCE)?;
    if counted != frames {
        return Err(Failure::new(format!("the server counted {counted} of {frames} frames")));
    }
    let kept = server.await_history(frames, PATIENCE)?;
    if kept != frames {
        return Err(Failure::new(format!("the history has {kept} of {frames} readings")));
    }
    let ended = server.await_table(&load.expected()?, PATIENCE)?;
    let took =
        ended.duration_since(sent.began).doing(|| "measure with a clock that runs backwards".into())?;
    let wrong = wrong_sensors(&server, &load.totals()?, sent.began)?;
    Ok((frames as f64 / took.as_secs_f64(), wrong))
}

/// Asked in a bucket of odd length, which only readings can answer, and in one of whole hours, which roll-ups can.
fn wrong_sensors(
    server: &Server,
    totals: &HashMap<String, Total>,
    began: SystemTime,
) -> Result<usize, Failure> {
    let began_ms = began.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64);
    let client = server.by_network("viewer")?;
    let odd_s = (now_ms() - began_ms) / 60_000 * 60 + 127;
    let odd = (began_ms - 1_000, began_ms - 1_000 + odd_s * 1_000);
    let hour_ms = began_ms.div_euclid(HOUR_MS) * HOUR_MS;
    let hours = (hour_ms, hour_ms + (now_ms() - hour_ms).div_euclid(HOUR_MS) * HOUR_MS + HOUR_MS);
    Ok(answers::wrong(&client, totals, odd)? + answers::wrong(&client, totals, hours)?)
}
