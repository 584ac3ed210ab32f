//! From the frame to the row: how long until another process sees in the table what a node has sent.

use crate::failure::{Doing, Failure};
use crate::json;
use crate::stats::Spread;
use poe_wire::{Frame, Message, SensorKind};
use rusqlite::{Connection, OpenFlags};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// The sensor that the probe plays; no node of the load has it.
const PROBE_ID: u8 = 200;
/// The row of that sensor, when the probe comes from the loopback address.
pub const PROBE_KEY: &str = "127.0.0.1_200";
/// The row of the probe's sensor, when the probe comes from this address.
pub fn key(address: Ipv4Addr) -> String {
    format!("{address}_{PROBE_ID}")
}

/// How anybody asks for a sensor's value.
pub const VALUE_SQL: &str = "SELECT value FROM sensors WHERE ip_id = ?1";
/// A reading that has not come by now is lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// Send frames one at a time and watch the SQLite file for each.
#[derive(clap::Args)]
pub struct Probe {
    #[arg(long, default_value = "127.0.0.1:1234")]
    pub addr: SocketAddrV4,
    /// The SQLite file to watch
    #[arg(long)]
    pub db: PathBuf,
    /// How to ask for the value of `--key`
    #[arg(long, default_value = VALUE_SQL)]
    pub sql: String,
    #[arg(long, default_value = PROBE_KEY)]
    pub key: String,
    /// Frames to send
    #[arg(long, default_value_t = 300)]
    pub n: u32,
    /// Between a row seen and the next frame
    #[arg(long, default_value_t = 10)]
    pub gap_ms: u64,
    /// Between two looks at the file
    #[arg(long, default_value_t = 250)]
    pub poll_us: u64,
    /// Let every frame change the status; without it, the values stay inside one
    #[arg(long)]
    pub flip: bool,
}

impl Probe {
    /// What the command would do by default.
    pub fn at(addr: SocketAddrV4, db: PathBuf) -> Self {
        let (sql, key) = (VALUE_SQL.into(), PROBE_KEY.into());
        Self { addr, db, sql, key, n: 300, gap_ms: 10, poll_us: 250, flip: false }
    }

    /// Measures, and prints one JSON line.
    pub fn run(&self) -> Result<(), Failure> {
        let seen = self.measure()?;
        let Spread { p50, p90, p99, max } = Spread::of(&seen.latencies);
        let line = json::object(&[
            ("seen", &seen.latencies.len()),
            ("lost", &seen.lost),
            ("p50_ms", &format_args!("{p50:.3}")),
            ("p90_ms", &format_args!("{p90:.3}")),
            ("p99_ms", &format_args!("{p99:.3}")),
            ("max_ms", &format_args!("{max:.3}")),
        ]);
        println!("{line}");
        Ok(())
    }

    pub fn measure(&self) -> Result<Seen, Failure> {
        let mut node =
            TcpStream::connect(self.addr).doing(|| format!("connect the probe to {}", self.addr))?;
        node.set_nodelay(true).doing(|| "send the probe's frames at once".into())?;
        let table = open(&self.db)?;
        let mut ask = table.prepare(&self.sql).doing(|| format!("prepare {}", self.sql))?;
        let mut seen = Seen::default();
        for turn in 0..self.n {
            let (kind, value) = if self.flip {
                (SensorKind::Fire, (turn % 2) as u8)
            } else {
                (SensorKind::Smoke, (turn % 140 + 1) as u8)
            };
            let sent = Instant::now();
            node.write_all(&frame(kind, value)).doing(|| "send the probe's frame".into())?;
            loop {
                if ask.query_one([&self.key], |row| row.get(0)) == Ok(value) {
                    seen.latencies.push(sent.elapsed());
                    break;
                }
                if sent.elapsed() > PATIENCE {
                    seen.lost += 1;
                    break;
                }
                thread::sleep(Duration::from_micros(self.poll_us));
            }
            thread::sleep(Duration::from_millis(self.gap_ms));
        }
        Ok(seen)
    }
}

/// What the probe saw.
#[derive(Default)]
pub struct Seen {
    pub latencies: Vec<Duration>,
    pub lost: u32,
}

impl AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.lost += other.lost;
    }
}

/// The bytes of one reading of the probe's sensor.
pub fn frame(kind: SensorKind, value: u8) -> [u8; 4] {
    Frame::from(Message::Post { id: PROBE_ID, kind, value }).0
}

/// The table, as a stranger sees it.
pub fn open(db: &Path) -> Result<Connection, Failure> {
    Connection::open_with_flags(db, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .doing(|| format!("open {}", db.display()))
}
