//! A node.

use std::net::IpAddr;

use poe_building::{Directory, NodeView, Source, Text};
use serde::Serialize;

use crate::views::{Shown, Stamp};

/// A node as people and programs see it.
#[derive(Debug, Serialize)]
pub(crate) struct NodeItem {
    /// What paths name it by.
    node: Shown<IpAddr>,
    name: Option<Text>,
    place: Option<Text>,
    address: Shown<IpAddr>,
    first_seen: Stamp,
    last_seen: Option<Stamp>,
    supervision: &'static str,
    connections: u32,
    sensors: u32,
    frames: u64,
    invalid_frames: u64,
}

impl NodeItem {
    pub(crate) fn new(node: &NodeView, directory: &Directory) -> Self {
        let source = Source::Node(node.address);
        NodeItem {
            node: Shown(node.address),
            name: directory.name(&source),
            place: directory.place(&source),
            address: Shown(node.address),
            first_seen: node.first_seen.into(),
            last_seen: node.last_seen.map(Stamp),
            supervision: node.supervision.name(),
            connections: node.connections,
            sensors: node.sensors,
            frames: node.frames,
            invalid_frames: node.invalid_frames,
        }
    }
}
