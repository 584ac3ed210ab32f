//! What has to be written down, and what is most urgent of it.

use crate::{
    AccessChange, Alarm, Entry, Model, NewNode, NewSensor, NodeNo, Plan, Promise, PromiseId, PromiseState,
    Readings, SensorNo, Status, Suppression, Text, Time,
    node::{Node, PlaceSet},
    table::Table,
};
use poe_wire::SensorKind;
use std::sync::Arc;

/// What has happened since the last time, for the recorder. Of a sensor that read many values only the latest is
/// here, so that it never grows beyond one row a sensor, however long the disk stands still.
#[derive(Default, Debug)]
pub struct Changes {
    /// Nodes that are new.
    pub nodes: Vec<NewNode>,
    /// Sensors that are new; their nodes are known or among `nodes`.
    pub sensors: Vec<NewSensor>,
    /// Latest values; their sensors are known or among `sensors`.
    pub rows: Vec<Row>,
    /// Every reading since the last time, as far as [`Limits`](crate::Limits) allow.
    pub readings: Readings,
    /// What the journal has to remember, in order and without gaps.
    pub entries: Vec<Entry>,
    /// Alarms as they are now, each once. One whose state is normal and that has no delay running has ended.
    pub alarms: Vec<Arc<Alarm>>,
    /// Suppressions as they are now, each once.
    pub suppressions: Vec<Suppression>,
    /// Promises that are new.
    pub promises: Vec<Promise>,
    /// Promises that have been kept or given up, and when.
    pub outcomes: Vec<(PromiseId, PromiseState, Time)>,
    /// Nodes that were retired, or are heard again after they were.
    pub retired: Vec<(core::net::IpAddr, bool)>,
    /// The building model, if it has changed.
    pub model: Option<Arc<Model>>,
    /// Floor plans as they are now, each with its name; `None`: it was removed.
    pub plans: Vec<(Text, Option<Arc<Plan>>)>,
    /// Steps by which users, tokens and sessions have changed, in order.
    pub access: Vec<AccessChange>,
    /// Nodes that somebody has approved.
    pub approved: Vec<core::net::IpAddr>,
    /// The numbers that come next, if any entry is here.
    pub next: Option<NextIds>,
}

/// The numbers that come next. They are written down because what had them may be gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NextIds {
    /// The next entry's.
    pub seq: u64,
    /// The next alarm's.
    pub alarm: u64,
    /// The next suppression's.
    pub suppression: u64,
    /// The next promise's.
    pub promise: u64,
}

impl Default for NextIds {
    fn default() -> Self {
        Self { seq: 1, alarm: 1, suppression: 1, promise: 1 }
    }
}

/// The latest value of a sensor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// When the last byte of its frame was read.
    pub time: Time,
    /// The sensor.
    pub sensor: SensorNo,
    /// What it measures.
    pub kind: SensorKind,
    /// The raw byte.
    pub value: u8,
    /// What the value means by the rules in force. The table's `status` column follows thresholds of its own.
    pub status: Status,
}

/// How much [`Building::take_changes`](crate::Building::take_changes) gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// What is new, and the sensors whose status changed.
    Urgent,
    /// Everything that changed.
    All,
}

impl Changes {
    /// Whether there is nothing to write down.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
            && self.sensors.is_empty()
            && self.rows.is_empty()
            && self.readings.is_empty()
            && !self.has_news()
    }

    /// Whether there is anything for the journal or beside it.
    pub fn has_news(&self) -> bool {
        !(self.entries.is_empty()
            && self.alarms.is_empty()
            && self.suppressions.is_empty()
            && self.promises.is_empty()
            && self.outcomes.is_empty()
            && self.retired.is_empty()
            && self.plans.is_empty()
            && self.access.is_empty()
            && self.approved.is_empty())
            || self.model.is_some()
    }

    /// Forgets everything but keeps the memory of rows and readings for the next time. What is new comes in a flood once and
    /// hardly ever again, so that its memory is given back.
    pub fn clear(&mut self) {
        let (rows, readings) = (core::mem::take(&mut self.rows), core::mem::take(&mut self.readings));
        *self = Self { rows, readings, ..Self::default() };
        self.rows.clear();
        self.readings.clear();
    }
}

