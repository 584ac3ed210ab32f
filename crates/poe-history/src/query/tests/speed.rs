//! How long answers take, with files in the page cache. To be run in release, by name, with `--ignored --nocapture`.

use super::world::{SENSORS, rollups};
use crate::{
    ExportFormat, History, Options, Range,
    files::{Effort, RawWriter, RollupWriter, Step},
    keeper::{Catalogue, Entry, Level, Retention},
    log::Log,
    reading::Reading,
};
use poe_building::{NodeNo, Readings, Sample, SensorKey, Status, Time};
use poe_wire::SensorKind;
use std::{sync::Arc, time::Instant};

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;
/// The first day of 2026.
const BEGIN_MS: i64 = 1_767_225_600_000;

fn node(nth: u8) -> std::net::IpAddr {
    [10, 0, 0, nth].into()
}

/// What one sensor says every two seconds, with the times of its node.
fn said(id: u8, range: Range) -> Vec<Reading> {
    let mut value = 100u8.wrapping_add(id);
    let mut seed = u64::from(id) + range.from_ms as u64;
    (range.from_ms..range.to_ms)
        .step_by(2_000)
        .map(|time_ms| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if seed >> 60 == 0 {
                value = value.wrapping_add((seed >> 40) as u8 % 3).wrapping_sub(1);
            }
            let time_ms = time_ms + time_ms / 2_000 % 7;
            Reading { time_ms, value, kind: SensorKind::Temperature, status: Status::Normal }
        })
        .collect()
}

struct Filled {
    history: Arc<History>,
    log: Log,
    catalogue: Catalogue,
    _folder: tempfile::TempDir,
}

impl Filled {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { data_dir: folder.path().to_owned(), retention: Retention::default() };
        let (history, log, _, _) = History::open(&options).unwrap();
        Self { history, log, catalogue: Catalogue::default(), _folder: folder }
    }

    /// A file of so many nodes with 21 sensors.
    fn add(&mut self, level: Level, set: u64, nodes: u8, range: Range, effort: Effort) {
        let path = format!("{level:?}-{set}.parquet").replace(['(', ')'], "-");
        let full = self.history.folders.path(&path);
        let sensors = (1..=nodes).flat_map(|nth| (0..21).map(move |id| SensorKey { address: node(nth), id }));
        let written = match level {
            Level::Raw => {
                let mut writer = RawWriter::create(&full, effort).unwrap();
                sensors.for_each(|sensor| writer.write(sensor, &said(sensor.id, range)).unwrap());
                writer.finish().unwrap()
            }
            Level::Rollup(step) => {
                let mut writer = RollupWriter::create(&full, step, effort).unwrap();
                sensors.for_each(|sensor| {
                    writer.write(sensor, &rollups(&said(sensor.id, range), step)).unwrap();
                });
                writer.finish().unwrap()
            }
        };
        self.catalogue.entries.push(Arc::new(Entry {
            path,
            level,
            from_ms: range.from_ms,
            to_ms: range.to_ms - 1,
            rows: written.rows,
            bytes: written.bytes,
            footer_crc: written.footer_crc,
            set,
            first_set: set,
            daily: effort == Effort::Daily,
        }));
    }

    fn ready(&mut self) {
        self.history.catalogue.replace(self.catalogue.clone()).unwrap();
    }

    fn time(&self, what: &str, rounds: usize, range: Range, step_ms: i64) {
        let mut took: Vec<_> = (0..rounds)
            .map(|_| {
                let begun = Instant::now();
                let answer = self.history.buckets(SENSORS[0], range, step_ms, None).unwrap();
                assert!(!answer.buckets.is_empty());
                begun.elapsed()
            })
            .collect();
        took.sort();
        println!("{what}: median {:?}, p99 {:?}", took[rounds / 2], took[rounds * 99 / 100]);
    }
}

#[test]
#[ignore = "a measurement"]
fn a_day_from_one_file_of_minutes() {
    let mut filled = Filled::new();
    let day = Range { from_ms: BEGIN_MS, to_ms: BEGIN_MS + DAY_MS };
    filled.add(Level::Rollup(Step::Minute), 1, 10, day, Effort::Daily);
    filled.ready();
    filled.time("24 h in 288 buckets, one file of minutes", 500, day, 300_000);
}

