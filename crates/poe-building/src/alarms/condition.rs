//! From a condition to an alarm: delays on both sides, so that what only flickers raises nothing.

use super::{Alarms, Live};
use crate::{Alarm, AlarmId, Due, Moment, Move, Rule, Source, State, Text, Ticks, timers::Timer};
use core::time::Duration;
use std::sync::Arc;

/// What a condition has to say beside whether it holds.
#[derive(Clone, Default, Debug)]
pub(crate) struct Evidence {
    /// The value that a sensor read.
    pub(crate) value: Option<u8>,
    /// What people are told, if not the rule's own message.
    pub(crate) text: Option<Text>,
    /// The condition must be gone for at least this long.
    pub(crate) off_delay_min: Duration,
}

impl Alarms {
    /// The condition of a rule holds for a source, or no longer.
    pub(crate) fn condition(
        &mut self,
        source: &Source,
        rule: &Arc<Rule>,
        holds: bool,
        evidence: Evidence,
        now: Moment,
    ) {
        match self.index.get(source, &rule.name) {
            Some(id) => self.condition_again(id, holds, evidence, now),
            None if holds => self.first_condition(source, rule, evidence, now),
            None => {}
        }
    }

    /// The same for one of the server's own rules.
    pub(crate) fn own_condition(
        &mut self,
        source: &Source,
        rule: &str,
        holds: bool,
        text: Option<Text>,
        now: Moment,
    ) {
        self.own_condition_with(source, rule, holds, Evidence { text, ..Evidence::default() }, now);
    }

    pub(super) fn own_condition_with(
        &mut self,
        source: &Source,
        rule: &str,
        holds: bool,
        evidence: Evidence,
        now: Moment,
    ) {
        if !holds && self.index.get(source, rule).is_none() {
            return;
        }
        if let Some(rule) = crate::builtin::rule(rule) {
            self.condition(source, &rule, holds, evidence, now);
        }
    }

    /// Something has just happened that is true for a moment only: its alarm ends after its rule's off-delay.
    pub(crate) fn own_incident(&mut self, source: &Source, rule: &str, text: Text, now: Moment) {
        self.own_condition(source, rule, true, Some(text), now);
        self.own_condition(source, rule, false, None, now);
    }

    fn first_condition(&mut self, source: &Source, rule: &Arc<Rule>, evidence: Evidence, now: Moment) {
        let Some(class) = rule.class else { return };
        let id = AlarmId(self.next.alarm);
        self.next.alarm += 1;
        let alarm = Alarm {
            id,
            source: source.clone(),
            rule: Arc::clone(&rule.name),
            class,
            priority: rule.priority,
            state: State::Normal,
            since: now.time,
            raised: None,
            holds: true,
            audible: false,
            value: evidence.value,
            message: evidence.text.unwrap_or_else(|| Arc::clone(&rule.message)),
            acknowledged: None,
            quiet: self.quiet_of(source, &rule.name),
            delay: None,
            ask_again: None,
            escalate: None,
            escalations: 0,
            first_out: false,
            stamp: now.time,
        };
        self.watch(Live { alarm: Arc::new(alarm), rule: Arc::clone(rule), armed: None });
        self.trip_after_delay(id, now);
    }

    fn condition_again(&mut self, id: AlarmId, holds: bool, evidence: Evidence, now: Moment) {
        let Some(Live { alarm, rule, .. }) = self.live.get_mut(&id) else { return };
        if alarm.holds == holds {
            return;
        }
        let alarm = Arc::make_mut(alarm);
        alarm.holds = holds;
        if holds {
            alarm.value = evidence.value.or(alarm.value);
            if let Some(text) = evidence.text {
                alarm.message = text;
            }
            if alarm.state.is_active() {
                // It was about to return, and does not.
                alarm.delay = None;
                self.arm(id);
                self.changed(id);
            } else {
                self.trip_after_delay(id, now);
            }
            return;
        }
        if alarm.raised.is_none() {
            // It was gone before anybody was to know.
            self.forget(id);
        } else if alarm.state.is_active() {
            let delay = rule.off_delay.max(evidence.off_delay_min);
            if delay.is_zero() {
                self.advance(id, Move::Clear, None, now);
            } else {
                alarm.delay = Some(now.due(delay));
                self.arm(id);
                self.changed(id);
            }
        } else {
            alarm.delay = None;
            self.arm(id);
            self.changed(id);
        }
    }

    fn trip_after_delay(&mut self, id: AlarmId, now: Moment) {
        let Some(Live { alarm, rule, .. }) = self.live.get_mut(&id) else { return };
        if rule.on_delay.is_zero() {
            self.advance(id, Move::Trip, None, now);
        } else {
            Arc::make_mut(alarm).delay = Some(now.due(rule.on_delay));
            self.arm(id);
            self.changed(id);
        }
    }

    /// Does for an alarm what is due. What was due is no longer waited for, whatever comes of it.
    pub(super) fn look_after(&mut self, id: AlarmId, now: Moment) {
        let Some(Live { alarm, armed, .. }) = self.live.get_mut(&id) else { return };
        *armed = None;
        let alarm = Arc::make_mut(alarm);
        let is_due = |due: &mut Option<Due>| due.take_if(|due| due.ticks <= now.ticks).is_some();
        let delay_over = is_due(&mut alarm.delay);
        let (ask_again, escalate) = (is_due(&mut alarm.ask_again), is_due(&mut alarm.escalate));
        let event = if alarm.holds { Move::Trip } else { Move::Clear };
        for (due, event) in [(delay_over, event), (ask_again, Move::AskAgain), (escalate, Move::Escalate)] {
            if due {
                self.advance(id, event, None, now);
            }
        }
        self.arm(id);
    }

    /// Sees to it that one timer wakes whatever of an alarm is due first.
    pub(super) fn arm(&mut self, id: AlarmId) {
        let Some(Live { alarm, armed, .. }) = self.live.get_mut(&id) else { return };
        let dues = [alarm.delay, alarm.ask_again, alarm.escalate];
        let next: Option<Ticks> = dues.into_iter().flatten().map(|due| due.ticks).min();
        self.timers.rearm(armed, next, Timer::Alarm(id));
    }
}
