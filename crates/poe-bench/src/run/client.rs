//! The server's API, as its clients use it: one question at a time, and the stream of what happens.

use crate::failure::{Doing, Failure};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longer than any order takes, even if the disk stands still.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// A way in, and who goes it.
#[derive(Clone)]
pub enum Client {
    /// Whoever may open the data folder, by the socket in it.
    Local(PathBuf),
    /// Whoever bears the token, or nobody, from the network.
    Network { server: SocketAddrV4, token: Option<String> },
}

impl Client {
    pub fn local(data: &Path) -> Self {
        Self::Local(data.join("poe.sock"))
    }

    /// Puts this building in force.
    pub fn put_building(&self, toml: &str) -> Result<(), Failure> {
        self.ask("PUT /api/v1/building", "application/toml", toml)
            .doing(|| "put a building in force".into())?;
        Ok(())
    }

    /// What the server answers to this path.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        let text = self.text(path)?;
        serde_json::from_str(&text).doing(|| format!("understand the answer to {path}"))
    }

    /// The same, as it comes.
    pub fn text(&self, path: &str) -> Result<String, Failure> {
        self.ask(&format!("GET {path}"), "text/plain", "").doing(|| format!("ask for {path}"))
    }

    /// Hands this to the path, and tells what the server answers.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let text = self.ask(&format!("POST {path}"), "application/json", &body.to_string());
        let text = text.doing(|| format!("post to {path}"))?;
        serde_json::from_str(&text).doing(|| format!("understand the answer to {path}"))
    }

    /// Reads the answer to this path and throws it away; how many bytes it has.
    pub fn fetch(&self, path: &str) -> Result<u64, Failure> {
        self.copy(path, &mut io::sink()).doing(|| format!("fetch {path}"))
    }

    /// The answer to this path as it comes, after its head.
    pub fn open(&self, path: &str) -> Result<BufReader<Stream>, Failure> {
        self.begin(path).doing(|| format!("ask for {path}"))
    }

    /// Writes the answer to this path into a file; how many bytes it has.
    pub fn save(&self, path: &str, to: &Path) -> Result<u64, Failure> {
        let save = || self.copy(path, &mut File::create(to)?);
        save().doing(|| format!("save {path} as {}", to.display()))
    }

    /// What happens from now on, as server-sent events: the stream after its head.
    pub fn follow(&self) -> Result<BufReader<Stream>, Failure> {
        self.follow_some("kind=alarm,event")
    }

    /// The same, of what these parameters ask for.
    pub fn follow_some(&self, parameters: &str) -> Result<BufReader<Stream>, Failure> {
        let follow = || {
            let mut stream = self.send(&format!("GET /api/v1/live?{parameters}"), "text/plain", "")?;
            head(&mut stream)?;
            io::Result::Ok(stream)
        };
        follow().doing(|| "follow what happens".into())
    }

    fn copy(&self, path: &str, to: &mut impl Write) -> io::Result<u64> {
        io::copy(&mut self.begin(path)?, to)
    }

    fn begin(&self, path: &str) -> io::Result<BufReader<Stream>> {
        let mut stream = self.send(&format!("GET {path}"), "text/plain", "")?;
        stream.get_ref().set_read_timeout(Some(ANSWER_MAX))?;
        head(&mut stream)?;
        Ok(stream)
    }

    fn ask(&self, what: &str, kind: &str, body: &str) -> io::Result<String> {
        let mut stream = self.send(what, kind, body)?;
        stream.get_ref().set_read_timeout(Some(ANSWER_MAX))?;
        let first = head(&mut stream);
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        first.map(|()| answer.clone()).map_err(|error| io::Error::other(format!("{error}: {answer}")))
    }

    /// HTTP/1.0, so that the answer comes as it is and ends with the connection.
    fn send(&self, what: &str, kind: &str, body: &str) -> io::Result<BufReader<Stream>> {
        let (mut stream, host, token) = match self {
            Self::Local(path) => (Stream::Local(UnixStream::connect(path)?), "poe".to_owned(), None),
            Self::Network { server, token } => {
                (Stream::Network(TcpStream::connect(server)?), server.to_string(), token.as_ref())
            }
        };
        let mut request = format!("{what} HTTP/1.0\r\nHost: {host}\r\n");
        if let Some(token) = token {
            request += &format!("Authorization: Bearer {token}\r\n");
        }
        if !body.is_empty() {
            request += &format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
        }
        stream.write_all(format!("{request}\r\n{body}").as_bytes())?;
        Ok(BufReader::new(stream))
    }
}

/// A connection by either way.
pub enum Stream {
    Local(UnixStream),
    Network(TcpStream),
}

impl Stream {
    pub fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        match self {
            Self::Local(stream) => stream.set_read_timeout(limit),
            Self::Network(stream) => stream.set_read_timeout(limit),
        }
    }

    pub fn set_nonblocking(&self, is_nonblocking: bool) -> io::Result<()> {
        match self {
            Self::Local(stream) => stream.set_nonblocking(is_nonblocking),
            Self::Network(stream) => stream.set_nonblocking(is_nonblocking),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Local(stream) => stream.read(buffer),
            Self::Network(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Local(stream) => stream.write(bytes),
            Self::Network(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // Neither of them keeps anything back.
        Ok(())
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Local(stream) => stream.as_fd(),
            Self::Network(stream) => stream.as_fd(),
        }
    }
}

/// Reads the head of an answer; an error if it is no success.
fn head(stream: &mut impl BufRead) -> io::Result<()> {
    let mut first = String::new();
    stream.read_line(&mut first)?;
    let mut line = String::new();
    while stream.read_line(&mut line)? > 2 {
        line.clear();
    }
    match first.split(' ').nth(1) {
        Some("200" | "201") => Ok(()),
        _ => Err(io::Error::other(first.trim_end().to_owned())),
    }
}
