//! `poe simulate`: nodes over real sockets, or a story in simulated time or against a server.

mod live;
mod story;

pub(crate) use live::connect;

use super::Done;
use crate::process;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use poe_sim::{Fleet, FleetControl};
use std::{
    io::{IsTerminal, Write, stderr},
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
    thread,
    time::Duration,
};

/// How often the progress line on a terminal is renewed.
const PROGRESS: Duration = Duration::from_millis(200);

pub(crate) fn command() -> Command {
    Command::new("simulate")
        .about("Be so many nodes, each with the 21 sensors of the common node")
        .arg(
            Arg::new("clients")
                .short('c')
                .long("clients")
                .value_name("CLIENTS")
                .default_value("1")
                .value_parser(value_parser!(u32).range(1..=200_000))
                .help(
                    "Nodes; beyond the first, each has an address of its own if the target is this machine",
                ),
        )
        .arg(
            Arg::new("packets")
                .short('p')
                .long("packets")
                .value_name("PACKETS")
                .default_value("5")
                .allow_negative_numbers(true)
                .value_parser(value_parser!(i64).range(-1..))
                .help("Bursts of 21 frames from each node; -1: without end"),
        )
        .arg(
            Arg::new("pause")
                .short('t')
                .long("seconds")
                .value_name("SECONDS")
                .default_value("0")
                .value_parser(parse_seconds)
                .help("Seconds between two bursts of a node, a fraction is fine; 0: none"),
        )
        .arg(
            Arg::new("target")
                .long("connect")
                .value_name("HOST:PORT")
                .default_value("127.0.0.1:1234")
                .help("The server"),
        )
        .arg(
            Arg::new("seed")
                .long("seed")
                .value_name("N")
                .default_value("1")
                .value_parser(value_parser!(u64))
                .help("The same seed gives the same readings"),
        )
        .arg(
            Arg::new("scenario")
                .long("scenario")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .conflicts_with_all(["clients", "packets", "pause"])
                .help(
                    "Play this story: in simulated time or, with --connect, against a server; see docs/scenarios.md",
                ),
        )
        .arg(
            Arg::new("assert")
                .long("assert")
                .action(ArgAction::SetTrue)
                .requires("scenario")
                .help("Say what the story expects and did not come, and fail if there is any"),
        )
        .arg(
            Arg::new("data-dir")
                .long("data-dir")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .requires("scenario")
                .help("With --connect: the folder with the server's journal, where what came of the story is read"),
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    if let Some(path) = matches.get_one::<PathBuf>("scenario") {
        return story::run(path, matches);
    }
    let fleet = Fleet {
        clients: *matches.get_one("clients").expect("it has a default"),
        packets: u64::try_from(*matches.get_one::<i64>("packets").expect("it has a default")).ok(),
        pause: *matches.get_one("pause").expect("it has a default"),
        target: resolve(matches.get_one::<String>("target").expect("it has a default"))?,
        seed: *matches.get_one("seed").expect("it has a default"),
    };
    poe_sim::raise_descriptor_limit()?;
    let control = FleetControl::new();
    process::on_stop_signal({
        let control = control.clone();
        move || control.stop()
    })?;
    let report = if stderr().is_terminal() {
        let running = thread::spawn({
            let control = control.clone();
            move || fleet.run(&control)
        });
        while !running.is_finished() {
            show_progress(&control.report().to_string());
            thread::sleep(PROGRESS);
        }
        show_progress("");
        running.join().map_err(|_| "the simulation has panicked")??
    } else {
        fleet.run(&control)?
    };
    process::print(&format!("{report}\n"))?;
    // Nodes that were told to send nothing have had no reason to connect.
    if report.reached == 0 && fleet.packets != Some(0) {
        return Err(format!(
            "nothing was sent: is a server listening on {}? Start one with `poe serve`",
            fleet.target
        )
        .into());
    }
    Ok(())
}

/// Writes over the line that stands there. The nodes go on sending when the terminal is gone.
fn show_progress(text: &str) {
    let mut out = stderr().lock();
    write!(out, "\r\x1b[K{text}").and_then(|()| out.flush()).ok();
}

/// Seconds with a fraction.
pub(crate) fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("{text:?} is no number of seconds"))?;
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("{text} is no length of time"))
}

fn resolve(target: &str) -> Result<SocketAddr, String> {
    let first = target.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    first.ok_or_else(|| format!("{target:?} is not an address to connect to; write it like 127.0.0.1:1234"))
}
