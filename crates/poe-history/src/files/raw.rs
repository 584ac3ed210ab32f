//! Files with readings: `time`, `node`, `sensor`, `kind`, `value`, `status`.

use super::{
    Directory, Effort, Written,
    blocks::{BlockReader, fault},
    chunk::{self, Entry},
    columns::{Coded, Column, Numbers, byte, text},
    schema::Table,
    table::{Columns, TableWriter},
    table_file::TableFile,
    values::ValueReader,
};
use crate::{
    error::{HistoryError, Result},
    reading::Reading,
};
use poe_building::{SensorKey, Status};
use poe_wire::SensorKind;
use std::{ops::Range, path::Path, sync::Arc};

/// Rows of a row group. A day of a node with 21 sensors that report every two seconds fits, and its page of times stays below
/// 1 MiB, from where on the compressor takes twice the memory. What is written by the minute is written in little memory.
const fn group_rows_max(effort: Effort) -> usize {
    match effort {
        Effort::Daily => 960 * 1024,
        Effort::Quick => 512 * 1024,
    }
}

/// From here on a row group ends with its node, so that the times of a node's sensors lie in one page.
const fn group_rows_enough(effort: Effort) -> usize {
    match effort {
        Effort::Daily => 512 * 1024,
        Effort::Quick => 256 * 1024,
    }
}

/// Rows read at once: what they fill stays in the processor's cache.
const BATCH_ROWS: usize = 8 * 1024;

/// Rows of a page of times. The sensors of a node share their times: a page that has all of them says them once.
fn time_page_rows(effort: Effort) -> usize {
    match effort {
        Effort::Quick => 64 * 1024,
        Effort::Daily => group_rows_max(effort),
    }
}

/// Rows of a page of values. They do not repeat, so that a larger page would not be smaller.
const VALUE_PAGE_ROWS: usize = 64 * 1024;
/// Rows of a page of kinds or statuses, which are long runs.
const RUN_PAGE_ROWS: usize = 256 * 1024;

/// Writes one file: sensors ascending, and of each the readings by time.
#[derive(Debug)]
pub(crate) struct RawWriter {
    table: TableWriter,
    effort: Effort,
    times: Vec<i64>,
    values: Vec<u8>,
    /// Kind and status of each row: see [`mark`].
    marks: Vec<u8>,
}

impl RawWriter {
    pub(crate) fn create(path: &Path, effort: Effort) -> Result<Self> {
        let table = TableWriter::create(path, Table::Raw, effort)?;
        Ok(Self { table, effort, times: Vec::new(), values: Vec::new(), marks: Vec::new() })
    }

    /// Adds readings of a sensor: the same as before, whose readings go on, or one that comes after it.
    pub(crate) fn write(&mut self, sensor: SensorKey, mut readings: &[Reading]) -> Result<()> {
        let node_ends = self.table.last_sensor().is_some_and(|last| last.address != sensor.address);
        if node_ends && self.times.len() >= group_rows_enough(self.effort) {
            self.end_group()?;
        }
        while !readings.is_empty() {
            if self.times.len() == group_rows_max(self.effort) {
                self.end_group()?;
            }
            let (now, later) =
                readings.split_at(readings.len().min(group_rows_max(self.effort) - self.times.len()));
            self.table.add(sensor, now.len() as u64)?;
            self.times.extend(now.iter().map(|reading| reading.time_ms));
            self.values.extend(now.iter().map(|reading| reading.value));
            self.marks.extend(now.iter().map(mark));
            readings = later;
        }
        Ok(())
    }

    /// Writes the rest and syncs the file.
    pub(crate) fn finish(mut self) -> Result<Written> {
        self.end_group()?;
        self.table.finish()
    }

    fn end_group(&mut self) -> Result<()> {
        let columns = columns(&self.values, &self.marks);
        self.table.group(&self.times, time_page_rows(self.effort), columns)?;
        self.times.clear();
        self.values.clear();
        self.marks.clear();
        Ok(())
    }
}

/// The columns of kinds, values and statuses.
pub(super) fn columns<'a>(values: &'a [u8], marks: &'a [u8]) -> Columns<'a> {
    vec![
        Box::new(|column, compressor| chunk::codes(column, marks, kind_entry, RUN_PAGE_ROWS, compressor)),
        Box::new(|column, compressor| chunk::codes(column, values, Entry::Byte, VALUE_PAGE_ROWS, compressor)),
        Box::new(|column, compressor| chunk::codes(column, marks, status_entry, RUN_PAGE_ROWS, compressor)),
    ]
}

/// Kind and status in a byte.
pub(super) fn mark(reading: &Reading) -> u8 {
    reading.kind.byte() << 4 | reading.status as u8
}

fn kind_entry(mark: u8) -> Entry {
    Entry::Text(SensorKind::from_byte(mark >> 4).map_or("", SensorKind::name).into())
}

fn status_entry(mark: u8) -> Entry {
    Entry::Text(Status::ALL.get(usize::from(mark & 15)).copied().map_or("", Status::name).into())
}

