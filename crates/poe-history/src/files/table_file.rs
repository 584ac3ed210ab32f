//! A file is opened: its footer, once, for many readers.

use super::{
    Directory, base64,
    blocks::{BLOCK, BlockReader, fault},
    columns::{Column, PageDecoder},
    schema::{KEY_BLOCKS, KEY_SENSORS, KEY_VERSION, Table, VERSION},
    tail::{self, Tail},
};
use crate::error::{HistoryError, Result};
use bytes::Bytes;
use parquet::{
    basic::Compression,
    file::{
        metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader},
        serialized_reader::SerializedPageReader,
        statistics::Statistics,
    },
};
use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A file whose footer has been read. It holds no descriptor.
#[derive(Debug)]
pub(super) struct TableFile {
    path: PathBuf,
    metadata: ParquetMetaData,
    directory: Directory,
    block_crcs: Arc<[u32]>,
    /// Where the tail begins.
    end: u64,
    footer_crc: u32,
    /// The first row of each row group.
    group_starts: Vec<u64>,
}

impl TableFile {
    pub(super) fn open(path: &Path, table: Table) -> Result<Self> {
        Self::from_tail(path, table, tail::read(path)?)
    }

    fn from_tail(path: &Path, table: Table, tail: Tail) -> Result<Self> {
        let Tail { bytes, begins, crc } = tail;
        let length = begins + bytes.len() as u64;
        let mut reader = ParquetMetaDataReader::new()
            .with_column_index_policy(PageIndexPolicy::Skip)
            .with_offset_index_policy(PageIndexPolicy::Required);
        reader.try_parse_sized(&Bytes::from(bytes), length).map_err(|error| fault(path, error))?;
        let metadata = reader.finish().map_err(|error| fault(path, error))?;
        let damaged = |why: &str| HistoryError::damaged(path, why);

        let text = |key: &str| {
            let texts = metadata.file_metadata().key_value_metadata()?;
            texts.iter().find(|text| text.key == key)?.value.as_deref()
        };
        let version = text(KEY_VERSION).unwrap_or("unknown");
        if version != VERSION {
            return Err(damaged(&format!(
                "its schema is version {version}, and this program knows {VERSION}"
            )));
        }
        let schema = table.schema().map_err(|error| fault(path, error))?;
        if *metadata.file_metadata().schema() != *schema {
            return Err(damaged("its columns are others"));
        }
        let directory =
            text(KEY_SENSORS).and_then(base64::decode).and_then(|bytes| Directory::decode(&bytes));
        let directory = directory.ok_or_else(|| damaged("its directory of sensors cannot be read"))?;
        let crcs = text(KEY_BLOCKS).and_then(base64::decode).ok_or_else(|| damaged("it has no CRCs"))?;
        let block_crcs: Arc<[u32]> =
            crcs.chunks_exact(4).map(|crc| u32::from_le_bytes([crc[0], crc[1], crc[2], crc[3]])).collect();
        if block_crcs.len() as u64 != begins.div_ceil(BLOCK as u64) {
            return Err(damaged("it does not have a CRC for each block"));
        }
        let mut group_starts = Vec::with_capacity(metadata.num_row_groups());
        let mut rows = 0_u64;
        for group in metadata.row_groups() {
            group_starts.push(rows);
            rows = rows.saturating_add(u64::try_from(group.num_rows()).unwrap_or(u64::MAX));
        }
        if rows != directory.rows() {
            return Err(damaged("its directory of sensors does not fit its rows"));
        }
        Ok(Self {
            path: path.to_owned(),
            metadata,
            directory,
            block_crcs,
            end: begins,
            footer_crc: crc,
            group_starts,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn directory(&self) -> &Directory {
        &self.directory
    }

    pub(super) fn footer_crc(&self) -> u32 {
        self.footer_crc
    }

    /// The lowest and the highest time of all rows, as the footer has them. The first column is the time.
    pub(super) fn times_ms(&self) -> Option<(i64, i64)> {
        let times =
            self.metadata.row_groups().iter().map(|group| match group.columns().first()?.statistics()? {
                Statistics::Int64(found) => Some((*found.min_opt()?, *found.max_opt()?)),
                _ => None,
            });
        times.reduce(|a, b| a.zip(b).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1))))?
    }

    /// About how much memory it fills.
    pub(super) fn memory(&self) -> usize {
        let index: usize = (0..self.metadata.num_row_groups())
            .map(|group| {
                let index = self.metadata.page_index_for_row_group(group);
                (0..self.metadata.row_group(group).num_columns())
                    .filter_map(|column| index.page_locations(column))
                    .map(|pages| size_of_val(&pages[..]))
                    .sum::<usize>()
            })
            .sum();
        self.metadata.memory_size().max(index)
            + self.directory.memory()
            + size_of_val(&self.block_crcs[..])
            + size_of_val(&self.group_starts[..])
    }

    pub(super) fn blocks(&self) -> Result<Arc<BlockReader>> {
        BlockReader::open(&self.path, self.end, &self.block_crcs).map(Arc::new)
    }

    /// The row group that a row is in, and its rows.
    pub(super) fn group_of(&self, row: u64) -> Option<(usize, Range<u64>)> {
        if row >= self.directory.rows() {
            return None;
        }
        let group = self.group_starts.partition_point(|start| *start <= row).checked_sub(1)?;
        let end = self.group_starts.get(group + 1).copied().unwrap_or(self.directory.rows());
        Some((group, self.group_starts[group]..end))
    }

    /// A column of a row group, from its first row on.
    pub(super) fn column<D: PageDecoder>(
        &self,
        blocks: &Arc<BlockReader>,
        group: usize,
        column: usize,
        decoder: D,
    ) -> Result<Column<D>> {
        let missing = || HistoryError::damaged(&self.path, "its page index lacks a column");
        let rows = self.metadata.row_group(group);
        let index = self.metadata.page_index_for_row_group(group);
        let locations = index.page_locations(column).ok_or_else(missing)?;
        let chunk = rows.columns().get(column).ok_or_else(missing)?;
        let total = usize::try_from(rows.num_rows()).map_err(|_| missing())?;
        // As if it were not compressed: the library would make a compressor and a decompressor for each column.
        let chunk = chunk.clone().into_builder().set_compression(Compression::UNCOMPRESSED).build();
        let pages = chunk.and_then(|chunk| {
            SerializedPageReader::new(Arc::clone(blocks), &chunk, total, Some(locations.clone()))
        });
        Ok(Column::new(pages.map_err(|error| fault(&self.path, error))?, decoder))
    }
}
