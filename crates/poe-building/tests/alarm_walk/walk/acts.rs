//! What happens on a walk.

use super::{Walk, look::key};
use crate::model::{self as naive, NODES, SEC, SENSORS, TARGETS, address};
use poe_building::{
    AlarmId, Building, Class, Delivery, Emergency, EntryKind, Input, LastRun, Limits, Model, Moment,
    NodeInfo, Order, Outcome, PromiseId, Quiet, Reason, RuleScope, RuleSetting, SensorKey, Source,
    Supervision, Switch, Target, TargetGroup, Ticks, Time,
};
use poe_wire::SensorKind;
use std::time::Duration;

impl Walk {
    pub(super) fn act(&mut self) {
        match self.roll(1_000) {
            0..3 => self.restart(),
            3..8 => self.disk_stands_still = !self.disk_stands_still,
            8..13 => {
                let node = self.roll(NODES as u64) as usize;
                self.muted_until[node] = self.now + self.roll(90) as i64 * SEC;
            }
            13..15 => self.muted_until[..3].fill(self.now + 45 * SEC),
            15..20 => self.set_rules(),
            20..100 => self.order(),
            100..160 => (0..=self.model.promises.len() / 8).for_each(|_| self.outcome()),
            160..163 => self.emergency(),
            _ => self.random_reading(),
        }
    }

    pub(super) fn random_reading(&mut self) {
        let node = self.roll(NODES as u64) as usize;
        let place = self.roll(SENSORS.len() as u64) as usize;
        if self.muted_until[node] > self.now {
            return;
        }
        let value = match SENSORS[place].1 {
            SensorKind::Fire => self.pick(&[0, 1, 1, 1, 1, 2]),
            SensorKind::Smoke => self.pick(&[100, 100, 145, 149, 150, 165, 199, 205]),
            SensorKind::Humidity => self.pick(&[40, 60, 74, 75, 78, 79, 80, 90]),
            _ => self.pick(&[72, 72, 100, 109, 110, 119, 120, 134, 135, 150]),
        };
        // A loose contact says it again and again.
        self.reads(node, place, value);
        if self.roll(20) == 0 {
            for at in 0..self.roll(8) {
                let span = 1 + self.roll(SEC as u64 / 10) as i64;
                self.pass(self.now + span);
                self.reads(node, place, if at % 2 == 0 { 100 } else { value });
                self.look();
            }
        }
    }

    pub(super) fn reads(&mut self, node: usize, place: usize, value: u8) {
        self.trace(format!("{}_{} reads {value}", address(node), SENSORS[place].0));
        let (id, kind) = SENSORS[place];
        let input = Input::Stream { session: &mut self.sessions[node], bytes: &[1, id, kind.byte(), value] };
        let now = Moment { time: Time(self.now), ticks: Ticks((self.now - self.ticks_behind) as u64) };
        self.building.handle(input, now, &mut Vec::new());
        self.model.reads(node, place, value, self.now);
        self.readings += 1;
    }

    pub(super) fn order(&mut self) {
        let alarms = self.building.alarms().count() as u64;
        let (verb, which) = (self.roll(20), self.roll(alarms + 1) as usize);
        match verb {
            0 => return self.out_of_service(),
            1 => return self.end_suppression(),
            _ => {}
        }
        let alarm = self.building.alarms().nth(which).cloned();
        let id = alarm.as_ref().map_or(AlarmId(0), |alarm| alarm.id);
        let source = alarm.as_ref().map(|alarm| alarm.source.clone());
        let at = alarm.and_then(|alarm| self.model.find(&alarm.source, &alarm.rule));
        let shown = at.filter(|at| self.model.alarms[*at].is_shown());
        let span = self.roll(300) as i64 * SEC + 7;
        let order = match verb {
            2..9 => Order::Acknowledge(id),
            9..11 => Order::Silence(id),
            11..15 => Order::Reset(id),
            15..18 => {
                let hours = if self.roll(9) == 0 { 9 * 3600 * SEC } else { 0 };
                let span = Duration::from_micros((span + hours) as u64);
                Order::Shelve { alarm: id, span, reason: "paint".into() }
            }
            _ => Order::Unshelve(id),
        };
        self.trace(format!("{order:?} {source:?}"));
        let done = match (&order, shown) {
            (_, None) => false,
            (Order::Acknowledge(_), Some(at)) => {
                self.model.acknowledge(at, self.now);
                true
            }
            (Order::Silence(_), Some(at)) => {
                self.model.silence(at, self.now);
                true
            }
            (Order::Reset(_), Some(at)) => self.model.reset(at, self.now),
            (Order::Shelve { span, .. }, Some(at)) => {
                let fits = *span <= Duration::from_secs(8 * 3600);
                if fits {
                    self.model.shelve(at, span.as_micros() as i64, self.now);
                }
                fits
            }
            (_, Some(at)) => self.model.unshelve(at, self.now),
        };
        if !done {
            self.model.refused(source);
        }
        assert_eq!(self.building.order(order, &self.ann, self.moment()).is_ok(), done);
    }

