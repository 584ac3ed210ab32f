//! The bytes of a file in blocks, each with a CRC, so that no damaged byte is ever taken for a reading.
//!
//! A file is blocks of [`BLOCK`] bytes, the last one shorter, and then its tail: page index, footer, length and magic. The
//! tail has the CRC of each block, and one of itself.

use crate::error::{HistoryError, Result};
use bytes::Bytes;
use parquet::{
    errors::ParquetError,
    file::reader::{ChunkReader, Length},
};
use std::{
    cell::RefCell,
    fmt,
    fs::File,
    io::{self, Read, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use zstd::bulk::Decompressor;

/// Small enough that a page of roll-ups costs little more than itself, large enough that the CRCs of a gigabyte are 256 KiB.
pub(super) const BLOCK: usize = 16 * 1024;

/// A page is not longer than this when it is decompressed: the longest that is written is one of a million runs.
const PAGE_MAX: u64 = 64 * 1024 * 1024;

/// Blocks that a reader keeps: one for each column that it reads, since a column's next page begins where its last one ended.
const KEPT_MAX: usize = 8;

/// Writes the blocks, and holds the tail back until it is whole.
#[derive(Debug)]
pub(super) struct BlockWriter {
    file: File,
    crcs: Vec<u32>,
    current: crc32fast::Hasher,
    /// Bytes of the block that has begun.
    in_block: usize,
    tail: Option<Vec<u8>>,
}

impl BlockWriter {
    pub(super) fn new(file: File) -> Self {
        Self { file, crcs: Vec::new(), current: crc32fast::Hasher::new(), in_block: 0, tail: None }
    }

    /// From now on everything belongs to the tail. Tells the CRCs of the blocks.
    pub(super) fn begin_tail(&mut self) -> &[u32] {
        if self.in_block > 0 {
            self.end_block();
        }
        self.tail = Some(Vec::new());
        &self.crcs
    }

    /// The file and its tail, which is not in it yet.
    pub(super) fn into_parts(self) -> (File, Vec<u8>) {
        (self.file, self.tail.unwrap_or_default())
    }

    fn end_block(&mut self) {
        self.crcs.push(std::mem::take(&mut self.current).finalize());
        self.in_block = 0;
    }
}

impl Write for BlockWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(tail) = &mut self.tail {
            tail.extend_from_slice(bytes);
            return Ok(bytes.len());
        }
        let written = self.file.write(&bytes[..bytes.len().min(BLOCK - self.in_block)])?;
        self.current.update(&bytes[..written]);
        self.in_block += written;
        if self.in_block == BLOCK {
            self.end_block();
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads blocks, each checked.
pub(super) struct BlockReader {
    file: File,
    path: PathBuf,
    /// Where the tail begins.
    end: u64,
    crcs: Arc<[u32]>,
    /// The last blocks read, with their numbers, the newest at the end.
    kept: Mutex<Vec<(u64, Bytes)>>,
}

thread_local! {
    /// One for all files that a thread reads: to make one takes longer than to decompress a small page. Nothing, where there was
    /// no memory for it.
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = RefCell::new(Decompressor::new().ok());
}

impl BlockReader {
    pub(super) fn open(path: &Path, end: u64, crcs: &Arc<[u32]>) -> Result<Self> {
        let file = File::open(path).map_err(|cause| HistoryError::disk("open", path, cause))?;
        let (path, crcs) = (path.to_owned(), Arc::clone(crcs));
        Ok(Self { file, path, end, crcs, kept: Mutex::default() })
    }

    /// What is in a page.
    pub(super) fn decompress(page: &[u8]) -> parquet::errors::Result<Bytes> {
        let general = |why: &str| ParquetError::General(why.to_owned());
        let length = zstd::zstd_safe::get_frame_content_size(page).ok().flatten();
        let length =
            length.filter(|length| *length <= PAGE_MAX).and_then(|length| usize::try_from(length).ok());
        let length = length.ok_or_else(|| general("a page has no sensible length"))?;
        DECOMPRESSOR.with_borrow_mut(|decompressor| {
            let decompressor =
                decompressor.as_mut().ok_or_else(|| general("there is no memory to decompress a page"))?;
            let plain = decompressor.decompress(page, length);
            Ok(plain.map_err(|_| general("a page cannot be decompressed"))?.into())
        })
    }

    fn bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.checked_add(length as u64).filter(|end| *end <= self.end);
        let end =
            end.ok_or_else(|| HistoryError::damaged(&self.path, "it speaks of bytes that it does not have"))?;
        let block = BLOCK as u64;
        let (first, last) = (start / block, end.div_ceil(block));
        let bytes = match self.kept(first) {
            // Most pages are much shorter than a block, and nothing is copied for them.
            Some(kept) if last <= first + 1 => kept,
            kept => {
                let mut bytes = Vec::with_capacity((last - first) as usize * BLOCK);
                bytes.extend_from_slice(kept.as_deref().unwrap_or_default());
                let (read_from, from) = (first + u64::from(kept.is_some()), bytes.len());
                let whole = (last * block).min(self.end).saturating_sub(read_from * block);
                bytes.resize(from + whole as usize, 0);
                self.read_blocks(read_from, &mut bytes[from..])?;
                let bytes = Bytes::from(bytes);
                match bytes.len().checked_sub(BLOCK) {
                    // Copied, so that it does not hold the others.
                    Some(1..) => {
                        let last_starts = (last - 1 - first) as usize * BLOCK;
                        self.keep(last - 1, Bytes::copy_from_slice(&bytes[last_starts..]));
                    }
                    _ => self.keep(first, bytes.clone()),
                }
                bytes
            }
        };
        let skip = (start - first * block) as usize;
        Ok(bytes.slice(skip..skip + length))
    }

    /// Reads whole blocks from this one on.
    fn read_blocks(&self, first: u64, into: &mut [u8]) -> Result<()> {
        self.file.read_exact_at(into, first * BLOCK as u64).map_err(|cause| match cause.kind() {
            io::ErrorKind::UnexpectedEof => HistoryError::damaged(&self.path, "it is cut short"),
            _ => HistoryError::disk("read", &self.path, cause),
        })?;
        for (number, block) in (first..).zip(into.chunks(BLOCK)) {
            let crc = usize::try_from(number).ok().and_then(|number| self.crcs.get(number));
            if crc != Some(&crc32fast::hash(block)) {
                let from = number * BLOCK as u64;
                let why =
                    format!("the bytes from {from} to {} are not those written", from + block.len() as u64);
                return Err(HistoryError::damaged(&self.path, why));
            }
        }
        Ok(())
    }

    fn kept(&self, number: u64) -> Option<Bytes> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(kept, _)| *kept == number).map(|(_, block)| block.clone())
    }

    fn keep(&self, number: u64, block: Bytes) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(kept, _)| *kept != number);
        if kept.len() == KEPT_MAX {
            kept.remove(0);
        }
        kept.push((number, block));
    }
}

impl fmt::Debug for BlockReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockReader").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Length for BlockReader {
    fn len(&self) -> u64 {
        self.end
    }
}

impl ChunkReader for BlockReader {
    type T = Box<dyn Read + Send>;

    /// Where no length is known: block by block.
    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let length = usize::try_from(self.end.saturating_sub(start)).unwrap_or(usize::MAX).min(BLOCK);
        Ok(Box::new(io::Cursor::new(self.get_bytes(start, length)?)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.bytes(start, length).map_err(|error| ParquetError::External(Box::new(error)))
    }
}

/// What the parquet library says of a file: the disk's words as they were, all else as damage.
pub(super) fn fault(path: &Path, error: ParquetError) -> HistoryError {
    match error {
        ParquetError::External(inner) => match inner.downcast::<HistoryError>() {
            Ok(error) => *error,
            Err(other) => match other.downcast::<io::Error>() {
                Ok(cause) => HistoryError::disk("write to", path, *cause),
                Err(other) => HistoryError::damaged(path, other.to_string()),
            },
        },
        other => HistoryError::damaged(path, other.to_string()),
    }
}
