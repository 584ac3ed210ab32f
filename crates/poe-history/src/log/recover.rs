//! What an earlier run has left in the log, crash or not.
//!
//! A file is read from its beginning, record by record. Where there is none, the next one is looked for: what lies between
//! is damage, but at the end of a file it is a batch that was under way when the power went, or room that was not used yet.

use super::{
    list::{Held, List, State},
    record::{HEADER_BYTES, Header, MAGIC},
};
use std::{fs::File, io, ops::Range, os::unix::fs::FileExt};

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Where each record begins, and its header. Sequences ascend.
    pub(super) records: Vec<(u64, Header)>,
    /// Bytes before a record that mean nothing.
    pub(super) damaged: Vec<Range<u64>>,
    /// Bytes after the last record that are not all zero.
    pub(super) torn: Option<Range<u64>>,
}

/// So much is read at once: the disk is then busy all the time.
const WINDOW_BYTES: usize = 2 << 20;

/// Finds the records among the first `bytes` of a file, and checks each.
/// After an error `found` has what came before it.
pub(super) fn scan(file: &File, bytes: u64, found: &mut Found) -> io::Result<()> {
    let mut window = Window { file, end: bytes.min(file.metadata()?.len()), start: 0, bytes: Vec::new() };
    let (mut at, mut good) = (0, 0);
    while at < window.end {
        match record_at(&mut window, at)? {
            Some(header) => {
                if good < at {
                    found.damaged.push(good..at);
                }
                add(&mut found.records, at, header);
                at += u64::from(header.length);
                good = at;
            }
            None => at = window.next_magic(at + 1)?,
        }
    }
    if window.has_anything(good)? {
        found.torn = Some(good..window.end);
    }
    Ok(())
}

/// Adds a record. One that was given again after a failure is there twice: the later one counts, since it may have been
/// acknowledged.
fn add(records: &mut Vec<(u64, Header)>, at: u64, header: Header) {
    drop_from(records, header.sequence);
    records.push((at, header));
}

/// Takes away the records at the end that have this sequence or a higher one. Whether there were any.
pub(super) fn drop_from(records: &mut Vec<(u64, Header)>, sequence: u64) {
    while records.pop_if(|(_, last)| last.sequence >= sequence).is_some() {}
}

/// The records as a list.
pub(super) fn list(records: &[(u64, Header)]) -> List {
    let list = List::with_room(records.len());
    for (at, header) in records {
        list.push(*at, *header, Held::Nothing, State::Checked);
    }
    list
}

/// The header of the whole and unharmed record at a place, if there is one.
fn record_at(window: &mut Window<'_>, at: u64) -> io::Result<Option<Header>> {
    let Some(header) = window.get(at, HEADER_BYTES)?.and_then(Header::read) else { return Ok(None) };
    Ok(window.get(at, header.length as usize)?.filter(|record| header.fits(record)).map(|_| header))
}

/// A part of the file in memory.
struct Window<'a> {
    file: &'a File,
    /// Where the file ends.
    end: u64,
    /// Where the part begins.
    start: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    /// So many bytes, if the file has them. It may read more.
    fn get(&mut self, at: u64, count: usize) -> io::Result<Option<&[u8]>> {
        if self.end < at + count as u64 {
            return Ok(None);
        }
        let within = at >= self.start && at + count as u64 <= self.start + self.bytes.len() as u64;
        if !within {
            let wanted = (self.end - at).min(count.max(WINDOW_BYTES) as u64) as usize;
            self.bytes.resize(wanted, 0);
            self.start = at;
            if let Err(cause) = self.file.read_exact_at(&mut self.bytes, at) {
                self.bytes.clear();
                return Err(cause);
            }
        }
        let from = (at - self.start) as usize;
        Ok(self.bytes.get(from..from + count))
    }

    /// Where the next record might begin, at `at` or later; the end of the file, if nowhere.
    fn next_magic(&mut self, mut at: u64) -> io::Result<u64> {
        loop {
            let count = (self.end - at.min(self.end)).min(WINDOW_BYTES as u64 / 2) as usize;
            if count < HEADER_BYTES {
                return Ok(self.end);
            }
            let Some(bytes) = self.get(at, count)? else { return Ok(self.end) };
            match bytes.windows(MAGIC.len()).position(|bytes| bytes == MAGIC) {
                Some(further) => return Ok(at + further as u64),
                None => at += (count - MAGIC.len() + 1) as u64,
            }
        }
    }

    /// Whether a byte from `at` on is not zero.
    fn has_anything(&mut self, mut at: u64) -> io::Result<bool> {
        while at < self.end {
            let count = (self.end - at).min(WINDOW_BYTES as u64) as usize;
            match self.get(at, count)? {
                Some(bytes) if bytes.iter().all(|byte| *byte == 0) => at += count as u64,
                _ => return Ok(true),
            }
        }
        Ok(false)
    }
}
