//! Nights in which people, failures and other work get in the keeper's way.

use super::{
    house::{Dice, House, folder, noon},
    stories::{DAY, check, days},
};
use crate::{
    Notice, Reading, Retention,
    files::{Effort, RawWriter},
    keeper::{DAY_MS, DiskStep, Entry, ForeignSets, Level, files, names::Name},
};
use poe_building::{SensorKey, Status};
use poe_wire::SensorKind;
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

static NEVER: AtomicBool = AtomicBool::new(false);

#[test]
fn a_file_that_is_put_back_is_part_of_the_history_again() {
    let folder = folder();
    let (house, model) = days(folder.path(), Retention::default(), DAY..DAY + 3);
    *house.now_ms.lock().unwrap() = noon(DAY + 40);
    house.keep();
    let entry = house.entries(Level::Raw)[1].clone();
    let path = house.history.folders.path(&entry.path);
    let copy = folder.path().join("copy");
    fs::copy(&path, &copy).unwrap();
    house.history.catalogue.set_aside(&entry, "a test says so").unwrap();
    house.keep();
    drop(house);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::copy(&copy, &path).unwrap();
    let house = House::open(folder.path(), Retention::default(), noon(DAY + 40));
    house.keep();
    check(&house, &model, "put back");
    let notices = house.notices();
    assert!(matches!(&notices[..], [Notice::Damaged { text }] if text.contains("is part of")), "{notices:?}");
    drop(house);
    // Of another day, under a name that is in none of the files: it is not what its name says.
    let wrong = path.with_file_name(format!(
        "{}.parquet",
        Name {
            from_ms: entry.from_ms - 5 * DAY_MS,
            to_ms: entry.from_ms - 5 * DAY_MS,
            ..entry.name().unwrap()
        }
    ));
    let wrong = wrong.parent().unwrap().with_file_name("date=2026-01-11").join(wrong.file_name().unwrap());
    fs::create_dir_all(wrong.parent().unwrap()).unwrap();
    fs::copy(&copy, &wrong).unwrap();
    let house = House::open(folder.path(), Retention::default(), noon(DAY + 40));
    house.keep();
    check(&house, &model, "a file in the wrong folder");
    assert!(!wrong.exists());
    let aside = fs::read_dir(house.history.folders.damaged()).unwrap().count();
    assert_eq!(aside, 2, "the damaged one and the stranger");
}

#[test]
fn part_of_what_a_file_stands_for_is_set_aside_and_not_deleted() {
    let folder = folder();
    let (house, model) = days(folder.path(), Retention::default(), DAY..DAY + 1);
    let early = house.entries(Level::Raw)[1].clone();
    let copy = folder.path().join("copy");
    let path = house.history.folders.path(&early.path);
    fs::copy(&path, &copy).unwrap();
    drop(early);
    *house.now_ms.lock().unwrap() = noon(DAY + 2);
    house.keep();
    house.history.catalogue.tell_removals().unwrap();
    drop(house);
    fs::copy(&copy, &path).unwrap();
    let house = House::open(folder.path(), Retention::default(), noon(DAY + 2));
    house.keep();
    check(&house, &model, "no reading is there twice");
    let notices = house.notices();
    assert!(
        matches!(&notices[..], [Notice::Damaged { text }] if text.contains("is not taken")),
        "{notices:?}"
    );
    assert_eq!(fs::read_dir(house.history.folders.damaged()).unwrap().count(), 1);
}

#[test]
fn a_removal_is_told_until_somebody_has_heard_it() {
    let folder = folder();
    let retention = Retention { age: Some(Duration::from_hours(24)), ..Retention::default() };
    let (house, _) = days(folder.path(), retention.clone(), DAY..DAY + 2);
    let House { history, log, notices, now_ms, .. } = house;
    *now_ms.lock().unwrap() = noon(DAY + 2);
    drop(notices);
    history.keep_now(&NEVER).unwrap();
    assert_eq!(history.now().catalogue.untold.len(), 1);
    drop((history, log));
    let house = House::open(folder.path(), retention, noon(DAY + 2));
    house.keep();
    let told = |house: &House| house.notices().iter().filter(|n| matches!(n, Notice::Removed { .. })).count();
    assert_eq!(told(&house), 1);
    house.keep();
    assert_eq!(told(&house), 0, "once in a run");
}

#[test]
fn what_is_put_in_order_is_not_removed() {
    let folder = folder();
    let retention = Retention { age: Some(Duration::from_hours(24)), ..Retention::default() };
    let (house, model) = days(folder.path(), retention, DAY..DAY + 3);
    *house.now_ms.lock().unwrap() = noon(DAY + 60);
    house.history.put_in_order(&NEVER).unwrap();
    check(&house, &model, "in order");
    assert_eq!(house.entries(Level::Raw).len(), 3);
}

