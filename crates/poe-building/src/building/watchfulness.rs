//! Watching over nodes: who is silent, who is back, who speaks for whom.

use super::{Building, lost::shape_of};
use crate::{
    EntryKind, Moment, NodeNo, SensorKey, Session, Silence, Source, Supervision, Ticks, alarms::Alarms,
    builtin, conflict::Contest, supervision::silent_since, timers::Timer,
};
use core::{net::IpAddr, time::Duration};
use poe_wire::SensorKind;
use std::sync::Arc;

/// So long after its first reading a new node has shown all its sensors.
const NEWCOMER_AFTER: Duration = Duration::from_secs(10);
/// Silent nodes that a newcomer is compared with, and that are named to people.
const CANDIDATES_MAX: usize = 3;

impl Building {
    /// From now on silence counts.
    pub(super) fn listen(&mut self, now: Moment) {
        self.listening_since = now.ticks;
        let limits = self.model().supervision;
        for no in (0..self.nodes.len() as u32).map(NodeNo) {
            let node = &self.nodes[no.index()];
            if !node.retired && node.silence != Silence::Lost {
                self.look_at(no, now.ticks.after(limits.late));
            }
        }
        self.expect_described(now);
    }

    /// Nodes that somebody described are missed even if they have never been heard.
    pub(super) fn expect_described(&mut self, now: Moment) {
        let model = Arc::clone(self.model());
        for node in model.nodes.iter().filter(|node| !self.by_address.contains_key(&node.address)) {
            let limits = node.supervision.unwrap_or(model.supervision);
            self.alarms.timers.set(now.ticks.after(limits.trouble), Timer::Expected(node.address));
        }
    }

    /// Somebody says that this is where a node is: if it was retired, it is missed from now on.
    pub(super) fn expect_again(&mut self, address: IpAddr, now: Moment) {
        let Some(no) = self.find(address).filter(|no| self.nodes[no.index()].retired) else { return };
        let node = &mut self.nodes[no.index()];
        node.retired = false;
        node.silence = Silence::Late;
        node.heard = now.ticks;
        self.waiting.retired.push((address, false));
        let late = self.limits_of(no).late;
        self.look_at(no, now.ticks.after(late));
    }

    pub(super) fn expected_due(&mut self, address: IpAddr, now: Moment) {
        if self.by_address.contains_key(&address) || !self.alarms.book.describes(address) {
            return;
        }
        let limits = self.alarms.book.supervision(address).unwrap_or(self.model().supervision);
        let due = self.listening_since.after(limits.trouble);
        if due > now.ticks {
            self.alarms.timers.set(due, Timer::Expected(address));
        } else {
            self.lost(address, "has never been heard", now);
        }
    }

    /// A node sent something valid.
    #[inline]
    pub(super) fn heard(&mut self, no: NodeNo, now: Moment) {
        let node = &mut self.nodes[no.index()];
        node.cadence.learn(now.ticks.since(silent_since(node.heard, self.listening_since)), now.ticks);
        node.heard = now.ticks;
        node.last_seen = Some(now.time);
        if node.silence != Silence::Heard || node.retired {
            self.heard_again(no, now);
        }
    }

    #[inline(never)]
    fn heard_again(&mut self, no: NodeNo, now: Moment) {
        self.lost_nodes.remove(no);
        let node = &mut self.nodes[no.index()];
        let address = node.address;
        node.silence = Silence::Heard;
        if core::mem::take(&mut node.retired) {
            self.waiting.retired.push((address, false));
        }
        if core::mem::take(&mut self.nodes[no.index()].withdrawn) {
            self.judge_again(no, now);
        }
        let due = now.ticks.after(self.limits_of(no).late);
        self.look_at(no, due);
        self.alarms.note(EntryKind::NodeBack, now, "").source = Some(Source::Node(address));
        self.found(address, now);
    }

    /// A new node: it is admitted, watched over, and compared with those who are silent.
    pub(super) fn welcome(&mut self, no: NodeNo, address: IpAddr, now: Moment) {
        self.nodes[no.index()].heard = now.ticks;
        self.alarms.note(EntryKind::NodeAdmitted, now, "").source = Some(Source::Node(address));
        // It may be described and have been missed.
        self.found(address, now);
        let late = self.limits_of(no).late;
        self.look_at(no, now.ticks.after(late));
        self.alarms.timers.set(now.ticks.after(NEWCOMER_AFTER), Timer::Newcomer(no));
    }

    /// A node's timer: it was heard meanwhile, or it is late, or in trouble.
    pub(super) fn node_due(&mut self, no: NodeNo, now: Moment) {
        let node = &mut self.nodes[no.index()];
        node.armed = None;
        if node.retired || node.silence == Silence::Lost {
            return;
        }
        let limits = self.limits_of(no);
        let node = &self.nodes[no.index()];
        let since = silent_since(node.heard, self.listening_since);
        let silent = now.ticks.since(since);
        let address = node.address;
        if silent >= limits.trouble {
            let node = &mut self.nodes[no.index()];
            node.silence = Silence::Lost;
            self.lost_nodes.insert(no, shape_of(node, &self.alarms.book.tables));
            let seconds = silent.as_secs();
            self.lost(address, &format!("has been silent for {seconds} s"), now);
        } else if silent >= limits.late {
            if node.silence == Silence::Heard {
                self.nodes[no.index()].silence = Silence::Late;
                let text = format!("silent for {} s", silent.as_secs());
                self.alarms.note(EntryKind::NodeLate, now, text).source = Some(Source::Node(address));
            }
            self.look_at(no, since.after(limits.trouble));
        } else {
            self.look_after_sensors(no, now);
            self.look_at(no, since.after(limits.late));
        }
    }

