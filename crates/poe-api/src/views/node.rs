//! A node.

use std::net::IpAddr;

use poe_building::{Directory, NodeView, Source, Text};
use serde::Serialize;
use utoipa::ToSchema;

use crate::views::{Shown, Stamp};
use crate::words::SilenceWord;

/// A node.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Node)]
pub(crate) struct NodeItem {
    /// What paths name it by.
    #[schema(value_type = String)]
    node: Shown<IpAddr>,
    /// What people call it, if somebody gave it a name.
    #[schema(value_type = Option<String>)]
    name: Option<Text>,
    /// The innermost place that it is in.
    #[schema(value_type = Option<String>)]
    place: Option<Text>,
    #[schema(value_type = String)]
    address: Shown<IpAddr>,
    first_seen: Stamp,
    last_seen: Option<Stamp>,
    #[schema(value_type = SilenceWord)]
    supervision: &'static str,
    /// Nodes speak in plain TCP, which proves nothing: always false as yet.
    authenticated: bool,
    /// Whether somebody said that it is one of ours; until then it is new.
    approved: bool,
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
            authenticated: false,
            approved: node.approved,
            connections: node.connections,
            sensors: node.sensors,
            frames: node.frames,
            invalid_frames: node.invalid_frames,
        }
    }
}
