//! What was, as the history tells it.

use poe_building::{Status, Time};
use poe_history::{Bucket, Figures, Reading};
use serde::Serialize;
use utoipa::ToSchema;

use crate::views::Stamp;
use crate::words::{SensorKindWord, StatusWord};

/// What a sensor said in a range of time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SensorHistory)]
pub(crate) struct SensorHistoryView {
    /// The node's address and the sensor's number.
    ip_id: String,
    /// The first moment of the range,
    from: Stamp,
    /// and the first after it.
    to: Stamp,
    /// How long each step is; null: the items are single readings.
    step_s: Option<f64>,
    items: Vec<HistoryItemView>,
    /// Given as `after`, with the same range and step, the answer goes on from here; null: it is complete.
    next: Option<String>,
}

/// What several sensors said in a range of time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SensorHistories)]
pub(crate) struct SensorHistoriesView {
    from: Stamp,
    to: Stamp,
    step_s: f64,
    /// The sensors in the order in which they were asked for.
    items: Vec<OneOfSeveralView>,
    /// Given as `after`, with the same sensors, range and step, the answer goes on from here; null: it is complete.
    next: Option<String>,
}

/// One of several sensors.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SensorBuckets)]
pub(crate) struct OneOfSeveralView {
    ip_id: String,
    items: Vec<BucketView>,
}

/// A reading, or what was said in one step.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = HistoryItem)]
#[expect(dead_code, reason = "it stands for the items in the contract, and each kind is written by itself")]
pub(crate) enum HistoryItemView {
    Reading(PastReadingView),
    Bucket(BucketView),
}

/// A reading as it was.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryReading)]
pub(crate) struct PastReadingView {
    time: Stamp,
    /// The raw byte.
    value: u8,
    /// What the sensor measured then.
    #[schema(value_type = SensorKindWord)]
    kind: &'static str,
    /// What the value meant by the rules that were in force then.
    #[schema(value_type = StatusWord)]
    status: &'static str,
}

/// What a sensor said in one step. Steps in which it said nothing are left out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryBucket)]
pub(crate) struct BucketView {
    /// When the step begins.
    time: Stamp,
    /// How many readings there are.
    count: u64,
    min: u8,
    max: u8,
    mean: f64,
    /// The latest value.
    last: u8,
}

/// How the history stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryFigures)]
pub(crate) struct HistoryFiguresView {
    /// The time of the oldest reading.
    oldest: Option<Stamp>,
    /// Readings in files.
    readings_sealed: u64,
    /// Readings in the log, which are not in files yet.
    readings_waiting: u64,
    batches_waiting: u64,
    bytes_waiting: u64,
    /// How long the oldest of them has waited.
    sealing_lag_s: f64,
    files: u64,
    /// Bytes of files with readings.
    raw_bytes: u64,
    /// Bytes of files with roll-ups.
    rollup_bytes: u64,
    /// Bytes of files by readings in them.
    bytes_per_reading: Option<f64>,
    /// Files that were set aside since they are damaged.
    damaged_files: u64,
}

impl From<&Reading> for PastReadingView {
    fn from(reading: &Reading) -> Self {
        PastReadingView {
            time: stamp(reading.time_ms),
            value: reading.value,
            kind: reading.kind.name(),
            status: Status::name(reading.status),
        }
    }
}

impl From<&Bucket> for BucketView {
    fn from(bucket: &Bucket) -> Self {
        let Bucket { time_ms, count, min, max, sum, last } = *bucket;
        BucketView { time: stamp(time_ms), count, min, max, mean: sum as f64 / count as f64, last }
    }
}

impl From<&Figures> for HistoryFiguresView {
    fn from(figures: &Figures) -> Self {
        HistoryFiguresView {
            oldest: figures.oldest_ms.map(stamp),
            readings_sealed: figures.readings_sealed,
            readings_waiting: figures.readings_waiting,
            batches_waiting: figures.batches_waiting,
            bytes_waiting: figures.bytes_waiting,
            sealing_lag_s: figures.sealing_lag_s,
            files: figures.files,
            raw_bytes: figures.raw_bytes,
            rollup_bytes: figures.rollup_bytes,
            bytes_per_reading: figures.bytes_per_reading(),
            damaged_files: figures.damaged_files,
        }
    }
}

/// A moment of the history as it is written.
pub(crate) fn stamp(time_ms: i64) -> Stamp {
    Stamp(Time(time_ms.saturating_mul(1_000)))
}
