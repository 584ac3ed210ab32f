//! Nodes in bulk: connects them, sends their frames, and says what a correct server must then hold.

mod node;
mod ring;
mod sender;

use crate::failure::{Doing, Failure};
use crate::json;
use nix::sched::{CloneFlags, unshare};
pub use node::{Node, source};
pub use ring::{Dice, Pattern, Ring, Total};
use sender::{Pace, Plan, Sent};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// No run may outlive a quarter of an hour, whatever was asked for.
const SECONDS_MAX: f64 = 900.0;
/// About as many frames as a ring holds before it repeats: small enough to stay in the cache.
const RING_FRAMES: usize = 16_384;

/// What to send, from how many nodes, and how fast.
#[derive(clap::Args)]
pub struct Load {
    /// The server, on loopback or in a private network
    #[arg(long, default_value = "127.0.0.1:1234", value_parser = near)]
    addr: SocketAddrV4,
    /// Nodes, one connection each
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    clients: u32,
    /// Source addresses 127.1.0.1 and up that the nodes share; 0 is 127.0.0.1 for all
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=200_000))]
    ips: u32,
    /// Frames of each node; 0 only connects and holds
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(0..=4_000_000_000))]
    frames_per_client: u64,
    /// Frames in one write: 1 is what the firmware does, 21 a burst of 84 bytes, 256 is 1 KiB
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    batch: u32,
    /// Frames per second of all nodes together; 0 is as fast as possible
    #[arg(long, default_value_t = 0.0)]
    rate: f64,
    /// Let each node send a round of all its sensors every so many milliseconds, as real ones do
    #[arg(long, conflicts_with = "rate", value_parser = clap::value_parser!(u64).range(1..=60_000))]
    beat_ms: Option<u64>,
    /// Sensors of each node
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..=256))]
    ids: u32,
    /// What the frames hold, and how they are cut
    #[arg(long, value_enum, default_value_t = Pattern::Normal)]
    pattern: Pattern,
    /// Microseconds between the pieces of `--pattern fragmented`
    #[arg(long, default_value_t = 300)]
    gap_us: u64,
    /// Threads that send; with more than one, each has a descriptor table of its own
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    threads: u32,
    /// Seconds to stay connected after the last frame
    #[arg(long, default_value = "0", value_parser = seconds)]
    hold: Duration,
    /// Write what a correct server must hold at the end, as lines of `ip_id,kind,value,count,sum`: the table, and of
    /// the history of each sensor how many readings it has and the sum of their values
    #[arg(long)]
    expect: Option<PathBuf>,
    /// Stop sending so many seconds after the start
    #[arg(long, default_value = "120", value_parser = seconds)]
    max_seconds: Duration,
}

impl Load {
    /// Connects all nodes, prints `CONNECTED`, sends, and prints one JSON line.
    pub fn run(&self) -> Result<(), Failure> {
        let ring = Ring::new(self.pattern, self.ids as usize, RING_FRAMES, self.batch as usize);
        let plan = self.plan();
        let lanes: Vec<AtomicUsize> = (0..self.threads).map(|_| AtomicUsize::new(0)).collect();
        let gate = Barrier::new(lanes.len() + 1);
        let connecting = Instant::now();
        thread::scope(|scope| {
            let senders: Vec<_> = lanes
                .iter()
                .enumerate()
                .map(|(lane, connected)| {
                    let (ring, plan, gate) = (&ring, &plan, &gate);
                    scope.spawn(move || self.send(lane, ring, plan, gate, connected))
                })
                .collect();

            gate.wait();
            let nodes: usize = lanes.iter().map(|connected| connected.load(Relaxed)).sum();
            let connect_s = connecting.elapsed().as_secs_f64();
            // Before the line that others wait for, so that they find it whole.
            let expectation = self.expect.as_deref().map(|path| self.write_expectation(path, &ring, nodes));
            println!("CONNECTED {nodes} in {connect_s:.3} s");

            let started_at = unix_time();
            let start = Instant::now();
            gate.wait();
            let mut sent = Sent::default();
            for sender in senders {
                sent += sender.join().map_err(|_| Failure::new("a sender thread panicked"))??;
            }
            let elapsed_s = (start.elapsed() - self.hold).as_secs_f64();
            expectation.transpose()?;
            if nodes == 0 {
                return Err(Failure::new(format!("no node could connect to {}", self.addr)));
            }
            println!("{}", self.summary(nodes, connect_s, started_at, elapsed_s, &sent));
            Ok(())
        })
    }

