//! A night as a text: what comes in, line by line, and what the building tells.

use crate::store::Store;
use expect_test::Expect;
use poe_building::{
    Alarm, AlarmId, Building, Changes, Emergency, Input, LastRun, Limits, Model, Moment, Order, Outcome,
    Scope, SensorKey, Session, Source, Ticks, Time, Who,
};
use poe_wire::SensorKind;
use std::{collections::HashMap, fmt::Write, net::IpAddr, time::Duration};

/// A building, its clock, and the people in it.
pub struct Night {
    pub building: Building,
    sessions: HashMap<IpAddr, Session>,
    pub now: Moment,
    pub told: String,
    began: Time,
    store: Store,
}

/// Plays the lines in an undescribed building and compares what its journal tells.
pub fn check(lines: &str, expected: Expect) {
    check_in(&Model::default(), lines, expected);
}

/// The same in a building that somebody has described.
pub fn check_in(model: &Model, lines: &str, expected: Expect) {
    let mut night = Night::new(model);
    night.play(lines);
    expected.assert_eq(&night.told);
}

impl Night {
    pub fn new(model: &Model) -> Self {
        let began = Time::from_secs(1_000_000);
        let mut night = Self {
            building: Building::new(Limits::default()),
            sessions: HashMap::new(),
            now: began.into(),
            told: String::new(),
            began,
            store: Store::default(),
        };
        night.building.handle(Input::Listening, night.now, &mut Vec::new());
        if *model != Model::default() {
            night.describe(model);
            night.tell();
            night.told.clear();
        }
        night
    }

    /// Ann gives the building another model.
    pub fn describe(&mut self, model: &Model) {
        let order = Order::SetModel { model: Box::new(model.clone()), from_version: None };
        self.building.order(order, &Who::new("ann", "test"), self.now).unwrap();
        self.tell();
    }

