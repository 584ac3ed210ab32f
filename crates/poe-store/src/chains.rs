//! Which sensors a node has, among hundreds of thousands.

use poe_building::NodeNo;
use std::{collections::HashMap, iter::successors, net::IpAddr};

/// What stands for no sensor. There are never so many.
const NONE: u32 = u32::MAX;

/// A chain through the sensors of each node: four bytes for a sensor, where an index by keys would need thirty. A node
/// has 256 sensors at most, so that walking along is quick.
#[derive(Debug, Default)]
pub(crate) struct Chains {
    nodes: HashMap<IpAddr, NodeNo>,
    /// Of each node, the sensor that became known last,
    last: Vec<u32>,
    /// and of each sensor the one before it at the same node.
    before: Vec<u32>,
}

impl Chains {
    /// A node becomes known.
    pub(crate) fn add_node(&mut self, address: IpAddr) {
        self.nodes.insert(address, NodeNo(self.last.len() as u32));
        self.last.push(NONE);
    }

    /// A sensor of this node becomes known.
    pub(crate) fn add_sensor(&mut self, node: NodeNo) {
        let sensor = self.before.len() as u32;
        self.before.push(std::mem::replace(&mut self.last[node.index()], sensor));
    }

    /// The sensors of a node by their numbers, the latest first.
    pub(crate) fn of(&self, address: IpAddr) -> impl Iterator<Item = u32> {
        let is_one = |sensor: &u32| *sensor != NONE;
        let last = self.nodes.get(&address).map(|node| self.last[node.index()]).filter(is_one);
        successors(last, move |sensor| Some(self.before[*sensor as usize]).filter(is_one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_finds_its_own_sensors() {
        let address = |last: u8| IpAddr::from([10, 0, 0, last]);
        let mut chains = Chains::default();
        (0..3).for_each(|node| chains.add_node(address(node)));
        for node in [0, 1, 0, 0, 1] {
            chains.add_sensor(NodeNo(node));
        }
        let of = |node| chains.of(address(node)).collect::<Vec<_>>();
        assert_eq!((of(0), of(1), of(2)), (vec![3, 2, 0], vec![4, 1], vec![]));
        assert_eq!(of(9), [0_u32; 0], "nobody knows it");
    }
}
