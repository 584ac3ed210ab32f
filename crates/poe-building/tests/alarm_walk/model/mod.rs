//! A naive building of alarms, as one would tell it: no timers, no tables, everything found by looking at all of it.
//! Times are microseconds since 1970.

mod life;
mod rules;

pub use rules::{NODES, SEC, SENSORS, TARGETS, address, site, switch};

use poe_building::{Class, EntryKind, Quiet, Reason, SensorKey, Source, State};
use rules::{BEHIND_THE_SWITCH, CHATTER, EMERGENCY, NOTIFY, PARENT, RESTART, Rule, SILENT, rules};

#[derive(Clone, Debug)]
pub struct Alarm {
    pub source: Source,
    pub rule: Rule,
    pub holds: bool,
    pub raised: bool,
    /// Whether it is true as far as people are shown.
    active: bool,
    seen: bool,
    held: bool,
    pub audible: bool,
    pub quiet: Option<Quiet>,
    pub delay: Option<i64>,
    pub ask: Option<i64>,
    pub escalate: Option<i64>,
    pub escalations: u8,
    /// Whether people were told of it since it last began to ask for them.
    told: bool,
    raised_at: i64,
}

impl Alarm {
    pub fn state(&self) -> State {
        match (self.raised, self.active, self.held, self.seen) {
            (false, ..) => State::Normal,
            (_, true, _, false) => State::Unacknowledged,
            (_, true, _, true) => State::Acknowledged,
            (_, false, true, false) => State::LatchedUnacknowledged,
            (_, false, true, true) => State::LatchedAcknowledged,
            (_, false, false, false) => State::ReturnedUnacknowledged,
            (_, false, false, true) => State::Normal,
        }
    }

