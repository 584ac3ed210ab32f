//! HTTP as it is on the wire, so that a test can also say what no client would.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// How long an answer is waited for: those that take hashing come from threads that step back for everything else on the
/// machine, and may stand in a line of guesses.
pub const PATIENCE_IN_A_SIEGE: Duration = Duration::from_secs(120);

/// A request. Everything goes out as it is written here.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

/// What came back. Header names are in small letters; `Date` is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

pub fn ask(method: &str, target: &str) -> Ask {
    Ask { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body: None }
}

impl Ask {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub fn json(self, body: &Value) -> Self {
        self.sent_as("application/json", body.to_string().into_bytes())
    }

    pub fn sent_as(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self.header("Content-Type", content_type)
    }

    /// Says it to a server in the network.
    #[track_caller]
    pub fn to(&self, address: SocketAddr) -> Told {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE_IN_A_SIEGE)).unwrap();
        self.over(stream)
    }

    /// Says it over a connection, and reads the answer. Of one that never ends only the head is read.
    #[track_caller]
    pub fn over(&self, mut stream: impl Read + Write) -> Told {
        let Ask { method, target, headers, body } = self;
        let mut text = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| name == "Host") {
            text += "Host: localhost\r\n";
        }
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if let Some(body) = body {
            text += &format!("Content-Length: {}\r\n", body.len());
        }
        let mut bytes = (text + "\r\n").into_bytes();
        bytes.extend(body.iter().flatten());
        // A request that is refused early may be answered before it is read to its end.
        stream.write_all(&bytes).ok();
        read(BufReader::new(stream), self)
    }
}

impl Told {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|cause| panic!("{cause}: {self:?}"))
    }

    /// The session that the cookie gives, as a browser sends it back.
    pub fn cookie(&self) -> Option<String> {
        let (pair, _) = self.header("set-cookie")?.split_once(';')?;
        Some(pair.to_owned())
    }

    /// The answer, if its status is this.
    #[track_caller]
    pub fn check(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

#[track_caller]
fn read(mut stream: BufReader<impl Read>, asked: &Ask) -> Told {
    let mut line = || {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap_or_else(|cause| panic!("{cause} in the answer to {asked:?}"));
        line.trim_end().to_owned()
    };
    let first = line();
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("{first:?} is no answer to {asked:?}"));
    let mut headers = Vec::new();
    loop {
        let line = line();
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    headers.retain(|(name, _)| name != "date");
    let mut told = Told { status, headers, body: String::new() };
    let is_endless = told.header("content-type").is_some_and(|it| it.starts_with("text/event-stream"));
    if !is_endless {
        let mut body = Vec::new();
        stream.read_to_end(&mut body).ok();
        told.body = String::from_utf8_lossy(&body).into_owned();
    }
    told
}
