//! A night as a text: what comes in, line by line, and what the building tells.

use expect_test::Expect;
use poe_building::{
    Alarm, AlarmId, Building, Changes, Input, Limits, Model, Moment, Order, Scope, SensorKey, Session, Time,
    Who,
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
        };
        night.building.handle(Input::Listening, night.now, &mut Vec::new());
        if *model != Model::default() {
            let order = Order::SetModel { model: Box::new(model.clone()), from_version: None };
            night.building.order(order, &Who::new("ann", "test"), night.now).unwrap();
            night.building.take_changes(Scope::All, &mut Changes::default());
        }
        night
    }

    /// `00:12 10.0.0.1_8 SMOKE 165`, `00:12 ann acknowledges 10.0.0.1_8`, or `00:12` alone.
    pub fn play(&mut self, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut words = line.split_whitespace();
            self.wait_until(words.next().unwrap());
            match words.collect::<Vec<_>>()[..] {
                [] => {}
                ["node", address] => _ = self.session(address.parse().unwrap()),
                [sensor, kind, value] if kind.parse::<SensorKind>().is_ok() => {
                    let kind: SensorKind = kind.parse().unwrap();
                    self.reads(sensor.parse().unwrap(), kind, value.parse().unwrap());
                }
                [who, verb, source, ref rest @ ..] => self.orders(who, verb, source, &rest.join(" ")),
                _ => panic!("no such line: {line}"),
            }
            self.tell();
        }
    }

    /// Lets time pass, from one timer to the next.
    fn wait_until(&mut self, clock: &str) {
        let parts: Vec<i64> = clock.split(':').map(|part| part.parse().unwrap()).collect();
        let secs = parts.iter().fold(0, |secs, part| secs * 60 + part);
        let until = Moment::from(Time(self.began.0 + secs * 1_000_000));
        while let Some(next) = self.building.next_wake().filter(|next| *next <= until.ticks) {
            self.now = Moment::from(Time(next.0 as i64)).max_by_ticks(self.now);
            self.building.wake(self.now);
            self.tell();
        }
        self.now = until;
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

    fn orders(&mut self, who: &str, verb: &str, source: &str, rest: &str) {
        let alarm = || self.alarm_of(source).map_or(AlarmId(0), |alarm| alarm.id);
        let order = match verb {
            "acknowledges" => Order::Acknowledge(alarm()),
            "silences" => Order::Silence(alarm()),
            "resets" => Order::Reset(alarm()),
            "unshelves" => Order::Unshelve(alarm()),
            "shelves" => Order::Shelve { alarm: alarm(), span: Duration::from_secs(60), reason: rest.into() },
            _ => panic!("nobody {verb}"),
        };
        if let Err(refused) = self.building.order(order, &Who::new(who, "test"), self.now) {
            writeln!(self.told, "{} refused: {refused}", self.clock(self.now.time)).unwrap();
        }
    }

    pub fn alarm_of(&self, source: &str) -> Option<&Alarm> {
        self.building.alarms().find(|alarm| alarm.source.to_string() == source)
    }

    fn clock(&self, time: Time) -> String {
        let secs = (time.0 - self.began.0) / 1_000_000;
        format!("{:02}:{:02}", secs / 60, secs % 60)
    }

    fn tell(&mut self) {
        let mut changes = Changes::default();
        self.building.take_changes(Scope::All, &mut changes);
        for entry in changes.entries {
            let mut line = format!("{} {}", self.clock(entry.decided), entry.kind);
            for part in [
                entry.source.map(|source| source.to_string()),
                entry.rule.map(|rule| rule.to_string()),
                entry.state.map(|state| state.to_string()),
                entry.value.map(|value| value.to_string()),
                entry.who.map(|who| format!("by {}", who.name)),
                Some(entry.text.to_string()).filter(|text| !text.is_empty()).map(|text| format!("({text})")),
            ]
            .into_iter()
            .flatten()
            {
                line.push(' ');
                line.push_str(&part);
            }
            writeln!(self.told, "{line}").unwrap();
        }
    }
}

trait Later {
    fn max_by_ticks(self, other: Self) -> Self;
}

impl Later for Moment {
    fn max_by_ticks(self, other: Self) -> Self {
        if self.ticks >= other.ticks { self } else { other }
    }
}
