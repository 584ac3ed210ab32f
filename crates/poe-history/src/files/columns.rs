//! A column of a row group is read: page after page, and no page that nobody wants.

use super::{
    blocks::BlockReader,
    delta::{self, Flaw},
    hybrid::{self, Codes},
};
use bytes::Bytes;
use parquet::{
    basic::Encoding,
    column::page::{Page, PageReader},
    errors::{ParquetError, Result},
    file::serialized_reader::SerializedPageReader,
};
use std::fmt;

/// Reads pages of a column.
pub(super) trait PageDecoder {
    /// What a row is.
    type Row;

    /// Takes the dictionary, which comes before the pages that need it.
    fn dictionary(&mut self, entries: &[u8], count: usize) -> std::result::Result<(), Flaw>;
    /// Begins with a page of so many rows.
    fn begin(&mut self, page: Bytes, encoding: Encoding, rows: usize) -> std::result::Result<(), Flaw>;
    /// Passes over rows of the page.
    fn skip(&mut self, rows: usize) -> std::result::Result<(), Flaw>;
    /// Adds rows of the page to `into`.
    fn read(&mut self, rows: usize, into: &mut Vec<Self::Row>) -> std::result::Result<(), Flaw>;
}

/// A column of a row group.
pub(super) struct Column<D> {
    /// The pages as they are in the file, compressed.
    pages: SerializedPageReader<BlockReader>,
    decoder: D,
    /// Rows of the current page that are still to come.
    left: usize,
}

impl<D: PageDecoder> Column<D> {
    pub(super) fn new(pages: SerializedPageReader<BlockReader>, decoder: D) -> Self {
        Self { pages, decoder, left: 0 }
    }

    /// Passes over rows. Pages that lie within are not read.
    pub(super) fn skip(&mut self, mut rows: usize) -> Result<()> {
        while rows > 0 {
            if self.left == 0
                && self.enter(rows)?.is_some_and(|skipped| {
                    rows -= skipped;
                    true
                })
            {
                continue;
            }
            let now = rows.min(self.left);
            self.decoder.skip(now).map_err(flawed)?;
            self.left -= now;
            rows -= now;
        }
        Ok(())
    }

    /// Adds rows to `into`.
    pub(super) fn read(&mut self, mut rows: usize, into: &mut Vec<D::Row>) -> Result<()> {
        while rows > 0 {
            if self.left == 0 {
                self.enter(0)?;
            }
            let now = rows.min(self.left);
            self.decoder.read(now, into).map_err(flawed)?;
            self.left -= now;
            rows -= now;
        }
        Ok(())
    }

    /// Begins with the next page, or passes over it and tells its rows, if it has no more than `skip`.
    fn enter(&mut self, skip: usize) -> Result<Option<usize>> {
        loop {
            let next = self
                .pages
                .peek_next_page()?
                .ok_or_else(|| flawed("a column has fewer rows than its row group"))?;
            if !next.is_dict && next.num_rows.is_some_and(|rows| rows <= skip) {
                self.pages.skip_next_page()?;
                return Ok(next.num_rows);
            }
            match self.pages.get_next_page()? {
                Some(Page::DictionaryPage { buf, num_values, .. }) => {
                    let buf = BlockReader::decompress(&buf)?;
                    self.decoder.dictionary(&buf, num_values as usize).map_err(flawed)?;
                }
                Some(Page::DataPage { buf, num_values, encoding, .. }) => {
                    self.left = num_values as usize;
                    if next.num_rows != Some(self.left) || self.left == 0 {
                        return Err(flawed("a page does not have the rows that its index says"));
                    }
                    let buf = BlockReader::decompress(&buf)?;
                    self.decoder.begin(buf, encoding, self.left).map_err(flawed)?;
                    return Ok(None);
                }
                _ => return Err(flawed("a page is of a sort that is never written")),
            }
        }
    }
}

impl<D> fmt::Debug for Column<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Column").field("left", &self.left).finish_non_exhaustive()
    }
}

/// As the parquet library tells it.
pub(super) fn flawed(flaw: Flaw) -> ParquetError {
    ParquetError::General(flaw.to_owned())
}

/// Times and sums.
#[derive(Default)]
pub(super) struct Numbers(delta::Decoder);

impl PageDecoder for Numbers {
    type Row = i64;

    fn dictionary(&mut self, _: &[u8], _: usize) -> std::result::Result<(), Flaw> {
        Err("a column of numbers has a dictionary")
    }

    fn begin(&mut self, page: Bytes, encoding: Encoding, rows: usize) -> std::result::Result<(), Flaw> {
        expect(encoding, Encoding::DELTA_BINARY_PACKED)?;
        self.0 = delta::Decoder::new(page, rows)?;
        Ok(())
    }

