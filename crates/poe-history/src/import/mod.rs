//! Readings from elsewhere, with their times: a table, CSV, or records of 13 bytes.

mod cells;
mod csv;
mod gather;
mod records;
mod table;
#[cfg(test)]
mod tests;
mod whole;

pub use records::are_records;
pub use whole::take_in_log;

use crate::{
    History,
    error::{HistoryError, Result},
    keeper::{ForeignSets, Space},
    reading::Reading,
};
use gather::Gather;
use poe_building::{Profile, SensorKey};
use poe_wire::SensorKind;
use std::{fmt, io::Read, net::IpAddr, path::Path};

/// Earlier readings are refused, in milliseconds since 1970 UTC: 2000-01-01. Before there was such a building, a clock was not
/// set, or a column is not what it was taken for.
const EARLIEST_MS: i64 = 946_684_800_000;

/// How far ahead of the server's clock a reading may be, in milliseconds: a day, for clocks of other time zones.
const AHEAD_MAX_MS: i64 = 86_400_000;

/// What is told of what was left out, at most; the rest is counted.
const TOLD_MAX: usize = 5;

/// What is read, and how it is laid out.
pub enum Source<'a> {
    /// Packed records: `u32` sensor, `i64` milliseconds since 1970 UTC, `u8` value, all little-endian. Sensor `n` is number
    /// `n % kinds.len()` of node `n / kinds.len()`.
    Records {
        /// The records.
        from: &'a mut dyn Read,
        /// The address of node 0; those of the others follow it.
        first_node: IpAddr,
        /// What the sensors of each node measure, by their numbers.
        kinds: &'a [SensorKind],
    },
    /// Lines with commas, of which the first names the columns: `time`, `node`, `sensor`, `kind`, `value` and perhaps `status`,
    /// in any order; or `ip_id`, `sensor`, `value`, `time`, as in the table that others read.
    Csv(&'a mut dyn Read),
    /// The table that a server keeps for others, in a file of SQLite. It is only read.
    Table {
        /// The file.
        file: &'a Path,
        /// The table's name; nothing: `sensors`, or the only one that fits.
        table: Option<&'a str>,
    },
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.noun())
    }
}

impl Source<'_> {
    /// What a reading is in it.
    fn noun(&self) -> &'static str {
        match self {
            Self::Records { .. } => "record",
            Self::Csv(_) => "line",
            Self::Table { .. } => "row",
        }
    }
}

/// How an import is done.
#[derive(Clone, Copy, Debug)]
pub struct ImportOptions {
    /// The thresholds that tell what a value meant, where the source does not.
    pub profile: &'static Profile,
    /// Leaves out what is wrong instead of importing nothing.
    pub lenient: bool,
    /// Imports what was imported before once more.
    pub again: bool,
    /// The time by the server's clock, in milliseconds since 1970 UTC.
    pub now_ms: i64,
}

/// What was imported.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Imported {
    /// How many readings.
    pub readings: u64,
    /// The times of the earliest and the latest of them, in milliseconds since 1970 UTC.
    pub times_ms: Option<(i64, i64)>,
    /// How many sensors they are of.
    pub sensors: usize,
    /// How many were wrong and left out.
    pub left_out: u64,
    /// What was wrong with the first few of them, each with its place.
    pub told: Vec<String>,
}

/// How many bytes a file that is to be imported may have to be put on the disk of a folder: half of what is free beyond what
/// readings to come need, for what it becomes is as large at most.
///
/// # Errors
/// The system does not tell what is free.
pub fn room_for_import(folder: &Path) -> Result<u64> {
    let space = Space::of(folder)?;
    Ok(space.free.saturating_sub(space.reserve()) / 2)
}

