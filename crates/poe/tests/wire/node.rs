//! A node in the hands of a test. It can be told to send anything; whatever it was told, the server must never have
//! said a word to it.

use crate::support::{PATIENCE, Server, connect_from, reset};
use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

/// The frame of a reading.
pub fn post(id: u8, kind: u8, value: u8) -> [u8; 4] {
    [1, id, kind, value]
}

pub const FIRE: u8 = 0;
pub const SMOKE: u8 = 1;
pub const WATER: u8 = 5;

/// Kind and value of a row of the table.
pub fn reading(row: &(String, i64, f64)) -> (&str, i64) {
    (&row.0, row.1)
}

/// A connection of a node, or of whoever pretends to be one.
#[derive(Debug)]
pub struct Node {
    stream: Option<TcpStream>,
    address: IpAddr,
}

impl Node {
    /// Connects from 127.0.0.`number`.
    #[track_caller]
    pub fn connect(server: &Server, number: u8) -> Self {
        Self::connect_as(server, Ipv4Addr::new(127, 0, 0, number))
    }

    /// Connects from this address.
    #[track_caller]
    pub fn connect_as(server: &Server, address: impl Into<IpAddr>) -> Self {
        let address = address.into();
        Self { stream: Some(connect_from(address, server.tcp())), address }
    }

    /// The key of one of its sensors.
    pub fn key(&self, id: u8) -> String {
        format!("{}_{id}", self.address)
    }

    #[track_caller]
    pub fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).unwrap();
    }

    pub fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream().write_all(bytes)
    }

    /// How long it takes from a reading of sensor `id` to its row, seen by polling.
    #[track_caller]
    pub fn time_to_row(&mut self, server: &Server, id: u8, value: u8) -> Duration {
        let key = self.key(id);
        let begun = Instant::now();
        self.send(&post(id, WATER, value));
        server.wait_for(|server| server.row(&key).is_some_and(|row| row.1 == i64::from(value)), PATIENCE);
        begun.elapsed()
    }

    /// Ends by a FIN.
    pub fn close(self) {
        drop(self);
    }

    /// Ends by an RST.
    pub fn reset(mut self) {
        self.check_heard_nothing();
        reset(self.stream.take().expect("it is there until the end"));
    }

    /// Says that it will send no more, and goes on listening.
    pub fn half_close(&mut self) {
        self.stream().shutdown(Shutdown::Write).unwrap();
    }

    /// Whether the server has closed the connection by now.
    pub fn is_closed(&mut self) -> bool {
        match self.heard() {
            Heard::Nothing => false,
            Heard::End => true,
            Heard::Bytes(bytes) => panic!("a node was sent {bytes:?}"),
        }
    }

    /// Waits until the server closes the connection.
    #[track_caller]
    pub fn wait_until_closed(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.is_closed() {
            assert!(Instant::now() < deadline, "{} is still connected", self.address);
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn stream(&mut self) -> &mut TcpStream {
        self.stream.as_mut().expect("it is there until the end")
    }

    fn heard(&mut self) -> Heard {
        let stream = self.stream();
        let mut bytes = [0; 256];
        stream.set_nonblocking(true).unwrap();
        let heard = match stream.read(&mut bytes) {
            Ok(0) => Heard::End,
            Ok(count) => Heard::Bytes(bytes[..count].to_vec()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Heard::Nothing,
            // A connection that is closed before everything was read ends this way.
            Err(_) => Heard::End,
        };
        stream.set_nonblocking(false).unwrap();
        heard
    }

    fn check_heard_nothing(&mut self) {
        if self.stream.is_some() {
            // On loopback, what the server has sent is here already.
            self.is_closed();
        }
    }
}

enum Heard {
    Nothing,
    End,
    Bytes(Vec<u8>),
}

impl Drop for Node {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.check_heard_nothing();
        }
    }
}

/// Whether the server has taken every byte that has arrived for it, as the system tells.
pub fn everything_is_read(server: &Server) -> bool {
    server.tcp_addresses().iter().all(|address| unread_bytes(*address) == 0)
}

fn unread_bytes(listener: SocketAddr) -> u64 {
    const ESTABLISHED: &str = "01";
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    let port = format!(":{:04X}", listener.port());
    let lines = tables.iter().flat_map(|table| table.lines().skip(1));
    let queues = lines.filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (local, _peer, state, queues) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        (local.ends_with(&port) && state == ESTABLISHED).then_some(queues)
    });
    queues.map(|queues| u64::from_str_radix(queues.split_once(':').unwrap().1, 16).unwrap()).sum()
}
