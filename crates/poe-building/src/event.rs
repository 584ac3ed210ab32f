//! What happened: everything that the building tells the outside.

use crate::{NodeNo, SensorNo, Status};
use core::net::IpAddr;
use poe_wire::SensorKind;

/// Something worth telling. Readings that change nothing are none of these.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// A peer sent its first POST and is a node from now on.
    NodeAdded {
        /// Its number.
        node: NodeNo,
        /// Its address.
        address: IpAddr,
    },
    /// A node has a sensor that was not known.
    SensorAdded {
        /// Its number.
        sensor: SensorNo,
        /// The node that it is on.
        node: NodeNo,
        /// Its number on its node.
        id: u8,
        /// What it measures.
        kind: SensorKind,
    },
    /// A sensor posts another kind than before; the newest counts.
    KindChanged {
        /// The sensor.
        sensor: SensorNo,
        /// The node that it is on.
        node: NodeNo,
        /// Its number on its node.
        id: u8,
        /// What it was.
        from: SensorKind,
        /// What it is now.
        to: SensorKind,
    },
    /// A reading has another status than the one before. The first reading of a sensor comes from `None`.
    StatusChanged {
        /// The sensor.
        sensor: SensorNo,
        /// The node that it is on.
        node: NodeNo,
        /// Its number on its node.
        id: u8,
        /// The status before.
        from: Option<Status>,
        /// The status now.
        to: Status,
        /// The value that did it.
        value: u8,
    },
    /// A new sensor was refused because the building holds as many as it may.
    SensorRefused {
        /// The address of its node.
        address: IpAddr,
        /// Its number on its node.
        id: u8,
    },
    /// A frame that means nothing.
    FrameInvalid {
        /// Where it came from.
        address: IpAddr,
        /// Its four bytes.
        frame: poe_wire::Frame,
    },
    /// A stream is read beside its frames' edges. Its connection is to be closed: the node then connects
    /// again and starts at an edge.
    OutOfStep {
        /// Where it comes from.
        address: IpAddr,
    },
}
