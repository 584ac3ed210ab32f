//! What changes at a server elsewhere and is in no journal: connections, and what sensors read.

use super::{Unheard, read, unheard};
use crate::console::{
    house::{Ear, Happening, Heard},
    spawn,
};
use poe::{NodeView, Notice, SensorKind, Status, Told};
use poe_api::client::Client;
use poe_building::SensorKey;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::mpsc::{self, TrySendError},
    thread,
    time::Duration,
};

/// What waits for the one who tells it. Beyond, some of it is left out, as at the server's own console.
const HAPPENINGS_MAX: usize = 4_096;

/// A server that has gone is tried again so often; that it has gone is said elsewhere.
const AGAIN: Duration = Duration::from_secs(5);

/// How everything was when it was told last.
struct Before {
    connections: HashMap<IpAddr, u32>,
    sensors: HashMap<SensorKey, (SensorKind, Status)>,
}

/// Follows for as long as somebody listens. When the server is back after an end, what is different is told.
pub(super) fn start(client: &Client, nodes: &[NodeView]) -> Heard<Ear<Happening>> {
    let client = client.clone();
    let ask = move || client.follow_some("kind=node,reading", None);
    let mut events = ask().map_err(unheard)?;
    let (to, happenings) = mpsc::sync_channel(HAPPENINGS_MAX);
    let connections = nodes.iter().map(|node| (node.address, node.connections)).collect();
    let mut before = Before { connections, sensors: HashMap::new() };
    let listen = move || loop {
        for event in events.map_while(Result::ok) {
            let happenings = match event.kind.as_str() {
                "node" => read::node(&event.data).map(|node| before.node(&node)),
                "reading" => read::sensor(&event.data).map(|sensor| before.sensor(&sensor)),
                _ => None,
            };
            for happening in happenings.into_iter().flatten() {
                if let Err(TrySendError::Disconnected(_)) = to.try_send(happening) {
                    return;
                }
            }
        }
        events = loop {
            thread::sleep(AGAIN);
            if let Ok(events) = ask() {
                break events;
            }
        };
    };
    spawn("watch", listen).map_err(|cause| Unheard::new(&cause.to_string()))?;
    Ok(Box::new(move |within| happenings.recv_timeout(within)))
}

impl Before {
    fn node(&mut self, node: &NodeView) -> Vec<Happening> {
        let address = node.address;
        let before = self.connections.insert(address, node.connections);
        let is_new = before.is_none().then(|| noticed(Notice::NodeAdded { address }));
        let (before, now) = (before.unwrap_or(0), node.connections);
        let counted = (before != now).then_some(Happening::Connections { address, before, now });
        is_new.into_iter().chain(counted).collect()
    }

    /// What a sensor read when this began is how it was.
    fn sensor(&mut self, sensor: &poe::Sensor) -> Vec<Happening> {
        let &poe::Sensor { address, id, kind, status, value, .. } = sensor;
        let Some((old_kind, old)) = self.sensors.insert(SensorKey { address, id }, (kind, status)) else {
            return Vec::new();
        };
        let other = (old_kind != kind)
            .then(|| noticed(Notice::KindChanged { address, id, from: old_kind, to: kind }));
        let changed = (old != status)
            .then(|| noticed(Notice::StatusChanged { address, id, from: Some(old), to: status, value }));
        other.into_iter().chain(changed).collect()
    }
}

fn noticed(notice: Notice) -> Happening {
    Happening::Noticed(Told { notice, stored: true })
}
