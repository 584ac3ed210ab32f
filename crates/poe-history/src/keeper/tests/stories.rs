//! Nights of a keeper.

use super::house::{Content, Dice, House, folder, noon, sums};
use crate::{
    Notice, Reading, Retention,
    files::Step,
    keeper::{DAY_MS, Level, gather},
};
use poe_building::{SensorKey, Status};
use poe_wire::SensorKind;
use std::{fs, time::Duration};

const MINUTE: Level = Level::Rollup(Step::Minute);
pub(super) const HOUR: Level = Level::Rollup(Step::Hour);

/// A day in the middle of January 2026.
pub(super) const DAY: i64 = 20_468;

pub(super) fn check(house: &House, model: &Content, when: &str) {
    assert!(house.content() == *model, "{when}: the readings are not those that were appended");
    for step in [Step::Minute, Step::Hour] {
        assert!(house.rollups(step) == sums(model, step), "{when}: the roll-ups by {step:?} are wrong");
    }
}

/// A house with readings on some days, sealed a few times a day.
pub(super) fn days(
    folder: &std::path::Path,
    retention: Retention,
    days: std::ops::Range<i64>,
) -> (House, Content) {
    let mut dice = Dice(days.start as u64);
    let mut house = House::open(folder, retention, noon(days.start));
    let mut model = Content::new();
    for day in days {
        for part in 0..3 {
            let batch: Vec<_> = dice
                .batch(day * DAY_MS + part * 7 * 3_600_000, 6)
                .into_iter()
                .filter(|(_, _, reading)| reading.time_ms.div_euclid(DAY_MS) == day)
                .collect();
            house.append(&batch, &mut model);
            house.seal();
        }
    }
    (house, model)
}

#[test]
fn readings_are_sealed_compacted_by_day_and_hours_by_month() {
    let folder = folder();
    let (house, model) = days(folder.path(), Retention::default(), DAY..DAY + 4);
    check(&house, &model, "sealed");
    assert_eq!(house.history.figures_now().batches_waiting, 0);
    let sealed = house.entries(Level::Raw).len();
    *house.now_ms.lock().unwrap() = noon(DAY + 3);
    house.keep();
    check(&house, &model, "three days are over");
    let daily = |level| house.entries(level).iter().filter(|entry| entry.daily).count();
    assert_eq!((daily(Level::Raw), daily(MINUTE), daily(HOUR)), (3, 3, 0));
    assert!(house.entries(Level::Raw).len() < sealed);
    *house.now_ms.lock().unwrap() = noon(DAY + 40);
    house.keep();
    check(&house, &model, "the month is over");
    assert_eq!((daily(Level::Raw), daily(MINUTE), daily(HOUR)), (4, 4, 1));
    assert_eq!(house.entries(HOUR).len(), 1);
    let figures = house.history.figures_now();
    assert_eq!(figures.readings_sealed, model.values().map(|readings| readings.len() as u64).sum::<u64>());
    assert_eq!((figures.files, figures.readings_waiting), (9, 0));
    assert_eq!(figures.oldest_ms, model.values().flatten().map(|reading| reading.time_ms).min());
    // What was merged is deleted, and so are folders that are empty.
    let on_disk = super::super::files(&house.history.folders).unwrap();
    assert_eq!(on_disk.len(), 9);
    drop(house);
    let house = House::open(folder.path(), Retention::default(), noon(DAY + 40));
    check(&house, &model, "after a start");
    assert_eq!(house.notices(), []);
}

#[test]
fn what_comes_late_is_in_its_days_file_and_no_hour_counts_twice() {
    let folder = folder();
    let (mut house, mut model) = days(folder.path(), Retention::default(), DAY..DAY + 3);
    *house.now_ms.lock().unwrap() = noon(DAY + 40);
    house.keep();
    let mut dice = Dice(5);
    for round in 0..3 {
        let late = dice.batch(noon(DAY), 5);
        house.append(&late, &mut model);
        house.keep();
        check(&house, &model, &format!("late {round}"));
        assert_eq!(house.entries(Level::Raw).len(), 3);
        assert_eq!(house.entries(MINUTE).len(), 3);
    }
}

