//! Bodies that come slowly, and are large.

use crate::{
    house::House,
    speech::ask,
    support::{PATIENCE, connect_from},
};
use std::io::Write;

/// As many as there are places in the network's door, nearly.
const STRANGERS: usize = 1_000;

/// What a thousand strangers may take, whatever they send: each of them a few buffers and the first bytes of a body.
const MEMORY_MAX: u64 = 100 * 1024 * 1024;

#[test]
fn a_thousand_bodies_without_an_end_take_little_memory() {
    let house = House::open();
    house.user("anna", "operator");
    let before = house.memory_bytes();
    let piece = vec![b' '; 4_000];
    let strangers: Vec<_> = (0..STRANGERS)
        .map(|_| {
            let mut stranger = connect_from([127, 0, 0, 1], house.server.http());
            let head = "POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Transfer-Encoding: chunked\r\n\r\nFA0\r\n";
            stranger.write_all(head.as_bytes()).unwrap();
            stranger.write_all(&piece).unwrap();
            stranger
        })
        .collect();
    let taken = house.memory_bytes().saturating_sub(before);
    eprintln!("{STRANGERS} unfinished bodies take {} KiB", taken / 1024);
    assert!(taken < MEMORY_MAX, "{taken} bytes");
    // Beyond the limit of what strangers may say, nothing is kept at all.
    for stranger in &strangers {
        let mut stranger = stranger;
        stranger.write_all(b"\r\n").ok();
        for _ in 0..64 {
            if stranger.write_all(b"FA0\r\n").and_then(|()| stranger.write_all(&piece)).is_err() {
                break;
            }
        }
    }
    let taken = house.memory_bytes().saturating_sub(before);
    eprintln!("{STRANGERS} bodies that were too long take {} KiB", taken / 1024);
    assert!(taken < MEMORY_MAX, "{taken} bytes");
    drop(strangers);
    house.server.wait_for(|_| house.try_login("anna", crate::house::PASSWORD).status == 200, PATIENCE);
}

#[test]
fn what_strangers_say_is_short() {
    let house = House::open();
    let long = vec![b' '; 4 * 1024 + 1];
    let login = ask("POST", "/api/v1/login").sent_as("application/json", long.clone());
    house.told(&login).check(413);
    // An order may be longer.
    let enrolment = [&long[..], br#"{"mode": "open"}"#].concat();
    house.owner(ask("PUT", "/api/v1/enrolment").sent_as("application/json", enrolment)).check(200);
}
