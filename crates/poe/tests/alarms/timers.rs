//! `kill -9` while something is waited for: what was left of the time is waited for after the restart, and no more.

use crate::{
    desk::{Desk, wait, wait_until},
    house::{self, House},
    node::{Node, SMOKE_ID, TEMPERATURE, TEMPERATURE_ID, post},
    receiver::{Manner, Receiver},
    support::{PATIENCE, clock::Clock},
};
use serde_json::json;
use std::{
    thread,
    time::{Duration, Instant},
};

/// How much later than it should something may come, for all that the tester has to do meanwhile.
const WITHIN_S: f64 = 1.0;

/// Kills the server so long after then, and starts it again. The node sends what it reads once more.
#[track_caller]
fn kill_after(house: &mut House, begun: Instant, span_s: f64, reading: [u8; 4]) -> Node {
    thread::sleep((begun + Duration::from_secs_f64(span_s)).saturating_duration_since(Instant::now()));
    house.server.kill();
    house.start_again();
    let mut node = Node::connect(house::KITCHEN, house.server.tcp());
    node.send(&[reading]);
    node
}

/// It is so as many seconds after then as it should be, and not before.
#[track_caller]
fn check_at(what: &str, begun: Instant, expected_s: f64, is: impl Fn() -> bool) {
    let due = begun + Duration::from_secs_f64(expected_s);
    let longest = due.saturating_duration_since(Instant::now()) + PATIENCE;
    wait_until(what, longest, is);
    let passed = begun.elapsed().as_secs_f64();
    eprintln!("{what} after {passed:.2} s of {expected_s} s");
    assert!((expected_s - 0.1..=expected_s + WITHIN_S).contains(&passed), "{what} after {passed:.2} s");
}

fn is_raised(desk: &Desk, rule: &str) -> bool {
    !desk.alarms_of(rule).is_empty()
}

pub fn a_kill_within_an_on_delay_or_an_off_delay_costs_nothing_of_it() {
    let building = "[[rule]]\nrule = \"temperature\"\noff_delay_s = 4\n";
    let mut house = House::with(&house::setup(), building);
    let mut node = house.calm_node();
    let smoke = post(SMOKE_ID, 1, 165);
    node.send(&[smoke]);
    let begun = Instant::now();
    let mut node = kill_after(&mut house, begun, 1.5, smoke);
    assert!(!is_raised(&house.desk, "smoke-warning"), "its delay of 4 s is not over");
    check_at("smoke that lasts is raised", begun, 4.0, || is_raised(&house.desk, "smoke-warning"));

    node.send(&[post(TEMPERATURE_ID, TEMPERATURE, 140)]);
    house.desk.alarm("temperature");
    let cool = post(TEMPERATURE_ID, TEMPERATURE, 70);
    node.send(&[cool]);
    let begun = Instant::now();
    let node = kill_after(&mut house, begun, 1.5, cool);
    assert_eq!(house.desk.alarm("temperature")["state"], "unacknowledged", "its delay of 4 s is not over");
    let returned = || house.desk.alarms_of("temperature")[0]["state"] == "returned_unacknowledged";
    check_at("heat that is gone has returned", begun, 4.0, returned);
    assert_eq!(house.desk.entries_of("alarm.raised", "smoke-warning").len(), 1);
    assert_eq!(house.desk.entries_of("alarm.raised", "temperature").len(), 1);
    drop(node);
    house.assert_whole();
}

pub fn a_kill_within_an_escalation_or_before_people_are_asked_again_costs_nothing_of_it() {
    let chief = Receiver::start(Manner::Accept);
    let group = |name: &str, level: u8, target: &str| {
        format!(
            "[[group]]\nname = \"{name}\"\nlevel = {level}\ntargets = [\"{target}\"]\nclasses = [\"alarm\"]\n"
        )
    };
    let rules = "[[rule]]\nrule = \"fire\"\nescalation_s = 10\nre_alarm_s = 10\n";
    let groups = group("near", 1, "guard") + &group("far", 2, "chief");
    let mut house = House::with(&house::setup(), &format!("{rules}{groups}{}", chief.target("chief")));
    let mut node = house.calm_node();
    node.burn();
    let begun = Instant::now();
    house.receiver.page("fire", "raised", PATIENCE);
    assert_eq!(chief.pages_of("fire", "raised").len(), 0, "it is not yet their turn");
    let node = kill_after(&mut house, begun, 4.0, post(0, 0, 0));
    check_at("the next level is told", begun, 10.0, || !chief.pages_of("fire", "escalated").is_empty());
    assert_eq!(house.receiver.pages_of("fire", "raised").len(), 1);

    let fire = house.desk.tell(&house.desk.alarm("fire"), "acknowledge");
    assert_eq!(fire["state"], "acknowledged");
    let begun = Instant::now();
    drop(node);
    let node = kill_after(&mut house, begun, 4.0, post(0, 0, 0));
    assert_eq!(house.desk.alarm("fire")["state"], "acknowledged");
    let asked = || !house.receiver.pages_of("fire", "asked_again").is_empty();
    check_at("people are asked again", begun, 10.0, asked);
    assert_eq!(house.desk.alarm("fire")["state"], "unacknowledged");
    drop(node);
    assert_eq!(chief.pages_of("fire", "escalated").len(), 1, "nobody is told of the same twice");
    house.assert_whole();
}

