//! Nights with a clock that is wrong, or that old readings seem to speak against.

use super::{
    house::{Dice, House, folder, noon},
    stories::{DAY, check, days},
};
use crate::{
    Reading, Retention,
    keeper::{DAY_MS, ForeignSets, Level},
};
use poe_building::{SensorKey, Status};
use poe_wire::SensorKind;
use std::{fs, sync::atomic::AtomicBool, time::Duration};

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
fn what_was_imported_says_nothing_of_the_clock() {
    let folder = folder();
    let retention = Retention { age: Some(Duration::from_hours(24 * 30)), ..Retention::default() };
    let house = House::start(folder.path(), retention.clone(), noon(DAY + 400));
    let mut sets = ForeignSets::new(&house.history);
    let reading = Reading { time_ms: noon(DAY), value: 1, kind: SensorKind::Fire, status: Status::Normal };
    sets.write(DAY, SensorKey { address: [10, 0, 0, 1].into(), id: 0 }, &[reading]).unwrap();
    assert!(sets.enter("a mark", false).unwrap());
    house.history.put_in_order(&AtomicBool::new(false)).unwrap();
    assert_eq!(house.entries(Level::Raw).len(), 1);
    drop(house);
    let house = House::start(folder.path(), retention, noon(DAY + 400) + 60_000);
    house.keep();
    assert!(house.entries(Level::Raw).is_empty(), "it is too old, by a clock that nothing speaks against");
}

#[test]
fn where_the_catalogue_is_lost_readings_that_came_in_speak_against_a_wrong_clock() {
    let folder = folder();
    let retention = Retention { age: Some(Duration::from_hours(24 * 30)), ..Retention::default() };
    let (house, model) = days(folder.path(), retention.clone(), DAY..DAY + 2);
    *house.now_ms.lock().unwrap() = noon(DAY + 1);
    house.keep();
    fs::remove_file(house.history.folders.catalogue()).unwrap();
    drop(house);
    let house = House::start(folder.path(), retention, noon(DAY + 400));
    house.keep();
    check(&house, &model, "a year ahead");
}
