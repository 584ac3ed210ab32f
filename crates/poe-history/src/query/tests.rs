//! Answers against a naive model: random sets, compacted at each level in its own way, late imports, and a log.

mod exports;
mod speed;
mod world;

use super::{
    Bucket, ExportFormat,
    merge::Source,
    slices::{SLICE_MAX, Slices},
};
use crate::{Range, files::Step, keeper::Level, log::Log, reading::Reading};
use proptest::{prelude::*, sample::Index};
use std::fs;
use std::time::Instant;
use world::{BEGIN_MS, SENSORS, Said, World, append};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 3_600_000;

/// Readings of one set: most are said in its own time, some long before or after.
fn set(nth: i64) -> impl Strategy<Value = Vec<Said>> {
    let own = (nth * 4 * HOUR..nth * 4 * HOUR + 5 * HOUR).boxed();
    let late = (0..40 * HOUR).boxed();
    // Few moments, so that some are the same.
    let time = prop_oneof![6 => own, 1 => late].prop_map(|time| BEGIN_MS + time - time % 7_919);
    let said = (time, 0..SENSORS.len(), any::<u8>());
    prop::collection::vec(said.prop_map(|(time_ms, sensor, value)| Said { time_ms, sensor, value }), 0..60)
}

fn world() -> impl Strategy<Value = World> {
    let sets = (0..8i64).map(set).collect::<Vec<_>>();
    let log = prop::collection::vec(set(6), 0..3);
    (sets, log, any::<[u64; 3]>(), any::<u64>())
        .prop_map(|(sets, log, cuts, lost)| World::new(sets, log, cuts, lost))
}

#[derive(Clone, Debug)]
struct Asked {
    sensor: usize,
    range: Range,
    step_ms: i64,
}

/// Ranges and steps of which some are whole hours, some whole minutes, and some neither.
fn asked() -> impl Strategy<Value = Asked> {
    let unit = prop_oneof![Just(HOUR), Just(MINUTE), Just(1)];
    let step = prop_oneof![1..9i64, 1..500i64];
    (0..SENSORS.len(), -HOUR..44 * HOUR, 0..40 * HOUR, unit, step).prop_map(
        |(sensor, from, length, unit, step)| {
            let from_ms = BEGIN_MS + from;
            let from_ms = from_ms - from_ms.rem_euclid(unit);
            let step_ms = if unit == 1 { step * 10_007 } else { step * unit };
            Asked { sensor, range: Range { from_ms, to_ms: from_ms + length }, step_ms }
        },
    )
}

