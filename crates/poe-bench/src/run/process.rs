//! A child process that is heard line by line and never outlives its owner.

use crate::failure::{Doing, Failure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// Lines of a child that nobody has asked for. One that says more waits until somebody does, or for ever.
const UNHEARD_MAX: usize = 64;

/// A running child. Dropping it kills it and waits for its end.
pub struct Process {
    name: &'static str,
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    pub fn start(name: &'static str, command: &mut Command) -> Result<Self, Failure> {
        Self::start_hearing(name, command, Stdio::null())
    }

    /// A child that can be spoken to.
    pub fn start_attentive(name: &'static str, command: &mut Command) -> Result<Self, Failure> {
        Self::start_hearing(name, command, Stdio::piped())
    }

    fn start_hearing(name: &'static str, command: &mut Command, stdin: Stdio) -> Result<Self, Failure> {
        let mut child = command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .spawn()
            .doing(|| format!("start the {name}, {}", command.get_program().display()))?;
        let stdout = child.stdout.take().expect("standard output was asked for as a pipe");
        let (told, lines) = mpsc::sync_channel(UNHEARD_MAX);
        thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| told.send(line))
        });
        Ok(Self { name, child, lines })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Types a line.
    pub fn say(&mut self, line: &str) -> Result<(), Failure> {
        let stdin = self.child.stdin.as_mut();
        let stdin = stdin.ok_or_else(|| Failure::new(format!("the {} does not listen", self.name)))?;
        writeln!(stdin, "{line}").doing(|| format!("say {line:?} to the {}", self.name))
    }

    /// What follows `prefix` on the next line that begins with it.
    pub fn line(&self, prefix: &str, within: Duration) -> Result<String, Failure> {
        let until = Instant::now() + within;
        loop {
            let line = self
                .lines
                .recv_timeout(until.saturating_duration_since(Instant::now()))
                .doing(|| format!("hear {prefix:?} from the {} within {within:?}", self.name))?;
            if let Some(rest) = line.strip_prefix(prefix) {
                return Ok(rest.into());
            }
        }
    }

    /// Asks it to end in peace, and waits for that.
    pub fn stop(mut self, within: Duration) -> Result<(), Failure> {
        let pid = Pid::from_raw(self.child.id().cast_signed());
        kill(pid, Signal::SIGTERM).doing(|| format!("stop the {}", self.name))?;
        let until = Instant::now() + within;
        while Instant::now() < until {
            if self.child.try_wait().doing(|| format!("wait for the {}", self.name))?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err(Failure::new(format!("the {} has not stopped within {within:?}", self.name)))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
