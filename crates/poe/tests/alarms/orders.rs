//! What people have ordered, and a kill or a disk that comes between.

use crate::{
    desk::{Desk, wait_until},
    house::{self, House},
    killed::at_every_moment,
    node::Node,
    receiver::{Manner, Receiver},
    support::{
        Ended, PATIENCE,
        ground::has_program,
        tamper::{Tampering, tampered},
    },
};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::{thread, time::Duration};

/// The orders of this test, in their order; what is answered as stored is counted.
fn give_orders(desk: &Desk) -> usize {
    let mut stored = 0;
    let fire = desk.alarm("fire")["id"].clone();
    let shelve = json!({ "minutes": 30, "reason": "a candle" }).to_string();
    for (verb, body) in [("acknowledge", ""), ("shelve", shelve.as_str())] {
        let path = format!("/api/v1/alarms/{fire}/{verb}");
        let typed = [("Content-Type", "application/json")];
        let answer = desk.try_ask("POST", &path, &typed, body);
        match answer {
            Ok(answer) if answer.status == 200 && answer.json()["committed"] == true => stored += 1,
            _ => return stored,
        }
    }
    stored
}

#[track_caller]
fn check_orders(inject: &str) -> bool {
    let mut house = House::new();
    let mut node = house.calm_node();
    node.burn();
    house.receiver.page("fire", "raised", PATIENCE);
    wait_until("it is confirmed", PATIENCE, || {
        !house.desk.entries_of("notification.confirmed", "fire").is_empty()
    });
    let tampering = Tampering::begin(&house.setup, house.server.pid(), inject);
    let stored = give_orders(&house.desk);
    // A kill in what is written after the answer may still come.
    thread::sleep(Duration::from_millis(100));
    let was_killed = house.server.has_ended();
    drop(tampering);
    if !was_killed {
        house.server.signal(Signal::SIGKILL);
    }
    house.server.wait();
    house.start_again();
    let fire = house.desk.alarm("fire");
    let suppressed = house.desk.get("/api/v1/suppressions")["items"].as_array().unwrap().len();
    let what = format!("{inject}: {stored} orders were stored: {fire}");
    assert!(stored < 1 || fire["state"] == "acknowledged", "{what}");
    assert!(stored < 2 || fire["suppressed"] == "shelved", "{what}");
    assert_eq!(suppressed == 1, fire["suppressed"] == "shelved", "{what}");
    for (kind, is) in [
        ("alarm.acknowledged", fire["state"] == "acknowledged"),
        ("suppression.began", fire["suppressed"] == "shelved"),
    ] {
        assert_eq!(house.desk.entries(kind).len(), usize::from(is), "{what}: {kind}");
    }
    assert_eq!(house.receiver.pages_of("fire", "raised").len(), 1, "{what}");
    house.assert_whole();
    was_killed
}

#[test]
fn a_kill_at_any_write_of_an_order_leaves_what_was_answered_as_stored() {
    if has_program("a_kill_at_any_write_of_an_order_leaves_what_was_answered_as_stored", "strace") {
        for call in ["pwrite64", "fdatasync"] {
            at_every_moment(call, check_orders);
        }
    }
}

/// A start with a fire in the folder that is killed by this; tells whether it was.
#[track_caller]
fn check_start(inject: &str) -> bool {
    let mut house = House::new();
    let mut node = house.calm_node();
    node.burn();
    house.receiver.page("fire", "raised", PATIENCE);
    wait_until("it is confirmed", PATIENCE, || {
        !house.desk.entries_of("notification.confirmed", "fire").is_empty()
    });
    let before = house.desk.alarm("fire");
    let entries = house.desk.entries("");
    house.server.kill();
    let (setup, _) = tampered(&house.setup, inject);
    let was_killed = match setup.try_start() {
        Ok(mut server) => {
            // Its first batch and the notice are part of the start.
            thread::sleep(Duration::from_millis(400));
            let killed = server.has_ended();
            if !killed {
                server.signal(Signal::SIGKILL);
            }
            server.wait();
            killed
        }
        Err(Ended { .. }) => true,
    };
    house.start_again();
    assert_eq!(house.desk.alarm("fire")["id"], before["id"], "{inject}");
    assert_eq!(house.desk.alarm("restart")["state"], "latched_unacknowledged", "{inject}");
    let after = house.desk.entries("");
    for (before, after) in entries.iter().zip(&after) {
        assert_eq!(before["hash"], after["hash"], "{inject}: what was written stays as it was");
        let stamp = &after["committed"];
        assert!(stamp.is_null() || *stamp == before["committed"], "{inject}: {before}, and later {after}");
    }
    assert_eq!(house.desk.entries_of("alarm.raised", "fire").len(), 1, "{inject}");
    house.receiver.page("", "restarted", PATIENCE);
    assert_eq!(house.receiver.pages_of("fire", "raised").len(), 1, "{inject}");
    wait_until("every notice is confirmed", PATIENCE, || {
        let kinds = ["notification.promised", "notification.confirmed"];
        let [promised, confirmed] = kinds.map(|kind| house.desk.entries(kind).len());
        promised == confirmed
    });
    house.assert_whole();
    was_killed
}

#[test]
fn a_kill_at_any_write_of_a_restart_loses_no_alarm() {
    if has_program("a_kill_at_any_write_of_a_restart_loses_no_alarm", "strace") {
        for call in ["pwrite64", "fdatasync"] {
            at_every_moment(call, check_start);
        }
    }
}

#[test]
fn a_kill_in_the_middle_of_a_flood_loses_no_page_and_repeats_none_that_was_confirmed() {
    const FIRES: usize = 250;
    let hanging = Receiver::start(Manner::Refuse(503));
    let mut house = House::with(&house::setup(), &hanging.target("late"));
    let fires = |node: &mut Node| {
        let readings: Vec<[u8; 4]> = (0..FIRES).map(|id| [1, id as u8, 0, 0]).collect();
        node.send(&readings);
    };
    let mut node = Node::connect(house::KITCHEN, house.server.tcp());
    fires(&mut node);
    wait_until("some were told", PATIENCE, || house.receiver.pages_of("fire", "raised").len() > 20);
    house.server.kill();
    let confirmed = |house: &House| -> Vec<String> {
        let text = |entry: &Value| entry["text"].as_str().unwrap().to_owned();
        house.desk.entries("notification.confirmed").iter().map(text).collect()
    };
    let told_before = house.receiver.pages_of("fire", "raised");
    house.start_again();
    let before = confirmed(&house);
    let mut node = Node::connect(house::KITCHEN, house.server.tcp());
    fires(&mut node);
    hanging.behave(Manner::Accept);
    for receiver in [&house.receiver, &hanging] {
        wait_until("all have come", PATIENCE * 3, || {
            let mut keys: Vec<String> =
                receiver.pages_of("fire", "raised").iter().map(|page| page.key().to_owned()).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.len() >= FIRES
        });
    }
    assert_eq!(house.desk.alarms_of("fire").len(), FIRES);
    assert_eq!(house.desk.entries_of("alarm.raised", "fire").len(), FIRES);
    let pages = house.receiver.pages_of("fire", "raised");
    for page in &pages[told_before.len()..] {
        let again = before.iter().any(|known| known.contains(page.key()));
        assert!(!again, "confirmed, and told again: {page:?}");
    }
    house.assert_whole();
}
