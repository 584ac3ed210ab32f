//! The building: takes inputs, owns every node's state, tells what happened.

mod health;
mod household;
mod lost;
mod office;
mod parents;
mod quarantine;
mod road;
#[cfg(test)]
mod tests;
mod watchfulness;

pub use quarantine::{HeldSensor, QUARANTINE_NODES_MAX, Quarantined};

use crate::{
    Access, Alarm, AlarmCounts, Changes, EntryKind, Event, Gap, Known, Model, Moment, NewNode, NewSensor,
    NodeNo, NodeView, Outcome, Promise, PromiseId, Readings, Scope, SensorNo, Session, Suppression, Ticks,
    Time, alarms::Alarms, book::RuleBook, changes::Waiting, node::Node, plan::Plans, timers::Timer,
};
use core::net::IpAddr;
use poe_wire::{FRAME_BYTES, SensorKind};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// So much is done in one go at most, some milliseconds' worth: between two, connections are read and a flame is heard.
const DUE_AT_ONCE: usize = 4_096;

/// What can happen to a building.
#[derive(Debug)]
pub enum Input<'a> {
    /// One read of a connection returned these bytes, cut anywhere.
    Stream {
        /// The connection.
        session: &'a mut Session,
        /// What came.
        bytes: &'a [u8],
    },
    /// A datagram came: whole frames, or it is invalid as a whole.
    Datagram {
        /// The peer's address.
        from: IpAddr,
        /// What came.
        bytes: &'a [u8],
    },
    /// A connection has ended.
    Closed {
        /// The connection.
        session: &'a Session,
    },
    /// The server says something of itself: whether the condition of one of its own rules holds.
    System {
        /// The rule's name, one of [`own`](crate::own).
        rule: &'a str,
        /// Whether its condition holds.
        holds: bool,
        /// What people are told.
        text: &'a str,
    },
    /// Something has happened to the server that is over already: the signal ends by itself after a while.
    Incident {
        /// The rule's name, one of [`own`](crate::own).
        rule: &'a str,
        /// What people are told.
        text: &'a str,
    },
    /// The server has done something of itself that is only journalled.
    Note {
        /// What.
        kind: EntryKind,
        /// What people read.
        text: &'a str,
    },
    /// The server's clock was set by so many microseconds.
    ClockSet {
        /// Forward, or back if it is negative.
        by_us: i64,
    },
    /// The server could not listen for a while, and starts to do so again: nobody was silent before now.
    Listening,
    /// What became of a notification, and when.
    Outcome {
        /// The promise.
        promise: PromiseId,
        /// What became of it.
        outcome: Outcome,
        /// When, on the wall's clock.
        at: Time,
    },
}

/// How much a building may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Sensors in all: a *new* one beyond is refused, known ones go on. The default, 1,048,576, is a campus
    /// several times over and costs some 60 MB with the recorder's part.
    pub sensors: u32,
    /// Nodes in all: the sensors of a *new* one beyond are refused. The default, 131,072, costs some 60 MB; without it,
    /// spoofed addresses with one sensor each could fill ten times that.
    pub nodes: u32,
    /// Bytes of readings that wait to be written down; 0 keeps none. Beyond it they are thinned. The default, 64 MiB, is two
    /// and a half minutes of a building with 100,000 readings a second, and three seconds of all that a machine can take.
    pub readings_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { sensors: 1 << 20, nodes: 1 << 17, readings_bytes: 64 << 20 }
    }
}

/// What the building has counted since the start.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counters {
    /// Valid POST frames.
    pub posts: u64,
    /// Valid INITIALIZATION frames.
    pub initializations: u64,
    /// Frames with an unknown operation.
    pub invalid_opt: u64,
    /// Frames with an unknown sensor type.
    pub invalid_type: u64,
    /// Frames that had begun when their connection ended.
    pub cut_frames: u64,
    /// Datagrams whose length is no multiple of a frame's.
    pub invalid_datagrams: u64,
    /// Readings taken: POST frames of sensors that were not refused.
    pub readings: u64,
    /// Readings whose status is another than the one before. A sensor's first reading has none before.
    pub status_changes: u64,
    /// Frames of new sensors refused at one of the [`Limits`].
    pub sensors_refused: u64,
    /// Connections judged to be read beside their frames' edges.
    pub out_of_step: u64,
    /// Whole frames of nodes that are not let in, from the first POST of each on.
    pub held_frames: u64,
    /// Nodes that had to leave the list of those, or found no room in it.
    pub quarantine_full: u64,
    /// Readings that are missing in the history, since the disk stood still for too long.
    pub readings_left_out: u64,
}

