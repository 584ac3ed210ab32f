//! The tail of a file, which vouches for itself: page index, footer, length and magic.
//!
//! One of the footer's texts tells where the tail begins and what its CRC is, computed with zeros in the CRC's own place. So
//! a file is known to be whole before anything in it is parsed.

use super::schema::KEY_TAIL;
use crate::error::{HistoryError, Result};
use std::{fs::File, os::unix::fs::FileExt, path::Path};

/// Read at first: the tail of a day of a few hundred sensors. A longer one is read again, whole.
const GUESS: u64 = 64 * 1024;
/// More than the tail of a file with a million sensors. A longer one is not believed.
const LENGTH_MAX: u64 = 256 * 1024 * 1024;

const MAGIC: &[u8; 4] = b"PAR1";
/// Digits of where the tail begins.
const END_DIGITS: usize = 16;
const CRC_DIGITS: usize = 8;
const NO_CRC: &[u8; CRC_DIGITS] = b"00000000";

/// The text under [`KEY_TAIL`], with a place for the CRC.
pub(super) fn place_for(end: u64) -> String {
    format!("{end:016x}{:08x}", 0)
}

/// Puts the CRC into its place, and tells it. Nothing, if there is no place.
pub(super) fn seal(tail: &mut [u8]) -> Option<u32> {
    let place = place_in(tail)? + END_DIGITS;
    let crc = crc32fast::hash(tail);
    tail[place..place + CRC_DIGITS].copy_from_slice(format!("{crc:08x}").as_bytes());
    Some(crc)
}

/// A tail that is whole.
pub(super) struct Tail {
    pub(super) bytes: Vec<u8>,
    /// Where in the file it begins.
    pub(super) begins: u64,
    pub(super) crc: u32,
}

/// Reads the tail and checks it.
pub(super) fn read(path: &Path) -> Result<Tail> {
    let disk = |doing| move |cause| HistoryError::disk(doing, path, cause);
    let damaged = |why: &str| HistoryError::damaged(path, why);
    let file = File::open(path).map_err(disk("open"))?;
    let length = file.metadata().map_err(disk("look at"))?.len();
    let ending = |bytes: u64| {
        let mut ending = vec![0; bytes as usize];
        file.read_exact_at(&mut ending, length - bytes).map_err(disk("read"))?;
        Ok(ending)
    };
    let mut bytes: Vec<u8> = ending(length.min(GUESS))?;
    let Some((_, [a, b, c, d, magic @ ..])) = bytes.split_last_chunk::<8>().filter(|_| length >= 12) else {
        return Err(damaged("it is too short for a Parquet file"));
    };
    if magic != MAGIC {
        return Err(damaged("it does not end as a Parquet file does"));
    }
    let footer = u64::from(u32::from_le_bytes([*a, *b, *c, *d])) + 8;
    if footer > length.min(LENGTH_MAX) {
        return Err(damaged("its footer is said to be longer than can be"));
    }
    if footer > bytes.len() as u64 {
        bytes = ending(footer)?;
    }
    let told = told_in(&bytes[bytes.len() - footer as usize..]);
    let (begins, crc) =
        told.ok_or_else(|| damaged("its footer is not one of ours, or not as it was written"))?;
    if begins > length - footer || length - begins > LENGTH_MAX {
        return Err(damaged("its footer is not as it was written"));
    }
    let tail = length - begins;
    if tail > bytes.len() as u64 {
        bytes = ending(tail)?;
    }
    bytes.drain(..bytes.len() - tail as usize);
    let place = place_in(&bytes).ok_or_else(|| damaged("its footer is not as it was written"))? + END_DIGITS;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bytes[..place]);
    hasher.update(NO_CRC);
    hasher.update(&bytes[place + CRC_DIGITS..]);
    if hasher.finalize() != crc {
        return Err(damaged("its footer is not as it was written"));
    }
    Ok(Tail { bytes, begins, crc })
}

/// Where the tail begins, and its CRC.
fn told_in(footer: &[u8]) -> Option<(u64, u32)> {
    let text = &footer[place_in(footer)?..];
    let text = str::from_utf8(text.get(..END_DIGITS + CRC_DIGITS)?).ok()?;
    // Only what is written: no signs, no capitals.
    if !text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let (end, crc) = text.split_at(END_DIGITS);
    Some((u64::from_str_radix(end, 16).ok()?, u32::from_str_radix(crc, 16).ok()?))
}

/// Where the text under [`KEY_TAIL`] is: the key, a byte that says that a text follows, and its length.
fn place_in(footer: &[u8]) -> Option<usize> {
    let before = [KEY_TAIL.as_bytes(), &[0x18, (END_DIGITS + CRC_DIGITS) as u8]].concat();
    let place = footer.windows(before.len()).rposition(|window| window == before)? + before.len();
    (place + END_DIGITS + CRC_DIGITS <= footer.len()).then_some(place)
}
