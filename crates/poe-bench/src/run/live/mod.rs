//! The live feed: how soon an alarm is with those who follow, alone and in a crowd, and what those cost who do not read.

mod audience;
mod stalled;

use super::deadline::{Flames, Lit};
use super::lab::{Lab, Nodes, Pace};
use super::memory::Highest;
use super::report::{Row, Target};
use super::server::Server;
use crate::failure::Failure;
use crate::load::{Pattern, source};
use crate::stats::Spread;
use audience::Audience;
use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

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
/// Of ten nodes each, so that each has 210 sensors.
const ZONES: u32 = 1_000;
/// All nodes, and few more: a descriptor that a node may have is none that a client gets.
const CONNECTIONS_MAX: u32 = 12_000;
const CLIENTS: u32 = 1_000;
const STALLED: u32 = 200;
const FLAMES: usize = 300;
const GAP: Duration = Duration::from_millis(20);
/// Until every sensor has been heard and stored.
const SETTLING: Duration = Duration::from_secs(6);
/// An event that has not come by now never will.
const PATIENCE: Duration = Duration::from_secs(10);

const ALL_ALARMS: &str = "kind=alarm,event";

pub fn in_quiet(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), CONNECTIONS_MAX)?;
    let flames = Flames::connect(server.tcp, FLAMES)?;
    thread::sleep(Duration::from_secs(2));
    let audience = Audience::of(&server.by_network("viewer")?, [ALL_ALARMS.to_owned()])?;
    let seen = light(&flames, audience)?;
    Ok(vec![seen.row("alarm to a client that follows, idle", 5.0)])
}

pub fn in_a_crowd(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), CONNECTIONS_MAX)?;
    server.local.put_building(&campus())?;
    let _load = lab.load(server.tcp, &CAMPUS)?;
    let flames = Flames::connect(server.tcp, FLAMES)?;
    thread::sleep(SETTLING);
    let screens = (0..CLIENTS).map(|client| {
        let zone = client % ZONES;
        format!("kind=alarm,event,reading&everywhere=alarm,event&zone=z{zone}")
    });
    let before_mb = megabytes(&server)?;
    let audience = Audience::of(&server.by_network("viewer")?, screens)?;
    thread::sleep(Duration::from_secs(2));
    let (frames, cpu_s, began) = (server.frames()?, server.cpu_seconds()?, Instant::now());
    let seen = light(&flames, audience)?;
    let seconds = began.elapsed().as_secs_f64();
    let rate = (server.frames()? - frames) as f64 / seconds;
    let cores = (server.cpu_seconds()? - cpu_s) / seconds;
    let grown_mb = megabytes(&server)? - before_mb;
    let (readings, megabytes) = (seen.readings as f64 / seconds / 1e3, seen.bytes as f64 / seconds / 1e6);
    eprintln!(
        "  {rate:.0} readings/s in, {readings:.0} k readings/s and {megabytes:.0} MB/s out, {cores:.2} cores, \
         {grown_mb:.0} MB for the clients"
    );
    let often = seen.most_updates_per_s;
    Ok(vec![
        seen.row("alarm to 1,000 clients that follow", 50.0),
        Row::new(
            "updates of one sensor to one client",
            format!("{often:.2} a second at most"),
            often,
            Target::AtMost(2.1),
            "/s",
        ),
    ])
}

pub fn beside_stalled_readers(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), CONNECTIONS_MAX)?;
    server.local.put_building(&campus())?;
    let _load = lab.load(server.tcp, &CAMPUS)?;
    let flames = Flames::connect(server.tcp, FLAMES)?;
    thread::sleep(SETTLING);
    let client = server.by_network("viewer")?;
    let audience = Audience::of(&client, [ALL_ALARMS.to_owned()])?;
    let before_mb = megabytes(&server)?;
    let deaf = stalled::Deaf::follow(&client, STALLED)?;
    let highest = Highest::watch(&server);
    let seen = light(&flames, audience)?;
    let cost_mb = highest.megabytes()? - before_mb;
    let left = deaf.await_cut(Duration::from_secs(30));
    Ok(vec![
        seen.row("alarm to a client beside 200 that do not read", 20.0),
        Row::new(
            "memory for 200 clients that do not read",
            format!("{cost_mb:.1} MB at the peak"),
            cost_mb,
            Target::AtMost(50.0),
            " MB",
        ),
        Row::new(
            "clients that do not read and are not cut",
            format!("{left} of {STALLED} after 30 s"),
            f64::from(left),
            Target::AtMost(0.0),
            "",
        ),
    ])
}

fn megabytes(server: &Server) -> Result<f64, Failure> {
    Ok(server.resident_bytes()? as f64 / 1e6)
}

/// The load's nodes, ten to a zone.
fn campus() -> String {
    let mut text = "[site]\nname = \"bench\"\nlate_s = 100\ntrouble_s = 200\n".to_owned();
    for zone in 0..ZONES {
        text += &format!("[[place]]\nname = \"z{zone}\"\nkind = \"zone\"\n");
    }
    for node in 0..CAMPUS.count {
        let (address, zone) = (source(node as usize, CAMPUS.count as usize), node * ZONES / CAMPUS.count);
        text += &format!("[[node]]\naddress = \"{address}\"\nplace = \"z{zone}\"\n");
    }
    text
}

/// When each alarm came to each client, and what else did.
struct Seen {
    latencies: Vec<Duration>,
    lost: usize,
    readings: u64,
    bytes: u64,
    most_updates_per_s: f64,
}

fn light(flames: &Flames, audience: Audience) -> Result<Seen, Failure> {
    let lit = flames.light(GAP)?;
    let heard = audience.hear(lit.len(), PATIENCE)?;
    let lit: HashMap<&str, &Lit> = lit.iter().map(|lit| (lit.source.as_str(), lit)).collect();
    let wanted = lit.len() * heard.clients;
    let latency = |(source, at): &(String, Instant)| Some(*at - lit.get(source.as_str())?.at);
    let latencies: Vec<Duration> = heard.alarms.iter().filter_map(latency).collect();
    Ok(Seen {
        lost: wanted.saturating_sub(latencies.len()),
        latencies,
        readings: heard.readings,
        bytes: heard.bytes,
        most_updates_per_s: heard.most_updates_per_s,
    })
}

impl Seen {
    fn row(&self, bar: &'static str, at_most_ms: f64) -> Row {
        if self.lost > 0 {
            return Row::failed(bar, &format!("{} of the alarms never came", self.lost));
        }
        let Spread { p50, p99, max, .. } = Spread::of(&self.latencies);
        let figure = format!("p99 {p99:.2} ms (p50 {p50:.2}, max {max:.2})");
        Row::new(bar, figure, p99, Target::AtMost(at_most_ms), " ms")
    }
}
