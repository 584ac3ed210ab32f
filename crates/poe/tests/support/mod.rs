//! The real program, started for one test: a data folder of its own, free ports, and an end that comes for sure.
//!
//! [`Server::start`] starts it as a person would. [`Setup`] can do the same with another folder, environment or
//! command before it, and once more in the same folder.

#![allow(dead_code, reason = "each test binary uses its part of this")]
#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

pub mod cable;
pub mod clock;
pub mod ground;
pub mod tamper;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use socket2::{Domain, SockRef, Socket, Type};
use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{IpAddr, SocketAddr, TcpStream},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The program under test.
pub const POE: &str = env!("CARGO_BIN_EXE_poe");

/// Longer than any healthy start, answer or stop takes, also on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The rows of the table: key to kind, value and time.
pub type Table = BTreeMap<String, (String, i64, f64)>;

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
        let mut child = command.spawn().unwrap_or_else(|cause| panic!("{command:?}: {cause}"));
        let stdout = Output::collect(child.stdout.take().expect("it is piped"));
        let stderr = Output::collect(child.stderr.take().expect("it is piped"));
        let mut server = Server {
            setup: self.clone(),
            child,
            pid: 0,
            ended: None,
            stdout,
            stderr,
            tcp: Vec::new(),
            udp: Vec::new(),
            http: None,
        };
        let deadline = Instant::now() + PATIENCE;
        while server.stdout.lines("listening ").len() < lines {
            if let Some(status) = server.child.try_wait().unwrap() {
                server.ended = Some(status);
                server.stdout.finish();
                server.stderr.finish();
                return Err(Ended {
                    status,
                    stdout: server.stdout.text().clone(),
                    stderr: server.stderr.text().clone(),
                });
            }
            assert!(Instant::now() < deadline, "the server does not listen: {}", server.stderr.text());
            thread::sleep(Duration::from_millis(2));
        }
        server.read_addresses();
        // With a command before it, the program is not the process that we have started. It has said who it is.
        let pid = fs::read_to_string(self.data_dir.join("poe.lock")).unwrap();
        server.pid = pid.trim().parse().unwrap();
        Ok(server)
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

/// A running server. It is killed when this is dropped, and a failed test shows what it said.
#[derive(Debug)]
pub struct Server {
    setup: Setup,
    child: Child,
    pid: u32,
    ended: Option<ExitStatus>,
    stdout: Output,
    stderr: Output,
    tcp: Vec<SocketAddr>,
    udp: Vec<SocketAddr>,
    http: Option<SocketAddr>,
}

impl Server {
    /// A server with a folder of its own and these further arguments.
    #[track_caller]
    pub fn start(args: &[&str]) -> Self {
        Setup::new().args(args).start()
    }

    /// How it was started.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The process id of the program itself, whatever command was put before it.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Where nodes connect.
    pub fn tcp(&self) -> SocketAddr {
        self.tcp[0]
    }

    /// All addresses where nodes connect.
    pub fn tcp_addresses(&self) -> &[SocketAddr] {
        &self.tcp
    }

    /// Where nodes send datagrams.
    pub fn udp(&self) -> SocketAddr {
        self.udp[0]
    }

    /// All addresses where nodes send datagrams.
    pub fn udp_addresses(&self) -> &[SocketAddr] {
        &self.udp
    }

    /// Where HTTP is served.
    pub fn http(&self) -> SocketAddr {
        self.http.expect("a server without --http none")
    }

