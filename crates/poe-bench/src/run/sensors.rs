//! Long lists of sensors: how soon a page is there, and what it costs everybody else that many ask for them.

use super::client::Client;
use super::lab::{Lab, Nodes, Pace};
use super::report::{Row, Target};
use crate::failure::Failure;
use crate::load::Pattern;
use crate::probe::Probe;
use crate::stats::Spread;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

const PAGE: &str = "/api/v1/sensors?limit=10000";
const PAGES: usize = 300;

/// 10,000 sensors that have been heard once.
const TEN_THOUSAND: Nodes = Nodes {
    count: 400,
    sensors: 25,
    frames_each: 25,
    batch: 25,
    threads: 1,
    pace: Pace::FlatOut,
    pattern: Pattern::Calm,
};

/// Some 400,000.
const CAMPUS: Nodes = Nodes { count: 19_000, sensors: 21, frames_each: 21, batch: 21, ..TEN_THOUSAND };

/// A million frames a second, for 20 s.
const BUSY: Nodes = Nodes {
    count: 100,
    sensors: 21,
    frames_each: 21 * 9_524,
    batch: 21,
    threads: 1,
    pace: Pace::Rate(1_000_000),
    pattern: Pattern::Normal,
};
const POLLERS: usize = 8;

pub fn of_a_page(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), TEN_THOUSAND.count + 100)?;
    let load = lab.load(server.tcp, &TEN_THOUSAND)?;
    load.finish()?;
    let expected = load.expected()?;
    server.await_table(&expected, Duration::from_secs(10))?;
    let client = server.by_network("viewer")?;
    let page = client.get(PAGE)?;
    let count = page["items"].as_array().map_or(0, Vec::len);
    if count != expected.len() {
        return Err(Failure::new(format!("the page has {count} of {} sensors", expected.len())));
    }
    let mut latencies = Vec::new();
    let mut bytes = 0;
    for _ in 0..PAGES {
        let asked = Instant::now();
        bytes = client.fetch(PAGE)?;
        latencies.push(asked.elapsed());
    }
    let Spread { p50, p99, max, .. } = Spread::of(&latencies);
    let figure = format!("p99 {p99:.2} ms (p50 {p50:.2}, max {max:.2}), {:.2} MB", bytes as f64 / 1e6);
    Ok(vec![Row::new("10,000 sensors in one answer", figure, p99, Target::AtMost(10.0), " ms")])
}

/// Everything, page by page, by eight at once.
pub fn of_all(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), CAMPUS.count + 500)?;
    let load = lab.load(server.tcp, &CAMPUS)?;
    load.finish()?;
    server.await_table(&load.expected()?, Duration::from_secs(30))?;
    let before_mb = server.peak_resident_bytes()? as f64 / 1e6;
    let client = server.by_network("viewer")?;
    let walk = || -> Result<usize, Failure> {
        let (mut count, mut after) = (0, Some(0));
        while let Some(from) = after {
            let page = client.get(&format!("{PAGE}&after={from}"))?;
            count += page["items"].as_array().map_or(0, Vec::len);
            after = page["next"].as_u64();
        }
        Ok(count)
    };
    let walked = thread::scope(|scope| {
        let walkers: Vec<_> = (0..POLLERS).map(|_| scope.spawn(walk)).collect();
        let failed = |_| Failure::new("a thread that asks has failed");
        walkers.into_iter().map(|walker| walker.join().map_err(failed)?).collect::<Result<Vec<_>, _>>()
    })?;
    let sensors = (CAMPUS.count * CAMPUS.sensors) as usize;
    if let Some(count) = walked.iter().find(|count| **count != sensors) {
        return Err(Failure::new(format!("the pages have {count} of {sensors} sensors")));
    }
    let grown_mb = server.peak_resident_bytes()? as f64 / 1e6 - before_mb;
    let figure = format!("{grown_mb:.1} MB more at the peak than the {before_mb:.1} MB before");
    Ok(vec![Row::new("400,000 sensors, eight read all pages", figure, grown_mb, Target::AtMost(16.0), " MB")])
}

pub fn with_pollers(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), BUSY.count + 100)?;
    let load = lab.load(server.tcp, &BUSY)?;
    thread::sleep(Duration::from_secs(1));
    let pollers = Pollers::start(&server.by_network("viewer")?);
    let probe = Probe { n: 200, gap_ms: 17, ..Probe::at(server.tcp, server.db.clone()) };
    let seen = probe.measure()?;
    let sent = load.finish()?;
    let pages = pollers.stop();
    let frames = BUSY.frames() + u64::from(probe.n);
    let counted = server.await_frames(frames, Duration::from_secs(10))?;
    let lost = frames.abs_diff(counted);
    let Spread { p50, p99, max, .. } = Spread::of(&seen.latencies);
    let rate = sent.frames_per_s / 1e6;
    let beside = format!("at {rate:.2} M frames/s, while {POLLERS} clients read {pages:.0} pages/s");
    Ok(vec![
        Row::new(
            "frames beside eight that poll sensors",
            format!("{lost} of {frames} lost {beside}"),
            (lost + u64::from(seen.lost)) as f64,
            Target::AtMost(0.0),
            " lost",
        ),
        Row::new(
            "any reading to visible row beside them",
            format!("p99 {p99:.2} ms (p50 {p50:.2}, max {max:.2})"),
            p99,
            Target::AtMost(60.0),
            " ms",
        ),
    ])
}

/// Clients that ask for a page as soon as they have the last one.
struct Pollers {
    began: Instant,
    pages: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
}

impl Pollers {
    fn start(client: &Client) -> Self {
        let (pages, ended) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        for _ in 0..POLLERS {
            let (client, pages, ended) = (client.clone(), Arc::clone(&pages), Arc::clone(&ended));
            thread::spawn(move || {
                while !ended.load(Relaxed) && client.fetch(PAGE).is_ok() {
                    pages.fetch_add(1, Relaxed);
                }
            });
        }
        Self { began: Instant::now(), pages, ended }
    }

    /// Ends them, and tells how many pages a second they had.
    fn stop(self) -> f64 {
        self.ended.store(true, Relaxed);
        self.pages.load(Relaxed) as f64 / self.began.elapsed().as_secs_f64()
    }
}