/// Which nodes have something to write down, each listed once.
#[derive(Default, Debug)]
pub(crate) struct Waiting {
    pub(crate) new_nodes: Vec<NewNode>,
    pub(crate) new_sensors: Vec<NewSensor>,
    pub(crate) retired: Vec<(core::net::IpAddr, bool)>,
    /// Those of the new nodes that somebody has approved.
    pub(crate) approved: Vec<core::net::IpAddr>,
    /// Nodes that are [`Node::in_line`].
    line: Vec<NodeNo>,
    /// Nodes with something in [`Node::urgent`].
    urgent: Vec<NodeNo>,
    rows: usize,
}

impl Waiting {
    /// Puts the node in line with what has changed on it: `rows` sensors that had not changed before, and whether
    /// the first of them is urgent now.
    #[inline]
    pub(crate) fn note(&mut self, no: NodeNo, node: &mut Node, rows: usize, first_urgent: bool) {
        if !core::mem::replace(&mut node.in_line, true) {
            self.line.push(no);
        }
        if first_urgent {
            self.urgent.push(no);
        }
        self.rows += rows;
    }

    /// How many rows a full round would write.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The sensors whose rows they are.
    pub(crate) fn sensors<'a>(&'a self, nodes: &'a [Node]) -> impl Iterator<Item = SensorNo> + 'a {
        self.line.iter().flat_map(|no| {
            let node = &nodes[no.index()];
            node.changed.iter().map(|place| node.sensors[usize::from(place)].no)
        })
    }

    pub(crate) fn has_urgent(&self) -> bool {
        !(self.urgent.is_empty() && self.new_nodes.is_empty() && self.new_sensors.is_empty())
    }

    pub(crate) fn take(&mut self, nodes: &mut [Node], tables: &[Table], scope: Scope, into: &mut Changes) {
        hand_over(&mut self.new_nodes, &mut into.nodes);
        hand_over(&mut self.new_sensors, &mut into.sensors);
        hand_over(&mut self.retired, &mut into.retired);
        hand_over(&mut self.approved, &mut into.approved);
        let before = into.rows.len();
        match scope {
            // A node whose changes were all urgent stays in line, with nothing, until the next full round.
            Scope::Urgent => {
                for no in self.urgent.drain(..) {
                    let node = &mut nodes[no.index()];
                    let urgent = core::mem::take(&mut node.urgent);
                    node.changed.remove_all(urgent);
                    push_rows(node, tables, urgent, into);
                }
            }
            Scope::All => {
                self.urgent.clear();
                for no in self.line.drain(..) {
                    let node = &mut nodes[no.index()];
                    node.in_line = false;
                    node.urgent = PlaceSet::default();
                    let changed = core::mem::take(&mut node.changed);
                    push_rows(node, tables, changed, into);
                }
            }
        }
        self.rows -= into.rows.len() - before;
    }
}

/// Moves everything along with its memory where it can.
pub(crate) fn hand_over<T>(from: &mut Vec<T>, into: &mut Vec<T>) {
    if into.is_empty() {
        *into = core::mem::take(from);
    } else {
        into.append(from);
    }
}

fn push_rows(node: &Node, tables: &[Table], places: PlaceSet, into: &mut Changes) {
    into.rows.reserve(places.len());
    for place in places.iter() {
        let sensor = &node.sensors[usize::from(place)];
        let status = sensor.band(tables).expect("a sensor changes by its first reading").status;
        into.rows.push(Row {
            time: sensor.time,
            sensor: sensor.no,
            kind: sensor.kind(tables),
            value: sensor.value,
            status,
        });
    }
}
