//! One connection, as the building sees it.

use crate::{NodeNo, alignment::Alignment};
use core::net::IpAddr;
use poe_wire::{FrameReader, SensorKind};

/// What a connection owns between two reads: the bytes of an unfinished frame and who is speaking.
/// [`Building::open`](crate::Building::open) makes one.
#[derive(Debug)]
pub struct Session {
    pub(crate) address: IpAddr,
    pub(crate) node: Option<NodeNo>,
    pub(crate) reader: FrameReader,
    /// The stream began as another protocol does: whatever follows, it is no node's.
    pub(crate) foreign: bool,
    pub(crate) alignment: Alignment,
    pub(crate) announced: Option<Box<Announced>>,
    pub(crate) frames: u64,
    pub(crate) invalid: u64,
}

/// Sensors announced by a peer that is no node yet: a kind for each id.
pub(crate) type Announced = [Option<SensorKind>; 256];

impl Session {
    pub(crate) fn new(address: IpAddr, node: Option<NodeNo>) -> Self {
        Self {
            address,
            node,
            reader: FrameReader::default(),
            foreign: false,
            alignment: Alignment::default(),
            announced: None,
            frames: 0,
            invalid: 0,
        }
    }

    /// The peer's address; IPv4 in its own form also where it came through an IPv6 socket.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The node that speaks here, once a POST has come from its address.
    pub fn node(&self) -> Option<NodeNo> {
        self.node
    }

    /// Whole frames so far, the invalid ones included.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Frames so far that meant nothing.
    pub fn invalid(&self) -> u64 {
        self.invalid
    }
}
