//! What has been committed, for everyone who wants to see it.

use crate::chains::Chains;
use poe_building::{
    Changes, Known, KnownNode, NewNode, NewSensor, NodeNo, Profile, Row, SensorKey, SensorNo, Status, Time,
};
use poe_wire::SensorKind;
use std::{
    net::IpAddr,
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

/// Sensors that are read before whoever stores values has a turn: some 50 us.
const AT_ONCE: usize = 4_096;

/// The latest committed values. Whoever reads here delays neither a node nor an alarm, and sees nothing that a
/// power cut could take back, but for values that the table refuses and will never hold.
#[derive(Debug, Default)]
pub struct Latest(RwLock<Committed>);

#[derive(Debug, Default)]
struct Committed {
    nodes: Vec<KnownNode>,
    sensors: Vec<Entry>,
    chains: Chains,
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
        let mut chains = Chains::default();
        nodes.iter().for_each(|node| chains.add_node(node.address));
        known.sensors.iter().for_each(|sensor| chains.add_sensor(sensor.node));
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
        Self(RwLock::new(Committed { nodes, sensors, chains }))
    }

    /// How many nodes have been committed.
    pub fn node_count(&self) -> usize {
        self.read().nodes.len()
    }

    /// How many sensors have been committed.
    pub fn sensor_count(&self) -> usize {
        self.read().sensors.len()
    }

    /// Up to `limit` sensors from position `from` on, in the order in which they became known. Each of them is as it is
    /// at some moment of the call; not all at the same.
    pub fn sensors(&self, from: usize, limit: usize) -> Vec<LatestSensor> {
        let end = from.saturating_add(limit).min(self.sensor_count());
        let mut sensors = Vec::with_capacity(end.saturating_sub(from));
        for at in (from..end).step_by(AT_ONCE) {
            let committed = self.read();
            let some = &committed.sensors[at..end.min(at + AT_ONCE)];
            sensors.extend(some.iter().map(|entry| committed.sensor(entry)));
        }
        sensors
    }

    /// The sensors at these positions; of one that nobody has, nothing. Otherwise as [`Latest::sensors`].
    pub fn at(&self, positions: &[u32]) -> Vec<LatestSensor> {
        let mut sensors = Vec::with_capacity(positions.len());
        for some in positions.chunks(AT_ONCE) {
            let committed = self.read();
            let entries = some.iter().filter_map(|at| committed.sensors.get(*at as usize));
            sensors.extend(entries.map(|entry| committed.sensor(entry)));
        }
        sensors
    }

    /// The sensor of this key.
    pub fn find(&self, key: SensorKey) -> Option<LatestSensor> {
        let committed = self.read();
        let mut entries = committed.chains.of(key.address).map(|at| &committed.sensors[at as usize]);
        entries.find(|entry| entry.id == key.id).map(|entry| committed.sensor(entry))
    }

    /// The positions of a node's sensors, in the order in which they became known.
    pub fn of_node(&self, address: IpAddr) -> Vec<u32> {
        let mut positions: Vec<u32> = self.read().chains.of(address).collect();
        positions.reverse();
        positions
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
            approved: nodes.clone().filter(|node| node.approved).map(|node| node.address).collect(),
            retired: nodes.filter(|node| node.retired).map(|node| (node.address, true)).collect(),
            ..Changes::default()
        }
    }

    /// Shows what has just been committed.
    pub(crate) fn publish(&self, changes: &Changes) {
        let mut committed = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known = |node: &NewNode| KnownNode {
            address: node.address,
            first_seen: node.first_seen,
            retired: false,
            approved: false,
        };
        committed.nodes.extend(changes.nodes.iter().map(known));
        changes.nodes.iter().for_each(|node| committed.chains.add_node(node.address));
        changes.sensors.iter().for_each(|sensor| committed.chains.add_sensor(sensor.node));
        for (address, retired) in &changes.retired {
            // A person retires a node now and then, so that looking through all of them is not too much.
            if let Some(node) = committed.nodes.iter_mut().find(|node| node.address == *address) {
                node.retired = *retired;
            }
        }
        for address in &changes.approved {
            if let Some(node) = committed.nodes.iter_mut().find(|node| node.address == *address) {
                node.approved = true;
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

impl Committed {
    fn sensor(&self, entry: &Entry) -> LatestSensor {
        LatestSensor {
            key: SensorKey { address: self.nodes[entry.node.index()].address, id: entry.id },
            kind: entry.kind,
            reading: entry.status.map(|status| (entry.value, entry.time, status)),
        }
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
