//! The road of a frame through the building: what it means for the node that sent it.

use super::{Building, Counters};
use crate::{
    Event, Gap, Moment, NodeNo, Sample, Session, Time,
    alarms::{Alarms, Before},
    alignment::Fault,
    node::Node,
    readings::Keep,
    table::Band,
};
use core::ops::ControlFlow::{Break, Continue};
use poe_wire::{Frame, Invalid, Message, OPT_POST, SensorKind};

impl Building {
    /// Handles the frames of one read in order, until the session is over.
    pub(super) fn frames(
        &mut self,
        session: &mut Session,
        mut frames: impl Iterator<Item = Frame>,
        now: Moment,
        events: &mut Vec<Event>,
        over: fn(&Session) -> bool,
    ) {
        while !over(session) {
            let special = match session.node {
                Some(no) if session.foreign.is_none() && self.speaks_alone(no, session, now) => {
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
        now: Moment,
        events: &mut Vec<Event>,
    ) -> Option<Frame> {
        let node = &mut self.nodes[no.index()];
        let (changed_before, nothing_urgent) = (node.changed.len(), node.urgent.is_empty());
        let mut readings = 0;
        let keep = self.readings.keep(self.limits.readings_bytes);
        let kept_before = self.readings.len();
        let samples = self.readings.samples();
        let special = frames.try_for_each(|frame| {
            let [opt, id, kind, value] = frame.0;
            let (OPT_POST, Some(place)) = (opt, node.place(id)) else { return Break(frame) };
            let sensor = &mut node.sensors[usize::from(place)];
            let table = &self.alarms.book.tables[sensor.table.index()];
            if table.quick_kind != u16::from(kind) {
                return Break(frame);
            }
            readings += 1;
            sensor.time = now.time;
            let before = core::mem::replace(&mut sensor.value, value);
            node.changed.insert(place);
            if keep == Keep::All || (keep == Keep::Changes && before != value) {
                samples.push(Sample { id, ..table.samples[usize::from(value)] });
            }
            if before != value {
                node.moved.insert(place);
                if table.bands[usize::from(before)] != table.bands[usize::from(value)] {
                    let had = Some(table.band(before));
                    let (alarms, counters) = (&mut self.alarms, &mut self.counters);
                    cross(alarms, counters, no, node, place, Before::Value(before), had, now, events);
                }
            }
            Continue(())
        });
        if readings > 0 {
            let count = u64::from(readings);
            self.note_kept(no, now.time, kept_before, count);
            let node = &mut self.nodes[no.index()];
            self.counters.posts += count;
            self.counters.readings += count;
            session.frames += count;
            node.frames += count;
            session.alignment.good(readings);
            let first_urgent = nothing_urgent && !node.urgent.is_empty();
            let fresh = node.changed.len() - changed_before;
            self.waiting.note(no, node, fresh, first_urgent);
            self.heard(no, now);
        }
        special.break_value()
    }

    /// Everything else that a frame can be. It may be slow: a node in good health sends no such frames.
    fn special(&mut self, session: &mut Session, frame: Frame, now: Moment, events: &mut Vec<Event>) {
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
        now: Moment,
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
                Ok(_) => self.heard(no, now),
                Err(invalid) => {
                    node.invalid_frames += 1;
                    node.invalid_opt += u64::from(matches!(invalid, Invalid::Opt(_)));
                }
            }
        } else {
            self.count_held(session, message.err(), now);
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
        now: Moment,
        events: &mut Vec<Event>,
    ) -> Option<Fault> {
        let Some(no) = session.node else {
            if self.quarantine.has(session.address) {
                return self.hold_announcement(session, id, kind, now);
            }
            // No node yet, perhaps a port scanner: it is held with the connection until a POST comes.
            session.announced.get_or_insert_with(|| Box::new([None; 256]))[usize::from(id)] = Some(kind);
            return None;
        };
        let tables = &self.alarms.book.tables;
        match self.nodes[no.index()].sensor(id) {
            Some(known) if known.kind(tables) != kind => Some(Fault::Contradiction),
            Some(_) => None,
            None => {
                self.add_sensor(no, session.address, id, kind, now.time, events);
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
        now: Moment,
        events: &mut Vec<Event>,
    ) -> Option<Fault> {
        let Some(no) = session.node.or_else(|| self.join(session, now, events)) else {
            if !self.lets_in(session.address) {
                return self.hold(session, id, kind, value, now);
            }
            self.refuse_sensor(session.address, id, events);
            return None;
        };
        let place = match self.nodes[no.index()].place(id) {
            Some(place) => place,
            None => self.add_sensor(no, session.address, id, kind, now.time, events)?,
        };
        self.note_speaker(no, session, id, now);
        self.take_reading(no, place, kind, value, now.time, now, events)
    }

    /// Takes a sensor's value, which came at `time`, and judges it anew.
    #[expect(clippy::too_many_arguments, reason = "a reading is a sensor, a kind, a value and a time")]
    pub(super) fn take_reading(
        &mut self,
        no: NodeNo,
        place: u8,
        kind: SensorKind,
        value: u8,
        time: Time,
        now: Moment,
        events: &mut Vec<Event>,
    ) -> Option<Fault> {
        let node = &mut self.nodes[no.index()];
        let (changed_before, nothing_urgent) = (node.changed.len(), node.urgent.is_empty());
        let sensor = &mut node.sensors[usize::from(place)];
        let id = sensor.id;
        let before_kind = sensor.kind(&self.alarms.book.tables);
        let fault = (before_kind != kind).then_some(Fault::Bad);
        if fault.is_some() {
            events.push(Event::KindChanged { sensor: sensor.no, node: no, id, from: before_kind, to: kind });
            node.urgent.insert(place);
            self.alarms.kind_changed(node.key(id), before_kind, kind, now);
            let before = self.alarms.book.table_of(node.key(id), before_kind);
            self.alarms.ceased(node.key(id), before, now);
        }
        let key = node.key(id);
        let sensor = &mut node.sensors[usize::from(place)];
        let mut had = sensor.band(&self.alarms.book.tables);
        let mut before = sensor.latest().map_or(Before::Nothing, Before::Value);
        if before != Before::Value(value) || fault.is_some() {
            node.moved.insert(place);
        }
        if sensor.table.is_unresolved() || fault.is_some() {
            let was_unresolved = sensor.table.is_unresolved();
            sensor.table = self.alarms.book.table_of(key, kind);
            if self.alarms.book.take_left_out() {
                self.alarms.settings_left_out(now);
            }
            if was_unresolved {
                had = sensor.band(&self.alarms.book.tables);
            }
            before = if was_unresolved { Before::Nothing } else { Before::Unlike };
        }
        sensor.time = time;
        sensor.value = value;
        node.changed.insert(place);
        let (alarms, counters) = (&mut self.alarms, &mut self.counters);
        cross(alarms, counters, no, node, place, before, had, now, events);
        self.counters.readings += 1;
        let status = self.alarms.book.tables[node.sensors[usize::from(place)].table.index()].status(value);
        let kept_before = self.readings.len();
        if self.readings.keep(self.limits.readings_bytes) != Keep::None {
            self.readings.samples().push(Sample { id, kind, value, status });
        }
        self.note_kept(no, time, kept_before, 1);
        let node = &mut self.nodes[no.index()];
        let first_urgent = nothing_urgent && !node.urgent.is_empty();
        let fresh = node.changed.len() - changed_before;
        self.waiting.note(no, node, fresh, first_urgent);
        fault
    }

    /// Of so many readings, those were kept for the history that are there now and were not before.
    fn note_kept(&mut self, no: NodeNo, time: Time, before: usize, readings: u64) {
        let kept = (self.readings.len() - before) as u64;
        self.readings.seal(no, time, before);
        if kept < readings && self.limits.readings_bytes > 0 {
            let gap = Gap { from: time, to: time, readings: readings - kept };
            self.gap = Some(self.gap.map_or(gap, |before| before.and(gap)));
            self.counters.readings_left_out += gap.readings;
        }
    }

    /// Makes the peer a node, unless it is new and the building is full; then come the sensors that it announced.
    fn join(&mut self, session: &mut Session, now: Moment, events: &mut Vec<Event>) -> Option<NodeNo> {
        let no = match self.find(session.address) {
            Some(no) => no,
            None if !self.lets_in(session.address) || !self.has_room() => return None,
            None => self.admit(session.address, now, events),
        };
        session.node = Some(no);
        self.connect(no);
        for (id, kind) in session.take_announced() {
            if self.nodes[no.index()].place(id).is_none() {
                self.add_sensor(no, session.address, id, kind, now.time, events);
            }
        }
        Some(no)
    }
}

/// A sensor's value has left its band, or has to be judged anew: what it means, and for whom. `before` is the value that
/// was judged last, `had` what people have seen last.
#[inline(never)]
#[expect(
    clippy::too_many_arguments,
    reason = "they are the parts of one building that are at hand just then"
)]
fn cross(
    alarms: &mut Alarms,
    counters: &mut Counters,
    no: NodeNo,
    node: &mut Node,
    place: u8,
    before: Before,
    had: Option<Band>,
    now: Moment,
    events: &mut Vec<Event>,
) {
    let sensor = node.sensors[usize::from(place)];
    let band = alarms.book.tables[sensor.table.index()].band(sensor.value);
    let from = had.map(|had| had.status);
    if from != Some(band.status) {
        counters.status_changes += u64::from(from.is_some());
        let (id, value) = (sensor.id, sensor.value);
        events.push(Event::StatusChanged { sensor: sensor.no, node: no, id, from, to: band.status, value });
    }
    if from != Some(band.status) || had.is_some_and(|had| had.legacy != band.legacy) {
        node.urgent.insert(place);
    }
    super::health::judge(alarms, node, place, before, now);
}
