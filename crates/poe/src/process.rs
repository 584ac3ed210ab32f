//! What the process owes the system and whoever started it: descriptors, signals, output, and a sign of life.

use nix::{
    sys::signal::{self, SigSet, Signal},
    unistd::Pid,
};
use poe::{Facts, Sys};
use sd_notify::NotifyState;
use std::{
    fs,
    io::{self, Write},
    sync::Arc,
    thread,
    time::Duration,
};
use tracing::{error, warn};

/// Descriptors that the server needs beside those of nodes and HTTP clients: files, its own.
const DESCRIPTORS_BESIDE: u64 = 144;
/// HTTP clients that are served in any case: every screen of a building several times over.
const HTTP_CLIENTS_LEAST: u64 = 256;

/// A thousand connections need a thousand descriptors, and shells often allow no more than that. Returns for how many
/// HTTP clients there is room, so that they never take what nodes need.
pub(crate) fn raise_descriptor_limit(connections: usize) -> usize {
    let needed = connections as u64 + HTTP_CLIENTS_LEAST + DESCRIPTORS_BESIDE;
    let mut room = HTTP_CLIENTS_LEAST;
    match poe_sim::raise_descriptor_limit() {
        Ok(limit) if limit < needed => warn!(
            limit,
            needed,
            "the system allows {limit} file descriptors, too few for {connections} connections; \
             raise the limit (`ulimit -Hn`, LimitNOFILE=) or lower max_connections"
        ),
        Ok(limit) => room += limit - needed,
        Err(cause) => warn!(%cause, "the limit of file descriptors could not be raised"),
    }
    usize::try_from(room).unwrap_or(usize::MAX)
}

/// Keeps the signals that mean "stop" from ending the process at once. Threads started later inherit this, so that
/// the signals wait for [`SigSet::wait`].
pub(crate) fn block_stop_signals() -> nix::Result<SigSet> {
    let mut signals: SigSet = [Signal::SIGTERM, Signal::SIGINT].into_iter().collect();
    // `nohup` has us ignore the end of the terminal. A signal that we block and wait for is ignored no longer.
    if !is_ignored(Signal::SIGHUP) {
        signals.add(Signal::SIGHUP);
    }
    signals.thread_block()?;
    Ok(signals)
}

/// Whether the process ignores a signal, from the `SigIgn: 0000000000000001` of /proc. Where there is no /proc, it
/// counts as heeded.
fn is_ignored(signal: Signal) -> bool {
    let ignored = fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    });
    // The lowest bit is signal 1.
    ignored.is_some_and(|mask| mask >> (signal as u32 - 1) & 1 == 1)
}

/// Prints to standard output. A reader that has seen enough and gone away, as `head` does, is no failure.
pub(crate) fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(|cause| format!("could not print to standard output: {cause}")),
    }
}

/// Calls back once, at the first signal that means "stop".
pub(crate) fn on_stop_signal(stop: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let signals = block_stop_signals()?;
    let wait = move || {
        if signals.wait().is_ok() {
            stop();
        }
    };
    thread::Builder::new().name("signals".into()).spawn(wait).map(drop)
}

/// A server whose engine or recorder has failed must not look alive: it ends, with the reason, and whoever started it
/// can start it again.
pub(crate) fn end_if_a_part_fails(sys: &Arc<Sys>) -> io::Result<()> {
    let sys = Arc::downgrade(sys);
    let watch = move || {
        while let Some(sys) = sys.upgrade() {
            if sys.has_failed() {
                error!("a part of the server has failed; it ends");
                signal::kill(Pid::this(), Signal::SIGTERM).ok();
                return;
            }
            drop(sys);
            thread::sleep(Duration::from_secs(1));
        }
    };
    thread::Builder::new().name("guard".into()).spawn(watch).map(drop)
}

/// Tells systemd that the server is ready and, as often as it wants to hear it, that the engine is alive.
pub(crate) fn tell_service_manager(facts: Facts) -> io::Result<()> {
    sd_notify::notify(&[NotifyState::Ready]).ok();
    let Some(patience) = sd_notify::watchdog_enabled() else { return Ok(()) };
    let watch = move || {
        let mut seen = 0;
        loop {
            thread::sleep(patience / 3);
            let rounds = facts.engine_rounds();
            if rounds != seen {
                seen = rounds;
                sd_notify::notify(&[NotifyState::Watchdog]).ok();
            }
        }
    };
    thread::Builder::new().name("watchdog".into()).spawn(watch).map(drop)
}

/// Tells systemd that the server is stopping because it was asked to.
pub(crate) fn tell_service_manager_of_the_end() {
    sd_notify::notify(&[NotifyState::Stopping]).ok();
}
