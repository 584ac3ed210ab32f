//! The nodes of the demonstration: a thread that is all of them, over real sockets of this machine.

use super::{address, folder::is_reached, kind, office};
use crate::commands::simulate::connect;
use jiff::Zoned;
use poe_sim::office::{Office, OfficeSensor};
use poe_wire::{FRAME_BYTES, Frame, Message};
use std::{
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// From one burst of a node to its next, as the firmware has it.
const BURST: Duration = Duration::from_secs(2);

/// The nodes, until this is dropped.
#[derive(Debug)]
pub(crate) struct Nodes {
    /// Its end tells them to stop.
    running: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Nodes {
    /// Starts them. `listening`: where the server takes nodes.
    pub(crate) fn start(listening: &[SocketAddr]) -> io::Result<Self> {
        let reached = listening.iter().find(|address| is_reached(address.ip()));
        let reached = reached.ok_or_else(|| io::Error::other("the demo's nodes cannot reach the server"))?;
        let host = match reached.ip() {
            everywhere if everywhere.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            here => here.to_canonical(),
        };
        let (running, ended) = mpsc::channel();
        let mut nodes: Vec<Node> = (0..Office::rooms().len()).map(Node::new).collect();
        let target = SocketAddr::new(host, reached.port());
        let thread = thread::Builder::new().name("demo".into()).spawn(move || {
            let (begun, count) = (Instant::now(), nodes.len() as u32);
            // They speak one after another, so that something is always new.
            for turn in 0_u32.. {
                let node = &mut nodes[(turn % count) as usize];
                node.speak(target, begun.elapsed());
                let next = BURST * (turn / count) + BURST / count * (turn % count + 1);
                let wait = next.saturating_sub(begun.elapsed());
                if ended.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected) {
                    break;
                }
            }
        })?;
        Ok(Self { running: Some(running), thread: Some(thread) })
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        drop(self.running.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the nodes of the demo have panicked");
        }
    }
}

/// One of them.
struct Node {
    address: IpAddr,
    sensors: Vec<OfficeSensor>,
    connection: Option<TcpStream>,
}

impl Node {
    fn new(place: usize) -> Self {
        let sensors = Office::sensors().filter(|(node, _)| *node == place).collect();
        Self { address: address(place), sensors, connection: None }
    }

    /// Posts what its sensors read. What cannot be sent is lost, and the next time it connects anew.
    fn speak(&mut self, target: SocketAddr, watched: Duration) {
        let now = Zoned::now();
        let wall_ms = now.timestamp().as_millisecond() + i64::from(now.offset().seconds()) * 1_000;
        let office = office();
        let post = |sensor: &OfficeSensor| {
            let value = office.reading(*sensor, wall_ms, watched)?;
            Some(Message::Post { id: sensor.1, kind: kind(*sensor), value })
        };
        let posts: Vec<Message> = self.sensors.iter().filter_map(post).collect();
        if !posts.is_empty() && self.send(target, &posts).is_err() {
            self.connection = None;
        }
    }

    fn send(&mut self, target: SocketAddr, posts: &[Message]) -> io::Result<()> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                let connection = none.insert(connect(self.address, target)?);
                let announce = |sensor: &OfficeSensor| {
                    frame(Message::Initialization { id: sensor.1, kind: kind(*sensor), data: 0 })
                };
                self.sensors.iter().try_for_each(|sensor| connection.write_all(&announce(sensor)))?;
                connection
            }
        };
        posts.iter().try_for_each(|post| connection.write_all(&frame(*post)))
    }
}

fn frame(message: Message) -> [u8; FRAME_BYTES] {
    Frame::from(message).0
}
