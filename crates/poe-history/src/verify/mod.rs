//! Reads all that is kept from end to end, and says in words what is not as it should be.

mod compare;
mod file;

use crate::{
    error::{HistoryError, Result},
    files::Step,
    history::Folders,
    keeper::{self, Catalogue, Entry, Level},
    log,
};
use file::look_at;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs,
    io::ErrorKind,
    path::Path,
};

/// What is told of what was found; the rest is counted.
const FINDINGS_MAX: usize = 100;

/// How often a catalogue is read again, since the server has replaced what was being looked at. Each time only what is new is
/// looked at, so that this comes to an end.
const TRIES_MAX: usize = 20;

/// What is kept of one level.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct LevelReport {
    /// Files,
    pub files: u64,
    /// rows in them,
    pub rows: u64,
    /// and their bytes.
    pub bytes: u64,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Report {
    /// Readings in files.
    pub readings: LevelReport,
    /// Roll-ups by minute.
    pub minutes: LevelReport,
    /// Roll-ups by hour.
    pub hours: LevelReport,
    /// Readings that wait in the log: its segments, and bytes of them.
    pub waiting: LevelReport,
    /// The times of the earliest and the latest reading in files, in milliseconds since 1970 UTC.
    pub times_ms: Option<(i64, i64)>,
    /// How many days, and months, have roll-ups that were held against what they sum up.
    pub compared: u64,
    /// What is not as it should be, each in one line; the first hundred.
    pub findings: Vec<String>,
    /// How many findings there are beyond these.
    pub more_findings: u64,
}

impl Report {
    /// Whether all is well.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, what: impl Into<String>) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(what.into());
        } else {
            self.more_findings += 1;
        }
    }
}

/// Reads everything in a data folder, also while its server runs: files, roll-ups, the log. It takes as long as the disk needs,
/// and bounded memory.
///
/// # Errors
/// The disk fails, or there is no catalogue that could be read: all else is a finding.
pub fn verify(data_dir: &Path) -> Result<Report> {
    let folders = Folders { data: data_dir.to_owned() };
    let mut report = Report::default();
    let files_before = keeper::files(&folders)?;
    let catalogue = look_at_files(&folders, &mut report)?;
    compare::roll_ups(&folders, &catalogue, &mut report)?;
    look_at_strangers(&folders, &files_before, &mut report)?;
    look_at_log(&folders, &mut report)?;
    Ok(report)
}

/// The catalogue in force; an empty one, if nothing was ever kept.
fn catalogue(folders: &Folders) -> Result<Catalogue> {
    // The earlier place first: a start may move it from there just now.
    for path in [folders.earlier_catalogue(), folders.catalogue()] {
        match fs::read(&path) {
            Ok(text) => return keeper::parse(&text).map_err(|why| HistoryError::damaged(&path, why)),
            Err(cause) if cause.kind() == ErrorKind::NotFound => {}
            Err(cause) => return Err(HistoryError::disk("read", &path, cause)),
        }
    }
    Ok(Catalogue::default())
}

/// Looks at each file of the catalogue, and, where some have been replaced meanwhile, at those that have replaced them.
fn look_at_files(folders: &Folders, report: &mut Report) -> Result<Catalogue> {
    let mut seen: HashMap<String, Vec<String>> = HashMap::new();
    let mut tries = 0;
    let catalogue = loop {
        let catalogue = catalogue(folders)?;
        tries += 1;
        let mut gone = 0;
        for entry in &catalogue.entries {
            if seen.contains_key(&entry.path) {
                continue;
            }
            match look_at(folders, entry) {
                Ok(findings) => {
                    seen.insert(entry.path.clone(), findings);
                }
                Err(HistoryError::Disk { cause, .. }) if cause.kind() == ErrorKind::NotFound => {
                    gone += 1;
                    if tries == TRIES_MAX {
                        seen.insert(entry.path.clone(), vec![format!("{} is missing", entry.path)]);
                    }
                }
                Err(error @ HistoryError::Disk { .. }) => return Err(error),
                Err(error) => {
                    seen.insert(entry.path.clone(), vec![error.to_string()]);
                }
            }
        }
        if gone == 0 || tries == TRIES_MAX {
            break catalogue;
        }
        // Nobody replaces what is missing for good.
        let known: HashSet<_> = self::catalogue(folders)?.entries.iter().map(|e| e.path.clone()).collect();
        if catalogue.entries.iter().all(|entry| known.contains(&entry.path)) {
            tries = TRIES_MAX - 1;
        }
    };
    for entry in &catalogue.entries {
        count(entry, report);
        seen.remove(&entry.path).into_iter().flatten().for_each(|finding| report.find(finding));
    }
    look_at_sets(&catalogue, report);
    Ok(catalogue)
}

fn count(entry: &Entry, report: &mut Report) {
    let level = match entry.level {
        Level::Raw => &mut report.readings,
        Level::Rollup(Step::Minute) => &mut report.minutes,
        Level::Rollup(Step::Hour) => &mut report.hours,
    };
    level.files += 1;
    level.rows += entry.rows;
    level.bytes += entry.bytes;
    if entry.level == Level::Raw {
        let (from, to) = report.times_ms.unwrap_or((entry.from_ms, entry.to_ms));
        report.times_ms = Some((from.min(entry.from_ms), to.max(entry.to_ms)));
    }
}

/// No reading may be in two files of one level: of one day, no two may stand for the same set.
fn look_at_sets(catalogue: &Catalogue, report: &mut Report) {
    let mut last: HashMap<(Level, i64), &Entry> = HashMap::new();
    let mut by_set: Vec<&Entry> = catalogue.entries.iter().map(AsRef::as_ref).collect();
    by_set.sort_by_key(|entry| (entry.level, entry.first_set, entry.set));
    let mut told = HashSet::new();
    for entry in by_set {
        for day in keeper::day_of(entry.from_ms)..=keeper::day_of(entry.to_ms) {
            if let Some(before) = last.insert((entry.level, day), entry)
                && before.set >= entry.first_set
                && told.insert(&entry.path)
            {
                report.find(format!("{} and {} have the same readings", before.path, entry.path));
            }
        }
    }
}

/// Files that were there all the time, and no catalogue tells of them.
fn look_at_strangers(folders: &Folders, before: &[String], report: &mut Report) -> Result<()> {
    let after: BTreeSet<String> = keeper::files(folders)?.into_iter().collect();
    let catalogue = catalogue(folders)?;
    let entries = catalogue.entries.iter().map(|entry| entry.path.as_str());
    // What is leaving is read by somebody still, and goes with that.
    let known: HashSet<&str> = entries.chain(catalogue.leaving.iter().map(String::as_str)).collect();
    let strangers = before.iter().filter(|path| after.contains(*path) && !known.contains(path.as_str()));
    // One that is being written has another ending.
    for path in strangers.filter(|path| path.ends_with(".parquet")) {
        report.find(format!(
            "{path} is in no catalogue: whoever reads the folder counts it, and no answer does; the server looks at it when \
             it starts"
        ));
    }
    Ok(())
}

fn look_at_log(folders: &Folders, report: &mut Report) -> Result<()> {
    let sealed_through = catalogue(folders)?.sealed_through;
    for segment in log::check(&folders.batches(), sealed_through)? {
        report.waiting.files += 1;
        report.waiting.rows += segment.readings;
        report.waiting.bytes += segment.bytes;
        segment.findings.into_iter().for_each(|finding| report.find(finding));
    }
    Ok(())
}
