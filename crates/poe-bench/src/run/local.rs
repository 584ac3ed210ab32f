//! The server's local socket, as its owner uses it: one question at a time, and the stream of what happens.

use crate::failure::{Doing, Failure};
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longer than any order takes, even if the disk stands still.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// The way in for whoever may open the data folder.
#[derive(Clone)]
pub struct Local {
    path: PathBuf,
}

impl Local {
    pub fn of(data: &Path) -> Self {
        Self { path: data.join("poe.sock") }
    }

    /// Puts this building in force.
    pub fn put_building(&self, toml: &str) -> Result<(), Failure> {
        let length = toml.len();
        let head = format!(
            "PUT /api/v1/building HTTP/1.0\r\nHost: poe\r\nContent-Type: application/toml\r\nContent-Length: {length}\r\n"
        );
        self.ask(&head, toml).doing(|| "put a building in force".into())?;
        Ok(())
    }

    /// What the server answers to this path.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        let text = self.ask(&format!("GET {path} HTTP/1.0\r\nHost: poe\r\n"), "");
        let text = text.doing(|| format!("ask for {path}"))?;
        serde_json::from_str(&text).doing(|| format!("understand the answer to {path}"))
    }

    /// Reads the answer to this path and throws it away; how many bytes it has.
    pub fn fetch(&self, path: &str) -> Result<u64, Failure> {
        let fetch = || {
            let mut stream = self.send(&format!("GET {path} HTTP/1.0\r\nHost: poe\r\n"), "")?;
            stream.get_ref().set_read_timeout(Some(ANSWER_MAX))?;
            head(&mut stream)?;
            io::copy(&mut stream, &mut io::sink())
        };
        fetch().doing(|| format!("fetch {path}"))
    }

    /// What happens from now on, as server-sent events: the stream after its head.
    pub fn follow(&self) -> Result<BufReader<UnixStream>, Failure> {
        self.follow_some("kind=alarm,event")
    }

    /// The same, of what these parameters ask for.
    pub fn follow_some(&self, parameters: &str) -> Result<BufReader<UnixStream>, Failure> {
        let follow = || {
            let request = format!("GET /api/v1/live?{parameters} HTTP/1.0\r\nHost: poe\r\n");
            let mut stream = self.send(&request, "")?;
            head(&mut stream)?;
            io::Result::Ok(stream)
        };
        follow().doing(|| "follow what happens".into())
    }

    fn ask(&self, request: &str, body: &str) -> io::Result<String> {
        let mut stream = self.send(request, body)?;
        stream.get_ref().set_read_timeout(Some(ANSWER_MAX))?;
        let first = head(&mut stream);
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        first.map(|()| answer.clone()).map_err(|error| io::Error::other(format!("{error}: {answer}")))
    }

    /// HTTP/1.0, so that the answer comes as it is and ends with the connection.
    fn send(&self, request: &str, body: &str) -> io::Result<BufReader<UnixStream>> {
        let mut stream = UnixStream::connect(&self.path)?;
        write!(stream, "{request}\r\n{body}")?;
        Ok(BufReader::new(stream))
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
        Some("200") => Ok(()),
        _ => Err(io::Error::other(first.trim_end().to_owned())),
    }
}
