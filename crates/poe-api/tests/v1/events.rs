//! The journal, as it is asked for.

use std::thread;
use std::time::{Duration, Instant};

use poe_api::client::events_of_stopped;
use serde_json::{Value, json};

use crate::{FLAME, Hall, NO_FLAME};

fn seqs(page: &Value) -> Vec<u64> {
    page["items"].as_array().unwrap().iter().map(|entry| entry["seq"].as_u64().unwrap()).collect()
}

#[test]
fn entries_come_in_order_page_by_page() {
    let hall = Hall::open();
    for _ in 0..3 {
        hall.engine.frame(FLAME);
        hall.engine.frame(NO_FLAME);
    }
    let whole = seqs(&hall.get("events"));
    assert_eq!(whole, (1..=whole.len() as u64).collect::<Vec<_>>());
    let (mut walked, mut after) = (Vec::new(), 0);
    loop {
        let page = hall.get(&format!("events?after={after}&limit=3"));
        walked.extend(seqs(&page));
        match page["next"].as_u64() {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(walked, whole);
    let last = hall.get("events?last=2");
    assert_eq!(seqs(&last), whole[whole.len() - 2..]);
    assert_eq!(last["next"], whole.len() as u64 - 1, "it is for `before`");
    assert_eq!(hall.get("events?last=1000")["next"], Value::Null);
    let before = hall.get(&format!("events?last=2&before={}", whole.len() - 1));
    assert_eq!(seqs(&before), whole[whole.len() - 4..whole.len() - 2]);
}

#[test]
fn entries_are_told_with_all_that_is_known() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    let page = hall.get("events?kind=alarm.raised");
    let mut entry = page["items"][0].clone();
    for time in ["received", "decided"] {
        assert!(entry[time].as_str().unwrap().ends_with('Z'), "{entry}");
        entry[time] = json!("TIME");
    }
    assert_eq!(entry["hash"].as_str().unwrap().len(), 64);
    entry["hash"] = json!("HASH");
    expect_test::expect![[r#"
        {
          "seq": 7,
          "kind": "alarm.raised",
          "class": "alarm",
          "source": "10.0.0.7_7",
          "source_kind": "sensor",
          "rule": "fire",
          "alarm": 1,
          "state": "unacknowledged",
          "value": 0,
          "who": null,
          "text": "flame",
          "received": "TIME",
          "decided": "TIME",
          "committed": null,
          "notified": null,
          "hash": "HASH"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&entry).unwrap());
    for query in ["kind=alarm", "class=alarm", "source=stove", "source=10.0.0.7", "alarm=1"] {
        let found = hall.get(&format!("events?{query}"));
        assert!(seqs(&found).contains(&page["items"][0]["seq"].as_u64().unwrap()), "{query}");
    }
    assert!(seqs(&hall.get("events?kind=server")).is_empty());
}

#[test]
fn a_stopped_server_is_asked_in_the_same_words() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    let path = "/api/v1/events?kind=alarm&source=stove&last=5";
    assert_eq!(events_of_stopped(&hall.data, path).unwrap(), hall.client.get(path).unwrap());
    let wrong = "/api/v1/events?kind=fire";
    let told = [events_of_stopped(&hall.data, wrong), hall.client.get(wrong)];
    let [stopped, running] = told.map(|told| told.unwrap_err().to_string());
    assert_eq!(stopped, running);
    assert!(stopped.starts_with("kind: One of alarm, "), "{stopped}");
}

#[test]
fn orders_and_other_questions_do_not_wait_for_those_who_look_into_the_journal() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    thread::scope(|scope| {
        let reading = hall.engine.journal.lock().unwrap();
        let asked: Vec<_> = (0..20).map(|_| scope.spawn(|| hall.client.get("/api/v1/events"))).collect();
        thread::sleep(Duration::from_millis(200));
        let begun = Instant::now();
        assert_eq!(hall.post("alarms/1/acknowledge", &json!({}))["state"], "acknowledged");
        assert_eq!(hall.get("nodes")["items"].as_array().unwrap().len(), 1);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        // Four are at it; the others are told to come again.
        while asked.iter().filter(|asked| asked.is_finished()).count() < 16 {
            assert!(begun.elapsed() < Duration::from_secs(10), "they wait for ever");
            thread::sleep(Duration::from_millis(20));
        }
        drop(reading);
        let (read, refused): (Vec<_>, Vec<_>) =
            asked.into_iter().map(|asked| asked.join().unwrap()).partition(Result::is_ok);
        assert_eq!((read.len(), refused.len()), (4, 16));
        for refused in refused {
            assert!(refused.unwrap_err().to_string().contains("Too many look something up in the journal"));
        }
    });
}

#[test]
fn a_page_of_what_somebody_may_see_is_full_however_much_lies_between() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    for count in 0..60 {
        hall.post("buildings", &json!({ "name": format!("barn-{count}") }));
    }
    hall.engine.frame(NO_FLAME);
    let token = json!({ "name": "desk", "role": "viewer", "buildings": ["house"] });
    let token = hall.post("tokens", &token)["token"].as_str().unwrap().to_owned();
    let get = |path: &str| {
        let (status, page) = hall.ask_over_tcp(path, &format!("Authorization: Bearer {token}\r\n"));
        assert_eq!(status, 200, "{page}");
        page
    };
    let all = seqs(&get("events?limit=1000"));
    assert!(all.len() >= 4, "{all:?}");
    assert_eq!(seqs(&get("events?last=4")), all[all.len() - 4..]);
    let (mut walked, mut after) = (Vec::new(), 0);
    loop {
        let page = get(&format!("events?after={after}&limit=2"));
        walked.extend(seqs(&page));
        match page["next"].as_u64() {
            Some(next) => after = next,
            None => break,
        }
        assert_eq!(seqs(&page).len(), 2, "{page}");
    }
    assert_eq!(walked, all);
}