/// The kind that a dictionary's entry names.
pub(super) fn kind_of(entries: &mut &[u8]) -> Option<SensorKind> {
    let name = text(entries)?;
    SensorKind::ALL.into_iter().find(|kind| kind.name() == name)
}

fn status_of(entries: &mut &[u8]) -> Option<Status> {
    let name = text(entries)?;
    Status::ALL.into_iter().find(|status| status.name() == name)
}

/// A file whose footer has been read. It holds no descriptor.
#[derive(Debug)]
pub(crate) struct RawFile(Arc<TableFile>);

impl RawFile {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Ok(Self(Arc::new(TableFile::open(path, Table::Raw)?)))
    }

    pub(crate) fn directory(&self) -> &Directory {
        self.0.directory()
    }

    pub(crate) fn footer_crc(&self) -> u32 {
        self.0.footer_crc()
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The times of its earliest and latest reading, as its footer has them.
    pub(crate) fn times_ms(&self) -> Option<(i64, i64)> {
        self.0.times_ms()
    }

    /// About how much memory it fills.
    pub(crate) fn bytes(&self) -> usize {
        self.0.memory()
    }

    /// Opens it for reading times and values only.
    pub(crate) fn values(&self) -> Result<ValueReader> {
        ValueReader::new(&self.0)
    }

    /// Opens it for reading.
    pub(crate) fn reader(&self) -> Result<RawReader> {
        Ok(RawReader {
            blocks: self.0.blocks()?,
            file: Arc::clone(&self.0),
            group: None,
            batch: Batch::default(),
        })
    }
}

/// Reads one file. It holds a page of each column at most.
#[derive(Debug)]
pub(crate) struct RawReader {
    file: Arc<TableFile>,
    blocks: Arc<BlockReader>,
    group: Option<Group>,
    batch: Batch,
}

impl RawReader {
    /// Adds these rows to `into`. Each call begins where the last ended, or later; else the reader starts over, which costs more.
    pub(crate) fn read(&mut self, rows: Range<u64>, into: &mut Vec<Reading>) -> Result<()> {
        let mut from = rows.start;
        while from < rows.end {
            let in_group =
                self.group.take().filter(|group| group.rows.start <= from && group.rows.contains(&from));
            let mut group = match in_group {
                Some(group) => group,
                None => Group::open(&self.file, &self.blocks, from)?,
            };
            let to = rows.end.min(group.rows.end);
            group.read(from..to, &mut self.batch, into).map_err(|error| fault(self.file.path(), error))?;
            self.group = Some(group);
            from = to;
        }
        Ok(())
    }
}

/// A row group that is being read.
#[derive(Debug)]
struct Group {
    /// Rows that are still to come.
    rows: Range<u64>,
    times: Column<Numbers>,
    kinds: Column<Coded<SensorKind>>,
    values: Column<Coded<u8>>,
    statuses: Column<Coded<Status>>,
}

/// Columns of some rows.
#[derive(Default, Debug)]
struct Batch {
    times: Vec<i64>,
    kinds: Vec<SensorKind>,
    values: Vec<u8>,
    statuses: Vec<Status>,
}

impl Group {
    fn open(file: &TableFile, blocks: &Arc<BlockReader>, row: u64) -> Result<Self> {
        let (group, rows) = file
            .group_of(row)
            .ok_or_else(|| HistoryError::damaged(file.path(), format!("it has no row {row}")))?;
        Ok(Self {
            rows,
            times: file.column(blocks, group, 0, Numbers::default())?,
            kinds: file.column(blocks, group, 3, Coded::new(kind_of))?,
            values: file.column(blocks, group, 4, Coded::new(byte))?,
            statuses: file.column(blocks, group, 5, Coded::new(status_of))?,
        })
    }

    fn read(
        &mut self,
        rows: Range<u64>,
        batch: &mut Batch,
        into: &mut Vec<Reading>,
    ) -> parquet::errors::Result<()> {
        let skip = usize::try_from(rows.start - self.rows.start)?;
        self.times.skip(skip)?;
        self.kinds.skip(skip)?;
        self.values.skip(skip)?;
        self.statuses.skip(skip)?;
        let mut left = usize::try_from(rows.end - rows.start)?;
        into.reserve(left);
        while left > 0 {
            let now = left.min(BATCH_ROWS);
            batch.times.clear();
            self.times.read(now, &mut batch.times)?;
            batch.kinds.clear();
            self.kinds.read(now, &mut batch.kinds)?;
            batch.values.clear();
            self.values.read(now, &mut batch.values)?;
            batch.statuses.clear();
            self.statuses.read(now, &mut batch.statuses)?;
            let meanings = batch.kinds.iter().zip(&batch.statuses);
            into.extend(batch.times.iter().zip(&batch.values).zip(meanings).map(
                |((time, value), (kind, status))| Reading {
                    time_ms: *time,
                    value: *value,
                    kind: *kind,
                    status: *status,
                },
            ));
            left -= now;
        }
        self.rows.start = rows.end;
        Ok(())
    }
}
