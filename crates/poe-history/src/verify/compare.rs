//! Roll-ups held against what they sum up: minutes against readings, day by day, and hours against minutes, month by month.
//!
//! Levels become larger files, and go, independently of each other. Only where two stand for the same readings can one be
//! held against the other.

use super::Report;
use crate::{
    error::{HistoryError, Result},
    files::{Directory, RawFile, RawReader, Rollup, RollupFile, RollupReader, Step},
    history::Folders,
    keeper::{Catalogue, Entry, Level},
    reading::Reading,
};
use poe_building::SensorKey;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::ErrorKind,
    ops::Range,
    path::Path,
    sync::Arc,
};

/// What some readings come to, as far as it is the same in whatever order files with them are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Sums {
    count: u64,
    sum: u64,
    min: u8,
    max: u8,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }
}

/// The files of a day or a month.
#[derive(Default)]
struct Period {
    details: Vec<Arc<Entry>>,
    sums: Vec<Arc<Entry>>,
}

/// Holds roll-ups against what they sum up, wherever that is kept.
pub(super) fn roll_ups(folders: &Folders, catalogue: &Catalogue, report: &mut Report) -> Result<()> {
    let minute = Level::Rollup(Step::Minute);
    for (details, sums, step) in
        [(Level::Raw, minute, Step::Minute), (minute, Level::Rollup(Step::Hour), Step::Hour)]
    {
        // Folders are named by day or month: `date=2026-11-23`, `month=2026-11`.
        let period = |entry: &Entry| {
            let period = entry.path.rsplit('/').nth(1).and_then(|folder| folder.split_once('='));
            let period = period.map_or("", |(_, period)| period);
            match step {
                Step::Minute => period.to_owned(),
                Step::Hour => period.chars().take("2026-11".len()).collect(),
            }
        };
        let mut periods: BTreeMap<String, Period> = BTreeMap::new();
        for entry in &catalogue.entries {
            if entry.level == details {
                periods.entry(period(entry)).or_default().details.push(entry.clone());
            } else if entry.level == sums {
                periods.entry(period(entry)).or_default().sums.push(entry.clone());
            }
        }
        for (period, Period { details, sums }) in periods {
            if covered(&details) != covered(&sums) || details.iter().any(|entry| entry.kinds_removed() != 0) {
                continue;
            }
            match compare(folders, &details, &sums, step) {
                Ok(None) => report.compared += 1,
                Ok(Some(sensor)) => {
                    report.compared += 1;
                    let (what, of) = match step {
                        Step::Minute => ("roll-ups by minute", "readings"),
                        Step::Hour => ("roll-ups by hour", "roll-ups by minute"),
                    };
                    report
                        .find(format!("the {what} of {sensor} in {period} are not what its {of} sum up to"));
                }
                // The server has replaced them meanwhile. What is damaged is told already.
                Err(HistoryError::Disk { cause, .. }) if cause.kind() == ErrorKind::NotFound => {}
                Err(HistoryError::Damaged { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// The sets that files stand for.
fn covered(entries: &[Arc<Entry>]) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = entries.iter().map(|entry| (entry.first_set, entry.set)).collect();
    ranges.sort_unstable();
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for (first, last) in ranges {
        match joined.last_mut() {
            Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// The first sensor whose sums are not those of the details.
fn compare(
    folders: &Folders,
    details: &[Arc<Entry>],
    sums: &[Arc<Entry>],
    step: Step,
) -> Result<Option<SensorKey>> {
    let open = |entries: &[Arc<Entry>]| -> Result<Vec<File>> {
        entries.iter().map(|entry| File::open(entry.level, &folders.path(&entry.path))).collect()
    };
    let (details, sums) = (open(details)?, open(sums)?);
    let all = details.iter().chain(&sums).flat_map(|file| file.directory().iter().map(|(sensor, _)| sensor));
    let sensors: BTreeSet<SensorKey> = all.collect();
    let mut readers = Readers { details: readers(&details)?, sums: readers(&sums)? };
    for sensor in sensors {
        let of = |files: &[File], readers: &mut [Reader]| -> Result<BTreeMap<i64, Sums>> {
            let mut total = BTreeMap::new();
            for (file, reader) in files.iter().zip(readers) {
                reader.add(file.directory().rows_of(sensor), step, &mut total)?;
            }
            Ok(total)
        };
        if of(&details, &mut readers.details)? != of(&sums, &mut readers.sums)? {
            return Ok(Some(sensor));
        }
    }
    Ok(None)
}

struct Readers {
    details: Vec<Reader>,
    sums: Vec<Reader>,
}

fn readers(files: &[File]) -> Result<Vec<Reader>> {
    files.iter().map(File::reader).collect()
}

enum File {
    Raw(RawFile),
    Rollup(RollupFile),
}

impl File {
    fn open(level: Level, path: &Path) -> Result<Self> {
        match level {
            Level::Raw => RawFile::open(path).map(Self::Raw),
            Level::Rollup(_) => RollupFile::open(path).map(Self::Rollup),
        }
    }

    fn directory(&self) -> &Directory {
        match self {
            Self::Raw(file) => file.directory(),
            Self::Rollup(file) => file.directory(),
        }
    }

    fn reader(&self) -> Result<Reader> {
        match self {
            Self::Raw(file) => file.reader().map(|reader| Reader::Raw(Box::new(reader))),
            Self::Rollup(file) => file.reader().map(|reader| Reader::Rollup(Box::new(reader))),
        }
    }
}

enum Reader {
    Raw(Box<RawReader>),
    Rollup(Box<RollupReader>),
}

impl Reader {
    /// Adds what these rows come to, by the step's beginning.
    fn add(&mut self, rows: Range<u64>, step: Step, into: &mut BTreeMap<i64, Sums>) -> Result<()> {
        const PIECE_ROWS: u64 = 16_384;
        let mut add = |time_ms: i64, sums: Sums| {
            let start = time_ms - time_ms.rem_euclid(step.millis());
            into.entry(start).and_modify(|total| total.add(sums)).or_insert(sums);
        };
        let (mut readings, mut rollups): (Vec<Reading>, Vec<Rollup>) = (Vec::new(), Vec::new());
        for from in (rows.start..rows.end).step_by(PIECE_ROWS as usize) {
            let rows = from..rows.end.min(from + PIECE_ROWS);
            match self {
                Self::Raw(reader) => reader.read(rows, &mut readings)?,
                Self::Rollup(reader) => reader.read(rows, &mut rollups)?,
            }
            for Reading { time_ms, value, .. } in readings.drain(..) {
                add(time_ms, Sums { count: 1, sum: value.into(), min: value, max: value });
            }
            for Rollup { start_ms, count, sum, min, max, .. } in rollups.drain(..) {
                add(start_ms, Sums { count: count.into(), sum, min, max });
            }
        }
        Ok(())
    }
}
