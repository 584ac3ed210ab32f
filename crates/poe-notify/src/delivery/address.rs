//! Where a webhook may go: whoever sets one must not be able to make the server speak to what only the server can reach.

use super::own;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The setting that lists the loopback and private networks that webhooks may go to.
pub const SETTING_ALLOW: &str = "notify_allow";

/// Where webhooks and the heartbeat may go.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reach {
    /// The networks beside the public addresses.
    pub allow: Vec<IpNet>,
    /// What this server itself listens on, as it is really bound: nothing goes there, whatever is allowed.
    pub listeners: Vec<SocketAddr>,
}

impl Reach {
    /// Says why a webhook must not go to this address and port.
    pub(super) fn check(&self, address: SocketAddr) -> Result<(), String> {
        let (ip, port) = (address.ip(), address.port());
        check(ip, &self.allow)?;
        if [ip, meant(ip)].into_iter().any(|ip| own::leads_to(&self.listeners, SocketAddr::new(ip, port))) {
            return Err(format!(
                "{address} is where this server itself listens, and webhooks never go there; \
                 give the address and port of the program that is to be told"
            ));
        }
        Ok(())
    }
}

fn check(address: IpAddr, allow: &[IpNet]) -> Result<(), String> {
    let meant = meant(address);
    if let Some(what) = never(meant) {
        return Err(format!("{address} is {what}, where webhooks never go"));
    }
    if let Some(what) = only_if_listed(meant).or_else(|| only_if_listed(address))
        && !allow.iter().any(|net| net.contains(&meant) || net.contains(&address))
    {
        return Err(format!(
            "{address} is {what}, and webhooks go there only if the setting `{SETTING_ALLOW}` lists it"
        ));
    }
    Ok(())
}

/// The IPv4 address that an IPv6 address stands for, if it does: mapped, behind a translator, or at the end of a tunnel.
fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let v4 = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match v6.segments() {
        // A translator, the well-known one (RFC 6052) and one of the place's own (RFC 8215).
        [0x64, 0xff9b, 0 | 1, 0, 0, 0, high, low] => v4(high, low),
        // With the prefix of 48 bits the address steps over the ninth byte (RFC 6052, section 2.2).
        [0x64, 0xff9b, 1, high, middle, low, ..] => v4(high, middle << 8 | low >> 8),
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => v4(high, low),
        _ => v6.to_canonical(),
    }
}

fn never(address: IpAddr) -> Option<&'static str> {
    match address {
        // All of 0.0.0.0/8 is "this host" (RFC 1122).
        IpAddr::V4(v4) if v4.octets()[0] == 0 => Some("an unspecified address"),
        IpAddr::V4(v4) if v4.is_link_local() => Some("a link-local address"),
        IpAddr::V4(v4) if v4.is_multicast() => Some("a multicast address"),
        // 240.0.0.0/4 is reserved, and the last of it is the broadcast address.
        IpAddr::V4(v4) if v4.octets()[0] >= 240 => Some("a broadcast or reserved address"),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Some("an unspecified address"),
        IpAddr::V6(v6) if v6.is_unicast_link_local() => Some("a link-local address"),
        IpAddr::V6(v6) if v6.is_multicast() => Some("a multicast address"),
        _ => None,
    }
}