/// Reads a source to its end, and makes its readings part of the history: all of them in one step, or, after an error or a
/// crash, none. Beside a server it goes on as long as the disk takes, in bounded memory.
///
/// # Errors
/// The source is not what it should be, with the place and what would be right; or it was imported before; or the disk fails.
pub fn import(history: &History, source: Source<'_>, options: &ImportOptions) -> Result<Imported> {
    let mut intake = Intake {
        noun: source.noun(),
        profile: options.profile,
        options,
        gather: Gather::default(),
        imported: Imported::default(),
        digest: crc32fast::Hasher::new(),
        sets: ForeignSets::new(history),
    };
    match source {
        Source::Records { from, first_node, kinds } => records::read(from, first_node, kinds, &mut intake),
        Source::Csv(from) => csv::read(from, &mut intake),
        Source::Table { file, table } => table::read(file, table, &mut intake),
    }?;
    intake.enter()
}

/// What is taken from a source.
struct Intake<'a> {
    noun: &'static str,
    profile: &'static Profile,
    options: &'a ImportOptions,
    gather: Gather,
    imported: Imported,
    /// Of everything that was taken, in its order: the same source is known by it.
    digest: crc32fast::Hasher,
    sets: ForeignSets<'a>,
}

impl Intake<'_> {
    /// Takes the reading at a place, or what is wrong there.
    fn take(&mut self, at: u64, reading: Result<(SensorKey, Reading), String>) -> Result<()> {
        let taken = reading.and_then(|(sensor, reading)| {
            self.check_time(reading.time_ms)?;
            self.gather.push(sensor, reading)?;
            Ok((sensor, reading))
        });
        let (sensor, reading) = match taken {
            Ok(taken) => taken,
            Err(why) => return self.leave_out(at, why),
        };
        self.note(sensor, reading);
        if self.gather.is_full() { self.write() } else { Ok(()) }
    }

    /// Writes what is gathered.
    fn write(&mut self) -> Result<()> {
        let Self { gather, sets, .. } = self;
        gather.drain(|day, sensor, readings| sets.write(day, sensor, readings))?;
        sets.end_set()
    }

    /// Makes everything part of the history.
    fn enter(mut self) -> Result<Imported> {
        self.write()?;
        self.imported.sensors = self.gather.sensors();
        let Imported { readings, times_ms, .. } = self.imported;
        let Some((from_ms, to_ms)) = times_ms else { return Ok(self.imported) };
        let mark = format!("{readings}-{from_ms}-{to_ms}-{:08x}", self.digest.finalize());
        if self.sets.enter(&mark, self.options.again)? {
            return Ok(self.imported);
        }
        let why = format!(
            "the same {readings} readings were imported before, and would count twice; say so if they are to be imported again"
        );
        Err(HistoryError::Import { place: "all of it".to_owned(), why })
    }

    fn check_time(&self, time_ms: i64) -> Result<(), String> {
        if (EARLIEST_MS..=self.options.now_ms.saturating_add(AHEAD_MAX_MS)).contains(&time_ms) {
            return Ok(());
        }
        let told = jiff::Timestamp::from_millisecond(time_ms);
        let told = told.map_or_else(|_| format!("{time_ms} ms since 1970"), |time| time.to_string());
        Err(format!("its time is {told}; it has to be from 2000 on and not more than a day in the future"))
    }

    fn leave_out(&mut self, at: u64, why: String) -> Result<()> {
        let place = format!("{} {at}", self.noun);
        if !self.options.lenient {
            return Err(HistoryError::Import { place, why });
        }
        self.imported.left_out += 1;
        if self.imported.told.len() < TOLD_MAX {
            self.imported.told.push(format!("{place}: {why}"));
        }
        Ok(())
    }

    fn note(&mut self, sensor: SensorKey, reading: Reading) {
        let Reading { time_ms, value, kind, status } = reading;
        let Imported { readings, times_ms, .. } = &mut self.imported;
        *readings += 1;
        let (from, to) = times_ms.unwrap_or((time_ms, time_ms));
        *times_ms = Some((from.min(time_ms), to.max(time_ms)));
        let mut bytes = [0; 28];
        match sensor.address {
            IpAddr::V4(address) => bytes[..4].copy_from_slice(&address.octets()),
            IpAddr::V6(address) => bytes[..16].copy_from_slice(&address.octets()),
        }
        bytes[16..24].copy_from_slice(&time_ms.to_le_bytes());
        bytes[24..].copy_from_slice(&[sensor.id, kind.byte(), status as u8, value]);
        self.digest.update(&bytes);
    }
}
