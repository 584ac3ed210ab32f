//! Requests that should not be, and clients that do not behave.

use std::io::{ErrorKind, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use poe_api::Settings;

use crate::{HASTE, House, Said};

#[test]
fn only_our_own_names_are_answered() {
    let settings = Settings { host_names: vec!["poe.example".into()], ..Settings::default() };
    let house = House::open(Said::default(), settings);
    let ask = |host: &str| {
        house.say(&format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).status
    };
    for ours in
        ["127.0.0.1", "10.1.2.3:8080", "[::1]", "[fe80::1]:80", "localhost", "LOCALHOST:1", "Poe.Example:443"]
    {
        assert_eq!(ask(ours), 200, "{ours}");
    }
    for foreign in
        ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", "a@localhost", "1"]
    {
        assert_eq!(ask(foreign), 421, "{foreign}");
    }
    for broken in ["", "a b", "[::1", "localhost/x"] {
        assert_eq!(ask(broken), 400, "{broken}");
    }
}

#[test]
fn a_host_is_named_once_and_consistently() {
    let house = House::calm();
    let ask = |head: &str| house.say(&format!("{head}Connection: close\r\n\r\n")).status;
    assert_eq!(ask("GET /healthz HTTP/1.1\r\n"), 400);
    assert_eq!(ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n"), 400);
    assert_eq!(ask("GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n"), 421);
    assert_eq!(ask("GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n"), 200);
    assert_eq!(ask("GET /healthz HTTP/1.0\r\n"), 200, "old health checks name no host");
    assert_eq!(ask("GET /healthz HTTP/1.0\r\nHost: evil.example\r\n"), 421);
}

#[test]
fn a_refused_host_learns_nothing() {
    let house = House::calm();
    let ask =
        |path| house.say(&format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"));
    assert_eq!(ask("/metrics").text(), ask("/nowhere").text());
    assert_eq!(ask("/metrics").header("content-type"), Some("application/problem+json"));
}

#[test]
fn odd_targets_are_answered_too() {
    let house = House::calm();
    assert_eq!(house.ask("OPTIONS", "*").status, 404);
    assert_eq!(house.ask("CONNECT", "127.0.0.1:80").status, 404);
    assert_eq!(house.ask("GET", "/healthz?x=1").status, 200);
    assert_eq!(house.ask("GET", "/healthz/").status, 404);
    assert_eq!(house.ask("GET", "//healthz").status, 404);
    assert_eq!(house.ask("GET", "/%2e%2e/healthz").status, 404);
}

#[test]
fn a_get_with_a_body_is_refused() {
    let house = House::calm();
    let ask = |rest: &str| house.say(&format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{rest}")).status;
    assert_eq!(ask("Connection: close\r\nContent-Length: 2\r\n\r\nhi"), 400);
    assert_eq!(ask("Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"), 400);
    assert_eq!(ask("Connection: close\r\nContent-Length: 0\r\n\r\n"), 200);
}

#[test]
fn a_body_that_never_comes_holds_nobody_up() {
    let house = House::impatient();
    for method in ["GET", "POST"] {
        let begun = Instant::now();
        let promise =
            format!("{method} /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
        assert!(matches!(house.say(&promise).status, 400 | 405));
        assert!(begun.elapsed() < HASTE * 8);
    }
}

#[test]
fn endless_headers_are_refused() {
    let house = House::calm();
    let mut stream = house.tcp();
    // The server may close before it has read all, so neither writing nor reading need succeed.
    let _ = write!(stream, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: {}", "x".repeat(64 * 1024));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"));
}

/// How long the server bears a client that has said only this.
fn patience(mut stream: impl Read + Write, said: &[u8]) -> Duration {
    stream.write_all(said).unwrap();
    let begun = Instant::now();
    stream.read_to_end(&mut Vec::new()).unwrap();
    begun.elapsed()
}

#[test]
fn slow_silent_and_idle_clients_are_closed() {
    let house = House::impatient();
    let whole = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for said in [&b"GET /healthz HTTP/1.1\r\nHo"[..], b"", whole] {
        for borne in [patience(house.tcp(), said), patience(house.unix(), said)] {
            assert!(borne > HASTE / 2 && borne < HASTE * 8, "{borne:?} after {said:?}");
        }
    }
}

#[test]
fn dripping_headers_do_not_extend_the_limit() {
    let house = House::impatient();
    let mut stream = house.tcp();
    let begun = Instant::now();
    while stream.write_all(b"X").is_ok() {
        assert!(begun.elapsed() < HASTE * 8, "still borne");
        thread::sleep(HASTE / 10);
    }
}

#[test]
fn a_client_that_stops_reading_is_cut_off() {
    let house = House::impatient();
    let mut stream = house.tcp();
    stream.set_write_timeout(Some(HASTE * 10)).unwrap();
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    let error = loop {
        if let Err(error) = stream.write_all(&request) {
            break error;
        }
    };
    assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
    assert_eq!(house.ask("GET", "/healthz").status, 200);
}

#[test]
fn a_connection_serves_many_requests() {
    let house = House::calm();
    let mut stream = house.tcp();
    for _ in 0..3 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = [0; 4096];
        let got = stream.read(&mut answer).unwrap();
        assert!(answer[..got].ends_with(b"\r\n\r\nok"));
    }
}
