//! A story against a server that runs: its nodes over real sockets, in real time, and its journal as the witness.

use poe_building::{Entry, Model, RuleScope, SensorKey, Source, Time};
use poe_sim::scenario::{Scenario, Seen, ServerDeed, Speaker, Stage, Witness};
use poe_store::{EntryFilter, JournalReader, read_model};
use poe_wire::FRAME_BYTES;
use socket2::{Domain, Socket, Type};
use std::{
    collections::HashMap,
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    thread,
    time::{Duration, Instant, SystemTime},
};

/// A server that takes nothing for so long is lost.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// Entries that are read from the journal at once.
const PAGE: usize = 1_000;

/// The nodes of a story, connected to a server.
pub(super) struct Sockets {
    target: SocketAddr,
    began: Instant,
    open: HashMap<usize, TcpStream>,
    reached: bool,
    first_failure: Option<String>,
}

impl Sockets {
    /// The story begins now.
    pub(super) fn new(target: SocketAddr) -> Self {
        let target = SocketAddr::new(target.ip().to_canonical(), target.port());
        Self { target, began: Instant::now(), open: HashMap::new(), reached: false, first_failure: None }
    }

    /// Why the story was played to nobody, if so.
    pub(super) fn failure(&self) -> Option<String> {
        let why = self.first_failure.as_ref().filter(|_| !self.reached)?;
        Some(format!(
            "nothing was sent: {why}; is a server listening on {}? Start one with `poe serve`",
            self.target
        ))
    }

    fn post(&mut self, speaker: Speaker, bytes: &[u8]) -> io::Result<()> {
        if !self.open.contains_key(&speaker.node) {
            let stream = connect(played_as(speaker.address, self.target), self.target)?;
            self.open.insert(speaker.node, stream);
        }
        let Some(stream) = self.open.get_mut(&speaker.node) else { return Ok(()) };
        // Every frame in a write of its own, as the firmware has it.
        bytes.chunks(FRAME_BYTES).try_for_each(|frame| stream.write_all(frame))
    }
}

impl Stage for Sockets {
    fn refuses(&self, deed: &ServerDeed) -> Option<&'static str> {
        Some(match deed {
            ServerDeed::Restarts { .. } | ServerDeed::Killed { .. } => {
                "a server that runs is not stopped by a story; play it without --connect"
            }
            ServerDeed::ClockJumps { .. } => {
                "this machine's clock is not set by a story; play it without --connect"
            }
            ServerDeed::Disk { .. } => {
                "this machine's disk is not broken by a story; play it without --connect"
            }
            ServerDeed::Target { .. } => "a target is not broken by a story; play it without --connect",
            ServerDeed::Order { .. } => {
                "orders cannot be given to a server that runs yet; play it without --connect"
            }
        })
    }

    fn wait_until(&mut self, at: Duration) {
        thread::sleep(at.saturating_sub(self.began.elapsed()));
    }

    fn send(&mut self, speaker: Speaker, bytes: &[u8]) {
        match self.post(speaker, bytes) {
            Ok(()) => self.reached = true,
            Err(cause) => {
                self.open.remove(&speaker.node);
                let address = played_as(speaker.address, self.target);
                self.first_failure.get_or_insert_with(|| {
                    format!("node {address} could not send to {}: {cause}", self.target)
                });
            }
        }
    }

    fn hang_up(&mut self, speaker: Speaker) {
        self.open.remove(&speaker.node);
    }

    fn perform(&mut self, _: &ServerDeed) {}
}

/// A connection of the node of this address.
pub(crate) fn connect(address: IpAddr, target: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(target), Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(address, 0).into())?;
    socket.set_tcp_nodelay(true)?;
    socket.connect_timeout(&target.into(), WAIT_MAX)?;
    socket.set_write_timeout(Some(WAIT_MAX))?;
    Ok(socket.into())
}

/// The journal of a server that runs beside, read while it writes.
pub(super) struct Journal {
    reader: JournalReader,
    /// The last entry before the story,
    after: u64,
    /// which begins now.
    began: Time,
    /// The addresses of the story, by those that the server sees.
    names: HashMap<IpAddr, IpAddr>,
}

impl Journal {
    /// Opens the journal; what is in it already is not of the story.
    pub(super) fn open(folder: &Path, target: SocketAddr, scenario: &Scenario) -> Result<Self, String> {
        if let Some(model) = scenario.model() {
            let in_force = read_model(folder).map_err(|cause| cause.to_string())?;
            if told_of(model, target) != (Model { version: 0, ..in_force }) {
                return Err("the server has another building than the story: put the story's in force with \
                            `poe building import`, and its nodes with the addresses that the server sees"
                    .to_owned());
            }
        }
        let reader = JournalReader::open(folder).map_err(|cause| cause.to_string())?;
        let last = reader.last(None, &EntryFilter::default(), 1).map_err(|cause| cause.to_string())?;
        let after = last.first().map_or(0, |last| last.entry.seq);
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let names = scenario.addresses().map(|address| (played_as(address, target), address)).collect();
        Ok(Self { reader, after, began: Time::from_secs_f64(since_1970.as_secs_f64()), names })
    }

    fn named_as_in_the_story(&self, mut entry: Entry) -> Entry {
        let name = |address: &IpAddr| self.names.get(address).copied().unwrap_or(*address);
        entry.source = entry.source.map(|source| match source {
            Source::Node(address) => Source::Node(name(&address)),
            Source::Sensor(key) => Source::Sensor(SensorKey { address: name(&key.address), ..key }),
            other => other,
        });
        entry
    }
}

impl Witness for Journal {
    fn seen(&mut self) -> Result<Vec<Seen>, String> {
        let mut seen = Vec::new();
        let mut after = self.after;
        loop {
            let page = self.reader.entries(after, &EntryFilter::default(), PAGE);
            let page = page.map_err(|cause| cause.to_string())?;
            let Some(last) = page.last() else { return Ok(seen) };
            after = last.entry.seq;
            for stored in page {
                let at = stored.entry.decided.since(self.began);
                seen.push(Seen { at, entry: self.named_as_in_the_story(stored.entry) });
            }
        }
    }
}

/// The story's building with the addresses that its nodes have towards this server.
fn told_of(model: &Model, target: SocketAddr) -> Model {
    let mut model = Model { version: 0, ..model.clone() };
    let played = |address: &mut IpAddr| *address = played_as(*address, target);
    model.nodes.iter_mut().for_each(|node| played(&mut node.address));
    model.sensors.iter_mut().for_each(|sensor| played(&mut sensor.key.address));
    for rule in &mut model.rules {
        match &mut rule.scope {
            RuleScope::Node(address) => played(address),
            RuleScope::Sensor(key) => played(&mut key.address),
            RuleScope::Everywhere | RuleScope::Place(_) => {}
        }
    }
    model
}

/// The address that a node of the story has towards this server: its own or, if the server is on this machine, the one in
/// 127/8 that ends alike.
fn played_as(address: IpAddr, target: SocketAddr) -> IpAddr {
    match (address, target.ip()) {
        (IpAddr::V4(own), IpAddr::V4(target)) if target.is_loopback() => {
            let [_, rest @ ..] = own.octets();
            let [b, c, d] = rest;
            Ipv4Addr::new(127, b, c, d).into()
        }
        _ => address,
    }
}
