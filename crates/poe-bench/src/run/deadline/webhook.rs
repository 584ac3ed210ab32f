//! A receiver of webhooks on loopback, just able enough, and one that never answers.

use super::sightings::{Sighting, Sightings};
use crate::failure::{Doing, Failure};
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Instant, SystemTime};

/// Says yes to everything, and notes of which alarms it was told.
pub struct Receiver {
    pub addr: SocketAddr,
    pub told: Sightings,
}

impl Receiver {
    pub fn open() -> Result<Self, Failure> {
        let (listener, addr) = listen()?;
        let told = Sightings::default();
        let noted = told.clone();
        // It ends with the process, as do the connections, which the server may keep for the next page.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let noted = noted.clone();
                thread::spawn(move || serve(&stream, &noted));
            }
        });
        Ok(Self { addr, told })
    }
}

/// Takes connections and says nothing, for as long as it is kept.
pub struct Hanging {
    pub addr: SocketAddr,
    _listener: TcpListener,
}

impl Hanging {
    pub fn open() -> Result<Self, Failure> {
        let (listener, addr) = listen()?;
        Ok(Self { addr, _listener: listener })
    }
}

fn listen() -> Result<(TcpListener, SocketAddr), Failure> {
    let listen = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = listener.local_addr()?;
        io::Result::Ok((listener, addr))
    };
    listen().doing(|| "listen for webhooks".into())
}

fn serve(mut stream: &TcpStream, told: &Sightings) {
    // Whoever hangs up has said everything.
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    while let Ok(Some(body)) = request(&mut reader) {
        if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").is_err() {
            return;
        }
        // Answered: what is done with it from here is the receiver's own affair.
        let (at, time) = (Instant::now(), SystemTime::now());
        let Ok(notification) = serde_json::from_slice::<Value>(&body) else { continue };
        for page in notification["pages"].as_array().into_iter().flatten() {
            let unsaved = page["unsaved"] == true;
            for alarm in page["alarms"].as_array().into_iter().flatten() {
                if let Some(source) = alarm["source"].as_str() {
                    told.note(source, Sighting { at, time, unsaved });
                }
            }
        }
    }
}

/// The body of the next request, if one comes.
fn request(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let field = line.trim_end().to_ascii_lowercase();
        if field.is_empty() {
            break;
        }
        if let Some(value) = field.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(body))
}

#[cfg(test)]
mod tests {
    use super::request;

    #[test]
    fn one_connection_brings_one_request_after_the_other() {
        let mut sent: &[u8] = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}POST / HTTP/1.1\r\n\r\n";
        assert_eq!(request(&mut sent).unwrap(), Some(b"{}".to_vec()));
        assert_eq!(request(&mut sent).unwrap(), Some(Vec::new()));
        assert_eq!(request(&mut sent).unwrap(), None);
    }

    #[test]
    fn a_body_that_is_cut_is_no_request() {
        let mut sent: &[u8] = b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\n{}";
        assert!(request(&mut sent).is_err());
    }
}