/// What the sensor said in the range, put together in the simplest way.
fn naive_buckets(readings: &[Reading], asked: &Asked) -> Vec<Bucket> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for reading in readings.iter().filter(|reading| asked.range.holds(reading.time_ms)) {
        let time_ms = reading.time_ms - (reading.time_ms - asked.range.from_ms) % asked.step_ms;
        if buckets.last().is_none_or(|bucket| bucket.time_ms != time_ms) {
            buckets.push(Bucket { time_ms, count: 0, min: u8::MAX, max: 0, sum: 0, last: 0 });
        }
        let bucket = buckets.last_mut().unwrap();
        bucket.count += 1;
        bucket.min = bucket.min.min(reading.value);
        bucket.max = bucket.max.max(reading.value);
        bucket.sum += u64::from(reading.value);
        bucket.last = reading.value;
    }
    buckets
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn buckets_are_the_same_whichever_way_they_come(world in world(), questions in prop::collection::vec(asked(), 12)) {
        let history = world.history();
        for asked in &questions {
            let answer = history.buckets(SENSORS[asked.sensor], asked.range, asked.step_ms, None).unwrap();
            prop_assert_eq!(answer.next_ms, None);
            prop_assert_eq!(answer.buckets, naive_buckets(&world.of(asked.sensor), asked), "{:?}", asked);
        }
    }

    #[test]
    fn readings_come_by_time_and_page_by_page(world in world(), questions in prop::collection::vec((asked(), 3..50usize), 6)) {
        let history = world.history();
        for (asked, limit) in questions {
            let expected: Vec<_> =
                world.of(asked.sensor).into_iter().filter(|reading| asked.range.holds(reading.time_ms)).collect();
            let mut told = Vec::new();
            let mut from = Some((asked.range.from_ms, 0));
            while let Some((from_ms, skip)) = from {
                let range = Range { from_ms, ..asked.range };
                let page = history.readings(SENSORS[asked.sensor], range, skip, limit, None).unwrap();
                prop_assert!(page.readings.len() == limit || page.next.is_none());
                told.extend(page.readings);
                from = page.next;
            }
            prop_assert_eq!(told, expected);
        }
    }

    #[test]
    fn an_export_has_each_reading_once_by_day_sensor_and_time(world in world(), asked in asked(), sensors: Option<[Index; 2]>) {
        let history = world.history();
        let wanted = sensors.map(|sensors| sensors.map(|index| SENSORS[index.index(SENSORS.len())]).to_vec());
        let expected = world.lines(asked.range, wanted.as_deref());
        let mut export = history.export(asked.range, wanted, ExportFormat::Csv).unwrap();
        let mut text = Vec::new();
        while let Some(piece) = export.next_piece().unwrap() {
            text.extend_from_slice(&piece);
        }
        prop_assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn a_log_is_read_in_slices_whatever_the_order_of_its_times(
        batches in prop::collection::vec(prop::collection::vec((0..9i64, any::<u8>()), 1..40), 1..6),
        wanted in 1..9usize,
        (from, length) in (0..4i64, 0..9i64),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (mut log, waiting) = Log::open(folder.path()).unwrap();
        let mut all = Vec::new();
        for batch in batches {
            let said = |(time, value)| Said { time_ms: BEGIN_MS + time, sensor: 0, value };
            let batch: Vec<_> = batch.into_iter().map(said).collect();
            append(&mut log, &batch);
            all.extend(batch.iter().map(Said::reading));
        }
        let range = Range { from_ms: BEGIN_MS + from, to_ms: BEGIN_MS + from + length };
        all.retain(|reading| range.holds(reading.time_ms));
        all.sort_by_key(|reading| reading.time_ms);
        let segments = waiting.segments();
        prop_assert_eq!(segments.len(), 1);
        let mut slices = Slices::new(&segments[0], SENSORS[0], range, wanted);
        let mut told = Vec::new();
        loop {
            let before = told.len();
            slices.read(&mut told).unwrap();
            prop_assert!(told.len() - before <= wanted.max(2), "more than a slice is in memory");
            if told.len() == before {
                break;
            }
        }
        prop_assert_eq!(told, all);
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_the_rest_is_told(world in world(), victim: Index, flip: Index) {
        let history = world.history();
        let entries = history.now().catalogue.entries.clone();
        if entries.is_empty() {
            return Ok(());
        }
        let entry = victim.get(&entries);
        let path = history.folders.path(&entry.path);
        let mut bytes = fs::read(&path).unwrap();
        *flip.get_mut(&mut bytes) ^= 1;
        fs::write(&path, bytes).unwrap();
        let whole = Range { from_ms: BEGIN_MS - 90 * HOUR, to_ms: BEGIN_MS + 180 * HOUR };
        for (nth, sensor) in SENSORS.into_iter().enumerate() {
            let readings = history.readings(sensor, whole, 0, 100_000, None).unwrap().readings;
            let buckets = history.buckets(sensor, whole, HOUR, None).unwrap().buckets;
            let all = world.of(nth);
            if entry.level == Level::Raw {
                prop_assert!(readings.len() <= all.len());
            } else {
                prop_assert_eq!(&readings, &all);
                prop_assert_eq!(buckets, naive_buckets(&all, &Asked { sensor: nth, range: whole, step_ms: HOUR }));
            }
        }
        prop_assert!(entry.level != Level::Rollup(Step::Minute) || history.now().catalogue.entries.len() <= entries.len());
    }
}

#[test]
fn a_question_for_little_reads_little_of_a_large_log() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, waiting) = Log::open(folder.path()).unwrap();
    for batch in 0..20_i64 {
        let said =
            |nth: i64| Said { time_ms: BEGIN_MS + batch * 1_000 + nth / 2, sensor: 0, value: nth as u8 };
        append(&mut log, &(0..2_000).map(said).collect::<Vec<_>>());
    }
    let range = Range { from_ms: BEGIN_MS, to_ms: BEGIN_MS + HOUR };
    let mut slices = Slices::new(&waiting.segments()[0], SENSORS[0], range, usize::MAX);
    let mut first = Vec::new();
    slices.read(&mut first).unwrap();
    assert_eq!(first.len(), SLICE_MAX, "of 40,000");
    assert!(first.capacity() <= 2 * SLICE_MAX + SLICE_MAX / 2, "{}", first.capacity());
}

