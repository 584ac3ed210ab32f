//! Nodes of a test's own.

use crate::support::{connect_from, try_connect_from};
use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

pub const FIRE: u8 = 0;
pub const SMOKE: u8 = 1;
pub const TEMPERATURE: u8 = 4;
pub const WATER: u8 = 5;

/// The numbers that a common node gives its sensors of these kinds.
pub const FIRE_ID: u8 = 0;
pub const SMOKE_ID: u8 = 9;
pub const TEMPERATURE_ID: u8 = 12;

/// A reading as a node posts it.
pub fn post(id: u8, kind: u8, value: u8) -> [u8; 4] {
    [1, id, kind, value]
}

/// A node with one fire sensor, one for smoke and one for temperature.
pub struct Node {
    pub address: Ipv4Addr,
    pub stream: TcpStream,
}

impl Node {
    #[track_caller]
    pub fn connect(address: Ipv4Addr, to: SocketAddr) -> Self {
        Self { address, stream: connect_from(address, to) }
    }

    /// Sends readings in one write.
    #[track_caller]
    pub fn send(&mut self, readings: &[[u8; 4]]) {
        self.stream.write_all(&readings.concat()).unwrap();
    }

    /// Everything is as it should be.
    #[track_caller]
    pub fn calm(&mut self) {
        self.send(&[
            post(FIRE_ID, FIRE, 1),
            post(SMOKE_ID, SMOKE, 80),
            post(TEMPERATURE_ID, TEMPERATURE, 70),
        ]);
    }

    /// Its fire sensor sees a flame.
    #[track_caller]
    pub fn burn(&mut self) {
        self.send(&[post(FIRE_ID, FIRE, 0)]);
    }

    #[track_caller]
    pub fn smoke(&mut self, value: u8) {
        self.send(&[post(SMOKE_ID, SMOKE, value)]);
    }
}

/// A node that sends the same again and again, and connects again when it has to.
pub struct Beating {
    quiet: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

impl Beating {
    pub fn start(address: Ipv4Addr, to: SocketAddr, every: Duration, readings: &[[u8; 4]]) -> Self {
        let beating = Self { quiet: Arc::default(), ended: Arc::default() };
        let (quiet, ended) = (Arc::clone(&beating.quiet), Arc::clone(&beating.ended));
        let bytes = readings.concat();
        thread::spawn(move || {
            let mut stream: Option<TcpStream> = None;
            while !ended.load(Relaxed) {
                if !quiet.load(Relaxed) {
                    stream = stream.or_else(|| try_connect_from(address, to).ok());
                    stream.take_if(|open| open.write_all(&bytes).is_err());
                }
                thread::sleep(every);
            }
        });
        beating
    }

    /// It sends nothing from now on, on an open connection.
    pub fn hush(&self) {
        self.quiet.store(true, Relaxed);
    }

    /// It goes on.
    pub fn speak(&self) {
        self.quiet.store(false, Relaxed);
    }
}

impl Drop for Beating {
    fn drop(&mut self) {
        self.ended.store(true, Relaxed);
    }
}
