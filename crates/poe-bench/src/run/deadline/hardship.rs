//! What can stand still around an alarm: the disk, and somebody who follows and does not read.

use crate::failure::{Doing, Failure};
use crate::run::client::{Client, Stream};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::io::BufReader;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Each sync of the recorder begins so much later, in microseconds.
const SYNC_DELAY_US: u32 = 5_000_000;
const ATTACHING_MAX: Duration = Duration::from_secs(5);

/// The syncs of one of the server's threads take long, until this is dropped.
pub struct SlowDisk {
    strace: Child,
}

impl SlowDisk {
    /// For its recorder.
    pub fn of(server: u32, folder: &Path) -> Result<Self, Failure> {
        Self::of_thread(server, "recorder", SYNC_DELAY_US, folder)
    }

    /// For the thread of this name: each sync begins so many microseconds late.
    pub fn of_thread(server: u32, name: &str, delay_us: u32, folder: &Path) -> Result<Self, Failure> {
        let thread = thread_called(server, name)?;
        let strace = Command::new("strace")
            .arg("-qo")
            .arg(folder.join("strace.log"))
            .args(["-e", "trace=fdatasync,fsync", "-e"])
            .arg(format!("inject=fdatasync,fsync:delay_enter={delay_us}"))
            .args(["-p", &thread.to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .doing(|| "start strace; is it installed?".into())?;
        let slow = Self { strace };
        let began = Instant::now();
        while !is_traced(server, thread) {
            if began.elapsed() > ATTACHING_MAX {
                return Err(Failure::new(format!("strace does not get hold of the server's {name}")));
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(slow)
    }
}

impl Drop for SlowDisk {
    fn drop(&mut self) {
        // Asked to end, it lets the server go as it is; it may have ended with the server.
        let _ = kill(Pid::from_raw(self.strace.id().cast_signed()), Signal::SIGTERM);
        for _ in 0..100 {
            if !matches!(self.strace.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        // It waits for the end of a delay in a process that was killed meanwhile.
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}

/// A client that asks for everything that happens and reads none of it.
pub struct DeafFollower {
    _stream: BufReader<Stream>,
}

impl DeafFollower {
    pub fn follow(client: &Client) -> Result<Self, Failure> {
        Ok(Self { _stream: client.follow()? })
    }
}

fn thread_called(server: u32, wanted: &str) -> Result<u32, Failure> {
    let tasks = format!("/proc/{server}/task");
    let threads = fs::read_dir(&tasks).doing(|| format!("read {tasks}"))?;
    let is_it = |thread: &fs::DirEntry| {
        fs::read_to_string(thread.path().join("comm")).is_ok_and(|name| name.trim() == wanted)
    };
    let thread = threads.flatten().find(is_it);
    let number = thread.and_then(|thread| thread.file_name().to_str()?.parse().ok());
    number.ok_or_else(|| Failure::new(format!("the server has no thread called {wanted}")))
}

fn is_traced(server: u32, thread: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{server}/task/{thread}/status")).unwrap_or_default();
    status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|tracer| tracer.trim() != "0"))
}
