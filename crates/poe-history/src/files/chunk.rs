//! A column of a row group, as the file has it: pages, compressed, and what the footer says of them.

use super::{delta, hybrid};
use bytes::Bytes;
use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    column::{
        page::{CompressedPage, Page, PageWriter},
        writer::ColumnCloseResult,
    },
    data_type::ByteArray,
    errors::Result,
    file::{
        metadata::{ColumnChunkMetaData, OffsetIndexBuilder},
        statistics::Statistics,
        writer::{SerializedPageWriter, TrackedWrite},
    },
    schema::types::ColumnDescPtr,
};
use std::borrow::Cow;
use zstd::bulk::Compressor;

/// What a column's dictionary can have.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Entry {
    Byte(u8),
    Text(Cow<'static, str>),
}

/// A column that is written to the file as it is.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) bytes: Bytes,
    pub(super) close: ColumnCloseResult,
}

/// A column of numbers, in pages of so many rows.
pub(super) fn numbers(
    column: &ColumnDescPtr,
    numbers: &[i64],
    page_rows: usize,
    compressor: &mut Compressor<'static>,
) -> Result<Chunk> {
    let mut writer = ChunkWriter::new(column, Encoding::DELTA_BINARY_PACKED, compressor);
    let mut page = Vec::new();
    for rows in numbers.chunks(page_rows) {
        page.clear();
        delta::encode(rows, &mut page);
        writer.page(rows.len(), &page)?;
    }
    writer.close(Statistics::new(
        numbers.iter().min().copied(),
        numbers.iter().max().copied(),
        None,
        Some(0),
        false,
    ))
}

/// A column of numbers that are mostly the same, in pages of so many rows.
pub(super) fn counts(
    column: &ColumnDescPtr,
    counts: &[u32],
    page_rows: usize,
    compressor: &mut Compressor<'static>,
) -> Result<Chunk> {
    let mut writer = ChunkWriter::new(column, Encoding::PLAIN, compressor);
    for rows in counts.chunks(page_rows) {
        let page: Vec<u8> = rows.iter().flat_map(|count| count.to_le_bytes()).collect();
        writer.page(rows.len(), &page)?;
    }
    // As unsigned numbers they are compared by readers, and as signed ones they are kept.
    let (min, max) = (counts.iter().min(), counts.iter().max());
    let signed = |count: Option<&u32>| count.map(|count| count.cast_signed());
    writer.close(Statistics::new(signed(min), signed(max), None, Some(0), false))
}

/// A column with a byte for each row, in pages of so many rows. `meaning` tells what a byte stands for.
pub(super) fn codes(
    column: &ColumnDescPtr,
    bytes: &[u8],
    meaning: impl Fn(u8) -> Entry,
    page_rows: usize,
    compressor: &mut Compressor<'static>,
) -> Result<Chunk> {
    let mut present = [false; 256];
    for byte in bytes {
        present[usize::from(*byte)] = true;
    }
    let mut entries = Vec::new();
    let mut code_of = [0; 256];
    for byte in (0..=255).filter(|byte| present[usize::from(*byte)]) {
        let entry = meaning(byte);
        let code = entries.iter().position(|known| *known == entry).unwrap_or_else(|| {
            entries.push(entry);
            entries.len() - 1
        });
        code_of[usize::from(byte)] = code as u8;
    }
    let mut writer = ChunkWriter::new(column, Encoding::RLE_DICTIONARY, compressor);
    writer.dictionary(&entries)?;
    let (mut page, mut codes) = (Vec::new(), Vec::new());
    for rows in bytes.chunks(page_rows) {
        codes.clear();
        codes.extend(rows.iter().map(|byte| code_of[usize::from(*byte)]));
        page.clear();
        hybrid::encode(&codes, &mut page);
        writer.page(rows.len(), &page)?;
    }
    writer.close(statistics(&entries))
}

/// A column of long runs, in one page.
pub(super) fn runs(
    column: &ColumnDescPtr,
    runs: impl Iterator<Item = (Entry, u64)>,
    compressor: &mut Compressor<'static>,
) -> Result<Chunk> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut coded: Vec<(u32, u64)> = Vec::new();
    let mut codes = std::collections::BTreeMap::new();
    for (entry, rows) in runs {
        let code = *codes.entry(entry).or_insert_with_key(|entry| {
            entries.push(entry.clone());
            entries.len() as u32 - 1
        });
        match coded.last_mut() {
            Some((last, total)) if *last == code => *total += rows,
            _ => coded.push((code, rows)),
        }
    }
    let bits = match entries.len() {
        0..=0x100 => 8,
        0x101..=0x1_0000 => 16,
        _ => 32,
    };
    let rows: u64 = coded.iter().map(|(_, rows)| rows).sum();
    let mut page = Vec::new();
    hybrid::encode_runs(coded.into_iter(), bits, &mut page);
    let mut writer = ChunkWriter::new(column, Encoding::RLE_DICTIONARY, compressor);
    writer.dictionary(&entries)?;
    writer.page(usize::try_from(rows)?, &page)?;
    writer.close(statistics(&entries))
}

