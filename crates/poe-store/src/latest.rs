//! What has been committed, for everyone who wants to see it.

use poe_building::{
    Changes, Known, KnownNode, NewNode, NewSensor, NodeNo, Profile, Row, SensorKey, SensorNo, Status, Time,
};
use poe_wire::SensorKind;
use std::{
    net::IpAddr,
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

/// The latest committed values. Whoever reads here delays neither a node nor an alarm, and sees nothing that a
/// power cut could take back, but for values that the table refuses and will never hold.
#[derive(Debug, Default)]
pub struct Latest(RwLock<Committed>);

#[derive(Debug, Default)]
struct Committed {
    nodes: Vec<KnownNode>,
    sensors: Vec<Entry>,
}

/// 16 bytes, as there are hundreds of thousands of them.
#[derive(Clone, Copy, Debug)]
struct Entry {
    time: Time,
    node: NodeNo,
    id: u8,
    kind: SensorKind,
    value: u8,
    status: Option<Status>,
}

/// A sensor's latest committed value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LatestSensor {
    /// What tables and people call it.
    pub key: SensorKey,
    /// What it measures.
    pub kind: SensorKind,
    /// The raw byte, when it came and what it means by the rules in force; `None` while the sensor has only announced
    /// itself.
    pub reading: Option<(u8, Time, Status)>,
}

impl LatestSensor {
    /// What its value means by the rules in force.
    pub fn status(&self) -> Option<Status> {
        self.reading.map(|(_, _, status)| status)
    }

    /// What its value means by the thresholds that the table's `status` column follows, whatever the rules in force.
    pub fn legacy_status(&self) -> Option<Status> {
        self.reading.map(|(value, _, _)| Profile::IIT_2022.status(self.kind, value))
    }
}

impl Latest {
    pub(crate) fn restored(known: &Known) -> Self {
        let nodes = known.nodes.clone();
        let sensors = known
            .sensors
            .iter()
            .map(|sensor| Entry {
                time: sensor.latest.map_or(Time(0), |latest| latest.time),
                node: sensor.node,
                id: sensor.id,
                kind: sensor.kind,
                value: sensor.latest.map_or(0, |latest| latest.value),
                status: sensor.latest.map(|latest| latest.status),
            })
            .collect();
        Self(RwLock::new(Committed { nodes, sensors }))
    }

    /// How many nodes have been committed.
    pub fn node_count(&self) -> usize {
        self.read().nodes.len()
    }

    /// How many sensors have been committed.
    pub fn sensor_count(&self) -> usize {
        self.read().sensors.len()
    }

    /// Up to `limit` sensors from position `from` on, in the order in which they became known.
    pub fn sensors(&self, from: usize, limit: usize) -> Vec<LatestSensor> {
        let committed = self.read();
        let sensor = |entry: &Entry| LatestSensor {
            key: SensorKey { address: committed.nodes[entry.node.index()].address, id: entry.id },
            kind: entry.kind,
            reading: entry.status.map(|status| (entry.value, entry.time, status)),
        };
        committed.sensors.iter().skip(from).take(limit).map(sensor).collect()
    }

    /// Everything that is shown, to be written once more. When a sensor was first seen is not shown, so that its latest
    /// reading stands in for it where the file with the true time is lost.
    pub(crate) fn replay(&self) -> Changes {
        let committed = self.read();
        let nodes = committed.nodes.iter();
        let sensors = || committed.sensors.iter().zip(0..).map(|(entry, no)| (entry, SensorNo(no)));
        Changes {
            nodes: nodes
                .clone()
                .zip(0..)
                .map(|(known, no)| NewNode {
                    node: NodeNo(no),
                    address: known.address,
                    first_seen: known.first_seen,
                })
                .collect(),
            sensors: sensors()
                .map(|(entry, sensor)| NewSensor {
                    sensor,
                    node: entry.node,
                    id: entry.id,
                    kind: entry.kind,
                    first_seen: entry.time,
                })
                .collect(),
            rows: sensors()
                .filter_map(|(entry, sensor)| {
                    let Entry { time, kind, value, status, .. } = *entry;
                    Some(Row { time, sensor, kind, value, status: status? })
                })
                .collect(),
            retired: nodes.filter(|node| node.retired).map(|node| (node.address, true)).collect(),
            ..Changes::default()
        }
    }

    /// Shows what has just been committed.
    pub(crate) fn publish(&self, changes: &Changes) {
        let mut committed = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known =
            |node: &NewNode| KnownNode { address: node.address, first_seen: node.first_seen, retired: false };
        committed.nodes.extend(changes.nodes.iter().map(known));
        for (address, retired) in &changes.retired {
            // A person retires a node now and then, so that looking through all of them is not too much.
            if let Some(node) = committed.nodes.iter_mut().find(|node| node.address == *address) {
                node.retired = *retired;
            }
        }
        committed.sensors.extend(changes.sensors.iter().map(|sensor| Entry {
            time: Time(0),
            node: sensor.node,
            id: sensor.id,
            kind: sensor.kind,
            value: 0,
            status: None,
        }));
        for row in &changes.rows {
            let entry = &mut committed.sensors[row.sensor.index()];
            (entry.time, entry.kind, entry.value, entry.status) =
                (row.time, row.kind, row.value, Some(row.status));
        }
    }

    /// What was committed before, together with what these changes add: for the one who commits them.
    pub(crate) fn beside<'a>(&'a self, changes: &'a Changes) -> Registry<'a> {
        Registry { committed: self.read(), changes }
    }

    // A panic while publishing leaves entries that are each either old or new: both were committed.
    fn read(&self) -> RwLockReadGuard<'_, Committed> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everyone who is known once some changes are committed.
pub(crate) struct Registry<'a> {
    committed: RwLockReadGuard<'a, Committed>,
    changes: &'a Changes,
}

impl Registry<'_> {
    /// The node and the id of a sensor, and its kind as it was written down before.
    pub(crate) fn sensor(&self, sensor: SensorNo) -> (NodeNo, u8, SensorKind) {
        let old = &self.committed.sensors;
        match old.get(sensor.index()) {
            Some(entry) => (entry.node, entry.id, entry.kind),
            None => {
                let new = &self.changes.sensors[sensor.index() - old.len()];
                (new.node, new.id, new.kind)
            }
        }
    }

    pub(crate) fn address(&self, node: NodeNo) -> IpAddr {
        let old = &self.committed.nodes;
        match old.get(node.index()) {
            Some(node) => node.address,
            None => self.changes.nodes[node.index() - old.len()].address,
        }
    }

    /// How many sensors there are.
    pub(crate) fn sensor_count(&self) -> usize {
        self.committed.sensors.len() + self.changes.sensors.len()
    }
}
