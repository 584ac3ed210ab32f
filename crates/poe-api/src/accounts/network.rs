//! Where somebody tries to log in from, as coarse as one person can change it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::peer::Peer;

/// A network whose addresses one person may have at will.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Network {
    /// The local socket.
    Socket,
    /// Loopback. A proxy on this machine that does not say for whom it asks looks the same.
    Loopback,
    /// The first 24 bits of an address.
    V4([u8; 3]),
    /// The first 64 bits of one.
    V6([u8; 8]),
}

impl Network {
    pub(crate) fn of(peer: Peer) -> Self {
        match peer.address() {
            None => Network::Socket,
            Some(address) if address.is_loopback() => Network::Loopback,
            Some(IpAddr::V4(address)) => {
                let [a, b, c, _] = address.octets();
                Network::V4([a, b, c])
            }
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Network::V6([a, b, c, d, e, f, g, h])
            }
        }
    }

    /// Whether it is the machine that the server runs on.
    pub(crate) fn is_here(self) -> bool {
        matches!(self, Network::Socket | Network::Loopback)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Network::Socket => f.write_str("the local socket"),
            Network::Loopback => f.write_str("this machine"),
            Network::V4([a, b, c]) => write!(f, "{}/24", Ipv4Addr::new(a, b, c, 0)),
            Network::V6([a, b, c, d, e, f2, g, h]) => {
                let address = Ipv6Addr::from([a, b, c, d, e, f2, g, h, 0, 0, 0, 0, 0, 0, 0, 0]);
                write!(f, "{address}/64")
            }
        }
    }
}