    /// `00:12 10.0.0.1_8 SMOKE 165`, `00:12 ann acknowledges 10.0.0.1_8`, or `00:12` alone.
    pub fn play(&mut self, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut words = line.split_whitespace();
            self.wait_until(words.next().unwrap());
            match words.collect::<Vec<_>>()[..] {
                [] => {}
                ["node", address] => _ = self.session(address.parse().unwrap()),
                // A reading that means nothing to anybody.
                [address, "speaks"] => {
                    let address = address.parse().unwrap();
                    self.reads(SensorKey { address, id: 200 }, SensorKind::Water, 100);
                }
                ["killed"] => self.restart(LastRun::Broken(self.now.time)),
                ["restored"] => self.restart(LastRun::Restored(Time(0))),
                ["stopped"] => {
                    self.building.end(self.now);
                    self.tell();
                    self.restart(LastRun::Stopped);
                }
                ["clock", seconds] => {
                    let by_us = seconds.parse::<i64>().unwrap() * 1_000_000;
                    self.now.time = Time(self.now.time.0 + by_us);
                    self.began = Time(self.began.0 + by_us);
                    self.building.handle(Input::ClockSet { by_us }, self.now, &mut Vec::new());
                }
                ["listening"] => self.building.handle(Input::Listening, self.now, &mut Vec::new()),
                [target, outcome @ ("confirms" | "fails" | "dies")] => self.answers(target, outcome),
                [sensor, kind, value] if kind.parse::<SensorKind>().is_ok() => {
                    let kind: SensorKind = kind.parse().unwrap();
                    self.reads(sensor.parse().unwrap(), kind, value.parse().unwrap());
                }
                [who, verb, source, ref rest @ ..] => self.orders(who, verb, source, rest),
                _ => panic!("no such line: {line}"),
            }
            self.tell();
        }
    }

    /// Lets time pass, from one timer to the next.
    fn wait_until(&mut self, clock: &str) {
        let parts: Vec<i64> = clock.split(':').map(|part| part.parse().unwrap()).collect();
        let secs = parts.iter().fold(0, |secs, part| secs * 60 + part);
        let until = Time(self.began.0 + secs * 1_000_000);
        self.pass(until.since(self.now.time));
    }

    /// Lets so much time pass, from one timer to the next.
    pub fn pass(&mut self, span: Duration) {
        let until = self.now.due(span);
        while let Some(next) = self.building.next_wake().filter(|next| *next <= until.ticks) {
            let due = self.now.due(next.since(self.now.ticks));
            self.now = Moment { time: due.time, ticks: due.ticks };
            self.building.wake(self.now);
            let again = self.building.next_wake();
            assert!(again.is_none_or(|again| again > self.now.ticks), "what was due is done");
            self.tell();
        }
        self.now = Moment { time: until.time, ticks: until.ticks };
    }

    fn session(&mut self, address: IpAddr) -> &mut Session {
        self.sessions.entry(address).or_insert_with(|| self.building.open(address))
    }

    pub fn reads(&mut self, key: SensorKey, kind: SensorKind, value: u8) {
        self.session(key.address);
        let session = self.sessions.get_mut(&key.address).unwrap();
        let bytes = [1, key.id, kind.byte(), value];
        self.building.handle(Input::Stream { session, bytes: &bytes }, self.now, &mut Vec::new());
    }

    fn orders(&mut self, who: &str, verb: &str, source: &str, rest: &[&str]) {
        let alarm = || self.alarm_of(source).map_or(AlarmId(0), |alarm| alarm.id);
        let span = |secs: &str| Duration::from_secs(secs.parse().unwrap());
        let order = match (verb, rest) {
            ("acknowledges", []) => Order::Acknowledge(alarm()),
            ("silences", []) => Order::Silence(alarm()),
            ("resets", []) => Order::Reset(alarm()),
            ("unshelves", []) => Order::Unshelve(alarm()),
            ("shelves", [secs, reason @ ..]) => {
                Order::Shelve { alarm: alarm(), span: span(secs), reason: reason.join(" ").into() }
            }
            ("disconnects", [secs, reason @ ..]) => {
                let source = source_of(source);
                Order::TakeOutOfService { source, span: span(secs), reason: reason.join(" ").into() }
            }
            ("raises", [place, note @ ..]) => {
                let kind: Emergency = source.parse().unwrap();
                Order::RaiseEmergency { kind, place: (*place).into(), note: note.join(" ").into() }
            }
            ("retires", []) => Order::RetireNode(source.parse().unwrap()),
            ("approves", []) => Order::ApproveNode(source.parse().unwrap()),
            ("dismisses", []) => Order::DismissNode(source.parse().unwrap()),
            ("unplugs", []) => {
                let session = self.sessions.remove(&source.parse().unwrap()).unwrap();
                self.building.handle(Input::Closed { session: &session }, self.now, &mut Vec::new());
                return;
            }
            ("moves", [new]) => Order::MoveNode { old: source.parse().unwrap(), new: new.parse().unwrap() },
            _ => panic!("nobody {verb}"),
        };
        if let Err(refused) = self.building.order(order, &Who::new(who, "test"), self.now) {
            writeln!(self.told, "{} refused: {refused}", self.clock(self.now.time)).unwrap();
        }
    }

    /// What becomes of the oldest promise to a target.
    fn answers(&mut self, target: &str, outcome: &str) {
        let promise = self.building.promises().find(|promise| *promise.target == *target).unwrap().id;
        let outcome = match outcome {
            "confirms" => Outcome::Confirmed,
            "fails" => Outcome::Failed("no answer".into()),
            _ => Outcome::Dead("expired".into()),
        };
        let input = Input::Outcome { promise, outcome, at: self.now.time };
        self.building.handle(input, self.now, &mut Vec::new());
    }

    /// The server is stopped and starts again now.
    pub fn play_restart(&mut self) {
        self.restart(LastRun::Stopped);
    }

    /// The server starts again with what was stored, on another steady clock.
    fn restart(&mut self, last_run: LastRun) {
        let known = self.store.known(last_run);
        self.sessions.clear();
        self.now.ticks = Ticks(77_000_000);
        self.building = Building::restore(Limits::default(), &known, self.now);
        self.building.begin(&known, "1.0", self.now);
        self.building.wake(self.now);
    }

    /// The alarm of a source, or of `source/rule` where there are several.
    pub fn alarm_of(&self, source: &str) -> Option<&Alarm> {
        let (source, rule) =
            source.split_once('/').map_or((source, None), |(source, rule)| (source, Some(rule)));
        self.building
            .alarms()
            .find(|alarm| alarm.source.to_string() == source && rule.is_none_or(|rule| *alarm.rule == *rule))
    }

    fn clock(&self, time: Time) -> String {
        let secs = (time.0 - self.began.0) / 1_000_000;
        match secs / 3600 {
            0 => format!("{:02}:{:02}", secs / 60, secs % 60),
            hours => format!("{hours:02}:{:02}:{:02}", secs / 60 % 60, secs % 60),
        }
    }

    pub fn tell(&mut self) {
        let mut changes = Changes::default();
        self.building.take_changes(Scope::All, &mut changes);
        for entry in &changes.entries {
            let mut line = format!("{} {}", self.clock(entry.decided), entry.kind);
            let about = !entry.kind.is_of_notification();
            for part in [
                entry.source.as_ref().filter(|_| about).map(ToString::to_string),
                entry.rule.as_ref().filter(|_| about).map(ToString::to_string),
                entry.state.map(|state| state.to_string()),
                entry.value.map(|value| value.to_string()),
                entry.who.as_ref().map(|who| format!("by {}", who.name)),
                Some(self.plain(&entry.text)).filter(|text| !text.is_empty()).map(|text| format!("({text})")),
            ]
            .into_iter()
            .flatten()
            {
                line.push(' ');
                line.push_str(&part);
            }
            writeln!(self.told, "{line}").unwrap();
        }
        self.store.commit(changes);
    }

    /// A text without the stamp in a promise's key.
    fn plain(&self, text: &str) -> String {
        let stamp = |part: &&str| part.len() >= 12 && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts = text.split('/').map(|part| if stamp(&part) { "…" } else { part });
        parts.collect::<Vec<_>>().join("/")
    }
}

/// A sensor, a node, a switch, or else a place.
fn source_of(text: &str) -> Source {
    let sensor = text.parse().map(Source::Sensor);
    let node = || text.parse().map(Source::Node);
    sensor.or_else(|_| node()).unwrap_or_else(|_: std::net::AddrParseError| {
        match text.strip_prefix("switch:") {
            Some(name) => Source::Switch(name.into()),
            None => Source::Place(text.into()),
        }
    })
}
