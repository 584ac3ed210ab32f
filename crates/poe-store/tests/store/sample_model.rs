//! A model of a building, with every field in use somewhere.

use crate::sample::text;
use poe_building::{
    Class, Delivery, Email, Group, Heartbeat, Hours, MailSecurity, Model, NodeInfo, Place, PlaceKind,
    ProfileName, RuleScope, RuleSetting, SensorInfo, Supervision, Switch, Target, TargetGroup, Voting,
    Webhook, WebhookFormat,
};
use poe_wire::SensorKind;
use std::time::Duration;

/// A model with something in every place.
pub(crate) fn model() -> Model {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let place = |name: &str, kind, within| Place { name: name.into(), kind, within, title: None };
    let everything = RuleSetting {
        kind: Some(SensorKind::Smoke),
        at_least: Some(160),
        at_most: Some(250),
        deadband: Some(10),
        class: Some(Some(Class::Supervisory)),
        priority: Some(2),
        on_delay: Some(Duration::from_millis(4_500)),
        off_delay: Some(Duration::ZERO),
        latching: Some(false),
        re_alarm: Some(Some(minutes(60))),
        escalation: Some(Some(minutes(5))),
        message: text("smoke"),
        voting: Some(Voting::Coincidence { group: Group::Zone, count: 2, window: minutes(1) }),
        ..RuleSetting::new("smoke-warning", RuleScope::Place("kitchen".into()))
    };
    let never = RuleSetting {
        class: Some(None),
        re_alarm: Some(None),
        escalation: Some(None),
        voting: Some(Voting::CrossZone { group: Group::Node, window: minutes(2) }),
        ..RuleSetting::new("fire", RuleScope::Node("10.0.0.1".parse().unwrap()))
    };
    let voting = |voting| {
        let scope = RuleScope::Sensor("::1_8".parse().unwrap());
        RuleSetting { voting: Some(voting), ..RuleSetting::new("smoke", scope) }
    };
    Model {
        enrolment: poe_building::Enrolment::Closed,
        version: 7,
        site: "north".into(),
        profile: ProfileName::Iit2022,
        supervision: Supervision { late: Duration::from_secs(11), trouble: Duration::from_secs(31) },
        shelving_max: minutes(90),
        places: vec![
            Place { title: text("Main building"), ..place("main", PlaceKind::Building, None) },
            place("kitchen", PlaceKind::Room, text("main")),
        ],
        switches: vec![
            Switch { name: "sw-1".into(), place: text("main"), fed_by: None, port: None },
            Switch { name: "sw-2".into(), place: None, fed_by: text("sw-1"), port: text("24") },
        ],
        nodes: vec![
            NodeInfo {
                address: "10.0.0.1".parse().unwrap(),
                name: text("stove"),
                place: text("kitchen"),
                fed_by: text("sw-2"),
                port: text("3"),
                supervision: Some(Supervision { late: minutes(1), trouble: minutes(2) }),
            },
            NodeInfo {
                address: "fe80::1".parse().unwrap(),
                name: None,
                place: None,
                fed_by: None,
                port: None,
                supervision: None,
            },
        ],
        sensors: vec![SensorInfo {
            key: "::1_8".parse().unwrap(),
            name: text("hood"),
            place: text("kitchen"),
        }],
        rules: vec![
            everything,
            never,
            voting(Voting::Single),
            voting(Voting::Verification),
            RuleSetting::new("humidity", RuleScope::Everywhere),
        ],
        targets: targets(),
        groups: vec![
            TargetGroup {
                name: "day".into(),
                level: 1,
                targets: vec!["mail".into(), "hook".into()],
                classes: vec![Class::Trouble, Class::Alarm],
                places: vec!["kitchen".into()],
                hours: vec![
                    Hours { days: [true, true, true, true, true, false, false], from: 480, to: 1_020 },
                    Hours { days: [false, false, false, false, false, true, true], from: 0, to: 0 },
                ],
            },
            TargetGroup {
                name: "night".into(),
                level: 2,
                targets: vec![],
                classes: vec![],
                places: vec![],
                hours: vec![],
            },
        ],
        heartbeat: Some(Heartbeat {
            url: "https://watch.example/x".into(),
            interval: minutes(1),
            ca_file: text("/etc/poe/ca.pem"),
        }),
    }
}

fn targets() -> Vec<Target> {
    let target = |name: &str, delivery| Target { name: name.into(), delivery, expires: None };
    let hook = Webhook {
        url: "https://hook.example".into(),
        format: WebhookFormat::Slack,
        secret_file: text("/etc/poe/secret"),
        ca_file: None,
    };
    let mail = Email {
        host: "mail.example".into(),
        port: 587,
        security: MailSecurity::StartTls,
        ca_file: text("/etc/poe/ca.pem"),
        user: text("poe"),
        password_file: text("/etc/poe/password"),
        from: "poe@example".into(),
        to: vec!["a@example".into(), "b@example".into()],
    };
    let plain = Email { ca_file: None, user: None, password_file: None, to: vec![], ..mail.clone() };
    let arguments = vec!["notify".into(), "".into(), "two words".into()];
    vec![
        target("hook", Delivery::Webhook(hook)),
        Target { expires: Some(Duration::from_secs(60)), ..target("mail", Delivery::Email(mail)) },
        target("siren", Delivery::Command { arguments, time_limit: Duration::from_secs(3) }),
        target("plain", Delivery::Email(plain)),
    ]
}
