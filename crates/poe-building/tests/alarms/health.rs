//! Sensors that cannot be believed: each is named, none raises an alarm, and none keeps a fire quiet.

use crate::night::{Night, check};
use expect_test::expect;
use poe_building::{Class, Model, SensorKey};
use poe_wire::SensorKind;
use std::{net::IpAddr, time::Duration};

fn key(id: u8) -> SensorKey {
    SensorKey { address: IpAddr::from([10, 0, 0, 1]), id }
}

/// What is signalled of the sensors' health, and what else.
fn signalled(night: &Night) -> Vec<String> {
    let shown = night.building.alarms().filter(|alarm| alarm.is_shown());
    shown.map(|alarm| format!("{} {} {}", alarm.source, alarm.rule, alarm.class)).collect()
}

#[test]
fn a_lone_zero_from_a_dht22_is_no_number() {
    check(
        "00:00 10.0.0.1_18 TEMPERATURE 72
         00:01 10.0.0.1_18 TEMPERATURE 0
         00:02 10.0.0.1_18 TEMPERATURE 72
         00:03 10.0.0.1_17 HUMIDITY 0
         00:12 10.0.0.1 speaks
         00:21 10.0.0.1 speaks
         00:30 10.0.0.1 speaks
         00:39 10.0.0.1 speaks
         00:48 10.0.0.1 speaks
         00:57 10.0.0.1 speaks
         01:05 10.0.0.1_17 HUMIDITY 40
         01:06",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_18 health.nan_zero unacknowledged (the sensor gives no number, seen as 0)
            00:03 alarm.raised 10.0.0.1_17 health.nan_zero unacknowledged (the sensor gives no number, seen as 0)
            01:02 alarm.returned 10.0.0.1_18 health.nan_zero returned_unacknowledged
        "#]],
    );
}

#[test]
fn a_fire_is_held_while_its_sensor_gives_no_number() {
    check(
        "00:00 10.0.0.1_18 TEMPERATURE 150
         00:01 10.0.0.1_18 TEMPERATURE 0
         00:02 10.0.0.1_18 TEMPERATURE 150
         00:03 10.0.0.1_18 TEMPERATURE 0
         00:04 10.0.0.1_18 TEMPERATURE 72",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 150 (heat)
            00:00 alarm.raised 10.0.0.1_18 temperature unacknowledged 150 (great heat)
            00:01 alarm.raised 10.0.0.1_18 health.nan_zero unacknowledged (the sensor gives no number, seen as 0)
            00:04 alarm.returned 10.0.0.1_18 temperature-warning returned_unacknowledged 150
            00:04 alarm.returned 10.0.0.1_18 temperature returned_unacknowledged 150
        "#]],
    );
}

#[test]
fn frost_is_a_number() {
    check(
        "00:00 10.0.0.1_18 TEMPERATURE 8
         00:01 10.0.0.1_19 TEMPERATURE 9
         00:02 10.0.0.1_18 TEMPERATURE 4
         00:03 10.0.0.1_18 TEMPERATURE 0
         00:04 10.0.0.1_18 TEMPERATURE 5",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
        "#]],
    );
}

#[test]
fn a_temperature_below_zero_is_no_great_heat() {
    check(
        "00:00 10.0.0.1_18 TEMPERATURE 3
         00:01 10.0.0.1_18 TEMPERATURE 252
         00:02 10.0.0.1_18 TEMPERATURE 240
         00:03 10.0.0.1_18 TEMPERATURE 2
         00:04 10.0.0.1_20 WATER 250
         00:05 10.0.0.1_20 WATER 4",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_18 health.byte_wrap unacknowledged (the value has wrapped around its byte)
            00:05 alarm.raised 10.0.0.1_20 health.byte_wrap unacknowledged (from 250 to 4)
        "#]],
    );
}

#[test]
fn a_flat_smoke_sensor_is_not_connected_and_its_neighbour_still_alarms() {
    let mut night = Night::new(&Model::default());
    for at in 0..70 {
        night.reads(key(8), SensorKind::Smoke, 0);
        night.reads(key(9), SensorKind::Smoke, 60 + at % 2);
        night.pass(Duration::from_secs(9));
    }
    assert_eq!(signalled(&night), ["10.0.0.1_8 health.flat supervisory"]);
    night.reads(key(9), SensorKind::Smoke, 220);
    assert_eq!(signalled(&night)[1..], ["10.0.0.1_9 smoke alarm"]);
    night.reads(key(8), SensorKind::Smoke, 60);
    night.pass(Duration::from_secs(11));
    assert!(!night.alarm_of("10.0.0.1_8").unwrap().state.is_active(), "it reads something again");
}

#[test]
fn a_sensor_that_stands_still_for_half_a_day_while_its_neighbour_moves_is_stuck() {
    let mut night = Night::new(&Model::default());
    for at in 0..12 * 400 + 10 {
        night.reads(key(18), SensorKind::Temperature, 72);
        night.reads(key(19), SensorKind::Temperature, 70 + (at / 40 % 2) as u8);
        night.pass(Duration::from_secs(9));
    }
    assert_eq!(signalled(&night), ["10.0.0.1_18 health.stuck supervisory"]);
    night.reads(key(18), SensorKind::Temperature, 73);
    night.pass(Duration::from_secs(11));
    assert!(!night.alarm_of("10.0.0.1_18").unwrap().state.is_active());
}

#[test]
fn a_smoke_sensor_far_from_its_seven_siblings_is_an_outlier() {
    let mut night = Night::new(&Model::default());
    let all = |night: &mut Night, odd: u8| {
        for id in 8..15 {
            night.reads(key(id), SensorKind::Smoke, 50 + id);
        }
        night.reads(key(15), SensorKind::Smoke, odd);
        night.pass(Duration::from_secs(9));
    };
    (0..9).for_each(|at| all(&mut night, 130 + at));
    assert_eq!(signalled(&night), ["10.0.0.1_15 health.outlier supervisory"]);
    all(&mut night, 225);
    let fires = night.building.alarms().filter(|alarm| alarm.class == Class::Alarm).count();
    assert_eq!(fires, 1, "a value that fulfils a rule speaks for itself");
}

#[test]
fn what_is_known_of_a_sensors_health_outlives_a_restart_and_ends_all_the_same() {
    let mut night = Night::new(&Model::default());
    let all = |night: &mut Night, rounds: u32, flat: u8| {
        for at in 0..rounds {
            night.reads(key(8), SensorKind::Smoke, flat);
            night.reads(
                key(18),
                SensorKind::Temperature,
                if at < 6 { [72, 140][at as usize % 2] } else { 72 },
            );
            night.pass(Duration::from_secs(9));
        }
    };
    all(&mut night, 70, 0);
    night.reads(key(8), SensorKind::Smoke, 0);
    (0..6).for_each(|at| night.reads(key(18), SensorKind::Temperature, [140, 72][at % 2]));
    night.tell();
    night.told.clear();
    night.play("11:00 killed");
    let active = |night: &Night, rule: &str| {
        night.building.alarms().any(|alarm| *alarm.rule == *rule && alarm.state.is_active())
    };
    all(&mut night, 3, 0);
    assert!(active(&night, "health.flat") && active(&night, "health.chatter"));
    night.play("11:30 10.0.0.1_18 TEMPERATURE 72");
    (0..8).for_each(|_| {
        night.reads(key(8), SensorKind::Smoke, 50);
        night.pass(Duration::from_secs(9));
    });
    assert!(!active(&night, "health.flat") && !active(&night, "health.chatter"));
}