#[test]
#[ignore = "a measurement"]
fn a_day_under_way_from_thirty_files_and_the_log() {
    let mut filled = Filled::new();
    let piece = 48 * 60_000;
    for set in 1..=30 {
        let begin = BEGIN_MS + (set as i64 - 1) * piece;
        let range = Range { from_ms: begin, to_ms: begin + piece };
        filled.add(Level::Raw, set, 10, range, Effort::Quick);
        filled.add(Level::Rollup(Step::Minute), set, 10, range, Effort::Quick);
    }
    filled.ready();
    // 4,762 nodes say 21 values a second, for a minute, in batches of 40 ms.
    for batch in 0..1_500i64 {
        let mut readings = Readings::default();
        let time = Time((BEGIN_MS + DAY_MS + batch * 40) * 1_000);
        for nth in 0..190u32 {
            let samples = (0..21).map(|id| Sample {
                id,
                kind: SensorKind::Smoke,
                value: nth as u8,
                status: Status::Normal,
            });
            readings.push(NodeNo(batch as u32 % 25 * 190 + nth), time, samples);
        }
        filled
            .log
            .append(&readings, |node| [10, 0, (node.0 / 250) as u8, (node.0 % 250) as u8].into())
            .unwrap();
    }
    let day = Range { from_ms: BEGIN_MS, to_ms: BEGIN_MS + DAY_MS + 60_000 };
    filled.time("24 h in 289 buckets, 30 files and 6 M readings in the log", 300, day, 300_000);
}

#[test]
#[ignore = "a measurement"]
fn a_year_from_files_of_hours() {
    let mut filled = Filled::new();
    for month in 0..12i64 {
        let begin = BEGIN_MS + month * 31 * DAY_MS;
        let range = Range { from_ms: begin, to_ms: begin + 31 * DAY_MS };
        filled.add(Level::Rollup(Step::Hour), month as u64 + 1, 1, range, Effort::Daily);
    }
    for day in 0..31i64 {
        let begin = BEGIN_MS + (372 + day) * DAY_MS;
        let range = Range { from_ms: begin, to_ms: begin + DAY_MS };
        filled.add(Level::Rollup(Step::Hour), day as u64 + 100, 1, range, Effort::Daily);
    }
    filled.ready();
    let year = Range { from_ms: BEGIN_MS + 38 * DAY_MS, to_ms: BEGIN_MS + 403 * DAY_MS };
    filled.time("a year in 9 h, 42 files of hours", 300, year, 9 * HOUR_MS);
    let year = Range { from_ms: BEGIN_MS, to_ms: BEGIN_MS + 365 * DAY_MS };
    filled.time("a year in 9 h, 12 files of hours", 300, year, 9 * HOUR_MS);
}

#[test]
#[ignore = "a measurement"]
fn a_year_by_pages_and_an_export() {
    let mut filled = Filled::new();
    for day in 0..365i64 {
        let begin = BEGIN_MS + day * DAY_MS;
        let range = Range { from_ms: begin, to_ms: begin + DAY_MS };
        // As large as daily files are, at less effort.
        filled.add(Level::Raw, day as u64 + 1, 1, range, Effort::Quick);
    }
    filled.ready();
    let year = Range { from_ms: BEGIN_MS, to_ms: BEGIN_MS + 365 * DAY_MS };
    filled.time("a year in 9 h by pages, 365 files", 3, year, 9 * HOUR_MS);
    for format in [ExportFormat::Csv, ExportFormat::Parquet] {
        let month = Range { to_ms: BEGIN_MS + 20 * DAY_MS, ..year };
        let begun = Instant::now();
        let mut export = filled.history.export(month, None, format).unwrap();
        let mut bytes = 0;
        while let Some(piece) = export.next_piece().unwrap() {
            bytes += piece.len();
        }
        let rows = 20.0 * 21.0 * 43_200.0;
        println!("{format:?}: {:.1} M rows/s, {bytes} bytes", rows / begun.elapsed().as_secs_f64() / 1e6);
    }
}
