//! What happens, told as it happens.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use poe_api::client::{Event, Events};
use poe_api::{Limits, Server};
use poe_building::{AlarmId, Order, Who};
use serde_json::json;

use crate::{FLAME, Hall, NO_FLAME};

/// The next events that are more than a sign, in short.
#[track_caller]
fn next(events: &mut Events, count: usize) -> Vec<String> {
    let told = events.map(Result::unwrap).filter(|event| !is_sign(event)).take(count);
    told.map(|event| short(&event)).collect()
}

fn is_sign(event: &Event) -> bool {
    ["current", "heartbeat"].contains(&event.kind.as_str())
}

fn short(event: &Event) -> String {
    let id = event.id.map(|id| format!("{id} ")).unwrap_or_default();
    let what = match event.kind.as_str() {
        "event" => format!("{} {}", event.data["seq"], event.data["kind"]),
        "alarm" => format!("{} {}", event.data["id"], event.data["state"]),
        _ => format!("{} alarms", event.data["alarms"].as_array().unwrap().len()),
    };
    format!("{id}{} {what}", event.kind)
}

#[test]
fn whoever_follows_sees_how_it_stands_and_then_what_happens() {
    let hall = Hall::open();
    let mut events = hall.client.follow(None).unwrap();
    let snapshot = events.next().unwrap().unwrap();
    assert_eq!((snapshot.kind.as_str(), snapshot.id), ("snapshot", None));
    assert_eq!(
        snapshot.data["counts"]["alarm"],
        json!({"shown": 0, "active": 0, "unacknowledged": 0, "quiet": 0})
    );
    let current = events.next().unwrap().unwrap();
    assert_eq!((current.kind.as_str(), current.id), ("current", None), "readings and nodes are not followed");
    hall.engine.frame(FLAME);
    let told: Vec<_> = events.map(Result::unwrap).take_while(|event| event.kind != "heartbeat").collect();
    let told: Vec<_> = told.iter().map(short).collect();
    expect_test::expect![[r#"
        6 event 6 "node.admitted"
        7 event 7 "alarm.raised"
        alarm 1 "unacknowledged"
        8 event 8 "notification.promised""#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn what_was_missed_comes_first_and_nothing_twice() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    let seen = hall.get("events?kind=alarm.raised")["items"][0]["seq"].as_u64().unwrap();
    hall.engine.frame(NO_FLAME);
    let mut events = hall.client.follow(Some(seen)).unwrap();
    let mut told = Vec::new();
    while !told.last().is_some_and(|last: &String| last.starts_with("snapshot")) {
        told.extend(next(&mut events, 1));
    }
    assert_eq!(told.last().unwrap(), "snapshot 1 alarms");
    let last = hall.get("events?last=1")["items"][0]["seq"].as_u64().unwrap();
    assert_eq!(told.len() as u64 - 1, last - seen);
    assert!(told[0].starts_with(&format!("{} event ", seen + 1)), "{told:?}");
    hall.engine.frame(FLAME);
    assert!(next(&mut events, 1)[0].starts_with(&format!("{} event ", last + 1)));
}

#[test]
fn whoever_follows_alarms_alone_misses_none() {
    let hall = Hall::open();
    let mut events = hall.client.follow_some("kind=alarm", None).unwrap();
    assert_eq!(next(&mut events, 1), ["snapshot 0 alarms"]);
    hall.engine.frame(FLAME);
    let raised = hall.get("events?kind=alarm.raised")["items"][0]["seq"].as_u64().unwrap();
    assert_eq!(next(&mut events, 1), [format!("{raised} alarm 1 \"unacknowledged\"")]);
    drop(events);

    // It ends while nobody looks, and another comes and goes.
    let end = |id: u64| {
        hall.engine.frame(NO_FLAME);
        for order in ["acknowledge", "reset"] {
            hall.client.post(&format!("/api/v1/alarms/{id}/{order}"), None).unwrap();
        }
    };
    end(1);
    hall.engine.frame(FLAME);
    end(2);
    assert_eq!(hall.get("alarms?class=alarm")["items"], json!([]));
    let journal = hall.get(&format!("events?kind=alarm&after={raised}&limit=1000"));
    let missed: Vec<_> = journal["items"].as_array().unwrap().iter().map(|entry| &entry["seq"]).collect();
    assert!(missed.len() >= 7, "{journal}");

    let mut events = hall.client.follow_some("kind=alarm", Some(raised)).unwrap();
    let told: Vec<_> =
        events.by_ref().map(Result::unwrap).take_while(|event| event.kind != "snapshot").collect();
    let ids: Vec<_> = told.iter().map(|event| json!(event.id)).collect();
    assert_eq!(ids.iter().collect::<Vec<_>>(), missed);
    // Each as it is now.
    assert!(told.iter().all(|event| event.kind == "alarm" && event.data["state"] == "normal"), "{told:?}");
    assert!(told.iter().any(|event| event.data["id"] == 2));
}

#[test]
fn whoever_falls_behind_with_alarms_alone_is_told_each_of_them() {
    let hall = Hall::open();
    let mut events = hall.client.follow_some("kind=alarm", None).unwrap();
    assert_eq!(next(&mut events, 1), ["snapshot 0 alarms"]);
    // More than the channel holds, all at once, and the flame in the midst of it.
    hall.engine.disk_stands_still(true);
    for at in 0..2_000 {
        if at == 100 {
            hall.engine.frame(FLAME);
        }
        let nobodys = Order::Acknowledge(AlarmId(99));
        hall.engine.order(nobodys, Who::new("test", "library")).unwrap_err();
    }
    hall.engine.disk_stands_still(false);
    let raised = hall.get("events?kind=alarm.raised")["items"][0]["seq"].as_u64().unwrap();
    let told = events.map(Result::unwrap).find(|event| event.kind == "alarm").unwrap();
    assert_eq!((told.id, &told.data["state"]), (Some(raised), &json!("unacknowledged")));
}

#[test]
fn a_span_has_its_bounds() {
    let hall = Hall::open();
    for span in ["0", "86401", "18446744073709551615"] {
        let (status, problem) = hall.send("GET", &format!("live?for_s={span}"), "", "");
        assert_eq!((status, &problem["field"]), (422, &json!("for_s")), "{span}: {problem}");
        assert_eq!(problem["detail"], "Between 1 and 86400.");
    }
    let (status, told) = hall.send("GET", "live?for_s=1", "", "");
    assert!(status == 200 && told.as_str().unwrap().contains("snapshot"), "{told}");
}

#[test]
fn whoever_falls_behind_reads_the_rest_in_the_journal() {
    let hall = Hall::open();
    let mut events = hall.client.follow(None).unwrap();
    let first = events.next().unwrap().unwrap().data["last_seq"].as_u64().unwrap();
    // More than the channel holds, all at once.
    hall.engine.disk_stands_still(true);
    for _ in 0..2_000 {
        let nobodys = Order::Acknowledge(AlarmId(99));
        hall.engine.order(nobodys, Who::new("test", "library")).unwrap_err();
    }
    hall.engine.disk_stands_still(false);
    let last = hall.get("events?last=1")["items"][0]["seq"].as_u64().unwrap();
    let mut expected = first + 1;
    let mut snapshots = 0;
    while expected <= last || snapshots == 0 {
        let event = events.next().unwrap().unwrap();
        match event.kind.as_str() {
            "event" => {
                assert_eq!(event.id, Some(expected));
                expected += 1;
            }
            "snapshot" => {
                assert!(expected <= last, "how it stands comes before the rest");
                snapshots += 1;
            }
            "heartbeat" => assert!(expected <= last, "nothing was missed: {first} to {last}"),
            _ => {}
        }
    }
}

#[test]
fn what_was_missed_unsaved_is_told_once_it_is_stored() {
    let hall = Hall::open();
    let mut early = hall.client.follow(None).unwrap();
    let first = early.next().unwrap().unwrap().data["last_seq"].as_u64().unwrap() + 1;
    hall.engine.disk_stands_still(true);
    let refused = |count| {
        for _ in 0..count {
            hall.engine.order(Order::Acknowledge(AlarmId(99)), Who::new("test", "library")).unwrap_err();
        }
        hall.engine.tell_unsaved();
    };
    // More than the channel holds, all at once.
    refused(2_000);
    // Whoever comes while others are still told of all that hears the end of it.
    thread::sleep(Duration::from_millis(300));
    let mut late = hall.client.follow(None).unwrap();
    assert_eq!(late.next().unwrap().unwrap().data["last_seq"], first - 1);
    refused(1);
    let told = |events: &mut Events, last: u64| {
        let mut told = std::collections::BTreeMap::new();
        while told.len() as u64 <= last - first {
            let event = events.next().unwrap().unwrap();
            if event.kind == "event" {
                told.insert(event.data["seq"].as_u64().unwrap(), event.id);
            }
        }
        told
    };
    let unsaved = next(&mut late, 1).remove(0);
    assert!(unsaved.starts_with(&format!("event {} ", first + 2_000)), "{unsaved}");
    // Nothing new happens: the clients have to find out by themselves.
    hall.engine.disk_stands_still(false);
    let last = hall.get("events?last=1")["items"][0]["seq"].as_u64().unwrap();
    assert_eq!(last, first + 2_000);
    let early = told(&mut early, last);
    assert!(early.values().filter(|id| id.is_some()).count() > 1_000, "most of it was missed");
    let late = told(&mut late, last - 1);
    assert_eq!(
        late.into_iter().collect::<Vec<_>>(),
        (first..last).map(|seq| (seq, Some(seq))).collect::<Vec<_>>()
    );
}

#[test]
fn an_id_from_another_time_is_no_reason_to_be_silent() {
    let hall = Hall::open();
    let mut events = hall.client.follow(Some(1_000_000)).unwrap();
    assert_eq!(next(&mut events, 1), ["snapshot 0 alarms"]);
    hall.engine.frame(FLAME);
    assert!(next(&mut events, 1)[0].contains("event"));
    let odd = "GET /api/v1/live HTTP/1.1\r\nLast-Event-ID: x\r\nConnection: close\r\n\r\n";
    assert_eq!(hall.say(odd).0, 400);
}

#[test]
fn followers_leave_places_for_those_who_ask() {
    let hall = Hall::open();
    let following: Vec<_> = (0..16).map(|_| hall.client.follow(None).unwrap()).collect();
    let one_more = hall.client.follow(None).err().unwrap().to_string();
    assert_eq!(one_more, "Too many clients follow already.");
    assert_eq!(hall.get("alarms")["items"], json!([]));
    drop(following);
    // The server notices that they have gone.
    let begun = std::time::Instant::now();
    while hall.client.follow(None).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(5));
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_stop_ends_what_would_never_end() {
    let hall = Hall::open();
    let mut events = hall.client.follow(None).unwrap();
    events.next().unwrap().unwrap();
    let engine = Arc::clone(&hall.engine);
    let begun = std::time::Instant::now();
    drop(hall);
    assert!(begun.elapsed() < Duration::from_millis(900), "{:?}", begun.elapsed());
    assert!(events.all(|event| event.is_ok_and(|event| is_sign(&event))));
    drop(engine);
}

#[test]
fn whoever_reads_is_never_cut_off_and_whoever_does_not_is() {
    let haste = Duration::from_millis(300);
    let limits = Limits { header_read: haste, write_stall: haste, ..Limits::default() };
    let hall = Hall::with(limits);
    let mut asleep = hall.client.follow(None).unwrap();
    let reading = hall.client.follow(None).unwrap();
    let beats = reading.map(Result::unwrap).filter(|event| event.kind == "heartbeat");
    assert_eq!(beats.take(2).count(), 2, "longer than any limit, with next to nothing to read");

    // More than the queues and the socket hold.
    hall.engine.disk_stands_still(true);
    for _ in 0..3_000 {
        let nobodys = Order::Acknowledge(AlarmId(99));
        hall.engine.order(nobodys, Who::new("test", "library")).unwrap_err();
    }
    hall.engine.disk_stands_still(false);
    thread::sleep(haste * 3);
    assert!(asleep.any(|event| event.is_err()), "its place was kept");
}