    pub fn is_shown(&self) -> bool {
        self.state() != State::Normal
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Suppression {
    pub id: u64,
    pub kind: Quiet,
    pub source: Source,
    pub rule: Option<&'static str>,
    pub ends: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Hearing {
    Heard,
    Late,
    Lost,
}

#[derive(Clone, Copy, Debug)]
pub struct Node {
    heard: i64,
    pub hearing: Hearing,
}

/// What the journal must have been told in a step.
pub type Told = (EntryKind, Option<Source>, Option<String>, Option<State>);

#[derive(Clone, Debug)]
pub struct Model {
    pub alarms: Vec<Alarm>,
    pub suppressions: Vec<Suppression>,
    /// Open promises: target, alarm's source and rule, reason.
    pub promises: Vec<(&'static str, Option<Source>, &'static str, Reason)>,
    pub nodes: [Node; NODES],
    /// The value that was judged last, if any was since the start.
    values: [[Option<u8>; SENSORS.len()]; NODES],
    cycles: [[Vec<i64>; SENSORS.len()]; NODES],
    chatters: [[bool; SENSORS.len()]; NODES],
    pub heat_from: u8,
    failing: [Option<i64>; 2],
    /// When alarms of the first class were raised, and whether they are too many.
    fires: Vec<i64>,
    flood: bool,
    next_suppression: u64,
    pub told: Vec<Told>,
    now: i64,
    notice_follows: bool,
}

impl Model {
    pub fn new(now: i64) -> Self {
        Self {
            alarms: Vec::new(),
            suppressions: Vec::new(),
            promises: Vec::new(),
            nodes: [Node { heard: now, hearing: Hearing::Heard }; NODES],
            values: Default::default(),
            cycles: Default::default(),
            chatters: Default::default(),
            heat_from: 135,
            failing: [None; 2],
            fires: Vec::new(),
            flood: false,
            next_suppression: 1,
            told: Vec::new(),
            now,
            notice_follows: false,
        }
    }

    // What comes from outside.

    pub fn reads(&mut self, node: usize, place: usize, value: u8, now: i64) {
        self.now = now;
        let (id, kind) = SENSORS[place];
        let source = Source::Sensor(SensorKey { address: address(node), id });
        let before = self.values[node][place].replace(value);
        let of_kind = rules(self.heat_from).into_iter().filter(|rule| rule.kind == Some(kind));
        let fulfilled = |rule: &Rule| (rule.from..=rule.to).contains(&value);
        let begins = |rule: &Rule| fulfilled(rule) && !self.holds(&source, rule);
        if before.is_some() && of_kind.clone().any(|rule| begins(&rule)) {
            let cycles = &mut self.cycles[node][place];
            cycles.push(now);
            cycles.retain(|at| now - at <= 60 * SEC);
            if cycles.len() >= 3 && !self.chatters[node][place] {
                self.chatters[node][place] = true;
                self.condition(&source, CHATTER, true, 0);
            }
        }
        for rule in of_kind {
            self.judge(&source, rule, value, self.chatters[node][place]);
        }
        self.nodes[node].heard = now;
        if self.nodes[node].hearing != Hearing::Heard {
            self.nodes[node].hearing = Hearing::Heard;
            let source = Source::Node(address(node));
            self.tell(EntryKind::NodeBack, Some(source.clone()), None, None);
            self.condition(&source, SILENT, false, 0);
            if BEHIND_THE_SWITCH.contains(&node) {
                self.condition(&switch(), PARENT, false, 0);
                for known in self.suppressions.iter_mut().filter(|known| known.ends.is_none()) {
                    known.ends = Some(now + 60 * SEC);
                }
            }
        }
    }

    fn judge(&mut self, source: &Source, rule: Rule, value: u8, chatters: bool) {
        let away = i32::from(rule.from) - i32::from(value);
        let away = away.max(i32::from(value) - i32::from(rule.to));
        if away <= 0 {
            self.condition(source, rule, true, 0);
        } else if away > i32::from(rule.deadband) {
            self.condition(source, rule, false, if chatters { 10 * SEC } else { 0 });
        }
    }

    /// Another threshold, at once.
    pub fn change_rules(&mut self, heat_from: u8, now: i64) {
        self.now = now;
        self.heat_from = heat_from;
        for node in 0..NODES {
            for (place, (id, kind)) in SENSORS.into_iter().enumerate() {
                let source = Source::Sensor(SensorKey { address: address(node), id });
                for rule in rules(heat_from).into_iter().filter(|rule| rule.kind == Some(kind)) {
                    if let Some(value) = self.values[node][place] {
                        self.judge(&source, rule, value, self.chatters[node][place]);
                    }
                }
            }
        }
    }

    pub fn acknowledge(&mut self, at: usize, now: i64) {
        self.now = now;
        let alarm = &mut self.alarms[at];
        let first = !core::mem::replace(&mut alarm.seen, true);
        (alarm.audible, alarm.escalate) = (false, None);
        if first && alarm.active {
            alarm.ask = alarm.rule.re_alarm.map(|span| now + span);
        }
        self.note(EntryKind::AlarmAcknowledged, at);
        self.end_if_over(at);
    }

    pub fn silence(&mut self, at: usize, now: i64) {
        self.now = now;
        self.alarms[at].audible = false;
        self.note(EntryKind::AlarmSilenced, at);
    }

    /// Whether it was allowed.
    pub fn reset(&mut self, at: usize, now: i64) -> bool {
        self.now = now;
        if self.alarms[at].rule.name == EMERGENCY.name && self.alarms[at].active {
            self.condition(&site(), EMERGENCY, false, 0);
        }
        let alarm = &mut self.alarms[at];
        if alarm.active || !alarm.held {
            return false;
        }
        alarm.held = false;
        self.note(EntryKind::AlarmReset, at);
        self.end_if_over(at);
        true
    }

    pub fn emergency(&mut self, now: i64) {
        self.now = now;
        let unseen = self.find(&site(), EMERGENCY.name).filter(|at| {
            let alarm = &self.alarms[*at];
            alarm.raised && !alarm.seen
        });
        if unseen.is_none() {
            self.condition(&site(), EMERGENCY, false, 0);
        }
        self.condition(&site(), EMERGENCY, true, 0);
        let at = self.find(&site(), EMERGENCY.name).unwrap();
        if unseen.is_some() {
            self.speak_up(at);
            self.note(EntryKind::AlarmRaised, at);
            self.promise_all(at, Reason::Raised);
        }
        self.unshelve(at, now);
    }

    pub fn shelve(&mut self, at: usize, span: i64, now: i64) {
        self.now = now;
        let Alarm { source, rule, .. } = self.alarms[at].clone();
        let older = self.suppressions.iter().position(|known| {
            known.kind == Quiet::Shelved && known.source == source && known.rule == Some(rule.name)
        });
        self.suppress(Quiet::Shelved, source, Some(rule.name), Some(now + span));
        if let Some(older) = older {
            self.unsuppress(older);
        }
    }

    /// Whether it was shelved.
    pub fn unshelve(&mut self, at: usize, now: i64) -> bool {
        self.now = now;
        let alarm = &self.alarms[at];
        let shelf = self.suppressions.iter().position(|known| {
            known.kind == Quiet::Shelved
                && known.source == alarm.source
                && known.rule == Some(alarm.rule.name)
        });
        shelf.is_some_and(|shelf| {
            self.unsuppress(shelf);
            true
        })
    }

    pub fn out_of_service(&mut self, source: Source, span: i64, now: i64) {
        self.now = now;
        self.suppress(Quiet::OutOfService, source, None, Some(now + span));
    }

    pub fn end_suppression(&mut self, at: usize, now: i64) {
        self.now = now;
        self.unsuppress(at);
    }

    pub fn refused(&mut self, source: Option<Source>) {
        self.tell(EntryKind::CommandRefused, source, None, None);
    }

    pub fn confirmed(&mut self, at: usize, now: i64) {
        self.now = now;
        let target = self.close(at, EntryKind::NotificationConfirmed);
        self.failing[target] = None;
        self.condition(&Source::System, NOTIFY[target], false, 0);
    }

    pub fn dead(&mut self, at: usize, now: i64) {
        self.now = now;
        let target = self.close(at, EntryKind::NotificationDead);
        self.failing[target].get_or_insert(now);
        self.condition(&Source::System, NOTIFY[target], true, 0);
    }

    pub fn failed(&mut self, at: usize, now: i64) {
        self.now = now;
        let target = TARGETS.iter().position(|known| *known == self.promises[at].0).unwrap();
        if self.failing[target].is_none() {
            self.tell(EntryKind::NotificationFailed, None, None, None);
        }
        if now - *self.failing[target].get_or_insert(now) >= 30 * SEC {
            self.condition(&Source::System, NOTIFY[target], true, 0);
        }
    }

    fn close(&mut self, at: usize, kind: EntryKind) -> usize {
        let (target, ..) = self.promises.remove(at);
        self.tell(kind, None, None, None);
        TARGETS.iter().position(|known| *known == target).unwrap()
    }

    /// The server starts again with what was written down.
    pub fn restart(&mut self, broken: bool, now: i64) {
        self.now = now;
        self.values = Default::default();
        self.failing = [None; 2];
        let fires = self.alarms.iter().filter(|alarm| alarm.raised && alarm.rule.class == Class::Alarm);
        self.fires = fires.map(|alarm| alarm.raised_at).filter(|at| now - at <= 600 * SEC).collect();
        self.fires.sort_unstable();
        self.flood = self.fires.len() > 10;
        for (node, place) in (0..NODES).flat_map(|node| (0..SENSORS.len()).map(move |place| (node, place))) {
            let source = Source::Sensor(SensorKey { address: address(node), id: SENSORS[place].0 });
            let chatters = self.holds(&source, &CHATTER);
            self.chatters[node][place] = chatters;
            self.cycles[node][place] = if chatters { vec![now] } else { Vec::new() };
        }
        let parent_lost = self.holds(&switch(), &PARENT);
        for node in 0..NODES {
            let lost = self.holds(&Source::Node(address(node)), &SILENT);
            let late = parent_lost && BEHIND_THE_SWITCH.contains(&node);
            let hearing = if lost {
                Hearing::Lost
            } else if late {
                Hearing::Late
            } else {
                Hearing::Heard
            };
            self.nodes[node] = Node { heard: now, hearing };
        }
        for alarm in &mut self.alarms {
            alarm.audible = alarm.raised && !alarm.seen && alarm.quiet.is_none();
        }
        self.tell(EntryKind::ServerStarted, Some(Source::System), None, None);
        if broken {
            self.notice_follows = true;
            self.condition(&Source::System, RESTART, true, 0);
            self.condition(&Source::System, RESTART, false, 0);
            self.notice_follows = false;
        }
        if self.alarms.iter().any(|alarm| alarm.is_shown() && alarm.quiet.is_none()) {
            for target in TARGETS {
                self.promise(target, None, "", Reason::Restarted);
            }
        }
    }

    pub fn stopped(&mut self) {
        self.tell(EntryKind::ServerStopped, Some(Source::System), None, None);
    }

    // What comes with time.

    /// When something happens by itself, at the earliest.
    pub fn next(&self) -> Option<i64> {
        let alarms = self.alarms.iter().flat_map(|alarm| [alarm.delay, alarm.ask, alarm.escalate]);
        let ends = self.suppressions.iter().map(|known| known.ends);
        let nodes = self.nodes.iter().map(|node| match node.hearing {
            Hearing::Heard => Some(node.heard + 10 * SEC),
            Hearing::Late => Some(node.heard + 30 * SEC),
            Hearing::Lost => None,
        });
        let chatter = self.chatters.as_flattened().iter().zip(self.cycles.as_flattened());
        let chatter = chatter.map(|(on, cycles)| cycles.last().filter(|_| *on).map(|at| at + 60 * SEC));
        let flood = self.fires.iter().nth_back(4).filter(|_| self.flood).map(|fifth| fifth + 600 * SEC);
        alarms.chain(ends).chain(nodes).chain(chatter).chain([flood]).flatten().min()
    }

    pub fn wake(&mut self, now: i64) {
        self.now = now;
        let is_due = |at: Option<i64>| at.is_some_and(|at| at <= now);
        let due = |alarm: &Alarm| [alarm.delay, alarm.ask, alarm.escalate].into_iter().any(is_due);
        while let Some(at) = self.alarms.iter().position(due) {
            let alarm = &mut self.alarms[at];
            if is_due(alarm.delay) {
                alarm.delay = None;
                if alarm.holds { self.trip(at) } else { self.clear(at) }
            } else if is_due(alarm.ask) {
                alarm.seen = false;
                self.speak_up(at);
                self.note(EntryKind::AlarmAskedAgain, at);
                self.promise_all(at, Reason::AskedAgain);
            } else if alarm.escalations < if alarm.rule.class == Class::Alarm { 2 } else { 1 } {
                alarm.escalations += 1;
                alarm.escalate = alarm.rule.escalation.map(|span| now + span);
                self.note(EntryKind::AlarmEscalated, at);
                self.promise_all(at, Reason::Escalated);
            } else {
                alarm.escalate = None;
            }
        }
        while let Some(at) = self.suppressions.iter().position(|known| known.ends.is_some_and(|at| at <= now))
        {
            self.unsuppress(at);
        }
        for node in 0..NODES {
            self.miss(node);
        }
        self.fires.retain(|at| now - at <= 600 * SEC);
        if self.flood && self.fires.iter().filter(|at| now - *at < 600 * SEC).count() < 5 {
            self.flood = false;
            self.tell(EntryKind::FloodEnded, None, None, None);
        }
        for (node, place) in (0..NODES).flat_map(|node| (0..SENSORS.len()).map(move |place| (node, place))) {
            let over = self.cycles[node][place].last().is_none_or(|at| at + 60 * SEC <= now);
            if over && core::mem::take(&mut self.chatters[node][place]) {
                let source = Source::Sensor(SensorKey { address: address(node), id: SENSORS[place].0 });
                self.condition(&source, CHATTER, false, 0);
            }
        }
    }

    fn miss(&mut self, node: usize) {
        let now = self.now;
        let silent = now - self.nodes[node].heard;
        let source = Source::Node(address(node));
        if self.nodes[node].hearing == Hearing::Heard && silent >= 10 * SEC {
            self.nodes[node].hearing = Hearing::Late;
            self.tell(EntryKind::NodeLate, Some(source.clone()), None, None);
        }
        if self.nodes[node].hearing == Hearing::Late && silent >= 30 * SEC {
            self.nodes[node].hearing = Hearing::Lost;
            let late = |node: &Node| node.hearing != Hearing::Heard || now - node.heard >= 10 * SEC;
            if BEHIND_THE_SWITCH.contains(&node) && self.nodes[BEHIND_THE_SWITCH].iter().all(late) {
                self.condition(&switch(), PARENT, true, 0);
                let by_design = |known: &&mut Suppression| known.kind == Quiet::SuppressedByDesign;
                match self.suppressions.iter_mut().find(by_design) {
                    Some(known) => known.ends = None,
                    None => self.suppress(Quiet::SuppressedByDesign, switch(), Some(SILENT.name), None),
                }
            }
            self.condition(&source, SILENT, true, 0);
        }
    }
}
