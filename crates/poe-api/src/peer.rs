//! Who is at the other end of a connection.

use std::net::{IpAddr, SocketAddr};

use hyper::HeaderMap;
use hyper::header::HeaderName;
use nix::unistd::{Uid, User};
use poe_building::{Text, Who};
use tokio::net::UnixStream;

/// What a proxy says of those for whom it asks; each proxy on the way adds its own at the right.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The user whose program connected to the local socket, or the machine that connected over the network; nobody in
/// particular, if the system does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    uid: Option<Uid>,
    address: Option<IpAddr>,
    is_secure: bool,
    /// Whether a proxy asks, for whomever.
    is_forwarded: bool,
}

impl Peer {
    /// A program on this machine, as the system knew it when the connection was made.
    pub(crate) fn of(stream: &UnixStream) -> Peer {
        let uid = stream.peer_cred().ok().map(|cred| Uid::from_raw(cred.uid()));
        Peer { uid, address: None, is_secure: false, is_forwarded: false }
    }

    /// Somebody in the network.
    pub(crate) fn at(address: IpAddr) -> Peer {
        Peer { uid: None, address: Some(address.to_canonical()), is_secure: false, is_forwarded: false }
    }

    /// The same by TLS.
    pub(crate) fn by_tls(self) -> Peer {
        Peer { is_secure: true, ..self }
    }

    /// The one for whom a proxy asks. What was said further out, anybody could have said; where the proxy says nothing,
    /// it asks for itself.
    pub(crate) fn behind_proxy(self, headers: &HeaderMap) -> Peer {
        let last = |name| {
            let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
            value.rsplit(',').next().map(str::trim)
        };
        let address = last(FORWARDED_FOR).and_then(|hop| {
            let with_port = || hop.parse().ok().map(|hop: SocketAddr| hop.ip());
            hop.trim_matches(['[', ']']).parse().ok().or_else(with_port)
        });
        let by_tls = last(FORWARDED_PROTO).is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
        Peer {
            address: address.map(|address| address.to_canonical()).or(self.address),
            is_secure: self.is_secure || by_tls,
            is_forwarded: true,
            ..self
        }
    }

    /// Where a client in the network is.
    pub(crate) fn address(self) -> Option<IpAddr> {
        self.address
    }

    /// Whether the client speaks TLS, to us or to the proxy before us.
    pub(crate) fn is_secure(self) -> bool {
        self.is_secure
    }

    /// From where they ask, as the journal shows it.
    pub(crate) fn origin(self) -> Text {
        self.address.map_or_else(|| Text::from("socket"), |address| Text::from(address.to_string()))
    }

    /// Whether they are on the machine that the server runs on. For whom a proxy asks, only the proxy knows.
    pub(crate) fn is_on_this_machine(self) -> bool {
        !self.is_forwarded && self.address.is_none_or(|address| address.is_loopback())
    }

    /// How the journal names them. It may ask the system's list of users, which may be on another machine.
    pub(crate) fn who(self) -> Who {
        let name = match self.uid {
            Some(uid) => match User::from_uid(uid) {
                Ok(Some(user)) => user.name,
                _ => format!("uid {uid}"),
            },
            None => "unknown".to_owned(),
        };
        Who::new(name, self.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    /// Who is meant behind a proxy at 10.0.0.1 that says this.
    fn told(headers: &[(HeaderName, &'static str)]) -> (String, bool) {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value);
        }
        let peer = Peer::at("10.0.0.1".parse().unwrap()).behind_proxy(&map);
        (peer.address().unwrap().to_string(), peer.is_secure())
    }

    #[test]
    fn the_nearest_proxy_is_believed_and_nobody_else() {
        let (from, proto) = (FORWARDED_FOR, FORWARDED_PROTO);
        let check = |headers: &[_], address: &str, is_secure| {
            assert_eq!(told(headers), (address.to_owned(), is_secure), "{headers:?}");
        };
        check(&[], "10.0.0.1", false);
        check(&[(from.clone(), "192.0.2.7")], "192.0.2.7", false);
        check(&[(from.clone(), "6.6.6.6, 192.0.2.7")], "192.0.2.7", false);
        check(&[(from.clone(), "6.6.6.6"), (from.clone(), "192.0.2.7")], "192.0.2.7", false);
        check(&[(from.clone(), "192.0.2.7:5123")], "192.0.2.7", false);
        check(&[(from.clone(), "[2001:db8::7]:5123")], "2001:db8::7", false);
        check(&[(from.clone(), "[2001:db8::7]")], "2001:db8::7", false);
        check(&[(from.clone(), "::ffff:192.0.2.7")], "192.0.2.7", false);
        check(&[(from.clone(), "192.0.2.7, unknown")], "10.0.0.1", false);
        check(&[(from, "192.0.2.7"), (proto.clone(), "https")], "192.0.2.7", true);
        check(&[(proto.clone(), "https, http")], "10.0.0.1", false);
        check(&[(proto, "http, HTTPS")], "10.0.0.1", true);
    }
}
