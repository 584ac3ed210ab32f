//! Nodes that nobody has let in: what they say is held apart, and a flame that they see is told all the same.
//!
//! Nothing of them is in the registry or the table. A node leaves the list when somebody approves or describes it, when
//! enrolment is opened, or when somebody dismisses it.

mod list;

use super::Building;
use crate::{
    Class, Done, Enrolment, EntryKind, Event, Moment, NodeNo, OrderRefused, Reading, SensorKey, Session,
    Source, Status, Text, alarms::Alarms, alignment::Fault, builtin,
};
use core::net::IpAddr;
use list::{Entered, Said};
use poe_wire::{Invalid, SensorKind};

pub(super) use list::Quarantine;
pub use list::{HeldSensor, QUARANTINE_NODES_MAX, Quarantined};

impl Building {
    /// The nodes that are not let in, by address.
    pub fn quarantine(&self) -> impl Iterator<Item = Quarantined> {
        self.quarantine.iter().map(|(address, held)| held.view(address))
    }

    /// Whether a node that was never seen becomes one of the building's at once.
    pub(super) fn lets_in(&self, address: IpAddr) -> bool {
        self.model().enrolment == Enrolment::Open || self.alarms.book.describes(address)
    }

    pub(super) fn has_room(&self) -> bool {
        !self.is_full() && self.nodes.len() < self.limits.nodes as usize
    }

    /// Somebody who is held says that a sensor exists. Returns what is wrong with that.
    pub(super) fn hold_announcement(
        &mut self,
        session: &mut Session,
        id: u8,
        kind: SensorKind,
        now: Moment,
    ) -> Option<Fault> {
        let refused = self.refuses();
        let held = self.quarantine.get_mut(session.address)?;
        held.announce(session.take_announced().filter(|_| !refused), now);
        held.announce((!refused).then_some((id, kind)), now);
        held.sensors.get(&id).filter(|said| said.kind != kind).map(|_| Fault::Contradiction)
    }

    fn refuses(&self) -> bool {
        self.model().enrolment == Enrolment::Closed
    }

    /// Somebody who is not let in reads a value. Returns what is wrong with that.
    pub(super) fn hold(
        &mut self,
        session: &mut Session,
        id: u8,
        kind: SensorKind,
        value: u8,
        now: Moment,
    ) -> Option<Fault> {
        let address = session.address;
        let key = SensorKey { address, id };
        let refused = self.refuses();
        let newcomer = !self.quarantine.has(address);
        if newcomer && !self.take_up(address, refused, now) {
            if judge(&mut self.alarms, key, kind, value, 0).1 != 0 {
                let text =
                    format!("sensor {key} ({kind}) reads {value}, and no more nodes can be held apart");
                self.alarms.own_incident(&Source::System, builtin::NODE_UNAPPROVED, text.into(), now);
            }
            return None;
        }
        let held = self.quarantine.get_mut(address)?;
        held.announce(session.take_announced().filter(|_| !refused), now);
        let known = held.sensors.get(&id).copied().unwrap_or(Said::announced(kind, now));
        let fault = (known.kind != kind).then_some(Fault::Bad);
        let stood = if fault.is_some() { 0 } else { known.danger };
        let (status, danger) = judge(&mut self.alarms, key, kind, value, stood);
        if refused && danger == 0 {
            held.sensors.remove(&id);
        } else {
            let latest = Some(Reading { time: now.time, kind, value, status });
            held.sensors.insert(id, Said { kind, latest, danger, ..known });
        }
        let turned = (danger != 0) != (known.danger != 0) && held.weigh();
        if newcomer || turned {
            let (source, alarming) = (Source::Node(address), held.alarming);
            let text = alarming.then(|| danger_text(id, kind, value));
            self.alarms.own_condition(&source, builtin::NODE_UNAPPROVED, alarming, text, now);
        }
        fault
    }

