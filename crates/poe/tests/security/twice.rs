//! Commands that are sent twice.

use crate::{
    house::House,
    speech::{Ask, Told, ask},
};
use serde_json::{Value, json};
use std::thread;

fn emergency(key: &str, zone: &str) -> Ask {
    let body = json!({ "kind": "fire", "zone": zone });
    ask("POST", "/api/v1/emergencies").header("Idempotency-Key", key).json(&body)
}

fn alarms(house: &House) -> usize {
    house.owner(ask("GET", "/api/v1/alarms?class=alarm")).json()["items"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_command_with_a_key_is_carried_out_once() {
    let house = House::open();
    let [anna, bert] = ["anna", "bert"].map(|name| house.token(name, "operator", &[]));
    let say = |token: &str, key: &str, zone: &str| house.told(&emergency(key, zone).bearer(token));
    let first = say(&anna, "k-1", "kitchen").check(201);
    let again = say(&anna, "k-1", "kitchen").check(201);
    let plain = |told: &Told| (told.status, told.body.clone(), told.header("location").map(str::to_owned));
    assert_eq!(plain(&first), plain(&again));
    assert_eq!(alarms(&house), 1);
    say(&anna, "k-1", "stable").check(422);
    assert_eq!(alarms(&house), 1);
    say(&bert, "k-1", "stable").check(201);
    assert_eq!(alarms(&house), 2, "a key is one's own");
    for unfit in ["", "a b", "a/b", &"k".repeat(65)] {
        say(&anna, unfit, "kitchen").check(400);
    }
    let refused = say(&anna, "k-2", "nowhere");
    assert!((400..500).contains(&refused.status), "{refused:?}");
    say(&anna, "k-2", "barn").check(201);
    assert_eq!(alarms(&house), 3, "what was refused may be tried again");
}

#[test]
fn who_may_not_ask_is_not_told_what_was_answered() {
    let house = House::open();
    let operator = house.token("operator", "operator", &[]);
    let viewer = house.token("viewer", "viewer", &[]);
    house.told(&emergency("k", "kitchen").bearer(&operator)).check(201);
    house.told(&emergency("k", "kitchen").bearer(&viewer)).check(404);
    house.told(&emergency("k", "kitchen")).check(401);
    let ended = house.owner(ask("GET", "/api/v1/tokens")).json();
    let id =
        ended["items"].as_array().unwrap().iter().find(|token| token["name"] == "operator").unwrap()["id"]
            .clone();
    house.owner(ask("DELETE", &format!("/api/v1/tokens/{}", id.as_str().unwrap()))).check(204);
    house.told(&emergency("k", "kitchen").bearer(&operator)).check(401);
}

#[test]
fn a_crowd_with_one_key_does_one_thing() {
    let house = House::open();
    let token = house.token("robot", "operator", &[]);
    let told: Vec<Told> = thread::scope(|scope| {
        let ask = || house.told(&emergency("k", "kitchen").bearer(&token));
        let crowd: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        crowd.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(told.iter().all(|told| [201, 409].contains(&told.status)), "{told:?}");
    let mut bodies: Vec<Value> = told.iter().filter(|told| told.status == 201).map(Told::json).collect();
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "whoever was answered was told the same");
    let raised = house.entries("alarm.raised", 0);
    assert_eq!(raised.iter().filter(|entry| entry["source"] == "kitchen").count(), 1);
}
