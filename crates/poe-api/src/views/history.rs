//! What was, as the history tells it.

use std::time::Duration;

use poe_building::{Status, Time};
use poe_history::{Bucket, Figures, History, Reading, Retention, Room};
use poe_wire::SensorKind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::views::Stamp;
use crate::words::{SensorKindWord, StatusWord};

const DAY_S: f64 = 86_400.0;
const GIB: f64 = (1_u64 << 30) as f64;

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
    retention: RetentionView,
    /// Null where the system does not tell.
    disk: Option<DiskView>,
}

/// How long what is kept, by the names of the settings. Null: for ever, or however large.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryRetention)]
struct RetentionView {
    /// Readings of older days are removed.
    history_keep_days: Option<f64>,
    /// The same for single kinds, where that is earlier.
    history_keep_days_of: Vec<KindDaysView>,
    /// The oldest days are removed while the readings fill more.
    history_max_gib: Option<f64>,
    /// Minutes and hours of older days are removed.
    rollup_keep_days: Option<f64>,
}

/// How long readings of one kind are kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KindDays)]
struct KindDaysView {
    #[schema(value_type = SensorKindWord)]
    kind: &'static str,
    days: f64,
}

/// The disk that the history is on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryDisk)]
struct DiskView {
    total_bytes: u64,
    free_bytes: u64,
    /// What is left free for alarms, the journal and the table.
    kept_free_bytes: u64,
    /// Whether there was too little room when it was looked at last, every ten seconds or so: the oldest days go then, whatever
    /// the retention, as far as that helps.
    nearly_full: bool,
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

impl HistoryFiguresView {
    /// As of now, which may wait for the disk.
    pub(crate) fn of(history: &History) -> Self {
        let figures: Figures = history.figures_now();
        let room = history.room_now().inspect_err(|error| {
            tracing::warn!(error = error as &dyn std::error::Error, "could not tell what room the disk has");
        });
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
            retention: history.retention().into(),
            disk: room.ok().map(DiskView::from),
        }
    }
}

impl From<&Retention> for RetentionView {
    fn from(Retention { age, age_of_kind, bytes, rollup_age }: &Retention) -> Self {
        let days = |age: Duration| age.as_secs_f64() / DAY_S;
        let of_kind =
            |(kind, age): &(SensorKind, Duration)| KindDaysView { kind: kind.name(), days: days(*age) };
        RetentionView {
            history_keep_days: age.map(days),
            history_keep_days_of: age_of_kind.iter().map(of_kind).collect(),
            history_max_gib: bytes.map(|bytes| bytes as f64 / GIB),
            rollup_keep_days: rollup_age.map(days),
        }
    }
}

impl From<Room> for DiskView {
    fn from(Room { total, free, kept_free, is_short }: Room) -> Self {
        DiskView { total_bytes: total, free_bytes: free, kept_free_bytes: kept_free, nearly_full: is_short }
    }
}

/// A moment of the history as it is written.
pub(crate) fn stamp(time_ms: i64) -> Stamp {
    Stamp(Time(time_ms.saturating_mul(1_000)))
}
