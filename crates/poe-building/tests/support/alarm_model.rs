//! A naive building of alarms, as one would tell it: no timers, no tables, everything found by looking at all of it.
//! Times are microseconds since 1970.

use poe_building::{Class, EntryKind, Quiet, Reason, SensorKey, Source, State};
use poe_wire::SensorKind;
use std::net::IpAddr;

pub const SEC: i64 = 1_000_000;
pub const NODES: usize = 4;
/// The sensors of every node.
pub const SENSORS: [(u8, SensorKind); 4] =
    [(0, SensorKind::Fire), (8, SensorKind::Smoke), (17, SensorKind::Humidity), (18, SensorKind::Temperature)];
/// The nodes behind the switch; the last one is fed by nobody.
const BEHIND_THE_SWITCH: core::ops::Range<usize> = 0..3;

pub fn address(node: usize) -> IpAddr {
    IpAddr::from([10, 0, 0, node as u8 + 1])
}

pub fn switch() -> Source {
    Source::Switch("sw".into())
}

pub fn site() -> Source {
    Source::Place("site".into())
}

/// A rule, written out once more.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rule {
    pub name: &'static str,
    class: Class,
    kind: Option<SensorKind>,
    from: u8,
    to: u8,
    deadband: u8,
    on: i64,
    off: i64,
    latching: bool,
    re_alarm: Option<i64>,
    escalation: Option<i64>,
}

const PLAIN: Rule = Rule {
    name: "",
    class: Class::Trouble,
    kind: None,
    from: 0,
    to: 255,
    deadband: 0,
    on: 0,
    off: 0,
    latching: false,
    re_alarm: None,
    escalation: None,
};
const SILENT: Rule = Rule { name: "node.silent", ..PLAIN };
const PARENT: Rule = Rule { name: "parent.lost", ..PLAIN };
const CHATTER: Rule = Rule { name: "health.chatter", class: Class::Supervisory, ..PLAIN };
const RESTART: Rule = Rule { name: "restart", latching: true, ..PLAIN };
const EMERGENCY: Rule = Rule {
    name: "emergency.fire",
    class: Class::Alarm,
    latching: true,
    escalation: Some(300 * SEC),
    ..PLAIN
};
pub const TARGETS: [&str; 2] = ["porter", "chief"];
const NOTIFY: [Rule; 2] =
    [Rule { name: "notify.porter", ..PLAIN }, Rule { name: "notify.chief", ..PLAIN }];

/// The rules of sensors. Where heat begins is changed now and then.
fn rules(heat_from: u8) -> [Rule; 6] {
    use Class::{Alarm, Supervisory};
    use SensorKind::{Fire, Humidity, Smoke, Temperature};
    let alarm = Rule { class: Alarm, escalation: Some(300 * SEC), ..PLAIN };
    let warning = Rule { class: Supervisory, ..PLAIN };
    [
        Rule { name: "fire", kind: Some(Fire), to: 0, latching: true, escalation: Some(30 * SEC), ..alarm },
        Rule { name: "smoke-warning", kind: Some(Smoke), from: 160, deadband: 10, on: 4 * SEC, ..warning },
        Rule { name: "smoke", kind: Some(Smoke), from: 200, latching: true, ..alarm },
        Rule { name: "temperature-warning", kind: Some(Temperature), from: 110, ..warning },
        Rule {
            name: "temperature",
            kind: Some(Temperature),
            from: heat_from,
            off: 5 * SEC,
            re_alarm: Some(60 * SEC),
            ..alarm
        },
        Rule {
            name: "humidity",
            kind: Some(Humidity),
            from: 80,
            deadband: 5,
            on: 3 * SEC,
            off: 4 * SEC,
            latching: true,
            re_alarm: Some(30 * SEC),
            escalation: Some(20 * SEC),
            ..warning
        },
    ]
}

