//! How the program is started.

use super::{POE, Server};
use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::Arc,
};
use tempfile::TempDir;

/// How a server is to be started. It owns the data folder, so that a second start finds what the first one left.
#[derive(Clone, Debug)]
pub struct Setup {
    folder: Arc<TempDir>,
    data_dir: PathBuf,
    db: Option<PathBuf>,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    prefix: Vec<OsString>,
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

impl Setup {
    /// A fresh folder, loopback, free ports, no console.
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let data_dir = folder.path().join("data");
        Self {
            folder: Arc::new(folder),
            data_dir,
            db: None,
            args: Vec::new(),
            env: Vec::new(),
            prefix: Vec::new(),
        }
    }

    /// One more argument of `poe serve`. `--listen` and `--http` take the place of the free ports.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// More arguments of `poe serve`.
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable of the environment.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The command that starts the program, such as `["strace", "-f"]` or `["prlimit", "--nofile=40"]`.
    pub fn prefix<A: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = A>) -> Self {
        self.prefix = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
        self
    }

    /// Keeps the data elsewhere, for example on a file system that is about to fail.
    pub fn data_dir(mut self, path: impl AsRef<Path>) -> Self {
        path.as_ref().clone_into(&mut self.data_dir);
        self
    }

    /// Keeps the table in this file (`--db`).
    pub fn db(mut self, path: impl AsRef<Path>) -> Self {
        self.db = Some(path.as_ref().to_owned());
        self
    }

    /// Where the data is.
    pub fn data_path(&self) -> &Path {
        &self.data_dir
    }

    /// The SQLite file with the table.
    pub fn db_path(&self) -> PathBuf {
        self.db.clone().unwrap_or_else(|| self.data_dir.join("poe.db"))
    }

    /// A folder for whatever else the test needs; it goes with the last copy of this setup.
    pub fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the server and waits until it listens.
    #[track_caller]
    pub fn start(&self) -> Server {
        self.try_start().unwrap_or_else(|failed| panic!("the server did not start: {failed:?}"))
    }

    /// Starts the server; if it ends before it listens, tells how.
    pub fn try_start(&self) -> Result<Server, Ended> {
        let given = |flag: &str| self.args.iter().filter(|arg| *arg == flag).count();
        let mut args: Vec<OsString> = vec!["serve".into(), "--data-dir".into(), self.data_dir.clone().into()];
        if given("--console") == 0 {
            args.extend(["--console".into(), "off".into()]);
        }
        if given("--listen") == 0 {
            args.extend(["--listen".into(), "127.0.0.1:0".into()]);
        }
        if given("--http") == 0 {
            args.extend(["--http".into(), "127.0.0.1:0".into()]);
        }
        if let Some(db) = &self.db {
            args.extend(["--db".into(), db.clone().into()]);
        }
        args.extend(self.args.iter().cloned());
        let without =
            |flag: &str, value: &str| self.args.windows(2).any(|two| two[0] == flag && two[1] == value);
        let tcp = if without("--listen", "") { 0 } else { given("--listen").max(1) };
        let lines = tcp + given("--udp") + usize::from(!without("--http", "none"));

        let mut words = self.prefix.iter().cloned().chain([POE.into()]).chain(args);
        let mut command = Command::new(words.next().expect("at least the program itself"));
        command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("POE_") {
                command.env_remove(name);
            }
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        let child = command.spawn().unwrap_or_else(|cause| panic!("{command:?}: {cause}"));
        Server::listening(self.clone(), child, lines)
    }
}

/// A program that has ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

/// Runs the program with these arguments to its end.
pub fn poe<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Ended {
    let output = Command::new(POE).args(args).stdin(Stdio::null()).output().unwrap();
    Ended {
        status: output.status,
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
