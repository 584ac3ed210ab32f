//! All who attack, and what became of them.

use super::dripping::{self, Drip};
use super::kept::Kept;
use super::logins::{self, Answers};
use crate::failure::Failure;
use crate::load::Dice;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Who sends a head byte by byte.
const SLOW_HEADS: usize = 200;
/// Who sends a body so.
const SLOW_BODIES: usize = 100;
/// Who sends bodies as large as any order may be.
const LARGE_BODIES: usize = 4;
/// Who asks now and then on one connection. With the others they are more than the server has places for.
const KEPT: usize = 1_000;
/// Each of them asks as often as this times their number: often enough not to be idle.
const KEPT_GAP: Duration = Duration::from_micros(1_500);
/// Between two of an attacker that does nothing else.
const PAUSE: Duration = Duration::from_millis(10);
const LARGE_BYTES: usize = 1024 * 1024;
/// Longer, and the connection is given up for another.
const ANSWER_MAX: Duration = Duration::from_secs(2);

/// They go on until they are ended.
pub struct Attackers {
    ended: Arc<AtomicBool>,
    others: Vec<JoinHandle<(&'static str, Tally)>>,
    logins: Vec<JoinHandle<Answers>>,
}

/// How often each answer came; 0 is none.
pub type Tally = BTreeMap<u16, u64>;

impl Attackers {
    pub fn begin(server: SocketAddrV4) -> Result<Self, Failure> {
        let ended = Arc::<AtomicBool>::default();
        let mut others = Vec::new();
        let mut begin = |name, attack: fn(SocketAddrV4, &AtomicBool) -> Tally| {
            let ended = Arc::clone(&ended);
            others.push(thread::spawn(move || (name, attack(server, &ended))));
        };
        begin("slow heads", |server, ended| dripping::go_on(server, SLOW_HEADS, Drip::Head, ended));
        begin("slow bodies", |server, ended| dripping::go_on(server, SLOW_BODIES, Drip::Body, ended));
        begin("kept connections", keep);
        begin("bytes that are no HTTP", babble);
        (0..LARGE_BODIES).for_each(|_| begin("bodies of 1 MiB", send_large));
        Ok(Self { ended, others, logins: logins::begin(server) })
    }

    /// Waits until all passwords were tried, ends the others, and says on standard error what became of them.
    pub fn end(self) -> Result<Answers, Failure> {
        let failed = |_| Failure::new("a thread that attacks has failed");
        let mut answers = Answers::default();
        for login in self.logins {
            answers += login.join().map_err(failed)?;
        }
        self.ended.store(true, Relaxed);
        for other in self.others {
            let (name, tally) = other.join().map_err(failed)?;
            eprintln!("  {name}, by status (0 is cut): {tally:?}");
        }
        Ok(answers)
    }
}

/// Many who ask one after the other, each on a connection that it keeps.
fn keep(server: SocketAddrV4, ended: &AtomicBool) -> Tally {
    let mut tally = Tally::new();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {server}\r\n\r\n");
    let mut kept: Vec<Kept> = (0..KEPT).map(|_| Kept::new(server, ANSWER_MAX)).collect();
    for turn in 0.. {
        if ended.load(Relaxed) {
            break;
        }
        let status = kept[turn % KEPT].ask(request.as_bytes());
        *tally.entry(status.unwrap_or(0)).or_default() += 1;
        thread::sleep(KEPT_GAP);
    }
    tally
}

/// Bodies that are as long as an order may be, and none.
fn send_large(server: SocketAddrV4, ended: &AtomicBool) -> Tally {
    let mut tally = Tally::new();
    let mut request = format!(
        "POST /api/v1/login HTTP/1.1\r\nHost: {server}\r\nContent-Type: application/json\r\n\
         Content-Length: {LARGE_BYTES}\r\n\r\n{{\"name\":\""
    );
    request += &"a".repeat(LARGE_BYTES - "{\"name\":\"".len());
    let mut kept = Kept::new(server, ANSWER_MAX);
    while !ended.load(Relaxed) {
        *tally.entry(kept.ask(request.as_bytes()).unwrap_or(0)).or_default() += 1;
        thread::sleep(PAUSE);
    }
    tally
}

/// The beginning of a TLS handshake at a port that speaks none, and whatever.
fn babble(server: SocketAddrV4, ended: &AtomicBool) -> Tally {
    let mut tally = Tally::new();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    while !ended.load(Relaxed) {
        let mut bytes = vec![0x16, 0x03, 0x01, 0x02, 0x00, 0x01];
        bytes.extend((0..64).flat_map(|_| dice.roll().to_le_bytes()));
        let say = || {
            let mut stream = TcpStream::connect(server)?;
            stream.set_read_timeout(Some(ANSWER_MAX))?;
            stream.write_all(&bytes)?;
            let mut first = [0; 12];
            stream.read_exact(&mut first)?;
            std::io::Result::Ok(super::kept::status(&first).unwrap_or(0))
        };
        *tally.entry(say().unwrap_or(0)).or_default() += 1;
        thread::sleep(PAUSE);
    }
    tally
}
