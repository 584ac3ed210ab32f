//! What a recorder would have written down, as plainly as can be: the memory of a building in simulated time.

use poe_building::{
    Alarm, AlarmId, Changes, EntryKind, Known, KnownNode, KnownSensor, LastRun, Model, NextIds, Promise,
    PromiseId, Reading, State, Suppression, SuppressionId, Time,
};
use std::collections::BTreeMap;

/// Everything that is durable.
#[derive(Default, Debug)]
pub(super) struct Store {
    nodes: Vec<KnownNode>,
    sensors: Vec<KnownSensor>,
    alarms: BTreeMap<AlarmId, Alarm>,
    suppressions: BTreeMap<SuppressionId, Suppression>,
    promises: BTreeMap<PromiseId, Promise>,
    pub(super) model: Model,
    next: NextIds,
    last_entry: Option<(EntryKind, Time)>,
}

impl Store {
    /// Makes a batch durable.
    pub(super) fn commit(&mut self, changes: &Changes) {
        for node in &changes.nodes {
            let known = KnownNode {
                address: node.address,
                first_seen: node.first_seen,
                retired: false,
                approved: false,
            };
            self.nodes.push(known);
        }
        for sensor in &changes.sensors {
            let (node, id, kind) = (sensor.node, sensor.id, sensor.kind);
            self.sensors.push(KnownSensor { node, id, kind, latest: None });
        }
        for row in &changes.rows {
            let known = &mut self.sensors[row.sensor.index()];
            known.kind = row.kind;
            known.latest =
                Some(Reading { time: row.time, kind: row.kind, value: row.value, status: row.status });
        }
        for (address, retired) in &changes.retired {
            for node in self.nodes.iter_mut().filter(|node| node.address == *address) {
                node.retired = *retired;
            }
        }
        for address in &changes.approved {
            for node in self.nodes.iter_mut().filter(|node| node.address == *address) {
                node.approved = true;
            }
        }
        for alarm in &changes.alarms {
            if alarm.state == State::Normal && alarm.delay.is_none() {
                self.alarms.remove(&alarm.id);
            } else {
                self.alarms.insert(alarm.id, Alarm::clone(alarm));
            }
        }
        for suppression in &changes.suppressions {
            if suppression.is_in_force() {
                self.suppressions.insert(suppression.id, suppression.clone());
            } else {
                self.suppressions.remove(&suppression.id);
            }
        }
        self.promises.extend(changes.promises.iter().map(|promise| (promise.id, promise.clone())));
        for (id, ..) in &changes.outcomes {
            self.promises.remove(id);
        }
        if let Some(model) = &changes.model {
            self.model = Model::clone(model);
        }
        self.next = changes.next.unwrap_or(self.next);
        self.last_entry = changes.entries.last().map(|entry| (entry.kind, entry.decided)).or(self.last_entry);
    }

    /// What a start brings back.
    pub(super) fn known(&self) -> Known {
        Known {
            nodes: self.nodes.clone(),
            sensors: self.sensors.clone(),
            alarms: self.alarms.values().cloned().collect(),
            suppressions: self.suppressions.values().cloned().collect(),
            promises: self.promises.values().cloned().collect(),
            model: self.model.clone(),
            next: self.next,
            last_run: match self.last_entry {
                None => LastRun::None,
                Some((EntryKind::ServerStopped, _)) => LastRun::Stopped,
                Some((_, last)) => LastRun::Broken(last),
            },
            ..Known::default()
        }
    }
}
