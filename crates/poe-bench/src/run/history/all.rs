//! Everything at once: an export of all there is, and the end of a month's readings.

use super::generator::{DAY_MS, Reference};
use super::stored::{Stored, copy};
use super::{YEAR_DAYS, beside, in_brief, now_ms};
use crate::failure::{Doing, Failure};
use crate::run::client::Client;
use crate::run::commits::Commits;
use crate::run::lab::Lab;
use crate::run::memory::Highest;
use crate::run::report::{Row, Target};
use crate::stats::median;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

const MONTH_DAYS: i64 = 30;
const SETTLING: Duration = Duration::from_secs(5);
/// Commits are watched for so long; a month is gone in a second.
const WATCHED: Duration = Duration::from_secs(12);
const PAIRS: u32 = 3;
/// What is read of an export at a time.
const READ_BYTES: usize = 1 << 20;

pub fn measure(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let days = i64::from(in_brief(lab, YEAR_DAYS as u32));
    let reference = Reference::one_for_long(days).until(now_ms());
    let stored = Stored::of(lab, &reference)?;
    let folder = lab.folder()?;
    let data = stored.copy(folder.path())?;
    Ok(vec![
        export(lab, &data, "csv", Some(stored.tally.count))?,
        export(lab, &data, "parquet", None)?,
        retention(lab, &data, &reference)?,
    ])
}

fn export(lab: &Lab, data: &Path, format: &str, lines: Option<u64>) -> Result<Row, Failure> {
    let bar = if lines.is_some() {
        "memory for an export of all, CSV"
    } else {
        "memory for an export of all, Parquet"
    };
    let server = lab.server(data, 100)?;
    let client = server.by_network("viewer")?;
    thread::sleep(SETTLING);
    let before_mb = server.resident_bytes()? as f64 / 1e6;
    let highest = Highest::watch(&server);
    let began = Instant::now();
    let told = read(&client, &format!("/api/v1/export?format={format}"))?;
    let took_s = began.elapsed().as_secs_f64();
    let grown_mb = highest.megabytes()? - before_mb;
    server.stop()?;
    if let Some(readings) = lines
        && told.lines != readings + 1
    {
        return Err(Failure::new(format!("the export has {} lines for {readings} readings", told.lines)));
    }
    let (megabytes, rate) = (told.bytes as f64 / 1e6, told.bytes as f64 / 1e6 / took_s);
    let figure = format!(
        "{grown_mb:.0} MB more than the {before_mb:.0} MB before; {megabytes:.0} MB in {took_s:.0} s, {rate:.0} MB/s"
    );
    Ok(Row::new(bar, figure, grown_mb, Target::AtMost(64.0), " MB"))
}

struct Told {
    bytes: u64,
    lines: u64,
}

fn read(client: &Client, path: &str) -> Result<Told, Failure> {
    let mut answer = BufReader::with_capacity(READ_BYTES, client.open(path)?);
    let mut told = Told { bytes: 0, lines: 0 };
    loop {
        let piece = answer.fill_buf().doing(|| format!("read {path}"))?;
        if piece.is_empty() {
            return Ok(told);
        }
        let len = piece.len();
        told.bytes += len as u64;
        told.lines += piece.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        answer.consume(len);
    }
}

/// A server that is started to keep a month less than there is, and then once more with nothing left to remove: the same start
/// under the same load, of nodes that it knows.
fn retention(lab: &Lab, from: &Path, reference: &Reference) -> Result<Row, Failure> {
    let month = in_brief(lab, MONTH_DAYS as u32).max(1);
    let gone_before_ms = reference.begins_ms() + i64::from(month) * DAY_MS;
    let keep_days = (now_ms() - gone_before_ms).div_euclid(DAY_MS).to_string();
    let flags = ["--history-keep-days", &keep_days];
    watched(lab, from, &[])?;
    let had = days_stored(from)?;
    let (mut with, mut without, mut left) = (Vec::new(), Vec::new(), had);
    for _ in 0..PAIRS {
        let folder = lab.folder()?;
        let data = folder.path().join("data");
        copy(from, &data)?;
        with.push(watched(lab, &data, &flags)?);
        left = days_stored(&data)?;
        if had + 1 - left < month as usize {
            return Err(Failure::new(format!("of {had} days {left} are left after {WATCHED:?}")));
        }
        without.push(watched(lab, &data, &flags)?);
    }
    let longest = |of: &[Longest]| median(&of.iter().map(|one| one.longest_ms).collect::<Vec<_>>());
    let p99 = |of: &[Longest]| median(&of.iter().map(|one| one.p99_ms).collect::<Vec<_>>());
    let figure = format!(
        "longest {} ms, without it {} ms (upper bounds of buckets); p99 {:.1} and {:.1} ms; medians of {PAIRS} pairs of starts; of {had} days {left} are left",
        longest(&with),
        longest(&without),
        p99(&with),
        p99(&without)
    );
    let delay_ms = longest(&with) - longest(&without);
    Ok(Row::new("commits while a month is removed", figure, delay_ms, Target::AtMost(10.0), " ms more"))
}

/// The commits of a server from its start on, while 100,000 readings a second come in.
fn watched(lab: &Lab, data: &Path, flags: &[&str]) -> Result<Longest, Failure> {
    let server = lab.server_with(data, 1_500, flags)?;
    let begun = Commits::so_far(&server)?;
    let load = lab.load(server.tcp, &beside(WATCHED.as_secs() as u32 + 30))?;
    thread::sleep(WATCHED);
    let told = told_since(&Commits::so_far(&server)?, &begun)?;
    drop(load);
    server.stop()?;
    Ok(told)
}

struct Longest {
    longest_ms: f64,
    p99_ms: f64,
}

fn told_since(now: &Commits, before: &Commits) -> Result<Longest, Failure> {
    let none = || Failure::new("there were no commits");
    let (longest_ms, _) = now.longest_ms_since(before).ok_or_else(none)?;
    Ok(Longest { longest_ms, p99_ms: now.p99_ms_since(before) })
}

/// Days that have readings.
fn days_stored(data: &Path) -> Result<usize, Failure> {
    let folder = data.join("history");
    let days = fs::read_dir(&folder).doing(|| format!("read {}", folder.display()))?;
    let has_files = |day: &fs::DirEntry| {
        let is_day = day.file_name().to_string_lossy().starts_with("date=");
        is_day && fs::read_dir(day.path()).is_ok_and(|mut files| files.next().is_some())
    };
    Ok(days.flatten().filter(has_files).count())
}
