//! The clock of the machine is set while the server runs.

use crate::{
    counter::{Counter, Seen, seen, wait_until_seen},
    support::{Server, clock::Clock},
};
use std::{
    net::Ipv4Addr,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const NODE: Ipv4Addr = Ipv4Addr::new(127, 0, 7, 1);

fn true_time() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// The node counts one further; what is seen of it then.
#[track_caller]
fn next(server: &Server, counter: &mut Counter) -> Seen {
    counter.count(1);
    wait_until_seen(&server.setup().db_path(), NODE, counter.number);
    seen(&server.setup().db_path(), NODE)
}

#[track_caller]
fn assert_about(time: f64, expected: f64) {
    assert!((time - expected).abs() < 5.0, "{time} and not about {expected}");
}

#[test]
fn time_does_not_run_backwards_by_small_steps_and_follows_large_ones() {
    let Some((clock, setup)) =
        Clock::new("time_does_not_run_backwards_by_small_steps_and_follows_large_ones")
    else {
        return;
    };
    let server = setup.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    let mut latest = next(&server, &mut counter);
    assert_about(latest.time, true_time());

    for offset_s in [-60, -290] {
        clock.set(offset_s);
        let before = latest;
        for _ in 0..5 {
            let now = next(&server, &mut counter);
            assert!(now.time >= latest.time, "{offset_s}: {} after {}", now.time, latest.time);
            latest = now;
        }
        assert!(latest.time > before.time, "a live node looks dead");
        assert_about(latest.time, true_time());
    }
    for (offset_s, what) in [
        (-3_600, "an hour back"),
        (86_400, "a day forward"),
        (86_400 - 100, "a little back"),
        (0, "right again"),
        (10 - true_time() as i64, "1970"),
    ] {
        let before = true_time();
        clock.set(offset_s);
        let now = next(&server, &mut counter);
        let expected = if what == "a little back" { latest.time } else { true_time() + offset_s as f64 };
        assert_about(now.time, expected);
        assert!(true_time() - before < 5.0, "{what}: stored without delay");
        assert_eq!(server.http_get("/readyz").0, 200, "{what}");
        latest = now;
    }
    assert_eq!(server.metric("poe_connections"), 1.0, "nobody was thrown out");
    let stderr = server.stderr();
    assert!(stderr.contains("the clock was set back by"), "{stderr}");
    assert!(stderr.matches("the clock was set back by").count() <= 4, "said once a step: {stderr}");
}

#[test]
fn time_does_not_run_backwards_over_a_restart() {
    let Some((clock, setup)) = Clock::new("time_does_not_run_backwards_over_a_restart") else { return };
    let mut server = setup.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    let before = next(&server, &mut counter);
    server.kill();
    clock.set(-240);
    let server = setup.start();
    let number = counter.number;
    counter = Counter::connect(NODE, server.tcp());
    counter.number = number;
    let after = next(&server, &mut counter);
    assert!(after.time >= before.time, "{before:?}, then {after:?}");
}

#[test]
fn a_row_from_the_far_future_takes_no_other_sensor_back() {
    // A sensor that was last read while the clock was a year ahead keeps that time for good.
    let Some((clock, setup)) = Clock::new("a_row_from_the_far_future_takes_no_other_sensor_back") else {
        return;
    };
    let mut server = setup.start();
    clock.set(365 * 86_400);
    let mut dead = Counter::connect(Ipv4Addr::new(127, 0, 7, 2), server.tcp());
    dead.count(1);
    wait_until_seen(&setup.db_path(), dead.address, 1);
    clock.set(0);
    let mut counter = Counter::connect(NODE, server.tcp());
    let before = next(&server, &mut counter);
    server.kill();

    clock.set(-120);
    let server = setup.start();
    let number = counter.number;
    counter = Counter::connect(NODE, server.tcp());
    counter.number = number;
    let after = next(&server, &mut counter);
    assert!(after.time >= before.time, "{before:?}, then {after:?}");
}

#[test]
fn a_clock_that_jumps_does_not_hold_up_a_stalled_server() {
    let Some((clock, setup)) = Clock::new("a_clock_that_jumps_does_not_hold_up_a_stalled_server") else {
        return;
    };
    let server = setup.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    next(&server, &mut counter);
    let holder = rusqlite::Connection::open(setup.db_path()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    counter.count(1);
    for offset_s in [-86_400, 86_400, 0] {
        clock.set(offset_s);
        thread::sleep(Duration::from_millis(300));
        assert_eq!(server.local_get("/readyz").0, 200, "durations do not go by the wall clock");
    }
    holder.execute_batch("COMMIT").unwrap();
    wait_until_seen(&setup.db_path(), NODE, counter.number);
}