    /// Takes a newcomer up into the list. Returns whether there is room for it.
    fn take_up(&mut self, address: IpAddr, refused: bool, now: Moment) -> bool {
        let entered = self.quarantine.enter(address, now);
        if entered != Entered::Yes {
            self.counters.quarantine_full += 1;
            let text = match entered {
                Entered::InsteadOf(left) => {
                    format!("{left} made room for {address} among the nodes held apart")
                }
                _ => {
                    format!("{address} is not held: every one of {QUARANTINE_NODES_MAX} nodes reports danger")
                }
            };
            self.alarms.own_incident(&Source::System, builtin::LIMIT_QUARANTINE, text.into(), now);
        }
        if entered == Entered::No {
            return false;
        }
        let why = if refused { "is refused: enrolment is closed" } else { "waits for approval" };
        self.quarantine.journal(&mut self.alarms, address, why, now);
        true
    }

    /// A frame of somebody who is no node, whatever it meant.
    pub(super) fn count_held(&mut self, session: &mut Session, invalid: Option<Invalid>, now: Moment) {
        let Some(held) = self.quarantine.get_mut(session.address) else { return };
        self.counters.held_frames += 1;
        held.frames += 1;
        match invalid {
            None => held.heard(now),
            Some(invalid) => {
                held.invalid_frames += 1;
                held.invalid_opt += u64::from(matches!(invalid, Invalid::Opt(_)));
            }
        }
        // A datagram belongs to no connection.
        if session.serial != 0 && core::mem::replace(&mut session.stay, held.stay) != held.stay {
            held.connections += 1;
        }
    }

    /// A connection that spoke for nobody known has ended.
    pub(super) fn leave_held(&mut self, session: &Session) {
        let held = self.quarantine.get_mut(session.address).filter(|held| held.stay == session.stay);
        if let Some(held) = held {
            held.connections -= 1;
        }
    }

    /// Makes a node of whoever has this address, with everything that was held of it. There must be room.
    pub(super) fn admit(&mut self, address: IpAddr, now: Moment, events: &mut Vec<Event>) -> NodeNo {
        let held = self.quarantine.remove(address);
        let source = Source::Node(address);
        self.alarms.withdraw_own(&source, builtin::NODE_UNAPPROVED, "the node is let in", now);
        let first_seen = held.as_ref().map_or(now.time, |held| held.first_seen);
        let no = self.add_node(address, first_seen, now, events);
        let Some(held) = held else { return no };
        let node = &mut self.nodes[no.index()];
        node.last_seen = Some(held.last_seen);
        node.frames = held.frames;
        (node.invalid_frames, node.invalid_opt) = (held.invalid_frames, held.invalid_opt);
        for (id, Said { kind, first_seen, latest, .. }) in held.sensors {
            let Some(place) = self.add_sensor(no, address, id, kind, first_seen, events) else { continue };
            if let Some(Reading { time, value, .. }) = latest {
                self.take_reading(no, place, kind, value, time, now, events);
            }
        }
        no
    }

    /// Somebody has changed the model: who may come in now does, and what is held is judged by the rules as they are now.
    pub(super) fn reconsider_quarantine(&mut self, now: Moment) {
        let refused = self.refuses();
        for address in self.quarantine.addresses() {
            if self.lets_in(address) {
                self.let_in(address, now);
                continue;
            }
            let Some(held) = self.quarantine.get_mut(address) else { continue };
            let mut text = None;
            for (id, said) in &mut held.sensors {
                let Some(Reading { kind, value, status, .. }) = &mut said.latest else { continue };
                let key = SensorKey { address, id: *id };
                (*status, said.danger) = judge(&mut self.alarms, key, *kind, *value, 0);
                if said.danger != 0 {
                    text.get_or_insert_with(|| danger_text(*id, *kind, *value));
                }
            }
            if refused {
                held.sensors.retain(|_, said| said.danger != 0);
            }
            if held.weigh() {
                let (source, alarming) = (Source::Node(address), held.alarming);
                self.alarms.own_condition(&source, builtin::NODE_UNAPPROVED, alarming, text, now);
            }
        }
    }