/// Who is told of a class at a level: the porter of everything, the chief later, both of fires at last.
fn told(class: Class, level: u8) -> &'static [&'static str] {
    match (level, class) {
        (1, _) => &["porter"],
        (2, Class::Alarm | Class::Supervisory) => &["chief"],
        (2 | 3, Class::Alarm) => &["chief", "porter"],
        _ => &[],
    }
}

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
        self.condition(&site(), EMERGENCY, false, 0);
        self.condition(&site(), EMERGENCY, true, 0);
    }

    pub fn shelve(&mut self, at: usize, span: i64, now: i64) {
        self.now = now;
        let Alarm { source, rule, .. } = self.alarms[at].clone();
        self.unshelve(at, now);
        self.suppress(Quiet::Shelved, source, Some(rule.name), Some(now + span));
    }

    /// Whether it was shelved.
    pub fn unshelve(&mut self, at: usize, now: i64) -> bool {
        self.now = now;
        let alarm = &self.alarms[at];
        let shelf = self.suppressions.iter().position(|known| {
            known.kind == Quiet::Shelved && known.source == alarm.source && known.rule == Some(alarm.rule.name)
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
        (self.fires, self.flood) = (Vec::new(), false);
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
            let hearing = if lost { Hearing::Lost } else if late { Hearing::Late } else { Hearing::Heard };
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
            } else if alarm.escalations < 2 {
                alarm.escalations += 1;
                alarm.escalate = alarm.rule.escalation.map(|span| now + span);
                self.note(EntryKind::AlarmEscalated, at);
                self.promise_all(at, Reason::Escalated);
            } else {
                alarm.escalate = None;
            }
        }
        while let Some(at) = self.suppressions.iter().position(|known| known.ends.is_some_and(|at| at <= now)) {
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

    // An alarm's life.

    pub fn find(&self, source: &Source, rule: &str) -> Option<usize> {
        self.alarms.iter().position(|alarm| alarm.rule.name == rule && alarm.source == *source)
    }

    fn holds(&self, source: &Source, rule: &Rule) -> bool {
        self.find(source, rule.name).is_some_and(|at| self.alarms[at].holds)
    }

    fn condition(&mut self, source: &Source, rule: Rule, holds: bool, off_min: i64) {
        let Some(at) = self.find(source, rule.name) else {
            if holds {
                self.alarms.push(fresh(source, rule, self.quiet_of(source, rule.name)));
                self.trip_later(self.alarms.len() - 1);
            }
            return;
        };
        let alarm = &mut self.alarms[at];
        alarm.rule = rule;
        if alarm.holds == holds {
            return;
        }
        alarm.holds = holds;
        alarm.delay = None;
        if holds && !alarm.active {
            self.trip_later(at);
        } else if !holds && !alarm.raised {
            self.alarms.remove(at);
        } else if !holds && alarm.active {
            match rule.off.max(off_min) {
                0 => self.clear(at),
                off => alarm.delay = Some(self.now + off),
            }
        }
    }

    fn trip_later(&mut self, at: usize) {
        match self.alarms[at].rule.on {
            0 => self.trip(at),
            on => self.alarms[at].delay = Some(self.now + on),
        }
    }

    fn trip(&mut self, at: usize) {
        let alarm = &mut self.alarms[at];
        let (first, anew) = (!alarm.raised, !alarm.raised || alarm.seen);
        let is_fire = alarm.rule.class == Class::Alarm;
        (alarm.raised, alarm.active, alarm.seen, alarm.held) = (true, true, false, alarm.rule.latching);
        if anew {
            self.speak_up(at);
            self.note(EntryKind::AlarmRaised, at);
            self.promise_all(at, Reason::Raised);
        } else {
            self.note(EntryKind::AlarmTripped, at);
        }
        if first && is_fire {
            self.fires.push(self.now);
            let recent = self.fires.iter().filter(|at| self.now - *at <= 600 * SEC).count();
            if recent > 10 && !core::mem::replace(&mut self.flood, true) {
                self.tell(EntryKind::FloodBegan, None, None, None);
            }
        }
    }

    fn clear(&mut self, at: usize) {
        let alarm = &mut self.alarms[at];
        (alarm.active, alarm.ask) = (false, None);
        if alarm.quiet.is_some() && alarm.rule.class != Class::Alarm && !alarm.rule.latching {
            alarm.seen = true;
        }
        self.note(EntryKind::AlarmReturned, at);
        self.end_if_over(at);
    }

    /// What has returned to normal goes; what waits to be raised again waits on.
    fn end_if_over(&mut self, at: usize) {
        let alarm = &self.alarms[at];
        if alarm.is_shown() {
            return;
        }
        let waits = alarm.delay.filter(|_| alarm.holds);
        let again = Alarm { delay: waits, ..fresh(&alarm.source, alarm.rule, alarm.quiet) };
        self.alarms.remove(at);
        if waits.is_some() {
            self.alarms.push(again);
        }
    }

    fn speak_up(&mut self, at: usize) {
        let alarm = &mut self.alarms[at];
        alarm.audible = alarm.quiet.is_none();
        (alarm.ask, alarm.escalations) = (None, 0);
        alarm.escalate = alarm.rule.escalation.filter(|_| alarm.audible).map(|span| self.now + span);
    }

    // Quiet.

    fn suppress(&mut self, kind: Quiet, source: Source, rule: Option<&'static str>, ends: Option<i64>) {
        self.tell(EntryKind::SuppressionBegan, Some(source.clone()), rule.map(String::from), None);
        let id = self.next_suppression;
        self.next_suppression += 1;
        self.suppressions.push(Suppression { id, kind, source, rule, ends });
        self.weigh();
    }

    fn unsuppress(&mut self, at: usize) {
        let gone = self.suppressions.remove(at);
        self.tell(EntryKind::SuppressionEnded, Some(gone.source), gone.rule.map(String::from), None);
        self.weigh();
    }

    fn quiet_of(&self, source: &Source, rule: &str) -> Option<Quiet> {
        let covers = |known: &&Suppression| {
            known.rule.is_none_or(|only| only == rule) && is_in(source, &known.source)
        };
        self.suppressions.iter().filter(covers).map(|known| known.kind).min()
    }

    fn weigh(&mut self) {
        for at in 0..self.alarms.len() {
            let alarm = &self.alarms[at];
            let quiet = self.quiet_of(&alarm.source, alarm.rule.name);
            let alarm = &mut self.alarms[at];
            if alarm.quiet == quiet {
                continue;
            }
            alarm.quiet = quiet;
            if quiet.is_some() {
                (alarm.audible, alarm.escalate) = (false, None);
            }
            match (alarm.is_shown(), quiet) {
                (false, _) => {}
                (true, Some(_)) => self.note(EntryKind::AlarmQuieted, at),
                (true, None) if alarm.seen => self.note(EntryKind::AlarmUnquieted, at),
                (true, None) => {
                    self.speak_up(at);
                    self.note(EntryKind::AlarmUnquieted, at);
                    self.promise_all(at, Reason::Unquieted);
                }
            }
        }
    }

    // Telling.

    fn tell(&mut self, kind: EntryKind, source: Option<Source>, rule: Option<String>, state: Option<State>) {
        self.told.push((kind, source, rule, state));
    }

    fn note(&mut self, kind: EntryKind, at: usize) {
        let alarm = &self.alarms[at];
        let told = (kind, Some(alarm.source.clone()), Some(alarm.rule.name.to_owned()), Some(alarm.state()));
        self.told.push(told);
    }

    fn promise_all(&mut self, at: usize, reason: Reason) {
        let Alarm { source, rule, quiet, escalations, .. } = self.alarms[at].clone();
        if quiet.is_some() || self.notice_follows {
            return;
        }
        let levels = escalations + 1..=3;
        let who = levels.map(|level| told(rule.class, level)).find(|who| !who.is_empty());
        for target in who.into_iter().flatten() {
            self.promise(target, Some(source.clone()), rule.name, reason);
        }
    }

    fn promise(&mut self, target: &'static str, source: Option<Source>, rule: &'static str, reason: Reason) {
        self.promises.push((target, source, rule, reason));
        self.told.push((EntryKind::NotificationPromised, None, None, None));
    }
}

fn fresh(source: &Source, rule: Rule, quiet: Option<Quiet>) -> Alarm {
    Alarm {
        source: source.clone(),
        rule,
        holds: true,
        raised: false,
        active: false,
        seen: false,
        held: false,
        audible: false,
        quiet,
        delay: None,
        ask: None,
        escalate: None,
        escalations: 0,
    }
}

/// Whether what is about `inner` is kept quiet with `outer`.
fn is_in(inner: &Source, outer: &Source) -> bool {
    let fed = |known: &IpAddr| BEHIND_THE_SWITCH.clone().any(|node| address(node) == *known);
    match (inner, outer) {
        _ if inner == outer => true,
        (Source::System, _) => false,
        (_, Source::Place(_)) => true,
        (Source::Sensor(key), Source::Node(known)) => key.address == *known,
        (Source::Sensor(SensorKey { address, .. }) | Source::Node(address), Source::Switch(_)) => fed(address),
        _ => false,
    }
}
