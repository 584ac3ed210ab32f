//! From a condition to an alarm and back: delays, deadbands, latches, chatter.

use crate::{
    house::{rule, secs, with_rules},
    night::{Night, check, check_in},
};
use expect_test::expect;
use poe_building::{Model, RuleSetting};
use poe_wire::SensorKind;
use std::time::Duration;

#[test]
fn a_flame_that_flickers_for_a_minute_is_one_alarm_and_one_page() {
    let mut night = Night::new(&crate::house::with_groups([crate::house::group("porter", 1)]));
    let key = "10.0.0.1_0".parse().unwrap();
    night.reads(key, SensorKind::Fire, 1);
    for flicker in 0..60 * 50 {
        night.pass(Duration::from_millis(20));
        night.reads(key, SensorKind::Fire, (flicker % 2) as u8);
    }
    let count = |building: &poe_building::Building, rule: &str| {
        building.alarms().filter(|alarm| &*alarm.rule == rule).count()
    };
    assert_eq!(count(&night.building, "fire"), 1);
    let promises = |rule: &str| night.building.promises().filter(|known| known.key.contains(rule)).count();
    assert_eq!((promises("/fire/"), promises("/health.chatter/")), (1, 1));
    night.tell();
    expect![[r#"
        00:00 node.admitted 10.0.0.1
        00:00 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
        00:00 notification.promised (porter 10.0.0.1_0/fire/…/raised)
        00:00 alarm.returned 10.0.0.1_0 fire latched_unacknowledged 0
        00:00 alarm.tripped 10.0.0.1_0 fire unacknowledged 0 (flame)
        00:00 alarm.returned 10.0.0.1_0 fire latched_unacknowledged 0
        00:00 alarm.raised 10.0.0.1_0 health.chatter unacknowledged (chatter: it crosses its threshold again and again)
        00:00 notification.promised (porter 10.0.0.1_0/health.chatter/…/raised)
        00:00 alarm.tripped 10.0.0.1_0 fire unacknowledged 0 (flame)
    "#]]
    .assert_eq(&night.told);
}

#[test]
fn two_frames_a_millisecond_apart_are_one_alarm() {
    let mut night = Night::new(&crate::house::with_groups([crate::house::group("porter", 1)]));
    let key = "10.0.0.1_0".parse().unwrap();
    night.reads(key, SensorKind::Fire, 0);
    night.pass(Duration::from_millis(1));
    night.reads(key, SensorKind::Fire, 0);
    assert_eq!((night.building.alarms().count(), night.building.promises().count()), (1, 1));
}

#[test]
fn a_latched_alarm_that_was_acknowledged_speaks_again() {
    check_in(
        &crate::house::with_groups([crate::house::group("porter", 1)]),
        "00:01 10.0.0.1_0 FIRE 0
         00:02 ann acknowledges 10.0.0.1_0
         00:03 10.0.0.1_0 FIRE 1
         00:04 10.0.0.1_0 FIRE 0
         00:05 10.0.0.1_0 FIRE 1",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:01 notification.promised (porter 10.0.0.1_0/fire/…/raised)
            00:02 alarm.acknowledged 10.0.0.1_0 fire acknowledged 0 by ann (unacknowledged -> acknowledged)
            00:03 alarm.returned 10.0.0.1_0 fire latched_acknowledged 0
            00:04 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (again: flame)
            00:04 notification.promised (porter 10.0.0.1_0/fire/…/raised)
            00:05 alarm.returned 10.0.0.1_0 fire latched_unacknowledged 0
        "#]],
    );
}

#[test]
fn a_value_in_the_deadband_neither_begins_nor_ends_anything() {
    check(
        "00:01 10.0.0.1_8 SMOKE 155
         00:02 10.0.0.1_8 SMOKE 160
         00:05 10.0.0.1_8 SMOKE 150
         00:08 10.0.0.1_8 SMOKE 155
         00:09 10.0.0.1_8 SMOKE 149",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:06 alarm.raised 10.0.0.1_8 smoke-warning unacknowledged 160 (smoke)
            00:09 alarm.returned 10.0.0.1_8 smoke-warning returned_unacknowledged 160
        "#]],
    );
}

#[test]
fn a_value_that_swings_in_and_out_of_the_deadband_is_no_chatter() {
    check(
        "00:01 10.0.0.1_8 SMOKE 155
         00:02 10.0.0.1_8 SMOKE 161
         00:03 10.0.0.1_8 SMOKE 158
         00:04 10.0.0.1_8 SMOKE 161
         00:05 10.0.0.1_8 SMOKE 158
         00:06 10.0.0.1_8 SMOKE 161
         00:07 10.0.0.1_8 SMOKE 158
         00:08 10.0.0.1_8 SMOKE 161",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:06 alarm.raised 10.0.0.1_8 smoke-warning unacknowledged 161 (smoke)
        "#]],
    );
}

fn slow() -> Model {
    with_rules([RuleSetting { on_delay: Some(secs(3)), off_delay: Some(secs(5)), ..rule("humidity") }])
}

#[test]
fn delays_on_both_sides() {
    check_in(
        &slow(),
        "00:01 10.0.0.1_17 HUMIDITY 90
         00:03 10.0.0.1_17 HUMIDITY 70
         00:05 10.0.0.1_17 HUMIDITY 90
         00:09 10.0.0.1_17 HUMIDITY 70
         00:12 10.0.0.1_17 HUMIDITY 90
         00:13 10.0.0.1_17 HUMIDITY 70
         00:20",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:08 alarm.raised 10.0.0.1_17 humidity unacknowledged 90 (humid air)
            00:18 alarm.returned 10.0.0.1_17 humidity returned_unacknowledged 90
        "#]],
    );
}

#[test]
fn smoke_that_is_coming_back_while_somebody_acknowledges_is_not_forgotten() {
    // The acknowledgement ends the alarm that is over; what only waits for its delay goes on waiting.
    check(
        "00:00 10.0.0.1_8 SMOKE 100
         00:01 10.0.0.1_8 SMOKE 165
         00:06 10.0.0.1_8 SMOKE 100
         00:08 10.0.0.1_8 SMOKE 165
         00:09 ann acknowledges 10.0.0.1_8
         00:20",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:05 alarm.raised 10.0.0.1_8 smoke-warning unacknowledged 165 (smoke)
            00:06 alarm.returned 10.0.0.1_8 smoke-warning returned_unacknowledged 165
            00:09 alarm.acknowledged 10.0.0.1_8 smoke-warning normal 165 by ann (returned_unacknowledged -> normal)
            00:12 alarm.raised 10.0.0.1_8 smoke-warning unacknowledged 165 (smoke)
            00:18 node.late 10.0.0.1 (silent for 10 s)
        "#]],
    );
}

#[test]
fn what_chatters_has_to_be_gone_for_a_while_before_it_returns() {
    check(
        "00:00 10.0.0.1_18 TEMPERATURE 72
         00:01 10.0.0.1_18 TEMPERATURE 140
         00:02 10.0.0.1_18 TEMPERATURE 72
         00:03 10.0.0.1_18 TEMPERATURE 140
         00:04 10.0.0.1_18 TEMPERATURE 72
         00:05 10.0.0.1_18 TEMPERATURE 140
         00:06 10.0.0.1_18 TEMPERATURE 72
         00:07 10.0.0.1 speaks
         00:15 10.0.0.1 speaks
         00:24 10.0.0.1 speaks
         00:33 10.0.0.1 speaks
         00:42 10.0.0.1 speaks
         00:51 10.0.0.1 speaks
         01:00 10.0.0.1 speaks
         01:06",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 140 (heat)
            00:01 alarm.raised 10.0.0.1_18 temperature unacknowledged 140 (great heat)
            00:02 alarm.returned 10.0.0.1_18 temperature-warning returned_unacknowledged 140
            00:02 alarm.returned 10.0.0.1_18 temperature returned_unacknowledged 140
            00:03 alarm.tripped 10.0.0.1_18 temperature-warning unacknowledged 140 (heat)
            00:03 alarm.tripped 10.0.0.1_18 temperature unacknowledged 140 (great heat)
            00:04 alarm.returned 10.0.0.1_18 temperature-warning returned_unacknowledged 140
            00:04 alarm.returned 10.0.0.1_18 temperature returned_unacknowledged 140
            00:05 alarm.raised 10.0.0.1_18 health.chatter unacknowledged (chatter: it crosses its threshold again and again)
            00:05 alarm.tripped 10.0.0.1_18 temperature-warning unacknowledged 140 (heat)
            00:05 alarm.tripped 10.0.0.1_18 temperature unacknowledged 140 (great heat)
            00:16 alarm.returned 10.0.0.1_18 temperature-warning returned_unacknowledged 140
            00:16 alarm.returned 10.0.0.1_18 temperature returned_unacknowledged 140
            01:05 alarm.returned 10.0.0.1_18 health.chatter returned_unacknowledged
        "#]],
    );
}

#[test]
fn three_separate_actions() {
    check(
        "00:01 10.0.0.1_0 FIRE 0
         00:02 ann silences 10.0.0.1_0
         00:03 ben acknowledges 10.0.0.1_0
         00:04 ben acknowledges 10.0.0.1_0
         00:05 10.0.0.1_0 FIRE 1
         00:06 ann resets 10.0.0.1_0
         00:07 ann resets 10.0.0.1_0",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:02 alarm.silenced 10.0.0.1_0 fire unacknowledged 0 by ann (sound on -> off)
            00:03 alarm.acknowledged 10.0.0.1_0 fire acknowledged 0 by ben (unacknowledged -> acknowledged)
            00:04 alarm.acknowledged 10.0.0.1_0 fire acknowledged 0 by ben (acknowledged -> acknowledged)
            00:05 alarm.returned 10.0.0.1_0 fire latched_acknowledged 0
            00:06 alarm.reset 10.0.0.1_0 fire normal 0 by ann (latched_acknowledged -> normal)
            00:07 refused: there is no alarm 0, or it has returned to normal
            00:07 command.refused by ann (reset alarm 0: there is no alarm 0, or it has returned to normal)
        "#]],
    );
}

#[test]
fn a_latch_that_is_released_before_it_was_seen_is_still_to_be_seen() {
    check(
        "00:01 10.0.0.1_0 FIRE 0
         00:02 10.0.0.1_0 FIRE 1
         00:03 ann resets 10.0.0.1_0
         00:04 ann resets 10.0.0.1_0
         00:05 ann acknowledges 10.0.0.1_0",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:02 alarm.returned 10.0.0.1_0 fire latched_unacknowledged 0
            00:03 alarm.reset 10.0.0.1_0 fire returned_unacknowledged 0 by ann (latched_unacknowledged -> returned_unacknowledged)
            00:04 refused: it is not latched, so there is nothing to reset; acknowledge it
            00:04 command.refused 10.0.0.1_0 by ann (reset alarm 1: it is not latched, so there is nothing to reset; acknowledge it)
            00:05 alarm.acknowledged 10.0.0.1_0 fire normal 0 by ann (returned_unacknowledged -> normal)
        "#]],
    );
}

#[test]
fn a_sensor_that_measures_something_else_now_leaves_no_fire_behind() {
    check(
        "00:01 10.0.0.1_0 FIRE 0
         00:02 10.0.0.1_0 SMOKE 100
         00:03 ann resets 10.0.0.1_0/fire
         00:04 ann acknowledges 10.0.0.1_0/fire",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:02 sensor.kind_changed 10.0.0.1_0 (sensor 10.0.0.1_0 was FIRE and now posts SMOKE)
            00:02 alarm.raised 10.0.0.1 node.kind_changed unacknowledged (sensor 10.0.0.1_0 was FIRE and now posts SMOKE)
            00:02 alarm.returned 10.0.0.1_0 fire latched_unacknowledged 0
            00:03 alarm.reset 10.0.0.1_0 fire returned_unacknowledged 0 by ann (latched_unacknowledged -> returned_unacknowledged)
            00:04 alarm.acknowledged 10.0.0.1_0 fire normal 0 by ann (returned_unacknowledged -> normal)
        "#]],
    );
}
