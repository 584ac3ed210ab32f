//! One batch as bytes: a header, a directory of its nodes by address, and of each node its bursts in order of arrival.
//!
//! ```text
//! header     magic, CRC of the header, CRC of the rest, length, base, from, to (ms), sequence, readings, v4, v6
//! directory  v4 times (address 4, offset 4, readings 4), then v6 times (address 16, offset 4, readings 4); ascending
//! bursts     varint of the zigzag offset to base in ms, varint of the count, then for each reading: id, kind|status, value
//! ```
//! Numbers are little-endian, addresses as on the network. Offsets count from the end of the directory.

use crate::reading::Reading;
use poe_building::Status;
use poe_wire::SensorKind;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::Range,
};

/// What a record begins with; the last byte is the version. Among readings every third byte is below 32, so that no three of
/// these bytes can be met there.
pub(super) const MAGIC: [u8; 4] = *b"poe1";

pub(super) const HEADER_BYTES: usize = 64;
pub(super) const V4_BYTES: usize = 12;
pub(super) const V6_BYTES: usize = 24;
pub(super) const READING_BYTES: usize = 3;

/// More than the readings that may ever wait for the recorder; a length beyond it was never written.
pub(super) const RECORD_BYTES_MAX: usize = 1 << 30;

/// What a record says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Header {
    /// The whole record.
    pub(super) length: u32,
    /// CRC-32 of directory and bursts.
    pub(super) crc: u32,
    /// The time that all others are told from.
    pub(super) base_ms: i64,
    /// The earliest time.
    pub(super) from_ms: i64,
    /// The latest time.
    pub(super) to_ms: i64,
    /// Ascends from batch to batch. A batch that is given once more after a failure keeps its own.
    pub(super) sequence: u64,
    pub(super) readings: u32,
    /// Entries of the directory, those with short addresses first.
    pub(super) v4: u32,
    pub(super) v6: u32,
}

impl Header {
    pub(super) fn write(&self, bytes: &mut [u8; HEADER_BYTES]) {
        bytes[0..4].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&self.crc.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.length.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.base_ms.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.from_ms.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.to_ms.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[48..52].copy_from_slice(&self.readings.to_le_bytes());
        bytes[52..56].copy_from_slice(&self.v4.to_le_bytes());
        bytes[56..60].copy_from_slice(&self.v6.to_le_bytes());
        bytes[60..64].fill(0);
        let crc = crc32fast::hash(&bytes[8..]);
        bytes[4..8].copy_from_slice(&crc.to_le_bytes());
    }

    /// The header that `bytes` begin with, if it is one.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..HEADER_BYTES)?;
        if bytes[..4] != MAGIC || u32_at(bytes, 4)? != crc32fast::hash(&bytes[8..]) {
            return None;
        }
        let header = Self {
            crc: u32_at(bytes, 8)?,
            length: u32_at(bytes, 12)?,
            base_ms: u64_at(bytes, 16)? as i64,
            from_ms: u64_at(bytes, 24)? as i64,
            to_ms: u64_at(bytes, 32)? as i64,
            sequence: u64_at(bytes, 40)?,
            readings: u32_at(bytes, 48)?,
            v4: u32_at(bytes, 52)?,
            v6: u32_at(bytes, 56)?,
        };
        let least = HEADER_BYTES as u64
            + u64::from(header.v4) * V4_BYTES as u64
            + u64::from(header.v6) * V6_BYTES as u64;
        let length = u64::from(header.length);
        (least <= length && length <= RECORD_BYTES_MAX as u64).then_some(header)
    }

    pub(super) fn directory_bytes(&self) -> usize {
        self.v4 as usize * V4_BYTES + self.v6 as usize * V6_BYTES
    }

    /// How many bytes the bursts fill.
    pub(super) fn bursts_bytes(&self) -> usize {
        self.length as usize - HEADER_BYTES - self.directory_bytes()
    }

    /// Whether `record` is what was written under this header.
    pub(super) fn fits(&self, record: &[u8]) -> bool {
        record.len() == self.length as usize && crc32fast::hash(&record[HEADER_BYTES..]) == self.crc
    }
}

/// The nodes of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Directory<'a> {
    v4: &'a [u8],
    v6: &'a [u8],
    bursts_bytes: usize,
}

/// What a batch has of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) address: IpAddr,
    pub(super) offset: u32,
    pub(super) readings: u32,
}

impl<'a> Directory<'a> {
    /// The directory at the beginning of `bytes`, if there are enough of them.
    pub(super) fn new(header: &Header, bytes: &'a [u8]) -> Option<Self> {
        let (v4, rest) = bytes.split_at_checked(header.v4 as usize * V4_BYTES)?;
        let v6 = rest.get(..header.v6 as usize * V6_BYTES)?;
        Some(Self { v4, v6, bursts_bytes: header.bursts_bytes() })
    }

    pub(super) fn len(&self) -> usize {
        self.v4.len() / V4_BYTES + self.v6.len() / V6_BYTES
    }

