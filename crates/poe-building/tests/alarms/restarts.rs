//! What a restart brings back, and what it tells.

use crate::{
    house::{group, rule, secs, with_groups, with_rules},
    night::{Night, check, check_in},
};
use expect_test::expect;
use poe_building::RuleSetting;

#[test]
fn every_target_gets_one_notice_that_lists_what_is_still_active() {
    check_in(
        &with_groups([group("porter", 1), group("chief", 2)]),
        "00:00 10.0.0.1_0 FIRE 0
         00:01 10.0.0.1_1 FIRE 0
         00:02 10.0.0.1_18 TEMPERATURE 120
         00:03 ann acknowledges 10.0.0.1_1
         00:04 ann shelves 10.0.0.1_18 600 test
         00:05 stopped",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:00 notification.promised (porter 10.0.0.1_0/fire/…/raised)
            00:01 alarm.raised 10.0.0.1_1 fire unacknowledged 0 (flame)
            00:01 notification.promised (porter 10.0.0.1_1/fire/…/raised)
            00:02 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 120 (heat)
            00:02 notification.promised (porter 10.0.0.1_18/temperature-warning/…/raised)
            00:03 alarm.acknowledged 10.0.0.1_1 fire acknowledged 0 by ann (unacknowledged -> acknowledged)
            00:04 suppression.began 10.0.0.1_18 temperature-warning by ann (shelved: test (until 1970-01-12 13:56:44 UTC))
            00:04 alarm.quieted 10.0.0.1_18 temperature-warning unacknowledged 120 by ann (shelved)
            00:05 server.stopped system
            00:05 server.started system (poe 1.0)
            00:05 notification.promised (porter system/restart/…/restarted)
            00:05 notification.promised (chief system/restart/…/restarted)
        "#]],
    );
}

#[test]
fn a_planned_restart_of_a_quiet_building_tells_nobody() {
    check_in(
        &with_groups([group("porter", 1)]),
        "00:00 10.0.0.1_0 FIRE 1
         00:05 stopped",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:05 server.stopped system
            00:05 server.started system (poe 1.0)
        "#]],
    );
}