#[test]
fn readings_that_are_not_in_order_are_damage_with_a_name() {
    let folder = folder();
    let (house, _) = days(folder.path(), Retention::default(), DAY..DAY + 2);
    let entry = house.entries(Level::Raw)[0].clone();
    let path = house.history.folders.path(&entry.path);
    let mut writer = RawWriter::create(&path, Effort::Quick).unwrap();
    let sensor = SensorKey { address: [10, 0, 0, 1].into(), id: 0 };
    let said: Vec<_> = [3, 1, 2]
        .map(|n| Reading { time_ms: noon(DAY) + n, value: 1, kind: SensorKind::Fire, status: Status::Normal })
        .to_vec();
    writer.write(sensor, &said).unwrap();
    let written = writer.finish().unwrap();
    house
        .history
        .catalogue
        .change(|catalogue| {
            let own = catalogue.entries.iter_mut().find(|other| other.path == entry.path).unwrap();
            *own = Arc::new(Entry { footer_crc: written.footer_crc, rows: 3, ..Entry::clone(own) });
            true
        })
        .unwrap();
    *house.now_ms.lock().unwrap() = noon(DAY + 3);
    house.keep();
    let notices = house.notices();
    assert!(
        matches!(&notices[..], [Notice::Damaged { text }] if text.contains("not in order")),
        "{notices:?}"
    );
}

#[test]
fn a_failure_leaves_no_file_with_a_name() {
    let folder = folder();
    let (house, mut model) = days(folder.path(), Retention::default(), DAY..DAY + 1);
    let mut house = house;
    house.append(&Dice(4).batch(noon(DAY + 1), 1), &mut model);
    // The second of three files cannot get its name: it is gone.
    let named = Arc::new(AtomicU64::new(0));
    let parts = house.history.folders.parts();
    let hook = {
        let named = named.clone();
        move |step| {
            if step == DiskStep::Named && named.fetch_add(1, Ordering::Relaxed) == 0 {
                let _ = fs::remove_dir_all(&parts);
            }
        }
    };
    *house.history.catalogue.steps.hook.lock().unwrap() = Some(Arc::new(hook));
    let before = files(&house.history.folders).unwrap();
    assert!(house.history.keep_now(&NEVER).is_err());
    assert!(named.load(Ordering::Relaxed) > 0);
    *house.history.catalogue.steps.hook.lock().unwrap() = None;
    assert_eq!(files(&house.history.folders).unwrap(), before);
    house.keep();
    check(&house, &model, "tried again");
}

#[test]
fn what_is_being_imported_is_not_taken_for_what_a_crash_has_left() {
    let folder = folder();
    let (house, mut model) = days(folder.path(), Retention::default(), DAY..DAY + 1);
    drop(house);
    let house = House::open(folder.path(), Retention::default(), noon(DAY));
    let mut sets = ForeignSets::new(&house.history);
    let reading = Reading { time_ms: noon(DAY), value: 1, kind: SensorKind::Fire, status: Status::Normal };
    sets.write(DAY, SensorKey { address: [10, 0, 0, 1].into(), id: 0 }, &[reading]).unwrap();
    house.keep();
    assert!(sets.enter("a mark", false).unwrap());
    super::house::note(&[(0, 0, reading)], &mut model);
    check(&house, &model, "imported");
}

#[test]
fn figures_wait_for_nobody() {
    let folder = folder();
    let (house, model) = days(folder.path(), Retention::default(), DAY..DAY + 1);
    assert_eq!(house.history.figures(), crate::Figures::default(), "before the first round");
    house.keep();
    assert_eq!(house.history.figures(), house.history.figures_now());
    let readings: usize = model.values().map(Vec::len).sum();
    let keeping = house.history.keeping.lock().unwrap();
    assert_eq!(house.history.figures().readings_sealed, readings as u64);
    drop(keeping);
}

#[test]
fn a_catalogue_made_anew_has_the_times_of_the_files_and_not_of_their_names() {
    let folder = folder();
    let (house, model) = days(folder.path(), Retention::default(), DAY..DAY + 2);
    let entry = house.entries(Level::Raw)[0].clone();
    let path = house.history.folders.path(&entry.path);
    let other = Name { to_ms: entry.to_ms + 400 * DAY_MS, ..entry.name().unwrap() };
    fs::rename(&path, path.with_file_name(format!("{other}.parquet"))).unwrap();
    fs::remove_file(house.history.folders.catalogue()).unwrap();
    drop(house);
    let house = House::open(folder.path(), Retention::default(), noon(DAY + 1));
    assert!(house.content() == model);
    let found = house.entries(Level::Raw)[0].clone();
    assert_eq!((found.from_ms, found.to_ms), (entry.from_ms, entry.to_ms));
}