    pub(super) fn out_of_service(&mut self) {
        let node = self.roll(NODES as u64) as usize;
        let key = SensorKey { address: address(node), id: SENSORS[self.roll(4) as usize].0 };
        let source = match self.roll(5) {
            0 => naive::site(),
            1 => naive::switch(),
            2 => Source::Node(address(node)),
            _ => Source::Sensor(key),
        };
        let span = self.roll(200) as i64 * SEC + 13;
        self.trace(format!("out of service {source} {span}"));
        self.model.out_of_service(source.clone(), span, self.now);
        let span = Duration::from_micros(span as u64);
        let order = Order::TakeOutOfService { source, span, reason: "paint".into() };
        self.building.order(order, &self.ann, self.moment()).unwrap();
    }

    pub(super) fn end_suppression(&mut self) {
        let count = self.model.suppressions.len();
        if count == 0 {
            return;
        }
        let at = self.roll(count as u64) as usize;
        // What logic began, logic ends.
        if self.model.suppressions[at].kind == Quiet::SuppressedByDesign {
            return;
        }
        let id = poe_building::SuppressionId(self.model.suppressions[at].id);
        self.trace(format!("{id:?} ends by hand"));
        self.model.end_suppression(at, self.now);
        self.building.order(Order::EndSuppression(id), &self.ann, self.moment()).unwrap();
    }

    pub(super) fn emergency(&mut self) {
        self.trace("emergency");
        self.model.emergency(self.now);
        let (place, note) = ("site".into(), "".into());
        let order = Order::RaiseEmergency { kind: Emergency::Fire, place, note };
        self.building.order(order, &self.ann, self.moment()).unwrap();
    }

    pub(super) fn outcome(&mut self) {
        let count = self.model.promises.len() as u64;
        if count == 0 {
            return;
        }
        let at = self.roll(count) as usize;
        let (target, source, rule, reason) = self.model.promises[at].clone();
        let id = self.promise(target, source.as_ref(), rule, reason);
        let outcome = match self.roll(8) {
            0 => {
                self.model.dead(at, self.now);
                Outcome::Dead("no answer".into())
            }
            1 => {
                self.model.failed(at, self.now);
                Outcome::Failed("no answer".into())
            }
            _ => {
                self.model.confirmed(at, self.now);
                Outcome::Confirmed
            }
        };
        self.trace(format!("{target} {rule} {reason}: {outcome:?}"));
        let input = Input::Outcome { promise: id, outcome, at: Time(self.now) };
        self.building.handle(input, self.moment(), &mut Vec::new());
        self.compare_news();
    }

    pub(super) fn promise(
        &self,
        target: &str,
        source: Option<&Source>,
        rule: &str,
        reason: Reason,
    ) -> PromiseId {
        let start = source.map_or("system/restart/".to_owned(), |source| format!("{source}/{rule}/"));
        let same = self.building.promises().find(|promise| {
            *promise.target == *target && promise.reason == reason && promise.key.starts_with(&start)
        });
        same.unwrap_or_else(|| panic!("no promise to {target}: {start} {reason}")).id
    }

