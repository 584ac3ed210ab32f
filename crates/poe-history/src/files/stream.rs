//! Readings as one Parquet file that goes to whoever asked for it, piece by piece, and never to the disk.

use super::{
    raw,
    schema::{KEY_VERSION, Table, VERSION},
    table::write_group,
};
use crate::{
    error::{HistoryError, Result},
    reading::Reading,
};
use parquet::{
    errors::ParquetError,
    file::{metadata::KeyValue, properties::WriterProperties, writer::SerializedFileWriter},
};
use poe_building::SensorKey;
use std::{fmt, mem, path::Path, sync::Arc};
use zstd::bulk::Compressor;

/// Rows of a row group: few enough to be held in 12 MB, and so many that what the footer says of each stays little: some
/// 2 KB, which is 10 MB for five billion readings.
const GROUP_ROWS: usize = 1024 * 1024;
/// Rows of a page of times.
const TIME_PAGE_ROWS: usize = 256 * 1024;
/// The level of compression: the disk, and not the way to the client, is meant to be what an export waits for.
const LEVEL: i32 = 3;

/// Writes readings with the schema of the files, by day.
pub(crate) struct RawStream {
    file: SerializedFileWriter<Vec<u8>>,
    compressor: Compressor<'static>,
    /// The sensors of the row group that is being filled, with their rows.
    sensors: Vec<(SensorKey, u64)>,
    times: Vec<i64>,
    values: Vec<u8>,
    marks: Vec<u8>,
}

impl RawStream {
    pub(crate) fn new() -> Result<Self> {
        let created_by = concat!("poe version ", env!("CARGO_PKG_VERSION")).to_owned();
        let properties = Arc::new(WriterProperties::builder().set_created_by(created_by).build());
        let schema = Table::Raw.schema().map_err(|error| failed(&error))?;
        Ok(Self {
            file: SerializedFileWriter::new(Vec::new(), schema, properties)
                .map_err(|error| failed(&error))?,
            compressor: Compressor::new(LEVEL).map_err(|error| failed(&error.into()))?,
            sensors: Vec::new(),
            times: Vec::new(),
            values: Vec::new(),
            marks: Vec::new(),
        })
    }

    /// Adds readings of a sensor.
    pub(crate) fn write(&mut self, sensor: SensorKey, mut readings: &[Reading]) -> Result<()> {
        while !readings.is_empty() {
            let (now, later) = readings.split_at(readings.len().min(GROUP_ROWS - self.times.len()));
            match self.sensors.last_mut() {
                Some((last, rows)) if *last == sensor => *rows += now.len() as u64,
                _ => self.sensors.push((sensor, now.len() as u64)),
            }
            self.times.extend(now.iter().map(|reading| reading.time_ms));
            self.values.extend(now.iter().map(|reading| reading.value));
            self.marks.extend(now.iter().map(raw::mark));
            if self.times.len() == GROUP_ROWS {
                self.end_group()?;
            }
            readings = later;
        }
        Ok(())
    }

    /// What was written since the last time, if any.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        mem::take(self.file.inner_mut())
    }

    /// Writes the rest and tells it.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>> {
        self.end_group()?;
        self.file.append_key_value_metadata(KeyValue::new(KEY_VERSION.to_owned(), VERSION.to_owned()));
        self.file.into_inner().map_err(|error| failed(&error))
    }

    fn end_group(&mut self) -> Result<()> {
        if self.times.is_empty() {
            return Ok(());
        }
        let columns = raw::columns(&self.values, &self.marks);
        write_group(
            &mut self.file,
            &mut self.compressor,
            &self.sensors,
            &self.times,
            TIME_PAGE_ROWS,
            columns,
        )
        .and_then(|()| self.file.flush().map_err(ParquetError::from))
        .map_err(|error| failed(&error))?;
        self.sensors.clear();
        self.times.clear();
        self.values.clear();
        self.marks.clear();
        Ok(())
    }
}

impl fmt::Debug for RawStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawStream").field("rows", &self.times.len()).finish_non_exhaustive()
    }
}

/// It goes to memory: no disk can fail, and no file can be damaged.
fn failed(error: &ParquetError) -> HistoryError {
    HistoryError::damaged(Path::new("the export"), error.to_string())
}
