//! A sensor and its latest value.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use poe_building::{Alarm, Directory, NodeView, SensorKey, Silence, Source, Status, Text, own};
use poe_store::LatestSensor;
use serde::Serialize;

use crate::views::{Shown, Stamp};

/// A sensor as people and programs see it.
#[derive(Debug, Serialize)]
pub(crate) struct SensorView {
    ip_id: Shown<SensorKey>,
    node: Shown<IpAddr>,
    id: u8,
    name: Option<Text>,
    place: Option<Text>,
    kind: &'static str,
    value: Option<u8>,
    unit: &'static str,
    status: Option<&'static str>,
    legacy_status: Option<&'static str>,
    time: Option<Stamp>,
    quality: &'static str,
}

impl SensorView {
    pub(crate) fn new(sensor: &LatestSensor, qualities: &Qualities, directory: &Directory) -> Self {
        let source = Source::Sensor(sensor.key);
        SensorView {
            ip_id: Shown(sensor.key),
            node: Shown(sensor.key.address),
            id: sensor.key.id,
            name: directory.name(&source),
            place: directory.place(&source),
            kind: sensor.kind.name(),
            value: sensor.reading.map(|(value, ..)| value),
            unit: sensor.kind.unit(),
            status: sensor.status().map(Status::name),
            legacy_status: sensor.legacy_status().map(Status::name),
            time: sensor.reading.map(|(_, time, _)| time.into()),
            quality: qualities.of(sensor.key),
        }
    }
}

/// How far a value can be trusted: what is silent, in conflict, or unhealthy.
#[derive(Debug)]
pub(crate) struct Qualities {
    silent: HashMap<IpAddr, Silence>,
    in_conflict: HashSet<IpAddr>,
    unhealthy: HashSet<SensorKey>,
}

impl Qualities {
    /// As nodes and alarms tell.
    pub(crate) fn new(nodes: &[NodeView], alarms: &[Alarm]) -> Self {
        let silent = nodes.iter().filter(|node| node.supervision != Silence::Heard);
        let active = || alarms.iter().filter(|alarm| alarm.state.is_active());
        let in_conflict = active().filter(|alarm| *alarm.rule == *own::NODE_CONFLICT);
        let unhealthy = active().filter(|alarm| alarm.rule.starts_with("health."));
        Qualities {
            silent: silent.map(|node| (node.address, node.supervision)).collect(),
            in_conflict: in_conflict.filter_map(|alarm| alarm.source.address()).collect(),
            unhealthy: unhealthy
                .filter_map(|alarm| match alarm.source {
                    Source::Sensor(key) => Some(key),
                    _ => None,
                })
                .collect(),
        }
    }

    /// The word for it; of several the one that says the most against the value.
    fn of(&self, key: SensorKey) -> &'static str {
        let silence = self.silent.get(&key.address).copied().unwrap_or_default();
        if silence == Silence::Lost {
            silence.name()
        } else if self.in_conflict.contains(&key.address) {
            "conflict"
        } else if self.unhealthy.contains(&key) {
            "fault"
        } else {
            silence.name()
        }
    }
}
