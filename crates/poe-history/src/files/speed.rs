//! How small and how fast the files are. Not run with the other tests: it wants the readings of a day, as records of 13 bytes
//! (sensor, milliseconds and value, the lowest byte first), 21 sensors to a node, in the file that `READINGS` names.
//!
//! What it writes stays, if `FILES` names a folder for it.
//!
//! `READINGS=readings.bin cargo test --release -p poe-history files_speed -- --ignored --nocapture`

use super::*;
use crate::reading::Reading;
use poe_building::{Profile, SensorKey};
use poe_wire::SensorKind;
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// A sensor with its readings.
type Sensor = (SensorKey, Vec<Reading>);

#[test]
#[ignore = "measures, and wants a file with readings"]
fn files_speed() {
    let source = std::env::var("READINGS").expect("READINGS names a file with readings");
    let sensors = read_reference(Path::new(&source));
    let readings: usize = sensors.iter().map(|(_, readings)| readings.len()).sum();
    let folder = tempfile::tempdir().expect("a folder");
    let kept = std::env::var_os("FILES").map(PathBuf::from);
    let path = |name: &str| kept.as_deref().unwrap_or(folder.path()).join(name);

    let quick = write_raw(&path("quick.parquet"), &sensors, Effort::Quick);
    println!(
        "quick: {:.3} bytes per reading, {:.2} M rows/s",
        quick.0 / readings as f64,
        readings as f64 / quick.1 / 1e6
    );
    let daily = write_raw(&path("daily.parquet"), &sensors, Effort::Daily);
    println!(
        "daily: {:.3} bytes per reading, {:.2} M rows/s",
        daily.0 / readings as f64,
        readings as f64 / daily.1 / 1e6
    );
    let mut rollups = 0.0;
    for (step, name) in [(Step::Minute, "minutes.parquet"), (Step::Hour, "hours.parquet")] {
        let bytes = write_rollups(&path(name), &sensors, step, 1);
        println!("{name}: {:.4} bytes per reading", bytes / readings as f64);
        rollups += bytes;
    }
    println!("together: {:.4} bytes per reading", (daily.0 + rollups) / readings as f64);

    for name in ["quick.parquet", "daily.parquet"] {
        let file = RawFile::open(&path(name)).expect("a file");
        println!(
            "{name}: footer of {} KiB in memory, opened in {:?}",
            file.bytes() / 1024,
            median(9, || {
                RawFile::open(&path(name)).expect("a file");
            })
        );
        let began = Instant::now();
        let mut reader = file.reader().expect("a reader");
        let mut into = Vec::new();
        for (at, (key, rows)) in file.directory().iter().enumerate() {
            into.clear();
            reader.read(rows, &mut into).expect("rows");
            assert!(into == sensors[at].1 && key == sensors[at].0, "{key} is read as it was written");
        }
        println!(
            "{name}: scan of {:.1} M rows/s, compared",
            readings as f64 / began.elapsed().as_secs_f64() / 1e6
        );
        let began = Instant::now();
        let mut reader = file.reader().expect("a reader");
        for (_, rows) in file.directory().iter() {
            into.clear();
            reader.read(rows, &mut into).expect("rows");
        }
        println!("{name}: scan of {:.1} M rows/s", readings as f64 / began.elapsed().as_secs_f64() / 1e6);
        let mut times: Vec<Duration> = sensors
            .iter()
            .map(|(key, _)| {
                median(3, || {
                    let mut into = Vec::new();
                    file.reader()
                        .expect("a reader")
                        .read(file.directory().rows_of(*key), &mut into)
                        .expect("rows");
                })
            })
            .collect();
        times.sort_unstable();
        println!(
            "{name}: one sensor's day, median {:?}, worst {:?}",
            times[times.len() / 2],
            times[times.len() - 1]
        );
    }
    let file = RollupFile::open(&path("minutes.parquet")).expect("a file");
    println!(
        "minutes: footer of {} KiB in memory, opened in {:?}",
        file.bytes() / 1024,
        median(9, || {
            RollupFile::open(&path("minutes.parquet")).expect("a file");
        })
    );
    let mut times: Vec<Duration> = sensors
        .iter()
        .map(|(key, _)| {
            median(3, || {
                let mut into = Vec::new();
                file.reader()
                    .expect("a reader")
                    .read(file.directory().rows_of(*key), &mut into)
                    .expect("rows");
                assert_eq!(into.iter().map(|rollup| u64::from(rollup.count)).sum::<u64>(), 43_200);
            })
        })
        .collect();
    times.sort_unstable();
    println!(
        "minutes: one sensor's day, median {:?}, worst {:?}",
        times[times.len() / 2],
        times[times.len() - 1]
    );

    let months: Vec<PathBuf> = (0..12).map(|month| path(&format!("month-{month}.parquet"))).collect();
    for month in &months {
        write_rollups(month, &sensors, Step::Hour, 30);
    }
    let files: Vec<RollupFile> =
        months.iter().map(|month| RollupFile::open(month).expect("a file")).collect();
    let mut times: Vec<Duration> = sensors
        .iter()
        .map(|(key, _)| {
            median(3, || {
                let mut into = Vec::new();
                for file in &files {
                    file.reader()
                        .expect("a reader")
                        .read(file.directory().rows_of(*key), &mut into)
                        .expect("rows");
                }
                assert!(into.len() >= 360 * 24);
            })
        })
        .collect();
    times.sort_unstable();
    println!(
        "hours: one sensor's year, median {:?}, worst {:?}",
        times[times.len() / 2],
        times[times.len() - 1]
    );
}

