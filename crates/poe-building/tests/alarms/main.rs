//! Stories of alarms: short nights in the building's words.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]
#![allow(clippy::needless_pass_by_value, reason = "an expectation is written where it is checked")]

mod bounds;
mod conditions;
mod enrolment;
mod health;
mod house;
mod night;
mod notifications;
mod parents;
mod quiet;
mod restarts;
mod rules;
#[path = "../support/alarm_store.rs"]
mod store;
mod supervision;
mod table;
mod voting;

use expect_test::expect;
use night::check;

#[test]
fn a_flame_is_latched_until_somebody_resets_it() {
    check(
        "00:00 node 10.0.0.1
         00:01 10.0.0.1_0 FIRE 1
         00:02 10.0.0.1_0 FIRE 0
         00:03 ann resets 10.0.0.1_0
         00:05 10.0.0.1_0 FIRE 1
         00:09 ann acknowledges 10.0.0.1_0
         00:12 ann resets 10.0.0.1_0",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:02 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:03 refused: the condition is still true; reset it once the sensor is back to normal
            00:03 command.refused 10.0.0.1_0 by ann (reset alarm 1: the condition is still true; reset it once the sensor is back to normal)
            00:05 alarm.returned 10.0.0.1_0 fire latched_unacknowledged 0
            00:09 alarm.acknowledged 10.0.0.1_0 fire latched_acknowledged 0 by ann (latched_unacknowledged -> latched_acknowledged)
            00:12 alarm.reset 10.0.0.1_0 fire normal 0 by ann (latched_acknowledged -> normal)
        "#]],
    );
}

#[test]
fn smoke_that_is_gone_soon_was_toast() {
    check(
        "00:00 10.0.0.1_8 SMOKE 100
         00:01 10.0.0.1_8 SMOKE 165
         00:04 10.0.0.1_8 SMOKE 140
         00:10 10.0.0.1_8 SMOKE 165
         00:12 10.0.0.1_8 SMOKE 155
         00:15 10.0.0.1_8 SMOKE 149",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:14 alarm.raised 10.0.0.1_8 smoke-warning unacknowledged 165 (smoke)
            00:15 alarm.returned 10.0.0.1_8 smoke-warning returned_unacknowledged 165
        "#]],
    );
}

#[test]
fn a_node_that_falls_silent_is_late_and_then_in_trouble() {
    check(
        "00:00 10.0.0.1_0 FIRE 1
         00:45
         00:50 10.0.0.1_0 FIRE 1",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:10 node.late 10.0.0.1 (silent for 10 s)
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            00:50 node.back 10.0.0.1
            00:50 alarm.returned 10.0.0.1 node.silent returned_unacknowledged
        "#]],
    );
}
