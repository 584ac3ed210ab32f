//! A data folder in which the reference readings are stored: imported, sealed and compacted.

use super::await_rest;
use super::generator::{KINDS, Reference, SENSORS, Tally};
use crate::failure::{Doing, Failure};
use crate::json;
use crate::run::lab::Lab;
use poe_wire::SensorKind;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The address of node 0; those of the others follow it. No node of a load has one of them.
const FIRST_NODE: Ipv4Addr = Ipv4Addr::new(10, 70, 0, 1);
/// Until a thousand million readings are in daily files.
const RESTING_MAX: Duration = Duration::from_secs(1_800);

/// The sensor's key, by its number among those of its node.
pub fn key(node: u32, sensor: u32) -> String {
    format!("{}_{sensor}", Ipv4Addr::from_bits(FIRST_NODE.to_bits() + node))
}

/// The number that a sensor has in the records.
pub fn number(node: &str, sensor: &str) -> Option<u32> {
    let node = node.parse::<Ipv4Addr>().ok()?.to_bits().checked_sub(FIRST_NODE.to_bits())?;
    sensor.parse::<u32>().ok().filter(|sensor| *sensor < SENSORS).map(|sensor| node * SENSORS + sensor)
}

/// Readings that no server looks after at the moment.
pub struct Stored {
    folder: PathBuf,
    /// Of what was written into it.
    pub tally: Tally,
    /// How long the import took, and then the compaction, while nothing else happened.
    pub import_s: f64,
    pub rest_s: f64,
    _temporary: Option<TempDir>,
}

impl Stored {
    pub fn of(lab: &Lab, reference: &Reference) -> Result<Self, Failure> {
        let kept = lab.dir().join(format!("poe-bench-history-{}", reference.name));
        if lab.keep && kept.exists() {
            return Self::found(kept, reference);
        }
        let temporary = lab.folder()?;
        let data = data_in(temporary.path());
        // Its first start makes what an import adds to.
        lab.server(&data, 100)?.stop()?;
        let began = Instant::now();
        let tally = import(lab, reference, &data)?;
        let import_s = began.elapsed().as_secs_f64();
        let server = lab.server(&data, 100)?;
        await_rest(&server, &data, RESTING_MAX)?;
        server.stop()?;
        let rest_s = began.elapsed().as_secs_f64() - import_s;
        let folder = temporary.path().to_owned();
        let mut stored = Self { folder, tally, import_s, rest_s, _temporary: Some(temporary) };
        eprintln!(
            "  {} readings stored: imported in {import_s:.0} s, at rest after {rest_s:.0} s",
            tally.count
        );
        if lab.keep {
            stored.note()?;
            fs::rename(&stored.folder, &kept).doing(|| format!("keep {}", kept.display()))?;
            stored.folder = kept;
        }
        Ok(stored)
    }

    pub fn data(&self) -> PathBuf {
        data_in(&self.folder)
    }

    /// Another folder with the same, for a server that changes it.
    pub fn copy(&self, to: &Path) -> Result<PathBuf, Failure> {
        let data = data_in(to);
        copy(&self.data(), &data)?;
        Ok(data)
    }

    fn found(folder: PathBuf, reference: &Reference) -> Result<Self, Failure> {
        let path = note_in(&folder);
        let line = fs::read_to_string(&path).doing(|| format!("read {}", path.display()))?;
        let number = |name| json::number(&line, name);
        let digest =
            line.split_once("\"digest\":\"").and_then(|(_, rest)| rest.split('"').next()?.parse().ok());
        let read = || {
            let tally = Tally { count: number("count")? as u64, digest: digest? };
            Some((tally, number("import_s")?, number("rest_s")?))
        };
        let unfit =
            || Failure::new(format!("{} is no note of stored readings; delete its folder", path.display()));
        let all = reference.readings();
        let (tally, import_s, rest_s) = read().filter(|(tally, ..)| tally.count == all).ok_or_else(unfit)?;
        Ok(Self { folder, tally, import_s, rest_s, _temporary: None })
    }

    fn note(&self) -> Result<(), Failure> {
        let Self { tally: Tally { count, digest }, import_s, rest_s, .. } = self;
        let line = json::object(&[
            ("count", count),
            ("digest", &format_args!("\"{digest}\"")),
            ("import_s", import_s),
            ("rest_s", rest_s),
        ]);
        let path = note_in(&self.folder);
        fs::write(&path, line).doing(|| format!("write {}", path.display()))
    }
}

/// Hands the records to `poe import` as they are made.
fn import(lab: &Lab, reference: &Reference, data: &Path) -> Result<Tally, Failure> {
    let kinds = KINDS.map(SensorKind::name).join(",");
    let mut import = lab
        .command("import")
        .args([
            "/dev/stdin",
            "--format",
            "readings",
            "--first-node",
            &FIRST_NODE.to_string(),
            "--kinds",
            &kinds,
        ])
        .arg("--data-dir")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .doing(|| "start poe import".into())?;
    let records = import.stdin.take().expect("standard input was asked for as a pipe");
    let written = reference.write(records);
    let output = import.wait_with_output().doing(|| "wait for poe import".into())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("poe import is not content: {}", said.trim())));
    }
    written.doing(|| "write to poe import".into())
}

fn data_in(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn note_in(folder: &Path) -> PathBuf {
    folder.join("stored")
}

/// A folder with all that is in it.
pub fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let doing = || format!("copy {} to {}", from.display(), to.display());
    fs::create_dir_all(to).doing(doing)?;
    let mode = fs::metadata(from).doing(doing)?.permissions();
    fs::set_permissions(to, mode).doing(doing)?;
    for entry in fs::read_dir(from).doing(doing)? {
        let entry = entry.doing(doing)?;
        let (kind, to) = (entry.file_type().doing(doing)?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &to)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), &to).doing(|| format!("copy {}", entry.path().display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{key, number};

    #[test]
    fn a_key_is_that_of_its_number() {
        assert_eq!(key(0, 20), "10.70.0.1_20");
        assert_eq!(number("10.70.0.11", "3"), Some(213));
        assert_eq!(number("10.70.0.11", "21"), None);
        assert_eq!(number("10.69.0.1", "3"), None);
    }
}
