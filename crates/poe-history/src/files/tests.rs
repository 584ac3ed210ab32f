//! Files as others in this crate use them: what is written comes back, and what is damaged is said to be.

use super::*;
use crate::{error::HistoryError, reading::Reading};
use poe_building::{SensorKey, Status};
use poe_wire::SensorKind;
use proptest::prelude::*;
use std::{net::IpAddr, path::Path, sync::Arc};

fn key(node: u8, id: u8) -> SensorKey {
    SensorKey { address: IpAddr::from([10, 89, 0, node]), id }
}

fn readings() -> impl Strategy<Value = Vec<Reading>> {
    let reading =
        (0_i64..5_000, any::<u8>(), 0_usize..6, 0_usize..4, prop_oneof![4 => 1_usize..3, 1 => 1_usize..200]);
    (any::<u32>(), proptest::collection::vec(reading, 1..20)).prop_map(|(from, runs)| {
        let mut time_ms = i64::from(from) * 1_000;
        let mut readings = Vec::new();
        for (step, value, kind, status, times) in runs {
            for _ in 0..times {
                time_ms += step;
                readings.push(Reading {
                    time_ms,
                    value,
                    kind: SensorKind::ALL[kind],
                    status: Status::ALL[status],
                });
            }
        }
        readings
    })
}

fn sensors() -> impl Strategy<Value = Vec<(SensorKey, Vec<Reading>)>> {
    proptest::collection::btree_map((0_u8..4, any::<u8>()), readings(), 0..6).prop_map(|sensors| {
        sensors.into_iter().map(|((node, id), readings)| (key(node, id), readings)).collect()
    })
}

fn write(path: &Path, sensors: &[(SensorKey, Vec<Reading>)], effort: Effort) -> Written {
    let mut writer = RawWriter::create(path, effort).expect("a file");
    for (sensor, readings) in sensors {
        for readings in readings.chunks(100) {
            writer.write(*sensor, readings).expect("in order");
        }
    }
    writer.finish().expect("a file")
}

/// Everything in a file, read twice: once as a whole, once sensor by sensor.
fn read(path: &Path) -> crate::error::Result<Vec<(SensorKey, Vec<Reading>)>> {
    let file = RawFile::open(path)?;
    let mut reader = file.reader()?;
    let mut all = Vec::new();
    for (sensor, rows) in file.directory().iter() {
        let mut readings = Vec::new();
        reader.read(rows, &mut readings)?;
        all.push((sensor, readings));
    }
    Ok(all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn readings_come_back_as_they_were_written(
        sensors in sensors(),
        daily in any::<bool>(),
        asked in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..300), 0..10),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.parquet");
        let written = write(&path, &sensors, if daily { Effort::Daily } else { Effort::Quick });
        let all: Vec<Reading> = sensors.iter().flat_map(|(_, readings)| readings.clone()).collect();
        prop_assert_eq!(written.rows, all.len() as u64);
        prop_assert_eq!(written.bytes, std::fs::metadata(&path).expect("a file").len());
        prop_assert_eq!(read(&path).expect("a sound file"), sensors);

        let file = RawFile::open(&path).expect("a sound file");
        prop_assert_eq!(file.footer_crc(), written.footer_crc);
        let mut reader = file.reader().expect("a reader");
        // Forwards and backwards.
        for (from, count) in asked.into_iter().filter(|_| !all.is_empty()) {
            let from = from.index(all.len());
            let to = (from + count).min(all.len());
            let mut into = vec![all[0]];
            reader.read(from as u64..to as u64, &mut into).expect("rows");
            prop_assert_eq!(&into[1..], &all[from..to]);
        }
    }

    #[test]
    fn rollups_come_back_as_they_were_written(
        rows in proptest::collection::vec(
            (0_i64..100, 0_usize..6, any::<u32>(), any::<[u8; 3]>(), 0_u64..1 << 60),
            1..200,
        ),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.parquet");
        let mut start_ms = 0;
        let rollups: Vec<Rollup> = rows.into_iter().map(|(steps, kind, count, [min, max, last], sum)| {
            start_ms += steps * Step::Minute.millis();
            Rollup { start_ms, kind: SensorKind::ALL[kind], count, min, max, sum, last }
        }).collect();
        let (first, second) = rollups.split_at(rollups.len() / 3);
        let mut writer = RollupWriter::create(&path, Step::Hour, Effort::Daily).expect("a file");
        writer.write(key(1, 0), first).expect("in order");
        writer.write(key(2, 0), second).expect("in order");
        let written = writer.finish().expect("a file");
        let file = RollupFile::open(&path).expect("a sound file");
        prop_assert_eq!(file.footer_crc(), written.footer_crc);
        let mut reader = file.reader().expect("a reader");
        let mut into = Vec::new();
        reader.read(file.directory().rows_of(key(2, 0)), &mut into).expect("rows");
        prop_assert_eq!(&into[..], second);
        into.clear();
        reader.read(0..written.rows, &mut into).expect("rows");
        prop_assert_eq!(into, rollups);
    }
}