fn only_if_listed(address: IpAddr) -> Option<&'static str> {
    match address {
        _ if address.is_loopback() => Some("a loopback address"),
        IpAddr::V4(v4) if v4.is_private() => Some("a private address"),
        // Between a provider and its customers (RFC 6598).
        IpAddr::V4(v4) if v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64 => Some("a private address"),
        // Between machines that are measured (RFC 2544), and what protocols keep for themselves (RFC 6890).
        IpAddr::V4(v4) if v4.octets()[0] == 198 && v4.octets()[1] & 0xfe == 18 => Some("a private address"),
        IpAddr::V4(v4) if v4.octets()[..3] == [192, 0, 0] => Some("a private address"),
        // A translator of the place's own, and a tunnel whose other end nobody knows.
        IpAddr::V6(v6) if v6.segments()[..3] == [0x64, 0xff9b, 1] => Some("a private address"),
        IpAddr::V6(v6) if v6.segments()[0] == 0x2002 => Some("a private address"),
        // Unique local, and the site-local that came before it.
        IpAddr::V6(v6) if v6.is_unique_local() || v6.segments()[0] & 0xffc0 == 0xfec0 => {
            Some("a private address")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(address: &str, allow: &[&str]) -> Result<(), String> {
        let allow: Vec<IpNet> = allow.iter().map(|net| net.parse().unwrap()).collect();
        check(address.parse().unwrap(), &allow)
    }

    #[test]
    fn the_public_is_open() {
        for address in ["1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::1.1.1.1"] {
            assert_eq!(verdict(address, &[]), Ok(()), "{address}");
        }
    }

    #[test]
    fn loopback_and_private_addresses_have_to_be_listed_and_the_refusal_says_where() {
        let private =
            ["127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "fec0::1"];
        let dressed_up = ["::ffff:10.1.2.3", "::ffff:127.0.0.1", "64:ff9b::10.1.2.3", "64:ff9b::7f00:1"];
        for address in private.iter().chain(&dressed_up) {
            let refusal = verdict(address, &["203.0.113.0/24"]).unwrap_err();
            assert!(refusal.contains("`notify_allow`"), "{refusal}");
        }
        assert_eq!(verdict("127.0.0.1", &["127.0.0.0/8"]), Ok(()));
        assert_eq!(verdict("::ffff:10.1.2.3", &["10.0.0.0/8"]), Ok(()));
        assert_eq!(verdict("fd00::1", &["fd00::/8"]), Ok(()));
    }

    #[test]
    fn a_tunnel_or_a_translator_of_the_place_has_to_be_listed_wherever_it_leads() {
        let roundabout = [
            "198.18.0.1",
            "198.19.255.254",
            "192.0.0.8",
            "2002:101:101::1",
            "2002:a01:203::1",
            "64:ff9b:1::101:101",
            "64:ff9b:1::a01:203",
            "64:ff9b:1:a01:2:300::",
        ];
        for address in roundabout {
            let refusal = verdict(address, &["203.0.113.0/24"]).unwrap_err();
            assert!(refusal.contains("a private address") && refusal.contains("`notify_allow`"), "{refusal}");
        }
        assert_eq!(verdict("2002:101:101::1", &["2002::/16"]), Ok(()));
        assert_eq!(verdict("64:ff9b:1:a01:2:300::", &["10.0.0.0/8"]), Ok(()));
        for address in ["198.20.0.1", "198.17.255.255", "192.0.1.1", "2003::1"] {
            assert_eq!(verdict(address, &[]), Ok(()), "{address}");
        }
    }

    #[test]
    fn no_list_opens_what_the_server_itself_listens_on() {
        let everything = ["0.0.0.0/0", "::/0"].map(|net| net.parse().unwrap()).to_vec();
        let listeners = ["127.0.0.1:8080", "0.0.0.0:9000"].map(|own| own.parse().unwrap()).to_vec();
        let reach = Reach { allow: everything, listeners };
        let check = |address: &str| reach.check(address.parse().unwrap());
        for own in ["127.0.0.1:8080", "[::ffff:127.0.0.1]:8080", "[64:ff9b::7f00:1]:8080", "127.0.0.5:9000"] {
            let refusal = check(own).unwrap_err();
            assert!(refusal.starts_with(own) && refusal.contains("itself listens"), "{refusal}");
        }
        for other in ["127.0.0.1:8081", "127.0.0.5:8080", "192.0.2.1:9000"] {
            assert_eq!(check(other), Ok(()), "{other}");
        }
    }

    #[test]
    fn some_addresses_no_list_can_open() {
        let everything = ["0.0.0.0/0", "::/0"];
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a9fe:a9fe",
            "64:ff9b:1:a9fe:a9:fe00::",
            "2002:a9fe:a9fe::1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(verdict(address, &everything).unwrap_err().contains("never"), "{address}");
        }
    }
}
