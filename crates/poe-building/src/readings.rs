//! Every reading, for the history: what waits for the recorder, in the order in which it came.
//!
//! [`Changes::rows`](crate::Changes::rows) hold the latest value of a sensor, and never grow. These hold all, so that they
//! have a bound: at it they are thinned, and what was left out the building tells as a [`Gap`].

use crate::{NodeNo, Status, Time};
use core::{mem::size_of, net::IpAddr};
use poe_wire::SensorKind;

/// One reading: four bytes, as on the wire, with the status in place of the operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C, align(4))]
pub struct Sample {
    /// The sensor's number on its node.
    pub id: u8,
    /// What it measured then.
    pub kind: SensorKind,
    /// The raw byte.
    pub value: u8,
    /// What it meant by the rules that were in force.
    pub status: Status,
}

/// What one node said in one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Burst {
    /// When its last byte was read.
    pub time: Time,
    /// Who said it.
    pub node: NodeNo,
    /// How many of the samples are its own; they follow those of the burst before.
    pub samples: u32,
}

/// Readings that were not kept, since the disk stood still for too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// When the first of them came.
    pub from: Time,
    /// When the last of them came.
    pub to: Time,
    /// How many they were.
    pub readings: u64,
}

/// Readings in the order in which they came.
#[derive(Default, Debug)]
pub struct Readings {
    bursts: Vec<Burst>,
    samples: Vec<Sample>,
    /// The addresses of the nodes that became known meanwhile, in the order of their numbers: a batch can be understood
    /// before they are stored elsewhere.
    new_nodes: Vec<IpAddr>,
}

/// Which readings are kept just now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Keep {
    All,
    /// Those that differ from the one before.
    Changes,
    None,
}

impl Readings {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there is none. Nodes may be new all the same.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The memory that they fill, in bytes.
    pub fn bytes(&self) -> usize {
        self.bursts.len() * size_of::<Burst>() + self.samples.len() * size_of::<Sample>()
    }

    /// The addresses of the nodes that are new, in the order of their numbers.
    pub fn new_nodes(&self) -> &[IpAddr] {
        &self.new_nodes
    }

    /// The next node has this address.
    pub(crate) fn introduce(&mut self, address: IpAddr) {
        self.new_nodes.push(address);
    }

    /// What was said, burst by burst.
    pub fn bursts(&self) -> impl Iterator<Item = (&Burst, &[Sample])> {
        let mut rest = &self.samples[..];
        self.bursts.iter().map(move |burst| {
            let (own, others) = rest.split_at(burst.samples as usize);
            rest = others;
            (burst, own)
        })
    }

    /// Adds others, which came later.
    pub fn add(&mut self, later: &Self) {
        self.bursts.extend_from_slice(&later.bursts);
        self.samples.extend_from_slice(&later.samples);
    }

    /// Adds what a node says in one moment. Nothing is added for nothing.
    pub fn push(&mut self, node: NodeNo, time: Time, samples: impl IntoIterator<Item = Sample>) {
        let before = self.samples.len();
        self.samples.extend(samples);
        self.seal(node, time, before);
    }

    /// Forgets everything, and keeps the memory unless it is more than a busy building needs.
    pub fn clear(&mut self) {
        const KEPT_BYTES: usize = 8 << 20;
        if self.bytes() > KEPT_BYTES {
            *self = Self::default();
        }
        self.bursts.clear();
        self.samples.clear();
        self.new_nodes.clear();
    }

    /// Which may be added, where they may fill `most` bytes. Beyond it only changes are taken, and an eighth further on nothing.
    pub(crate) fn keep(&self, most: usize) -> Keep {
        match self.bytes() {
            bytes if bytes < most => Keep::All,
            bytes if bytes < most + most / 8 => Keep::Changes,
            _ => Keep::None,
        }
    }

    /// Where samples are added one by one, before [`Readings::seal`].
    #[inline]
    pub(crate) fn samples(&mut self) -> &mut Vec<Sample> {
        &mut self.samples
    }

    /// Makes those that were added since there were `before` a burst.
    #[inline]
    pub(crate) fn seal(&mut self, node: NodeNo, time: Time, before: usize) {
        let samples = (self.samples.len() - before) as u32;
        if samples > 0 {
            self.bursts.push(Burst { time, node, samples });
        }
    }

    /// Moves everything to the end of others.
    pub(crate) fn hand_over(&mut self, into: &mut Self) {
        if into.is_empty() && into.new_nodes.is_empty() {
            core::mem::swap(self, into);
        } else {
            into.bursts.append(&mut self.bursts);
            into.samples.append(&mut self.samples);
            into.new_nodes.append(&mut self.new_nodes);
        }
    }
}

impl Gap {
    /// What both leave out.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
            readings: self.readings + other.readings,
        }
    }
}
