//! The real server, seen from outside: its ports, its metrics, its table, its process.

use super::client::Client;
use super::process::Process;
use super::table::Table;
use crate::failure::{Doing, Failure};
use crate::probe;
use serde_json::json;
use std::fs::{self, File};
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// One look at the metrics costs the server some work, so that there is no hurry.
const LOOK_EVERY: Duration = Duration::from_millis(3);
const START_MAX: Duration = Duration::from_secs(10);
const STOP_MAX: Duration = Duration::from_secs(20);
/// The unit of CPU time in `/proc`, the same on every Linux that a program can see.
const TICKS_PER_S: f64 = 100.0;

/// Whether somebody sits at the server's console.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Console {
    Off,
    On,
}

/// A server that listens.
pub struct Server {
    process: Process,
    pub tcp: SocketAddrV4,
    pub http: SocketAddrV4,
    pub db: PathBuf,
    pub local: Client,
}

impl Server {
    pub fn start(
        program: &Path,
        data: &Path,
        connections_max: u32,
        console: Console,
        flags: &[&str],
    ) -> Result<Self, Failure> {
        let process = Self::spawn(program, data, "127.0.0.1:0", connections_max, console, flags)?;
        let address = |kind| -> Result<SocketAddrV4, Failure> {
            let said = process.line(&format!("listening {kind} "), START_MAX).map_err(|failure| {
                let log = fs::read_to_string(log_beside(data)).unwrap_or_default();
                let last = log.lines().last().unwrap_or("nothing");
                Failure::new(format!("{}; the last it logged: {last}", failure.chain()))
            })?;
            said.parse().doing(|| format!("understand where the server listens, {said}"))
        };
        let (tcp, http) = (address("tcp")?, address("http")?);
        Ok(Self { process, tcp, http, db: table_in(data), local: Client::local(data) })
    }

    pub fn spawn(
        program: &Path,
        data: &Path,
        listen: &str,
        connections_max: u32,
        console: Console,
        flags: &[&str],
    ) -> Result<Process, Failure> {
        let log = log_beside(data);
        let log = File::create(&log).doing(|| format!("create {}", log.display()))?;
        let mut command = Command::new(program);
        command.args(["serve", "--listen", listen, "--http", "127.0.0.1:0"]);
        command.args(["--notify-allow", "127.0.0.0/8"]).arg("--data-dir").arg(data);
        command.args(["--max-connections", &connections_max.to_string()]).args(flags).stderr(log);
        match console {
            Console::Off => Process::start("server", command.args(["--console", "off"])),
            Console::On => Process::start_attentive("server", command.args(["--console", "on"])),
        }
    }

    /// A client in the network with a token of this role, of which there is one.
    pub fn by_network(&self, role: &str) -> Result<Client, Failure> {
        // A server that is started again, or by another run, knows the tokens of the time before.
        static NTH: AtomicU32 = AtomicU32::new(0);
        let name = format!("bench-{}-{}", std::process::id(), NTH.fetch_add(1, Ordering::Relaxed));
        let made = self.local.post("/api/v1/tokens", &json!({ "name": name, "role": role }))?;
        let token = made["token"].as_str().ok_or_else(|| Failure::new(format!("no token in {made}")))?;
        Ok(Client::Network { server: self.http, token: Some(token.to_owned()) })
    }

    /// Types a line at its console.
    pub fn say(&mut self, line: &str) -> Result<(), Failure> {
        self.process.say(line)
    }

    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    pub fn stop(self) -> Result<(), Failure> {
        self.process.stop(STOP_MAX)
    }

    /// Ends it as a power cut would.
    pub fn kill(self) {
        drop(self.process);
    }

    /// Frames that meant something, so far.
    pub fn frames(&self) -> Result<u64, Failure> {
        self.metric(r#"poe_frames_total{result="valid"}"#).map(|frames| frames as u64)
    }

    pub fn connections(&self) -> Result<u64, Failure> {
        self.metric("poe_connections").map(|connections| connections as u64)
    }

    /// Waits until so many frames are counted, and returns how many are, should it take too long.
    pub fn await_frames(&self, frames: u64, within: Duration) -> Result<u64, Failure> {
        let until = Instant::now() + within;
        loop {
            let counted = self.frames()?;
            if counted >= frames || Instant::now() > until {
                return Ok(counted);
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits until so many readings are in the history, and returns how many are, should it take too long.
    pub fn await_history(&self, readings: u64, within: Duration) -> Result<u64, Failure> {
        let until = Instant::now() + within;
        loop {
            let kept = self.metric("poe_history_readings_total")? as u64;
            if kept >= readings || Instant::now() > until {
                return Ok(kept);
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits until the file holds exactly the expected table, and tells when it did.
    pub fn await_table(&self, expected: &Table, within: Duration) -> Result<SystemTime, Failure> {
        let file = probe::open(&self.db)?;
        let until = Instant::now() + within;
        loop {
            let wrong = expected.differences(&Table::read(&file)?);
            let now = SystemTime::now();
            if wrong == 0 {
                return Ok(now);
            }
            if Instant::now() > until {
                let rows = expected.len();
                return Err(Failure::new(format!("{wrong} of {rows} rows are wrong in the server's table")));
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    pub fn resident_bytes(&self) -> Result<u64, Failure> {
        resident_bytes_of(self.pid())
    }

    pub fn peak_resident_bytes(&self) -> Result<u64, Failure> {
        self.status("VmHWM:")
    }

    /// CPU time of all its threads since its start.
    pub fn cpu_seconds(&self) -> Result<f64, Failure> {
        let stat = proc(self.pid(), "stat")?;
        let ticks = || {
            // The program's name, in brackets, may hold spaces; the fields that count come after it.
            let (_, fields) = stat.rsplit_once(')')?;
            let mut user_and_system = fields.split_whitespace().skip(11).map(str::parse::<f64>);
            Some(user_and_system.next()?.ok()? + user_and_system.next()?.ok()?)
        };
        ticks().map(|ticks| ticks / TICKS_PER_S).ok_or_else(|| Failure::new(format!("no CPU time in {stat}")))
    }

    fn status(&self, name: &str) -> Result<u64, Failure> {
        status(self.pid(), name)
    }

    /// All metrics, as they are told to anybody on this machine.
    pub fn metrics(&self) -> Result<String, Failure> {
        Client::Network { server: self.http, token: None }.text("/metrics")
    }

    /// The value after this name, labels and all; a counter that nothing has moved yet may be missing.
    pub fn metric(&self, name: &str) -> Result<f64, Failure> {
        let page = self.metrics()?;
        let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(Ok(0.0), |value| value.trim().parse().doing(|| format!("read {name} {value}")))
    }
}

/// The memory that a process has at the moment.
pub fn resident_bytes_of(pid: u32) -> Result<u64, Failure> {
    status(pid, "VmRSS:")
}

fn status(pid: u32, name: &str) -> Result<u64, Failure> {
    let status = proc(pid, "status")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok())
        .map(|kib| kib * 1024)
        .ok_or_else(|| Failure::new(format!("no {name} in the server's status")))
}

fn proc(pid: u32, file: &str) -> Result<String, Failure> {
    let path = format!("/proc/{pid}/{file}");
    fs::read_to_string(&path).doing(|| format!("read {path}"))
}

/// The file with the table that others read.
pub fn table_in(data: &Path) -> PathBuf {
    data.join("poe.db")
}

fn log_beside(data: &Path) -> PathBuf {
    data.with_extension("log")
}
