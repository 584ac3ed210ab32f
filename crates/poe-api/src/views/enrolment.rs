//! Nodes that wait at the door.

use std::net::IpAddr;

use poe_building::{Enrolment, HeldSensor, Quarantined};
use poe_wire::SensorKind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::Page;
use crate::views::{Shown, Stamp};
use crate::words::{EnrolmentWord, QualityWord, SensorKindWord, Word};

/// Whether nodes that nobody knows are let in, and which of them wait.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EnrolmentState)]
pub(crate) struct EnrolmentView<'a> {
    mode: EnrolmentWord,
    /// Those that wait, by address.
    items: &'a [WaitingView],
    /// The same as `items`.
    waiting: &'a [WaitingView],
    /// Given as `after`, the list goes on from here; nothing: it is at its end.
    next: Option<u64>,
}

/// A node that is not let in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingNode)]
pub(crate) struct WaitingView {
    #[schema(value_type = String)]
    node: Shown<IpAddr>,
    first_seen: Stamp,
    last_seen: Stamp,
    connections: u32,
    frames: u64,
    /// Whether one of its sensors reads what would be an alarm.
    alarming: bool,
    /// Where enrolment is closed, only those that report danger.
    sensors: Vec<HeldView>,
}

/// What a sensor of such a node says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingSensor)]
struct HeldView {
    id: u8,
    kind: SensorKindWord,
    /// Null as long as it has only announced itself.
    value: Option<u8>,
    time: Option<Stamp>,
    /// Always `unapproved`.
    quality: QualityWord,
}

impl<'a> EnrolmentView<'a> {
    pub(crate) fn new(mode: Enrolment, Page { items, next }: &'a Page<WaitingView>) -> Self {
        EnrolmentView { mode: Word(mode), items, waiting: items, next: *next }
    }
}

impl From<&Quarantined> for WaitingView {
    fn from(node: &Quarantined) -> Self {
        WaitingView {
            node: Shown(node.address),
            first_seen: node.first_seen.into(),
            last_seen: node.last_seen.into(),
            connections: node.connections,
            frames: node.frames,
            alarming: node.alarming,
            sensors: node.sensors.iter().map(HeldView::from).collect(),
        }
    }
}

impl From<&HeldSensor> for HeldView {
    fn from(sensor: &HeldSensor) -> Self {
        let kind: SensorKind = sensor.kind;
        HeldView {
            id: sensor.id,
            kind: Word(kind),
            value: sensor.latest.map(|reading| reading.value),
            time: sensor.latest.map(|reading| Stamp(reading.time)),
            quality: QualityWord::Unapproved,
        }
    }
}
