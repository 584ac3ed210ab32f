//! The bench: where the server, the ceiling and the nodes are started.

use super::process::Process;
use super::server::{Console, Server};
use super::table::{self, Table};
use crate::failure::{Doing, Failure};
use crate::json;
use crate::load::{Pattern, Total};
use std::collections::HashMap;
use std::env;
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// The longest that any load of a bar may send, beyond what its frames take at their rate.
const LOAD_MAX: Duration = Duration::from_secs(60);
/// Frames a second that nodes manage at least when they send as fast as they can.
const FLAT_OUT_MIN: u32 = 1_000_000;
const CONNECTING_MAX: Duration = Duration::from_secs(30);

/// What all bars share.
pub struct Lab {
    this_program: PathBuf,
    server: PathBuf,
    dir: PathBuf,
    pub rounds: u32,
    /// What takes long or much takes only one of so many parts: a trial.
    pub brief: u32,
    /// Folders with stored readings stay, and those that are there are used.
    pub keep: bool,
}

impl Lab {
    /// For a full run, in which nothing is kept.
    pub fn new(server: Option<PathBuf>, dir: PathBuf, rounds: u32) -> Result<Self, Failure> {
        let this_program = env::current_exe().doing(|| "find this program".into())?;
        let server = server.unwrap_or_else(|| this_program.with_file_name("poe"));
        if server.exists() {
            Ok(Self { this_program, server, dir, rounds, brief: 1, keep: false })
        } else {
            let server = server.display();
            Err(Failure::new(format!("there is no {server}; try `cargo build --release -p poe` first")))
        }
    }

    /// Another program that is built beside this one, if it is there.
    pub fn program(&self, name: &str) -> Result<PathBuf, Failure> {
        let program = self.this_program.with_file_name(name);
        let missing = || Failure::new(format!("there is no {}", program.display()));
        program.exists().then(|| program.clone()).ok_or_else(missing)
    }

    /// A command of the server's program.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.server);
        command.arg(name);
        command
    }

    /// Where folders are made.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A folder that goes when it is dropped.
    pub fn folder(&self) -> Result<TempDir, Failure> {
        tempfile::Builder::new()
            .prefix("poe-bench-")
            .tempdir_in(&self.dir)
            .doing(|| format!("make a folder in {}", self.dir.display()))
    }

    /// The real server, on ports of its choice.
    pub fn server(&self, data: &Path, connections_max: u32) -> Result<Server, Failure> {
        Server::start(&self.server, data, connections_max, Console::Off, &[])
    }

    /// The real server with these settings beside.
    pub fn server_with(&self, data: &Path, connections_max: u32, flags: &[&str]) -> Result<Server, Failure> {
        Server::start(&self.server, data, connections_max, Console::Off, flags)
    }

    /// The real server, with somebody at its console.
    pub fn server_with_console(&self, data: &Path, connections_max: u32) -> Result<Server, Failure> {
        Server::start(&self.server, data, connections_max, Console::On, &[])
    }

    /// The real server on this port, not yet heard from.
    pub fn spawn_server(&self, data: &Path, listen: SocketAddrV4) -> Result<Process, Failure> {
        Server::spawn(&self.server, data, &listen.to_string(), 100, Console::Off, &[])
    }

    /// The ceiling, and where it listens. With a log, it keeps everything in it.
    pub fn ceiling(&self, log: Option<&Path>) -> Result<(Process, SocketAddrV4), Failure> {
        let mut command = Command::new(&self.this_program);
        command.args(["ceiling", "--port", "0", "--threads", "2", "--seconds", "600"]);
        if let Some(log) = log {
            command.arg("--log").arg(log);
        }
        let process = Process::start("ceiling", &mut command)?;
        let addr = process.line("listening tcp ", Duration::from_secs(5))?;
        let addr = addr.parse().doing(|| format!("understand where the ceiling listens, {addr}"))?;
        Ok((process, addr))
    }

    /// Nodes that connect and send.
    pub fn load(&self, addr: SocketAddrV4, nodes: &Nodes) -> Result<Load, Failure> {
        let folder = self.folder()?;
        let mut command = Command::new(&self.this_program);
        command.arg("load").args(["--addr", &addr.to_string()]);
        for (name, value) in [
            ("--clients", nodes.count),
            // One alone comes from 127.0.0.1, where no node of another load is.
            ("--ips", if nodes.count == 1 { 0 } else { nodes.count }),
            ("--ids", nodes.sensors),
            ("--frames-per-client", nodes.frames_each),
            ("--batch", nodes.batch),
            ("--threads", nodes.threads),
            ("--max-seconds", nodes.sending_max().as_secs() as u32),
        ] {
            command.args([name, &value.to_string()]);
        }
        command.args(["--pattern", &nodes.pattern.to_string()]);
        match nodes.pace {
            Pace::FlatOut => &mut command,
            Pace::Rate(frames_per_s) => command.args(["--rate", &frames_per_s.to_string()]),
            Pace::BeatMs(every) => command.args(["--beat-ms", &every.to_string()]),
            Pace::Hold(seconds) => command.args(["--hold", &seconds.to_string()]),
        };
        command.arg("--expect").arg(folder.path().join("expected"));
        let load = Load { process: Process::start("load", &mut command)?, folder, wants: *nodes };
        load.await_connections()?;
        Ok(load)
    }
}

