use super::check;
use crate::{Class, Group, Model, NodeInfo, ProfileName, RuleScope, RuleSetting, SensorInfo, Voting};
use core::time::Duration;
use expect_test::expect;
use poe_wire::SensorKind;

const CROSS_ZONE: Option<Voting> =
    Some(Voting::CrossZone { group: Group::Zone, window: Duration::from_secs(10) });

fn everywhere(rule: &str) -> RuleSetting {
    RuleSetting::new(rule, RuleScope::Everywhere)
}

fn within(place: &str, rule: &str) -> RuleSetting {
    RuleSetting::new(rule, RuleScope::Place(place.into()))
}

/// The settings of a rule of people's own.
fn own(setting: RuleSetting) -> RuleSetting {
    RuleSetting { kind: Some(SensorKind::Water), at_least: Some(100), ..setting }
}

#[test]
fn a_rule_of_ones_own_says_what_it_is() {
    check(
        |model| {
            model.rules = vec![
                own(everywhere("flood")),
                RuleSetting { at_least: Some(50), ..within("kitchen", "flood") },
                RuleSetting { at_least: Some(150), ..everywhere("smok") },
                RuleSetting { kind: Some(SensorKind::Water), ..within("floor-2", "damp") },
                // What the floor does not say, its kitchen cannot refine.
                RuleSetting { at_least: Some(3), ..within("kitchen", "damp") },
                RuleSetting { kind: Some(SensorKind::Smoke), ..within("main", "flood") },
            ];
        },
        &expect![[r#"
            Rule(5) kind: rule 'flood' is for WATER elsewhere; give this one another name
            Rule(2) rule: profile building has no rule 'smok' (did you mean 'smoke'?); a rule of your own needs kind, and at_least or at_most
            Rule(3) rule: profile building has no rule 'damp'; a rule of your own needs kind, and at_least or at_most
            Rule(4) rule: profile building has no rule 'damp'; a rule of your own needs kind, and at_least or at_most
        "#]],
    );
}

#[test]
fn temperature_warning_is_not_in_every_profile() {
    check(
        |model| {
            model.profile = ProfileName::Iit2022;
            model.rules = vec![RuleSetting { priority: Some(1), ..everywhere("temperature-warning") }];
        },
        &expect![[r#"
            Rule(0) rule: profile iit-2022 has no rule 'temperature-warning'; a rule of your own needs kind, and at_least or at_most
        "#]],
    );
}

#[test]
fn a_rule_is_set_once_in_a_place() {
    check(
        |model| {
            model.rules = vec![everywhere("smoke"), within("kitchen", "smoke"), everywhere("smoke")];
        },
        &expect![[r#"
            Rule(2) rule: rule 'smoke' is set there already; put it all in one
        "#]],
    );
}

#[test]
fn the_servers_own_rules_stay_as_they_are() {
    check(
        |model| {
            model.rules = vec![
                own(everywhere("emergency.fire")),
                own(everywhere("node.silent")),
                own(everywhere("notify.x")),
            ];
        },
        &expect![[r#"
            Rule(0) rule: 'emergency.fire' is a rule of the server's own and stays as it is
            Rule(1) rule: 'node.silent' is a rule of the server's own and stays as it is
            Rule(2) rule: 'notify.x' is a rule of the server's own and stays as it is
        "#]],
    );
}

#[test]
fn what_raises_alarms_is_not_hushed_for_good() {
    check(
        |model| {
            model.rules = vec![
                RuleSetting { class: Some(None), ..everywhere("smoke") },
                RuleSetting { class: Some(None), ..within("kitchen", "smoke-warning") },
                RuleSetting { class: Some(Some(Class::Supervisory)), ..within("kitchen", "fire") },
                RuleSetting { kind: Some(SensorKind::Fire), ..everywhere("humidity") },
            ];
        },
        &expect![[r#"
            Rule(0) class: 'smoke' raises alarms, and nothing can be suppressed without an end; shelve it, take its sensors out of service, or make it supervisory
            Rule(3) kind: rule 'humidity' is for HUMIDITY and keeps its kind; leave kind out
        "#]],
    );
}

#[test]
fn a_rule_can_begin_and_end() {
    check(
        |model| {
            model.rules = vec![
                RuleSetting { at_most: Some(50), ..everywhere("smoke") },
                RuleSetting { deadband: Some(80), ..everywhere("humidity") },
                RuleSetting { at_least: Some(0), ..everywhere("temperature") },
                RuleSetting { deadband: Some(79), ..within("kitchen", "humidity") },
                RuleSetting { kind: Some(SensorKind::Water), at_most: Some(255), ..everywhere("wet") },
                RuleSetting { kind: Some(SensorKind::Water), at_most: Some(20), ..everywhere("dry") },
            ];
        },
        &expect![[r#"
            Rule(0) at_most: no value is at least 200 and at most 50; set at_least, too
            Rule(1) deadband: 80 to 255 with a deadband of 80 leaves no value that ends it; make the deadband smaller
            Rule(2) at_least: every value fulfils it, so it could never end; set at_least or at_most
            Rule(4) at_most: every value fulfils it, so it could never end; set at_least or at_most
        "#]],
    );
    check(
        |model| {
            model.profile = ProfileName::Iit2022;
            model.rules = vec![RuleSetting { at_least: Some(220), ..everywhere("smoke-warning") }];
        },
        &expect![[r#"
            Rule(0) at_least: no value is at least 220 and at most 199; set at_most, too
        "#]],
    );
}

#[test]
fn numbers_and_times_have_bounds() {
    let secs = Duration::from_secs;
    check(
        |model| {
            model.rules = vec![RuleSetting {
                priority: Some(0),
                on_delay: Some(secs(3601)),
                off_delay: Some(Duration::from_micros(1)),
                re_alarm: Some(Some(secs(9))),
                escalation: Some(Some(secs(86_401))),
                message: Some("".into()),
                voting: Some(Voting::Coincidence { group: Group::Node, count: 1, window: secs(0) }),
                ..everywhere("smoke")
            }];
        },
        &expect![[r#"
            Rule(0) priority: must be 1 to 9, not 0; 1 goes first
            Rule(0) on_delay_s: must be 0 s to 1 h, not 3601 s: what nobody hears of for longer is no alarm
            Rule(0) off_delay_s: must be whole milliseconds: nothing here is measured finer
            Rule(0) re_alarm_s: must be 10 s to 24 h, not 9 s: nobody can answer faster, and after a day it is listed as stale anyway
            Rule(0) escalation_s: must be 10 s to 24 h, not 86401 s: nobody can answer faster, and after a day it is listed as stale anyway
            Rule(0) message: must not be empty; leave it out instead
            Rule(0) coincidence.count: must be 2 or more, not 1; one alone needs no coincidence
            Rule(0) coincidence.window_s: must be 1 s to 1 h, not 0 s: nodes speak about once a second, and an hour later it is another event
        "#]],
    );
}

#[test]
fn verification_is_for_smoke_and_never_beside_cross_zone() {
    let verification = Some(Voting::Verification);
    check(
        |model| {
            model.rules = vec![
                RuleSetting { voting: verification, ..everywhere("temperature") },
                RuleSetting { voting: verification, ..everywhere("smoke") },
                RuleSetting { voting: CROSS_ZONE, ..within("kitchen", "smoke-warning") },
                RuleSetting { voting: CROSS_ZONE, ..everywhere("fire") },
            ];
        },
        &expect![[r#"
            Rule(0) voting: verification is for smoke only, which drifts and comes back; others speak at once
            Rule(2) cross_zone: cross_zone never goes together with verification, which rule 'smoke' has on the same sensors; choose one
        "#]],
    );
    let elsewhere = |model: &mut Model| {
        model.rules = vec![
            RuleSetting { voting: verification, ..within("kitchen", "smoke") },
            RuleSetting { voting: CROSS_ZONE, ..within("main", "smoke-warning") },
            RuleSetting { voting: Some(Voting::Single), ..within("floor-2", "smoke-warning") },
        ];
    };
    check(elsewhere, &expect![[r#""#]]);
}

#[test]
fn a_sensor_elsewhere_has_the_rules_of_its_node_and_of_its_place() {
    check(
        |model| {
            let address = "10.0.0.1".parse().unwrap();
            let key = "10.0.0.1_4".parse().unwrap();
            let place = |name: &str| Some(name.into());
            model.nodes = vec![NodeInfo {
                address,
                name: None,
                place: place("main"),
                fed_by: None,
                port: None,
                supervision: None,
            }];
            model.sensors = vec![SensorInfo { key, name: None, place: place("kitchen") }];
            model.rules = vec![
                RuleSetting { voting: CROSS_ZONE, ..within("kitchen", "smoke-warning") },
                RuleSetting {
                    voting: Some(Voting::Verification),
                    ..RuleSetting::new("smoke", RuleScope::Node(address))
                },
            ];
        },
        &expect![[r#"
            Rule(1) voting: verification never goes together with cross_zone, which rule 'smoke-warning' has on the same sensors; choose one
        "#]],
    );
}

#[test]
fn a_reading_is_held_against_so_many_rules() {
    check(
        |model| model.rules = (0..33).map(|number| own(everywhere(&format!("wet-{number}")))).collect(),
        &expect![[r#"
            Rule(32) rule: WATER has 32 rules already, and every reading is held against all of them
        "#]],
    );
    let smoke =
        |number| RuleSetting { kind: Some(SensorKind::Smoke), ..own(everywhere(&format!("s-{number}"))) };
    check(
        |model| model.rules = (0..31).map(smoke).collect(),
        &expect![[r#"
        Rule(30) rule: SMOKE has 32 rules already, and every reading is held against all of them
    "#]],
    );
}

#[test]
fn scopes_are_written_in_one_way() {
    check(
        |model| {
            model.rules = vec![
                within("nowhere", "smoke"),
                within("campus", "fire"),
                RuleSetting::new("smoke", RuleScope::Node("::ffff:10.0.0.1".parse().unwrap())),
            ];
        },
        &expect![[r#"
            Rule(0) place: there is no place 'nowhere'; describe it, or leave it out
            Rule(1) place: 'campus' is the site; leave place out for the whole of it
            Rule(2) node: write it as 10.0.0.1
        "#]],
    );
}