    /// Lets the one timer of a node wake then.
    pub(super) fn look_at(&mut self, no: NodeNo, due: Ticks) {
        let armed = &mut self.nodes[no.index()].armed;
        self.alarms.timers.rearm(armed, Some(due), Timer::Node(no));
    }

    pub(super) fn limits_of(&self, no: NodeNo) -> Supervision {
        let node = &self.nodes[no.index()];
        let told = self.alarms.book.supervision(node.address);
        told.unwrap_or_else(|| node.cadence.limits(self.model().supervision))
    }

    /// A new node whose sensors are just those of one that fell silent may be that one under a new address.
    pub(super) fn newcomer_due(&mut self, newcomer: NodeNo, now: Moment) {
        let tables = &self.alarms.book.tables;
        let own = &self.nodes[newcomer.index()].sensors;
        let same = |no: &usize| {
            let node = &self.nodes[*no];
            let has = |id: u8, kind| node.sensor(id).is_some_and(|known| known.kind(tables) == kind);
            *no != newcomer.index()
                && node.sensors.len() == own.len()
                && own.iter().all(|sensor| has(sensor.id, sensor.kind(tables)))
        };
        let shape = shape_of(&self.nodes[newcomer.index()], tables);
        let alike = self.lost_nodes.alike(shape).map(NodeNo::index);
        let mut candidates: Vec<usize> = alike.filter(same).take(CANDIDATES_MAX + 1).collect();
        candidates.sort_by_key(|no| core::cmp::Reverse(self.nodes[*no].heard));
        if own.is_empty() || candidates.is_empty() {
            return;
        }
        let new = self.nodes[newcomer.index()].address;
        let names: Vec<String> =
            candidates.iter().take(CANDIDATES_MAX).map(|no| self.nodes[*no].address.to_string()).collect();
        let text = format!(
            "has the sensors of {}, which fell silent; moved? then: poe node move {} {new}",
            names.join(" or "),
            names[0]
        );
        self.alarms.note(EntryKind::NodeMovedMaybe, now, text).source = Some(Source::Node(new));
    }

    /// Whether nobody else has spoken for the session's node lately, so that its frames can go the quick way.
    #[inline]
    pub(super) fn speaks_alone(&mut self, no: NodeNo, session: &Session, now: Moment) -> bool {
        let node = &mut self.nodes[no.index()];
        if node.speaker == session.serial && node.contest.is_none() {
            return true;
        }
        self.speaks_among_others(no, session, now)
    }

    #[inline(never)]
    fn speaks_among_others(&mut self, no: NodeNo, session: &Session, now: Moment) -> bool {
        let node = &mut self.nodes[no.index()];
        // A datagram belongs to no connection, and one connection cannot contradict itself.
        let others = session.serial != 0 && node.speaker != 0 && node.speaker != session.serial;
        if session.serial != 0 {
            node.speaker = session.serial;
        }
        if others && node.connections > 1 {
            node.contest.get_or_insert_with(|| Box::new(Contest::new())).go_on(now.ticks);
        }
        if node.contest.as_ref().is_some_and(|contest| contest.until < now.ticks) {
            node.contest = None;
        }
        node.contest.is_none()
    }

    /// Notes who delivered a sensor, while several connections speak for its node.
    pub(super) fn note_speaker(&mut self, no: NodeNo, session: &Session, id: u8, now: Moment) {
        let node = &mut self.nodes[no.index()];
        let Some(contest) = &mut node.contest else { return };
        if session.serial != 0 && contest.note(session.serial, id, now.ticks) {
            let address = node.address;
            let text =
                format!("two connections of {address} both deliver sensor {id}: two nodes with one address?");
            self.alarms.own_incident(&Source::Node(address), builtin::NODE_CONFLICT, text.into(), now);
        }
    }
}

impl Alarms {
    /// There are more combinations of settings than tables: some sensors follow the outer settings alone.
    pub(super) fn settings_left_out(&mut self, now: Moment) {
        let text =
            "too many combinations of settings: those of some sensors are left out, from the innermost on";
        self.note(EntryKind::RuleChanged, now, text).class = Some(crate::Class::Trouble);
    }

    /// A sensor of a known node posts another kind than before.
    pub(super) fn kind_changed(&mut self, key: SensorKey, from: SensorKind, to: SensorKind, now: Moment) {
        let text = format!("sensor {key} was {from} and now posts {to}");
        let source = Source::Node(key.address);
        // A stream that is out of step changes kinds with every frame: one signal, and one entry, are enough.
        if self.find(&source, builtin::NODE_KIND).is_none_or(|alarm| !alarm.state.is_active()) {
            self.note(EntryKind::SensorKindChanged, now, text.as_str()).source = Some(Source::Sensor(key));
        }
        self.own_incident(&source, builtin::NODE_KIND, text.into(), now);
    }
}