    /// Lets in who is held. Where the building is full it only leaves the list: what it sends is refused and counted as
    /// that of any new node, and what it has signalled stands until somebody dismisses it.
    fn let_in(&mut self, address: IpAddr, now: Moment) {
        if self.has_room() {
            let mut events = core::mem::take(&mut self.by_order);
            self.admit(address, now, &mut events);
            self.by_order = events;
        } else {
            self.quarantine.remove(address);
        }
    }

    /// Somebody says that a node is one of ours.
    pub(super) fn approve(&mut self, address: IpAddr, now: Moment) -> Result<Done, OrderRefused> {
        let address = address.to_canonical();
        let known = self.find(address);
        if known.is_none() && !self.quarantine.has(address) {
            // Whoever describes a node says that it is one of ours.
            if self.alarms.book.describes(address) {
                return Ok(self.alarms.done(None));
            }
            return Err(OrderRefused::Unknown { what: "node", name: address.to_string().into() });
        }
        if known.is_none() && !self.has_room() {
            return Err(OrderRefused::Full { what: "nodes", most: self.limits.nodes as usize });
        }
        if known.is_some_and(|no| self.nodes[no.index()].approved) {
            return Ok(self.alarms.done(None));
        }
        self.alarms.note(EntryKind::NodeApproved, now, "approved no -> yes").source =
            Some(Source::Node(address));
        if known.is_none() {
            self.let_in(address, now);
        }
        if let Some(no) = self.find(address) {
            self.nodes[no.index()].approved = true;
        }
        if self.waiting.new_nodes.iter().any(|new| new.address == address) {
            // News may go ahead of nodes: an approval before its node would be lost.
            self.waiting.approved.push(address);
        } else {
            self.alarms.approved(address);
        }
        Ok(self.alarms.done(None))
    }

    /// Somebody says that a node that waits is none of ours.
    pub(super) fn dismiss(&mut self, address: IpAddr, now: Moment) -> Result<Done, OrderRefused> {
        let address = address.to_canonical();
        let source = Source::Node(address);
        // What it signalled outlives a restart; the list does not.
        let signalled = self.alarms.find(&source, builtin::NODE_UNAPPROVED).is_some();
        let held = self.quarantine.remove(address);
        if held.is_none() && !signalled {
            let name = address.to_string().into();
            return Err(OrderRefused::Unknown { what: "node that waits for approval", name });
        }
        let text = match held {
            Some(held) => format!("waits for approval yes -> no, after {} frames", held.frames),
            None => "signalled yes -> no".to_owned(),
        };
        self.alarms.note(EntryKind::NodeDismissed, now, text).source = Some(source.clone());
        self.alarms.withdraw_own(&source, builtin::NODE_UNAPPROVED, "the node was dismissed", now);
        Ok(self.alarms.done(None))
    }

    pub(super) fn is_known_or_held(&self, address: IpAddr) -> bool {
        self.find(address).is_some() || self.quarantine.has(address)
    }

    /// Whether somebody has said that the node of this address is one of ours.
    pub(super) fn is_ours(&self, address: IpAddr) -> bool {
        self.alarms.book.describes(address)
            || self.find(address).is_some_and(|no| self.nodes[no.index()].approved)
    }
}

/// What a value means, and which rules of the first class it fulfils, by their position in its sensor's table. `stood` are
/// those that the value before did: within its deadband a rule is still fulfilled.
fn judge(alarms: &mut Alarms, key: SensorKey, kind: SensorKind, value: u8, stood: u32) -> (Status, u32) {
    let table = alarms.book.table_of(key, kind);
    let table = &alarms.book.tables[table.index()];
    let band = table.band(value);
    let of_alarms = (0..).zip(&table.rules).filter(|(_, rule)| rule.class == Some(Class::Alarm));
    let of_alarms = of_alarms.fold(0, |mask, (at, _)| mask | 1 << at);
    (band.status, (band.trips | stood & !band.clears) & of_alarms)
}

fn danger_text(id: u8, kind: SensorKind, value: u8) -> Text {
    format!("not approved, and its sensor {id} ({kind}) reads {value}").into()
}