/// How many nodes, and what they do. Each has an address of its own.
#[derive(Clone, Copy)]
pub struct Nodes {
    pub count: u32,
    pub sensors: u32,
    pub frames_each: u32,
    pub batch: u32,
    pub threads: u32,
    pub pace: Pace,
    pub pattern: Pattern,
}

impl Nodes {
    pub fn frames(&self) -> u64 {
        u64::from(self.count) * u64::from(self.frames_each)
    }

    /// After which nothing is sent any more.
    fn sending_max(&self) -> Duration {
        let rate = match self.pace {
            Pace::Rate(frames_per_s) => frames_per_s,
            Pace::FlatOut => FLAT_OUT_MIN,
            Pace::BeatMs(_) | Pace::Hold(_) => return LOAD_MAX,
        };
        LOAD_MAX + Duration::from_secs(self.frames() / u64::from(rate))
    }
}

/// How fast they send, or how many seconds they stay when there is nothing to send.
#[derive(Clone, Copy)]
pub enum Pace {
    FlatOut,
    Rate(u32),
    BeatMs(u32),
    Hold(u32),
}

/// Nodes that are connected. They send on their own from here.
pub struct Load {
    process: Process,
    folder: TempDir,
    wants: Nodes,
}

impl Load {
    fn await_connections(&self) -> Result<(), Failure> {
        let connected = self.process.line("CONNECTED ", CONNECTING_MAX)?;
        let wanted = self.wants.count;
        if connected.starts_with(&format!("{wanted} ")) {
            Ok(())
        } else {
            Err(Failure::new(format!("of {wanted} nodes only some could connect: {connected}")))
        }
    }

    /// Waits until everything is sent.
    pub fn finish(&self) -> Result<Sent, Failure> {
        let line = self.process.line("{", self.wants.sending_max() + Duration::from_secs(10))?;
        let number = |name| {
            json::number(&line, name).ok_or_else(|| Failure::new(format!("the load told no {name}: {line}")))
        };
        let (frames, lost_nodes) = (number("frames_sent")? as u64, number("dead_connections")?);
        if frames != self.wants.frames() || lost_nodes > 0.0 {
            let all = self.wants.frames();
            return Err(Failure::new(format!(
                "the nodes could send {frames} of {all} frames, and {lost_nodes} lost their connection"
            )));
        }
        let began = UNIX_EPOCH + Duration::from_secs_f64(number("started_at")?);
        Ok(Sent { began, frames_per_s: number("frames_per_s")? })
    }

    /// The table that a correct server holds once everything has come.
    pub fn expected(&self) -> Result<Table, Failure> {
        Table::expected(&self.folder.path().join("expected"))
    }

    /// What a correct history has of each sensor then.
    pub fn totals(&self) -> Result<HashMap<String, Total>, Failure> {
        table::totals(&self.folder.path().join("expected"))
    }
}

/// When the first byte went out, and how fast the others followed.
pub struct Sent {
    pub began: SystemTime,
    pub frames_per_s: f64,
}