    /// One sender thread: connects every n-th node, waits for the others at the gate, and sends.
    fn send(
        &self,
        lane: usize,
        ring: &Ring,
        plan: &Plan,
        gate: &Barrier,
        connected: &AtomicUsize,
    ) -> Result<Sent, Failure> {
        // A limit of 20,000 open files counts per table, so that six threads can hold 100,000 nodes.
        let own_table = if self.threads > 1 { unshare(CloneFlags::CLONE_FILES) } else { Ok(()) };
        let mut nodes = Vec::new();
        for index in (lane..self.clients as usize).step_by(self.threads as usize) {
            match Node::connect(source(index, self.ips as usize), self.addr) {
                Ok(node) => nodes.push(node),
                Err(cause) => {
                    eprintln!("node {index} could not connect: {cause}");
                    break;
                }
            }
        }
        connected.store(nodes.len(), Relaxed);
        gate.wait();
        gate.wait();
        // Only now: a thread that left before the gates would keep the others waiting at them.
        own_table.doing(|| "give a sender thread its own descriptors".into())?;
        let sent = sender::send(&mut nodes, plan, ring)?;
        thread::sleep(self.hold);
        nodes.into_iter().for_each(Node::leave);
        Ok(sent)
    }

    fn plan(&self) -> Plan {
        let pace = match (self.pattern, self.beat_ms) {
            (Pattern::Fragmented, _) => Pace::Pieces { gap: Duration::from_micros(self.gap_us) },
            (_, Some(ms)) => Pace::Beat { every: Duration::from_millis(ms) },
            _ if self.rate > 0.0 => Pace::Rate { frames_per_s: self.rate / f64::from(self.threads) },
            _ => Pace::FlatOut,
        };
        Plan {
            pace,
            node_bytes: self.frames_per_client * 4,
            round_bytes: u64::from(self.ids) * 4,
            write_bytes: u64::from(self.batch) * 4,
            ends: Instant::now() + self.max_seconds,
        }
    }

    fn summary(&self, nodes: usize, connect_s: f64, started_at: f64, elapsed_s: f64, sent: &Sent) -> String {
        json::object(&[
            ("clients", &nodes),
            ("pattern", &format_args!("\"{}\"", self.pattern)),
            ("batch", &self.batch),
            ("connect_s", &format_args!("{connect_s:.3}")),
            ("frames_sent", &(sent.bytes / 4)),
            ("bytes_sent", &sent.bytes),
            ("started_at", &format_args!("{started_at:.6}")),
            ("elapsed_s", &format_args!("{elapsed_s:.4}")),
            ("frames_per_s", &format_args!("{:.0}", sent.bytes as f64 / 4.0 / elapsed_s)),
            ("dead_connections", &sent.lost_nodes),
        ])
    }

    fn write_expectation(&self, path: &Path, ring: &Ring, nodes: usize) -> Result<(), Failure> {
        let write = || -> io::Result<()> {
            let mut file = BufWriter::new(File::create(path)?);
            let totals = ring.totals(self.frames_per_client);
            for node in 0..nodes {
                let ip = source(node, self.ips as usize);
                for ([_, id, kind, value], total) in ring.latest(self.frames_per_client).zip(&totals) {
                    writeln!(file, "{ip}_{id},{kind},{value},{},{}", total.count, total.sum)?;
                }
            }
            file.flush()
        };
        write().doing(|| format!("write the expected table to {}", path.display()))
    }
}

fn unix_time() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

fn near(text: &str) -> Result<SocketAddrV4, String> {
    let addr: SocketAddrV4 = text.parse().map_err(|error| format!("{error}"))?;
    if addr.ip().is_loopback() || addr.ip().is_private() {
        Ok(addr)
    } else {
        Err("this much load goes to loopback or private addresses only".into())
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if (0.0..=SECONDS_MAX).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(format!("0 to {SECONDS_MAX} seconds"))
    }
}