    pub(super) fn entry(&self, index: usize) -> Option<Entry> {
        let v4 = self.v4.len() / V4_BYTES;
        let (address, numbers) = if index < v4 {
            let entry = &self.v4[index * V4_BYTES..][..V4_BYTES];
            (IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(&entry[..4]).ok()?)), &entry[4..])
        } else {
            let entry = self.v6.get((index - v4) * V6_BYTES..)?.get(..V6_BYTES)?;
            (IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(&entry[..16]).ok()?)), &entry[16..])
        };
        Some(Entry { address, offset: u32_at(numbers, 0)?, readings: u32_at(numbers, 4)? })
    }

    /// The entries of the nodes from `first` to `last`, both included.
    pub(super) fn entries(&self, first: IpAddr, last: IpAddr) -> Range<usize> {
        let from = self.count(first, |entry, wanted| entry < wanted);
        let to = self.count(last, |entry, wanted| entry <= wanted);
        from..to.max(from)
    }

    /// How many entries stand before an address: those of whose bytes `before` says so.
    fn count(&self, wanted: IpAddr, before: impl Fn(&[u8], &[u8]) -> bool) -> usize {
        match wanted {
            IpAddr::V4(wanted) => {
                partition_point(self.v4, V4_BYTES, |entry| before(&entry[..4], &wanted.octets()))
            }
            IpAddr::V6(wanted) => {
                self.v4.len() / V4_BYTES
                    + partition_point(self.v6, V6_BYTES, |entry| before(&entry[..16], &wanted.octets()))
            }
        }
    }

    /// Where the bursts of some entries lie, if that is told sensibly.
    pub(super) fn span(&self, entries: &Range<usize>) -> Option<Range<usize>> {
        let offset = |index: usize| match index {
            end if end >= self.len() => Some(self.bursts_bytes),
            index => self.entry(index).map(|entry| entry.offset as usize),
        };
        let (from, to) = (offset(entries.start)?, offset(entries.end)?);
        (from <= to && to <= self.bursts_bytes).then_some(from..to)
    }
}

/// How many entries come before the first of which `before` is not true.
fn partition_point(entries: &[u8], size: usize, before: impl Fn(&[u8]) -> bool) -> usize {
    let (mut from, mut to) = (0, entries.len() / size);
    while from < to {
        let middle = from.midpoint(to);
        if before(&entries[middle * size..][..size]) { from = middle + 1 } else { to = middle }
    }
    from
}

/// The bursts of one node.
#[derive(Clone, Debug)]
pub(super) struct Bursts<'a> {
    pub(super) base_ms: i64,
    pub(super) bytes: &'a [u8],
}

impl<'a> Bursts<'a> {
    /// The next burst: its time, and three bytes for each reading. `Err` if the bytes mean nothing.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<(i64, &'a [u8])>, Nonsense> {
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let offset = unzigzag(self.varint()?);
        let bytes = usize::try_from(self.varint()?).ok().and_then(|count| count.checked_mul(READING_BYTES));
        let (own, rest) = bytes.and_then(|bytes| self.bytes.split_at_checked(bytes)).ok_or(Nonsense)?;
        self.bytes = rest;
        Ok(Some((self.base_ms.wrapping_add(offset), own)))
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Nonsense> {
        let mut value = 0;
        for (index, byte) in self.bytes.iter().take(VARINT_BYTES_MAX).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                self.bytes = &self.bytes[index + 1..];
                return Ok(value);
            }
        }
        Err(Nonsense)
    }
}

/// Bytes that no recorder wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Nonsense;

/// A reading of three bytes, at a time; its id is the first byte.
#[inline]
pub(super) fn reading(time_ms: i64, bytes: &[u8]) -> Result<Reading, Nonsense> {
    let &[_, meaning, value] = bytes else { return Err(Nonsense) };
    let kind = SensorKind::from_byte(meaning >> 2).ok_or(Nonsense)?;
    Ok(Reading { time_ms, value, kind, status: Status::ALL[usize::from(meaning & 3)] })
}

/// The second byte of a reading.
#[inline]
pub(super) fn meaning(kind: SensorKind, status: Status) -> u8 {
    kind.byte() << 2 | status as u8
}

/// A number of 64 bits, seven to a byte.
const VARINT_BYTES_MAX: usize = 10;

#[inline]
pub(super) fn varint_bytes(value: u64) -> usize {
    (70 - (value | 1).leading_zeros() as usize) / 7
}

/// Writes a number at the beginning of `out`, and tells how many bytes it took.
#[inline]
pub(super) fn put_varint(out: &mut [u8], mut value: u64) -> usize {
    let mut at = 0;
    while value >= 0x80 {
        out[at] = value as u8 | 0x80;
        value >>= 7;
        at += 1;
    }
    out[at] = value as u8;
    at + 1
}

/// Small numbers of either sign as small numbers.
#[inline]
pub(super) fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
