//! Thresholds and times of the week against the naive way to say them, and no two notifications with one key.

use poe_building::{Building, Delivery, Hours, Input, Limits, Model, Order, Range, Target, Time, Who};
use proptest::prelude::*;
use std::{collections::HashSet, time::Duration};

const DAY: u32 = 24 * 60;

fn hours() -> impl Strategy<Value = Hours> {
    (any::<[bool; 7]>(), 0..DAY as u16, 0..=DAY as u16).prop_map(|(days, from, to)| Hours { days, from, to })
}

/// Every minute of the week that is in it, written down one by one.
fn minutes(Hours { days, from, to }: Hours) -> Vec<bool> {
    let mut week = vec![false; 7 * DAY as usize];
    for day in (0..7).filter(|day| days[*day as usize]) {
        let (mut minute, mut passed) = (u32::from(from), 0);
        while passed == 0 || minute % DAY != u32::from(to) % DAY {
            week[((day * DAY + minute) % (7 * DAY)) as usize] = true;
            minute += 1;
            passed += 1;
        }
    }
    week
}

proptest! {
    #[test]
    fn hours_are_the_minutes_one_by_one(hours in hours()) {
        let week = minutes(hours);
        for minute in 0..7 * DAY {
            prop_assert_eq!(hours.contains(minute), week[minute as usize], "{} at {}", hours, minute);
        }
    }

    #[test]
    fn hours_are_read_as_they_are_written(hours in hours()) {
        prop_assume!(hours.days.contains(&true));
        prop_assert_eq!(hours.to_string().parse::<Hours>(), Ok(hours));
    }

    #[test]
    fn a_range_holds_what_is_in_it_and_ends_beyond_its_deadband(from: u8, to: u8, deadband: u8, value: u8) {
        let (from, to) = (from.min(to), from.max(to));
        let range = Range { from, to, deadband };
        let distance = (from..=to).map(|inside| inside.abs_diff(value)).min().unwrap_or(0);
        prop_assert_eq!(range.holds(value), distance == 0);
        prop_assert_eq!(range.ends(value), distance > deadband);
    }

    /// A key comes once for each target, however a detector flickers and whoever answers.
    #[test]
    fn no_two_notifications_have_one_key(steps in prop::collection::vec((0u8..6, 1u64..40), 1..200)) {
        let mut building = Building::new(Limits::default());
        let who = Who::new("ann", "test");
        let delivery = Delivery::Command { arguments: vec!["/bin/true".into()], time_limit: Duration::from_secs(9) };
        let target = |name: &str| Target { name: name.into(), delivery: delivery.clone(), expires: None };
        let model = Model { targets: vec![target("a"), target("b")], ..Model::default() };
        let order = Order::SetModel { model: Box::new(model), from_version: None };
        prop_assert!(building.order(order, &who, Time(1)).is_ok());
        let mut session = building.open([10, 0, 0, 1].into());
        let mut now = Time(1);
        for (step, pause) in steps {
            now = now.after(Duration::from_secs(pause));
            building.wake(now);
            let alarm = building.alarms().next().map_or(poe_building::AlarmId(0), |alarm| alarm.id);
            let order = match step {
                0..=2 => {
                    let bytes = [1, step, 0, 0, 1, step, 0, 1, 1, step, 0, (pause % 2) as u8];
                    building.handle(Input::Stream { session: &mut session, bytes: &bytes }, now, &mut Vec::new());
                    continue;
                }
                3 => Order::Acknowledge(alarm),
                4 => Order::Reset(alarm),
                _ => Order::Shelve { alarm, span: Duration::from_secs(20), reason: "test".into() },
            };
            // Whether it is refused does not matter here.
            let _ = building.order(order, &who, now);
        }
        let keys: Vec<_> = building.promises().map(|promise| (promise.target.clone(), promise.key.clone())).collect();
        prop_assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    }
}
