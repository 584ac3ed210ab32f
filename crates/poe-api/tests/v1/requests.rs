//! Requests that should not be, and those who may not ask.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::{FLAME, Hall};

#[test]
fn a_stranger_is_told_nothing_not_even_what_there_is() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    for path in ["/api/v1/alarms", "/api/v1/live", "/api/v1/building", "/api/v1/nowhere", "/api/"] {
        let mut stream = TcpStream::connect(hall.addr).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
        let detail = r#""detail":"Log in, or send a valid token as `Authorization: Bearer TOKEN`."}"#;
        assert!(answer.ends_with(detail), "{answer}");
    }
}

#[test]
fn a_body_is_what_it_says_or_is_refused() {
    let hall = Hall::open();
    let json = "Content-Type: application/json; charset=utf-8\r\n";
    let ask = |headers: &str, body: &str| hall.send("POST", "emergencies", headers, body).0;
    assert_eq!(ask(json, r#"{"kind": "fire", "zone": "kitchen"}"#), 201);
    assert_eq!(ask("", r#"{"kind": "fire", "zone": "kitchen"}"#), 415);
    assert_eq!(ask("Content-Type: text/plain\r\n", "{}"), 415);
    for broken in ["", "{"] {
        assert_eq!(ask(json, broken), 400, "{broken}");
    }
    for unfit in ["[]", "7", r#"{"kind": 7}"#, r#"{"kind": "fire"}"#] {
        assert_eq!(ask(json, unfit), 422, "{unfit}");
    }
    assert_eq!(hall.send("POST", "alarms/1/acknowledge", json, r#"{"by": "me"}"#).0, 422);
    assert_eq!(hall.send("POST", "alarms/1/acknowledge", "", "by=me").0, 415);
    hall.engine.frame(FLAME);
    for (headers, status) in [
        ("", 200),
        (json, 200),
        ("Content-Type: text/plain\r\n", 415),
        ("Content-Type: application/x-www-form-urlencoded\r\n", 415),
        ("Content-Type:\r\n", 415),
    ] {
        let told = hall.send("POST", "nodes/stove/disconnect", headers, "");
        assert_eq!(told.0, status, "{headers}: {told:?}");
    }
}

#[test]
fn a_body_has_an_end() {
    let hall = Hall::open();
    let note = "x".repeat(1024 * 1024);
    let body = json!({ "kind": "fire", "zone": "kitchen", "note": note }).to_string();
    assert_eq!(hall.send_json("emergencies", &body).0, 413);
    let long = "x".repeat(500_000);
    let body = json!({ "kind": "fire", "zone": "kitchen", "note": long }).to_string();
    let (status, problem) = hall.send_json("emergencies", &body);
    assert_eq!((status, &problem["field"]), (422, &json!("note")), "as long as a body, too long for a note");
}

#[test]
fn a_body_that_breaks_off_is_not_called_too_long() {
    let hall = Hall::open();
    let mut stream = UnixStream::connect(hall.data.join("poe.sock")).unwrap();
    let head =
        "POST /api/v1/emergencies HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[test]
fn other_methods_are_told_which_there_are() {
    let hall = Hall::open();
    let (status, _) = hall.say("DELETE /api/v1/alarms HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(status, 405);
    let (status, _) = hall.say("GET /api/v1/alarms/1/reset HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(status, 405);
}

#[test]
fn a_name_that_is_no_text_is_the_name_of_nothing() {
    let hall = Hall::open();
    for path in ["nodes/%FF", "zones/%C3%28", "sensors/%80", "alarms/%FE", "plans/%FF"] {
        let (status, problem) = hall.send("GET", path, "", "");
        assert_eq!((status, &problem["status"]), (404, &json!(404)), "{path}: {problem}");
    }
}

#[test]
fn a_command_is_carried_out_to_its_end_whoever_leaves() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    for pause in 0..30 {
        let mut stream = UnixStream::connect(hall.data.join("poe.sock")).unwrap();
        let request = "POST /api/v1/nodes/stove/disconnect HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        // Sooner or later than it is begun.
        thread::sleep(Duration::from_millis(pause));
    }
    let told = || hall.get("events?kind=node.disconnected")["items"].as_array().unwrap().len() as u64;
    let begun = Instant::now();
    while told() < 30 && begun.elapsed() < Duration::from_secs(2) {
        thread::sleep(Duration::from_millis(20));
    }
    let disconnected = hall.engine.disconnected.load(Ordering::Relaxed);
    assert!(disconnected >= 20, "{disconnected}");
    assert_eq!(told(), disconnected, "the journal tells of each");
}

#[test]
fn no_connection_is_closed_of_which_the_journal_cannot_tell() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    hall.engine.stops.store(true, Ordering::Relaxed);
    assert_eq!(hall.send("POST", "nodes/stove/disconnect", "", "").0, 503);
    assert_eq!(hall.engine.disconnected.load(Ordering::Relaxed), 0);
    hall.engine.stops.store(false, Ordering::Relaxed);
    assert_eq!(hall.send("POST", "nodes/stove/disconnect", "", "").0, 200);
    assert_eq!(hall.engine.disconnected.load(Ordering::Relaxed), 1);
    let told = hall.get("events?kind=node.disconnected");
    let text = told["items"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("asked to disconnect: connections "), "{text}");
}
