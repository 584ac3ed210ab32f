//! The nodes, as many ask for them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{FLAME, Hall, NO_FLAME};

fn nodes(hall: &Hall, query: &str) -> Vec<String> {
    let page = hall.get(&format!("nodes?{query}"));
    page["items"].as_array().unwrap().iter().map(|node| node["node"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn only_those_that_are_wanted_are_listed() {
    let hall = Hall::open();
    for node in ["10.0.0.9", "10.0.0.7", "10.0.0.8"] {
        hall.engine.frames(node, &[FLAME]);
    }
    assert_eq!(nodes(&hall, "").len(), 3);
    for inside in ["kitchen", "ground", "house"] {
        assert_eq!(nodes(&hall, &format!("zone={inside}")), ["10.0.0.7"], "{inside}");
    }
    let site = hall.get("buildings")["items"][0]["name"].as_str().unwrap().to_owned();
    assert_eq!(nodes(&hall, &format!("zone={site}")).len(), 3);
    assert_eq!(nodes(&hall, "supervision=lost"), [""; 0]);
    assert_eq!(nodes(&hall, "supervision=good&limit=2").len(), 2);
    // What people describe is theirs. Whoever has changed something sees it at once.
    assert_eq!(nodes(&hall, "approved=true"), ["10.0.0.7"]);
    hall.post("nodes/10.0.0.8/approve", &json!({}));
    assert_eq!(nodes(&hall, "approved=true").len(), 2);
    assert_eq!(nodes(&hall, "approved=false"), ["10.0.0.9"]);
    assert_eq!(hall.get("nodes/10.0.0.8")["approved"], Value::Bool(true));
    let unknown = hall.client.get("/api/v1/nodes?zone=cellar").unwrap_err().to_string();
    assert!(unknown.contains("There is no place of this name."), "{unknown}");
    let unfit = hall.client.get("/api/v1/nodes?supervision=bad").unwrap_err().to_string();
    assert!(unfit.contains("One of good, late and lost."), "{unfit}");
}

#[test]
fn a_node_that_is_new_moves_no_page() {
    let hall = Hall::open();
    for node in ["10.0.0.9", "10.0.0.8"] {
        hall.engine.frames(node, &[FLAME]);
    }
    let first = hall.get("nodes?limit=1");
    assert_eq!(first["items"][0]["node"], "10.0.0.9", "in the order in which they became known");
    hall.engine.frames("10.0.0.1", &[FLAME]);
    let after = first["next"].as_u64().unwrap();
    // The stove is described, and has never been heard.
    assert_eq!(nodes(&hall, &format!("after={after}")), ["10.0.0.8", "10.0.0.1", "10.0.0.7"]);
    let last = hall.get(&format!("nodes?limit=2&after={after}"));
    let after = last["next"].as_u64().unwrap();
    assert_eq!(nodes(&hall, &format!("after={after}")), ["10.0.0.7"]);
    let last = hall.get(&format!("nodes?limit=1&after={after}"));
    assert_eq!(last["next"], Value::Null);
    assert_eq!(nodes(&hall, &format!("after={}", u64::MAX)), [""; 0]);
}

#[test]
fn who_is_described_and_was_never_heard_is_on_the_list() {
    let hall = Hall::open();
    let mut events = hall.client.follow_some("kind=node", None).unwrap();
    // What is told of the stove next, within some ten seconds.
    let mut told = move || {
        let until_silence = events.by_ref().map(Result::unwrap).scan(0, |beats, event| {
            *beats += u32::from(event.kind == "heartbeat");
            (*beats < 5).then_some(event)
        });
        let stove = until_silence.filter(|event| event.kind == "node").map(|event| event.data).next();
        let stove = stove.expect("it is told of");
        (stove["first_seen"].is_null(), stove["supervision"].as_str().unwrap().to_owned())
    };
    let stove = hall.get("nodes/stove");
    assert_eq!((&stove["first_seen"], &stove["last_seen"]), (&Value::Null, &Value::Null));
    assert_eq!((&stove["supervision"], &stove["approved"]), (&json!("late"), &json!(true)));
    assert_eq!(hall.get("nodes")["items"], json!([stove]));
    assert_eq!(nodes(&hall, "zone=kitchen&supervision=late&approved=true"), ["10.0.0.7"]);
    assert_eq!(nodes(&hall, "approved=false"), [""; 0]);
    assert_eq!(hall.get("zones/kitchen")["nodes"], 1);
    assert_eq!(told(), (true, "late".to_owned()));
    hall.post("nodes/stove/disconnect", &json!({}));
    hall.post("nodes/stove/approve", &json!({}));

    // It is signalled.
    hall.engine.pass(Duration::from_secs(31));
    assert_eq!(hall.get("alarms")["items"][0]["source"], "10.0.0.7");
    assert_eq!(hall.get("nodes/stove")["supervision"], "lost");
    assert_eq!(nodes(&hall, "supervision=lost"), ["10.0.0.7"]);
    assert_eq!(told(), (true, "lost".to_owned()));

    // It speaks.
    hall.engine.frame(NO_FLAME);
    assert_eq!(hall.get("nodes")["items"].as_array().unwrap().len(), 1);
    assert!(hall.get("nodes/stove")["first_seen"].is_string());
    assert_eq!(told(), (false, "good".to_owned()));
}

#[test]
fn who_was_never_heard_can_be_retired_and_is_gone() {
    let hall = Hall::open();
    hall.post("nodes/stove/retire", &json!({}));
    assert_eq!(hall.get("nodes")["items"], json!([]));
    let gone = hall.client.get("/api/v1/nodes/10.0.0.7").unwrap_err().to_string();
    assert!(gone.contains("There is no node of this address or name."), "{gone}");
    let kinds = hall.get("events?kind=node.retired")["items"].as_array().unwrap().len();
    assert_eq!(kinds, 1);
}

#[test]
fn however_many_ask_the_engine_is_asked_seldom() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    let (begun, before) = (Instant::now(), hall.engine.looks.load(Ordering::Relaxed));
    for _ in 0..50 {
        for path in ["nodes?limit=1", "nodes/stove", "zones", "buildings", "zones/kitchen"] {
            hall.get(path);
        }
    }
    let looks = hall.engine.looks.load(Ordering::Relaxed) - before;
    let most = begun.elapsed().as_millis() as usize / 100 + 1;
    assert!(looks <= most, "{looks} looks in {:?}", begun.elapsed());
}

#[test]
fn whoever_was_told_of_something_finds_its_node_as_it_then_was() {
    let hall = Hall::open();
    for said in 1..=20 {
        hall.engine.frame(if said % 2 == 1 { FLAME } else { NO_FLAME });
        assert_eq!(hall.get("nodes/stove")["frames"], said, "told, and looked up at once");
    }
}

#[test]
fn however_many_ask_in_a_flood_the_engine_is_left_pauses() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    let (begun, before) = (Instant::now(), hall.engine.looks.load(Ordering::Relaxed));
    let engine = Arc::clone(&hall.engine);
    let flood = thread::spawn(move || {
        for said in 0..100 {
            engine.frame(if said % 2 == 0 { NO_FLAME } else { FLAME });
        }
    });
    while !flood.is_finished() {
        hall.get("nodes/stove");
    }
    flood.join().unwrap();
    let looks = hall.engine.looks.load(Ordering::Relaxed) - before;
    let most = begun.elapsed().as_millis() as usize / 10 + 1;
    assert!(looks <= most, "{looks} looks in {:?}", begun.elapsed());
}
