//! Everything of one day, by sensor, then by time.

use super::{
    export::Wanted,
    merge::{Merge, Source},
    slices::Slices,
    sources::{self, LOG_RANK},
};
use crate::{
    History, Range,
    error::Result,
    files::{RawFile, RawReader},
    history::Moment,
    keeper::Level,
    reading::Reading,
};
use poe_building::SensorKey;
use std::{mem, ops, sync::Arc};

mod unsealed;
use unsealed::{Taken, Unsealed};

/// One day under way.
#[derive(Debug)]
pub(super) struct Day {
    range: Range,
    files: Vec<File>,
    unsealed: Unsealed,
    /// The sensor whose readings are being told.
    told: Option<(SensorKey, Merge<Part>)>,
}

/// A file of the day.
#[derive(Debug)]
struct File {
    rank: u64,
    file: Arc<RawFile>,
    /// None while it is lent, or before it is needed.
    reader: Option<Box<RawReader>>,
    /// Which of its sensors comes next.
    at: usize,
}

impl File {
    fn next(&self) -> Option<SensorKey> {
        self.file.directory().get(self.at).map(|(sensor, _)| sensor)
    }
}

impl Day {
    /// The readings of a range within one day.
    pub(super) fn new(history: &History, moment: &Moment, range: Range) -> Result<Self> {
        let mut files = Vec::new();
        for entry in sources::files(moment, Level::Raw, range) {
            let file = history.footers.raw(&history.folders.path(&entry.path), entry.footer_crc)?;
            files.push(File { rank: entry.set, file, reader: None, at: 0 });
        }
        Ok(Self { range, files, unsealed: Unsealed::new(moment, range)?, told: None })
    }

    /// Adds the next readings, of one sensor, `limit` at most. Nothing: the day is over.
    pub(super) fn read(
        &mut self,
        wanted: &Wanted,
        limit: usize,
        into: &mut Vec<Reading>,
    ) -> Result<Option<SensorKey>> {
        loop {
            let (sensor, mut merge) = match self.told.take() {
                Some(told) => told,
                None => match self.next_sensor(wanted)? {
                    Some(sensor) => (sensor, self.merge(sensor)?),
                    None => return Ok(None),
                },
            };
            if merge.read(limit, into)? {
                self.told = Some((sensor, merge));
                return Ok(Some(sensor));
            }
            for part in merge.into_sources() {
                if let Part::File { nth, reader, .. } = part {
                    self.files[nth].reader = Some(reader);
                }
            }
        }
    }

    /// The lowest sensor that is wanted and not told yet.
    fn next_sensor(&mut self, wanted: &Wanted) -> Result<Option<SensorKey>> {
        for file in &mut self.files {
            while file.next().is_some_and(|sensor| !wanted.has(sensor)) {
                file.at += 1;
            }
        }
        let in_files = self.files.iter().filter_map(File::next).min();
        let unsealed = self.unsealed.next(wanted)?;
        Ok(in_files.into_iter().chain(unsealed).min())
    }

    /// Everything of one sensor.
    fn merge(&mut self, sensor: SensorKey) -> Result<Merge<Part>> {
        let mut parts = Vec::new();
        for (nth, file) in self.files.iter_mut().enumerate() {
            if let Some((next, rows)) = file.file.directory().get(file.at)
                && next == sensor
            {
                file.at += 1;
                let reader = match file.reader.take() {
                    Some(reader) => reader,
                    None => Box::new(file.file.reader()?),
                };
                parts.push(Part::File { nth, rank: file.rank, reader, rows, range: self.range });
            }
        }
        match self.unsealed.take(sensor) {
            Taken::Held(readings) => parts.push(Part::Unsealed(readings)),
            Taken::Slices(slices) => parts.extend(slices.into_iter().map(Part::Slices)),
        }
        Ok(Merge::new(parts))
    }
}

/// A sensor's readings of the day in one place.
#[derive(Debug)]
enum Part {
    File { nth: usize, rank: u64, reader: Box<RawReader>, rows: ops::Range<u64>, range: Range },
    Unsealed(Vec<Reading>),
    Slices(Slices),
}

impl Source for Part {
    fn rank(&self) -> u64 {
        match self {
            Self::File { rank, .. } => *rank,
            Self::Unsealed(_) => LOG_RANK,
            Self::Slices(slices) => slices.rank(),
        }
    }

    fn begins_ms(&self) -> i64 {
        match self {
            // They are all needed, and soon.
            Self::File { .. } | Self::Unsealed(_) => i64::MIN,
            Self::Slices(slices) => slices.begins_ms(),
        }
    }

    fn read(&mut self, into: &mut Vec<Reading>) -> Result<()> {
        match self {
            Self::File { reader, rows, range, .. } => sources::read_in_range(reader, rows, *range, into),
            Self::Unsealed(readings) => {
                into.append(&mut mem::take(readings));
                Ok(())
            }
            Self::Slices(slices) => slices.read(into),
        }
    }
}
