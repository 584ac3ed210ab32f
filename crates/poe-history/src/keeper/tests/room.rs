//! Nights on a disk that is nearly full.

use super::{
    house::{Content, Disk, House, bytes_below, folder, noon},
    stories::{DAY, HOUR, check, days},
};
use crate::{
    Notice, Retention,
    keeper::{
        DiskStep, Level,
        space::{CROWDED, HELD},
    },
};
use std::{
    fs,
    sync::{Arc, atomic::AtomicBool},
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

/// The same, whatever has files of the history too.
fn lack_now(house: &House, bytes: u64) {
    let total = 100_000_000;
    *house.disk.lock().unwrap() = Disk { total, others: 0 };
    let free = house.history.work(&AtomicBool::new(false), |work| work.space()).unwrap().free;
    house.disk.lock().unwrap().others = free - (total / 10 - bytes);
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
fn what_a_backup_still_holds_counts_as_free_and_no_day_more_goes() {
    let folder = folder();
    let (house, _) = five_days(folder.path());
    let backup = folder.path().join("backup.tmp");
    house.history.copy_to(&backup).unwrap();
    lack_now(&house, bytes_of_days(&house)[0] / 2);
    house.keep();
    *house.now_ms.lock().unwrap() += 3_600_000;
    house.keep();
    assert_eq!(oldest(&house), 1, "the day that is needed, and no other");
    assert_eq!(house.history.keeping.lock().unwrap().crowded.get(), None);
    fs::remove_dir_all(backup).unwrap();
    house.keep();
    assert_eq!(oldest(&house), 1);
    assert!(!is_short(&house));
}

#[test]
fn where_removing_makes_no_room_no_day_after_day_goes() {
    let folder = folder();
    let (house, _) = five_days(folder.path());
    let bytes = bytes_of_days(&house);
    let snapshot = folder.path().join("snapshot");
    house.history.copy_to(&snapshot).unwrap();
    lack_now(&house, bytes[0] + bytes[1] / 2);
    let crowded = |house: &House| house.history.keeping.lock().unwrap().crowded.get();
    house.keep();
    house.keep();
    assert_eq!((oldest(&house), crowded(&house)), (1, None), "the disk may count late");
    assert!(is_short(&house));
    *house.now_ms.lock().unwrap() += 60_000;
    house.keep();
    assert_eq!((oldest(&house), crowded(&house)), (2, Some(HELD)));
    *house.now_ms.lock().unwrap() += 3_599_000;
    house.keep();
    assert_eq!((oldest(&house), crowded(&house)), (2, Some(HELD)), "there is an hour to look");
    fs::remove_dir_all(snapshot).unwrap();
    house.keep();
    assert_eq!((oldest(&house), crowded(&house)), (2, None), "now there is room");
    assert!(!is_short(&house));
    lack_now(&house, bytes[2] / 2);
    house.keep();
    assert_eq!(oldest(&house), 3, "and all is as before");
}

#[test]
fn of_a_disk_that_todays_readings_fill_the_oldest_go_before_the_newest_are_lost() {
    let folder = folder();
    let (house, model) = days(folder.path(), Retention::default(), DAY..DAY + 1);
    let sets = |house: &House| house.entries(Level::Raw).iter().map(|entry| entry.set).collect::<Vec<_>>();
    let (before, first) = (sets(&house), house.entries(Level::Raw)[0].bytes);
    lack_now(&house, 9_000_000);
    house.keep();
    check(&house, &model, "a tenth of the room is free");
    lack_now(&house, 9_000_000 + first / 2);
    house.keep();
    assert_eq!(sets(&house), before[1..], "what is needed, and no more");
    assert_eq!(full(&house.notices()), 1);
    assert_eq!(house.history.keeping.lock().unwrap().crowded.get(), Some(CROWDED));
    let all: u64 = house.entries(Level::Raw).iter().map(|entry| entry.bytes).sum();
    // The catalogue may become smaller by some lines.
    lack_now(&house, 9_000_000 + all + 10_000);
    house.keep();
    assert_eq!(sets(&house), before[1..], "all of it would not be enough");
}

#[test]
fn a_disk_that_others_fill_is_told_of_and_the_history_stays() {
    let folder = folder();
    let (house, model) = five_days(folder.path());
    lack(&house, 5_000_000);
    house.keep();
    check(&house, &model, "nothing helps, and a tenth of the reserve is free");
    assert_eq!(house.history.keeping.lock().unwrap().crowded.get(), Some(CROWDED));
    lack(&house, 10_000_000);
    house.keep();
    check(&house, &model, "nothing helps");
    assert!(is_short(&house));
    assert_eq!(house.history.keeping.lock().unwrap().crowded.get(), Some(CROWDED));
    lack(&house, 9_000_000 + 1);
    house.keep();
    assert_eq!(oldest(&house), 1, "so that the log goes on");
    lack(&house, 0);
    house.keep();
    assert_eq!(house.history.keeping.lock().unwrap().crowded.get(), None);
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
