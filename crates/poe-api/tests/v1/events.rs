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
