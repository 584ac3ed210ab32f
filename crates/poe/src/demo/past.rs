//! The days before a demonstration, so that its charts are not empty.

use super::{FIRST_NODE, kind, office};
use poe_history::{History, HistoryError, ImportOptions, Imported, Source};
use poe_sim::{COMMON_NODE, office::Office};
use poe_wire::SensorKind;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// So far back there is something.
const PAST_MS: i64 = 7 * DAY_MS;
/// The last of it has a reading each minute, the rest every ten minutes: nobody looks closer, and it is there at once.
const FINE_MS: i64 = DAY_MS;
const COARSE_STEP_MS: i64 = 10 * MINUTE_MS;

/// Packed records of all sensors from `last` or a week ago until now. `offset_ms`: by so much the clock on the wall is
/// ahead of UTC.
pub(super) fn records(last: Option<i64>, now_ms: i64, offset_ms: i64) -> Vec<u8> {
    let office = office();
    let mut records = Vec::new();
    for at in times(last, now_ms) {
        for sensor in Office::sensors() {
            // A flame detector says the same all day long.
            if kind(sensor) == SensorKind::Fire && at % HOUR_MS != 0 {
                continue;
            }
            let value = office.in_peace(sensor, at + offset_ms);
            let number = (sensor.0 * COMMON_NODE.len()) as u32 + u32::from(sensor.1);
            records.extend_from_slice(&number.to_le_bytes());
            records.extend_from_slice(&at.to_le_bytes());
            records.push(value);
        }
    }
    records
}

/// The moments of the readings, whole minutes in milliseconds since 1970 UTC.
pub(super) fn times(last: Option<i64>, now_ms: i64) -> impl Iterator<Item = i64> {
    let whole = |ms: i64, step: i64| ms.div_euclid(step) * step + step;
    let begin = last.unwrap_or(i64::MIN).max(now_ms - PAST_MS);
    let fine_from = whole(begin.max(now_ms - FINE_MS), MINUTE_MS);
    let coarse = (whole(begin, COARSE_STEP_MS)..fine_from).step_by(COARSE_STEP_MS as usize);
    coarse.chain((fine_from..now_ms).step_by(MINUTE_MS as usize))
}

/// Makes them part of the history.
pub(super) fn import(
    history: &History,
    mut records: &[u8],
    options: &ImportOptions,
) -> Result<Imported, HistoryError> {
    let source = Source::Records { from: &mut records, first_node: FIRST_NODE.into(), kinds: &COMMON_NODE };
    poe_history::import(history, source, options)
}