fn statistics(entries: &[Entry]) -> Statistics {
    let (min, max) = (entries.iter().min(), entries.iter().max());
    let number = |entry: Option<&Entry>| match entry {
        Some(Entry::Byte(byte)) => Some(i32::from(*byte)),
        _ => None,
    };
    let text = |entry: Option<&Entry>| match entry {
        Some(Entry::Text(text)) => Some(ByteArray::from(&**text)),
        _ => None,
    };
    match min {
        Some(Entry::Text(_)) => Statistics::new(text(min), text(max), None, Some(0), false),
        _ => Statistics::new(number(min), number(max), None, Some(0), false),
    }
}

struct ChunkWriter<'a> {
    column: ColumnDescPtr,
    encoding: Encoding,
    compressor: &'a mut Compressor<'static>,
    sink: TrackedWrite<Vec<u8>>,
    index: OffsetIndexBuilder,
    has_dictionary: bool,
    first_page: Option<u64>,
    rows: u64,
    uncompressed: usize,
}

impl<'a> ChunkWriter<'a> {
    fn new(column: &ColumnDescPtr, encoding: Encoding, compressor: &'a mut Compressor<'static>) -> Self {
        Self {
            column: column.clone(),
            encoding,
            compressor,
            sink: TrackedWrite::new(Vec::new()),
            index: OffsetIndexBuilder::new(),
            has_dictionary: false,
            first_page: None,
            rows: 0,
            uncompressed: 0,
        }
    }

    fn dictionary(&mut self, entries: &[Entry]) -> Result<()> {
        let mut plain = Vec::new();
        for entry in entries {
            match entry {
                Entry::Byte(byte) => plain.extend_from_slice(&i32::from(*byte).to_le_bytes()),
                Entry::Text(text) => {
                    plain.extend_from_slice(&u32::try_from(text.len())?.to_le_bytes());
                    plain.extend_from_slice(text.as_bytes());
                }
            }
        }
        let page = Page::DictionaryPage {
            buf: self.compressed(&plain)?,
            num_values: u32::try_from(entries.len())?,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        self.has_dictionary = true;
        self.add(page, plain.len()).map(|_| ())
    }

    fn page(&mut self, rows: usize, plain: &[u8]) -> Result<()> {
        let page = Page::DataPage {
            buf: self.compressed(plain)?,
            num_values: u32::try_from(rows)?,
            encoding: self.encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let (at, bytes) = self.add(page, plain.len())?;
        self.first_page.get_or_insert(at);
        self.index.append_row_count(i64::try_from(rows)?);
        self.index.append_offset_and_size(i64::try_from(at)?, i32::try_from(bytes)?);
        self.rows += rows as u64;
        Ok(())
    }

    fn compressed(&mut self, plain: &[u8]) -> Result<Bytes> {
        let mut compressed = self.compressor.compress(plain)?;
        compressed.shrink_to_fit();
        Ok(compressed.into())
    }

    /// Where it is and how long.
    fn add(&mut self, page: Page, uncompressed: usize) -> Result<(u64, u64)> {
        let written =
            SerializedPageWriter::new(&mut self.sink).write_page(CompressedPage::new(page, uncompressed))?;
        self.uncompressed += written.uncompressed_size;
        Ok((written.offset, written.bytes_written))
    }

    fn close(self, statistics: Statistics) -> Result<Chunk> {
        let bytes_written = self.sink.bytes_written() as u64;
        let bytes = Bytes::from(self.sink.into_inner()?);
        let mut encodings = vec![self.encoding];
        if self.has_dictionary {
            encodings.push(Encoding::PLAIN);
        }
        let metadata = ColumnChunkMetaData::builder(self.column)
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_encodings(encodings)
            .set_num_values(i64::try_from(self.rows)?)
            .set_total_compressed_size(i64::try_from(bytes_written)?)
            .set_total_uncompressed_size(i64::try_from(self.uncompressed)?)
            .set_dictionary_page_offset(self.has_dictionary.then_some(0))
            .set_data_page_offset(i64::try_from(self.first_page.unwrap_or(0))?)
            .set_statistics(statistics)
            .build()?;
        let close = ColumnCloseResult {
            bytes_written,
            rows_written: self.rows,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: Some(self.index.build()),
        };
        Ok(Chunk { bytes, close })
    }
}
