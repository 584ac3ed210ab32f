//! The nodes that fell silent, found by their sensors: where a whole campus gets new addresses, each of 65,000 newcomers
//! is compared with those that look like it, and not with everybody.

use crate::{
    NodeNo,
    node::{Node, Sensor},
    table::Table,
};
use core::hash::{BuildHasher, BuildHasherDefault};
use std::collections::{BTreeMap, BTreeSet, hash_map::DefaultHasher};

/// What the sensors of a node are, in one number. Two nodes of one shape most likely have the same sensors.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Shape(u64);

/// The nodes that are lost and not retired.
#[derive(Default, Debug)]
pub(super) struct LostNodes {
    shapes: BTreeMap<NodeNo, Shape>,
    by_shape: BTreeSet<(Shape, NodeNo)>,
}

impl LostNodes {
    pub(super) fn insert(&mut self, no: NodeNo, shape: Shape) {
        self.remove(no);
        self.shapes.insert(no, shape);
        self.by_shape.insert((shape, no));
    }

    pub(super) fn remove(&mut self, no: NodeNo) {
        if let Some(shape) = self.shapes.remove(&no) {
            self.by_shape.remove(&(shape, no));
        }
    }

    /// Those of a shape, the longest known first.
    pub(super) fn alike(&self, shape: Shape) -> impl Iterator<Item = NodeNo> {
        self.by_shape.range((shape, NodeNo(0))..=(shape, NodeNo(u32::MAX))).map(|(_, no)| *no)
    }
}

/// The shape of a node, whatever the order in which its sensors became known.
pub(super) fn shape_of(node: &Node, tables: &[Table]) -> Shape {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let hash = |sensor: &Sensor| hasher.hash_one((sensor.id, sensor.kind(tables).byte()));
    Shape(node.sensors.iter().fold(0, |shape, sensor| shape.wrapping_add(hash(sensor))))
}
