//! The building: takes inputs, owns every node's state, tells what happened.

use crate::{
    Changes, Event, Known, NewNode, NewSensor, NodeNo, NodeView, Profile, Scope, SensorNo, Session, Time,
    alignment::Fault, changes::Waiting, node::Node,
};
use core::{
    net::IpAddr,
    ops::ControlFlow::{Break, Continue},
};
use poe_wire::{FRAME_BYTES, Frame, Invalid, Message, OPT_POST, SensorKind};
use std::collections::HashMap;

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
}

impl Default for Limits {
    fn default() -> Self {
        Self { sensors: 1 << 20, nodes: 1 << 17 }
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
}

/// Every node, its sensors and their latest values.
#[derive(Debug)]
pub struct Building {
    limits: Limits,
    profile: &'static Profile,
    nodes: Vec<Node>,
    by_address: HashMap<IpAddr, NodeNo>,
    sensors: u32,
    /// Nodes with at least one connection.
    connected: usize,
    waiting: Waiting,
    counters: Counters,
}

impl Building {
    /// A building that knows nobody yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            profile: Profile::IIT_2022,
            nodes: Vec::new(),
            by_address: HashMap::new(),
            sensors: 0,
            connected: 0,
            waiting: Waiting::default(),
            counters: Counters::default(),
        }
    }

    /// A building as it was written down. Nodes and sensors keep the numbers of their positions.
    pub fn restore(limits: Limits, known: &Known) -> Self {
        let mut building = Self::new(limits);
        building.by_address.reserve(known.nodes.len());
        for (no, node) in known.nodes.iter().enumerate() {
            building.nodes.push(Node::new(node.address, node.first_seen));
            building.by_address.insert(node.address, NodeNo(no as u32));
        }
        for (no, sensor) in known.sensors.iter().enumerate() {
            let node = &mut building.nodes[sensor.node.index()];
            let place = node.add(SensorNo(no as u32), sensor.id, sensor.kind);
            if let Some(latest) = sensor.latest {
                node.sensors[usize::from(place)].restore(latest);
            }
        }
        building.sensors = known.sensors.len() as u32;
        building
    }

    /// Greets a new connection. Tell its end with [`Input::Closed`].
    pub fn open(&mut self, address: IpAddr) -> Session {
        let session = Session::new(address.to_canonical(), self.find(address.to_canonical()));
        if let Some(node) = session.node {
            self.connect(node);
        }
        session
    }

    /// Takes an input and tells, in order, what it brought about.
    pub fn handle(&mut self, input: Input<'_>, now: Time, events: &mut Vec<Event>) {
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
                if let Some(node) = session.node {
                    self.disconnect(node);
                }
            }
        }
    }

    /// Whether something waits that should not wait for the recorder's next full round.
    pub fn has_urgent_changes(&self) -> bool {
        self.waiting.has_urgent()
    }

    /// How many rows a full round would write now.
    pub fn rows_waiting(&self) -> usize {
        self.waiting.rows()
    }

    /// Hands over what has changed since it was last handed over. `into` keeps what it held.
    pub fn take_changes(&mut self, scope: Scope, into: &mut Changes) {
        self.waiting.take(&mut self.nodes, scope, into);
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
        self.nodes[from..].iter().zip(from as u32..).map(|(node, no)| node.view(NodeNo(no)))
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

    fn datagram(&mut self, from: IpAddr, bytes: &[u8], now: Time, events: &mut Vec<Event>) {
        if !bytes.len().is_multiple_of(FRAME_BYTES) {
            self.counters.invalid_datagrams += 1;
            return;
        }
        // Each datagram stands for itself: no connection could hold its announcements or be closed for it.
        let mut session = self.open(from);
        let frames = session.reader.read(bytes);
        self.frames(&mut session, frames, now, events, |_| false);
        self.handle(Input::Closed { session: &session }, now, events);
    }

    /// Handles the frames of one read in order, until the session is over.
    fn frames(
        &mut self,
        session: &mut Session,
        mut frames: impl Iterator<Item = Frame>,
        now: Time,
        events: &mut Vec<Event>,
        over: fn(&Session) -> bool,
    ) {
        while !over(session) {
            let special = match session.node {
                Some(no) if session.foreign.is_none() => {
                    self.plain_readings(no, session, &mut frames, now, events)
                }
                _ => frames.next(),
            };
            match special {
                Some(frame) => self.special(session, frame, now, events),
                None => return,
            }
        }
    }

    /// The hot path: takes readings of known sensors until the frames end or one is anything else, which it returns.
    fn plain_readings(
        &mut self,
        no: NodeNo,
        session: &mut Session,
        frames: &mut impl Iterator<Item = Frame>,
        now: Time,
        events: &mut Vec<Event>,
    ) -> Option<Frame> {
        let node = &mut self.nodes[no.index()];
        let (changed_before, nothing_urgent) = (node.changed.len(), node.urgent.is_empty());
        let mut readings = 0;
        let special = frames.try_for_each(|frame| {
            let [opt, id, kind, value] = frame.0;
            let (OPT_POST, Some(place), Some(kind)) = (opt, node.place(id), SensorKind::from_byte(kind))
            else {
                return Break(frame);
            };
            if node.sensors[usize::from(place)].kind != kind {
                return Break(frame);
            }
            readings += 1;
            if let Some(change) = node.read(place, self.profile, kind, value, now) {
                self.counters.status_changes += u64::from(change.is_change());
                events.push(change.event(no));
            }
            Continue(())
        });
        if readings > 0 {
            let count = u64::from(readings);
            self.counters.posts += count;
            self.counters.readings += count;
            session.frames += count;
            node.frames += count;
            node.last_seen = Some(now);
            session.alignment.good(readings);
            let first_urgent = nothing_urgent && !node.urgent.is_empty();
            let fresh = node.changed.len() - changed_before;
            self.waiting.note(no, node, fresh, first_urgent);
        }
        special.break_value()
    }

    /// Everything else that a frame can be. It may be slow: a node in good health sends no such frames.
    fn special(&mut self, session: &mut Session, frame: Frame, now: Time, events: &mut Vec<Event>) {
        session.frames += 1;
        if session.frames == 1 && frame.is_greeting() {
            session.foreign = Some(Box::default());
        }
        let Some(run) = &mut session.foreign else {
            return self.judge(session, frame, frame.message(), now, events);
        };
        if let Ok(Message::Post { .. }) = frame.message() {
            if let Some(frames) = run.push(frame) {
                session.foreign = None;
                for frame in frames {
                    self.judge(session, frame, frame.message(), now, events);
                }
            }
            return;
        }
        for frame in run.take().chain([frame]) {
            let invalid = frame.message().err().unwrap_or(Invalid::Opt(frame.0[0]));
            self.judge(session, frame, Err(invalid), now, events);
        }
    }

    fn judge(
        &mut self,
        session: &mut Session,
        frame: Frame,
        message: Result<Message, Invalid>,
        now: Time,
        events: &mut Vec<Event>,
    ) {
        if session.node.is_none() && self.find(session.address).is_some() {
            // The peer has become a node on another connection.
            self.join(session, now, events);
        }
        let fault = match message {
            Ok(Message::Initialization { id, kind, .. }) => {
                self.counters.initializations += 1;
                self.initialization(session, id, kind, now, events)
            }
            Ok(Message::Post { id, kind, value }) => {
                self.counters.posts += 1;
                self.post(session, id, kind, value, now, events)
            }
            Err(invalid) => {
                match invalid {
                    Invalid::Opt(_) => self.counters.invalid_opt += 1,
                    Invalid::Kind(_) => self.counters.invalid_type += 1,
                }
                session.invalid += 1;
                events.push(Event::FrameInvalid { address: session.address, frame });
                Some(Fault::Bad)
            }
        };
        if let Some(no) = session.node {
            let node = &mut self.nodes[no.index()];
            node.frames += 1;
            match message {
                Ok(_) => node.last_seen = Some(now),
                Err(invalid) => {
                    node.invalid_frames += 1;
                    node.invalid_opt += u64::from(matches!(invalid, Invalid::Opt(_)));
                }
            }
        }
        let Some(fault) = fault else { return session.alignment.good(1) };
        let lost_before = session.alignment.lost();
        session.alignment.bad(fault);
        if session.alignment.lost() && !lost_before {
            self.counters.out_of_step += 1;
            events.push(Event::OutOfStep { address: session.address });
        }
    }

    /// A sensor says that it exists. That makes it known and changes nothing else.
    fn initialization(
        &mut self,
        session: &mut Session,
        id: u8,
        kind: SensorKind,
        now: Time,
        events: &mut Vec<Event>,
    ) -> Option<Fault> {
        let Some(no) = session.node else {
            // No node yet, perhaps a port scanner: it is held with the connection until a POST comes.
            session.announced.get_or_insert_with(|| Box::new([None; 256]))[usize::from(id)] = Some(kind);
            return None;
        };
        match self.nodes[no.index()].sensor(id) {
            Some(known) if known.kind != kind => Some(Fault::Contradiction),
            Some(_) => None,
            None => {
                self.add_sensor(no, session.address, id, kind, now, events);
                None
            }
        }
    }

    /// A sensor reads a value, and there is something special about it.
    fn post(
        &mut self,
        session: &mut Session,
        id: u8,
        kind: SensorKind,
        value: u8,
        now: Time,
        events: &mut Vec<Event>,
    ) -> Option<Fault> {
        let Some(no) = session.node.or_else(|| self.join(session, now, events)) else {
            self.refuse_sensor(session.address, id, events);
            return None;
        };
        let place = match self.nodes[no.index()].place(id) {
            Some(place) => place,
            None => self.add_sensor(no, session.address, id, kind, now, events)?,
        };
        let node = &mut self.nodes[no.index()];
        let (changed_before, nothing_urgent) = (node.changed.len(), node.urgent.is_empty());
        let sensor = &mut node.sensors[usize::from(place)];
        let before = core::mem::replace(&mut sensor.kind, kind);
        let fault = (before != kind).then_some(Fault::Bad);
        if fault.is_some() {
            events.push(Event::KindChanged { sensor: sensor.no, node: no, id, from: before, to: kind });
            node.urgent.insert(place);
        }
        if let Some(change) = node.read(place, self.profile, kind, value, now) {
            self.counters.status_changes += u64::from(change.is_change());
            events.push(change.event(no));
        }
        self.counters.readings += 1;
        let first_urgent = nothing_urgent && !node.urgent.is_empty();
        let fresh = node.changed.len() - changed_before;
        self.waiting.note(no, node, fresh, first_urgent);
        fault
    }

    /// Makes the peer a node, unless it is new and the building is full; then come the sensors that it announced.
    fn join(&mut self, session: &mut Session, now: Time, events: &mut Vec<Event>) -> Option<NodeNo> {
        let no = match self.find(session.address) {
            Some(no) => no,
            None if self.is_full() || self.nodes.len() >= self.limits.nodes as usize => return None,
            None => self.add_node(session.address, now, events),
        };
        session.node = Some(no);
        self.connect(no);
        for (id, kind) in (0..=u8::MAX).zip(session.announced.take().into_iter().flat_map(|kinds| *kinds)) {
            if let Some(kind) = kind
                && self.nodes[no.index()].place(id).is_none()
            {
                self.add_sensor(no, session.address, id, kind, now, events);
            }
        }
        Some(no)
    }

    fn add_node(&mut self, address: IpAddr, now: Time, events: &mut Vec<Event>) -> NodeNo {
        let node = NodeNo(self.nodes.len() as u32);
        self.nodes.push(Node::new(address, now));
        self.by_address.insert(address, node);
        self.waiting.new_nodes.push(NewNode { node, address, first_seen: now });
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
        now: Time,
        events: &mut Vec<Event>,
    ) -> Option<u8> {
        if self.is_full() {
            self.refuse_sensor(address, id, events);
            return None;
        }
        let sensor = SensorNo(self.sensors);
        self.sensors += 1;
        self.waiting.new_sensors.push(NewSensor { sensor, node, id, kind, first_seen: now });
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
