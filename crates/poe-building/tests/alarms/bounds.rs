//! Whatever a sensor sends, and however fast: a handful of entries a minute, and no memory that grows.

use crate::{
    house::{rule, secs, with_rules},
    night::Night,
};
use poe_building::{Changes, Input, Model, RuleSetting, Voting};
use poe_wire::SensorKind;
use std::{net::IpAddr, time::Duration};

/// A handful for each of a sensor's two rules, for its health and for its node.
const ENTRIES_MAX: usize = 16;

/// Entries of a minute in which a sensor sends these readings in turn, one a millisecond.
fn entries(model: &Model, readings: &[(SensorKind, u8)], datagrams: bool) -> usize {
    let mut night = Night::new(model);
    let from = IpAddr::from([10, 0, 0, 1]);
    let mut session = night.building.open(from);
    for at in 0..60_000 {
        let (kind, value) = readings[at % readings.len()];
        let bytes = &[1, 8, kind.byte(), value];
        let input = if datagrams {
            Input::Datagram { from, bytes }
        } else {
            Input::Stream { session: &mut session, bytes }
        };
        night.building.handle(input, night.now, &mut Vec::new());
        night.pass(Duration::from_millis(1));
    }
    night.tell();
    night.told.lines().count()
}

#[test]
fn a_sensor_that_changes_its_kind_with_every_frame_fills_no_journal() {
    let flips = [(SensorKind::Fire, 0), (SensorKind::Temperature, 70)];
    for datagrams in [false, true] {
        let told = entries(&Model::default(), &flips, datagrams);
        assert!(told <= ENTRIES_MAX, "{told} entries");
    }
}

#[test]
fn a_flapping_smoke_sensor_under_verification_fills_no_journal() {
    let verified = RuleSetting { voting: Some(Voting::Verification), ..rule("smoke") };
    let flaps = [(SensorKind::Smoke, 100), (SensorKind::Smoke, 220)];
    let told = entries(&with_rules([verified]), &flaps, false);
    assert!(told <= ENTRIES_MAX, "{told} entries");
}

#[test]
fn a_dht22_that_loses_its_number_between_heat_and_none_fills_no_journal() {
    let values = [20, 0, 140, 0].map(|value| (SensorKind::Temperature, value));
    let told = entries(&Model::default(), &values, false);
    assert!(told <= ENTRIES_MAX, "{told} entries");
}

#[test]
fn what_flickers_below_its_delay_while_nothing_is_stored_leaves_nothing_behind() {
    let slow = RuleSetting { on_delay: Some(secs(60)), ..rule("humidity") };
    let mut night = Night::new(&with_rules([slow]));
    let mut session = night.building.open([10, 0, 0, 1].into());
    let mut waiting = Changes::default();
    for at in 0..10_000 {
        let bytes = &[1, 17, SensorKind::Humidity.byte(), if at % 2 == 0 { 90 } else { 40 }];
        night.building.handle(Input::Stream { session: &mut session, bytes }, night.now, &mut Vec::new());
        night.now = poe_building::Time(night.now.time.0 + 1_000).into();
        if at % 3 == 0 {
            night.building.take_news(&mut waiting, 0);
        }
    }
    night.building.take_news(&mut waiting, 0);
    assert!(waiting.alarms.len() <= 2, "{} alarms", waiting.alarms.len());
}

#[test]
fn an_alarm_that_comes_and_goes_while_nothing_is_stored_waits_once() {
    let mut night = Night::new(&Model::default());
    let mut waiting = Changes::default();
    for at in 0..100 {
        let input = Input::System { rule: poe_building::own::STORAGE, holds: at % 2 == 0, text: "full" };
        night.building.handle(input, night.now, &mut Vec::new());
        night.building.take_news(&mut waiting, at);
    }
    assert_eq!(waiting.alarms.len(), 1);
}

#[test]
fn observations_that_are_left_out_are_counted_and_a_trouble() {
    let mut night = Night::new(&Model::default());
    night.play("00:00 10.0.0.1_16 MOTION 0");
    // The disk has stood still for so long that no more may wait for it.
    night.building.take_news(&mut Changes::default(), 65_536);
    night.reads("10.0.0.1_16".parse().unwrap(), SensorKind::Motion, 1);
    let mut changes = Changes::default();
    night.building.take_news(&mut changes, 0);
    let told: Vec<String> = changes.entries.iter().map(|entry| entry.kind.to_string()).collect();
    assert_eq!(told, ["alarm.raised", "journal.gap"]);
    assert_eq!(&**changes.entries[0].rule.as_ref().unwrap(), "limit.queue");
}
