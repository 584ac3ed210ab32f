//! One node: a socket from an address of its own, and how far into the ring it has come.

use super::ring::Ring;
use nix::sys::socket::{setsockopt, sockopt::IpBindAddressNoPort};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, ErrorKind, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4, TcpStream};

/// The address of the node with this number, when the nodes share `ips` of them.
pub fn source(index: usize, ips: usize) -> Ipv4Addr {
    if ips == 0 {
        return Ipv4Addr::LOCALHOST;
    }
    let at = index % ips;
    Ipv4Addr::new(127, 1 + (at / 62_500) as u8, (at / 250 % 250) as u8, (at % 250 + 1) as u8)
}

/// A connected node.
pub struct Node {
    pub stream: TcpStream,
    /// Bytes the kernel has taken so far.
    pub sent: u64,
    /// The server has ended the connection.
    pub is_lost: bool,
}

impl Node {
    pub fn connect(source: Ipv4Addr, server: SocketAddrV4) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_tcp_nodelay(true)?;
        // The port is chosen when the target is known, so that many nodes can share one.
        setsockopt(&socket, IpBindAddressNoPort, &true)?;
        socket.bind(&SocketAddrV4::new(source, 0).into())?;
        socket.connect(&server.into())?;
        socket.set_nonblocking(true)?;
        Ok(Self { stream: socket.into(), sent: 0, is_lost: false })
    }

    /// Writes up to `len` bytes of the ring, and says how many went out. A full socket takes none.
    pub fn push(&mut self, ring: &Ring, len: u64) -> u64 {
        match self.stream.write(ring.slice(self.sent, len as usize)) {
            Ok(written) => {
                self.sent += written as u64;
                written as u64
            }
            Err(error) => {
                self.is_lost |= !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted);
                0
            }
        }
    }

    pub fn leave(self) {
        // Already gone is as good as leaving.
        let _ = self.stream.shutdown(Shutdown::Write);
    }
}

#[cfg(test)]
mod tests {
    use super::source;
    use std::collections::HashSet;

    #[test]
    fn every_node_has_its_own_address() {
        let sources: HashSet<_> = (0..100_000).map(|index| source(index, 100_000)).collect();
        assert_eq!(sources.len(), 100_000);
        assert!(sources.iter().all(std::net::Ipv4Addr::is_loopback));
    }
}
