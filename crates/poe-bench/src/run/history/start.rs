//! Starts with much that is stored: a thousand million readings in files, and a log that nobody has sealed.

use super::answers;
use super::generator::Reference;
use super::stored::Stored;
use super::{in_brief, now_ms};
use crate::failure::Failure;
use crate::load::source;
use crate::run::deadline::SlowDisk;
use crate::run::lab::{Lab, Nodes};
use crate::run::report::{Row, Target};
use crate::run::startup;
use crate::run::throughput::HUNDRED;
use crate::stats::median;
use std::thread;
use std::time::{Duration, Instant};

/// Ten nodes have 9,072,000 readings a day.
const DAYS: u32 = 111;
/// What is to be recovered.
const LOG_BYTES: f64 = 1e9;
/// More than the log has readings in so many bytes.
const READINGS_A_BYTE: f64 = 0.5;
const FILLING_MAX: Duration = Duration::from_secs(300);
/// The keeper does nothing as long as its first sync takes.
const KEEPER_WAITS_US: u32 = 1_000_000_000;
const PATIENCE: Duration = Duration::from_secs(60);
/// The last frames of a node may be of some of its sensors.
const KEPT_MIN: f64 = 0.9999;

pub fn measure(lab: &Lab) -> Result<Vec<Row>, Failure> {
    Ok(vec![with_files(lab)?, with_a_log(lab)?])
}

fn with_files(lab: &Lab) -> Result<Row, Failure> {
    let stored = Stored::of(lab, &Reference::ten_nodes(i64::from(in_brief(lab, DAYS))))?;
    let folder = lab.folder()?;
    let data = stored.copy(folder.path())?;
    let mut starts_ms = Vec::new();
    for start in 0..lab.rounds * startup::STARTS_PER_ROUND {
        // A value of its own for each start tells its reading from the one before.
        starts_ms.push(startup::first_reading_ms(lab, &data, start as u8 + 1)?);
    }
    let middle = median(&starts_ms);
    let slowest = starts_ms.iter().copied().fold(0.0, f64::max);
    let (count, starts) = (stored.tally.count, starts_ms.len());
    let figure = format!("{middle:.1} ms (slowest of {starts} {slowest:.1}) with {count} readings");
    Ok(Row::new("start to first reading, 10^9 readings stored", figure, middle, Target::AtMost(80.0), " ms"))
}

/// From the start after a power cut until a sensor's readings are told, all of which wait in the log.
fn with_a_log(lab: &Lab) -> Result<Row, Failure> {
    let folder = lab.folder()?;
    let data = folder.path().join("data");
    let wanted = LOG_BYTES / f64::from(lab.brief);
    let frames_each = (wanted * READINGS_A_BYTE) as u32 / HUNDRED.count / HUNDRED.sensors * HUNDRED.sensors;
    let nodes = Nodes { frames_each, ..HUNDRED };
    let server = lab.server(&data, nodes.count + 100)?;
    let keeper = SlowDisk::of_thread(server.pid(), "keeper", KEEPER_WAITS_US, folder.path())?;
    let from_ms = now_ms();
    let load = lab.load(server.tcp, &nodes)?;
    let began = Instant::now();
    let mut bytes = 0.0;
    while bytes < wanted && began.elapsed() < FILLING_MAX {
        thread::sleep(Duration::from_millis(50));
        // The metrics say what the keeper counted last.
        bytes = server.local.get("/api/v1/storage/history")?["bytes_waiting"].as_f64().unwrap_or(0.0);
    }
    let kept = server.metric("poe_history_readings_total")?;
    // A thread that strace holds back could not end.
    drop(keeper);
    server.kill();
    drop(load);
    if bytes < wanted {
        return Err(Failure::new(format!(
            "the log has {bytes} of {wanted} bytes, for the keeper was not held up"
        )));
    }

    let step_s = (now_ms() - from_ms) / 60_000 * 60 + 127;
    let path_of = |node: u32| {
        let key = format!("{}_8", source(node as usize, nodes.count as usize));
        answers::path(&key, (from_ms, from_ms + step_s * 1_000), step_s)
    };
    let began = Instant::now();
    let server = lab.server(&data, nodes.count + 100)?;
    let listens_ms = began.elapsed().as_secs_f64() * 1e3;
    let answer = loop {
        match server.local.text(&path_of(0)) {
            Ok(answer) => break answer,
            Err(failure) if began.elapsed() > PATIENCE => return Err(failure),
            Err(_) => thread::sleep(Duration::from_millis(1)),
        }
    };
    let took_s = began.elapsed().as_secs_f64();
    // Nodes are not equally fast, but the sensors of one say something equally often.
    let (_, first) = answers::total(&answer)?;
    let mut of_one_each = 0;
    for node in 0..nodes.count {
        let (_, told) = answers::total(&server.local.text(&path_of(node))?)?;
        if node == 0 && first.count != told.count {
            return Err(Failure::new(format!("{} readings at first, then {}", first.count, told.count)));
        }
        of_one_each += told.count;
    }
    let found = of_one_each as f64 * f64::from(nodes.sensors);
    if found < KEPT_MIN * kept {
        return Err(Failure::new(format!("{found:.0} readings are told of, of at least {kept:.0}")));
    }
    let figure = format!(
        "{took_s:.2} s with {:.2} GB, {:.0} M readings; it listens after {listens_ms:.0} ms",
        bytes / 1e9,
        kept / 1e6
    );
    Ok(Row::new("a power cut to an answer from an unsealed log", figure, took_s, Target::AtMost(2.0), " s"))
}