    pub(super) fn restart(&mut self) {
        let planned = self.roll(2) == 0;
        if planned {
            self.building.end(self.moment());
            self.model.stopped();
            self.look();
        }
        if planned || self.roll(2) == 0 {
            self.commit();
        }
        let lost = self.unstored.len();
        for promise in self.unstored.drain(..).flat_map(|changes| changes.promises) {
            // It is made again, and whoever has it already knows the second copy by its key.
            self.keys.remove(&key(&promise));
        }
        self.trace(format!("restart, planned: {planned}, {lost} commits lost"));
        assert_eq!(self.building.counters().readings, self.readings, "every reading counts once");
        self.readings = 0;
        let last_run = if planned { LastRun::Stopped } else { LastRun::Broken(Time(self.now)) };
        self.model = self.stored.clone();
        self.now += self.roll(20 * SEC as u64) as i64;
        self.ticks_behind = self.now - self.roll(1_000 * SEC as u64) as i64;
        let known = self.store.known(last_run);
        self.building = Building::restore(Limits::default(), &known, self.moment());
        self.building.begin(&known, "test", self.moment());
        self.model.restart(!planned, self.now);
        self.connect();
        self.wake();
        let trouble = self.building.alarms().find(|alarm| &*alarm.rule == "restart");
        assert!(
            planned || trouble.is_some_and(|alarm| alarm.state.is_unacknowledged()),
            "somebody has to see it"
        );
    }

    pub(super) fn connect(&mut self) {
        self.sessions = (0..NODES).map(|node| self.building.open(address(node))).collect();
    }

    pub(super) fn set_rules(&mut self) {
        let heat_from = self.pick(&[135, 120]);
        if heat_from == self.model.heat_from && self.building.model().version > 0 {
            return;
        }
        self.trace(format!("heat begins at {heat_from}"));
        self.model.change_rules(heat_from, self.now);
        self.model.told.push((EntryKind::RuleChanged, None, None, None));
        let order = Order::SetModel { model: Box::new(described(heat_from)), from_version: None };
        self.building.order(order, &self.ann, self.moment()).unwrap();
    }
}

/// The building of the walk, as people describe it.
fn described(heat_from: u8) -> Model {
    let span = Duration::from_secs;
    let rule = |name: &str| RuleSetting::new(name, RuleScope::Everywhere);
    let node = |no: usize| NodeInfo {
        address: address(no),
        name: None,
        place: None,
        fed_by: (no < 3).then(|| "sw".into()),
        port: None,
        supervision: Some(Supervision::default()),
    };
    let group = |level: u8, targets: &[&str], classes: &[Class]| TargetGroup {
        name: format!("level-{level}").into(),
        level,
        targets: targets.iter().map(|name| (*name).into()).collect(),
        classes: classes.to_vec(),
        places: Vec::new(),
        hours: Vec::new(),
    };
    Model {
        switches: vec![Switch { name: "sw".into(), place: None, fed_by: None, port: None }],
        nodes: (0..NODES).map(node).collect(),
        rules: vec![
            RuleSetting { escalation: Some(Some(span(30))), ..rule("fire") },
            RuleSetting {
                at_least: Some(heat_from),
                off_delay: Some(span(5)),
                re_alarm: Some(Some(span(60))),
                ..rule("temperature")
            },
            RuleSetting {
                deadband: Some(5),
                on_delay: Some(span(3)),
                off_delay: Some(span(4)),
                latching: Some(true),
                re_alarm: Some(Some(span(30))),
                escalation: Some(Some(span(20))),
                ..rule("humidity")
            },
        ],
        targets: TARGETS
            .map(|name| Target {
                name: name.into(),
                delivery: Delivery::Command { arguments: vec!["/bin/true".into()], time_limit: span(10) },
                expires: None,
            })
            .into(),
        groups: vec![
            group(1, &["porter"], &Class::ALL),
            group(2, &["chief"], &[Class::Alarm, Class::Supervisory]),
            group(3, &["chief", "porter"], &[Class::Alarm]),
        ],
        ..Model::default()
    }
}
