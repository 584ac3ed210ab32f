//! Who is told, when, and what becomes of it.

use crate::{
    house::{group, rule, secs, with_groups},
    night::{Night, check_in},
};
use expect_test::expect;
use poe_building::{Class, Model, RuleSetting, Time};

/// A porter by day, a guard by night, a chief whom nobody calls without need.
fn staffed() -> Model {
    let mut model = with_groups([group("porter", 1), group("guard", 1), group("chief", 2)]);
    model.groups[0].hours = vec!["mon-fri 07:00-18:00".parse().unwrap()];
    model.groups[1].hours = vec!["mon-fri 22:00-06:00".parse().unwrap()];
    model.groups[2].classes = vec![Class::Alarm];
    model.groups[2].hours = vec!["mon-fri 07:00-18:00".parse().unwrap()];
    model.rules = vec![
        RuleSetting { escalation: Some(Some(secs(60))), ..rule("fire") },
        RuleSetting { re_alarm: Some(Some(secs(20))), ..rule("temperature") },
    ];
    model
}

fn told_at(day: i64, hour: i64) -> Vec<String> {
    let mut night = Night::new(&staffed());
    // 1970-01-05 was a Monday.
    night.now.time = Time::from_secs(((4 + day) * 24 + hour) * 3600);
    night.reads("10.0.0.1_0".parse().unwrap(), poe_wire::SensorKind::Fire, 0);
    night.building.promises().map(|promise| promise.target.to_string()).collect()
}

#[test]
fn who_is_on_duty_is_told_and_if_nobody_is_somebody_all_the_same() {
    assert_eq!(told_at(0, 12), ["porter"]);
    assert_eq!(told_at(0, 23), ["guard"]);
    assert_eq!(told_at(5, 5), ["guard"], "Saturday morning belongs to Friday night");
    assert_eq!(told_at(0, 20), ["guard", "porter"], "between the shifts");
    assert_eq!(told_at(6, 12), ["guard", "porter"], "on a Sunday");
}

#[test]
fn the_hours_are_the_buildings_own() {
    let mut night = Night::new(&staffed());
    night.now.time = Time::from_secs((4 * 24 + 20) * 3600);
    night.building.set_utc_offset(-8 * 3600);
    night.reads("10.0.0.1_0".parse().unwrap(), poe_wire::SensorKind::Fire, 0);
    let told: Vec<_> = night.building.promises().map(|promise| promise.target.to_string()).collect();
    assert_eq!(told, ["porter"], "it is noon there");
}

#[test]
fn an_alarm_that_nobody_acknowledges_goes_up_level_by_level() {
    let mut model = with_groups([group("porter", 1), group("chief", 2), group("brigade", 3)]);
    model.rules = vec![RuleSetting { escalation: Some(Some(secs(10))), ..rule("fire") }];
    check_in(
        &model,
        "00:00 10.0.0.1_0 FIRE 0
         00:09 10.0.0.1 speaks
         00:12 10.0.0.1_0 FIRE 1
         00:18 10.0.0.1 speaks
         00:27 10.0.0.1 speaks
         00:36 10.0.0.1 speaks
         00:45 10.0.0.1 speaks",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:00 notification.promised (porter 10.0.0.1_0/fire/…/raised)
            00:10 alarm.escalated 10.0.0.1_0 fire unacknowledged 0 (not acknowledged: level 2 is told)
            00:10 notification.promised (chief 10.0.0.1_0/fire/…/escalated-1)
            00:12 alarm.returned 10.0.0.1_0 fire latched_unacknowledged 0
            00:20 alarm.escalated 10.0.0.1_0 fire latched_unacknowledged 0 (not acknowledged: level 3 is told)
            00:20 notification.promised (brigade 10.0.0.1_0/fire/…/escalated-2)
        "#]],
    );
}

#[test]
fn who_acknowledges_and_does_nothing_is_asked_again() {
    check_in(
        &staffed(),
        "00:00 10.0.0.1_18 TEMPERATURE 150
         00:01 ann acknowledges 10.0.0.1_18/temperature
         00:09 10.0.0.1 speaks
         00:18 10.0.0.1 speaks
         00:22 ann acknowledges 10.0.0.1_18/temperature
         00:27 10.0.0.1 speaks
         00:30 10.0.0.1_18 TEMPERATURE 72
         00:39 10.0.0.1 speaks
         00:45 10.0.0.1 speaks",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 150 (heat)
            00:00 notification.promised (porter 10.0.0.1_18/temperature-warning/…/raised)
            00:00 alarm.raised 10.0.0.1_18 temperature unacknowledged 150 (great heat)
            00:00 notification.promised (porter 10.0.0.1_18/temperature/…/raised)
            00:01 alarm.acknowledged 10.0.0.1_18 temperature acknowledged 150 by ann (unacknowledged -> acknowledged)
            00:21 alarm.asked_again 10.0.0.1_18 temperature unacknowledged 150 (acknowledged and still active)
            00:21 notification.promised (porter 10.0.0.1_18/temperature/…/asked_again)
            00:22 alarm.acknowledged 10.0.0.1_18 temperature acknowledged 150 by ann (unacknowledged -> acknowledged)
            00:30 alarm.returned 10.0.0.1_18 temperature-warning returned_unacknowledged 150
            00:30 alarm.returned 10.0.0.1_18 temperature normal 150
        "#]],
    );
}

