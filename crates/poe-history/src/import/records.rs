//! Packed records of 13 bytes: a sensor's number, a time and a value, as measuring tools write them.

use super::{AHEAD_MAX_MS, EARLIEST_MS, Intake};
use crate::{
    error::{HistoryError, Result},
    reading::Reading,
};
use poe_building::SensorKey;
use poe_wire::SensorKind;
use std::{
    io::{BufRead, BufReader, Read},
    net::IpAddr,
};

/// `u32` sensor, `i64` milliseconds since 1970 UTC, `u8` value, all of them little-endian.
const RECORD_BYTES: usize = 13;
/// What is read at a time.
const BUFFER_BYTES: usize = RECORD_BYTES * 8_192;
/// Records that are looked at to tell what a file is: by chance not even three look like some.
const LOOKED_AT: usize = 256;
/// A building has fewer sensors; a number above is part of something else.
const SENSORS_MAX: u32 = 1 << 24;

/// Whether a file of this many bytes is made of packed records, as far as its beginning tells.
pub fn are_records(begin: &[u8], bytes: u64, now_ms: i64) -> bool {
    let times_ms = EARLIEST_MS..=now_ms.saturating_add(AHEAD_MAX_MS);
    let is_one = |record: &[u8; RECORD_BYTES]| {
        let (sensor, time_ms, _) = fields(*record);
        sensor < SENSORS_MAX && times_ms.contains(&time_ms)
    };
    let (records, _) = begin.as_chunks::<RECORD_BYTES>();
    bytes > 0 && bytes.is_multiple_of(RECORD_BYTES as u64) && records.iter().take(LOOKED_AT).all(is_one)
}

/// Sensor, time and value.
fn fields(record: [u8; RECORD_BYTES]) -> (u32, i64, u8) {
    let [s0, s1, s2, s3, times @ .., value] = record;
    (u32::from_le_bytes([s0, s1, s2, s3]), i64::from_le_bytes(times), value)
}

/// Reads records, where sensor `n` is sensor `n % kinds.len()` of node `n / kinds.len()`, and the nodes' addresses follow each
/// other.
pub(super) fn read(
    from: &mut dyn Read,
    first_node: IpAddr,
    kinds: &[SensorKind],
    intake: &mut Intake<'_>,
) -> Result<()> {
    let mut from = BufReader::with_capacity(BUFFER_BYTES, from);
    let mut record = [0; RECORD_BYTES];
    for number in 1.. {
        let unread = |why: String| HistoryError::Import { place: format!("record {number}"), why };
        if from.fill_buf().map_err(|cause| unread(cause.to_string()))?.is_empty() {
            break;
        }
        from.read_exact(&mut record).map_err(|_| {
            unread(format!("it is cut off: a record has {RECORD_BYTES} bytes, and there are fewer left"))
        })?;
        intake.take(number, reading(record, first_node, kinds, intake.profile))?;
    }
    Ok(())
}

fn reading(
    record: [u8; RECORD_BYTES],
    first_node: IpAddr,
    kinds: &[SensorKind],
    profile: &poe_building::Profile,
) -> Result<(SensorKey, Reading), String> {
    let (sensor, time_ms, value) = fields(record);
    let (node, id) = (sensor as usize / kinds.len().max(1), sensor as usize % kinds.len().max(1));
    let (kind, id) = match (kinds.get(id), u8::try_from(id)) {
        (Some(kind), Ok(id)) => (*kind, id),
        _ => return Err("a node has to have 1 to 256 sensors".to_owned()),
    };
    let address = address(first_node, node as u32)
        .ok_or_else(|| format!("sensor {sensor}: there is no address {node} after {first_node}"))?;
    let status = profile.status(kind, value);
    Ok((SensorKey { address, id }, Reading { time_ms, value, kind, status }))
}

fn address(first: IpAddr, node: u32) -> Option<IpAddr> {
    match first {
        IpAddr::V4(first) => first.to_bits().checked_add(node).map(|bits| IpAddr::V4(bits.into())),
        IpAddr::V6(first) => first.to_bits().checked_add(node.into()).map(|bits| IpAddr::V6(bits.into())),
    }
}
