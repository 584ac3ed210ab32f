//! Buildings that somebody has described.

use poe_building::{
    Class, Delivery, Model, NodeInfo, Place, PlaceKind, RuleScope, RuleSetting, Switch, Target, TargetGroup,
    Text,
};
use std::{net::IpAddr, time::Duration};

pub fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub fn rule(name: &str) -> RuleSetting {
    RuleSetting::new(name, RuleScope::Everywhere)
}

/// The default building with these rules.
pub fn with_rules(rules: impl Into<Vec<RuleSetting>>) -> Model {
    Model { rules: rules.into(), ..Model::default() }
}

pub fn target(name: &str) -> Target {
    let delivery = Delivery::Command { arguments: vec!["/bin/true".into()], time_limit: secs(10) };
    Target { name: name.into(), delivery, expires: None }
}

/// A group that is always on duty and told of alarms everywhere.
pub fn group(name: &str, level: u8) -> TargetGroup {
    TargetGroup {
        name: name.into(),
        level,
        targets: vec![name.into()],
        classes: Class::ALL.into(),
        places: Vec::new(),
        hours: Vec::new(),
    }
}

/// Who is told, each alone in a group of the same name.
pub fn with_groups(groups: impl Into<Vec<TargetGroup>>) -> Model {
    let groups = groups.into();
    let targets = groups.iter().map(|group| target(&group.name)).collect();
    Model { targets, groups, ..Model::default() }
}

pub fn place(name: &str, kind: PlaceKind, within: Option<&str>) -> Place {
    Place { name: name.into(), kind, within: within.map(Into::into), title: None }
}

pub fn node(address: IpAddr, fed_by: Option<&str>, place: Option<&str>) -> NodeInfo {
    let text = |name: &str| -> Text { name.into() };
    NodeInfo {
        address,
        name: None,
        place: place.map(text),
        fed_by: fed_by.map(text),
        port: None,
        supervision: None,
    }
}

/// Nodes 10.0.0.1 and on behind one switch, on one floor.
pub fn behind_a_switch(nodes: u8) -> Model {
    Model {
        places: vec![place("floor-1", PlaceKind::Floor, None)],
        switches: vec![Switch { name: "sw".into(), place: None, fed_by: None, port: None }],
        nodes: (1..=nodes)
            .map(|last| node(IpAddr::from([10, 0, 0, last]), Some("sw"), Some("floor-1")))
            .collect(),
        ..with_groups([group("porter", 1)])
    }
}
