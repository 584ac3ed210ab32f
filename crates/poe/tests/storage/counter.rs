//! A node that counts: whatever is seen of it later tells how much of what it sent is there.

use crate::support::{PATIENCE, connect_from, open_read_only, try_connect_from};
use std::{
    fs,
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

/// The kind whose values mean nothing, so that no change of a status hurries a commit.
const WATER: u8 = 5;

/// The frames that say this number: three sensors of one node, in one write, so that they are read and stored together.
pub fn frames(number: u32) -> [u8; 12] {
    let [_, high, middle, low] = number.to_be_bytes();
    [1, 0, WATER, high, 1, 1, WATER, middle, 1, 2, WATER, low]
}

/// What a node has counted to, as far as the table tells, and the time beside it.
#[derive(Clone, Copy, PartialEq, PartialOrd, Default, Debug)]
pub struct Seen {
    pub number: u32,
    pub time: f64,
}

/// Looks at the table as another program does.
#[track_caller]
pub fn seen(file: &Path, address: Ipv4Addr) -> Seen {
    seen_in(&open_read_only(file), "sensors", address)
}

#[track_caller]
pub fn seen_in(connection: &rusqlite::Connection, table: &str, address: Ipv4Addr) -> Seen {
    let sql = format!(
        "SELECT coalesce(sum(value << (8 * (2 - substr(ip_id, -1)))), 0), coalesce(max(time), 0) FROM {table}
         WHERE +ip_id IN ('{address}_0', '{address}_1', '{address}_2')"
    );
    connection.query_row(&sql, [], |row| Ok(Seen { number: row.get(0)?, time: row.get(1)? })).unwrap()
}

/// Looks until the table tells of at least this number.
#[track_caller]
pub fn wait_until_seen(file: &Path, address: Ipv4Addr, number: u32) {
    let begun = Instant::now();
    loop {
        let seen = seen(file, address).number;
        if seen >= number {
            assert_eq!(seen, number, "more than was sent");
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "the table tells of {seen} and not of {number}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A node that sends a number when it is told to.
pub struct Counter {
    pub address: Ipv4Addr,
    pub number: u32,
    stream: TcpStream,
}

impl Counter {
    #[track_caller]
    pub fn connect(address: Ipv4Addr, to: SocketAddr) -> Self {
        Self { address, number: 0, stream: connect_from(address, to) }
    }

    /// Sends the next numbers, one after the other.
    #[track_caller]
    pub fn count(&mut self, numbers: u32) {
        for _ in 0..numbers {
            self.number += 1;
            self.stream.write_all(&frames(self.number)).unwrap();
        }
    }

    /// Sends the next number; returns false if nobody is there any more.
    pub fn try_count(&mut self) -> bool {
        self.number += 1;
        self.stream.write_all(&frames(self.number)).is_ok()
    }

    /// Waits until all that was sent lies on the server's side, where only the server can lose it.
    #[track_caller]
    pub fn wait_until_acknowledged(&self) {
        let port = format!(":{:04X} ", self.stream.local_addr().unwrap().port());
        let begun = Instant::now();
        loop {
            let connections = fs::read_to_string("/proc/net/tcp").unwrap();
            // `sl local_address rem_address st tx_queue:rx_queue ...`
            let ours = connections
                .lines()
                .find(|line| line.split_once(": ").is_some_and(|(_, rest)| rest[..14].contains(&port)));
            let queue = ours
                .and_then(|line| line.split_whitespace().nth(4))
                .unwrap_or_else(|| panic!("{connections}"));
            if queue.starts_with("00000000:") {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "never acknowledged: {queue}");
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A node that counts by itself, as fast as the server takes it, and connects again when it has to.
pub struct Counting {
    sent: Arc<AtomicU32>,
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Counting {
    /// Goes on after this number.
    pub fn start(address: Ipv4Addr, to: SocketAddr, after: u32) -> Self {
        let (sent, stop) = (Arc::new(AtomicU32::new(after)), Arc::new(AtomicBool::new(false)));
        let thread = thread::spawn({
            let (sent, stop) = (Arc::clone(&sent), Arc::clone(&stop));
            move || {
                let mut stream: Option<TcpStream> = None;
                while !stop.load(Relaxed) {
                    let number = sent.load(Relaxed) + 1;
                    let sending = match &mut stream {
                        Some(stream) => stream.write_all(&frames(number)),
                        None => try_connect_from(address, to).map(|new| stream = Some(new)),
                    };
                    match sending {
                        Ok(()) if stream.is_some() => sent.store(number, Relaxed),
                        Ok(()) => {}
                        Err(_) => stream = None,
                    }
                    // 500 numbers a second: load enough, and the three bytes last for hours.
                    thread::sleep(Duration::from_millis(2));
                }
            }
        });
        Self { sent, stop, thread: Some(thread) }
    }

    /// The last number that went out.
    pub fn sent(&self) -> u32 {
        self.sent.load(Relaxed)
    }

    /// Ends it; returns the last number.
    pub fn stop(mut self) -> u32 {
        self.end();
        self.sent()
    }

    fn end(&mut self) {
        self.stop.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.end();
    }
}

/// What SQLite thinks of a file from end to end.
#[track_caller]
pub fn assert_sound(file: &Path) {
    let verdict: String =
        open_read_only(file).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok", "{}", file.display());
}
