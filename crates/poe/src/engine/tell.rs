//! Telling people what happens: in the log at a bounded rate, and to those who watch.

use super::watch::{Notice, Watch};
use crate::net::doors::Refusal;
use poe_building::{Building, Event, NodeNo};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
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

/// How many lines were held back before this one.
struct HeldBack(u64);

impl fmt::Display for HeldBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            count => write!(f, " ({count} lines like this were left out)"),
        }
    }
}

impl Gate {
    /// Whether a line may pass now, and how many were held back before it.
    fn open(&mut self) -> Option<HeldBack> {
        if self.period.is_none_or(|begun| begun.elapsed() >= PERIOD) {
            self.period = Some(Instant::now());
            self.passed = 0;
        }
        if self.passed == LINES_PER_PERIOD {
            self.held_back += 1;
            return None;
        }
        self.passed += 1;
        Some(HeldBack(std::mem::take(&mut self.held_back)))
    }
}

impl Tell {
    pub(crate) fn connected(&mut self, watch: &mut Watch, address: IpAddr, port: u16) {
        if let Some(more) = self.connections.open() {
            debug!(%address, port, "{address} has connected{more}");
        }
        watch.note(Notice::Connected { address, port });
    }

    pub(crate) fn disconnected(&mut self, watch: &mut Watch, address: IpAddr, port: u16, frames: u64) {
        if let Some(more) = self.connections.open() {
            debug!(%address, port, frames, "the connection of {address} has ended after {frames} frames{more}");
        }
        watch.note(Notice::Disconnected { address, port, frames });
    }

    pub(crate) fn refused(&mut self, address: IpAddr, refusal: Refusal) {
        if let Some(more) = self.refused.open() {
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
            warn!(%address, reason, "{address} was refused: {why}{more}");
        }
    }

    pub(crate) fn event(&mut self, watch: &mut Watch, building: &Building, event: &Event) {
        let address = |node| node_address(building, node);
        match *event {
            Event::NodeAdded { address, .. } => {
                if let Some(more) = self.nodes.open() {
                    info!(node = %address, "{address} is a new node{more}");
                }
                watch.note(Notice::NodeAdded { address });
            }
            Event::KindChanged { node, id, from, to, .. } => {
                let address = address(node);
                if let Some(more) = self.kinds.open() {
                    warn!(sensor = %format_args!("{address}_{id}"), %from, %to,
                        "sensor {address}_{id} was {from} and now posts {to}; the newest counts{more}");
                }
                watch.note(Notice::KindChanged { address, id, from, to });
            }
            Event::FrameInvalid { address, frame } => {
                if let Some(more) = self.invalid.open() {
                    let why = match frame.message() {
                        Err(invalid) => invalid.to_string(),
                        Ok(_) => "its stream began as another protocol does".to_owned(),
                    };
                    warn!(%address, ?frame, "a frame from {address} means nothing: {why}{more}");
                }
                watch.note(Notice::FrameInvalid { address, frame });
            }
            Event::SensorRefused { address, id } => {
                if let Some(more) = self.sensors_refused.open() {
                    warn!(%address, id,
                        "new sensor {address}_{id} was refused: the building is full (settings `max_sensors`, `max_nodes`){more}");
                }
                watch.note(Notice::SensorRefused { address, id });
            }
            Event::OutOfStep { address } => {
                if let Some(more) = self.out_of_step.open() {
                    warn!(%address,
                        "the stream from {address} is out of step and was closed; the node will connect again{more}");
                }
                watch.note(Notice::OutOfStep { address });
            }
            // These come by the thousand in a busy building: only who watches is told.
            Event::SensorAdded { node, id, kind, .. } if watch.is_watched() => {
                watch.note(Notice::SensorAdded { address: address(node), id, kind });
            }
            Event::StatusChanged { node, id, from, to, value, .. } if watch.is_watched() => {
                watch.note(Notice::StatusChanged { address: address(node), id, from, to, value });
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
        assert_eq!(gate.open().unwrap().to_string(), " (5 lines like this were left out)");
        assert_eq!(gate.open().unwrap().to_string(), "");
    }
}
