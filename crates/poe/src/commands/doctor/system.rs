//! The machine: descriptors and the clock.

use super::{report::Check, server::Running};
use jiff::{Timestamp, tz::TimeZone};
use nix::sys::resource::{Resource, getrlimit};
use poe::config::Config;
use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// What the server needs beside its connections: files, HTTP clients, the console.
const DESCRIPTORS_BESIDE: u64 = 48;
/// No clock that is right shows an earlier year, nor one as far ahead.
const YEARS: std::ops::RangeInclusive<i16> = 2026..=2100;
/// `timedatectl` asks another service, which may hang.
const TIMEDATECTL_WITHIN: Duration = Duration::from_secs(2);

pub(super) fn check(config: &Config, running: &Running) -> Vec<Check> {
    vec![descriptors(config, running), clock()]
}

fn descriptors(config: &Config, running: &Running) -> Check {
    const NAME: &str = "descriptors";
    let wanted = config.max_connections as u64 + DESCRIPTORS_BESIDE;
    // A service has limits of its own.
    let of_server = running.pid().and_then(limit_of);
    let Some(limit) = of_server.or_else(|| getrlimit(Resource::RLIMIT_NOFILE).ok().map(|(_, hard)| hard))
    else {
        return Check::warning(NAME, "the system does not tell", "see `ulimit -n`");
    };
    if limit >= wanted {
        return Check::ok(NAME, format!("the system allows {limit}, and {wanted} are needed"));
    }
    let found =
        format!("the system allows {limit}, and max_connections = {} needs {wanted}", config.max_connections);
    Check::problem(
        NAME,
        found,
        "raise it with LimitNOFILE in the unit, or `ulimit -n`, or lower max_connections",
    )
}

/// The most descriptors that a process may ever have.
fn limit_of(pid: u32) -> Option<u64> {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn clock() -> Check {
    const NAME: &str = "clock";
    let now = Timestamp::now();
    let year = now.to_zoned(TimeZone::UTC).year();
    if !YEARS.contains(&year) {
        return Check::problem(
            NAME,
            format!("it shows the year {year}"),
            "set it, and let the machine follow a time server",
        );
    }
    let time = now.strftime("%Y-%m-%d %H:%M:%S UTC");
    match is_synchronised() {
        Some(true) => Check::ok(NAME, format!("{time}, by a time server")),
        Some(false) => {
            let found = format!("{time}, and the machine follows no time server");
            Check::warning(NAME, found, "let it: `timedatectl set-ntp true`")
        }
        None => Check::ok(NAME, format!("{time}; whether by a time server, this machine does not tell")),
    }
}

/// What systemd says of the clock, where there is systemd.
fn is_synchronised() -> Option<bool> {
    let mut child = Command::new("timedatectl")
        .args(["show", "--property=NTPSynchronized", "--value"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let deadline = Instant::now() + TIMEDATECTL_WITHIN;
    while child.try_wait().ok()?.is_none() {
        if Instant::now() > deadline {
            child.kill().ok();
            child.wait().ok();
            return None;
        }
        thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().ok()?;
    match output.stdout.trim_ascii() {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}
