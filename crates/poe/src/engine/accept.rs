//! New connections: who gets in, and what happens when there is no room.

use super::{DRAIN_MAX, Engine};
use crate::net::{
    connections::Connection,
    doors::{Decision, Refusal, Visitor},
    listen::peer_address,
    poll::Ready,
};
use nix::errno::Errno;
use std::{
    fs::File,
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    time::{Duration, Instant},
};
use tracing::warn;

/// Connections accepted from one listener before the others have their turn.
const ACCEPTS_PER_TURN: usize = 64;
/// How long nobody is accepted after the process ran out of descriptors.
const PAUSE: Duration = Duration::from_millis(100);
/// How long the others wait at most while somebody has all connections of an address closed.
const DISCONNECT_MAX: Duration = Duration::from_millis(20);

/// The sockets that others come to.
#[derive(Debug)]
pub(crate) struct Listening {
    pub(crate) tcp: Vec<TcpListener>,
    pub(crate) udp: Vec<UdpSocket>,
    /// Set while the process has no descriptors for more connections.
    pub(crate) paused_until: Option<Instant>,
    /// A descriptor kept in reserve: given up to accept, and so refuse, one visitor when there is no other left.
    spare: Option<File>,
}

impl Listening {
    pub(crate) fn new(tcp: Vec<TcpListener>, udp: Vec<UdpSocket>) -> Self {
        Self { tcp, udp, paused_until: None, spare: spare() }
    }

    /// Nobody can connect any more. Datagrams have no connection and are taken until the end.
    pub(crate) fn refuse_new(&mut self) {
        self.tcp.clear();
        self.paused_until = None;
    }
}

fn spare() -> Option<File> {
    File::open("/dev/null").ok()
}

impl Engine {
    /// Accepts who waits at a listener. Returns whether more may be waiting.
    pub(super) fn accept(&mut self, number: usize) -> bool {
        if self.listening.paused_until.is_some() {
            return false;
        }
        for _ in 0..ACCEPTS_PER_TURN {
            match self.listening.tcp[number].accept() {
                Ok((stream, peer)) => self.greet(stream, peer),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                Err(error) if out_of_descriptors(&error) => {
                    self.pause(number);
                    return false;
                }
                // The visitor has gone again, or the network failed for it alone.
                Err(_) => {}
            }
        }
        true
    }

    /// Listens again once a pause is over.
    pub(super) fn listen_again_after_pause(&mut self) -> io::Result<()> {
        if self.listening.paused_until.is_some_and(|until| until <= Instant::now()) {
            self.listening.paused_until = None;
            for (number, listener) in self.listening.tcp.iter().enumerate() {
                self.poller.watch(listener, Ready::Listener(number))?;
            }
        }
        Ok(())
    }

    /// Counts and tells that a visitor was not let in.
    pub(super) fn refuse(&mut self, address: IpAddr, refusal: Refusal) {
        self.own.refused[refusal.index()] += 1;
        self.tell.refused(address, refusal);
    }

    fn greet(&mut self, stream: TcpStream, peer: SocketAddr) {
        let address = peer_address(peer);
        if !self.doors.admits(address) {
            return self.refuse(address, Refusal::Network);
        }
        match self.doors.decide(self.visitor(address)) {
            Decision::Admit => {}
            Decision::Replace => self.displace_most_silent(address),
            Decision::Refuse(refusal) => return self.refuse(address, refusal),
        }
        if let Err(cause) = self.admit(stream, address, peer.port()) {
            warn!(%address, %cause, "the connection from {address} could not be watched and was closed");
        }
    }

    fn visitor(&self, address: IpAddr) -> Visitor {
        let silence = |(_, since): (_, Instant)| since.elapsed().as_secs();
        let node = self.building.find(address);
        Visitor {
            open: self.connections.len(),
            open_here: self.connections.count(address),
            longest_silence_s: self.connections.most_silent(address).map_or(0, silence),
            expected: node.is_some_and(|node| self.building.connections(node) == 0),
            missing_nodes: self.building.node_count() - self.building.connected_count(),
        }
    }

    fn admit(&mut self, stream: TcpStream, address: IpAddr, port: u16) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        self.poller.watch(&stream, Ready::Connection(self.connections.next_key()))?;
        let session = self.building.open(address);
        let (since, quiet_since) = (self.clock.now().time, Instant::now());
        self.own.accepted += 1;
        self.tell.connected(&mut self.watch, address, port);
        let key = self.connections.insert(Connection {
            stream,
            port,
            session,
            since,
            last_heard: None,
            quiet_since,
        });
        // A node that reconnects has often sent already.
        self.read(key);
        Ok(())
    }

    /// Closes the connection of this address that has been silent longest, once everything it sent is read.
    fn displace_most_silent(&mut self, address: IpAddr) {
        if let Some((key, _)) = self.connections.most_silent(address) {
            let deadline = Instant::now() + DRAIN_MAX;
            while self.read(key) && Instant::now() < deadline {}
            self.close(key);
            self.own.displaced += 1;
        }
    }

    /// Closes every connection of this address, and tells how many there were. What they have sent is read first, as long
    /// as that delays nobody else.
    pub(super) fn disconnect(&mut self, address: IpAddr) -> u64 {
        let deadline = Instant::now() + DISCONNECT_MAX;
        let keys = self.connections.keys_of(address);
        for key in &keys {
            while self.read(*key) && Instant::now() < deadline {}
            self.close(*key);
        }
        keys.len() as u64
    }

    /// There is no descriptor left. One visitor is told so, by closing its connection, and the others wait a little,
    /// in the hope that someone leaves; trying again at once would only burn the processor.
    fn pause(&mut self, number: usize) {
        self.listening.spare = None;
        if let Ok((_, peer)) = self.listening.tcp[number].accept() {
            self.refuse(peer_address(peer), Refusal::Descriptors);
        }
        self.listening.spare = spare();
        self.listening.paused_until = Some(Instant::now() + PAUSE);
        for listener in &self.listening.tcp {
            if let Err(cause) = self.poller.unwatch(listener) {
                warn!(%cause, "a listener could not be paused");
            }
        }
    }
}

fn out_of_descriptors(error: &io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw);
    matches!(errno, Some(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM))
}
