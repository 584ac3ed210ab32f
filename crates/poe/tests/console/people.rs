//! Those who speak with a server of their own: a script through a pipe, a person at a terminal.

use crate::screen::Screen;
use nix::{
    pty::{Winsize, openpty},
    sys::{
        signal::{Signal, kill},
        termios::{LocalFlags, tcgetattr},
    },
    unistd::Pid,
};
use std::{
    fs::File,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// Long enough for a busy machine; what works takes milliseconds.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// So wide that a row of any table is one row.
const WIDTH: u16 = 200;

/// A server of its own for each story.
pub struct Server {
    pub process: Child,
    pub address: SocketAddr,
}

/// Somebody who speaks through a pipe.
pub struct Script {
    pub server: Server,
    pub input: Option<ChildStdin>,
    pub output: Arc<Mutex<String>>,
    /// So much has been looked at.
    pub seen: usize,
}

/// Somebody at a terminal.
pub struct Person {
    pub server: Server,
    pub terminal: File,
    pub screen: Arc<Mutex<Screen>>,
}

impl Server {
    pub fn start(folder: &Path, input: Stdio, output: Stdio, errors: Stdio) -> Self {
        Self::start_with(folder, "none", [input, output, errors])
    }

    /// The same with HTTP at this address.
    fn start_with(folder: &Path, http: &str, [input, output, errors]: [Stdio; 3]) -> Self {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_poe"));
        serve
            .args(["serve", "--listen", "127.0.0.1:0", "--http", http, "--console", "on", "--data-dir"])
            .arg(folder);
        Self::spawn(serve, input, output, errors)
    }

    fn spawn(mut program: Command, input: Stdio, output: Stdio, errors: Stdio) -> Self {
        let program = program.env("TERM", "xterm").env("NO_COLOR", "1").env_remove("SUDO_USER");
        let process = program.stdin(input).stdout(output).stderr(errors).spawn().unwrap();
        Self { process, address: ([127, 0, 0, 1], 0).into() }
    }

    pub fn find_address(&mut self, output: &str) {
        let line = output.lines().find_map(|line| line.trim().strip_prefix("listening tcp "));
        self.address = line.unwrap().parse().unwrap();
    }

    pub fn still_serves(&self) {
        let mut node = TcpStream::connect(self.address).unwrap();
        node.set_read_timeout(Some(PATIENCE)).unwrap();
        node.write_all(&[1, 7, 0, 1]).unwrap();
        // The server closes its side once it has read to the end.
        node.shutdown(std::net::Shutdown::Write).unwrap();
        node.read_to_end(&mut Vec::new()).unwrap();
    }

    pub fn is_told(&self, signal: Signal) {
        kill(Pid::from_raw(self.process.id() as i32), signal).unwrap();
    }

    pub fn end(&mut self) -> ExitStatus {
        until("the server's end", || self.process.try_wait().unwrap(), String::new)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Script {
    pub fn start(folder: &Path) -> Self {
        let mut server = Server::start(folder, Stdio::piped(), Stdio::piped(), Stdio::null());
        let input = server.process.stdin.take();
        let from = server.process.stdout.take().unwrap();
        let output = Arc::new(Mutex::new(String::new()));
        let text = Arc::clone(&output);
        copy(from, move |bytes| text.lock().unwrap().push_str(str::from_utf8(bytes).unwrap()));
        let mut script = Self { server, input, output, seen: 0 };
        script.sees("POE-TERM: ");
        script.server.find_address(&script.text());
        script
    }

    pub fn types(&mut self, lines: &str) {
        self.input.as_mut().unwrap().write_all(lines.as_bytes()).unwrap();
    }

    /// Sees the text after all that was seen before.
    pub fn sees(&mut self, text: &str) {
        let find = || {
            let output = self.output.lock().unwrap();
            output[self.seen..].find(text).map(|at| self.seen + at + text.len())
        };
        self.seen = until(text, find, || self.text());
    }

    /// Types the lines until the answer is there: what was sent takes a moment until it is stored.
    pub fn asks_until(&mut self, lines: &str, answer: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.text()[self.seen..].contains(answer) && Instant::now() < deadline {
            self.types(lines);
            thread::sleep(Duration::from_millis(50));
        }
        self.sees(answer);
    }

    pub fn text(&self) -> String {
        self.output.lock().unwrap().clone()
    }
}

impl Person {
    pub fn start(folder: &Path) -> Self {
        let mut person =
            Self::sit_down(|[input, output, errors]| Server::start(folder, input, output, errors));
        person.server.find_address(&person.rows().join("\n"));
        person
    }

    /// The same with HTTP.
    pub fn start_with_http(folder: &Path) -> Self {
        Self::sit_down(|streams| Server::start_with(folder, "127.0.0.1:0", streams))
    }

    /// Somebody who starts a console of their own, with these arguments, to speak with a server elsewhere whose nodes
    /// connect to this address.
    pub fn attach(home: &Path, args: &[String], address: SocketAddr) -> Self {
        let mut console = Command::new(env!("CARGO_BIN_EXE_poe"));
        console.arg("console").args(["--nodes", &address.to_string()]).args(args);
        console.env("HOME", home).env_remove("XDG_STATE_HOME").env_remove("POE_TOKEN");
        let mut person =
            Self::sit_down(|[input, output, errors]| Server::spawn(console, input, output, errors));
        person.server.address = address;
        person
    }

    fn sit_down(start: impl FnOnce([Stdio; 3]) -> Server) -> Self {
        let size = Winsize { ws_row: 50, ws_col: WIDTH, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = openpty(&size, None).unwrap();
        let server = start([(); 3].map(|()| Stdio::from(pair.slave.try_clone().unwrap())));
        let terminal = File::from(pair.master);
        let screen = Arc::new(Mutex::new(Screen::new(WIDTH.into())));
        let shown = Arc::clone(&screen);
        // The other end stays open here, so that the terminal outlives the server as a real one does.
        let slave = pair.slave;
        copy(terminal.try_clone().unwrap(), move |bytes| {
            let _keep = &slave;
            shown.lock().unwrap().feed(bytes);
        });
        let person = Self { server, terminal, screen };
        person.sees_line("POE-TERM:");
        person
    }

    pub fn types(&mut self, keys: &str) {
        self.terminal.write_all(keys.as_bytes()).unwrap();
    }

    /// Types the line until the answer is there: what was sent takes a moment until it is stored.
    pub fn asks_until(&mut self, line: &str, answer: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.rows().iter().any(|row| row.contains(answer)) && Instant::now() < deadline {
            self.types(line);
            thread::sleep(Duration::from_millis(50));
        }
        self.sees_line("POE-TERM:");
    }

    /// Hears the bell at least so often.
    pub fn hears(&self, bells: usize) {
        until("the bell", || (self.bells() >= bells).then_some(()), || format!("{} rings", self.bells()));
    }

    pub fn bells(&self) -> usize {
        self.screen.lock().unwrap().bells()
    }

    /// Sees a row with this text in it.
    pub fn sees(&self, text: &str) {
        self.looks_for(text, |rows| rows.iter().any(|row| row.contains(text)));
    }

    /// Sees so many rows with this text in them.
    pub fn sees_times(&self, text: &str, times: usize) {
        self.looks_for(text, |rows| rows.iter().filter(|row| row.contains(text)).count() >= times);
    }

    /// The first row with this text in it.
    pub fn row(&self, text: &str) -> String {
        self.sees(text);
        self.rows().into_iter().find(|row| row.contains(text)).unwrap()
    }

    pub fn sees_row(&self, text: &str) {
        self.looks_for(text, |rows| rows.iter().any(|row| row == text));
    }

    /// Sees that this is the line at the prompt.
    pub fn sees_line(&self, text: &str) {
        self.looks_for(text, |rows| rows.last().is_some_and(|row| row == text));
    }

    pub fn looks_for(&self, text: &str, found: impl Fn(&[String]) -> bool) {
        until(text, || found(&self.rows()).then_some(()), || format!("{:#?}", self.rows()));
    }

    pub fn has_the_terminal_back(&self) {
        let restored = || {
            let flags = tcgetattr(&self.terminal).unwrap().local_flags;
            flags.contains(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG).then_some(())
        };
        until("a terminal as before", restored, String::new);
    }

    pub fn rows(&self) -> Vec<String> {
        self.screen.lock().unwrap().rows()
    }
}

/// Hands on what comes, as it comes.
pub fn copy(mut from: impl Read + Send + 'static, mut to: impl FnMut(&[u8]) + Send + 'static) {
    thread::spawn(move || {
        let mut bytes = [0; 4_096];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            to(&bytes[..count]);
        }
    });
}

pub fn until<T>(what: &str, mut there: impl FnMut() -> Option<T>, instead: impl Fn() -> String) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}; instead there is: {}", instead());
        thread::sleep(Duration::from_millis(5));
    }
}
