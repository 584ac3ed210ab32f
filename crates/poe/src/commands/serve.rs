//! `poe serve`: the server, from its settings to its end.

use super::{Done, environment};
use crate::console;
use clap::{ArgMatches, Command};
use nix::sys::signal::{SigSet, Signal};
use poe::{
    Db, DbOptions, Facts, ListenError, Sys,
    config::{self, Config, Console, LogFormat},
};
use poe_api::{Api, BindError, Listeners, Settings};
use std::{
    io::{self, IsTerminal, Write, stdin, stdout},
    net::SocketAddr,
    sync::Arc,
    thread,
    time::Duration,
};
use tracing::{info, warn};
use tracing_subscriber::EnvFilter;

/// Descriptors that the server needs beside those of its nodes: files, HTTP clients, its own.
const DESCRIPTORS_BESIDE: u64 = 400;

pub(crate) fn command() -> Command {
    let command = Command::new("serve").about("Take what the nodes send and keep the table of latest values");
    config::arguments(command).after_help(
        "Every setting can also be given as POE_NAME in the environment or in the configuration file; \
         `poe config example` explains them all.",
    )
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    let loaded = config::load(matches, environment())?;
    let config = loaded.config;
    let printer = console::Printer::default();
    start_log(&config, &printer)?;
    for warning in &loaded.warnings {
        warn!("{warning}");
    }
    let signals = block_stop_signals()?;
    raise_descriptor_limit(&config);

    let db = Db::open_with(DbOptions {
        data_dir: config.data_dir.clone(),
        file: config.db_path(),
        table: config.table.clone(),
    })?;
    let http = config.http.map(bind_http).transpose()?;
    let local = poe_api::bind_local(config.data_dir.join("poe.sock"))?;
    let sys = Arc::new(start(&config, db)?);
    tell_addresses(&sys, http.as_ref().map(poe_api::HttpListener::addr))?;
    let listeners = Listeners { http: http.into_iter().collect(), local: Some(local) };
    let api = Api::start(listeners, Settings::default(), Arc::new(sys.facts()))?;

    let wanted = match config.console {
        Console::On => true,
        Console::Off => false,
        Console::Auto => stdin().is_terminal(),
    };
    let console = wanted
        .then(|| console::start(Arc::clone(&sys), printer, config.data_dir.join("console_history")))
        .transpose()?;
    tell_service_manager(sys.facts())?;

    let signal = signals.wait()?;
    drop(console);
    info!(%signal, "stopping");
    sd_notify::notify(&[sd_notify::NotifyState::Stopping]).ok();
    api.stop();
    sys.stop()?;
    Ok(())
}

fn start(config: &Config, db: Db) -> Result<Sys, poe::StartError> {
    let mut builder = Sys::builder()
        .connections(config.max_connections, config.max_connections_per_address)
        .allow(config.allow.clone())
        .sensors(config.max_sensors)
        .commit_interval(Duration::from_millis(config.commit_interval_ms));
    for address in &config.listen {
        builder = builder.listen(*address);
    }
    for address in &config.udp {
        builder = builder.udp(*address);
    }
    builder.start(db)
}

fn bind_http(address: SocketAddr) -> Result<poe_api::HttpListener, Box<dyn std::error::Error>> {
    poe_api::bind_http(address).map_err(|error| match error {
        BindError::HttpTaken { addr } => {
            ListenError::new("http", "http", addr, io::ErrorKind::AddrInUse.into()).into()
        }
        other => other.into(),
    })
}

/// One line per listener on standard output, for people and for programs that start this one.
fn tell_addresses(sys: &Sys, http: Option<SocketAddr>) -> io::Result<()> {
    let mut out = stdout().lock();
    for address in sys.tcp_addresses() {
        writeln!(out, "listening tcp {address}")?;
    }
    for address in sys.udp_addresses() {
        writeln!(out, "listening udp {address}")?;
    }
    if let Some(address) = http {
        writeln!(out, "listening http {address}")?;
    }
    out.flush()
}

fn start_log(config: &Config, printer: &console::Printer) -> Result<(), Box<dyn std::error::Error>> {
    let filter = EnvFilter::try_new(&config.log)
        .map_err(|cause| format!("log = {:?}: {cause}; try info, or debug, or poe=debug", config.log))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter);
    match config.log_format {
        LogFormat::Json => log.json().with_writer(printer.clone()).init(),
        LogFormat::Text => {
            let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            log.with_ansi(colours).with_target(false).with_writer(printer.clone()).init();
        }
    }
    Ok(())
}

/// A thousand connections need a thousand descriptors, and shells often allow no more than that.
fn raise_descriptor_limit(config: &Config) {
    let needed = config.max_connections as u64 + DESCRIPTORS_BESIDE;
    match poe_sim::raise_descriptor_limit() {
        Ok(limit) if limit < needed => warn!(
            limit,
            needed,
            "the system allows {limit} file descriptors, too few for {} connections; \
             raise the limit (`ulimit -Hn`, LimitNOFILE=) or lower max_connections",
            config.max_connections
        ),
        Ok(_) => {}
        Err(cause) => warn!(%cause, "the limit of file descriptors could not be raised"),
    }
}

/// Keeps the signals that mean "stop" from ending the process at once. Threads started later inherit this, so that
/// the signals wait for [`SigSet::wait`].
fn block_stop_signals() -> nix::Result<SigSet> {
    let signals: SigSet = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP].into_iter().collect();
    signals.thread_block()?;
    Ok(signals)
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

/// Tells systemd that the server is ready and, as often as it wants to hear it, that the engine is alive.
fn tell_service_manager(facts: Facts) -> io::Result<()> {
    sd_notify::notify(&[sd_notify::NotifyState::Ready]).ok();
    let Some(patience) = sd_notify::watchdog_enabled() else { return Ok(()) };
    let watch = move || {
        let mut seen = 0;
        loop {
            thread::sleep(patience / 3);
            let rounds = facts.engine_rounds();
            if rounds != seen {
                seen = rounds;
                sd_notify::notify(&[sd_notify::NotifyState::Watchdog]).ok();
            }
        }
    };
    thread::Builder::new().name("watchdog".into()).spawn(watch).map(drop)
}