    fn skip(&mut self, rows: usize) -> std::result::Result<(), Flaw> {
        self.0.skip(rows)
    }

    fn read(&mut self, rows: usize, into: &mut Vec<i64>) -> std::result::Result<(), Flaw> {
        self.0.read(rows, into)
    }
}

/// Counts.
#[derive(Default)]
pub(super) struct Counts(Bytes);

impl PageDecoder for Counts {
    type Row = u32;

    fn dictionary(&mut self, _: &[u8], _: usize) -> std::result::Result<(), Flaw> {
        Err("a column of counts has a dictionary")
    }

    fn begin(&mut self, page: Bytes, encoding: Encoding, rows: usize) -> std::result::Result<(), Flaw> {
        expect(encoding, Encoding::PLAIN)?;
        if page.len() != 4 * rows {
            return Err("a page of counts is not as long as it should be");
        }
        self.0 = page;
        Ok(())
    }

    fn skip(&mut self, rows: usize) -> std::result::Result<(), Flaw> {
        self.read(rows, &mut Vec::new())
    }

    fn read(&mut self, rows: usize, into: &mut Vec<u32>) -> std::result::Result<(), Flaw> {
        if self.0.len() < 4 * rows {
            return Err("a page of counts is cut short");
        }
        let counts = self.0.split_to(4 * rows);
        into.extend(
            counts.chunks_exact(4).map(|count| u32::from_le_bytes([count[0], count[1], count[2], count[3]])),
        );
        Ok(())
    }
}

/// What a dictionary has few of: bytes, kinds, statuses.
pub(super) struct Coded<T> {
    meaning: fn(&mut &[u8]) -> Option<T>,
    /// What each code means.
    meanings: Vec<T>,
    codes: hybrid::Decoder,
}

impl<T> Coded<T> {
    /// `meaning` takes an entry of the dictionary away and says what it means.
    pub(super) fn new(meaning: fn(&mut &[u8]) -> Option<T>) -> Self {
        Self { meaning, meanings: Vec::new(), codes: hybrid::Decoder::default() }
    }
}

impl<T: Copy> PageDecoder for Coded<T> {
    type Row = T;

    fn dictionary(&mut self, mut entries: &[u8], count: usize) -> std::result::Result<(), Flaw> {
        if count > 256 {
            return Err("a dictionary has more entries than there are bytes");
        }
        self.meanings.clear();
        for _ in 0..count {
            self.meanings
                .push((self.meaning)(&mut entries).ok_or("a dictionary has an entry that means nothing")?);
        }
        Ok(())
    }

    fn begin(&mut self, page: Bytes, encoding: Encoding, rows: usize) -> std::result::Result<(), Flaw> {
        expect(encoding, Encoding::RLE_DICTIONARY)?;
        self.codes = hybrid::Decoder::new(page, rows)?;
        Ok(())
    }

    fn skip(&mut self, rows: usize) -> std::result::Result<(), Flaw> {
        self.codes.read(rows, |_| ())
    }

    fn read(&mut self, rows: usize, into: &mut Vec<T>) -> std::result::Result<(), Flaw> {
        let meanings = &self.meanings[..];
        let mut unknown = false;
        self.codes.read(rows, |codes| match codes {
            Codes::Run(code, times) => match meanings.get(usize::from(code)) {
                Some(meaning) => into.resize(into.len() + times, *meaning),
                None => unknown = true,
            },
            Codes::Each(codes) => {
                if codes.iter().max().is_some_and(|code| usize::from(*code) >= meanings.len()) {
                    unknown = true;
                } else {
                    into.extend(codes.iter().map(|code| meanings[usize::from(*code)]));
                }
            }
        })?;
        if unknown { Err("a code is not in its dictionary") } else { Ok(()) }
    }
}

fn expect(encoding: Encoding, wanted: Encoding) -> std::result::Result<(), Flaw> {
    if encoding == wanted { Ok(()) } else { Err("a page has an encoding that is never written") }
}

/// An entry of a dictionary of bytes.
pub(super) fn byte(entries: &mut &[u8]) -> Option<u8> {
    let (entry, rest) = entries.split_at_checked(4)?;
    *entries = rest;
    u8::try_from(i32::from_le_bytes(entry.try_into().ok()?)).ok()
}

/// An entry of a dictionary of texts.
pub(super) fn text<'a>(entries: &mut &'a [u8]) -> Option<&'a str> {
    let (length, rest) = entries.split_at_checked(4)?;
    let length = usize::try_from(u32::from_le_bytes(length.try_into().ok()?)).ok()?;
    let (text, rest) = rest.split_at_checked(length)?;
    *entries = rest;
    str::from_utf8(text).ok()
}
