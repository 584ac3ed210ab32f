//! Listening sockets, and who has the port when it is taken.

use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use std::{
    fs, io,
    net::{IpAddr, SocketAddr, TcpListener, UdpSocket},
    time::Duration,
};

/// Connections that the system holds until they are accepted: a building that comes back after a power cut
/// connects all at once.
const BACKLOG: i32 = 4096;

/// A node that was unplugged does not say goodbye. After this much silence the system asks it,
const KEEPALIVE_AFTER: Duration = Duration::from_secs(15);
/// so often,
const KEEPALIVE_EVERY: Duration = Duration::from_secs(5);
/// and gives the connection up once nothing has been answered for this long.
const UNANSWERED_MAX: Duration = Duration::from_secs(30);

/// Bytes of datagrams that the system holds while the engine is busy: a second of a campus.
const DATAGRAM_BUFFER: usize = 4 << 20;

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody listens there already.
    #[error(
        "{protocol} {address} is taken by {holder}; is another `poe serve` running? Stop it, or choose another address with --{flag}"
    )]
    Taken {
        /// `tcp`, `udp` or `http`.
        protocol: &'static str,
        /// The flag that sets the address.
        flag: &'static str,
        /// The address.
        address: SocketAddr,
        /// Who it is, as far as the system tells us.
        holder: String,
    },
    /// The system refused for another reason.
    #[error("cannot listen on {protocol} {address}: {cause}")]
    Refused {
        /// `tcp`, `udp` or `http`.
        protocol: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
}

impl ListenError {
    /// Gives an error of binding the words that fit it.
    pub fn new(protocol: &'static str, flag: &'static str, address: SocketAddr, cause: io::Error) -> Self {
        if cause.kind() == io::ErrorKind::AddrInUse {
            let table = if protocol == "udp" { "udp" } else { "tcp" };
            let holder = match holder(table, address.port()) {
                Some(pid) => format!("process {pid}"),
                None => "another program".to_owned(),
            };
            Self::Taken { protocol, flag, address, holder }
        } else {
            Self::Refused { protocol, address, cause }
        }
    }
}

/// Listens for nodes. All of `addresses` will be listened on, so that an IPv6 wildcard leaves IPv4 to its own socket.
pub(crate) fn tcp(address: SocketAddr, addresses: &[SocketAddr]) -> Result<TcpListener, ListenError> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if address.is_ipv6() {
            let shared = |other: &SocketAddr| other.is_ipv4() && other.port() == address.port();
            socket.set_only_v6(address.port() != 0 && addresses.iter().any(shared))?;
        }
        // For a restart beside connections of the last run. The system still refuses a port that somebody
        // listens on, as long as nobody asks for SO_REUSEPORT.
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        // Accepted connections inherit these.
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_AFTER).with_interval(KEEPALIVE_EVERY);
        socket.set_tcp_keepalive(&keepalive)?;
        socket.set_tcp_user_timeout(Some(UNANSWERED_MAX))?;
        socket.set_nonblocking(true)?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    open().map_err(|cause| ListenError::new("tcp", "listen", address, cause))
}

/// Listens for datagrams.
pub(crate) fn udp(address: SocketAddr) -> Result<UdpSocket, ListenError> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_recv_buffer_size(DATAGRAM_BUFFER)?;
        socket.bind(&address.into())?;
        socket.set_nonblocking(true)?;
        Ok(socket.into())
    };
    open().map_err(|cause| ListenError::new("udp", "udp", address, cause))
}

/// The process that listens on this port, if it is one that we may look at.
fn holder(table: &str, port: u16) -> Option<u32> {
    let inodes: Vec<String> = [format!("/proc/net/{table}"), format!("/proc/net/{table}6")]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .flat_map(|text| {
            let inodes = text.lines().skip(1).filter_map(|line| listening_inode(line, port));
            inodes.map(|inode| format!("socket:[{inode}]")).collect::<Vec<_>>()
        })
        .collect();
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).find(|pid: &u32| {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        descriptors
            .filter_map(|entry| fs::read_link(entry.path()).ok())
            .any(|target| inodes.iter().any(|inode| target.as_os_str() == inode.as_str()))
    })
}

/// The inode of a line of `/proc/net/tcp` or `udp`, if it is a socket that others would connect to on this port.
fn listening_inode(line: &str, port: u16) -> Option<&str> {
    const LISTEN: &str = "0A";
    const DATAGRAM: &str = "07";
    let mut fields = line.split_whitespace().skip(1);
    let local = fields.next()?;
    let state = fields.nth(1)?;
    let inode = fields.nth(5)?;
    let local_port = u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()?;
    (local_port == port && (state == LISTEN || state == DATAGRAM)).then_some(inode)
}

/// IPv4 in its own form, also where it came through an IPv6 socket.
pub(crate) fn peer_address(address: SocketAddr) -> IpAddr {
    address.ip().to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_names_the_process_that_has_it() {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let first = tcp(any, &[any]).unwrap();
        let taken = first.local_addr().unwrap();
        for address in [taken, SocketAddr::from(([0, 0, 0, 0], taken.port()))] {
            let refused = tcp(address, &[address]).unwrap_err().to_string();
            assert!(refused.contains(&format!("is taken by process {};", std::process::id())), "{refused}");
        }
        let first = udp(any).unwrap();
        let refused = udp(first.local_addr().unwrap()).unwrap_err().to_string();
        assert!(refused.contains(&format!("is taken by process {};", std::process::id())), "{refused}");
    }

    #[test]
    fn both_families_listen_on_one_port() {
        // Somebody else may have the port that the first of them finds free.
        let both = (0..50).any(|_| {
            let v4 = tcp("0.0.0.0:0".parse().unwrap(), &[]).unwrap().local_addr().unwrap();
            let v6: SocketAddr = format!("[::]:{}", v4.port()).parse().unwrap();
            tcp(v6, &[v6, v4]).is_ok_and(|_v6| tcp(v4, &[v6, v4]).is_ok())
        });
        assert!(both);
    }
}
