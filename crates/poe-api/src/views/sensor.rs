//! A sensor and its latest value.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use poe_building::{Alarm, Directory, NodeView, SensorKey, Silence, Source, Status, Text, own};
use poe_store::LatestSensor;
use serde::Serialize;
use utoipa::ToSchema;

use crate::views::{Address, Key, Stamp};
use crate::words::{QualityWord, SensorKindWord, StatusWord};

/// A sensor and its latest value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sensor)]
pub(crate) struct SensorView {
    /// The node's address and the sensor's number.
    #[schema(value_type = String)]
    ip_id: Key,
    #[schema(value_type = String)]
    node: Address,
    id: u8,
    /// What people call it, if somebody gave it a name.
    #[schema(value_type = Option<String>)]
    name: Option<Text>,
    /// The innermost place that it is in.
    #[schema(value_type = Option<String>)]
    place: Option<Text>,
    #[schema(value_type = SensorKindWord)]
    kind: &'static str,
    /// The raw byte; null until the first reading.
    value: Option<u8>,
    /// `%`, `degF`, or empty.
    unit: &'static str,
    /// What the value means by the rules in force.
    #[schema(value_type = Option<StatusWord>)]
    status: Option<&'static str>,
    /// What it means by the thresholds that the table's `status` column follows.
    #[schema(value_type = Option<StatusWord>)]
    legacy_status: Option<&'static str>,
    time: Option<Stamp>,
    #[schema(value_type = QualityWord)]
    quality: &'static str,
}

/// A sensor's value as it is told to those who follow: what changes, under the same names.
#[derive(Debug, Serialize)]
pub(crate) struct ReadingView {
    ip_id: Key,
    node: Address,
    id: u8,
    kind: &'static str,
    value: Option<u8>,
    unit: &'static str,
    status: Option<&'static str>,
    legacy_status: Option<&'static str>,
    time: Option<Stamp>,
    quality: &'static str,
}

impl ReadingView {
    /// A sensor with the word for how far its value can be trusted.
    pub(crate) fn new(sensor: &LatestSensor, quality: Quality) -> Self {
        ReadingView {
            ip_id: Key(sensor.key),
            node: Address(sensor.key.address),
            id: sensor.key.id,
            kind: sensor.kind.name(),
            value: sensor.reading.map(|(value, ..)| value),
            unit: sensor.kind.unit(),
            status: sensor.status().map(Status::name),
            legacy_status: sensor.legacy_status().map(Status::name),
            time: sensor.reading.map(|(_, time, _)| time.into()),
            quality: quality.name(),
        }
    }
}

/// Makes views of many sensors, one after the other.
#[derive(Debug)]
pub(crate) struct SensorViews<'a> {
    names: &'a SensorNames,
    qualities: &'a Qualities,
    /// Where the node is that was asked for last: the next sensor is often one of its own.
    place: Option<(IpAddr, Option<Text>)>,
}

impl<'a> SensorViews<'a> {
    pub(crate) fn new(names: &'a SensorNames, qualities: &'a Qualities) -> Self {
        SensorViews { names, qualities, place: None }
    }

    pub(crate) fn view(&mut self, sensor: &LatestSensor) -> SensorView {
        let (name, place) = match self.names.own(sensor.key) {
            Some(source) => (self.names.directory.name(&source), self.names.directory.place(&source)),
            None => (None, self.place_of(sensor.key.address)),
        };
        let ReadingView { ip_id, node, id, kind, value, unit, status, legacy_status, time, quality } =
            ReadingView::new(sensor, self.qualities.of(sensor.key));
        SensorView { ip_id, node, id, name, place, kind, value, unit, status, legacy_status, time, quality }
    }

    fn place_of(&mut self, node: IpAddr) -> Option<Text> {
        match &self.place {
            Some((known, place)) if *known == node => place.clone(),
            _ => {
                let place = self.names.directory.place(&Source::Node(node));
                self.place = Some((node, place.clone()));
                place
            }
        }
    }
}

/// Names and places, and which sensors have any of their own: most have none, and are where their node is.
#[derive(Debug)]
pub(crate) struct SensorNames {
    directory: Arc<Directory>,
    described: HashSet<SensorKey>,
    /// Where nodes stand among those that are described.
    lines: HashMap<IpAddr, usize>,
}

impl SensorNames {
    pub(crate) fn new(directory: Arc<Directory>) -> Self {
        let model = directory.model();
        let described = model.sensors.iter().map(|sensor| sensor.key).collect();
        let lines = model.nodes.iter().zip(0..).map(|(node, line)| (node.address, line)).collect();
        SensorNames { directory, described, lines }
    }

    pub(crate) fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// The places that a source is in, from the inside out.
    pub(crate) fn places(&self, source: &Source) -> Vec<Text> {
        let place = |at| match at {
            Source::Place(name) => Some(name),
            _ => None,
        };
        self.directory.path(source).into_iter().filter_map(place).collect()
    }

    /// Where a node stands among those that are described, if it is.
    pub(crate) fn line_of(&self, node: IpAddr) -> Option<usize> {
        self.lines.get(&node).copied()
    }

    /// The sensor, if people describe it by itself.
    pub(crate) fn own(&self, key: SensorKey) -> Option<Source> {
        self.described.contains(&key).then_some(Source::Sensor(key))
    }
}

/// How far a value can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quality {
    /// As far as its node is heard: entirely, if it is.
    Silence(Silence),
    /// Not now: the sensor is not well.
    Fault,
    /// Not at all: several claim to be its node.
    Conflict,
    /// Nobody has said that its node is one of ours: it is held apart, and in no list of sensors.
    Unapproved,
}

impl Quality {
    pub(crate) const ALL: [Self; 6] = [
        Self::Silence(Silence::Heard),
        Self::Silence(Silence::Late),
        Self::Silence(Silence::Lost),
        Self::Fault,
        Self::Conflict,
        Self::Unapproved,
    ];

    /// The word for it everywhere.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Silence(silence) => silence.name(),
            Self::Fault => "fault",
            Self::Conflict => "conflict",
            Self::Unapproved => "unapproved",
        }
    }
}

/// How far values can be trusted: what is silent, in conflict, or unhealthy.
#[derive(Debug, Default)]
pub(crate) struct Qualities {
    silent: HashMap<IpAddr, Silence>,
    in_conflict: HashSet<IpAddr>,
    unhealthy: HashSet<SensorKey>,
}

impl Qualities {
    /// As nodes and alarms tell.
    pub(crate) fn new<'a>(nodes: impl IntoIterator<Item = &'a NodeView>, alarms: &[Alarm]) -> Self {
        let silent = nodes.into_iter().filter(|node| node.supervision != Silence::Heard);
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

    /// How far this one's can; of several answers the one that says the most against it.
    pub(crate) fn of(&self, key: SensorKey) -> Quality {
        let silence = self.silent.get(&key.address).copied().unwrap_or_default();
        if silence == Silence::Lost {
            Quality::Silence(silence)
        } else if self.in_conflict.contains(&key.address) {
            Quality::Conflict
        } else if self.unhealthy.contains(&key) {
            Quality::Fault
        } else {
            Quality::Silence(silence)
        }
    }
}
