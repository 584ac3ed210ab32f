//! A backup of a server that is as busy as can be: how long it takes, what it costs, and whether all is in it.

use super::commits::Commits;
use super::lab::{Lab, Nodes, Pace};
use super::report::{Row, Target};
use super::server::table_in;
use crate::failure::{Doing, Failure};
use crate::load::Pattern;
use crate::probe;
use rusqlite::Connection;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// Some 400,000 sensors that have been heard once.
const CAMPUS: Nodes = Nodes {
    count: 19_000,
    sensors: 21,
    frames_each: 21,
    batch: 21,
    threads: 1,
    pace: Pace::FlatOut,
    pattern: Pattern::Normal,
};

/// A hundred of these nodes, with a million frames a second for 30 s.
const BUSY: Nodes = Nodes { count: 100, frames_each: 21 * 14_286, pace: Pace::Rate(1_000_000), ..CAMPUS };

/// One after the other, so that there are commits enough for a percentile.
const BACKUPS: usize = 3;
const WARM_UP: Duration = Duration::from_secs(2);
const WITHOUT: Duration = Duration::from_secs(5);

pub fn measure(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let data = folder.path().join("data");
    let server = lab.server(&data, CAMPUS.count + 500)?;
    let campus = lab.load(server.tcp, &CAMPUS)?;
    campus.finish()?;
    server.await_table(&campus.expected()?, Duration::from_secs(30))?;
    drop(campus);
    let (admin, file) = (server.by_network("admin")?, folder.path().join("backup.tar"));

    let heard = server.frames()?;
    let load = lab.load(server.tcp, &BUSY)?;
    thread::sleep(WARM_UP);
    let before = Commits::so_far(&server)?;
    thread::sleep(WITHOUT);
    let begun = Commits::so_far(&server)?;
    let (mut took_s, mut bytes, mut visible) = (Vec::new(), 0, Visible::default());
    for _ in 0..BACKUPS {
        let events = server.local.get("/api/v1/events?last=1")?;
        let seq = events["items"][0]["seq"].as_u64().unwrap_or(0);
        visible = Visible { rows: rows(&server.db)?, seq };
        let asked = Instant::now();
        bytes = admin.save("/api/v1/backup", &file)?;
        took_s.push(asked.elapsed().as_secs_f64());
    }
    let done = Commits::so_far(&server)?;
    let sent = load.finish()?;
    let counted = server.await_frames(heard + BUSY.frames(), Duration::from_secs(15))? - heard;
    server.stop()?;

    let slowest_s = took_s.iter().copied().fold(0.0, f64::max);
    let (megabytes, rate) = (bytes as f64 / 1e6, sent.frames_per_s / 1e6);
    let (without_ms, with_ms) = (begun.p99_ms_since(&before), done.p99_ms_since(&begun));
    let lost = BUSY.frames().abs_diff(counted);
    Ok(vec![
        Row::new(
            "a backup of a busy server",
            format!("{slowest_s:.2} s, the slowest of {BACKUPS}, {megabytes:.0} MB, at {rate:.2} M frames/s"),
            slowest_s,
            Target::AtMost(10.0),
            " s",
        ),
        Row::new(
            "commits beside it",
            format!("p99 {with_ms:.0} ms, without it {without_ms:.0} ms"),
            with_ms,
            Target::AtMost(250.0),
            " ms",
        ),
        Row::new(
            "frames beside it",
            format!("{lost} of {} lost at {rate:.2} M frames/s", BUSY.frames()),
            lost as f64,
            Target::AtMost(0.0),
            " lost",
        ),
        restored(lab, &file, &folder.path().join("restored"), &visible)?,
    ])
}

/// What somebody could see just before the backup was asked for.
#[derive(Default)]
struct Visible {
    /// When each sensor was heard last, in seconds since 1970.
    rows: HashMap<String, f64>,
    seq: u64,
}

/// Puts the backup into a folder of its own, has that verified, and looks for what was visible.
fn restored(lab: &Lab, file: &Path, data: &Path, visible: &Visible) -> Result<Row, Failure> {
    let said = content(lab.command("restore").arg(file).arg("--data-dir").arg(data))?;
    content(lab.command("verify").arg("--data-dir").arg(data))?;
    let seq = said.split_once("every entry up to ").and_then(|(_, rest)| rest.split_whitespace().next());
    let seq: u64 = seq
        .and_then(|seq| seq.trim_end_matches([';', '\n']).parse().ok())
        .ok_or_else(|| Failure::new(format!("poe restore does not say which entries there are: {said}")))?;
    let rows = rows(&table_in(data))?;
    let is_missing = |(key, time): &(&String, &f64)| rows.get(*key).is_none_or(|restored| restored < *time);
    let missing = visible.rows.iter().filter(is_missing).count() as u64 + visible.seq.saturating_sub(seq);
    let (count, last) = (visible.rows.len(), visible.seq);
    let figure = format!("{missing} missing of {count} rows and {last} entries; `poe verify` passes");
    Ok(Row::new("visible before and missing in the backup", figure, missing as f64, Target::AtMost(0.0), ""))
}

/// What a command says that succeeds.
fn content(command: &mut Command) -> Result<String, Failure> {
    let output = command.output().doing(|| "start the server's program".into())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("{:?} is not content: {}", command.get_args(), said.trim())))
}

fn rows(db: &Path) -> Result<HashMap<String, f64>, Failure> {
    let file = probe::open(db)?;
    let read = |file: &Connection| -> rusqlite::Result<HashMap<_, _>> {
        file.prepare("SELECT ip_id, time FROM sensors")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    };
    read(&file).doing(|| format!("read the table in {}", db.display()))
}
