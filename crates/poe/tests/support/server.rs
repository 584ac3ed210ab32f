//! The program as it runs: what it tells, what it costs, and its end.

use super::{Ended, LOOK_EVERY, PATIENCE, Setup, Table, open_read_only, output::Output, table};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rusqlite::OptionalExtension;
use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::net::UnixStream,
    process::{Child, ExitStatus},
    thread,
    time::{Duration, Instant},
};

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

    /// Follows a program that was just started, until it listens `lines` times. If it ends before that, tells how.
    pub(super) fn listening(setup: Setup, mut child: Child, lines: usize) -> Result<Self, Ended> {
        let stdout = Output::collect(child.stdout.take().expect("it is piped"));
        let stderr = Output::collect(child.stderr.take().expect("it is piped"));
        let (tcp, udp) = (Vec::new(), Vec::new());
        let mut server = Self { setup, child, pid: 0, ended: None, stdout, stderr, tcp, udp, http: None };
        let deadline = Instant::now() + PATIENCE;
        while server.stdout.lines("listening ").len() < lines {
            if let Some(status) = server.child.try_wait().unwrap() {
                server.ended = Some(status);
                server.stdout.finish();
                server.stderr.finish();
                return Err(Ended { status, stdout: server.stdout(), stderr: server.stderr() });
            }
            assert!(Instant::now() < deadline, "the server does not listen: {}", server.stderr.text());
            thread::sleep(Duration::from_millis(2));
        }
        server.read_addresses();
        // With a command before it, the program is not the process that we have started. It has said who it is.
        let pid = fs::read_to_string(server.setup.data_path().join("poe.lock")).unwrap();
        server.pid = pid.trim().parse().unwrap();
        Ok(server)
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
        let stream = UnixStream::connect(self.setup.data_path().join("poe.sock")).unwrap();
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
        self.stdout.stop_reading();
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

fn get(mut stream: impl Read + Write, host: &str, path: &str) -> (u16, String) {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