pub fn a_clock_that_was_set_before_a_kill_neither_ends_nor_extends_a_delay() {
    let name = "a_clock_that_was_set_before_a_kill_neither_ends_nor_extends_a_delay";
    thread::scope(|scope| {
        for offset_s in [-7_200, 7_200] {
            let Some((clock, setup)) = Clock::new(name) else { return };
            let setup = setup.args(["--http", "none", "--notify-allow", "127.0.0.0/8"]);
            scope.spawn(move || {
                let mut house = House::with(&setup, "[[rule]]\nrule = \"smoke-warning\"\non_delay_s = 6\n");
                let mut node = house.calm_node();
                let smoke = post(SMOKE_ID, 1, 165);
                node.send(&[smoke]);
                let begun = Instant::now();
                thread::sleep(Duration::from_secs(1));
                clock.set(offset_s);
                house.desk.alarm("clock");
                let node = kill_after(&mut house, begun, 3.0, smoke);
                let what = format!("with the clock at {offset_s} s, the smoke is raised");
                check_at(&what, begun, 6.0, || is_raised(&house.desk, "smoke-warning"));
                drop(node);
                house.assert_whole();
            });
        }
    });
}

/// A fire that is shelved for a minute; how the server is killed meanwhile is the caller's.
fn shelved() -> (House, Instant) {
    let house = House::new();
    let mut node = house.calm_node();
    node.burn();
    let fire = house.desk.alarm("fire");
    house.receiver.page("fire", "raised", PATIENCE);
    let path = format!("/api/v1/alarms/{}/shelve", fire["id"]);
    let fire = house.desk.order(&path, &json!({ "minutes": 1, "reason": "a candle" }));
    assert_eq!(fire["suppressed"], "shelved");
    (house, Instant::now())
}

fn is_loud(desk: &Desk) -> bool {
    let fire = desk.alarm("fire");
    fire["suppressed"].is_null() && fire["audible"] == true
}

fn check_shelving_over_a_kill() {
    let (mut house, begun) = shelved();
    let node = kill_after(&mut house, begun, 20.0, post(0, 0, 0));
    assert_eq!(house.desk.alarm("fire")["suppressed"], "shelved");
    check_at("the shelving is over", begun, 60.0, || is_loud(&house.desk));
    let page = wait(PATIENCE, || house.receiver.pages_of("fire", "unquieted").into_iter().next());
    assert!(page.is_some(), "{:?}", house.receiver.pages());
    // What has ended stays so.
    drop(node);
    house.server.kill();
    house.start_again();
    assert_eq!(house.desk.get("/api/v1/suppressions")["items"], json!([]));
    assert!(is_loud(&house.desk));
    assert_eq!(house.desk.entries_of("suppression.ended", "fire").len(), 1);
    house.assert_whole();
}

fn check_shelving_that_ends_while_nobody_serves() {
    let (mut house, begun) = shelved();
    thread::sleep((begun + Duration::from_secs(55)).saturating_duration_since(Instant::now()));
    house.server.kill();
    thread::sleep((begun + Duration::from_secs(62)).saturating_duration_since(Instant::now()));
    house.start_again();
    wait_until("it has ended", Duration::from_secs(1), || is_loud(&house.desk));
    assert_eq!(house.desk.get("/api/v1/suppressions")["items"], json!([]));
    house.assert_whole();
}

pub fn a_kill_within_a_shelving_neither_ends_nor_extends_it() {
    thread::scope(|scope| {
        scope.spawn(check_shelving_over_a_kill);
        scope.spawn(check_shelving_that_ends_while_nobody_serves);
    });
}
