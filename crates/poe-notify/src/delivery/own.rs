//! What this server itself listens on: a webhook that led there would let whoever sets it speak to the server from within.

use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Whether a connection to this address would end at one of the listeners.
pub(super) fn leads_to(listeners: &[SocketAddr], address: SocketAddr) -> bool {
    leads(listeners, address, is_of_this_machine)
}

fn leads(listeners: &[SocketAddr], address: SocketAddr, is_ours: impl Fn(IpAddr) -> bool) -> bool {
    let ip = address.ip().to_canonical();
    listeners.iter().filter(|listener| listener.port() == address.port()).any(|listener| {
        let own = listener.ip().to_canonical();
        // A listener on every IPv4 address has none of IPv6; one on every IPv6 address may have those of IPv4, too.
        let may_have = own.is_ipv6() || ip.is_ipv4();
        own == ip || own.is_unspecified() && may_have && (ip.is_loopback() || is_ours(ip))
    })
}

/// Asks the system, which knows all its addresses as they are now: a socket can be bound to such an address only. A list of
/// the interfaces would need a kind of socket that a sandbox forbids, and has not all that is routed to this machine.
fn is_of_this_machine(ip: IpAddr) -> bool {
    // Where the system lets sockets be bound to addresses that it has not (yet), nothing can be routed from such a one.
    UdpSocket::bind((ip, 0)).and_then(|socket| socket.connect(socket.local_addr()?)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine with two addresses of its own.
    fn leads_there(listener: &str, address: &str) -> bool {
        let own: [IpAddr; 2] = ["203.0.113.7".parse().unwrap(), "2001:db8::7".parse().unwrap()];
        leads(&[listener.parse().unwrap()], address.parse().unwrap(), |ip| own.contains(&ip))
    }

    #[test]
    fn an_address_and_its_port_lead_to_the_listener_that_has_them() {
        for (listener, address) in [
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("127.0.0.1:80", "[::ffff:127.0.0.1]:80"),
            ("[::ffff:127.0.0.1]:80", "127.0.0.1:80"),
            ("203.0.113.7:80", "203.0.113.7:80"),
            ("[::1]:80", "[::1]:80"),
            ("[fe80::1%2]:80", "[fe80::1]:80"),
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("0.0.0.0:80", "127.9.9.9:80"),
            ("0.0.0.0:80", "203.0.113.7:80"),
            ("0.0.0.0:80", "[::ffff:203.0.113.7]:80"),
            ("[::]:80", "[::1]:80"),
            ("[::]:80", "[2001:db8::7]:80"),
            ("[::]:80", "127.0.0.1:80"),
            ("[::]:80", "203.0.113.7:80"),
        ] {
            assert!(leads_there(listener, address), "{listener} {address}");
        }
    }

    #[test]
    fn another_port_or_another_address_leads_elsewhere() {
        for (listener, address) in [
            ("127.0.0.1:80", "127.0.0.1:81"),
            ("127.0.0.1:80", "127.0.0.2:80"),
            ("127.0.0.1:80", "[::1]:80"),
            ("203.0.113.7:80", "127.0.0.1:80"),
            ("0.0.0.0:80", "203.0.113.7:81"),
            ("0.0.0.0:80", "203.0.113.8:80"),
            ("0.0.0.0:80", "[::1]:80"),
            ("0.0.0.0:80", "[2001:db8::7]:80"),
            ("[::]:80", "203.0.113.8:80"),
            ("[::]:80", "[2001:db8::8]:80"),
        ] {
            assert!(!leads_there(listener, address), "{listener} {address}");
        }
    }

    #[test]
    fn the_system_knows_its_own_addresses_from_those_of_others() {
        for own in ["127.0.0.1", "127.0.0.77"] {
            assert!(is_of_this_machine(own.parse().unwrap()), "{own}");
        }
        // Kept for documentation: nobody has them.
        for other in ["192.0.2.1", "198.51.100.1", "2001:db8::1"] {
            assert!(!is_of_this_machine(other.parse().unwrap()), "{other}");
        }
    }
}