#[test]
fn of_one_moment_in_the_log_the_later_is_the_last() {
    let said = |time_ms, value| Said { time_ms: BEGIN_MS + time_ms, sensor: 0, value };
    let world = World::new(vec![], vec![vec![said(9, 1), said(9, 2), said(3, 4)]], [0; 3], 0);
    let range = Range { from_ms: BEGIN_MS, to_ms: BEGIN_MS + HOUR };
    let buckets = world.history().buckets(SENSORS[0], range, HOUR, None).unwrap().buckets;
    assert_eq!(buckets, [Bucket { time_ms: BEGIN_MS, count: 3, min: 1, max: 4, sum: 7, last: 2 }]);
}

#[test]
fn where_time_is_up_an_answer_says_from_where_to_go_on() {
    let said = |time_ms| Said { time_ms: BEGIN_MS + time_ms, sensor: 0, value: 1 };
    let world = World::new(vec![vec![said(5)]], vec![(0..100).map(said).collect()], [0; 3], 0);
    let history = world.history();
    let range = Range { from_ms: BEGIN_MS, to_ms: BEGIN_MS + HOUR };
    let over = Some(Instant::now());
    let buckets = history.buckets(SENSORS[0], range, 7, over).unwrap();
    assert_eq!((buckets.buckets.len(), buckets.next_ms), (0, Some(BEGIN_MS)));
    let readings = history.readings(SENSORS[0], range, 0, 10, over).unwrap();
    assert_eq!((readings.readings.len(), readings.next), (0, Some((BEGIN_MS, 0))));
}

#[test]
fn a_file_that_is_gone_is_no_reason_to_tell_nothing() {
    let said = |time_ms, value| Said { time_ms: BEGIN_MS + time_ms, sensor: 0, value };
    let world = World::new(
        vec![vec![said(5, 1)], vec![said(70_000, 2)]],
        vec![vec![said(90_000, 3)]],
        [u64::MAX; 3],
        0,
    );
    let history = world.history();
    let gone =
        history.now().catalogue.entries.iter().find(|entry| entry.level == Level::Raw).unwrap().path.clone();
    fs::remove_file(history.folders.path(&gone)).unwrap();
    let range = Range { from_ms: BEGIN_MS, to_ms: BEGIN_MS + HOUR };
    let values = |readings: &[Reading]| readings.iter().map(|reading| reading.value).collect::<Vec<_>>();
    let answer = history.readings(SENSORS[0], range, 0, 10, None).unwrap();
    assert_eq!(values(&answer.readings), [2, 3]);
    // The roll-ups know of it all the same.
    let buckets = history.buckets(SENSORS[0], range, HOUR, None).unwrap().buckets;
    assert_eq!(buckets, [Bucket { time_ms: BEGIN_MS, count: 3, min: 1, max: 3, sum: 6, last: 3 }]);
}

#[test]
fn an_export_as_parquet_is_one_file_with_the_columns_of_the_others() {
    use parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::RowAccessor,
    };
    let said = |time_ms, value| Said { time_ms: BEGIN_MS + time_ms, sensor: 0, value };
    let world =
        World::new(vec![vec![said(5, 1), said(30 * HOUR, 2)]], vec![vec![said(90_000, 3)]], [0; 3], 0);
    let history = world.history();
    let whole = Range { from_ms: i64::MIN, to_ms: i64::MAX };
    let mut export = history.export(whole, None, ExportFormat::Parquet).unwrap();
    let mut file = Vec::new();
    while let Some(piece) = export.next_piece().unwrap() {
        file.extend_from_slice(&piece);
    }
    let reader = SerializedFileReader::new(bytes::Bytes::from(file)).unwrap();
    let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    let told: Vec<_> =
        rows.iter().map(|row| (row.get_timestamp_millis(0).unwrap(), row.get_ubyte(4).unwrap())).collect();
    assert_eq!(told, [(BEGIN_MS + 5, 1), (BEGIN_MS + 90_000, 3), (BEGIN_MS + 30 * HOUR, 2)]);
    assert_eq!(
        (rows[0].get_string(1).unwrap().as_str(), rows[0].get_string(3).unwrap().as_str()),
        ("10.0.0.1", "FIRE")
    );
}
