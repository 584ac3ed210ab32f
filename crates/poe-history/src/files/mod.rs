//! Parquet files: written, read back, and read by whoever asks. Only this folder knows the format.

mod raw;
mod rollup;
mod footers;

pub(crate) use footers::Footers;
pub(crate) use raw::{RawFile, RawReader, RawWriter};
pub(crate) use rollup::{Rollup, RollupFile, RollupReader, RollupWriter, Step};

use poe_building::SensorKey;
use std::ops::Range;

/// How hard a writer tries to write little.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effort {
    /// For files that will soon be part of a daily one: quick, with pages that are read in little memory.
    Quick,
    /// For files that are kept for years.
    Daily,
}

/// What a writer has written. The file is synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Written {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// The CRC-32 of the footer, by which it is known again.
    pub(crate) footer_crc: u32,
}

/// Which rows of a file belong to which sensor.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// Ascending, with the first row of each.
    sensors: Vec<(SensorKey, u64)>,
    rows: u64,
}

impl Directory {
    /// The rows of a sensor; none, if it has none.
    pub(crate) fn rows_of(&self, sensor: SensorKey) -> Range<u64> {
        let _ = (sensor, &self.sensors, self.rows);
        todo!()
    }

    /// Every sensor, ascending, with its rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (SensorKey, Range<u64>)> {
        let ends = self.sensors.iter().skip(1).map(|(_, first)| *first).chain([self.rows]);
        self.sensors.iter().zip(ends).map(|((sensor, first), end)| (*sensor, *first..end))
    }
}
