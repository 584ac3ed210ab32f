//! Exactly once: however often a flame flickers or its node connects anew, there is one alarm and one notification.

use crate::{
    desk::wait_until,
    house::{House, KITCHEN},
    node::{FIRE, FIRE_ID, Node, post},
    support::{
        PATIENCE,
        ground::{has, long_tests},
        reset,
    },
};
use std::{
    thread,
    time::{Duration, Instant},
};

/// Nothing more comes within this time of what was to come once.
const NOTHING_MORE: Duration = Duration::from_secs(1);

/// Of the fire there is one alarm, one entry that raised it and one page, and the journal is short and whole.
#[track_caller]
fn check_once(house: &House, entries_max: usize) {
    house.receiver.page("fire", "raised", PATIENCE);
    wait_until("the page is confirmed", PATIENCE, || {
        !house.desk.entries_of("notification.confirmed", "fire").is_empty()
    });
    thread::sleep(NOTHING_MORE);
    let alarms = house.desk.alarms_of("fire");
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!(alarms[0]["committed"], true);
    let raised = house.desk.entries_of("alarm.raised", "fire");
    assert_eq!(raised.len(), 1, "{raised:?}");
    let pages = house.receiver.pages_of("fire", "raised");
    assert_eq!(pages.len(), 1, "{pages:?}");
    let requests = house.receiver.requests();
    let request = requests.iter().find(|got| got.body["pages"][0]["alarms"][0]["rule"] == "fire").unwrap();
    assert_eq!(request.key, pages[0].key(), "the header holds the key of the page");
    let mut keys: Vec<&str> = requests.iter().map(|got| got.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), requests.len(), "no key came twice: {requests:?}");
    let entries = house.desk.entries("");
    assert!(entries.len() <= entries_max, "{} entries: {entries:?}", entries.len());
    house.assert_whole();
}

/// The flame comes and goes so often and so fast.
fn check_flicker(times: u32, every: Duration) {
    let house = House::new();
    let mut node = house.calm_node();
    let begun = Instant::now();
    for number in 0..times {
        let due = begun + every * number;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        node.send(&[post(FIRE_ID, FIRE, (number % 2) as u8)]);
    }
    // Beside the start, the model and the node: raised, returned and tripped until it counts as chatter, and chatter.
    check_once(&house, 40);
    assert_eq!(house.desk.alarm("fire")["source"], format!("{KITCHEN}_{FIRE_ID}"));
}

#[test]
fn a_flame_that_flickers_three_thousand_times_is_one_alarm_and_one_notification() {
    check_flicker(3_000, Duration::from_millis(1));
}

#[test]
fn a_flame_that_flickers_at_50_hz_for_a_minute_is_one_alarm_and_one_notification() {
    let name = "a_flame_that_flickers_at_50_hz_for_a_minute_is_one_alarm_and_one_notification";
    if has(name, "POE_LONG_TESTS=1", long_tests()) {
        check_flicker(3_000, Duration::from_millis(20));
    }
}

#[test]
fn two_frames_a_millisecond_apart_are_one_alarm() {
    let house = House::new();
    let mut node = house.calm_node();
    node.burn();
    thread::sleep(Duration::from_millis(1));
    node.burn();
    check_once(&house, 20);
}

#[test]
fn a_node_that_connects_again_and_again_while_it_burns_is_one_alarm() {
    let house = House::new();
    let mut node = house.calm_node();
    node.burn();
    for round in 0..20 {
        let mut next = Node::connect(KITCHEN, house.server.tcp());
        if round % 2 == 0 {
            reset(node.stream);
        }
        next.send(&[[0, FIRE_ID, FIRE, 0]]);
        next.burn();
        node = next;
        thread::sleep(Duration::from_millis(20));
    }
    check_once(&house, 30);
}
