//! What a restart keeps, what it says, and to whom.

use crate::{
    desk::wait_until,
    house::{self, House},
    node::{Node, TEMPERATURE, TEMPERATURE_ID, post},
    receiver::{Manner, Receiver},
    support::PATIENCE,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, thread, time::Duration};

/// Nothing more comes within this time.
const NOTHING_MORE: Duration = Duration::from_secs(1);

/// Rule, state, whether it is suppressed, and who acknowledged it, of every alarm but the restart's own.
fn states(house: &House) -> BTreeMap<String, (Value, Value, Value)> {
    let alarms = house.desk.alarms().into_iter().filter(|alarm| alarm["rule"] != "restart");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    alarms
        .map(|mut alarm| {
            let rule = text(&alarm["rule"]);
            (rule, (alarm["state"].take(), alarm["suppressed"].take(), alarm["acknowledged_by"].take()))
        })
        .collect()
}

/// One fire that nobody has seen, smoke that is gone, was seen and is held, and heat that is shelved.
fn troubled_house(second: &Receiver) -> (House, Node) {
    let house = House::with(&house::setup(), &second.target("chief"));
    let mut node = house.calm_node();
    node.burn();
    node.smoke(220);
    node.send(&[post(TEMPERATURE_ID, TEMPERATURE, 150)]);
    let smoke = house.desk.alarm("smoke");
    house.desk.tell(&smoke, "acknowledge");
    node.smoke(80);
    house.desk.wait_for_state("smoke", "latched_acknowledged", PATIENCE);
    let heat = house.desk.alarm("temperature");
    let path = format!("/api/v1/alarms/{}/shelve", heat["id"]);
    house.desk.order(&path, &json!({ "minutes": 30, "reason": "the oven" }));
    house.desk.wait_for_state("fire", "unacknowledged", PATIENCE);
    wait_until("everybody knows", PATIENCE, || {
        let confirmed = house.desk.entries("notification.confirmed").len();
        confirmed == house.desk.entries("notification.promised").len() && confirmed >= 6
    });
    (house, node)
}

/// Each target gets one notice that lists what is active, and nothing else.
#[track_caller]
fn check_notice(receiver: &Receiver, before: usize, rules: &[&str]) {
    receiver.page("", "restarted", PATIENCE);
    thread::sleep(NOTHING_MORE);
    let pages = receiver.pages();
    assert_eq!(pages.len(), before + 1, "one notice and nothing else: {pages:?}");
    let notice = pages.last().unwrap();
    let listed: Vec<&str> =
        notice.page["alarms"].as_array().unwrap().iter().filter_map(|alarm| alarm["rule"].as_str()).collect();
    for rule in rules {
        assert!(listed.contains(rule), "{rule} is not in {notice:?}");
    }
    assert_eq!(listed.contains(&"restart"), rules.contains(&"restart"), "{notice:?}");
}

#[test]
fn every_alarm_is_as_it_was_after_a_kill_and_each_target_gets_one_notice() {
    let second = Receiver::start(Manner::Accept);
    let (mut house, node) = troubled_house(&second);
    let (before, guard, chief) = (states(&house), house.receiver.pages().len(), second.pages().len());
    assert_eq!(before.len(), 4, "with the warning of the heat: {before:?}");
    drop(node);
    house.server.kill();
    house.start_again();
    assert_eq!(states(&house), before);
    let restart = house.desk.alarm("restart");
    assert_eq!((&restart["source"], &restart["class"]), (&json!("system"), &json!("trouble")));
    assert_eq!(restart["state"], "latched_unacknowledged");
    let all = ["fire", "smoke", "restart"];
    check_notice(&house.receiver, guard, &all);
    check_notice(&second, chief, &all);
    assert_eq!(house.desk.alarm("fire")["audible"], true, "what is active sounds again");
    assert_eq!(house.desk.entries_of("alarm.raised", "fire").len(), 1, "and is not raised again");

    // The node sends what it reads: still nothing new.
    let mut node = Node::connect(house::KITCHEN, house.server.tcp());
    node.burn();
    node.send(&[post(TEMPERATURE_ID, TEMPERATURE, 150)]);
    thread::sleep(NOTHING_MORE);
    assert_eq!(states(&house), before);
    assert_eq!(house.receiver.pages().len(), guard + 1);
    house.desk.tell(&restart, "acknowledge");
    house.desk.tell(&restart, "reset");
    assert!(house.desk.alarms_of("restart").is_empty());
    house.assert_whole();
}

#[test]
fn a_stop_in_order_is_no_trouble_and_what_is_still_active_is_told_once() {
    let second = Receiver::start(Manner::Accept);
    let (mut house, node) = troubled_house(&second);
    let (before, guard) = (states(&house), house.receiver.pages().len());
    drop(node);
    assert!(house.server.stop().success());
    house.start_again();
    assert_eq!(states(&house), before);
    check_notice(&house.receiver, guard, &["fire", "smoke"]);
    assert!(house.desk.alarms_of("restart").is_empty());
    house.assert_whole();
}

#[test]
fn a_stop_in_order_of_a_quiet_house_is_told_to_nobody() {
    let mut house = House::new();
    drop(house.calm_node());
    assert!(house.server.stop().success());
    house.start_again();
    thread::sleep(NOTHING_MORE);
    assert_eq!(house.desk.alarms(), Vec::<Value>::new());
    assert!(house.receiver.pages().is_empty(), "{:?}", house.receiver.pages());
    house.assert_whole();
}

#[test]
fn a_suppression_that_was_ended_does_not_come_back_by_a_restart() {
    let mut house = House::new();
    let mut node = house.calm_node();
    node.burn();
    let fire = house.desk.alarm("fire");
    let path = format!("/api/v1/alarms/{}/shelve", fire["id"]);
    house.desk.order(&path, &json!({ "minutes": 60, "reason": "a test of the alarm" }));
    let fields = json!({ "source": "127.0.21.1", "minutes": 60, "reason": "painters" });
    let service = house.desk.order("/api/v1/suppressions", &fields);
    house.desk.tell(&fire, "unshelve");
    let path = format!("/api/v1/suppressions/{}", service["id"]);
    assert_eq!(house.desk.ask("DELETE", &path, &[], "").status, 200);
    drop(node);
    house.server.kill();
    house.start_again();
    assert_eq!(house.desk.get("/api/v1/suppressions")["items"], json!([]));
    let fire = house.desk.alarm("fire");
    assert_eq!((&fire["suppressed"], &fire["audible"]), (&Value::Null, &json!(true)));
    assert_eq!(house.desk.entries("suppression.ended").len(), 2);
    house.assert_whole();
}