#[test]
fn a_target_that_takes_nothing_is_a_trouble_until_it_does() {
    check_in(
        &with_groups([group("porter", 1)]),
        "00:00 10.0.0.1_0 FIRE 0
         00:01 porter fails
         00:02 porter fails
         00:09 10.0.0.1 speaks
         00:18 10.0.0.1 speaks
         00:27 10.0.0.1 speaks
         00:31 porter fails
         00:32 porter confirms
         00:33 porter confirms
         00:34 10.0.0.1_1 FIRE 0
         00:35 porter dies",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:00 notification.promised (porter 10.0.0.1_0/fire/…/raised)
            00:01 notification.failed (porter 10.0.0.1_0/fire/…/raised: no answer)
            00:31 alarm.raised system notify.porter unacknowledged (target porter cannot be reached: no answer)
            00:31 notification.promised (porter system/notify.porter/…/raised)
            00:32 notification.confirmed (porter 10.0.0.1_0/fire/…/raised)
            00:32 alarm.returned system notify.porter returned_unacknowledged
            00:33 notification.confirmed (porter system/notify.porter/…/raised)
            00:34 alarm.raised 10.0.0.1_1 fire unacknowledged 0 (flame)
            00:34 notification.promised (porter 10.0.0.1_1/fire/…/raised)
            00:35 notification.dead (porter 10.0.0.1_1/fire/…/raised: expired)
            00:35 alarm.tripped system notify.porter unacknowledged (target porter cannot be reached: expired)
        "#]],
    );
}

#[test]
fn a_target_that_failed_before_a_restart_can_recover_after_it() {
    let mut night = Night::new(&with_groups([group("porter", 1)]));
    night.play(
        "00:00 10.0.0.1_0 FIRE 0
         00:01 10.0.0.1_1 FIRE 0
         00:02 porter dies
         00:03 stopped
         00:04 porter confirms",
    );
    let trouble = night.building.alarms().find(|alarm| &*alarm.rule == "notify.porter").unwrap();
    assert!(!trouble.state.is_active());
}

#[test]
fn a_target_that_is_removed_takes_its_trouble_along() {
    let mut night = Night::new(&with_groups([group("porter", 1), group("chief", 2)]));
    night.play(
        "00:00 10.0.0.1_0 FIRE 0
         00:01 10.0.0.1_1 FIRE 0
         00:02 porter dies",
    );
    night.describe(&with_groups([group("chief", 1)]));
    night.play("00:03 porter dies");
    assert!(night.building.alarms().all(|alarm| &*alarm.rule != "notify.porter"));
}

#[test]
fn a_flood_of_alarms_begins_and_ends() {
    let mut night = Night::new(&Model::default());
    for id in 0..12 {
        night.pass(secs(10));
        night.reads(format!("10.0.0.1_{id}").parse().unwrap(), poe_wire::SensorKind::Fire, 0);
    }
    assert!(night.building.alarm_counts().flood);
    let first_out: Vec<_> = night
        .building
        .alarms()
        .filter(|alarm| alarm.first_out)
        .map(|alarm| alarm.source.to_string())
        .collect();
    assert_eq!(first_out, ["10.0.0.1_0"]);
    night.play("15:00");
    let flood: Vec<&str> = night.told.lines().filter(|line| line.contains("flood")).collect();
    // The eighth of the twelve came at 01:20, and ten minutes later only four are left.
    assert_eq!(
        flood,
        [
            "01:50 flood.began (more than 10 alarms in 10 minutes)",
            "11:20 flood.ended (fewer than 5 alarms in 10 minutes)"
        ]
    );
}

#[test]
fn nobody_is_said_to_be_told_where_no_group_is_concerned() {
    let chief = poe_building::TargetGroup { classes: vec![Class::Trouble], ..group("chief", 2) };
    let mut model = with_groups([group("porter", 1), chief]);
    model.rules = vec![RuleSetting { escalation: Some(Some(secs(10))), ..rule("fire") }];
    model.supervision = poe_building::Supervision { late: secs(200), trouble: secs(200) };
    check_in(
        &model,
        "00:00 10.0.0.1_0 FIRE 0
         00:30",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:00 notification.promised (porter 10.0.0.1_0/fire/…/raised)
        "#]],
    );
}
