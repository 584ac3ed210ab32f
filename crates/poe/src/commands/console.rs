//! `poe console`: the prompt of a running server, on this machine or elsewhere.

use super::{Done, ask};
use crate::console::{
    self,
    house::{House, Remote, reachable},
};
use clap::{Arg, ArgMatches, Command};
use poe::config::{self, Config};
use std::{
    env,
    error::Error,
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

pub(crate) fn command() -> Command {
    let nodes = Arg::new("nodes").long("nodes").value_name("HOST:PORT");
    let command = Command::new("console")
        .about("Speak with a running server at its prompt, from this machine or from elsewhere")
        .arg(nodes.help(
            "Where the command `t` sends simulated nodes: the address on which the server listens for nodes; unless it is \
             given, port 1234 of the server",
        ))
        .after_help(
            "It tells of alarms as they come, with a sound; `h` at the prompt shows what there is, `q` leaves. When the \
             server goes away, it is tried again until it is back, and what was missed is told.",
        );
    ask::of_server(command)
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    let node_door = match (ask::word(matches, "nodes"), ask::word(matches, "connect")) {
        (Some(door), _) => door.to_owned(),
        (None, Some(url)) => door_of(url),
        (None, None) => door_of_config(matches)?,
    };
    let connect = || Ok(Arc::new(Remote::connect(ask::server(matches)?, node_door)?) as Arc<dyn House>);
    console::attach(connect, history())
}

/// Where nodes connect to a server, unless somebody said otherwise.
fn door_of(url: &str) -> String {
    let port = Config::default().listen.first().map_or(0, std::net::SocketAddr::port);
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
    let host = match authority.rsplit_once(':') {
        // The colons of an address of IPv6 are in brackets.
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    format!("{host}:{port}")
}

/// The same of the server on this machine, as its configuration says.
fn door_of_config(matches: &ArgMatches) -> Result<String, Box<dyn Error>> {
    let config = config::load(matches, super::environment())?.config;
    Ok(config.listen.first().map(|address| reachable(*address).to_string()).unwrap_or_default())
}

/// Where this person's lines are kept. Whoever has no home has no history.
fn history() -> Option<PathBuf> {
    let of_state = env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let of_home = || env::var_os("HOME").map(|home| Path::new(&home).join(".local/state"));
    let folder = of_state.or_else(of_home)?.join("poe");
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).ok()?;
    Some(folder.join("console_history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_connect_beside_the_door_for_people() {
        for (url, door) in [
            ("https://poe.example:8443", "poe.example:1234"),
            ("http://localhost/", "localhost:1234"),
            ("https://[fe80::7]:8443", "[fe80::7]:1234"),
            ("https://[fe80::7]", "[fe80::7]:1234"),
        ] {
            assert_eq!(door_of(url), door);
        }
    }
}
