//! One file: whether it is as the catalogue says, and its rows are in order.

use crate::{
    error::{HistoryError, Result},
    files::{Directory, RawFile, Rollup, RollupFile, Step},
    history::Folders,
    keeper::{Entry, Level},
    reading::Reading,
};
use poe_building::SensorKey;
use std::{fs, ops::Range};

/// Rows that are read at once.
const PIECE_ROWS: u64 = 16_384;

/// What is wrong with a file of the catalogue.
pub(super) fn look_at(folders: &Folders, entry: &Entry) -> Result<Vec<String>> {
    let path = folders.path(&entry.path);
    let bytes = fs::metadata(&path).map_err(|cause| HistoryError::disk("look at", &path, cause))?.len();
    let seen = match entry.level {
        Level::Raw => {
            let file = RawFile::open(&path)?;
            let mut reader = file.reader()?;
            let read = |rows: Range<u64>, into: &mut Vec<Reading>| reader.read(rows, into);
            rows(file.directory(), read, file.footer_crc(), |before, reading| {
                let in_order = before.is_none_or(|before| before.time_ms <= reading.time_ms);
                in_order.then_some((reading.time_ms, reading.time_ms))
            })?
        }
        Level::Rollup(step) => {
            let file = RollupFile::open(&path)?;
            let mut reader = file.reader()?;
            let read = |rows: Range<u64>, into: &mut Vec<Rollup>| reader.read(rows, into);
            rows(file.directory(), read, file.footer_crc(), |before, rollup| {
                let in_order = before.is_none_or(|before| before.start_ms < rollup.start_ms);
                (in_order && can_be(rollup, step))
                    .then_some((rollup.start_ms, rollup.start_ms + step.millis() - 1))
            })?
        }
    };
    Ok(compare(entry, bytes, &seen))
}

/// What a file has.
struct Seen {
    rows: u64,
    footer_crc: u32,
    /// The first sensor with a row that is not in order, or cannot be.
    wrong: Option<SensorKey>,
    /// The first moment of the earliest and the last of the latest row.
    times_ms: Option<(i64, i64)>,
}

/// Reads all rows. `look` gets each, with the one before it of the same sensor, and tells the time that it is about; nothing, if
/// it cannot stand there.
fn rows<T: Copy>(
    directory: &Directory,
    mut read: impl FnMut(Range<u64>, &mut Vec<T>) -> Result<()>,
    footer_crc: u32,
    look: impl Fn(Option<&T>, &T) -> Option<(i64, i64)>,
) -> Result<Seen> {
    let mut seen = Seen { rows: 0, footer_crc, wrong: None, times_ms: None };
    let mut piece = Vec::new();
    let mut last_sensor = None;
    for (sensor, rows) in directory.iter() {
        if last_sensor.replace(sensor).is_some_and(|last| last >= sensor) {
            seen.wrong.get_or_insert(sensor);
        }
        let mut before: Option<T> = None;
        for from in (rows.start..rows.end).step_by(PIECE_ROWS as usize) {
            piece.clear();
            read(from..rows.end.min(from + PIECE_ROWS), &mut piece)?;
            seen.rows += piece.len() as u64;
            for row in &piece {
                match look(before.as_ref(), row) {
                    Some((first, last)) => {
                        let (from, to) = seen.times_ms.unwrap_or((first, last));
                        seen.times_ms = Some((from.min(first), to.max(last)));
                    }
                    None => {
                        seen.wrong.get_or_insert(sensor);
                    }
                }
                before = Some(*row);
            }
        }
    }
    Ok(seen)
}

/// Whether some readings could sum up to this.
fn can_be(rollup: &Rollup, step: Step) -> bool {
    let Rollup { start_ms, kind: _, count, min, max, sum, last } = *rollup;
    let count = u64::from(count);
    let sums = u64::from(min) * count..=u64::from(max) * count;
    let whole = start_ms.rem_euclid(step.millis()) == 0;
    whole && count > 0 && sums.contains(&sum) && (min..=max).contains(&last)
}

fn compare(entry: &Entry, bytes: u64, seen: &Seen) -> Vec<String> {
    let path = &entry.path;
    let mut findings = Vec::new();
    let mut differs = |what: &str, catalogued: u64, found: u64| {
        if catalogued != found {
            findings.push(format!("{path} has {found} {what}; the catalogue says {catalogued}"));
        }
    };
    differs("bytes", entry.bytes, bytes);
    differs("rows", entry.rows, seen.rows);
    if entry.footer_crc != seen.footer_crc {
        findings.push(format!("{path} is not the file that was written: its footer is another"));
    }
    if let Some(sensor) = seen.wrong {
        findings.push(format!("{path} has rows of {sensor} that are not in order, or cannot be"));
    }
    let told = (entry.from_ms, entry.to_ms);
    let right = match (entry.level, seen.times_ms) {
        (_, None) => true,
        (Level::Raw, Some(found)) => found == told,
        // A reading is somewhere in the step that it is counted in.
        (Level::Rollup(step), Some((from, to))) => {
            let step = step.millis();
            told.0.div_euclid(step) == from.div_euclid(step) && told.1.div_euclid(step) == to.div_euclid(step)
        }
    };
    if !right {
        findings.push(format!("{path} is about another time than the catalogue says"));
    }
    findings
}
