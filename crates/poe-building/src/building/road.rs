//! The road of a frame through the building: what it means for the node that sent it.

use super::Building;
use crate::{Event, NodeNo, Session, Time, alignment::Fault};
use core::ops::ControlFlow::{Break, Continue};
use poe_wire::{Frame, Invalid, Message, OPT_POST, SensorKind};

impl Building {
    /// Handles the frames of one read in order, until the session is over.
    pub(super) fn frames(
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
}