    /// Status and body of an answer over HTTP.
    #[track_caller]
    pub fn http_get(&self, path: &str) -> (u16, String) {
        let stream = TcpStream::connect(self.http()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        get(stream, &self.http().to_string(), path)
    }

    /// Status and body of an answer at the local socket.
    #[track_caller]
    pub fn local_get(&self, path: &str) -> (u16, String) {
        let stream = UnixStream::connect(self.setup.data_dir.join("poe.sock")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        get(stream, "localhost", path)
    }

    /// A metric by its name and labels as they are written: `poe_frames_total{result="valid"}`.
    #[track_caller]
    pub fn metric(&self, name: &str) -> f64 {
        let (status, page) =
            if self.http.is_some() { self.http_get("/metrics") } else { self.local_get("/metrics") };
        assert_eq!(status, 200, "{page}");
        let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no metric {name} in\n{page}")).parse().unwrap()
    }

    /// Waits until a metric has this value. The figures are told at the end of each of the engine's rounds, so that
    /// whoever has seen what a round did may have to wait a moment for its figures.
    #[track_caller]
    pub fn check_metric(&self, name: &str, expected: f64) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.metric(name);
            if value == expected {
                return;
            }
            assert!(Instant::now() < deadline, "{name} is {value} and not {expected}");
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits until it has written this to standard error.
    #[track_caller]
    pub fn check_told(&self, words: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.stderr.text().contains(words) {
            assert!(Instant::now() < deadline, "{words:?} is not in\n{}", self.stderr.text());
            thread::sleep(LOOK_EVERY);
        }
    }

    /// The rows of `sensors`, as another program sees them.
    #[track_caller]
    pub fn table(&self) -> Table {
        table(&self.setup.db_path(), "sensors")
    }

    /// One row of `sensors`: kind, value and time.
    #[track_caller]
    pub fn row(&self, key: &str) -> Option<(String, i64, f64)> {
        let connection = open_read_only(&self.setup.db_path());
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let select = "SELECT sensor, value, time FROM sensors WHERE ip_id = ?1";
        connection.query_row(select, [key], row).optional().unwrap()
    }

    /// Looks until the condition holds; fails at the deadline.
    #[track_caller]
    pub fn wait_for(&self, condition: impl Fn(&Self) -> bool, deadline: Duration) {
        let begun = Instant::now();
        while !condition(self) {
            assert!(begun.elapsed() < deadline, "still not so after {deadline:?}");
            thread::sleep(LOOK_EVERY);
        }
    }

    /// What it has written to standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.text().clone()
    }

    /// What it has written to standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.text().clone()
    }

    /// How many sockets it has open.
    pub fn socket_count(&self) -> usize {
        let entries = fs::read_dir(format!("/proc/{}/fd", self.pid)).unwrap().flatten();
        let targets = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    }

    /// How many sockets it has open once its start is over and nothing changes any more.
    #[track_caller]
    pub fn sockets_at_rest(&self) -> usize {
        // The lines that tell the addresses come before the HTTP thread has made what it needs.
        self.metric("poe_connections");
        let deadline = Instant::now() + PATIENCE;
        let mut looks = [usize::MAX, 0, 0];
        while looks.iter().any(|look| *look != looks[0]) {
            assert!(Instant::now() < deadline, "its sockets come and go: {looks:?}");
            looks = [self.socket_count(), looks[0], looks[1]];
            thread::sleep(LOOK_EVERY);
        }
        looks[0]
    }

