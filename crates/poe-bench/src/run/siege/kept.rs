//! A connection on which one asks again and again, and which is made anew when it is cut.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::time::Duration;

/// One connection, or none yet.
pub struct Kept {
    server: SocketAddrV4,
    patience: Duration,
    stream: Option<BufReader<TcpStream>>,
}

impl Kept {
    pub fn new(server: SocketAddrV4, patience: Duration) -> Self {
        Self { server, patience, stream: None }
    }

    /// The status of the answer; nothing, if the connection was cut instead.
    pub fn ask(&mut self, request: &[u8]) -> Option<u16> {
        let mut stream = self.stream.take().map_or_else(|| self.connect(), Ok).ok()?;
        let (status, stays) = ask(&mut stream, request).ok()?;
        self.stream = stays.then_some(stream);
        Some(status)
    }

    fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(self.server)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(self.patience))?;
        stream.set_write_timeout(Some(self.patience))?;
        Ok(BufReader::with_capacity(2 * 1024, stream))
    }
}

/// The status, and whether the connection stays.
fn ask(stream: &mut BufReader<TcpStream>, request: &[u8]) -> io::Result<(u16, bool)> {
    // A server may refuse before it has read all; its answer can be read then.
    let written = stream.get_mut().write_all(request);
    let (mut line, mut length, mut stays) = (String::new(), 0, written.is_ok());
    stream.read_line(&mut line)?;
    let status = status(line.as_bytes()).ok_or(io::ErrorKind::UnexpectedEof)?;
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let field = line.trim_end().to_ascii_lowercase();
        if field.is_empty() {
            break;
        }
        if let Some(value) = field.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        stays &= field != "connection: close";
    }
    io::copy(&mut stream.take(length), &mut io::sink())?;
    Ok((status, stays))
}

/// The number in the first line of an answer.
pub fn status(line: &[u8]) -> Option<u16> {
    str::from_utf8(line.strip_prefix(b"HTTP/1.1 ")?.get(..3)?).ok()?.parse().ok()
}
