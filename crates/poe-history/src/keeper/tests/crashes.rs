//! The world ends after every step that changes the disk, and a start finds each reading exactly once.

use super::{
    house::{Content, Dice, House, folder, noon},
    layout::as_before,
};
use crate::{
    Retention,
    files::Step,
    keeper::{
        DAY_MS, Level, layout, retention,
        steps::{DiskStep, Hook, Steps},
    },
};
use poe_wire::SensorKind;
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

const ROUNDS: u64 = 200;
const DAY: i64 = 20_468;

struct End;

/// Has the world end after so many steps.
fn end_after(steps: u64, seen: &Arc<Mutex<BTreeMap<DiskStep, u64>>>) -> Hook {
    let (left, seen) = (AtomicU64::new(steps), Arc::clone(seen));
    Arc::new(move |step| {
        if left.fetch_sub(1, Ordering::Relaxed) == 1 {
            *seen.lock().unwrap().entry(step).or_default() += 1;
            resume_unwind(Box::new(End));
        }
    })
}

#[test]
fn each_reading_is_there_once_whenever_the_world_ends() {
    let seen = Arc::default();
    for seed in 0..ROUNDS {
        one_life(seed, &seen);
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 9, "it ended at every kind of step: {seen:?}");
}

/// What retention leaves in any case.
fn kept(mut content: Content, retention: &Retention, now_ms: i64) -> Content {
    let begin = |age| retention::oldest_day(age, now_ms).map_or(i64::MIN, |day| day * DAY_MS);
    let age_of_motion = retention.age_of_kind.first().map(|(_, age)| *age);
    let (all_from, motion_from) = (begin(retention.age), begin(age_of_motion));
    content.values_mut().for_each(|readings| {
        readings.retain(|reading| {
            let is_motion = reading.kind == SensorKind::Motion;
            reading.time_ms >= all_from && !(is_motion && reading.time_ms < motion_from)
        });
    });
    content.retain(|_, readings| !readings.is_empty());
    content
}

fn one_life(seed: u64, seen: &Arc<Mutex<BTreeMap<DiskStep, u64>>>) {
    let folder = folder();
    let day = Duration::from_hours(24);
    let retention = match seed % 2 {
        0 => Retention::default(),
        _ => Retention {
            age: Some(30 * day),
            age_of_kind: vec![(SensorKind::Motion, day)],
            ..Retention::default()
        },
    };
    let kept = |content: &Content, now_ms| kept(content.clone(), &retention, now_ms);
    let mut dice = Dice(seed);
    let mut model = Content::new();
    let mut now = noon(DAY);
    for life in 0..3 {
        if dice.below(3) == 0 {
            // A folder of the earlier layout, whose first start with this one was cut short.
            let steps = Steps::default();
            *steps.hook.lock().unwrap() = Some(end_after(1 + dice.below(3), seen));
            let folders = as_before(folder.path());
            let _ = catch_unwind(AssertUnwindSafe(|| layout::bring_up(&folders, &steps).unwrap()));
        }
        let mut house = House::open(folder.path(), retention.clone(), now);
        let found = house.content();
        assert!(
            kept(&found, now) == kept(&model, now),
            "seed {seed}, life {life}: not each reading is there once"
        );
        for _ in 0..1 + dice.below(3) {
            house.append(&dice.batch(now, 4), &mut model);
            if dice.below(3) == 0 {
                house.append(&dice.batch(now - 86_400_000, 2), &mut model);
            }
            if dice.below(2) == 0 {
                house.seal();
            }
        }
        now += [3_600_000, 86_400_000, 40 * 86_400_000][dice.below(3) as usize];
        *house.now_ms.lock().unwrap() = now;
        let hook = end_after(1 + dice.below(30), seen);
        *house.history.catalogue.steps.hook.lock().unwrap() = Some(hook);
        let aside = dice.below(4) == 0;
        let ended = catch_unwind(AssertUnwindSafe(|| {
            if aside {
                // Roll-ups are made anew, so that nothing is lost by it.
                if let Some(entry) = house.entries(Level::Rollup(Step::Minute)).first() {
                    house.history.catalogue.set_aside(entry, "a test says so").unwrap();
                }
            }
            house.keep();
        }));
        if ended.is_ok() {
            *house.history.catalogue.steps.hook.lock().unwrap() = None;
        }
    }
    let house = House::open(folder.path(), retention.clone(), now);
    assert!(kept(&house.content(), now) == kept(&model, now), "seed {seed}: not each reading is there once");
    house.keep();
    let content = house.content();
    assert!(content == kept(&model, now), "seed {seed}: not each reading is there once after all is kept");
    // With less than all readings, roll-ups know more.
    let steps = if content == model { &[Step::Minute, Step::Hour][..] } else { &[] };
    for step in steps.iter().copied() {
        assert!(house.rollups(step) == super::house::sums(&model, step), "seed {seed}: {step:?}");
    }
    let known = house.history.now().catalogue.entries.len();
    assert_eq!(
        super::super::files(&house.history.folders).unwrap().len(),
        known,
        "seed {seed}: nothing is left behind"
    );
}