    /// How many descriptors it has open.
    pub fn descriptor_count(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid)).unwrap().count()
    }

    /// Processor time that it has used so far, in user and system mode.
    pub fn processor_time(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap();
        // The name in the second field may hold anything, so it is skipped by its closing bracket.
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        let per_s = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).unwrap().unwrap();
        Duration::from_millis(ticks * 1000 / per_s as u64)
    }

    /// Memory that it holds, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.metric("process_resident_memory_bytes") as u64
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid as i32), signal).unwrap();
    }

    /// Stops the process where it stands, until [`Self::resume`].
    #[track_caller]
    pub fn pause(&self) {
        self.signal(Signal::SIGSTOP);
        // The signal reaches one thread after the other.
        let is_stopped = |task: fs::DirEntry| {
            let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            stat.rsplit_once(") ").is_none_or(|(_, fields)| fields.starts_with('T'))
        };
        let tasks = format!("/proc/{}/task", self.pid);
        self.wait_for(|_| fs::read_dir(&tasks).unwrap().flatten().all(is_stopped), PATIENCE);
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Whether it has ended by itself, or was ended.
    pub fn has_ended(&mut self) -> bool {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().unwrap();
        }
        self.ended.is_some()
    }

    /// Nobody reads what it writes to standard output from now on.
    pub fn stop_reading(&self) {
        self.stdout.unread.store(true, Relaxed);
    }

    /// Asks it to stop by SIGTERM and waits for its end.
    #[track_caller]
    pub fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::SIGTERM);
        self.wait()
    }

    /// Kills it, as `kill -9` does, and waits for its end.
    pub fn kill(&mut self) -> ExitStatus {
        self.signal(Signal::SIGKILL);
        self.wait()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if self.has_ended()
                && let Some(status) = self.ended
            {
                self.stdout.finish();
                self.stderr.finish();
                return status;
            }
            assert!(Instant::now() < deadline, "the server does not end");
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn read_addresses(&mut self) {
        for line in self.stdout.lines("listening ") {
            let (protocol, address) = line.split_once(' ').unwrap();
            let address = address.parse().unwrap();
            match protocol {
                "tcp" => self.tcp.push(address),
                "udp" => self.udp.push(address),
                "http" | "https" => self.http = Some(address),
                other => panic!("listens to {other}"),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.ended.is_none() {
            // The program first: a tracer that is killed would leave it behind. Its id cannot have gone to another
            // process, for we have not yet collected the end of the one we started. Only in a start that hangs do
            // we not know it.
            if self.pid != 0 {
                kill(Pid::from_raw(self.pid as i32), Signal::SIGKILL).ok();
            }
            if self.pid != self.child.id() {
                let deadline = Instant::now() + Duration::from_secs(2);
                while self.pid != 0 && matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline
                {
                    thread::sleep(LOOK_EVERY);
                }
                self.child.kill().ok();
            }
            self.child.wait().ok();
        }
        if thread::panicking() {
            eprintln!("--- the server said:\n{}---", self.stderr.text());
        }
    }
}

/// The rows of a table of readings, as another program sees them.
#[track_caller]
pub fn table(file: &Path, name: &str) -> Table {
    let connection = open_read_only(file);
    let mut rows = connection.prepare(&format!("SELECT ip_id, sensor, value, time FROM {name}")).unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)));
    rows.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}

/// A connection to an SQLite file that cannot change it.
#[track_caller]
pub fn open_read_only(file: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection
}

/// Connects as the node that has this address.
#[track_caller]
pub fn connect_from(source: impl Into<IpAddr>, to: SocketAddr) -> TcpStream {
    try_connect_from(source, to).unwrap()
}

/// Tries to connect as the node that has this address.
pub fn try_connect_from(source: impl Into<IpAddr>, to: SocketAddr) -> io::Result<TcpStream> {
    let source: IpAddr = source.into();
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(source, 0).into())?;
    socket.connect_timeout(&to.into(), PATIENCE)?;
    let stream: TcpStream = socket.into();
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Closes a connection with a reset, as a node does that is switched off and on between two packets.
pub fn reset(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}

/// Whether the test may go on as root. If not, it is told as skipped.
pub fn is_root(test: &str) -> bool {
    ground::has(test, "root", nix::unistd::Uid::effective().is_root())
}

fn get(mut stream: impl Read + Write, host: &str, path: &str) -> (u16, String) {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

/// What a process writes, read as it comes so that it never waits for us.
#[derive(Debug)]
struct Output {
    text: Arc<Mutex<String>>,
    unread: Arc<AtomicBool>,
    reader: Option<thread::JoinHandle<()>>,
}

impl Output {
    fn collect(from: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let into = Arc::clone(&text);
        let unread = Arc::new(AtomicBool::new(false));
        let is_unread = Arc::clone(&unread);
        let read = move || {
            let mut from = BufReader::new(from);
            let mut line = Vec::new();
            while from.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
                let mut text = into.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(&String::from_utf8_lossy(&line));
                drop(text);
                line.clear();
                while is_unread.load(Relaxed) {
                    thread::sleep(LOOK_EVERY);
                }
            }
        };
        Self { text, unread, reader: Some(thread::spawn(read)) }
    }

    fn text(&self) -> MutexGuard<'_, String> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lines(&self, beginning: &str) -> Vec<String> {
        self.text().lines().filter_map(|line| line.strip_prefix(beginning)).map(str::to_owned).collect()
    }

    /// Once the process has ended, waits for its last words.
    fn finish(&mut self) {
        self.unread.store(false, Relaxed);
        if let Some(reader) = self.reader.take() {
            reader.join().ok();
        }
    }
}
