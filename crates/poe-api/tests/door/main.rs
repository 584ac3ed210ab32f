//! The HTTP door from outside, over real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic, its helpers too")]

mod binding;
mod client;
mod crowds;
mod manners;
mod metrics;
mod pages;
mod site;
#[path = "../support/mod.rs"]
mod support;
mod tls;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use poe_api::{Api, Limits, Listeners, Metrics, Readiness, Server, Settings, bind_http, bind_local};
use tempfile::TempDir;

/// What a server would say, said by hand.
#[derive(Default)]
struct Said {
    reasons: Vec<String>,
    metrics: Metrics,
}

impl Server for Said {
    fn disconnect(&self, _: IpAddr) -> u64 {
        0
    }

    fn stored_at(&self, _seq: u64) -> Option<poe_building::Time> {
        None
    }

    fn readiness(&self) -> Readiness {
        Readiness { reasons: self.reasons.clone() }
    }

    fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    support::knows_nothing!();
}

/// A door that is open at both listeners.
struct House {
    api: Api,
    addr: SocketAddr,
    local: PathBuf,
    _folder: TempDir,
}

impl House {
    fn open(server: Said, settings: Settings) -> House {
        House::at(Ipv4Addr::LOCALHOST.into(), server, settings)
    }

    fn at(address: IpAddr, server: Said, settings: Settings) -> House {
        let folder = tempfile::tempdir().unwrap();
        let http = bind_http(SocketAddr::new(address, 0)).unwrap();
        let addr = http.addr();
        let local = bind_local(folder.path().join("poe.sock")).unwrap();
        let path = local.path().to_owned();
        let listeners = Listeners { http: vec![http], local: Some(local) };
        let api = Api::start(listeners, settings, Arc::new(server)).unwrap();
        House { api, addr, local: path, _folder: folder }
    }

    fn calm() -> House {
        House::open(Said::default(), Settings::default())
    }

    fn impatient() -> House {
        House::open(Said::default(), Settings { limits: hasty(), ..Settings::default() })
    }

    fn tcp(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream
    }

    fn unix(&self) -> UnixStream {
        let stream = UnixStream::connect(&self.local).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream
    }

    /// Asks over TCP as a browser would.
    fn ask(&self, method: &str, path: &str) -> Answer {
        self.say(&format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n\r\n"))
    }

    /// Asks over the local socket as a command would.
    fn ask_local(&self, method: &str, path: &str) -> Answer {
        let request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n\r\n");
        converse(self.unix(), &request)
    }

    /// A figure of the page of metrics, as the local socket tells it.
    fn figure(&self, name: &str) -> u64 {
        let page = self.ask_local("GET", "/metrics").body;
        let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {name} in\n{page}")).parse().unwrap()
    }

    /// Says anything over TCP.
    fn say(&self, request: &str) -> Answer {
        converse(self.tcp(), request)
    }
}

/// The time limits of an impatient house.
const HASTE: Duration = Duration::from_millis(300);

fn hasty() -> Limits {
    let certificate_look = HASTE / 10;
    Limits { handshake: HASTE, header_read: HASTE, write_stall: HASTE, certificate_look, ..Limits::default() }
}

fn converse(mut stream: impl Read + Write, request: &str) -> Answer {
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    Answer::parse(&String::from_utf8(bytes).unwrap())
}

/// An answer of HTTP/1.1.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    fn parse(text: &str) -> Answer {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect(text).parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.into())).collect();
        Answer { status, headers, body: body.into() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Status, the headers that are the same on any day, and body.
    fn text(&self) -> String {
        let mut text = format!("{}\n", self.status);
        for (name, value) in self.headers.iter().filter(|(name, _)| name != "date") {
            writeln!(text, "{name}: {value}").unwrap();
        }
        text + "\n" + &self.body + "\n"
    }
}
