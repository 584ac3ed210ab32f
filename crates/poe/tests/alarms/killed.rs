//! `kill -9` at every boundary between a flame and the entry that says that somebody knows of it.
//!
//! | boundary | how the server is killed there |
//! | --- | --- |
//! | before the reading, and before any later thing is read | at the n-th `read` or `recvfrom` |
//! | decided, and before or between the writes of entry, alarm, promise and row, or of the journal's mark | at the n-th `pwrite64` |
//! | written, and not durable | at the n-th `fdatasync` |
//! | durable, and nobody told | at the n-th `connect`, `write`, `writev`, `sendto` or `sendmsg`, which wake threads, too |
//! | connected, nothing sent | by the receiver, as soon as somebody connects |
//! | sent, not answered | by the receiver, with the request in its hands |
//! | answered, the answer not yet read | by the receiver, just after its answer |
//! | the answer read, the confirmation not durable | at a later `pwrite64` or `fdatasync` |
//! | the confirmation durable | by one who follows and has seen it |

use crate::{
    desk::wait_until,
    house::House,
    live::{Follower, Told},
    receiver::{Got, Page, Step},
    support::{PATIENCE, ground::has_program, open_read_only, tamper::Tampering},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use std::{
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

/// Far more than an alarm, an order or a start takes of any call.
const MOMENTS_MAX: u32 = 100;

/// A fire, during which the server is to be killed by what `arm` has prepared. Tells whether it was. Somebody follows,
/// and looks at the alarms again and again where that makes none of the calls that are counted.
#[track_caller]
fn check_fire<T>(what: &str, looks: bool, arm: impl FnOnce(&House) -> T) -> bool {
    let mut house = House::new();
    let mut node = house.calm_node();
    let follower = Follower::of(&house.desk);
    let armed = arm(&house);
    node.burn();
    let begun = Instant::now();
    let mut shown: Vec<Value> = Vec::new();
    let confirmed = |told: &Told| {
        told.id.is_some() && told.data["kind"] == "notification.confirmed" && told.data["rule"] == "fire"
    };
    let was_killed = loop {
        if house.server.has_ended() {
            break true;
        }
        if follower.told().iter().any(confirmed) {
            // Whoever kills on seeing this does it now.
            thread::sleep(Duration::from_millis(300));
            break house.server.has_ended();
        }
        if looks && let Ok(answer) = house.desk.try_ask("GET", "/api/v1/alarms", &[], "") {
            shown.extend(answer.json()["items"].as_array().cloned().unwrap_or_default());
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: neither killed nor confirmed: {:?}", follower.told());
        thread::sleep(Duration::from_millis(5));
    };
    drop(armed);
    if was_killed {
        house.server.wait();
    } else {
        house.server.kill();
    }
    house.receiver.at_each_step(|_, _| {});
    let seen = follower.told();
    shown.extend(seen.iter().filter(|told| told.event == "alarm").map(|told| told.data.clone()));
    shown.retain(|alarm| alarm["committed"] == true && alarm["rule"] == "fire");
    let confirmations = confirmations_stored(&house);
    let before = house.receiver.pages_of("fire", "raised").len();

    house.start_again();
    let mut node = house.calm_node();
    node.burn();
    house.desk.wait_for_state("fire", "unacknowledged", PATIENCE);
    wait_until(&format!("{what}: somebody has confirmed the fire"), PATIENCE, || {
        !house.desk.entries_of("notification.confirmed", "fire").is_empty()
    });
    house.receiver.page("", "restarted", PATIENCE);
    check_nothing_lost(what, &house, &seen, &shown);
    check_notified_once(what, &house, confirmations, before);
    house.assert_whole();
    was_killed
}

/// Everything that somebody has seen as stored is there, and the fire was raised once.
#[track_caller]
fn check_nothing_lost(what: &str, house: &House, seen: &[Told], shown: &[Value]) {
    let entries = house.desk.entries("");
    for told in seen.iter().filter(|told| told.event == "event" && told.id.is_some()) {
        let told = &told.data;
        let stored = entries.iter().find(|entry| entry["seq"] == told["seq"]);
        let same = |field: &str| stored.is_some_and(|stored| stored[field] == told[field]);
        let all = ["kind", "source", "rule", "alarm", "state", "value", "text", "received", "decided"];
        assert!(all.into_iter().all(same), "{what}: {told} was seen, and there is {stored:?}");
    }
    let fire = house.desk.alarm("fire");
    let raised = house.desk.entries_of("alarm.raised", "fire");
    assert_eq!(raised.len(), 1, "{what}: {raised:?}");
    assert_eq!(raised[0]["alarm"], fire["id"], "{what}");
    assert!(shown.iter().all(|alarm| alarm["id"] == fire["id"]), "{what}: {fire}, and before {shown:?}");
    for page in house.receiver.pages_of("fire", "raised").iter().filter(|page| page.page["unsaved"] == false)
    {
        assert_eq!(page.page["alarm"], fire["id"], "{what}: {page:?}");
        assert_eq!(page.page["journal_entry"], raised[0]["seq"], "{what}: {page:?}");
    }
}

/// Somebody was told, always by the same key, and never again once that was stored.
#[track_caller]
fn check_notified_once(what: &str, house: &House, confirmations: u32, before: usize) {
    // Nothing more comes.
    thread::sleep(Duration::from_millis(300));
    let pages = house.receiver.pages_of("fire", "raised");
    assert!((1..=2).contains(&pages.len()), "{what}: {pages:?}");
    if confirmations > 0 {
        assert_eq!(pages.len(), before, "{what}: told again: {pages:?}");
    }
    let saved: Vec<&str> = pages.iter().filter(|page| page.page["unsaved"] == false).map(Page::key).collect();
    assert!(saved.windows(2).all(|two| two[0] == two[1]), "{what}: {pages:?}");
    assert_eq!(house.desk.entries_of("notification.confirmed", "fire").len(), 1, "{what}");
    assert_eq!(house.receiver.pages_of("", "restarted").len(), 1, "{what}: {:?}", house.receiver.pages());
}

/// How many confirmations of the fire a killed server has left.
fn confirmations_stored(house: &House) -> u32 {
    let state = open_read_only(&house.setup.data_path().join("state.db"));
    let sql = "SELECT count(*) FROM journal WHERE kind = 'notification.confirmed' AND rule = 'fire'";
    state.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// A kill at the first such call of any thread, at the second, and so on, until what is checked is over before there is
/// one: then the check says false.
#[track_caller]
pub fn at_every_moment(call: &str, check: impl Fn(&str) -> bool + Sync) {
    let next = AtomicU32::new(1);
    let work = || {
        loop {
            let moment = next.fetch_add(1, Relaxed);
            assert!(moment < MOMENTS_MAX, "{call}: there is no end");
            if !check(&format!("{call}:signal=KILL:when={moment}")) {
                return moment;
            }
        }
    };
    let moments = thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.map(|worker| worker.join().unwrap()).into_iter().min().unwrap()
    });
    eprintln!("{call}: killed at {} moments", moments - 1);
    assert!(moments > 1, "{call} kills at no moment: is it still what is called?");
}

#[track_caller]
fn check_every_moment(call: &str, looks: bool) {
    at_every_moment(call, |inject| {
        let arm = |house: &House| Tampering::begin(&house.setup, house.server.pid(), inject);
        check_fire(inject, looks, arm)
    });
}

/// The receiver kills at this step of a request that tells of the fire.
#[track_caller]
fn check_kill_at(at: Step) {
    let arm = |house: &House| {
        let pid = Pid::from_raw(house.server.pid() as i32);
        let told_of_fire = |got: &Got| got.body.to_string().contains("\"fire\"");
        house.receiver.at_each_step(move |step, got| {
            if step == at && got.is_none_or(told_of_fire) {
                kill(pid, Signal::SIGKILL).ok();
            }
        });
    };
    assert!(check_fire(&format!("{at:?}"), true, arm), "{at:?}: it was not killed");
}

#[test]
fn a_kill_at_any_write_between_a_flame_and_its_confirmation_loses_nothing() {
    if has_program("a_kill_at_any_write_between_a_flame_and_its_confirmation_loses_nothing", "strace") {
        check_every_moment("pwrite64", true);
    }
}

#[test]
fn a_kill_at_any_sync_between_a_flame_and_its_confirmation_loses_nothing() {
    if has_program("a_kill_at_any_sync_between_a_flame_and_its_confirmation_loses_nothing", "strace") {
        check_every_moment("fdatasync", true);
    }
}

#[test]
fn a_kill_at_any_word_to_others_between_a_flame_and_its_confirmation_loses_nothing() {
    let name = "a_kill_at_any_word_to_others_between_a_flame_and_its_confirmation_loses_nothing";
    if has_program(name, "strace") {
        for calls in ["connect", "write,writev,sendto,sendmsg", "read,recvfrom"] {
            check_every_moment(calls, false);
        }
    }
}

#[test]
fn a_kill_while_the_receiver_has_the_request_loses_nothing_and_repeats_under_the_same_key() {
    for step in [Step::Connected, Step::Arrived, Step::Answered] {
        check_kill_at(step);
    }
}

#[test]
fn a_fire_whose_confirmation_was_seen_is_never_told_again() {
    let arm = |_: &House| {};
    assert!(!check_fire("the confirmation was seen", true, arm), "it is killed only when it was seen");
}
