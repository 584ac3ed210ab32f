//! An alarm's life, what keeps it quiet, and who is told of it.

use super::{
    Alarm, Model, Suppression,
    rules::{EMERGENCY, Rule, SEC, is_in, told},
};
use poe_building::{Class, EntryKind, Quiet, Reason, Source, State};

impl Model {
    // An alarm's life.

    pub fn find(&self, source: &Source, rule: &str) -> Option<usize> {
        self.alarms.iter().position(|alarm| alarm.rule.name == rule && alarm.source == *source)
    }

    pub(super) fn holds(&self, source: &Source, rule: &Rule) -> bool {
        self.find(source, rule.name).is_some_and(|at| self.alarms[at].holds)
    }

    pub(super) fn condition(&mut self, source: &Source, rule: Rule, holds: bool, off_min: i64) {
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

    pub(super) fn trip_later(&mut self, at: usize) {
        match self.alarms[at].rule.on {
            0 => self.trip(at),
            on => self.alarms[at].delay = Some(self.now + on),
        }
    }

    pub(super) fn trip(&mut self, at: usize) {
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
        if first {
            self.alarms[at].raised_at = self.now;
        }
        if first && is_fire {
            self.fires.push(self.now);
            let recent = self.fires.iter().filter(|at| self.now - *at <= 600 * SEC).count();
            if recent > 10 && !core::mem::replace(&mut self.flood, true) {
                self.tell(EntryKind::FloodBegan, None, None, None);
            }
        }
    }

    pub(super) fn clear(&mut self, at: usize) {
        let alarm = &mut self.alarms[at];
        (alarm.active, alarm.ask) = (false, None);
        if alarm.quiet.is_some() && !alarm.told && alarm.rule.class != Class::Alarm && !alarm.rule.latching {
            alarm.seen = true;
        }
        self.note(EntryKind::AlarmReturned, at);
        self.end_if_over(at);
    }

    /// What has returned to normal goes; what waits to be raised again waits on.
    pub(super) fn end_if_over(&mut self, at: usize) {
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

    pub(super) fn speak_up(&mut self, at: usize) {
        let alarm = &mut self.alarms[at];
        alarm.audible = alarm.quiet.is_none();
        alarm.told = alarm.audible;
        (alarm.ask, alarm.escalations) = (None, 0);
        alarm.escalate = alarm.rule.escalation.filter(|_| alarm.audible).map(|span| self.now + span);
    }

    // Quiet.

    pub(super) fn suppress(
        &mut self,
        kind: Quiet,
        source: Source,
        rule: Option<&'static str>,
        ends: Option<i64>,
    ) {
        self.tell(EntryKind::SuppressionBegan, Some(source.clone()), rule.map(String::from), None);
        let id = self.next_suppression;
        self.next_suppression += 1;
        self.suppressions.push(Suppression { id, kind, source, rule, ends });
        self.weigh();
    }

    pub(super) fn unsuppress(&mut self, at: usize) {
        let gone = self.suppressions.remove(at);
        self.tell(EntryKind::SuppressionEnded, Some(gone.source), gone.rule.map(String::from), None);
        self.weigh();
    }

    pub(super) fn quiet_of(&self, source: &Source, rule: &str) -> Option<Quiet> {
        let covers = |known: &&Suppression| {
            known.rule.map_or(rule != EMERGENCY.name, |only| only == rule) && is_in(source, &known.source)
        };
        self.suppressions.iter().filter(covers).map(|known| known.kind).min()
    }

    pub(super) fn weigh(&mut self) {
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

    pub(super) fn tell(
        &mut self,
        kind: EntryKind,
        source: Option<Source>,
        rule: Option<String>,
        state: Option<State>,
    ) {
        self.told.push((kind, source, rule, state));
    }

    pub(super) fn note(&mut self, kind: EntryKind, at: usize) {
        let alarm = &self.alarms[at];
        let told = (kind, Some(alarm.source.clone()), Some(alarm.rule.name.to_owned()), Some(alarm.state()));
        self.told.push(told);
    }

    pub(super) fn promise_all(&mut self, at: usize, reason: Reason) {
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

    pub(super) fn promise(
        &mut self,
        target: &'static str,
        source: Option<Source>,
        rule: &'static str,
        reason: Reason,
    ) {
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
        told: false,
        raised_at: 0,
    }
}