#[test]
fn a_night_of_many_days_at_once_is_sealed_by_day() {
    let folder = folder();
    let mut house = House::open(folder.path(), Retention::default(), noon(DAY));
    let (mut model, mut dice) = (Content::new(), Dice(3));
    for back in [0, 400, 3, 2, 1, 9, 100, 0, -1] {
        house.append(&dice.batch(noon(DAY - back), 3), &mut model);
    }
    house.append(
        &[(0, 0, Reading { time_ms: -5, value: 1, kind: SensorKind::Fire, status: Status::Normal })],
        &mut model,
    );
    house.seal();
    check(&house, &model, "sealed");
    let mut days: Vec<_> = house.entries(Level::Raw).iter().map(|entry| entry.day()).collect();
    days.dedup();
    assert_eq!(days, [-1, DAY - 400, DAY - 100, DAY - 9, DAY - 3, DAY - 2, DAY - 1, DAY, DAY + 1]);
}

#[test]
fn a_reader_keeps_what_it_reads_until_it_is_done() {
    let folder = folder();
    let (house, _) = days(folder.path(), Retention::default(), DAY..DAY + 1);
    let before = house.history.now();
    *house.now_ms.lock().unwrap() = noon(DAY + 2);
    house.keep();
    let there =
        |entry: &std::sync::Arc<crate::keeper::Entry>| house.history.folders.path(&entry.path).exists();
    assert!(before.catalogue.entries.iter().all(there));
    let old = before.catalogue.entries.iter().map(|entry| entry.path.clone()).collect::<Vec<_>>();
    drop(before);
    house.keep();
    assert!(old.iter().all(|path| !house.history.folders.path(path).exists()));
}

#[test]
fn damaged_files_are_set_aside_and_roll_ups_made_anew() {
    let folder = folder();
    let (house, mut model) = days(folder.path(), Retention::default(), DAY..DAY + 3);
    *house.now_ms.lock().unwrap() = noon(DAY + 40);
    house.keep();
    for level in [MINUTE, HOUR] {
        let entry = house.entries(level)[0].clone();
        house.history.catalogue.set_aside(&entry, "a test says so").unwrap();
        house.history.catalogue.set_aside(&entry, "a test says so again").unwrap();
        assert!(matches!(&house.notices()[..], [Notice::Damaged { .. }]), "it is told once");
        house.keep();
        check(&house, &model, &format!("{level:?}"));
    }
    let entry = house.entries(Level::Raw)[1].clone();
    let path = house.history.folders.path(&entry.path);
    let length = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 3).unwrap();
    let minutes = house.rollups(Step::Minute);
    house.history.footers.forget(&path);
    let mut late = Dice(1);
    let said: Vec<_> = late.batch(noon(DAY + 1), 2);
    let mut house = house;
    house.append(&said, &mut Content::new());
    house.keep();
    let notices = house.notices();
    assert!(
        matches!(&notices[..], [Notice::Damaged { text }] if text.contains("readings of 2026-01-16")),
        "{notices:?}"
    );
    assert_eq!(house.history.figures_now().damaged_files, 3);
    model.values_mut().for_each(|readings| readings.retain(|r| r.time_ms.div_euclid(DAY_MS) != DAY + 1));
    super::house::note(&said, &mut model);
    assert!(house.content() == model);
    assert!(
        minutes.keys().all(|key| house.rollups(Step::Minute).contains_key(key)),
        "roll-ups of lost readings stay"
    );
    let aside: Vec<_> =
        fs::read_dir(house.history.folders.damaged()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(aside.iter().all(|name| name.to_str().unwrap().ends_with(".damaged")), "{aside:?}");
}

