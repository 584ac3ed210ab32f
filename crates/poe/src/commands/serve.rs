//! `poe serve`: the server, from its settings to its end.

mod web;

use super::{Done, environment};
use crate::{console, demo, memory, process};
use clap::{Arg, ArgAction, ArgMatches, Command};
use poe::{
    Db, DbOptions, ListenError, Sys,
    config::{self, Config, Console, LogFormat},
};
use poe_api::{Api, BindError, Limits, Listeners, Server as _, Settings, SetupToken, tls::Identity};
use std::{
    fs::File,
    io::{self, IsTerminal, Write, stdin, stdout},
    net::SocketAddr,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tracing::{info, warn};
use tracing_subscriber::EnvFilter;
use web::WebAddress;

pub(crate) fn command() -> Command {
    let command = Command::new("serve").about("Take what the nodes send and keep the table of latest values");
    let demo = Arg::new("demo").long("demo").action(ArgAction::SetTrue).help(
        "A building that is made up, with plans, a past, and nodes that are simulated, in a folder of its own: data-demo, unless \
         --data-dir says another. It listens to nodes of this machine alone, unless --listen says more.",
    );
    config::arguments(command).arg(demo).after_help(
        "Every setting can also be given as POE_NAME in the environment or in the configuration file; \
         `poe config example` explains them all.",
    )
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    memory::give_back_large_buffers();
    let mut loaded = config::load(matches, environment())?;
    let demo = matches.get_flag("demo").then(|| demo::claim(&mut loaded)).transpose()?;
    if demo.is_none() {
        demo::refuse_as_real(&loaded.config.data_dir)?;
    }
    let tls = loaded.tls()?;
    let config = loaded.config;
    let printer = console::Printer::default();
    start_log(&config, &printer)?;
    for warning in &loaded.warnings {
        warn!("{warning}");
    }
    let tls = tls.map(Identity::load).transpose()?.map(Arc::new);
    let signals = process::block_stop_signals()?;
    let http_room = process::raise_descriptor_limit(config.max_connections);

    if let Some(demo) = &demo {
        demo.fill(&config)?;
    }
    let db = Db::open_with(DbOptions {
        data_dir: config.data_dir.clone(),
        file: config.db_path(),
        table: config.table.clone(),
    })?;
    let http = config.http.map(bind_http).transpose()?;
    let (path, _folder) = local_socket(&config.data_dir)?;
    let local = poe_api::bind_local(path)?;
    let sys = Arc::new(start(&config, http.as_ref().map(poe_api::HttpListener::addr), db)?);
    let (file, table, known) = (config.db_path(), &config.table, sys.sensors().len());
    info!("latest values are in {}, table {table}; {known} are known", file.display());
    let web = http.as_ref().map(|http| WebAddress::new(http.addr(), &config, tls.is_some()));
    // Before anybody is told that we listen, so that they find the file.
    let setup = setup_token(&config, &sys, web.as_ref());
    let listeners = Listeners { http: http.into_iter().collect(), local: Some(local) };
    let (host_names, behind_proxy) = (config.host_names.clone(), config.behind_proxy);
    let limits = Limits::default();
    let limits = Limits { connections_max: limits.connections_max.min(http_room), ..limits };
    let settings = Settings { host_names, tls, behind_proxy, setup, demo: demo.is_some(), limits };
    let api = Api::start(listeners, settings, Arc::new(sys.facts()))?;
    // Only now, since a crowd of nodes could take the descriptors that the API needs to begin.
    tell_addresses(&sys, web.as_ref());
    let demo = demo.map(|_| demo::Nodes::start(sys.tcp_addresses())).transpose()?;

    let wanted = match config.console {
        Console::On => true,
        Console::Off => false,
        Console::Auto => stdin().is_terminal(),
    };
    let console = wanted
        .then(|| console::start(Arc::clone(&sys), printer, config.data_dir.join("console_history")))
        .transpose()?;
    process::tell_service_manager(sys.facts())?;
    process::end_if_a_part_fails(&sys)?;

    let signal = signals.wait()?;
    drop((console, demo));
    info!(%signal, "stopping");
    process::tell_service_manager_of_the_end();
    api.stop();
    sys.stop()?;
    Ok(())
}

fn start(config: &Config, http: Option<SocketAddr>, db: Db) -> Result<Sys, poe::StartError> {
    let mut builder = Sys::builder()
        .connections(config.max_connections, config.max_connections_per_address)
        .allow(config.allow.clone())
        .sensors(config.max_sensors)
        .nodes(config.max_nodes)
        .notify_allow(config.notify_allow.clone())
        .history(config.retention())
        .commit_interval(Duration::from_millis(config.commit_interval_ms));
    for address in &config.listen {
        builder = builder.listen(*address);
    }
    for address in &config.udp {
        builder = builder.udp(*address);
    }
    if let Some(address) = http {
        builder = builder.served_beside(address);
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

/// One line per listener on standard output, for people and for programs that start this one. The last says what to open.
fn tell_addresses(sys: &Sys, web: Option<&WebAddress>) {
    let tcp = sys.tcp_addresses().iter().map(|address| format!("listening tcp {address}\n"));
    let udp = sys.udp_addresses().iter().map(|address| format!("listening udp {address}\n"));
    let http = web.map(|web| format!("listening {}\ndashboard {}\n", web.listening, web.url));
    let lines: String = tcp.chain(udp).chain(http).collect();
    // Nobody may be reading, and the server serves all the same.
    let mut out = stdout().lock();
    out.write_all(lines.as_bytes()).and_then(|()| out.flush()).ok();
}

/// The token that the first account is made with, if there is none yet and people can reach a page. Standard output is for
/// programs, too, and what they keep others read: there it is told to a terminal only.
fn setup_token(config: &Config, sys: &Sys, web: Option<&WebAddress>) -> Option<Arc<SetupToken>> {
    let is_wanted = config.http.is_some() && sys.facts().board().access().is_new();
    let made = if is_wanted {
        SetupToken::make(&config.data_dir).map(Some)
    } else {
        SetupToken::remove_left_over(&config.data_dir).map(|()| None)
    };
    let token = made.unwrap_or_else(|cause| {
        let folder = config.data_dir.display();
        warn!("the file setup-token in {folder} could not be changed: {cause}; `poe user add` makes accounts as well");
        None
    })?;
    info!(
        "there is no account yet: the token in {} makes the first one, within 30 minutes",
        token.file().display()
    );
    if stdout().is_terminal() {
        let mut lines = format!("setup token {}\n", token.text());
        if let Some(web) = web {
            lines += &format!("setup link {}\n", web.setup(token.text()));
        }
        let mut out = stdout().lock();
        out.write_all(lines.as_bytes()).and_then(|()| out.flush()).ok();
    }
    Some(token)
}

/// Where the local socket goes. The system takes no path longer than 107 bytes; a longer one is named by way of the
/// folder's descriptor, which must be kept open.
fn local_socket(data_dir: &Path) -> io::Result<(PathBuf, Option<File>)> {
    const NAME: &str = "poe.sock";
    const PATH_BYTES_MAX: usize = 107;
    let path = data_dir.join(NAME);
    if path.as_os_str().len() <= PATH_BYTES_MAX {
        return Ok((path, None));
    }
    let folder = File::open(data_dir)?;
    Ok((PathBuf::from(format!("/proc/self/fd/{}/{NAME}", folder.as_raw_fd())), Some(folder)))
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
