//! Who may come in.

use ipnet::IpNet;
use std::net::IpAddr;

/// A connection makes room for another of its address after so much silence: a node sends every two seconds.
const SILENT_S: u64 = 10;

/// The rules of admission.
#[derive(Clone, Debug)]
pub(crate) struct Doors {
    /// Networks whose peers may connect.
    pub(crate) allow: Vec<IpNet>,
    /// Connections in all.
    pub(crate) connections_max: usize,
    /// Connections from one address.
    pub(crate) connections_per_address_max: usize,
    /// Connections that there are descriptors for, with some left for files and for people.
    pub(crate) connections_by_descriptors: usize,
}

/// What is known about somebody who knocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitor {
    /// Connections that are open, in all.
    pub(crate) open: usize,
    /// Connections that are open from this address.
    pub(crate) open_here: usize,
    /// For how long the most silent of these has sent nothing.
    pub(crate) longest_silence_s: u64,
    /// Whether it is a known node without a connection.
    pub(crate) expected: bool,
    /// How many known nodes have no connection.
    pub(crate) missing_nodes: usize,
}

/// What to do with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    /// It may come in.
    Admit,
    /// It may come in for the connection of its address that has been silent longest.
    Replace,
    /// It may not.
    Refuse(Refusal),
}

/// Why somebody was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    /// Its network is not among the admitted ones.
    Network,
    /// Its address has as many connections as it may.
    AddressCap,
    /// There are as many connections as there may be.
    ConnectionCap,
    /// The process has no descriptor left.
    Descriptors,
}

impl Refusal {
    /// Every reason, in the order of [`Self::index`].
    pub(crate) const ALL: [Self; 4] =
        [Self::Network, Self::AddressCap, Self::ConnectionCap, Self::Descriptors];

    /// Its place in [`Self::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// The word for it in metrics and logs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::AddressCap => "address_cap",
            Self::ConnectionCap => "connection_cap",
            Self::Descriptors => "descriptors",
        }
    }
}

impl Doors {
    /// Whether this address may speak to us at all.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        self.allow.iter().any(|network| network.contains(&address))
    }

    /// What to do with a visitor of an admitted network. Known nodes that are missing have a place kept for them, up
    /// to a quarter of all places, so that nobody can fill the building before they come back.
    pub(crate) fn decide(&self, visitor: Visitor) -> Decision {
        let kept = if visitor.expected { 0 } else { visitor.missing_nodes.min(self.connections_max / 4) };
        let refusal = if visitor.open_here >= self.connections_per_address_max {
            Refusal::AddressCap
        } else if visitor.open + kept >= self.connections_max {
            Refusal::ConnectionCap
        } else if visitor.open >= self.connections_by_descriptors {
            Refusal::Descriptors
        } else {
            return Decision::Admit;
        };
        // Also in a full house: a node that has restarted leaves a connection behind that will never speak again.
        if visitor.open_here > 0 && visitor.longest_silence_s >= SILENT_S {
            Decision::Replace
        } else {
            Decision::Refuse(refusal)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_in() {
        let doors = Doors {
            allow: vec![],
            connections_max: 100,
            connections_per_address_max: 4,
            connections_by_descriptors: usize::MAX,
        };
        let visitor =
            Visitor { open: 0, open_here: 0, longest_silence_s: 0, expected: false, missing_nodes: 0 };
        let full = Decision::Refuse(Refusal::ConnectionCap);
        let crowded = Decision::Refuse(Refusal::AddressCap);
        let table = [
            (Visitor { open: 99, ..visitor }, Decision::Admit),
            (Visitor { open: 100, ..visitor }, full),
            (Visitor { open: 89, missing_nodes: 10, ..visitor }, Decision::Admit),
            (Visitor { open: 90, missing_nodes: 10, ..visitor }, full),
            (Visitor { open: 90, missing_nodes: 10, expected: true, ..visitor }, Decision::Admit),
            (Visitor { open: 100, missing_nodes: 10, expected: true, ..visitor }, full),
            (Visitor { open: 74, missing_nodes: 1000, ..visitor }, Decision::Admit),
            (Visitor { open: 75, missing_nodes: 1000, ..visitor }, full),
            (Visitor { open: 100, open_here: 1, longest_silence_s: 9, ..visitor }, full),
            (Visitor { open: 100, open_here: 1, longest_silence_s: 10, ..visitor }, Decision::Replace),
            (Visitor { open_here: 3, ..visitor }, Decision::Admit),
            (Visitor { open_here: 4, longest_silence_s: 9, ..visitor }, crowded),
            (Visitor { open_here: 4, longest_silence_s: 10, ..visitor }, Decision::Replace),
            (Visitor { open_here: 4, longest_silence_s: 10, open: 100, ..visitor }, Decision::Replace),
        ];
        for (visitor, decision) in table {
            assert_eq!(doors.decide(visitor), decision, "{visitor:?}");
        }

        let few = Doors { connections_by_descriptors: 50, ..doors };
        assert_eq!(few.decide(Visitor { open: 49, ..visitor }), Decision::Admit);
        assert_eq!(few.decide(Visitor { open: 50, ..visitor }), Decision::Refuse(Refusal::Descriptors));
    }
}