#[test]
fn a_lost_catalogue_is_found_out_from_the_files() {
    for damage in [true, false] {
        let folder = folder();
        let (house, model) = days(folder.path(), Retention::default(), DAY..DAY + 3);
        *house.now_ms.lock().unwrap() = noon(DAY + 2);
        house.keep();
        let before = house.history.now().catalogue;
        let path = house.history.folders.catalogue();
        drop(house);
        if damage {
            fs::write(&path, "nonsense").unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        let mut house = House::open(folder.path(), Retention::default(), noon(DAY + 2));
        let after = house.history.now().catalogue;
        assert_eq!(
            (&after.entries, after.sealed_through, after.next_set),
            (&before.entries, before.sealed_through, before.next_set)
        );
        assert!(matches!(&house.notices()[..], [Notice::Damaged { text }] if text.contains("made anew")));
        let mut model = model;
        house.append(&Dice(8).batch(noon(DAY + 2), 3), &mut model);
        house.keep();
        check(&house, &model, "after it was made anew");
    }
}

#[test]
fn what_others_put_there_is_left_alone() {
    let folder = folder();
    let (house, model) = days(folder.path(), Retention::default(), DAY..DAY + 1);
    let entry = house.entries(Level::Raw)[0].clone();
    let path = house.history.folders.path(&entry.path);
    let theirs = path.with_file_name("notes.parquet");
    fs::write(&theirs, "ours").unwrap();
    let ours = path.with_file_name("00000077-00000077-1-2.parquet");
    fs::copy(&path, &ours).unwrap();
    let part = house.history.folders.parts().join("new-readings-1-00000003.parquet.part");
    let of_earlier_layout = path.with_file_name("new-1-00000003.parquet.part");
    for part in [&part, &of_earlier_layout] {
        fs::write(part, "half").unwrap();
    }
    let empty = path.parent().unwrap().with_file_name("date=2026-01-11");
    fs::create_dir(&empty).unwrap();
    drop(house);
    let house = House::open(folder.path(), Retention::default(), noon(DAY));
    house.keep();
    assert!(theirs.exists() && ![ours, part, of_earlier_layout, empty].iter().any(|path| path.exists()));
    check(&house, &model, "cleared");
}

#[test]
fn what_is_too_old_goes_by_whole_days_and_is_told() {
    let folder = folder();
    let age = |days: u64| Some(Duration::from_hours(24 * days));
    let retention = Retention {
        age: age(9),
        age_of_kind: vec![(SensorKind::Motion, Duration::from_hours(24 * 4))],
        rollup_age: age(20),
        bytes: None,
    };
    let (house, mut model) = days(folder.path(), retention, DAY..DAY + 3);
    *house.now_ms.lock().unwrap() = noon(DAY + 6);
    house.keep();
    let minutes = sums(&model, Step::Minute);
    let without_motion = |first: i64, last: i64, model: &mut Content| {
        model.values_mut().for_each(|readings| {
            readings.retain(|r| {
                !(first..=last).contains(&r.time_ms.div_euclid(DAY_MS)) || r.kind != SensorKind::Motion
            });
        });
        model.retain(|_, readings| !readings.is_empty());
    };
    without_motion(DAY, DAY + 1, &mut model);
    assert!(house.content() == model, "motion of two days is gone");
    assert!(house.rollups(Step::Minute) == minutes);
    let told = house.notices();
    assert_eq!(
        told.iter().filter(|n| matches!(n, Notice::Removed { text } if text.contains("MOTION"))).count(),
        2,
        "{told:?}"
    );
    house.keep();
    assert_eq!(house.notices(), [], "it is done once");

    *house.now_ms.lock().unwrap() = noon(DAY + 10);
    house.keep();
    without_motion(DAY, DAY + 2, &mut model);
    model.values_mut().for_each(|readings| readings.retain(|r| r.time_ms.div_euclid(DAY_MS) > DAY));
    model.retain(|_, readings| !readings.is_empty());
    assert!(house.content() == model, "a day is gone");
    assert!(house.rollups(Step::Minute) == minutes);

    *house.now_ms.lock().unwrap() = noon(DAY + 60);
    house.keep();
    assert!(house.history.now().catalogue.entries.is_empty());
    assert!(super::super::files(&house.history.folders).unwrap().is_empty());
}

/// `cargo test --release -p poe-history sealing_is_quick -- --ignored --nocapture`
#[test]
#[ignore = "a figure, and not a promise"]
fn sealing_is_quick() {
    use poe_building::{NodeNo, Readings, Sample, Time};
    let folder = tempfile::TempDir::new().unwrap();
    let mut house = House::open(folder.path(), Retention::default(), noon(DAY));
    let batches = 80;
    let mut dice = Dice(7);
    for batch in 0..batches {
        let mut readings = Readings::default();
        for node in 0..19_000u32 {
            let time = Time((noon(DAY) + batch * 400 + i64::from(node % 380)) * 1_000);
            let samples = (0..21).map(|id| Sample {
                id,
                kind: SensorKind::ALL[usize::from(id) % 6],
                value: 40 + (dice.below(20) == 0) as u8,
                status: Status::Normal,
            });
            readings.push(NodeNo(node), time, samples);
        }
        let address = |node: NodeNo| std::net::IpAddr::from([10, 1, (node.0 >> 8) as u8, node.0 as u8]);
        house.log.append(&readings, address).unwrap();
    }
    let readings = batches as f64 * 19_000.0 * 21.0;
    let memory = || {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let lines = status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"));
        println!("{}", lines.collect::<Vec<_>>().join(", "));
    };
    memory();
    for what in ["sealed", "kept, daily"] {
        let began = std::time::Instant::now();
        if what == "sealed" {
            house.seal();
        } else {
            *house.now_ms.lock().unwrap() = noon(DAY + 2);
            house.keep();
        }
        let took = began.elapsed().as_secs_f64();
        println!("{readings} readings {what} in {took:.2} s: {:.2} M/s", readings / took / 1e6);
        println!(
            "{:?}; {:?} bytes a reading",
            house.history.figures_now(),
            house.history.figures_now().bytes_per_reading()
        );
        memory();
    }
}

#[test]
fn whatever_fits_into_memory_at_once_the_order_is_the_same() {
    let folder = folder();
    let mut house = House::open(folder.path(), Retention::default(), noon(DAY));
    let (mut model, mut dice) = (Content::new(), Dice(11));
    for _ in 0..30 {
        house.append(&dice.batch(noon(DAY), 2), &mut model);
    }
    // One that says very much in very little time.
    let burst: Vec<_> = (0..200u8)
        .map(|value| {
            let time_ms = noon(DAY) + i64::from(value) / 60;
            (1, 1, Reading { time_ms, value, kind: SensorKind::Water, status: Status::Warning })
        })
        .collect();
    house.append(&burst, &mut model);
    let segments = house.history.waiting.segments();
    let times = crate::Range { from_ms: (DAY - 1) * DAY_MS, to_ms: (DAY + 2) * DAY_MS };
    for readings_max in [7, 50, 100, 300, 1_000_000] {
        let mut gather = gather::Gather::default();
        let mut found: Vec<(SensorKey, Reading)> = Vec::new();
        for pass in gather::passes_of(&segments, times, readings_max).unwrap() {
            gather
                .pass(&segments, &pass, &mut |sensor, readings| {
                    found.extend(readings.iter().map(|reading| (sensor, *reading)));
                    Ok(())
                })
                .unwrap();
        }
        let wanted = model.iter().flat_map(|(sensor, all)| all.iter().map(|reading| (*sensor, *reading)));
        assert!(found == wanted.collect::<Vec<_>>(), "{readings_max}");
    }
}
