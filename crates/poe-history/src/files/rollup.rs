//! Files with roll-ups: `time`, `node`, `sensor`, `kind`, `count`, `min`, `max`, `sum`, `last`.
//!
//! The mean is the sum by the count. As a column of its own it would cost more than all others together.

use super::{
    Directory, Effort, Written,
    blocks::{BlockReader, fault},
    chunk::{self, Entry},
    columns::{Coded, Column, Counts, Numbers, byte},
    raw::kind_of,
    schema::Table,
    table::{Columns, TableWriter},
    table_file::TableFile,
};
use crate::error::{HistoryError, Result};
use poe_building::SensorKey;
use poe_wire::SensorKind;
use std::{ops::Range, path::Path, sync::Arc};

/// Rows of a row group: with 24 bytes each they are most of what a writer holds. What is written by the minute has one or two rows
/// of each sensor, and three writers at once.
const fn group_rows_max(effort: Effort) -> usize {
    match effort {
        Effort::Daily => 1024 * 1024,
        Effort::Quick => 128 * 1024,
    }
}

/// Rows of a page. A question is about one sensor's day of minutes, 1,440 rows, or month of hours, 744: it reads one page of
/// each column, or two.
fn page_rows(step: Step) -> usize {
    match step {
        Step::Minute => 4 * 1024,
        Step::Hour => 1024,
    }
}

/// Rows read at once: what they fill stays in the processor's cache.
const BATCH_ROWS: usize = 8 * 1024;

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

/// As [`super::RawWriter`].
#[derive(Debug)]
pub(crate) struct RollupWriter {
    table: TableWriter,
    page_rows: usize,
    group_rows_max: usize,
    times: Vec<i64>,
    kinds: Vec<u8>,
    counts: Vec<u32>,
    mins: Vec<u8>,
    maxs: Vec<u8>,
    sums: Vec<i64>,
    lasts: Vec<u8>,
}

impl RollupWriter {
    pub(crate) fn create(path: &Path, step: Step, effort: Effort) -> Result<Self> {
        Ok(Self {
            table: TableWriter::create(path, Table::Rollup(step), effort)?,
            page_rows: page_rows(step),
            group_rows_max: group_rows_max(effort),
            times: Vec::new(),
            kinds: Vec::new(),
            counts: Vec::new(),
            mins: Vec::new(),
            maxs: Vec::new(),
            sums: Vec::new(),
            lasts: Vec::new(),
        })
    }

    /// As [`super::RawWriter::write`].
    pub(crate) fn write(&mut self, sensor: SensorKey, mut rollups: &[Rollup]) -> Result<()> {
        while !rollups.is_empty() {
            if self.times.len() == self.group_rows_max {
                self.end_group()?;
            }
            let (now, later) = rollups.split_at(rollups.len().min(self.group_rows_max - self.times.len()));
            self.table.add(sensor, now.len() as u64)?;
            for rollup in now {
                self.times.push(rollup.start_ms);
                self.kinds.push(rollup.kind.byte());
                self.counts.push(rollup.count);
                self.mins.push(rollup.min);
                self.maxs.push(rollup.max);
                self.sums.push(rollup.sum.cast_signed());
                self.lasts.push(rollup.last);
            }
            rollups = later;
        }
        Ok(())
    }

    /// As [`super::RawWriter::finish`].
    pub(crate) fn finish(mut self) -> Result<Written> {
        self.end_group()?;
        self.table.finish()
    }

    fn end_group(&mut self) -> Result<()> {
        let page_rows = self.page_rows;
        let bytes = |bytes| -> Box<dyn FnOnce(&_, &mut _) -> _> {
            Box::new(move |column: &_, compressor: &mut _| {
                chunk::codes(column, bytes, Entry::Byte, page_rows, compressor)
            })
        };
        let (kinds, counts, sums) = (&self.kinds, &self.counts, &self.sums);
        let columns: Columns<'_> = vec![
            Box::new(|column, compressor| chunk::codes(column, kinds, kind_entry, page_rows, compressor)),
            Box::new(|column, compressor| chunk::counts(column, counts, page_rows, compressor)),
            bytes(&self.mins),
            bytes(&self.maxs),
            Box::new(|column, compressor| chunk::numbers(column, sums, page_rows, compressor)),
            bytes(&self.lasts),
        ];
        self.table.group(&self.times, page_rows, columns)?;
        self.times.clear();
        self.kinds.clear();
        self.counts.clear();
        self.mins.clear();
        self.maxs.clear();
        self.sums.clear();
        self.lasts.clear();
        Ok(())
    }
}