/// Two sensors with so many readings and half as many.
fn some(count: i64) -> Vec<(SensorKey, Vec<Reading>)> {
    let mut noise = 1_u32;
    let mut readings = |count: i64| -> Vec<Reading> {
        (0..count)
            .map(|n| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let value = (noise >> 24) as u8;
                let status = if value > 250 { Status::Critical } else { Status::Normal };
                Reading {
                    time_ms: 1_760_000_000_000 + 2_000 * n + i64::from(noise >> 28),
                    value,
                    kind: SensorKind::Smoke,
                    status,
                }
            })
            .collect()
    };
    vec![(key(1, 3), readings(count)), (key(2, 0), readings(count / 2))]
}

#[test]
fn a_file_with_any_byte_changed_is_damaged_or_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    let sensors = some(150);
    let written = write(&path, &sensors, Effort::Quick);
    let sound = std::fs::read(&path).expect("a file");
    let mut damaged = 0;
    for at in 0..sound.len() {
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(&path, &bytes).expect("a file");
        let footers = Footers::default();
        match footers.raw(&path, written.footer_crc).and_then(|_| read(&path)) {
            Ok(read) => assert_eq!(read, sensors, "byte {at}"),
            Err(HistoryError::Damaged { .. }) => damaged += 1,
            Err(other) => panic!("byte {at}: {other}"),
        }
    }
    // There is no byte that is in no block and not in the tail either.
    assert_eq!(damaged, sound.len());
}

#[test]
fn a_file_cut_short_anywhere_is_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    write(&path, &some(150), Effort::Quick);
    let sound = std::fs::read(&path).expect("a file");
    for length in 0..sound.len() {
        std::fs::write(&path, &sound[..length]).expect("a file");
        assert!(matches!(read(&path), Err(HistoryError::Damaged { .. })), "{length} bytes");
    }
    std::fs::write(&path, [&sound[..], b"more"].concat()).expect("a file");
    assert!(matches!(read(&path), Err(HistoryError::Damaged { .. })));
}

#[test]
fn a_file_that_is_missing_is_the_disks_matter() {
    let error = RawFile::open(Path::new("nowhere/a.parquet")).expect_err("there is none");
    assert!(
        matches!(error, HistoryError::Disk { cause, .. } if cause.kind() == std::io::ErrorKind::NotFound)
    );
}

#[test]
fn a_file_of_another_sort_is_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    write(&path, &some(150), Effort::Quick);
    let error = RollupFile::open(&path).expect_err("it has readings");
    assert!(error.to_string().ends_with("is damaged: its columns are others"), "{error}");
}

#[test]
fn sensors_out_of_order_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut writer = RawWriter::create(&folder.path().join("a.parquet"), Effort::Quick).expect("a file");
    let sensors = some(150);
    writer.write(key(2, 0), &sensors[0].1).expect("the first");
    assert!(writer.write(key(1, 0), &sensors[1].1).is_err());
}

#[test]
fn a_long_file_is_read_block_by_block_and_damage_is_found_where_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    let sensors = some(100_000);
    let written = write(&path, &sensors, Effort::Quick);
    let sound = std::fs::read(&path).expect("a file");
    assert!(written.bytes > 100_000, "{written:?}");
    assert_eq!(read(&path).expect("a sound file"), sensors);
    for at in (0..sound.len()).step_by(7_919) {
        let mut bytes = sound.clone();
        bytes[at] = !bytes[at];
        std::fs::write(&path, &bytes).expect("a file");
        assert!(matches!(read(&path), Err(HistoryError::Damaged { .. })), "byte {at}");
    }
}

#[test]
fn a_footer_is_read_once_until_its_file_is_forgotten_or_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    let first = write(&path, &some(150), Effort::Quick);
    let footers = Footers::default();
    let file = footers.raw(&path, first.footer_crc).expect("a sound file");
    assert!(Arc::ptr_eq(&file, &footers.raw(&path, first.footer_crc).expect("the same")));
    footers.forget(&path);
    assert!(!Arc::ptr_eq(&file, &footers.raw(&path, first.footer_crc).expect("read again")));
    let second = write(&path, &some(151), Effort::Quick);
    assert!(matches!(footers.rollup(&path, second.footer_crc), Err(HistoryError::Damaged { .. })));
    let other = footers.raw(&path, second.footer_crc).expect("the other file");
    assert_eq!(other.directory().iter().map(|(_, rows)| rows.end).max(), Some(second.rows));
    std::fs::remove_file(&path).expect("a file");
    assert!(footers.raw(&path, second.footer_crc).is_ok());
    assert!(footers.raw(&path, first.footer_crc).is_err());
}
