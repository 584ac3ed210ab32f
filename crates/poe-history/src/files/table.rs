//! A file is written: row groups, then the tail that makes it known again.

use super::{
    Directory, Effort, Written, base64,
    blocks::{BlockWriter, fault},
    chunk::{self, Chunk, Entry},
    schema::{KEY_BLOCKS, KEY_DESCRIPTION, KEY_SENSORS, KEY_TAIL, KEY_VERSION, Table, VERSION},
    tail,
};
use crate::error::{HistoryError, Result};
use parquet::{
    errors::ParquetError,
    file::{metadata::KeyValue, properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::ColumnDescPtr,
};
use poe_building::SensorKey;
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};
use zstd::bulk::Compressor;

/// The level of what is kept for years: the highest before the compressor's memory doubles.
const LEVEL_DAILY: i32 = 19;
/// The level of what is soon written anew.
const LEVEL_QUICK: i32 = 1;

/// Columns of a row group, one after the other.
pub(super) type Columns<'a> = Vec<Box<dyn FnOnce(&ColumnDescPtr, &mut Compressor<'static>) -> Encoded + 'a>>;
/// A column, or why there is none.
pub(super) type Encoded = std::result::Result<Chunk, ParquetError>;

/// Writes a row group: the times, whose they are (each sensor with its rows), and the other columns.
pub(super) fn write_group<W: Write + Send>(
    file: &mut SerializedFileWriter<W>,
    compressor: &mut Compressor<'static>,
    sensors: &[(SensorKey, u64)],
    times: &[i64],
    time_page_rows: usize,
    columns: Columns<'_>,
) -> std::result::Result<(), ParquetError> {
    let descriptor = file.schema_descr().columns().to_vec();
    let nodes = sensors.iter().map(|(sensor, rows)| (Entry::Text(sensor.address.to_string().into()), *rows));
    let ids = sensors.iter().map(|(sensor, rows)| (Entry::Byte(sensor.id), *rows));
    let mut group = file.next_row_group()?;
    let chunk = chunk::numbers(&descriptor[0], times, time_page_rows, compressor)?;
    group.append_column(&chunk.bytes, chunk.close)?;
    let chunk = chunk::runs(&descriptor[1], nodes, compressor)?;
    group.append_column(&chunk.bytes, chunk.close)?;
    let chunk = chunk::runs(&descriptor[2], ids, compressor)?;
    group.append_column(&chunk.bytes, chunk.close)?;
    for (column, encode) in descriptor[3..].iter().zip(columns) {
        let chunk = encode(column, compressor)?;
        group.append_column(&chunk.bytes, chunk.close)?;
    }
    group.close().map(|_| ())
}

/// Writes one file.
pub(super) struct TableWriter {
    path: PathBuf,
    table: Table,
    file: SerializedFileWriter<BlockWriter>,
    compressor: Compressor<'static>,
    directory: Directory,
    /// The sensors of the row group that is being filled, with their rows.
    filling: Vec<(SensorKey, u64)>,
}

impl TableWriter {
    pub(super) fn create(path: &Path, table: Table, effort: Effort) -> Result<Self> {
        let file = File::create(path).map_err(|cause| HistoryError::disk("create", path, cause))?;
        let level = match effort {
            Effort::Daily => LEVEL_DAILY,
            Effort::Quick => LEVEL_QUICK,
        };
        let compressor =
            Compressor::new(level).map_err(|cause| HistoryError::disk("compress for", path, cause))?;
        // No order is declared. Nodes are ordered as addresses, and whoever believes a declaration orders them as texts.
        let properties = WriterProperties::builder()
            .set_created_by(concat!("poe version ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let file = table
            .schema()
            .and_then(|schema| {
                SerializedFileWriter::new(BlockWriter::new(file), schema, Arc::new(properties))
            })
            .map_err(|error| fault(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            table,
            file,
            compressor,
            directory: Directory::default(),
            filling: Vec::new(),
        })
    }

    /// The sensor that rows were added for last.
    pub(super) fn last_sensor(&self) -> Option<SensorKey> {
        self.directory.last()
    }

    /// Notes that so many rows more belong to the row group that is being filled.
    pub(super) fn add(&mut self, sensor: SensorKey, rows: u64) -> Result<()> {
        if self.directory.last().is_some_and(|last| last > sensor) {
            return Err(HistoryError::damaged(
                &self.path,
                format!("{sensor} was to be written out of its order"),
            ));
        }
        self.directory.add(sensor, rows);
        match self.filling.last_mut() {
            Some((last, filled)) if *last == sensor => *filled += rows,
            _ => self.filling.push((sensor, rows)),
        }
        Ok(())
    }

    /// Writes the row group: its times, node and sensor, which are known here, and these columns.
    pub(super) fn group(&mut self, times: &[i64], time_page_rows: usize, columns: Columns<'_>) -> Result<()> {
        if times.is_empty() {
            return Ok(());
        }
        let filling = std::mem::take(&mut self.filling);
        write_group(&mut self.file, &mut self.compressor, &filling, times, time_page_rows, columns)
            .map_err(|error| fault(&self.path, error))
    }

    /// Writes the tail and syncs the file.
    pub(super) fn finish(mut self) -> Result<Written> {
        let path = self.path.clone();
        let disk = |doing| {
            let path = path.clone();
            move |cause| HistoryError::disk(doing, &path, cause)
        };
        self.file.flush().map_err(disk("write to"))?;
        let end = self.file.bytes_written() as u64;
        let crcs: Vec<u8> =
            self.file.inner_mut().begin_tail().iter().flat_map(|crc| crc.to_le_bytes()).collect();
        for (key, value) in [
            (KEY_VERSION, VERSION.to_owned()),
            (KEY_DESCRIPTION, self.table.description().to_owned()),
            (KEY_SENSORS, base64::encode(&self.directory.encode())),
            (KEY_BLOCKS, base64::encode(&crcs)),
            (KEY_TAIL, tail::place_for(end)),
        ] {
            self.file.append_key_value_metadata(KeyValue::new(key.to_owned(), value));
        }
        let (mut file, mut tail) = self.file.into_inner().map_err(|error| fault(&path, error))?.into_parts();
        let footer_crc = tail::seal(&mut tail)
            .ok_or_else(|| HistoryError::damaged(&path, "its footer has no place for a CRC"))?;
        file.write_all(&tail).map_err(disk("write to"))?;
        file.sync_all().map_err(disk("sync"))?;
        Ok(Written { rows: self.directory.rows(), bytes: end + tail.len() as u64, footer_crc })
    }
}

impl std::fmt::Debug for TableWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableWriter").field("path", &self.path).field("rows", &self.directory.rows()).finish()
    }
}
