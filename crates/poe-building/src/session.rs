//! One connection, as the building sees it.

use crate::{NodeNo, alignment::Alignment};
use core::net::IpAddr;
use poe_wire::{FRAME_BYTES, Frame, FrameReader, SensorKind};

/// What a connection owns between two reads: the bytes of an unfinished frame and who is speaking.
/// [`Building::open`](crate::Building::open) makes one.
#[derive(Debug)]
pub struct Session {
    pub(crate) address: IpAddr,
    /// Which of all connections it is, from 1; a datagram is none.
    pub(crate) serial: u32,
    pub(crate) node: Option<NodeNo>,
    /// The stay among the nodes that are not let in for which this connection is counted; 0: none.
    pub(crate) stay: u32,
    pub(crate) reader: FrameReader,
    /// Set while the stream, which began as another protocol does, has not proved to be a node's.
    pub(crate) foreign: Option<Box<Run>>,
    pub(crate) alignment: Alignment,
    pub(crate) announced: Option<Box<Announced>>,
    pub(crate) frames: u64,
    pub(crate) invalid: u64,
}

/// Sensors announced by a peer that is no node yet: a kind for each id.
pub(crate) type Announced = [Option<SensorKind>; 256];

/// The latest frames of a foreign stream that were POSTs in a row. By chance there are one or two, and a real node soon
/// has more.
#[derive(Default, Debug)]
pub(crate) struct Run {
    frames: [[u8; FRAME_BYTES]; RUN_OF_A_NODE],
    len: usize,
}

/// So many POSTs in a row prove that a stream is a node's after all. Announcements prove nothing: rows of zeros are such.
const RUN_OF_A_NODE: usize = 8;

impl Run {
    /// Adds a POST, and gives all of them back if they are now enough.
    pub(crate) fn push(&mut self, frame: Frame) -> Option<[Frame; RUN_OF_A_NODE]> {
        self.frames[self.len] = frame.0;
        self.len += 1;
        (self.len == RUN_OF_A_NODE).then(|| self.frames.map(Frame))
    }

    /// The frames so far.
    pub(crate) fn frames(&self) -> impl Iterator<Item = Frame> + use<> {
        self.frames.into_iter().take(self.len).map(Frame)
    }

    /// Takes the frames back: it was chance.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Frame> + use<> {
        let frames = self.frames();
        self.len = 0;
        frames
    }
}

impl Session {
    pub(crate) fn new(address: IpAddr, serial: u32, node: Option<NodeNo>) -> Self {
        Self {
            address,
            serial,
            node,
            stay: 0,
            reader: FrameReader::default(),
            foreign: None,
            alignment: Alignment::default(),
            announced: None,
            frames: 0,
            invalid: 0,
        }
    }

    /// Takes what the peer has announced so far, by id.
    pub(crate) fn take_announced(&mut self) -> impl Iterator<Item = (u8, SensorKind)> + use<> {
        let announced = self.announced.take().into_iter().flat_map(|kinds| *kinds);
        (0..=u8::MAX).zip(announced).filter_map(|(id, kind)| Some((id, kind?)))
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