fn read_reference(source: &Path) -> Vec<Sensor> {
    let bytes = std::fs::read(source).expect("readings");
    let kind = |id| match id {
        0..8 => SensorKind::Fire,
        8..16 => SensorKind::Smoke,
        16 => SensorKind::Motion,
        17 => SensorKind::Humidity,
        18 | 19 => SensorKind::Temperature,
        _ => SensorKind::Water,
    };
    let mut sensors: Vec<Sensor> = Vec::new();
    for record in bytes.chunks_exact(13) {
        let number = u32::from_le_bytes(record[..4].try_into().expect("four bytes")) as usize;
        let time_ms = i64::from_le_bytes(record[4..12].try_into().expect("eight bytes"));
        while sensors.len() <= number {
            let (node, id) = (sensors.len() / 21, (sensors.len() % 21) as u8);
            sensors.push((SensorKey { address: IpAddr::from([10, 89, 1, node as u8]), id }, Vec::new()));
        }
        let (kind, value) = (kind(sensors[number].0.id), record[12]);
        sensors[number].1.push(Reading {
            time_ms,
            value,
            kind,
            status: Profile::IIT_2022.status(kind, value),
        });
    }
    sensors
}

/// Bytes and seconds.
fn write_raw(path: &Path, sensors: &[Sensor], effort: Effort) -> (f64, f64) {
    let began = Instant::now();
    let mut writer = RawWriter::create(path, effort).expect("a file");
    for (sensor, readings) in sensors {
        for readings in readings.chunks(4_096) {
            writer.write(*sensor, readings).expect("rows");
        }
    }
    let written = writer.finish().expect("a file");
    (written.bytes as f64, began.elapsed().as_secs_f64())
}

fn write_rollups(path: &Path, sensors: &[Sensor], step: Step, days: i64) -> f64 {
    let mut writer = RollupWriter::create(path, step, Effort::Daily).expect("a file");
    for (sensor, readings) in sensors {
        for day in 0..days {
            let rollups: Vec<Rollup> = readings
                .chunk_by(|a, b| a.time_ms.div_euclid(step.millis()) == b.time_ms.div_euclid(step.millis()))
                .map(|readings| Rollup {
                    start_ms: readings[0].time_ms.div_euclid(step.millis()) * step.millis()
                        + day * 86_400_000,
                    kind: readings[0].kind,
                    count: readings.len() as u32,
                    min: readings.iter().map(|reading| reading.value).min().expect("a reading"),
                    max: readings.iter().map(|reading| reading.value).max().expect("a reading"),
                    sum: readings.iter().map(|reading| u64::from(reading.value)).sum(),
                    last: readings[readings.len() - 1].value,
                })
                .collect();
            writer.write(*sensor, &rollups).expect("rows");
        }
    }
    writer.finish().expect("a file").bytes as f64
}

fn median(times: usize, mut work: impl FnMut()) -> Duration {
    let mut all: Vec<Duration> = (0..times)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed()
        })
        .collect();
    all.sort_unstable();
    all[times / 2]
}
