//! A naive building: the wire protocol as one would tell it, without a thought for speed.

use poe_building::{Building, Changes, Event, Input, Limits, Scope, SensorKey, Session, Status, Time};
use poe_wire::SensorKind;
use std::{collections::BTreeMap, net::IpAddr};

/// What is known of a sensor: its kind and, after a reading, its value.
pub type Sensors = BTreeMap<SensorKey, (SensorKind, Option<u8>)>;

/// One connection of the naive building.
pub struct Line {
    address: IpAddr,
    bytes: Vec<u8>,
    held: Vec<(u8, SensorKind)>,
    joined: bool,
    closed: bool,
    /// Whether a whole frame has come.
    begun: bool,
    /// The POSTs in a row of a stream that began with the greeting of another protocol.
    run: Option<Vec<Vec<u8>>>,
}

#[derive(Default)]
pub struct Model {
    pub sensors: Sensors,
}

impl Model {
    pub fn open(&self, address: IpAddr) -> Line {
        let joined = self.sensors.keys().any(|key| key.address == address);
        Line { address, bytes: Vec::new(), held: Vec::new(), joined, closed: false, begun: false, run: None }
    }

    pub fn stream(&mut self, line: &mut Line, bytes: &[u8]) {
        line.bytes.extend(bytes);
        while line.bytes.len() >= 4 && !line.closed {
            let frame: Vec<u8> = line.bytes.drain(..4).collect();
            let words: [&[u8]; 9] =
                [b"SSH-", b"GET ", b"HEAD", b"POST", b"PUT ", b"OPTI", b"DELE", b"CONN", b"PRI "];
            let tls = frame[0] == 0x16 && frame[1] == 3 && frame[2] <= 3;
            let post = frame[0] == 1 && frame[2] < 6;
            if !line.begun && (tls || words.contains(&frame.as_slice())) {
                line.run = Some(Vec::new());
            }
            line.begun = true;
            // A stream that greets in another protocol is a node's only once eight frames in a row are POSTs.
            let mut frames = vec![frame];
            if let Some(run) = &mut line.run {
                run.append(&mut frames);
                if !post {
                    run.clear();
                }
                if run.len() < 8 {
                    continue;
                }
                frames = line.run.take().expect("it was looked at above");
            }
            for frame in frames {
                self.frame(line, &frame);
            }
        }
    }

    fn frame(&mut self, line: &mut Line, frame: &[u8]) {
        line.joined |= self.sensors.keys().any(|key| key.address == line.address);
        let (opt, id, value) = (frame[0], frame[1], frame[3]);
        let kind = SensorKind::ALL.get(usize::from(frame[2])).copied();
        line.joined |= opt == 1 && kind.is_some();
        if line.joined {
            // Of two announcements of one id, the later counts.
            for (id, kind) in line.held.drain(..).rev() {
                self.announce(line.address, id, kind);
            }
        }
        match (opt, kind) {
            (0, Some(kind)) if line.joined => self.announce(line.address, id, kind),
            (0, Some(kind)) => line.held.push((id, kind)),
            (1, Some(kind)) => {
                self.sensors.insert(SensorKey { address: line.address, id }, (kind, Some(value)));
            }
            _ => {}
        }
    }

    fn announce(&mut self, address: IpAddr, id: u8, kind: SensorKind) {
        self.sensors.entry(SensorKey { address, id }).or_insert((kind, None));
    }
}

/// The real building beside the naive one, and the table that the recorder would keep.
pub struct Pair {
    pub building: Building,
    pub model: Model,
    pub table: Sensors,
    lines: Vec<(Session, Line)>,
    nodes: Vec<IpAddr>,
    keys: Vec<SensorKey>,
    clock: i64,
}

impl Pair {
    pub fn new() -> Self {
        Self {
            building: Building::new(Limits::default()),
            model: Model::default(),
            table: Sensors::new(),
            lines: Vec::new(),
            nodes: Vec::new(),
            keys: Vec::new(),
            clock: 0,
        }
    }

    /// Opens a connection and returns its number.
    pub fn open(&mut self, address: IpAddr) -> usize {
        self.lines.push((self.building.open(address), self.model.open(address)));
        self.lines.len() - 1
    }

    /// Sends bytes on a connection; returns what the building told.
    pub fn send(&mut self, line: usize, bytes: &[u8]) -> Vec<Event> {
        self.clock += 1;
        let (session, naive) = &mut self.lines[line];
        let mut events = Vec::new();
        self.building.handle(Input::Stream { session, bytes }, Time(self.clock), &mut events);
        let out_of_step = events.iter().filter(|event| matches!(event, Event::OutOfStep { .. })).count();
        assert!(out_of_step <= 1);
        if out_of_step == 0 && !naive.closed {
            self.model.stream(naive, bytes);
        } else {
            naive.closed = true;
        }
        events
    }

    /// Ends a connection and opens another from the same address, as a node does that has restarted.
    pub fn reconnect(&mut self, line: usize) -> Vec<Event> {
        let (session, naive) = &mut self.lines[line];
        let address = naive.address;
        let mut events = Vec::new();
        self.building.handle(Input::Closed { session }, Time(self.clock), &mut events);
        self.lines[line] = (self.building.open(address), self.model.open(address));
        events
    }

    /// Whether the building has judged this connection out of step.
    pub fn closed(&self, line: usize) -> bool {
        self.lines[line].1.closed
    }

    /// Writes down what has changed, as the recorder does, and checks each row's status.
    pub fn record(&mut self, scope: Scope) {
        let mut changes = Changes::default();
        let urgent = self.building.has_urgent_changes();
        let waiting = self.building.rows_waiting();
        self.building.take_changes(scope, &mut changes);
        // Readings go with every batch, whatever it is for.
        changes.readings.clear();
        assert!(scope == Scope::All || urgent != changes.is_empty(), "urgent means that there is something");
        assert_eq!(self.building.rows_waiting(), waiting - changes.rows.len());
        for node in changes.nodes {
            assert_eq!(node.node.index(), self.nodes.len());
            self.nodes.push(node.address);
        }
        for sensor in changes.sensors {
            assert_eq!(sensor.sensor.index(), self.keys.len());
            let key = SensorKey { address: self.nodes[sensor.node.index()], id: sensor.id };
            self.keys.push(key);
            assert!(self.table.insert(key, (sensor.kind, None)).is_none(), "{key} is new only once");
        }
        for row in changes.rows {
            assert_eq!(row.status, status(row.kind, row.value), "{} {}", row.kind, row.value);
            self.table.insert(self.keys[row.sensor.index()], (row.kind, Some(row.value)));
        }
    }
}

/// What a value means in the default profile, written out once more.
fn status(kind: SensorKind, value: u8) -> Status {
    match (kind, value) {
        (SensorKind::Fire, 0) | (SensorKind::Smoke, 200..) | (SensorKind::Temperature, 135..) => {
            Status::Critical
        }
        (SensorKind::Smoke, 160..) | (SensorKind::Temperature, 110..) | (SensorKind::Humidity, 80..) => {
            Status::Warning
        }
        (SensorKind::Motion, 2..) | (SensorKind::Water, _) => Status::Undefined,
        _ => Status::Normal,
    }
}
