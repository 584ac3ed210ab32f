//! Times and values only, for sums over long times.

use super::{
    blocks::{BlockReader, fault},
    columns::{Coded, Column, Numbers, byte},
    table_file::TableFile,
};
use crate::error::{HistoryError, Result};
use std::{ops::Range, sync::Arc};

/// As [`super::RawReader`], without kinds and statuses.
#[derive(Debug)]
pub(crate) struct ValueReader {
    file: Arc<TableFile>,
    blocks: Arc<BlockReader>,
    group: Option<Group>,
}

/// A row group that is being read.
#[derive(Debug)]
struct Group {
    /// Rows that are still to come.
    rows: Range<u64>,
    times: Column<Numbers>,
    values: Column<Coded<u8>>,
}

impl ValueReader {
    pub(super) fn new(file: &Arc<TableFile>) -> Result<Self> {
        Ok(Self { blocks: file.blocks()?, file: Arc::clone(file), group: None })
    }

    /// Adds the times and values of these rows. Each call begins where the last ended, or later; else the reader starts over.
    pub(crate) fn read(
        &mut self,
        rows: Range<u64>,
        times: &mut Vec<i64>,
        values: &mut Vec<u8>,
    ) -> Result<()> {
        let mut from = rows.start;
        while from < rows.end {
            let in_group = self.group.take().filter(|group| group.rows.contains(&from));
            let mut group = match in_group {
                Some(group) => group,
                None => Group::open(&self.file, &self.blocks, from)?,
            };
            let to = rows.end.min(group.rows.end);
            group.read(from..to, times, values).map_err(|error| fault(self.file.path(), error))?;
            self.group = Some(group);
            from = to;
        }
        Ok(())
    }
}

impl Group {
    fn open(file: &TableFile, blocks: &Arc<BlockReader>, row: u64) -> Result<Self> {
        let (group, rows) = file
            .group_of(row)
            .ok_or_else(|| HistoryError::damaged(file.path(), format!("it has no row {row}")))?;
        let times = file.column(blocks, group, 0, Numbers::default())?;
        Ok(Self { rows, times, values: file.column(blocks, group, 4, Coded::new(byte))? })
    }

    fn read(
        &mut self,
        rows: Range<u64>,
        times: &mut Vec<i64>,
        values: &mut Vec<u8>,
    ) -> parquet::errors::Result<()> {
        let skip = usize::try_from(rows.start - self.rows.start)?;
        let count = usize::try_from(rows.end - rows.start)?;
        self.times.skip(skip)?;
        self.times.read(count, times)?;
        self.values.skip(skip)?;
        self.values.read(count, values)?;
        self.rows.start = rows.end;
        Ok(())
    }
}
