//! Rules that change while alarms stand, and emergencies that people raise.

use crate::{
    house::{behind_a_switch, group, rule, secs, with_groups, with_rules},
    night::{Night, check},
};
use expect_test::{Expect, expect};
use poe_building::{Class, Model, RuleSetting};

/// Plays, changes the rules, and plays on.
fn check_change(first: &str, model: &Model, then: &str, expected: Expect) {
    let mut night = Night::new(&Model::default());
    night.play(first);
    night.describe(model);
    night.play(then);
    expected.assert_eq(&night.told);
}

#[test]
fn a_lower_threshold_raises_what_stands_above_it() {
    check_change(
        "00:01 10.0.0.1_18 TEMPERATURE 100",
        &with_rules([RuleSetting { at_least: Some(95), ..rule("temperature") }]),
        "00:02",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 rule.changed by ann (rule temperature: added: at_least 95)
            00:01 alarm.raised 10.0.0.1_18 temperature unacknowledged 100 by ann (great heat)
        "#]],
    );
}

#[test]
fn a_higher_threshold_ends_what_stands_below_it() {
    check_change(
        "00:01 10.0.0.1_18 TEMPERATURE 120",
        &with_rules([RuleSetting { at_least: Some(130), ..rule("temperature-warning") }]),
        "00:02",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 120 (heat)
            00:01 rule.changed by ann (rule temperature-warning: added: at_least 130)
            00:01 alarm.returned 10.0.0.1_18 temperature-warning returned_unacknowledged 120 by ann
        "#]],
    );
}

#[test]
fn a_rule_that_is_journalled_only_from_now_on_leaves_no_alarm_behind() {
    check_change(
        "00:01 10.0.0.1_18 TEMPERATURE 120",
        &with_rules([RuleSetting { class: Some(None), ..rule("temperature-warning") }]),
        "00:02 ann resets 10.0.0.1_18",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 120 (heat)
            00:01 rule.changed by ann (rule temperature-warning: added: class journal)
            00:01 alarm.returned 10.0.0.1_18 temperature-warning normal 120 by ann (its rule is of another class now)
            00:01 observation.began 10.0.0.1_18 temperature-warning by ann
            00:02 refused: there is no alarm 0, or it has returned to normal
            00:02 command.refused by ann (reset alarm 0: there is no alarm 0, or it has returned to normal)
        "#]],
    );
}