/// Every node, its sensors and their latest values.
#[derive(Debug)]
pub struct Building {
    limits: Limits,
    nodes: Vec<Node>,
    by_address: HashMap<IpAddr, NodeNo>,
    sensors: u32,
    /// Nodes with at least one connection.
    connected: usize,
    /// Connections so far.
    sessions: u32,
    waiting: Waiting,
    readings: Readings,
    /// What was left out of them, until somebody asks.
    gap: Option<Gap>,
    counters: Counters,
    alarms: Alarms,
    listening_since: Ticks,
    /// Parents that are lost.
    lost_parents: HashSet<crate::Source>,
    lost_nodes: lost::LostNodes,
    /// Which of a parent's children was heard when it was last asked.
    heard_children: HashMap<crate::Source, usize>,
    plans: Plans,
    access: Access,
    quarantine: quarantine::Quarantine,
    /// What orders have brought about and nobody has been told yet.
    by_order: Vec<Event>,
}

impl Building {
    /// A building that knows nobody yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            nodes: Vec::new(),
            by_address: HashMap::new(),
            sensors: 0,
            connected: 0,
            sessions: 0,
            waiting: Waiting::default(),
            readings: Readings::default(),
            gap: None,
            counters: Counters::default(),
            alarms: Alarms::new(RuleBook::new(Arc::new(Model::default()))),
            listening_since: Ticks(0),
            lost_parents: HashSet::new(),
            lost_nodes: lost::LostNodes::default(),
            heard_children: HashMap::new(),
            plans: Plans::new(),
            access: Access::default(),
            quarantine: quarantine::Quarantine::default(),
            by_order: Vec::new(),
        }
    }

    /// A building as it was written down. Nodes and sensors keep the numbers of their positions; alarms keep their
    /// states, and timers what was left of them.
    pub fn restore(limits: Limits, known: &Known, now: impl Into<Moment>) -> Self {
        let mut building = Self::new(limits);
        building.alarms = Alarms::new(RuleBook::new(Arc::new(known.model.clone())));
        let now = now.into();
        building.alarms.restore(known, now);
        building.plans = known.plans.iter().map(|plan| (plan.name.clone(), Arc::new(plan.clone()))).collect();
        building.access = known.access.clone();
        building.by_address.reserve(known.nodes.len());
        building.nodes.reserve_exact(known.nodes.len());
        for (no, node) in known.nodes.iter().enumerate() {
            let mut restored = Node::new(node.address, node.first_seen);
            restored.retired = node.retired;
            restored.withdrawn = node.retired;
            restored.approved = node.approved;
            building.nodes.push(restored);
            building.by_address.insert(node.address, NodeNo(no as u32));
        }
        for (no, sensor) in known.sensors.iter().enumerate() {
            let node = &mut building.nodes[sensor.node.index()];
            let place = node.add(SensorNo(no as u32), sensor.id, sensor.kind);
            if let Some(latest) = sensor.latest {
                node.sensors[usize::from(place)].restore(latest);
                // Its latest reading is the last that is known of it.
                node.last_seen = node.last_seen.max(Some(latest.time));
            }
        }
        building.sensors = known.sensors.len() as u32;
        building.remember_lost(now);
        building.remember_unhealthy();
        building
    }

    /// Begins the work: tells the journal and the people of the start, and from now on misses who is silent.
    pub fn begin(&mut self, known: &Known, version: &str, now: impl Into<Moment>) {
        let now = now.into();
        self.alarms.started(known, version, now);
        self.listen(now);
    }

    /// Ends the work in order, as far as the journal is concerned.
    pub fn end(&mut self, now: impl Into<Moment>) {
        self.alarms.note(EntryKind::ServerStopped, now.into(), "").source = Some(crate::Source::System);
    }

    /// Greets a new connection. Tell its end with [`Input::Closed`].
    pub fn open(&mut self, address: IpAddr) -> Session {
        // After four thousand million connections the oldest is long gone.
        self.sessions = self.sessions.checked_add(1).unwrap_or(1);
        let address = address.to_canonical();
        let session = Session::new(address, self.sessions, self.find(address));
        if let Some(node) = session.node {
            self.connect(node);
        }
        session
    }

    /// Takes an input and tells, in order, what it brought about.
    pub fn handle(&mut self, input: Input<'_>, now: impl Into<Moment>, events: &mut Vec<Event>) {
        let now = now.into();
        self.take_events(events);
        match input {
            Input::Stream { session, bytes } => {
                let frames = session.reader.read(bytes);
                self.frames(session, frames, now, events, |session| session.alignment.lost());
            }
            Input::Datagram { from, bytes } => self.datagram(from.to_canonical(), bytes, now, events),
            Input::Closed { session } => {
                self.counters.cut_frames += u64::from(!session.reader.held().is_empty());
                for frame in session.foreign.iter().flat_map(|run| run.frames()) {
                    self.counters.invalid_opt += 1;
                    events.push(Event::FrameInvalid { address: session.address, frame });
                }
                match session.node {
                    Some(node) => self.disconnect(node),
                    None => self.leave_held(session),
                }
            }
            Input::System { rule, holds, text } => {
                self.alarms.own_condition(&crate::Source::System, rule, holds, Some(text.into()), now);
            }
            Input::Incident { rule, text } => {
                self.alarms.own_incident(&crate::Source::System, rule, text.into(), now);
            }
            Input::Note { kind, text } => {
                self.alarms.note(kind, now, text).source = Some(crate::Source::System);
            }
            Input::ClockSet { by_us } => self.clock_set(by_us, now),
            Input::Listening => self.listen(now),
            Input::Outcome { promise, outcome, at } => self.alarms.outcome(promise, outcome, at, now),
        }
    }

    /// Tells, in order, what orders have brought about: nodes that were let in, and what they read. Else the next input
    /// does.
    pub fn take_events(&mut self, events: &mut Vec<Event>) {
        if !self.by_order.is_empty() {
            events.append(&mut self.by_order);
        }
    }

    /// When the building wants to be woken next, unless something else happens before.
    pub fn next_wake(&self) -> Option<Ticks> {
        self.alarms.timers.next()
    }

    /// Does what is due: delays that are over, nodes that are silent, people who have to be asked again. Where that is
    /// too much for one go, [`Building::next_wake`] says that it wants to be woken again at once.
    pub fn wake(&mut self, now: impl Into<Moment>) {
        let now = now.into();
        for _ in 0..DUE_AT_ONCE {
            let Some(timer) = self.alarms.timers.take_due(now.ticks) else { return };
            match timer {
                Timer::Node(node) => self.node_due(node, now),
                Timer::Expected(address) => self.expected_due(address, now),
                Timer::Newcomer(node) => self.newcomer_due(node, now),
                Timer::Quarantine => self.quarantine.minute_over(&mut self.alarms, now),
                timer => self.alarms.wake(timer, now),
            }
        }
    }

    /// Gives everything that was decided since the last time its stamp.
    pub fn stamp_decided(&mut self, decided: Time) {
        self.alarms.stamp_decided(decided);
    }

    /// Says how far the building's clock is ahead of UTC, for the hours of those who are on duty.
    pub fn set_utc_offset(&mut self, seconds: i32) {
        self.alarms.set_utc_offset(seconds);
    }

    /// Everything that is signalled, those alarms included that only wait for their delay.
    pub fn alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms.iter()
    }

    /// How much is signalled, and how much is kept quiet.
    pub fn alarm_counts(&self) -> AlarmCounts {
        self.alarms.counts()
    }

    /// Everything that keeps something quiet.
    pub fn suppressions(&self) -> impl Iterator<Item = &Suppression> {
        self.alarms.suppressions()
    }

    /// The promises that are open.
    pub fn promises(&self) -> impl Iterator<Item = &Promise> {
        self.alarms.promises()
    }

    /// What people have said about the building.
    pub fn model(&self) -> &Arc<Model> {
        &self.alarms.book.model
    }

    /// Whether something waits that should not wait for the recorder's next full round.
    pub fn has_urgent_changes(&self) -> bool {
        self.waiting.has_urgent() || self.alarms.has_urgent_news()
    }

    /// Whether there is anything among the news that people or the next run must not wait for.
    pub fn has_urgent_news(&self) -> bool {
        self.alarms.has_urgent_news()
    }

    /// Whether there are any news at all.
    pub fn has_news(&self) -> bool {
        self.alarms.has_news()
    }

    /// Hands over what the journal has to remember and what belongs to it, without a single value. For a disk that stands
    /// still: people are told of it all the same. `unstored` says how many entries wait there already.
    pub fn take_news(&mut self, into: &mut Changes, unstored: usize) {
        self.alarms.take_news(false, into);
        self.alarms.wait_behind(unstored);
    }

    /// How many rows a full round would write now.
    pub fn rows_waiting(&self) -> usize {
        self.waiting.rows()
    }

    /// The sensors of these rows.
    pub fn sensors_waiting(&self) -> impl Iterator<Item = SensorNo> + '_ {
        self.waiting.sensors(&self.nodes)
    }

    /// Hands over the readings alone: where their latest values have to wait, the readings need not.
    pub fn take_readings(&mut self, into: &mut Changes) {
        self.readings.hand_over(&mut into.readings);
    }

    /// Which readings have been left out since the last time that somebody asked.
    pub fn take_gap(&mut self) -> Option<Gap> {
        self.gap.take()
    }

    /// The memory of the readings that wait to be handed over, in bytes.
    pub fn reading_bytes_waiting(&self) -> usize {
        self.readings.bytes()
    }

    /// Hands over what has changed since it was last handed over. `into` keeps what it held.
    pub fn take_changes(&mut self, scope: Scope, into: &mut Changes) {
        self.take_rows(scope, into);
        self.alarms.take_news(true, into);
    }

    /// The same without the news: for a recorder that lets those wait which are in no hurry.
    pub fn take_rows(&mut self, scope: Scope, into: &mut Changes) {
        self.waiting.take(&mut self.nodes, &self.alarms.book.tables, scope, into);
        self.readings.hand_over(&mut into.readings);
    }

    /// What has been counted since the start.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How many nodes are known.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// How many sensors are known.
    pub fn sensor_count(&self) -> usize {
        self.sensors as usize
    }

    /// The node at this address.
    pub fn find(&self, address: IpAddr) -> Option<NodeNo> {
        self.by_address.get(&address).copied()
    }

    /// The address of a node.
    pub fn address(&self, node: NodeNo) -> Option<IpAddr> {
        self.nodes.get(node.index()).map(|node| node.address)
    }

    /// How many nodes have a connection open.
    pub fn connected_count(&self) -> usize {
        self.connected
    }

    /// How many connections this node has open.
    pub fn connections(&self, node: NodeNo) -> u32 {
        self.nodes[node.index()].connections
    }

    /// The nodes from number `from` on, in the order in which they became known.
    pub fn nodes(&self, from: NodeNo) -> impl Iterator<Item = NodeView> {
        let from = from.index().min(self.nodes.len());
        self.nodes[from..].iter().zip(from as u32..).map(|(node, no)| {
            // Whoever describes a node says that it is one of ours.
            let approved = node.approved || self.alarms.book.describes(node.address);
            NodeView { approved, ..node.view(NodeNo(no)) }
        })
    }

    fn connect(&mut self, node: NodeNo) {
        let connections = &mut self.nodes[node.index()].connections;
        *connections += 1;
        self.connected += usize::from(*connections == 1);
    }

    fn disconnect(&mut self, node: NodeNo) {
        let connections = &mut self.nodes[node.index()].connections;
        *connections -= 1;
        self.connected -= usize::from(*connections == 0);
    }

    fn datagram(&mut self, from: IpAddr, bytes: &[u8], now: Moment, events: &mut Vec<Event>) {
        if !bytes.len().is_multiple_of(FRAME_BYTES) {
            self.counters.invalid_datagrams += 1;
            return;
        }
        // Each datagram stands for itself: no connection could hold its announcements or be closed for it.
        let mut session = self.open(from);
        session.serial = 0;
        let frames = session.reader.read(bytes);
        self.frames(&mut session, frames, now, events, |_| false);
        self.handle(Input::Closed { session: &session }, now, events);
    }

    fn add_node(
        &mut self,
        address: IpAddr,
        first_seen: Time,
        now: Moment,
        events: &mut Vec<Event>,
    ) -> NodeNo {
        let node = NodeNo(self.nodes.len() as u32);
        grow(&mut self.nodes);
        self.nodes.push(Node::new(address, first_seen));
        self.by_address.insert(address, node);
        self.waiting.new_nodes.push(NewNode { node, address, first_seen });
        self.readings.introduce(address);
        self.welcome(node, address, now);
        events.push(Event::NodeAdded { node, address });
        node
    }

    /// Adds a sensor and returns its place, unless the building is full.
    fn add_sensor(
        &mut self,
        node: NodeNo,
        address: IpAddr,
        id: u8,
        kind: SensorKind,
        first_seen: Time,
        events: &mut Vec<Event>,
    ) -> Option<u8> {
        if self.is_full() {
            self.refuse_sensor(address, id, events);
            return None;
        }
        let sensor = SensorNo(self.sensors);
        self.sensors += 1;
        grow(&mut self.waiting.new_sensors);
        self.waiting.new_sensors.push(NewSensor { sensor, node, id, kind, first_seen });
        events.push(Event::SensorAdded { sensor, node, id, kind });
        Some(self.nodes[node.index()].add(sensor, id, kind))
    }

    fn is_full(&self) -> bool {
        self.sensors >= self.limits.sensors
    }

    fn refuse_sensor(&mut self, address: IpAddr, id: u8, events: &mut Vec<Event>) {
        self.counters.sensors_refused += 1;
        events.push(Event::SensorRefused { address, id });
    }
}

/// Makes room for one more by an eighth: what doubling leaves unused is megabytes where a campus has 20,000 nodes.
fn grow<T>(list: &mut Vec<T>) {
    if list.len() == list.capacity() {
        list.reserve_exact((list.len() / 8).max(64));
    }
}
