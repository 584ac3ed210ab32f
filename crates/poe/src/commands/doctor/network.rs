//! The addresses: free, or ours, and safe.

use super::{report::Check, server::Running};
use poe::{
    ListenError,
    config::{Config, Loaded},
};
use socket2::{Domain, Protocol, Socket, Type};
use std::{io, net::SocketAddr};

pub(super) fn check(loaded: &Loaded, running: &Running) -> Vec<Check> {
    let config = &loaded.config;
    let mut checks = vec![exposure(loaded)];
    if running.is_there() {
        checks.push(Check::ok("addresses", "the server has them"));
    } else {
        checks.extend(addresses(config));
    }
    checks
}

fn addresses(config: &Config) -> Vec<Check> {
    const NAME: &str = "addresses";
    let tcp = config.listen.iter().map(|address| ("tcp", "listen", *address));
    let udp = config.udp.iter().map(|address| ("udp", "udp", *address));
    let http = config.http.iter().map(|address| ("http", "http", *address));
    let taken: Vec<Check> = tcp
        .chain(udp)
        .chain(http)
        .filter_map(|(protocol, flag, address)| {
            let cause = bind(protocol, address).err()?;
            let found = ListenError::new(protocol, flag, address, cause).to_string();
            Some(Check::problem(NAME, found, format!("free it, or choose another with --{flag}")))
        })
        .collect();
    if taken.is_empty() { vec![Check::ok(NAME, "all of them are free")] } else { taken }
}

/// As the server does it, and given back at once.
fn bind(protocol: &str, address: SocketAddr) -> io::Result<()> {
    let (kind, protocol) =
        if protocol == "udp" { (Type::DGRAM, Protocol::UDP) } else { (Type::STREAM, Protocol::TCP) };
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if kind == Type::STREAM {
        socket.set_reuse_address(true)?;
    }
    socket.bind(&address.into())?;
    if kind == Type::STREAM { socket.listen(1) } else { Ok(()) }
}

fn exposure(loaded: &Loaded) -> Check {
    const NAME: &str = "exposure";
    let config = &loaded.config;
    let Some(http) = config.http else { return Check::ok(NAME, "HTTP is served at the local socket alone") };
    let is_local = http.ip().to_canonical().is_loopback();
    match loaded.tls() {
        Err(error) => {
            Check::problem(NAME, error.to_string(), "run `poe tls init`, or serve HTTP on 127.0.0.1")
        }
        Ok(Some(_)) => Check::ok(NAME, format!("HTTP on {http} is served by TLS")),
        Ok(None) if is_local => Check::ok(NAME, format!("HTTP on {http} is for this machine alone")),
        Ok(None) => {
            let found =
                format!("HTTP on {http} can be reached from other machines in the clear, but for a proxy");
            Check::warning(NAME, found, "see that nobody but the proxy reaches it")
        }
    }
}
