//! What a disk would remember, naively: lists.

use poe_building::{
    Alarm, AlarmId, Changes, Known, KnownNode, KnownSensor, LastRun, NextIds, Promise, PromiseId, Reading,
    State, Suppression, SuppressionId,
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Store {
    nodes: Vec<KnownNode>,
    sensors: Vec<KnownSensor>,
    alarms: BTreeMap<AlarmId, Alarm>,
    suppressions: BTreeMap<SuppressionId, Suppression>,
    tombstones: BTreeSet<SuppressionId>,
    promises: BTreeMap<PromiseId, Promise>,
    model: poe_building::Model,
    next: NextIds,
    /// The number of the last entry.
    seq: u64,
}

impl Store {
    pub fn commit(&mut self, changes: Changes) {
        self.nodes.extend(changes.nodes.iter().map(|new| KnownNode {
            address: new.address,
            first_seen: new.first_seen,
            retired: false,
            approved: false,
        }));
        self.sensors.extend(changes.sensors.iter().map(|new| KnownSensor {
            node: new.node,
            id: new.id,
            kind: new.kind,
            latest: None,
        }));
        for (address, retired) in changes.retired {
            for node in self.nodes.iter_mut().filter(|node| node.address == address) {
                node.retired = retired;
            }
        }
        for address in changes.approved {
            let known = self.nodes.iter_mut().find(|node| node.address == address);
            known.expect("who is approved is known").approved = true;
        }
        for row in changes.rows {
            let reading = Reading { time: row.time, kind: row.kind, value: row.value, status: row.status };
            self.sensors[row.sensor.index()].latest = Some(reading);
        }
        for entry in changes.entries {
            assert_eq!(entry.seq, self.seq + 1, "the journal has no gaps");
            self.seq = entry.seq;
        }
        for alarm in changes.alarms {
            if alarm.state == State::Normal && alarm.delay.is_none() {
                self.alarms.remove(&alarm.id);
            } else {
                self.alarms.insert(alarm.id, Alarm::clone(&alarm));
            }
        }
        for suppression in changes.suppressions {
            assert!(!self.tombstones.contains(&suppression.id), "what has ended never comes back");
            if suppression.is_in_force() {
                self.suppressions.insert(suppression.id, suppression);
            } else {
                self.suppressions.remove(&suppression.id);
                self.tombstones.insert(suppression.id);
            }
        }
        self.promises.extend(changes.promises.into_iter().map(|promise| (promise.id, promise)));
        for (id, ..) in changes.outcomes {
            assert!(self.promises.remove(&id).is_some(), "a promise has one outcome");
        }
        if let Some(model) = changes.model {
            self.model = (*model).clone();
        }
        if let Some(next) = changes.next {
            assert_eq!(next.seq, self.seq + 1);
            self.next = next;
        }
    }

    pub fn known(&self, last_run: LastRun) -> Known {
        Known {
            nodes: self.nodes.clone(),
            sensors: self.sensors.clone(),
            alarms: self.alarms.values().cloned().collect(),
            suppressions: self.suppressions.values().cloned().collect(),
            promises: self.promises.values().cloned().collect(),
            model: self.model.clone(),
            next: self.next,
            last_run,
            ..Known::default()
        }
    }
}
