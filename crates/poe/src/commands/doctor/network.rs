//! The addresses: free, or the server's, and safe.
//!
//! The settings are those that the doctor was given; a server that runs may have got others. What it listens on is seen, and
//! nothing is said of an address that it has not.

use super::{listening::listening, report::Check, server::Running};
use poe::{
    ListenError,
    config::{Config, Loaded},
};
use socket2::{Domain, Protocol, Socket, Type};
use std::{io, net::SocketAddr};

const EXPOSURE: &str = "exposure";
const GIVE_ITS_SETTINGS: &str =
    "if it was started with others, give them here: --config, or POE_LISTEN and POE_HTTP in the environment";

pub(super) fn check(loaded: &Loaded, running: &Running) -> Vec<Check> {
    let config = &loaded.config;
    if !running.is_there() {
        return [exposure(loaded)].into_iter().chain(addresses(config)).collect();
    }
    match running.pid().and_then(listening) {
        None => {
            let found = "the server's cannot be seen, so that nothing is said of how it can be reached";
            vec![Check::warning("addresses", found, "ask as the user whom the server runs as, or as root")]
        }
        Some(open) => vec![of_server(config, &open), exposure_of_server(loaded, &open)],
    }
}

/// Whether the server has the addresses of the settings.
fn of_server(config: &Config, open: &[SocketAddr]) -> Check {
    const NAME: &str = "addresses";
    let told = format!("the server listens on {} (TCP)", join(open));
    // A port that the system chose is not in the settings.
    let wanted = config.listen.iter().chain(&config.http).filter(|address| address.port() != 0);
    let missing: Vec<SocketAddr> = wanted.filter(|address| !open.contains(address)).copied().collect();
    if missing.is_empty() {
        return Check::ok(NAME, told);
    }
    let found = format!("{told}, and not on {}, as it would by these settings", join(&missing));
    Check::warning(NAME, found, GIVE_ITS_SETTINGS)
}

fn join(addresses: &[SocketAddr]) -> String {
    if addresses.is_empty() {
        return "nothing".to_owned();
    }
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// As [`exposure`] tells, if the server listens where these settings have HTTP.
fn exposure_of_server(loaded: &Loaded, open: &[SocketAddr]) -> Check {
    match loaded.config.http {
        Some(http) if open.contains(&http) => exposure(loaded),
        // By nothing that it listens on can another machine reach it.
        _ if open.iter().all(|address| address.ip().to_canonical().is_loopback()) => {
            Check::ok(EXPOSURE, "the server listens for this machine alone")
        }
        _ => {
            let found = "where the server has HTTP cannot be told from these settings";
            Check::warning(EXPOSURE, found, GIVE_ITS_SETTINGS)
        }
    }
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
    const NAME: &str = EXPOSURE;
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