#[test]
fn a_backup_that_was_put_back_is_told_and_no_trouble() {
    check(
        "00:01 restored
         00:02 killed",
        expect![[r#"
            00:01 server.started system (poe 1.0, restored from a backup of 1970-01-01 00:00:00 UTC)
            00:02 server.started system (poe 1.0)
            00:02 alarm.raised system restart unacknowledged (the server was not stopped in order; it last wrote something 0 s ago)
            00:02 alarm.returned system restart latched_unacknowledged
        "#]],
    );
}

#[test]
fn every_unplanned_restart_is_a_trouble_that_somebody_has_to_reset() {
    check_in(
        &with_groups([group("porter", 1)]),
        "00:01 killed
         00:02 ann acknowledges system
         00:03 killed
         00:04 ann resets system
         00:05 ann acknowledges system
         00:06 stopped",
        expect![[r#"
            00:01 server.started system (poe 1.0)
            00:01 alarm.raised system restart unacknowledged (the server was not stopped in order; it last wrote something 0 s ago)
            00:01 alarm.returned system restart latched_unacknowledged
            00:01 notification.promised (porter system/restart/…/restarted)
            00:02 alarm.acknowledged system restart latched_acknowledged by ann (latched_unacknowledged -> latched_acknowledged)
            00:03 server.started system (poe 1.0)
            00:03 alarm.raised system restart unacknowledged (again: the server was not stopped in order; it last wrote something 0 s ago)
            00:03 alarm.returned system restart latched_unacknowledged
            00:03 notification.promised (porter system/restart/…/restarted)
            00:04 alarm.reset system restart returned_unacknowledged by ann (latched_unacknowledged -> returned_unacknowledged)
            00:05 alarm.acknowledged system restart normal by ann (returned_unacknowledged -> normal)
            00:06 server.stopped system
            00:06 server.started system (poe 1.0)
        "#]],
    );
}

#[test]
fn an_on_delay_goes_on_where_it_was() {
    check_in(
        &with_rules([RuleSetting { on_delay: Some(secs(8)), ..rule("humidity") }]),
        "00:01 10.0.0.1_17 HUMIDITY 90
         00:05 stopped
         00:12",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:05 server.stopped system
            00:05 server.started system (poe 1.0)
            00:09 alarm.raised 10.0.0.1_17 humidity unacknowledged 90 (humid air)
        "#]],
    );
}

#[test]
fn an_off_delay_goes_on_where_it_was() {
    check_in(
        &with_rules([RuleSetting { off_delay: Some(secs(8)), ..rule("humidity") }]),
        "00:01 10.0.0.1_17 HUMIDITY 90
         00:02 10.0.0.1_17 HUMIDITY 50
         00:05 stopped
         00:12",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_17 humidity unacknowledged 90 (humid air)
            00:05 server.stopped system
            00:05 server.started system (poe 1.0)
            00:10 alarm.returned 10.0.0.1_17 humidity returned_unacknowledged 90
        "#]],
    );
}

#[test]
fn escalation_and_shelving_go_on_where_they_were() {
    let mut model = with_groups([group("porter", 1), group("chief", 2)]);
    model.rules = vec![RuleSetting { escalation: Some(Some(secs(20))), ..rule("fire") }];
    check_in(
        &model,
        "00:00 10.0.0.1_0 FIRE 0
         00:01 10.0.0.1_18 TEMPERATURE 120
         00:02 ann shelves 10.0.0.1_18 20 test
         00:15 killed
         00:23 10.0.0.1 speaks",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:00 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:00 notification.promised (porter 10.0.0.1_0/fire/…/raised)
            00:01 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 120 (heat)
            00:01 notification.promised (porter 10.0.0.1_18/temperature-warning/…/raised)
            00:02 suppression.began 10.0.0.1_18 temperature-warning by ann (shelved: test (until 1970-01-12 13:47:02 UTC))
            00:02 alarm.quieted 10.0.0.1_18 temperature-warning unacknowledged 120 by ann (shelved)
            00:11 node.late 10.0.0.1 (silent for 10 s)
            00:15 server.started system (poe 1.0)
            00:15 alarm.raised system restart unacknowledged (the server was not stopped in order; it last wrote something 0 s ago)
            00:15 alarm.returned system restart latched_unacknowledged
            00:15 notification.promised (porter system/restart/…/restarted)
            00:15 notification.promised (chief system/restart/…/restarted)
            00:20 alarm.escalated 10.0.0.1_0 fire unacknowledged 0 (not acknowledged: level 2 is told)
            00:20 notification.promised (chief 10.0.0.1_0/fire/…/escalated-1)
            00:22 suppression.ended 10.0.0.1_18 temperature-warning (shelved: its time is over)
            00:22 alarm.unquieted 10.0.0.1_18 temperature-warning unacknowledged 120 (no longer shelved)
            00:22 notification.promised (porter 10.0.0.1_18/temperature-warning/…/unquieted)
        "#]],
    );
}

#[test]
fn a_clock_that_was_set_moves_no_delay_also_not_over_a_restart() {
    check_in(
        &with_rules([RuleSetting { on_delay: Some(secs(100)), ..rule("humidity") }]),
        "00:01 10.0.0.1_17 HUMIDITY 90
         00:05 clock 3600
         00:08 10.0.0.1 speaks
         00:10 stopped
         00:15 clock -7200
         00:16 stopped
         00:20 10.0.0.1 speaks
         01:42",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:05 clock.set system (the clock was set forward by 3600.0 s)
            00:05 alarm.raised system clock unacknowledged (the clock was set forward by 3600.0 s)
            00:10 server.stopped system
            00:10 server.started system (poe 1.0)
            00:15 clock.set system (the clock was set back by 7200.0 s)
            00:16 server.stopped system
            00:16 server.started system (poe 1.0)
            00:30 node.late 10.0.0.1 (silent for 10 s)
            00:50 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            01:15 alarm.returned system clock returned_unacknowledged
            01:41 alarm.raised 10.0.0.1_17 humidity unacknowledged 90 (humid air)
        "#]],
    );
}

#[test]
fn what_sounded_sounds_again_and_what_was_silenced_too() {
    let mut night = Night::new(&with_groups([group("porter", 1)]));
    night.play(
        "00:01 10.0.0.1_0 FIRE 0
         00:02 ann silences 10.0.0.1_0
         00:03 10.0.0.1_1 FIRE 0
         00:04 ann acknowledges 10.0.0.1_1",
    );
    assert!(night.building.alarms().all(|alarm| !alarm.audible));
    night.play("00:05 stopped");
    let sounding: Vec<_> = night.building.alarms().map(|alarm| alarm.audible).collect();
    assert_eq!(sounding, [true, false]);
}

#[test]
fn a_lost_switch_is_still_lost_after_a_restart_and_comes_back() {
    check_in(
        &crate::house::behind_a_switch(2),
        "00:00 10.0.0.1_0 FIRE 1
         00:05 10.0.0.2_0 FIRE 1
         00:31 stopped
         00:32 10.0.0.2 speaks
         00:40 10.0.0.1 speaks
         00:41",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:05 node.admitted 10.0.0.2
            00:10 node.late 10.0.0.1 (silent for 10 s)
            00:15 node.late 10.0.0.2 (silent for 10 s)
            00:30 alarm.raised sw parent.lost unacknowledged (all 2 nodes behind it are silent: 10.0.0.1 in floor-1, 10.0.0.2 in floor-1)
            00:30 notification.promised (porter sw/parent.lost/…/raised)
            00:30 suppression.began sw node.silent by poe (suppressed_by_design: sw is lost)
            00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has been silent for 30 s)
            00:31 server.stopped system
            00:31 server.started system (poe 1.0)
            00:31 notification.promised (porter system/restart/…/restarted)
            00:32 node.back 10.0.0.2
            00:32 alarm.returned sw parent.lost returned_unacknowledged
            00:40 node.back 10.0.0.1
            00:40 alarm.returned 10.0.0.1 node.silent normal
        "#]],
    );
}

#[test]
fn smoke_that_went_away_while_its_delay_ran_leaves_no_ghost_in_the_store() {
    check(
        "00:00 10.0.0.1_8 SMOKE 100
         00:01 10.0.0.1_8 SMOKE 165
         00:03 10.0.0.1_8 SMOKE 100
         00:04 10.0.0.1_8 SMOKE 165
         00:08 stopped
         00:09 ann acknowledges 10.0.0.1_8
         00:10 10.0.0.1_8 SMOKE 100",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:08 alarm.raised 10.0.0.1_8 smoke-warning unacknowledged 165 (smoke)
            00:08 server.stopped system
            00:08 server.started system (poe 1.0)
            00:09 alarm.acknowledged 10.0.0.1_8 smoke-warning acknowledged 165 by ann (unacknowledged -> acknowledged)
            00:10 alarm.returned 10.0.0.1_8 smoke-warning normal 165
        "#]],
    );
}

#[test]
fn a_machine_that_boots_in_1970_waits_no_longer_than_the_rule_says() {
    let mut model = with_groups([group("porter", 1), group("chief", 2)]);
    model.rules = vec![RuleSetting { escalation: Some(Some(secs(300))), ..rule("fire") }];
    let mut night = Night::new(&model);
    night.play(
        "00:00 10.0.0.1_0 FIRE 0
         00:01 10.0.0.1_18 TEMPERATURE 120
         00:02 ann shelves 10.0.0.1_18 60 test",
    );
    night.now.time = poe_building::Time(0);
    night.play_restart();
    let fire = night.alarm_of("10.0.0.1_0").unwrap();
    assert_eq!(fire.escalate, Some(night.now.due(secs(300))));
    let shelf = night.building.suppressions().next().unwrap();
    assert_eq!(shelf.ends, Some(night.now.due(secs(60))));
}

#[test]
fn a_flood_goes_on_over_a_restart_and_ends() {
    let mut night = Night::new(&poe_building::Model::default());
    night.play(&(1..=11).map(|id| format!("00:{id:02} 10.0.0.1_{id} FIRE 0\n")).collect::<String>());
    assert!(night.building.alarm_counts().flood);
    night.play("00:20 stopped");
    assert!(night.building.alarm_counts().flood);
    night.told.clear();
    night.play("10:20");
    assert!(!night.building.alarm_counts().flood);
    assert!(night.told.contains("10:07 flood.ended"), "{}", night.told);
}
