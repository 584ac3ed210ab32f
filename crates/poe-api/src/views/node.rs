//! A node.

use std::net::IpAddr;

use poe_building::{Directory, NodeView, Source, Text};
use serde::Serialize;
use utoipa::ToSchema;

use crate::roll::{Called, Expected};
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
    /// When it was heard first; null: somebody described it, and it has never been heard.
    first_seen: Option<Stamp>,
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
            first_seen: Some(node.first_seen.into()),
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

    pub(crate) fn of(node: &Called, directory: &Directory) -> Self {
        match node {
            Called::Heard(node) => Self::new(node, directory),
            Called::Expected(node) => Self::expected(node, directory),
        }
    }

    /// One that somebody described and that has never been heard.
    pub(crate) fn expected(node: &Expected, directory: &Directory) -> Self {
        let source = Source::Node(node.address);
        NodeItem {
            node: Shown(node.address),
            name: directory.name(&source),
            place: directory.place(&source),
            address: Shown(node.address),
            first_seen: None,
            last_seen: None,
            supervision: node.supervision.name(),
            authenticated: false,
            // Whoever describes a node says that it is one of ours.
            approved: true,
            connections: 0,
            sensors: 0,
            frames: 0,
            invalid_frames: 0,
        }
    }
}