/// The house, with a hall beside the kitchen, and a second node there; one sensor of the stove hangs in the hall. In the
/// barn there is a node as well. Each has seen a flame.
fn with_two_buildings() -> Hall {
    const JSON: &str = "Content-Type: application/json\r\n";
    let hall = Hall::open();
    hall.post("buildings", &json!({ "name": "barn" }));
    hall.post("zones", &json!({ "name": "stable", "kind": "zone", "within": "barn" }));
    hall.post("zones", &json!({ "name": "hall", "kind": "zone", "within": "ground" }));
    for (path, place) in
        [("nodes/10.0.0.8", "hall"), ("nodes/10.0.0.9", "stable"), ("sensors/10.0.0.7_9", "hall")]
    {
        let body = json!({ "place": place }).to_string();
        let (status, told) = hall.send("PATCH", path, JSON, &body);
        assert_eq!(status, 200, "{told}");
    }
    for (node, id) in [("10.0.0.7", 7), ("10.0.0.7", 9), ("10.0.0.8", 7), ("10.0.0.9", 7), ("10.0.0.10", 7)] {
        hall.engine.frames(node, &[[1, id, 0, 0]]);
    }
    hall
}

/// What a page has raised alarms of.
fn raised(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap().iter();
    items
        .filter(|entry| entry["kind"] == "alarm.raised" && entry["rule"] == "fire")
        .map(|entry| entry["source"].as_str().unwrap())
        .collect()
}

#[test]
fn a_place_is_asked_for_with_all_that_stands_in_it() {
    let hall = with_two_buildings();
    let inside = |place: &str| hall.get(&format!("events?source={place}&source_kind=place&limit=1000"));
    let (kitchen, next_room) = ("10.0.0.7_7", ["10.0.0.7_9", "10.0.0.8_7"]);
    assert_eq!(raised(&inside("kitchen")), [kitchen]);
    assert_eq!(raised(&inside("hall")), next_room, "a sensor is where it was placed, not where its node is");
    for around in ["ground", "house"] {
        assert_eq!(raised(&inside(around)), [kitchen, next_room[0], next_room[1]], "{around}");
    }
    assert_eq!(raised(&inside("barn")), ["10.0.0.9_7"]);
    assert_eq!(raised(&inside("site")).len(), 5, "also what nobody has placed");
    assert_eq!(inside("attic"), json!({ "items": [], "next": null }));

    let alarms = "source=kitchen&source_kind=place&kind=alarm.raised&class=alarm";
    assert_eq!(raised(&hall.get(&format!("events?{alarms}"))), [kitchen]);
    let path = format!("/api/v1/events?{alarms}&last=5");
    assert_eq!(events_of_stopped(&hall.data, &path).unwrap(), hall.client.get(&path).unwrap());

    let moved = json!({ "place": "stable" }).to_string();
    let (status, told) = hall.send("PATCH", "nodes/stove", "Content-Type: application/json\r\n", &moved);
    assert_eq!(status, 200, "{told}");
    assert!(raised(&inside("kitchen")).is_empty(), "it stands there no more");
    assert_eq!(raised(&inside("barn")), [kitchen, "10.0.0.9_7"]);
}

#[test]
fn pages_about_a_place_lose_and_repeat_nothing() {
    let hall = with_two_buildings();
    for _ in 0..5 {
        for node in ["10.0.0.7", "10.0.0.9", "10.0.0.8"] {
            hall.engine.frames(node, &[[1, 7, 0, 1]]);
            hall.engine.frames(node, &[[1, 7, 0, 0]]);
        }
    }
    let whole = seqs(&hall.get("events?source=ground&limit=1000"));
    assert!(whole.len() > 10 && whole.len() < seqs(&hall.get("events?limit=1000")).len(), "{whole:?}");
    let (mut forth, mut after) = (Vec::new(), Some(0));
    while let Some(at) = after {
        let page = hall.get(&format!("events?source=ground&after={at}&limit=2"));
        forth.extend(seqs(&page));
        after = page["next"].as_u64();
    }
    assert_eq!(forth, whole);
    let (mut back, mut before) = (Vec::new(), Some(u64::MAX));
    while let Some(at) = before {
        let page = hall.get(&format!("events?source=ground&before={at}&last=3"));
        back.splice(0..0, seqs(&page));
        before = page["next"].as_u64();
    }
    assert_eq!(back, whole);
}

#[test]
fn whoever_sees_some_buildings_finds_nothing_of_the_others_by_a_place() {
    let hall = with_two_buildings();
    let token = json!({ "name": "desk", "role": "viewer", "buildings": ["barn"] });
    let token = hall.post("tokens", &token)["token"].as_str().unwrap().to_owned();
    let inside = |place: &str| {
        let path = format!("events?source={place}&source_kind=place");
        let (status, page) = hall.ask_over_tcp(&path, &format!("Authorization: Bearer {token}\r\n"));
        assert_eq!(status, 200, "{page}");
        page
    };
    for unseen in ["kitchen", "ground", "house"] {
        assert_eq!(inside(unseen), json!({ "items": [], "next": null }), "{unseen}");
    }
    for seen in ["stable", "barn", "site"] {
        assert_eq!(raised(&inside(seen)), ["10.0.0.9_7"], "{seen}");
    }
}