#[test]
fn a_rule_of_another_class_is_signalled_as_that() {
    let mut model = with_groups([group("porter", 1)]);
    model.rules = vec![RuleSetting { class: Some(Some(Class::Alarm)), ..rule("temperature-warning") }];
    check_change(
        "00:01 10.0.0.1_18 TEMPERATURE 120",
        &model,
        "00:02",
        expect![[r#"
        00:01 node.admitted 10.0.0.1
        00:01 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 120 (heat)
        00:01 rule.changed by ann (rule temperature-warning: added: class alarm)
        00:01 target.changed by ann (target porter: added: command.run "/bin/true", command.limit 10 s)
        00:01 target.changed by ann (group porter: added: level 1, targets porter, classes alarm + supervisory + trouble)
        00:01 alarm.returned 10.0.0.1_18 temperature-warning normal 120 by ann (its rule is of another class now)
        00:01 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 120 by ann (heat)
        00:01 notification.promised (porter 10.0.0.1_18/temperature-warning/…/raised)
    "#]],
    );
}

#[test]
fn a_shorter_delay_holds_for_what_already_waits() {
    let mut night =
        Night::new(&with_rules([RuleSetting { on_delay: Some(secs(3_000)), ..rule("humidity") }]));
    night.play("00:01 10.0.0.1_17 HUMIDITY 90");
    night.describe(&with_rules([RuleSetting { on_delay: Some(secs(5)), ..rule("humidity") }]));
    night.play("00:08");
    expect![[r#"
        00:01 node.admitted 10.0.0.1
        00:01 rule.changed by ann (rule humidity: on_delay 3000 s -> 5 s)
        00:06 alarm.raised 10.0.0.1_17 humidity unacknowledged 90 (humid air)
    "#]]
    .assert_eq(&night.told);
}

#[test]
fn a_switch_that_is_taken_out_of_the_model_keeps_nothing_quiet() {
    let mut night = Night::new(&behind_a_switch(2));
    night.play(
        "00:00 10.0.0.1_0 FIRE 1
         00:00 10.0.0.2_0 FIRE 1
         00:40",
    );
    let told = night.told.len();
    night.describe(&with_groups([group("porter", 1)]));
    night.play("02:00");
    expect![[r#"
        00:40 model.changed floor-1 by ann (place floor-1: removed: kind floor)
        00:40 model.changed sw by ann (switch sw: removed)
        00:40 model.changed 10.0.0.1 by ann (node 10.0.0.1: removed: place floor-1, switch sw)
        00:40 model.changed 10.0.0.2 by ann (node 10.0.0.2: removed: place floor-1, switch sw)
        00:40 alarm.returned sw parent.lost normal by ann (its rule or its place is gone)
        00:40 alarm.unquieted 10.0.0.1 node.silent unacknowledged by ann (no longer suppressed_by_design)
        00:40 notification.promised (porter 10.0.0.1/node.silent/…/unquieted)
        00:40 alarm.unquieted 10.0.0.2 node.silent unacknowledged by ann (no longer suppressed_by_design)
        00:40 notification.promised (porter 10.0.0.2/node.silent/…/unquieted)
        01:40 suppression.ended sw node.silent (suppressed_by_design: its time is over)
    "#]]
    .assert_eq(&night.told[told..]);
    assert_eq!(night.building.suppressions().count(), 0);
}

#[test]
fn who_was_never_heard_and_is_no_longer_described_is_not_missed() {
    let mut night = Night::new(&behind_a_switch(1));
    night.play("00:40");
    night.describe(&Model::default());
    expect![[r#"
        00:30 alarm.raised 10.0.0.1 node.silent unacknowledged (node has never been heard)
        00:30 notification.promised (porter 10.0.0.1/node.silent/…/raised)
        00:40 model.changed floor-1 by ann (place floor-1: removed: kind floor)
        00:40 model.changed sw by ann (switch sw: removed)
        00:40 model.changed 10.0.0.1 by ann (node 10.0.0.1: removed: place floor-1, switch sw)
        00:40 target.changed by ann (target porter: removed: command.run "/bin/true", command.limit 10 s)
        00:40 target.changed by ann (group porter: removed: level 1, targets porter, classes alarm + supervisory + trouble)
        00:40 alarm.returned 10.0.0.1 node.silent normal by ann (it is no longer described)
    "#]].assert_eq(&night.told);
    assert_eq!(night.building.alarms().count(), 0);
}

#[test]
fn an_emergency_lasts_until_somebody_resets_it() {
    check(
        "00:01 ann raises fire site in the kitchen
         00:02 ben acknowledges site
         00:03 ben resets site
         00:04 ann raises active_shooter cellar
         00:05 ann raises public_safety site",
        expect![[r#"
            00:01 alarm.raised site emergency.fire unacknowledged by ann (fire reported by hand, raised by ann: in the kitchen)
            00:02 alarm.acknowledged site emergency.fire acknowledged by ben (unacknowledged -> acknowledged)
            00:03 alarm.returned site emergency.fire latched_acknowledged by ben
            00:03 alarm.reset site emergency.fire normal by ben (latched_acknowledged -> normal)
            00:04 refused: there is no zone or other place "cellar"
            00:04 command.refused cellar by ann (raise active_shooter in cellar: there is no zone or other place "cellar")
            00:05 alarm.raised site emergency.public_safety unacknowledged by ann (danger to the public, raised by ann)
        "#]],
    );
}

#[test]
fn a_second_report_of_an_emergency_is_told_again() {
    let mut night = Night::new(&with_groups([group("porter", 1)]));
    night.play(
        "00:01 ann raises fire site in the kitchen
         00:02 ben acknowledges site
         00:03 cleo raises fire site in the attic",
    );
    expect![[r#"
        00:01 alarm.raised site emergency.fire unacknowledged by ann (fire reported by hand, raised by ann: in the kitchen)
        00:01 notification.promised (porter site/emergency.fire/…/raised)
        00:02 alarm.acknowledged site emergency.fire acknowledged by ben (unacknowledged -> acknowledged)
        00:03 alarm.returned site emergency.fire latched_acknowledged by cleo
        00:03 alarm.raised site emergency.fire unacknowledged by cleo (again: fire reported by hand, raised by cleo: in the attic)
        00:03 notification.promised (porter site/emergency.fire/…/raised)
    "#]].assert_eq(&night.told);
}
