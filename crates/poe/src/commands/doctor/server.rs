//! Whether a server runs on the folder, and whether it answers.

use super::report::Check;
use nix::fcntl::{Flock, FlockArg};
use poe::config::Config;
use poe_api::client::Client;
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

/// A server that is well answers within milliseconds.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// The server that works on the folder, if there is one.
pub(super) struct Running {
    /// Its process, as far as it is known.
    pid: Option<u32>,
    has_lock: bool,
    socket: PathBuf,
}

impl Running {
    pub(super) fn find(config: &Config) -> Self {
        let lock = config.data_dir.join("poe.lock");
        let has_lock = is_locked(&lock);
        let pid = fs::read_to_string(&lock).ok().and_then(|text| text.trim().parse().ok());
        Self { pid: pid.filter(|_| has_lock), has_lock, socket: config.data_dir.join("poe.sock") }
    }

    /// Whether somebody works on the folder.
    pub(super) fn is_there(&self) -> bool {
        self.has_lock
    }

    /// Its process.
    pub(super) fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Asks it something, if it is there.
    pub(super) fn ask(&self, path: &str) -> Option<Value> {
        if self.has_lock { Client::local(&self.socket).get(path).ok() } else { None }
    }

    /// Whether it is well.
    pub(super) fn check(&self) -> Vec<Check> {
        const NAME: &str = "server";
        if !self.has_lock {
            return vec![Check::ok(NAME, "none runs on this folder")];
        }
        let who = self.pid.map_or_else(|| "a process".to_owned(), |pid| format!("process {pid}"));
        let check = match ready(&self.socket) {
            Ok((200, _)) => Check::ok(NAME, format!("{who} runs, and is ready")),
            Ok((_, reasons)) => {
                let reasons =
                    if reasons.is_empty() { "it does not say why".to_owned() } else { reasons.join("; ") };
                Check::problem(
                    NAME,
                    format!("{who} runs and is not ready: {reasons}"),
                    "see its log, and the lines below",
                )
            }
            Err(cause) => {
                let found = format!(
                    "{who} has the folder, and does not answer at {}: {cause}",
                    self.socket.display()
                );
                Check::problem(
                    NAME,
                    found,
                    "wait if it starts or stops; else see its log, and start it again",
                )
            }
        };
        vec![check]
    }
}

/// Whether another process has the lock. It is asked for together with others, and given back at once.
fn is_locked(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    Flock::lock(file, FlockArg::LockSharedNonblock).is_err()
}

/// The status that the server gives itself, and the reasons if it is not ready.
fn ready(socket: &Path) -> io::Result<(u16, Vec<String>)> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
    stream.set_write_timeout(Some(ANSWERS_WITHIN))?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(1 << 20).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("it does not speak HTTP"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.lines().skip(1).map(str::to_owned).collect()))
}
