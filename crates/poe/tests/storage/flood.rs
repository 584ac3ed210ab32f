//! Many large nodes that change all their values, so that the log grows by a megabyte a second and more.

use crate::support::{PATIENCE, connect_from, open_read_only};
use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    thread,
    time::{Duration, Instant},
};

const NODES: u8 = 16;
const WATER: u8 = 5;

pub struct Flood {
    streams: Vec<TcpStream>,
    round: u8,
}

impl Flood {
    /// Connects, and sends a first round with this value.
    pub fn start(to: SocketAddr, value: u8) -> Self {
        let connect = |node| connect_from(Ipv4Addr::new(127, 0, 10, node), to);
        let mut flood = Self { streams: (1..=NODES).map(connect).collect(), round: value.wrapping_sub(1) };
        flood.send();
        flood
    }

    /// Every sensor of every node sends the next value.
    pub fn send(&mut self) {
        self.round = self.round.wrapping_add(1);
        let frames: Vec<u8> = (0..=255).flat_map(|id| [1, id, WATER, self.round]).collect();
        for stream in &mut self.streams {
            stream.write_all(&frames).unwrap();
        }
    }

    /// Looks until every sensor has the latest value.
    #[track_caller]
    pub fn wait_until_seen(&self, file: &Path) {
        let begun = Instant::now();
        let connection = open_read_only(file);
        let mut select = connection.prepare("SELECT count(*) FROM sensors WHERE value = ?1").unwrap();
        loop {
            let rows: u32 = select.query_row([self.round], |row| row.get(0)).unwrap();
            if rows == u32::from(NODES) * 256 {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "only {rows} have {}", self.round);
            thread::sleep(Duration::from_millis(5));
        }
    }
}
