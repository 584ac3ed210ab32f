//! Parquet files: written, read back, and read by whoever asks. Only this folder knows the format.
//!
//! A reading's way into a file: [`RawWriter`] fills a row group, `chunk` makes its columns into pages with the encodings of
//! `delta` and `hybrid`, `table` adds the tail, and `blocks` the CRCs. Its way out: `tail` and `table_file` open a file,
//! [`RawReader`] reads the pages that are wanted through `blocks`, and `columns` makes rows of them.

mod base64;
mod blocks;
mod chunk;
mod columns;
mod delta;
mod directory;
mod footers;
mod hybrid;
mod raw;
mod rollup;
mod schema;
mod stream;
mod table;
mod table_file;
mod tail;
mod values;

pub(crate) use directory::Directory;
pub(crate) use footers::Footers;
pub(crate) use raw::{RawFile, RawReader, RawWriter};
pub(crate) use rollup::{Rollup, RollupFile, RollupReader, RollupWriter, Step};
pub(crate) use stream::RawStream;

/// How hard a writer tries to write little.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effort {
    /// For files that will soon be part of a daily one: quick, with pages that are read in little memory.
    Quick,
    /// For files that are kept for years.
    Daily,
}

/// What a writer has written. The file is synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Written {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// The CRC-32 of the footer, by which it is known again.
    pub(crate) footer_crc: u32,
}

#[cfg(test)]
mod speed;
#[cfg(test)]
mod tests;
