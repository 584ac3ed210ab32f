//! Many clients that follow, read by one thread that does little else, so that it is not the one that is measured.

use crate::failure::{Doing, Failure};
use crate::run::client::{Client as Way, Stream};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const READ_AT_ONCE: usize = 256 * 1024;
/// Each waits for its snapshot before the next one comes.
const COMING_AT_ONCE: usize = 16;
const EVENTS_AT_ONCE: usize = 256;

/// Clients that follow.
pub struct Audience {
    reader: JoinHandle<Result<Heard, Failure>>,
    clients: usize,
    alarms: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
}

/// What they have heard.
#[derive(Default)]
pub struct Heard {
    pub clients: usize,
    /// The source of each alarm that was raised, and when a client heard of it.
    pub alarms: Vec<(String, Instant)>,
    pub readings: u64,
    pub bytes: u64,
    /// How often the sensor that was told most often to one client was told to it.
    pub most_updates_per_s: f64,
}

/// One of them.
struct Client {
    stream: Stream,
    /// The beginning of a line.
    rest: Vec<u8>,
    /// When this client was told of a sensor of its own, the first that it ever was.
    sensor: Vec<u8>,
    told: Vec<Instant>,
}

impl Audience {
    /// Each follows with parameters of its own, and is read from then on: the first must not stall until the last is there.
    pub fn of(way: &Way, parameters: impl IntoIterator<Item = String>) -> Result<Self, Failure> {
        let (alarms, ended) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let seated = Arc::<AtomicUsize>::default();
        let (arrival, arrivals) = mpsc::channel();
        let reader = thread::spawn({
            let (alarms, ended, seated) = (Arc::clone(&alarms), Arc::clone(&ended), Arc::clone(&seated));
            move || read_all(&arrivals, &alarms, &seated, &ended)
        });
        let parameters: Vec<_> = parameters.into_iter().collect();
        let come = |some: &[String]| -> Result<(), Failure> {
            for parameters in some {
                let stream = way.follow_some(parameters)?;
                let rest = stream.buffer().to_vec();
                let stream = stream.into_inner();
                stream.set_nonblocking(true).doing(|| "read many clients at once".into())?;
                // A reader that has ended says why, once it is asked.
                let _ = arrival.send(Client { stream, rest, sensor: Vec::new(), told: Vec::new() });
            }
            Ok(())
        };
        let come = &come;
        thread::scope(|scope| {
            let share = parameters.len().div_ceil(COMING_AT_ONCE);
            let groups: Vec<_> =
                parameters.chunks(share).map(|some| scope.spawn(move || come(some))).collect();
            let failed = |_| Failure::new("a thread that connects clients has failed");
            groups.into_iter().try_for_each(|group| group.join().map_err(failed)?)
        })?;
        let clients = parameters.len();
        // What is told before the reader looks is no time that the server takes.
        while seated.load(Relaxed) < clients && !reader.is_finished() {
            thread::sleep(Duration::from_millis(1));
        }
        Ok(Self { reader, clients, alarms, ended })
    }

    /// Waits until each has heard of so many alarms, or so long, and tells what all have heard.
    pub fn hear(self, alarms: usize, within: Duration) -> Result<Heard, Failure> {
        let until = Instant::now() + within;
        while self.alarms.load(Relaxed) < alarms * self.clients && Instant::now() < until {
            thread::sleep(Duration::from_millis(20));
        }
        self.ended.store(true, Relaxed);
        self.reader.join().map_err(|_| Failure::new("the thread that reads has failed"))?
    }
}

fn read_all(
    arrivals: &Receiver<Client>,
    alarms: &AtomicUsize,
    seated: &AtomicUsize,
    ended: &AtomicBool,
) -> Result<Heard, Failure> {
    let doing = || "wait for what clients are told".into();
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).doing(doing)?;
    let mut clients = Vec::new();
    let mut events = vec![EpollEvent::empty(); EVENTS_AT_ONCE];
    let mut buffer = vec![0; READ_AT_ONCE];
    let mut heard = Heard::default();
    while !ended.load(Relaxed) {
        for client in arrivals.try_iter() {
            let number = clients.len() as u64;
            epoll.add(&client.stream, EpollEvent::new(EpollFlags::EPOLLIN, number)).doing(doing)?;
            clients.push(client);
        }
        seated.store(clients.len(), Relaxed);
        let ready = epoll.wait(&mut events, 100_u8).unwrap_or(0);
        for event in &events[..ready] {
            let client: &mut Client = &mut clients[event.data() as usize];
            match client.stream.read(&mut buffer) {
                Ok(0) => return Err(Failure::new("the server has cut a client that reads")),
                Ok(count) => client.hear(&buffer[..count], &mut heard),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error).doing(doing),
            }
            alarms.store(heard.alarms.len(), Relaxed);
        }
    }
    let often = clients.iter().filter_map(|client| {
        let (first, last) = (client.told.first()?, client.told.last()?);
        // The state at the beginning is no update.
        Some((client.told.len() as f64 - 1.0) / (*last - *first).as_secs_f64().max(1.0))
    });
    heard.clients = clients.len();
    heard.most_updates_per_s = often.fold(0.0, f64::max);
    Ok(heard)
}

impl Client {
    fn hear(&mut self, bytes: &[u8], heard: &mut Heard) {
        let now = Instant::now();
        heard.bytes += bytes.len() as u64;
        self.rest.extend_from_slice(bytes);
        let rest = std::mem::take(&mut self.rest);
        let mut lines = rest.split(|byte| *byte == b'\n').peekable();
        while let Some(line) = lines.next() {
            if lines.peek().is_none() {
                self.rest = line.to_vec();
            } else if let Some(reading) = line.strip_prefix(b"data: {\"ip_id\":\"") {
                heard.readings += 1;
                self.note(reading, now);
            } else if line.starts_with(b"data: {\"seq\":") {
                heard.alarms.extend(raised(line).map(|source| (source, now)));
            }
        }
    }

    fn note(&mut self, reading: &[u8], now: Instant) {
        let key = reading.split(|byte| *byte == b'"').next().unwrap_or_default();
        if self.sensor.is_empty() {
            self.sensor = key.to_vec();
        }
        if self.sensor == key {
            self.told.push(now);
        }
    }
}

/// The source of an alarm, if this entry says that one was raised.
fn raised(line: &[u8]) -> Option<String> {
    let line = str::from_utf8(line).ok()?;
    let (_, rest) = line.split_once("\"kind\":\"alarm.raised\"")?;
    let (_, source) = rest.split_once("\"source\":\"")?;
    source.split('"').next().map(str::to_owned)
}
