//! Who is known: nodes and sensors, how they are numbered, and what a restart brings back.

use crate::{Access, Alarm, Model, NextIds, Plan, Promise, Status, Suppression, Time};
use core::{fmt, net::IpAddr, num::ParseIntError, str::FromStr};
use poe_wire::SensorKind;

/// A node's place in the order in which nodes became known. It is valid until the program ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeNo(pub u32);

/// A sensor's place in the order in which sensors became known. It is valid until the program ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SensorNo(pub u32);

impl NodeNo {
    /// The number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl SensorNo {
    /// The number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What people and tables call a sensor: `10.89.21.188_17`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SensorKey {
    /// The node's address.
    pub address: IpAddr,
    /// The sensor's number on its node.
    pub id: u8,
}

impl fmt::Display for SensorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.address, self.id)
    }
}

/// A text that is no [`SensorKey`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAKey;

impl fmt::Display for NotAKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a sensor's key; one looks like 10.89.21.188_17")
    }
}

impl core::error::Error for NotAKey {}

impl From<ParseIntError> for NotAKey {
    fn from(_: ParseIntError) -> Self {
        Self
    }
}

impl FromStr for SensorKey {
    type Err = NotAKey;

    /// Reads exactly what [`Display`](fmt::Display) writes, so that one sensor has one key: no leading zeros,
    /// no other spelling of an IPv6 address.
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let (address, id) = text.split_once('_').ok_or(NotAKey)?;
        let address: IpAddr = address.parse().map_err(|_| NotAKey)?;
        let key = Self { address: address.to_canonical(), id: id.parse()? };
        let one_spelling = !id.starts_with('+')
            && (id.len() == 1 || !id.starts_with('0'))
            && (address.is_ipv4() || key.to_string() == text);
        one_spelling.then_some(key).ok_or(NotAKey)
    }
}

/// A value and when it came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// When the last byte of its frame was read, on the server's clock.
    pub time: Time,
    /// What it measures.
    pub kind: SensorKind,
    /// The raw byte.
    pub value: u8,
    /// What the value means.
    pub status: Status,
}

/// A node that the building did not know before, to be written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewNode {
    /// Its number from now on.
    pub node: NodeNo,
    /// Its address.
    pub address: IpAddr,
    /// When its first POST came.
    pub first_seen: Time,
}

/// A sensor that the building did not know before, to be written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewSensor {
    /// Its number from now on.
    pub sensor: SensorNo,
    /// The node that it is on.
    pub node: NodeNo,
    /// Its number on its node.
    pub id: u8,
    /// What it measures.
    pub kind: SensorKind,
    /// When its first frame came.
    pub first_seen: Time,
}

/// Everything that a restart brings back. Positions are numbers: `nodes[n]` is [`NodeNo`] n.
#[derive(Default, Debug)]
pub struct Known {
    /// The nodes.
    pub nodes: Vec<KnownNode>,
    /// The sensors.
    pub sensors: Vec<KnownSensor>,
    /// The alarms that had not ended.
    pub alarms: Vec<Alarm>,
    /// The suppressions that are in force.
    pub suppressions: Vec<Suppression>,
    /// The promises that are open.
    pub promises: Vec<Promise>,
    /// What people have said about the building.
    pub model: Model,
    /// The floor plans.
    pub plans: Vec<Plan>,
    /// Who may come in.
    pub access: Access,
    /// The numbers that come next.
    pub next: NextIds,
    /// How the run before ended.
    pub last_run: LastRun,
    /// What is wrong with the journal, in words for people.
    pub journal_fault: Option<String>,
}

/// How the run before this one ended.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum LastRun {
    /// There was none.
    #[default]
    None,
    /// It was stopped in order.
    Stopped,
    /// It was not: it was killed, it crashed, or the power failed. Its journal's last entry is of this time.
    Broken(Time),
    /// What is known is from a backup of this time that was put back, and nothing has run since.
    Restored(Time),
}

/// A node that was written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KnownNode {
    /// Its address.
    pub address: IpAddr,
    /// When its first POST came.
    pub first_seen: Time,
    /// Whether somebody said that it is gone for good.
    pub retired: bool,
    /// Whether somebody said that it is one of ours.
    pub approved: bool,
}

/// A sensor that was written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KnownSensor {
    /// The node that it is on.
    pub node: NodeNo,
    /// Its number on its node.
    pub id: u8,
    /// What it measures.
    pub kind: SensorKind,
    /// Its latest value, unless it has only announced itself.
    pub latest: Option<Reading>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_spelling() {
        for good in ["10.89.21.188_17", "127.0.0.1_0", "::1_255", "fe80::1_8"] {
            assert_eq!(good.parse::<SensorKey>().unwrap().to_string(), good);
        }
        for bad in [
            "10.89.21.188",
            "10.89.21.188_256",
            "10.89.21.188_07",
            "_1",
            "x_1",
            "1.2.3.4_",
            "1.2.3.4_+1",
            "1.2.3.4_-1",
            "::ffff:1.2.3.4_1",
            "0:0::1_1",
            "1.2.3.4_1_1",
        ] {
            assert!(bad.parse::<SensorKey>().is_err(), "{bad}");
        }
    }
}
