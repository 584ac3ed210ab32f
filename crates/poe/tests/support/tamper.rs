//! System calls that fail, wait or kill, as strace has it: from a program's start, or from any later moment.

use super::{PATIENCE, Setup};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How soon strace ends when it is asked to.
const LETS_GO_WITHIN: Duration = Duration::from_secs(2);

/// A setup whose system calls are tampered with as strace has it, and where strace tells what it did.
pub fn tampered(setup: &Setup, inject: &str) -> (Setup, PathBuf) {
    let log = setup.scratch().join("strace.log");
    fs::remove_file(&log).ok();
    // Only the calls in question stop the program then, which is much faster; but a signal would never come.
    let fast = (!inject.contains("signal=")).then_some("--seccomp-bpf");
    let words = ["strace", "-f"].into_iter().chain(fast).chain(["-o"]).map(OsString::from);
    let rest = ["-e".into(), format!("trace={}", calls(inject)), "-e".into(), format!("inject={inject}")];
    let prefix = words.chain([log.clone().into()]).chain(rest.map(OsString::from));
    (setup.clone().prefix(prefix), log)
}

/// Whether it has happened, as strace tells.
pub fn injected(log: &Path) -> bool {
    fs::read_to_string(log).unwrap_or_default().contains("(INJECTED)")
}

/// A program that runs is tampered with, until this is dropped.
pub struct Tampering {
    strace: Child,
    log: PathBuf,
}

impl Tampering {
    /// Begins with the next call of any thread that there is.
    #[track_caller]
    pub fn begin(setup: &Setup, pid: u32, inject: &str) -> Self {
        let log = setup.scratch().join("strace-attached.log");
        fs::remove_file(&log).ok();
        let strace = Command::new("strace")
            .args(["-f", "-q", "-o"])
            .arg(&log)
            .args(["-e", &format!("trace={}", calls(inject)), "-e", &format!("inject={inject}")])
            .args(["-p", &pid.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let tampering = Self { strace, log };
        let begun = Instant::now();
        while !is_traced(pid) {
            assert!(begun.elapsed() < PATIENCE, "strace does not get hold of the program");
            thread::sleep(Duration::from_millis(2));
        }
        tampering
    }

    /// Whether it has done anything yet.
    pub fn has_struck(&self) -> bool {
        injected(&self.log)
    }
}

impl Drop for Tampering {
    fn drop(&mut self) {
        // Asked to end, it lets the program go as it is.
        kill(Pid::from_raw(self.strace.id() as i32), Signal::SIGTERM).ok();
        let deadline = Instant::now() + LETS_GO_WITHIN;
        while matches!(self.strace.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                // A thread of a program that was killed is held to the end of its wait.
                self.strace.kill().ok();
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// The calls that an injection is about.
fn calls(inject: &str) -> &str {
    inject.split(':').next().expect("a split has a first part")
}

/// Whether somebody traces every thread of the program.
fn is_traced(pid: u32) -> bool {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return true };
    let untraced = |task: fs::DirEntry| {
        let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
        status.lines().any(|line| line == "TracerPid:\t0")
    };
    !tasks.flatten().any(untraced)
}
