//! Files with roll-ups: `time`, `node`, `sensor`, `kind`, `count`, `min`, `max`, `mean`, `last`.

use super::{Directory, Effort, Written};
use crate::error::Result;
use poe_building::SensorKey;
use poe_wire::SensorKind;
use std::{ops::Range, path::Path};

/// How long the time is that a roll-up is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Step {
    Minute,
    Hour,
}

impl Step {
    pub(crate) const fn millis(self) -> i64 {
        match self {
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
        }
    }
}

/// What a sensor said in a minute or an hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rollup {
    /// When that began, in milliseconds since 1970 UTC: a whole minute or hour.
    pub(crate) start_ms: i64,
    /// What the sensor measured at its end.
    pub(crate) kind: SensorKind,
    pub(crate) count: u32,
    pub(crate) min: u8,
    pub(crate) max: u8,
    pub(crate) sum: u64,
    pub(crate) last: u8,
}

#[derive(Debug)]
pub(crate) struct RollupWriter {}

impl RollupWriter {
    pub(crate) fn create(path: &Path, step: Step, effort: Effort) -> Result<Self> {
        let _ = (path, step, effort);
        todo!()
    }

    /// As [`super::RawWriter::write`].
    pub(crate) fn write(&mut self, sensor: SensorKey, rollups: &[Rollup]) -> Result<()> {
        let _ = (sensor, rollups);
        todo!()
    }

    pub(crate) fn finish(self) -> Result<Written> {
        todo!()
    }
}

/// As [`super::RawFile`].
#[derive(Debug)]
pub(crate) struct RollupFile {}

impl RollupFile {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let _ = path;
        todo!()
    }

    pub(crate) fn directory(&self) -> &Directory {
        todo!()
    }

    pub(crate) fn footer_crc(&self) -> u32 {
        todo!()
    }

    pub(crate) fn bytes(&self) -> usize {
        todo!()
    }

    pub(crate) fn reader(&self) -> Result<RollupReader> {
        todo!()
    }
}

/// As [`super::RawReader`].
#[derive(Debug)]
pub(crate) struct RollupReader {}

impl RollupReader {
    pub(crate) fn read(&mut self, rows: Range<u64>, into: &mut Vec<Rollup>) -> Result<()> {
        let _ = (rows, into);
        todo!()
    }
}
