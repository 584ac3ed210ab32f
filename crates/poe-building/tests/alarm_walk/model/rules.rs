//! What the building of the walk is: its nodes, its rules, and who is told.

use poe_building::{Class, SensorKey, Source};
use poe_wire::SensorKind;
use std::net::IpAddr;

pub const SEC: i64 = 1_000_000;
pub const NODES: usize = 4;
/// The sensors of every node.
pub const SENSORS: [(u8, SensorKind); 4] = [
    (0, SensorKind::Fire),
    (8, SensorKind::Smoke),
    (17, SensorKind::Humidity),
    (18, SensorKind::Temperature),
];
/// The nodes behind the switch; the last one is fed by nobody.
pub(super) const BEHIND_THE_SWITCH: core::ops::Range<usize> = 0..3;

pub fn address(node: usize) -> IpAddr {
    IpAddr::from([10, 0, 0, node as u8 + 1])
}

pub fn switch() -> Source {
    Source::Switch("sw".into())
}

pub fn site() -> Source {
    Source::Place("site".into())
}

/// A rule, written out once more.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rule {
    pub name: &'static str,
    pub(super) class: Class,
    pub(super) kind: Option<SensorKind>,
    pub(super) from: u8,
    pub(super) to: u8,
    pub(super) deadband: u8,
    pub(super) on: i64,
    pub(super) off: i64,
    pub(super) latching: bool,
    pub(super) re_alarm: Option<i64>,
    pub(super) escalation: Option<i64>,
}

pub(super) const PLAIN: Rule = Rule {
    name: "",
    class: Class::Trouble,
    kind: None,
    from: 0,
    to: 255,
    deadband: 0,
    on: 0,
    off: 0,
    latching: false,
    re_alarm: None,
    escalation: None,
};
pub(super) const SILENT: Rule = Rule { name: "node.silent", ..PLAIN };
pub(super) const PARENT: Rule = Rule { name: "parent.lost", ..PLAIN };
pub(super) const CHATTER: Rule = Rule { name: "health.chatter", class: Class::Supervisory, ..PLAIN };
pub(super) const RESTART: Rule = Rule { name: "restart", latching: true, ..PLAIN };
pub(super) const EMERGENCY: Rule = Rule {
    name: "emergency.fire",
    class: Class::Alarm,
    latching: true,
    escalation: Some(300 * SEC),
    ..PLAIN
};
pub const TARGETS: [&str; 2] = ["porter", "chief"];
pub(super) const NOTIFY: [Rule; 2] =
    [Rule { name: "notify.porter", ..PLAIN }, Rule { name: "notify.chief", ..PLAIN }];

/// The rules of sensors. Where heat begins is changed now and then.
pub(super) fn rules(heat_from: u8) -> [Rule; 6] {
    use Class::{Alarm, Supervisory};
    use SensorKind::{Fire, Humidity, Smoke, Temperature};
    let alarm = Rule { class: Alarm, escalation: Some(300 * SEC), ..PLAIN };
    let warning = Rule { class: Supervisory, ..PLAIN };
    [
        Rule { name: "fire", kind: Some(Fire), to: 0, latching: true, escalation: Some(30 * SEC), ..alarm },
        Rule { name: "smoke-warning", kind: Some(Smoke), from: 160, deadband: 10, on: 4 * SEC, ..warning },
        Rule { name: "smoke", kind: Some(Smoke), from: 200, latching: true, ..alarm },
        Rule { name: "temperature-warning", kind: Some(Temperature), from: 110, ..warning },
        Rule {
            name: "temperature",
            kind: Some(Temperature),
            from: heat_from,
            off: 5 * SEC,
            re_alarm: Some(60 * SEC),
            ..alarm
        },
        Rule {
            name: "humidity",
            kind: Some(Humidity),
            from: 80,
            deadband: 5,
            on: 3 * SEC,
            off: 4 * SEC,
            latching: true,
            re_alarm: Some(30 * SEC),
            escalation: Some(20 * SEC),
            ..warning
        },
    ]
}

/// Who is told of a class at a level: the porter of everything, the chief later, both of fires at last.
pub(super) fn told(class: Class, level: u8) -> &'static [&'static str] {
    match (level, class) {
        (1, _) => &["porter"],
        (2, Class::Alarm | Class::Supervisory) => &["chief"],
        (3, Class::Alarm) => &["chief", "porter"],
        _ => &[],
    }
}

/// Whether what is about `inner` is kept quiet with `outer`.
pub(super) fn is_in(inner: &Source, outer: &Source) -> bool {
    let fed = |known: &IpAddr| BEHIND_THE_SWITCH.clone().any(|node| address(node) == *known);
    match (inner, outer) {
        _ if inner == outer => true,
        (Source::System, _) => false,
        (_, Source::Place(_)) => true,
        (Source::Sensor(key), Source::Node(known)) => key.address == *known,
        (Source::Sensor(SensorKey { address, .. }) | Source::Node(address), Source::Switch(_)) => {
            fed(address)
        }
        _ => false,
    }
}
