//! Nights on a disk that is nearly full, and with a clock that is wrong.

use super::{
    house::{Content, Dice, Disk, House, bytes_below, folder, noon},
    stories::{DAY, HOUR, check, days},
};
use crate::{
    Notice, Retention,
    keeper::{DAY_MS, DiskStep, Level},
};
use std::{
    fs,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

/// The bytes of the readings of each day.
fn bytes_of_days(house: &House) -> Vec<u64> {
    let mut days = std::collections::BTreeMap::new();
    for entry in house.entries(Level::Raw) {
        *days.entry(entry.day()).or_insert(0) += entry.bytes;
    }
    days.into_values().collect()
}

/// Has the disk lack so many bytes of its reserve, which is a tenth of it.
fn lack(house: &House, bytes: u64) {
    let used = bytes_below(&house.history.folders.data);
    let total = 100_000_000;
    *house.disk.lock().unwrap() = Disk { total, others: total / 10 * 9 + bytes - used };
}

fn oldest(house: &House) -> i64 {
    house.entries(Level::Raw).iter().map(|entry| entry.day()).min().unwrap() - DAY
}

fn full(notices: &[Notice]) -> usize {
    notices.iter().filter(|n| matches!(n, Notice::Removed { text } if text.contains("nearly full"))).count()
}

/// Whether people are told that the disk has too little room.
fn is_short(house: &House) -> bool {
    house.history.room_now().unwrap().is_short
}

/// Five days, of which four are over and compacted.
fn five_days(folder: &std::path::Path) -> (House, Content) {
    let (house, model) = days(folder, Retention::default(), DAY..DAY + 5);
    *house.now_ms.lock().unwrap() = noon(DAY + 4);
    house.keep();
    check(&house, &model, "before");
    (house, model)
}

#[test]
fn of_a_nearly_full_disk_as_many_days_go_as_are_needed_and_none_more() {
    let folder = folder();
    let (house, _) = five_days(folder.path());
    let bytes = bytes_of_days(&house);
    lack(&house, 0);
    house.keep();
    assert_eq!(oldest(&house), 0, "nothing lacks");
    assert!(!is_short(&house));
    lack(&house, bytes[0]);
    house.keep();
    assert_eq!(oldest(&house), 1, "the day that is needed, and no other");
    lack(&house, bytes[1] + bytes[2]);
    house.history.work(&AtomicBool::new(false), |work| work.retain()).unwrap();
    assert_eq!(oldest(&house), 3);
    assert!(is_short(&house), "it is told for as long as nobody has looked again");
    house.keep();
    assert!(!is_short(&house));
    assert_eq!(full(&house.notices()), 3);
    assert_eq!(house.entries(HOUR).iter().map(|entry| entry.day()).min(), Some(DAY));
}

#[test]
fn what_is_removed_and_still_read_counts_as_free_and_removal_goes_on() {
    let folder = folder();
    let (house, _) = five_days(folder.path());
    let bytes = bytes_of_days(&house);
    let reader = house.history.now();
    lack(&house, bytes[0]);
    house.keep();
    assert_eq!(oldest(&house), 1);
    house.keep();
    assert_eq!(oldest(&house), 1, "it will be free in a moment");
    house.disk.lock().unwrap().others += bytes[1];
    house.keep();
    assert_eq!(oldest(&house), 2, "and what lacks beyond it goes");
    drop(reader);
}

#[test]
fn a_disk_that_others_fill_is_told_of_and_the_history_stays() {
    let folder = folder();
    let (house, model) = five_days(folder.path());
    lack(&house, 5_000_000);
    house.keep();
    check(&house, &model, "nothing helps, and a tenth of the reserve is free");
    assert!(house.history.keeping.lock().unwrap().is_crowded.get());
    lack(&house, 10_000_000);
    house.keep();
    check(&house, &model, "nothing helps");
    assert!(is_short(&house));
    assert!(house.history.keeping.lock().unwrap().is_crowded.get());
    lack(&house, 9_000_000 + 1);
    house.keep();
    assert_eq!(oldest(&house), 1, "so that the log goes on");
    lack(&house, 0);
    house.keep();
    assert!(!house.history.keeping.lock().unwrap().is_crowded.get());
}

#[test]
fn what_waits_to_be_imported_removes_nothing() {
    let folder = folder();
    let (house, model) = five_days(folder.path());
    lack(&house, 0);
    let imports = folder.path().join("imports");
    fs::create_dir(&imports).unwrap();
    fs::write(imports.join("upload"), vec![0; bytes_of_days(&house)[0] as usize]).unwrap();
    house.keep();
    check(&house, &model, "an upload");
}

#[test]
fn a_wrong_clock_removes_nothing() {
    const YEARS_MS: i64 = 20 * 365 * DAY_MS;
    let folder = folder();
    let days_of = |days: u64| Some(Duration::from_hours(24 * days));
    let retention = Retention { age: days_of(30), rollup_age: days_of(60), ..Retention::default() };
    let (mut house, mut model) = days(folder.path(), retention.clone(), DAY..DAY + 3);
    let mut dice = Dice(2);
    *house.now_ms.lock().unwrap() = noon(DAY + 2);
    house.keep();
    *house.wrong_ms.lock().unwrap() = YEARS_MS;
    // What comes meanwhile has wrong times.
    house.append(&dice.batch(noon(DAY + 2) + YEARS_MS, 1), &mut model);
    house.keep();
    check(&house, &model, "20 years ahead");
    drop(house);
    let house = House::start(folder.path(), retention.clone(), noon(DAY + 2) + 60_000);
    *house.wrong_ms.lock().unwrap() = YEARS_MS;
    house.keep();
    *house.now_ms.lock().unwrap() += 3_600_000;
    house.keep();
    check(&house, &model, "and a start with the wrong clock");
    *house.wrong_ms.lock().unwrap() = 0;
    house.keep();
    check(&house, &model, "right again");
    *house.now_ms.lock().unwrap() += 100 * DAY_MS;
    house.keep();
    assert!(
        house.entries(Level::Raw).iter().all(|entry| entry.day() > DAY + 2),
        "what is old goes in its time"
    );
}

#[test]
fn room_is_made_also_while_files_are_merged() {
    let folder = folder();
    let (house, _) = days(folder.path(), Retention::default(), DAY..DAY + 4);
    *house.now_ms.lock().unwrap() = noon(DAY + 3);
    lack(&house, 0);
    let oldest_bytes = bytes_of_days(&house)[0];
    let (disk, data) = (Arc::clone(&house.disk), house.history.folders.data.clone());
    let hook = move |step| {
        // The reserve is 10 MB, of which a merge may take half.
        if step == DiskStep::Written {
            let mut disk = disk.lock().unwrap();
            disk.others = 95_000_000 + oldest_bytes - bytes_below(&data);
        }
    };
    *house.history.catalogue.steps.hook.lock().unwrap() = Some(Arc::new(hook));
    house.history.work(&AtomicBool::new(false), |work| work.compact(true)).unwrap();
    assert!(oldest(&house) > 0);
    assert!(full(&house.notices()) > 0);
}

#[test]
fn nothing_is_merged_where_there_is_no_room_for_it() {
    let folder = folder();
    let (house, model) = days(folder.path(), Retention::default(), DAY..DAY + 3);
    *house.now_ms.lock().unwrap() = noon(DAY + 2);
    let files = house.entries(Level::Raw).len();
    let compact = || house.history.work(&AtomicBool::new(false), |work| work.compact(true)).unwrap();
    lack(&house, 5_000_000);
    compact();
    assert_eq!(house.entries(Level::Raw).len(), files);
    lack(&house, 4_000_000);
    compact();
    assert!(house.entries(Level::Raw).len() < files);
    check(&house, &model, "merged");
}
