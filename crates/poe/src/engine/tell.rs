//! Telling people what happens: in the log at a bounded rate, and to those who watch.

use super::request::{Notice, notify};
use crate::net::doors::Refusal;
use poe_building::{Building, Event, NodeNo};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::mpsc::SyncSender,
    time::{Duration, Instant},
};
use tracing::{debug, info, warn};

/// A flood of one kind of line is told this often;
const PERIOD: Duration = Duration::from_secs(10);
/// so many of them each time.
const LINES_PER_PERIOD: u32 = 10;

/// One gate for each kind of line that a peer can cause at will.
#[derive(Debug, Default)]
pub(crate) struct Tell {
    connections: Gate,
    refused: Gate,
    nodes: Gate,
    kinds: Gate,
    invalid: Gate,
    sensors_refused: Gate,
    out_of_step: Gate,
}

/// Lets a bounded number of lines pass and counts the others.
#[derive(Debug, Default)]
struct Gate {
    period: Option<Instant>,
    passed: u32,
    held_back: u64,
}

impl Gate {
    /// Whether a line may pass now, and how many were held back before it.
    fn open(&mut self) -> Option<u64> {
        if self.period.is_none_or(|begun| begun.elapsed() >= PERIOD) {
            self.period = Some(Instant::now());
            self.passed = 0;
        }
        if self.passed == LINES_PER_PERIOD {
            self.held_back += 1;
            return None;
        }
        self.passed += 1;
        Some(std::mem::take(&mut self.held_back))
    }
}

type Watchers = Vec<SyncSender<Notice>>;

impl Tell {
    pub(crate) fn connected(&mut self, watchers: &mut Watchers, address: IpAddr, port: u16) {
        if let Some(held_back) = self.connections.open() {
            debug!(%address, port, held_back, "{address} has connected");
        }
        notify(watchers, &Notice::Connected { address, port });
    }

    pub(crate) fn disconnected(&mut self, watchers: &mut Watchers, address: IpAddr, port: u16, frames: u64) {
        if let Some(held_back) = self.connections.open() {
            debug!(%address, port, frames, held_back, "the connection of {address} has ended after {frames} frames");
        }
        notify(watchers, &Notice::Disconnected { address, port, frames });
    }

    pub(crate) fn refused(&mut self, address: IpAddr, refusal: Refusal) {
        if let Some(held_back) = self.refused.open() {
            let reason = refusal.name();
            let why = match refusal {
                Refusal::Network => "its network is not admitted (setting `allow`)",
                Refusal::AddressCap => "it has as many connections as one address may have",
                Refusal::ConnectionCap => {
                    "there are as many connections as there may be (setting `max_connections`)"
                }
                Refusal::Descriptors => {
                    "the process has no file descriptors left (raise its limit, `ulimit -n`)"
                }
            };
            warn!(%address, reason, held_back, "{address} was refused: {why}");
        }
    }

    pub(crate) fn event(&mut self, watchers: &mut Watchers, building: &Building, event: &Event) {
        let address = |node| node_address(building, node);
        match *event {
            Event::NodeAdded { address, .. } => {
                if let Some(held_back) = self.nodes.open() {
                    info!(node = %address, held_back, "{address} is a new node");
                }
                notify(watchers, &Notice::NodeAdded { address });
            }
            Event::KindChanged { node, id, from, to, .. } => {
                let address = address(node);
                if let Some(held_back) = self.kinds.open() {
                    warn!(sensor = %format_args!("{address}_{id}"), %from, %to, held_back,
                        "sensor {address}_{id} was {from} and now posts {to}; the newest counts");
                }
                notify(watchers, &Notice::KindChanged { address, id, from, to });
            }
            Event::FrameInvalid { address, frame } => {
                if let (Some(held_back), Err(invalid)) = (self.invalid.open(), frame.message()) {
                    warn!(%address, ?frame, held_back, "a frame from {address} means nothing: {invalid}");
                }
                notify(watchers, &Notice::FrameInvalid { address, frame });
            }
            Event::SensorRefused { address, id } => {
                if let Some(held_back) = self.sensors_refused.open() {
                    warn!(%address, id, held_back,
                        "new sensor {address}_{id} was refused: the building is full (setting `max_sensors`)");
                }
                notify(watchers, &Notice::SensorRefused { address, id });
            }
            Event::OutOfStep { address } => {
                if let Some(held_back) = self.out_of_step.open() {
                    warn!(%address, held_back,
                        "the stream from {address} is out of step and was closed; the node will connect again");
                }
                notify(watchers, &Notice::OutOfStep { address });
            }
            // These come by the thousand in a busy building: only who watches is told.
            Event::SensorAdded { node, id, kind, .. } if !watchers.is_empty() => {
                notify(watchers, &Notice::SensorAdded { address: address(node), id, kind });
            }
            Event::StatusChanged { node, id, from, to, value, .. } if !watchers.is_empty() => {
                notify(watchers, &Notice::StatusChanged { address: address(node), id, from, to, value });
            }
            Event::SensorAdded { .. } | Event::StatusChanged { .. } => {}
        }
    }
}

fn node_address(building: &Building, node: NodeNo) -> IpAddr {
    building.address(node).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_lets_a_few_lines_pass_and_counts_the_rest() {
        let mut gate = Gate::default();
        assert_eq!((0..15).filter_map(|_| gate.open()).count(), 10);
        gate.period = Instant::now().checked_sub(PERIOD);
        assert_eq!(gate.open(), Some(5));
        assert_eq!(gate.open(), Some(0));
    }
}
