//! Changes of the building while the server runs: in force at once, written down, and never half.

use crate::{
    desk::{Answer, wait_until},
    house::{self, House},
    live::Follower,
    node::{Node, TEMPERATURE, TEMPERATURE_ID, post},
    receiver::{Manner, Receiver},
    support::PATIENCE,
};
use serde_json::Value;
use std::{
    thread,
    time::{Duration, Instant},
};

/// A change is in force, and shown, within this time.
const AT_ONCE: Duration = Duration::from_secs(1);

fn put(house: &House, headers: &[(&str, &str)], building: &str) -> Answer {
    let headers: Vec<_> = headers.iter().copied().chain([("Content-Type", "application/toml")]).collect();
    house.desk.ask("PUT", "/api/v1/building", &headers, building)
}

fn building(house: &House) -> (String, String) {
    let answer = house.desk.ask("GET", "/api/v1/building", &[], "");
    (answer.body.clone(), answer.header("etag").unwrap().to_owned())
}

fn with_limit(house: &House, at_least: u8) -> String {
    let target = house.receiver.target("guard");
    format!("[site]\nname = \"house\"\n[[rule]]\nrule = \"temperature\"\nat_least = {at_least}\n{target}")
}

#[test]
fn a_changed_rule_holds_at_once_for_a_value_that_stands_and_is_journalled() {
    let house = House::new();
    let mut node = house.calm_node();
    node.send(&[post(TEMPERATURE_ID, TEMPERATURE, 100)]);
    let follower = Follower::of(&house.desk);
    thread::sleep(Duration::from_millis(200));
    assert!(house.desk.alarms().is_empty(), "{:?}", house.desk.alarms());

    let changed = Instant::now();
    assert_eq!(put(&house, &[], &with_limit(&house, 95)).status, 200);
    let raised = follower.entry("alarm.raised", "temperature");
    assert!(raised.at - changed < AT_ONCE, "{:?}", raised.at - changed);
    assert_eq!((&raised.data["value"], &raised.data["source"]), (&100.into(), &"127.0.21.1_12".into()));
    let page = house.receiver.page("temperature", "raised", PATIENCE);
    assert!(page.at - changed < AT_ONCE, "{:?}", page.at - changed);
    let entries = house.desk.entries("rule.changed");
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert!(entries[0]["text"].as_str().unwrap().contains("temperature"), "{entries:?}");
    assert!(entries[0]["who"]["name"].is_string(), "{entries:?}");
    assert!(
        entries[0]["seq"].as_u64() < raised.data["seq"].as_u64(),
        "the change comes before what it causes"
    );

    assert_eq!(put(&house, &[], &with_limit(&house, 105)).status, 200);
    house.desk.wait_for_state("temperature", "returned_unacknowledged", AT_ONCE);
    assert_eq!(house.desk.entries("rule.changed").len(), 2);
    drop(node);
    house.assert_whole();
}

#[test]
fn a_changed_target_is_who_is_told_from_now_on() {
    let house = House::new();
    let other = Receiver::start(Manner::Accept);
    let mut node = house.calm_node();
    house.desk.describe(&format!("[site]\nname = \"house\"\n{}", other.target("porter")));
    node.burn();
    other.page("fire", "raised", PATIENCE);
    assert!(house.receiver.pages().is_empty());
    assert!(!house.desk.entries("target.changed").is_empty());
    house.assert_whole();
}

#[test]
fn a_building_file_that_is_not_right_is_refused_by_its_lines_and_changes_nothing() {
    let house = House::new();
    let node = house.calm_node();
    let (text, etag) = building(&house);
    let entries = house.desk.entries("").len();
    let bad = [
        ("[site]\nname = \"x\"\n\n[[rule]]\nrule = \"smoke\"\nat_leats = 3\n", "6"),
        ("[site]\nname = \"x\"\ntrouble_s = 900\n", "3"),
        ("[site]\nname = \"x\"\n[[place]]\nname = \"a\"\nkind = \"room\"\nwithin = \"b\"\n", "b"),
        ("[site\n", "1"),
    ];
    for (bad, line) in bad {
        let answer = put(&house, &[], bad);
        assert_eq!(answer.status, 422, "{bad}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let errors = answer.json()["errors"].to_string();
        assert!(errors.contains(line), "{bad}: {errors}");
    }
    assert_eq!(building(&house), (text, etag));
    wait_until("the refusals are told or not", PATIENCE, || house.desk.entries("").len() >= entries);
    let changes: Vec<Value> = ["model.changed", "rule.changed", "target.changed"]
        .iter()
        .flat_map(|kind| house.desk.entries(kind))
        .collect();
    assert!(changes.iter().all(|change| change["seq"].as_u64() <= Some(entries as u64)), "{changes:?}");
    drop(node);
    house.assert_whole();
}

#[test]
fn of_two_who_edit_at_once_the_second_is_told_and_overwrites_nothing() {
    let house = House::new();
    let (_, etag) = building(&house);
    let answers: Vec<Answer> = thread::scope(|scope| {
        let edits = [90, 91, 92, 93].map(|at_least| {
            let (house, etag) = (&house, &etag);
            scope.spawn(move || put(house, &[("If-Match", etag)], &with_limit(house, at_least)))
        });
        edits.map(|edit| edit.join().unwrap()).into()
    });
    let done: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 412).collect();
    assert_eq!((done.len(), refused.len()), (1, 3), "{answers:?}");
    let (text, now) = building(&house);
    assert_eq!(Some(now.as_str()), done[0].header("etag"), "the answer tells the version");
    assert_ne!(now, etag);
    assert_eq!(text.matches("at_least").count(), 1, "{text}");
    assert_eq!(house.desk.entries("rule.changed").len(), 1);

    // Whoever reads again can change it.
    let again = put(&house, &[("If-Match", &now)], &with_limit(&house, 99));
    assert_eq!(again.status, 200, "{again:?}");
    house.assert_whole();
}

#[test]
fn a_change_survives_a_kill_as_soon_as_it_is_answered() {
    let mut house = House::new();
    assert_eq!(put(&house, &[], &with_limit(&house, 95)).json()["committed"], true);
    let before = building(&house);
    house.server.kill();
    house.start_again();
    assert_eq!(building(&house), before);
    let mut node = Node::connect(house::KITCHEN, house.server.tcp());
    node.send(&[post(TEMPERATURE_ID, TEMPERATURE, 100)]);
    house.desk.alarm("temperature");
    house.assert_whole();
}
