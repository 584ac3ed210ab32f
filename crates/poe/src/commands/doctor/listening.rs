//! Where another process listens, as the kernel tells.

use std::{
    collections::BTreeSet,
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// How the kernel calls a socket that listens.
const LISTENS: &str = "0A";

/// The TCP addresses at which the process listens, in their order; `None` if we may not see that.
pub(super) fn listening(pid: u32) -> Option<Vec<SocketAddr>> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten();
    let sockets: BTreeSet<String> = descriptors
        .filter_map(|descriptor| fs::read_link(descriptor.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut found = BTreeSet::new();
    for table in ["tcp", "tcp6"] {
        // A kernel without IPv6 has no such table.
        let text = fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        let ours = text.lines().filter_map(listener).filter(|(_, socket)| sockets.contains(*socket));
        found.extend(ours.map(|(address, _)| address));
    }
    Some(found.into_iter().collect())
}

/// The address of a line of the table and its socket's number, if that listens.
fn listener(line: &str) -> Option<(SocketAddr, &str)> {
    let mut words = line.split_whitespace();
    let (address, state) = (words.nth(1)?, words.nth(1)?);
    let socket = words.nth(5)?;
    (state == LISTENS).then_some(())?;
    let (ip, port) = address.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    Some((SocketAddr::new(read_ip(ip)?, port), socket))
}

/// An address is written as numbers of four bytes, each in the order of the machine.
fn read_ip(digits: &str) -> Option<IpAddr> {
    let number = |at: usize| u32::from_str_radix(digits.get(at..at + 8)?, 16).ok().map(u32::to_ne_bytes);
    match digits.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(number(0)?))),
        32 => {
            let numbers = [number(0)?, number(8)?, number(16)?, number(24)?];
            let bytes: [u8; 16] = numbers.concat().try_into().ok()?;
            Some(IpAddr::V6(Ipv6Addr::from(bytes)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn what_a_process_listens_on_is_seen() {
        let open = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = open.local_addr().unwrap();
        assert!(listening(std::process::id()).unwrap().contains(&address));
        if let Ok(open) = TcpListener::bind("[::1]:0") {
            let address = open.local_addr().unwrap();
            assert!(listening(std::process::id()).unwrap().contains(&address));
        }
        let client = TcpStream::connect(address).unwrap().local_addr().unwrap();
        assert!(!listening(std::process::id()).unwrap().contains(&client), "it only speaks");
    }
}
