//! The ceiling: a server that takes frames apart and does nothing with them.
//!
//! What it reaches on a machine is the most that any server of this shape can reach there, so a figure
//! given as a ratio to it means the same on every machine. It keeps a table per connection, as the cheapest
//! server that still knows the latest values would, and with `--log` every byte in a durable raw log.

use crate::failure::{Doing, Failure};
use crate::json;
use std::cell::RefCell;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{Builder, Runtime};

/// What one read may return: the most that a busy socket tends to hold.
const READ_BYTES: usize = 64 * 1024;
/// Waiting connections: as many as the kernel's default lets in.
const BACKLOG: u32 = 4096;
/// A load is over when nothing has come for so long, or nothing was made durable: a commit of a full log takes its time.
const QUIET: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// When so many bytes wait for the log, sockets are slowed.
const LOG_WAITING_MAX: usize = 256 << 20;

static FRAMES: AtomicU64 = AtomicU64::new(0);
static DURABLE_FRAMES: AtomicU64 = AtomicU64::new(0);
static LOGS: AtomicBool = AtomicBool::new(false);
static LOG: Mutex<Waiting> = Mutex::new(Waiting { bytes: Vec::new(), frames: 0 });

/// Parse what comes on a port of the loopback address, and print one JSON line after every load.
#[derive(clap::Args)]
pub struct Ceiling {
    /// 0 takes any free port; the line `listening tcp ADDR` names it
    #[arg(long, default_value_t = 12_350)]
    port: u16,
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,
    /// Keep everything in a raw log, and count frames when they are durable
    #[arg(long)]
    log: Option<PathBuf>,
    /// Stop after so many seconds
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
}

impl Ceiling {
    pub fn run(&self) -> Result<(), Failure> {
        if let Some(path) = &self.log {
            let file = File::create(path).doing(|| format!("create {}", path.display()))?;
            LOGS.store(true, Relaxed);
            thread::spawn(move || keep_log(file));
        }
        let runtime = self.runtime().doing(|| "start the runtime".into())?;
        runtime
            .block_on(async {
                let listener = listen(self.port)?;
                println!("listening tcp {}", listener.local_addr()?);
                tokio::spawn(report());
                let closing = tokio::time::sleep(Duration::from_secs(self.seconds));
                tokio::select! {
                    () = closing => Ok(()),
                    outcome = accept(&listener) => outcome,
                }
            })
            .doing(|| format!("serve port {}", self.port))
    }

    fn runtime(&self) -> io::Result<Runtime> {
        match self.threads {
            1 => Builder::new_current_thread().enable_all().build(),
            threads => Builder::new_multi_thread().worker_threads(usize::from(threads)).enable_all().build(),
        }
    }
}

fn listen(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port).into())?;
    socket.listen(BACKLOG)
}

async fn accept(listener: &TcpListener) -> io::Result<()> {
    for id in 0.. {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(Connection::new(id).serve(stream));
    }
    Ok(())
}

/// What a connection owns: its latest values, and a frame that has begun.
struct Connection {
    id: u32,
    latest: Box<[u8; 256]>,
    held: [u8; 4],
    held_len: usize,
}

impl Connection {
    fn new(id: u32) -> Self {
        Self { id, latest: Box::new([0; 256]), held: [0; 4], held_len: 0 }
    }

    async fn serve(mut self, stream: TcpStream) {
        while stream.readable().await.is_ok() && self.read(&stream) {}
        // The table is what makes the ceiling a fair one; unseen, it would be optimised away.
        black_box(&self.latest);
    }

    /// Takes what is there. The buffer is the thread's, so that an idle connection has none.
    fn read(&mut self, stream: &TcpStream) -> bool {
        thread_local!(static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]));
        BUFFER.with_borrow_mut(|buffer| match stream.try_read(buffer) {
            Ok(0) => false,
            Ok(len) => {
                let frames = self.take(&buffer[..len]);
                FRAMES.fetch_add(frames, Relaxed);
                if LOGS.load(Relaxed) {
                    self.log(&buffer[..len], frames);
                }
                true
            }
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        })
    }

    fn take(&mut self, mut bytes: &[u8]) -> u64 {
        let mut frames = 0;
        while (1..4).contains(&self.held_len) && !bytes.is_empty() {
            self.held[self.held_len] = bytes[0];
            self.held_len += 1;
            bytes = &bytes[1..];
        }
        if self.held_len == 4 {
            self.keep(self.held);
            self.held_len = 0;
            frames += 1;
        }
        if self.held_len == 0 {
            let (whole, rest) = bytes.as_chunks::<4>();
            whole.iter().for_each(|frame| self.keep(*frame));
            frames += whole.len() as u64;
            self.held[..rest.len()].copy_from_slice(rest);
            self.held_len = rest.len();
        }
        frames
    }

    fn keep(&mut self, [opt, id, kind, data]: [u8; 4]) {
        if opt == 1 && kind < 6 {
            self.latest[usize::from(id)] = data;
        }
    }

    fn log(&self, bytes: &[u8], frames: u64) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64);
        let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        log.bytes.extend_from_slice(&self.id.to_le_bytes());
        log.bytes.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        log.bytes.extend_from_slice(&now.to_le_bytes());
        log.bytes.extend_from_slice(bytes);
        log.frames += frames;
        let is_full = log.bytes.len() > LOG_WAITING_MAX;
        drop(log);
        if is_full {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// What waits for the next commit of the log.
struct Waiting {
    bytes: Vec<u8>,
    frames: u64,
}

/// Writes whatever has gathered, makes it durable, and looks again.
fn keep_log(mut file: File) {
    let mut batch = Waiting { bytes: Vec::new(), frames: 0 };
    loop {
        std::mem::swap(&mut *LOG.lock().unwrap_or_else(PoisonError::into_inner), &mut batch);
        if batch.bytes.is_empty() {
            thread::sleep(Duration::from_micros(100));
            continue;
        }
        if let Err(error) = file.write_all(&batch.bytes).and_then(|()| file.sync_data()) {
            eprintln!("the log has failed: {error}");
            return;
        }
        DURABLE_FRAMES.fetch_add(batch.frames, Relaxed);
        batch.bytes.clear();
        batch.frames = 0;
    }
}

/// One line after every load: the frames, and their rate from the first ones seen to the last.
async fn report() {
    let frames = if LOGS.load(Relaxed) { &DURABLE_FRAMES } else { &FRAMES };
    let mut reported = 0;
    loop {
        let first = next_change(frames, reported).await;
        let begun = Instant::now();
        let (mut last, mut ended) = (first, begun);
        while ended.elapsed() < QUIET {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = frames.load(Relaxed);
            if now != last {
                (last, ended) = (now, Instant::now());
            }
        }
        let total = last - reported;
        let seconds = (ended - begun).as_secs_f64();
        let frames_per_s = (last - first) as f64 / seconds.max(f64::MIN_POSITIVE);
        let line = json::object(&[
            ("frames", &total),
            ("seconds", &format_args!("{seconds:.4}")),
            ("frames_per_s", &format_args!("{frames_per_s:.0}")),
        ]);
        println!("{line}");
        reported = last;
    }
}

async fn next_change(frames: &AtomicU64, from: u64) -> u64 {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = frames.load(Relaxed);
        if now != from {
            return now;
        }
    }
}
