//! Nodes that see a flame: each on a connection and an address of its own, calm until it is lit.

use crate::failure::{Doing, Failure};
use crate::load::Node;
use crate::probe;
use poe_wire::SensorKind;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// Nodes that are connected and known.
pub struct Flames(Vec<(String, Node)>);

/// A flame that was written to its socket.
pub struct Lit {
    /// The sensor, as the server calls it.
    pub source: String,
    /// Just before the write.
    pub at: Instant,
    pub time: SystemTime,
}

impl Flames {
    pub fn connect(server: SocketAddrV4, count: usize) -> Result<Self, Failure> {
        let connect = |index: usize| {
            // Beside the addresses that the load has.
            let address = Ipv4Addr::new(127, 200, (index / 250) as u8, (index % 250 + 1) as u8);
            let node = Node::connect(address, server).doing(|| format!("connect {address}"))?;
            (&node.stream)
                .write_all(&probe::frame(SensorKind::Fire, 1))
                .doing(|| "say that all is well".into())?;
            Ok((probe::key(address), node))
        };
        (0..count).map(connect).collect::<Result<_, _>>().map(Self)
    }

    /// Lights one after the other, so far apart.
    pub fn light(&self, gap: Duration) -> Result<Vec<Lit>, Failure> {
        let began = Instant::now();
        let flame = probe::frame(SensorKind::Fire, 0);
        let light = |(number, (source, node)): (usize, &(String, Node))| {
            let due = began + gap * number as u32;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let (at, time) = (Instant::now(), SystemTime::now());
            (&node.stream).write_all(&flame).doing(|| format!("light {source}"))?;
            Ok(Lit { source: source.clone(), at, time })
        };
        self.0.iter().enumerate().map(light).collect()
    }
}
