//! The doors of a server, as a command is told of them.

use crate::support::{Ended, PATIENCE, POE, Server, Setup, poe};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    net::TcpStream,
    process::{Command, Stdio},
};

/// Sensor 7 sees a flame.
pub const FLAME: [u8; 4] = [1, 7, 0, 0];

/// Where a command finds its server.
pub struct Door {
    pub server: Server,
    pub flags: Vec<String>,
}

impl Door {
    /// The local socket.
    pub fn socket() -> Self {
        let server = Server::start(&[]);
        let flags = local(server.setup());
        Self { server, flags }
    }

    /// HTTP on this machine, with a token of this role.
    pub fn http(role: &str) -> Self {
        Self::with_token(Server::start(&[]), "http", role)
    }

    /// HTTPS under an authority of our own.
    pub fn https(role: &str) -> Self {
        let setup = Setup::new().args(["--http", "0.0.0.0:0"]);
        let made = poe(["tls", "init", "--data-dir", setup.data_path().to_str().unwrap()]);
        assert!(made.status.success(), "{}", made.stderr);
        let ca = setup.data_path().join("tls/ca.pem").to_str().unwrap().to_owned();
        let mut door = Self::with_token(setup.start(), "https", role);
        door.flags.extend(["--ca".to_owned(), ca]);
        door
    }

    fn with_token(server: Server, protocol: &str, role: &str) -> Self {
        let token = create_token(server.setup(), &["--name", "test", "--role", role]);
        let url = format!("{protocol}://localhost:{}", server.http().port());
        let flags = by_token(server.setup(), &url, "test", &token);
        Self { server, flags }
    }

    /// What a command says there. It must succeed.
    #[track_caller]
    pub fn says(&self, words: &[&str]) -> String {
        let ended = self.run(words, "");
        assert!(ended.status.success(), "{words:?}: {}", ended.stderr);
        ended.stdout
    }

    /// The same, for programs.
    #[track_caller]
    pub fn tells(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.says(&[words, &["--json"]].concat())).unwrap()
    }

    /// Why a command fails there.
    #[track_caller]
    pub fn refuses(&self, words: &[&str]) -> String {
        let ended = self.run(words, "");
        assert!(!ended.status.success(), "{words:?}: {}", ended.stdout);
        assert_eq!(ended.stdout, "", "{words:?}");
        ended.stderr
    }

    /// Runs a command that reads this from its standard input.
    pub fn run(&self, words: &[&str], input: &str) -> Ended {
        run(words, &self.flags, input)
    }

    /// A node of this machine that sees a flame. It stays connected.
    pub fn burns(&self) -> TcpStream {
        let mut node = TcpStream::connect(self.server.tcp()).unwrap();
        node.write_all(&FLAME).unwrap();
        // The alarm is stored first, and then its node and its sensor are shown.
        let shows = |path: &str, what: &str| {
            self.server.wait_for(|server| server.local_get(path).1.contains(what), PATIENCE);
        };
        shows("/api/v1/alarms", "unacknowledged");
        shows("/api/v1/nodes", "127.0.0.1");
        shows("/api/v1/sensors", "critical");
        node
    }
}

/// The flags for the local socket, or the folder, of a server.
pub fn local(setup: &Setup) -> Vec<String> {
    vec!["--data-dir".to_owned(), setup.data_path().to_str().unwrap().to_owned()]
}

/// The flags for a server in the network.
pub fn by_token(setup: &Setup, url: &str, name: &str, token: &str) -> Vec<String> {
    let file = setup.data_path().join(format!("{name}.token"));
    fs::write(&file, token).unwrap();
    ["--connect", url, "--token-file", file.to_str().unwrap()].map(str::to_owned).to_vec()
}

/// Makes a token as a script does: it is all that stands on standard output.
#[track_caller]
pub fn create_token(setup: &Setup, words: &[&str]) -> String {
    let ended = run(&[&["token", "create"], words].concat(), &local(setup), "");
    assert!(ended.status.success(), "{}", ended.stderr);
    assert!(ended.stderr.contains("shown this once"), "{}", ended.stderr);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
    ended.stdout
}

pub fn run(words: &[&str], flags: &[String], input: &str) -> Ended {
    let mut command = Command::new(POE);
    command.args(words).args(flags).env_remove("POE_TOKEN");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses at once reads nothing.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
}
