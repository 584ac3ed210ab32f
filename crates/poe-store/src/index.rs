//! Which sensor has which number, while the table is loaded.

use poe_building::{Known, KnownNode, KnownSensor, NodeNo, SensorKey, SensorNo, Time};
use poe_wire::SensorKind;
use std::{collections::HashMap, net::IpAddr};

/// Finds sensors by their keys. Rows of one node mostly come together, and a start should take no longer than it must:
/// an address that comes again is not read again, and no sensor of `state.db` is looked up in a map.
pub(crate) struct Index {
    nodes: HashMap<IpAddr, NodeNo>,
    /// For each node of `state.db`, its sensors: a range of [`Known::sensors`], in the order of their ids.
    ranges: Vec<std::ops::Range<usize>>,
    /// Sensors that only the table knows of.
    added: HashMap<(NodeNo, u8), SensorNo>,
    latest: Option<(String, NodeNo)>,
}

impl Index {
    /// `known` as it was read from `state.db`: sensors in the order of their nodes and ids.
    pub(crate) fn new(known: &Known) -> Self {
        let nodes = known.nodes.iter().zip(0..).map(|(node, no)| (node.address, NodeNo(no))).collect();
        let mut ranges = vec![0..0; known.nodes.len()];
        for (at, sensor) in known.sensors.iter().enumerate() {
            let range = &mut ranges[sensor.node.index()];
            *range = if range.start == range.end { at..at + 1 } else { range.start..at + 1 };
        }
        Self { nodes, ranges, added: HashMap::new(), latest: None }
    }

    /// The number of the sensor with this key. If nobody knew of it, it is known from now on, since `time`. `None`
    /// if the text is no sensor's key.
    pub(crate) fn find_or_add(
        &mut self,
        known: &mut Known,
        key: &str,
        kind: SensorKind,
        time: Time,
    ) -> Option<SensorNo> {
        let (node, id) = self.parse(known, key, time)?;
        if let Some(range) = self.ranges.get(node.index())
            && let Ok(at) = known.sensors[range.clone()].binary_search_by_key(&id, |sensor| sensor.id)
        {
            return Some(SensorNo((range.start + at) as u32));
        }
        Some(*self.added.entry((node, id)).or_insert_with(|| {
            known.sensors.push(KnownSensor { node, id, kind, latest: None });
            SensorNo(known.sensors.len() as u32 - 1)
        }))
    }

    fn parse(&mut self, known: &mut Known, key: &str, time: Time) -> Option<(NodeNo, u8)> {
        if let Some((address, node)) = &self.latest
            && let Some(id) = key.strip_prefix(address.as_str()).and_then(|rest| rest.strip_prefix('_'))
            && let Some(id) = plain_number(id)
        {
            return Some((*node, id));
        }
        let SensorKey { address, id } = key.parse().ok()?;
        let node = *self.nodes.entry(address).or_insert_with(|| {
            known.nodes.push(KnownNode { address, first_seen: time, retired: false, approved: false });
            NodeNo(known.nodes.len() as u32 - 1)
        });
        self.latest = Some((address.to_string(), node));
        Some((node, id))
    }
}

/// A sensor's number in its one spelling.
fn plain_number(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}
