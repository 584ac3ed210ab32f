//! Files with readings: `time`, `node`, `sensor`, `kind`, `value`, `status`.

use super::{Directory, Effort, Written};
use crate::{error::Result, reading::Reading};
use poe_building::SensorKey;
use std::{ops::Range, path::Path};

/// Writes one file: sensors ascending, and of each the readings by time.
#[derive(Debug)]
pub(crate) struct RawWriter {}

impl RawWriter {
    pub(crate) fn create(path: &Path, effort: Effort) -> Result<Self> {
        let _ = (path, effort);
        todo!()
    }

    /// Adds readings of a sensor: the same as before, whose readings go on, or one that comes after it.
    pub(crate) fn write(&mut self, sensor: SensorKey, readings: &[Reading]) -> Result<()> {
        let _ = (sensor, readings);
        todo!()
    }

    /// Writes the rest and syncs the file.
    pub(crate) fn finish(self) -> Result<Written> {
        todo!()
    }
}

/// A file whose footer has been read. It holds no descriptor.
#[derive(Debug)]
pub(crate) struct RawFile {}

impl RawFile {
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

    /// About how much memory it fills.
    pub(crate) fn bytes(&self) -> usize {
        todo!()
    }

    /// Opens it for reading.
    pub(crate) fn reader(&self) -> Result<RawReader> {
        todo!()
    }
}

/// Reads one file. It holds a page of each column at most.
#[derive(Debug)]
pub(crate) struct RawReader {}

impl RawReader {
    /// Adds these rows to `into`. Each call begins where the last ended, or later; else the reader starts over, which costs more.
    pub(crate) fn read(&mut self, rows: Range<u64>, into: &mut Vec<Reading>) -> Result<()> {
        let _ = (rows, into);
        todo!()
    }
}