fn kind_entry(byte: u8) -> Entry {
    Entry::Text(SensorKind::from_byte(byte).map_or("", SensorKind::name).into())
}

/// As [`super::RawFile`].
#[derive(Debug)]
pub(crate) struct RollupFile(Arc<TableFile>);

impl RollupFile {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        // Minutes and hours have the same columns.
        Ok(Self(Arc::new(TableFile::open(path, Table::Rollup(Step::Minute))?)))
    }

    pub(crate) fn directory(&self) -> &Directory {
        self.0.directory()
    }

    pub(crate) fn footer_crc(&self) -> u32 {
        self.0.footer_crc()
    }

    /// When its earliest and latest roll-up begin, as its footer has it.
    pub(crate) fn times_ms(&self) -> Option<(i64, i64)> {
        self.0.times_ms()
    }

    /// About how much memory it fills.
    pub(crate) fn bytes(&self) -> usize {
        self.0.memory()
    }

    /// Opens it for reading.
    pub(crate) fn reader(&self) -> Result<RollupReader> {
        Ok(RollupReader { blocks: self.0.blocks()?, file: Arc::clone(&self.0), group: None })
    }
}

/// As [`super::RawReader`].
#[derive(Debug)]
pub(crate) struct RollupReader {
    file: Arc<TableFile>,
    blocks: Arc<BlockReader>,
    group: Option<Group>,
}

impl RollupReader {
    /// As [`super::RawReader::read`].
    pub(crate) fn read(&mut self, rows: Range<u64>, into: &mut Vec<Rollup>) -> Result<()> {
        let mut from = rows.start;
        while from < rows.end {
            let mut group = match self.group.take().filter(|group| group.rows.contains(&from)) {
                Some(group) => group,
                None => Group::open(&self.file, &self.blocks, from)?,
            };
            let to = rows.end.min(group.rows.end);
            group.read(from..to, into).map_err(|error| fault(self.file.path(), error))?;
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
    counts: Column<Counts>,
    mins: Column<Coded<u8>>,
    maxs: Column<Coded<u8>>,
    sums: Column<Numbers>,
    lasts: Column<Coded<u8>>,
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
            counts: file.column(blocks, group, 4, Counts::default())?,
            mins: file.column(blocks, group, 5, Coded::new(byte))?,
            maxs: file.column(blocks, group, 6, Coded::new(byte))?,
            sums: file.column(blocks, group, 7, Numbers::default())?,
            lasts: file.column(blocks, group, 8, Coded::new(byte))?,
        })
    }

    fn read(&mut self, rows: Range<u64>, into: &mut Vec<Rollup>) -> parquet::errors::Result<()> {
        let skip = usize::try_from(rows.start - self.rows.start)?;
        let mut left = usize::try_from(rows.end - rows.start)?;
        self.times.skip(skip)?;
        self.kinds.skip(skip)?;
        self.counts.skip(skip)?;
        self.mins.skip(skip)?;
        self.maxs.skip(skip)?;
        self.sums.skip(skip)?;
        self.lasts.skip(skip)?;
        into.reserve(left);
        while left > 0 {
            let now = left.min(BATCH_ROWS);
            let (mut times, mut kinds, mut counts) = (Vec::new(), Vec::new(), Vec::new());
            let (mut mins, mut maxs, mut sums, mut lasts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            self.times.read(now, &mut times)?;
            self.kinds.read(now, &mut kinds)?;
            self.counts.read(now, &mut counts)?;
            self.mins.read(now, &mut mins)?;
            self.maxs.read(now, &mut maxs)?;
            self.sums.read(now, &mut sums)?;
            self.lasts.read(now, &mut lasts)?;
            into.extend((0..now).map(|row| Rollup {
                start_ms: times[row],
                kind: kinds[row],
                count: counts[row],
                min: mins[row],
                max: maxs[row],
                sum: sums[row].cast_unsigned(),
                last: lasts[row],
            }));
            left -= now;
        }
        self.rows.start = rows.end;
        Ok(())
    }
}
