//! An alarm's way through its states, and what each step brings with it.

use super::{Alarms, Live};
use crate::{Alarm, AlarmId, Class, EntryKind, Moment, Move, Reason, Refusal, State, Step, Text, Time, Who};
use std::sync::Arc;

impl Alarms {
    /// Moves an alarm. All that a move brings with it happens here: the journal, the sound, who is told, what is waited
    /// for.
    pub(super) fn advance(&mut self, id: AlarmId, event: Move, who: Option<&Who>, now: Moment) -> Step {
        let Some(Live { alarm, rule, .. }) = self.live.get_mut(&id) else {
            return Step::Refused(Refusal::Ended);
        };
        let alarm = Arc::make_mut(alarm);
        let before = alarm.state;
        let event = if event == Move::Clear && passes_unseen(alarm) { Move::Lapse } else { event };
        let step = before.step(event, rule.latching);
        let Step::To(state) = step else { return step };
        if state != before {
            (alarm.state, alarm.since) = (state, now.time);
        }
        let text = Arc::clone(&alarm.message);
        match (before, event) {
            (State::Normal, Move::Trip) => self.raise(id, now),
            (State::LatchedAcknowledged, Move::Trip) => self.raise_again(id, &text, now),
            (_, Move::Trip) if state != before => {
                self.note_alarm(EntryKind::AlarmTripped, id, now, None, text);
            }
            (_, Move::Clear | Move::Lapse) if state != before => {
                alarm.ask_again = None;
                self.note_alarm(EntryKind::AlarmReturned, id, now, None, "");
            }
            (_, Move::Acknowledge) => {
                let text = format!("{} -> {}", before.name(), state.name());
                let first = before.is_unacknowledged();
                alarm.audible = false;
                alarm.escalate = None;
                if let Some(who) = who.filter(|_| first) {
                    alarm.acknowledged = Some((who.clone(), now.time));
                }
                if state == State::Acknowledged && first {
                    alarm.ask_again = rule.re_alarm.map(|span| now.due(span));
                }
                self.arm(id);
                self.note_alarm(EntryKind::AlarmAcknowledged, id, now, who, text);
            }
            (_, Move::Silence) => {
                let sound = if core::mem::take(&mut alarm.audible) { "on" } else { "off" };
                self.note_alarm(EntryKind::AlarmSilenced, id, now, who, format!("sound {sound} -> off"));
            }
            (_, Move::Reset) => {
                let text = format!("{} -> {}", before.name(), state.name());
                self.note_alarm(EntryKind::AlarmReset, id, now, who, text);
            }
            (_, Move::AskAgain) => {
                self.speak_up(id, now);
                let text = "acknowledged and still active";
                let seq = self.note_alarm(EntryKind::AlarmAskedAgain, id, now, None, text);
                self.tell(id, Reason::AskedAgain, seq, now);
            }
            (_, Move::Escalate) => self.escalate(id, now),
            (_, Move::Trip | Move::Clear | Move::Lapse) => {}
        }
        if state == State::Normal && before != State::Normal {
            self.end(id, now);
        }
        step
    }

    /// An alarm has returned to normal. Where its condition holds again and waits for its delay, that is another alarm.
    fn end(&mut self, id: AlarmId, now: Moment) {
        let waiting = self.live.get(&id).filter(|live| live.alarm.holds && live.alarm.delay.is_some());
        let waiting = waiting.map(|Live { alarm, rule, .. }| {
            let alarm = Alarm {
                id: AlarmId(self.next.alarm),
                since: now.time,
                raised: None,
                audible: false,
                acknowledged: None,
                ask_again: None,
                escalate: None,
                escalations: 0,
                first_out: false,
                ..Alarm::clone(alarm)
            };
            Live { alarm: Arc::new(alarm), rule: Arc::clone(rule), armed: None }
        });
        self.forget(id);
        if let Some(live) = waiting {
            self.next.alarm += 1;
            self.watch(live);
        }
    }

    /// Takes a new alarm into the books.
    pub(super) fn watch(&mut self, live: Live) {
        let id = live.alarm.id;
        self.index.insert(live.alarm.source.clone(), Arc::clone(&live.alarm.rule), id);
        self.live.insert(id, live);
        self.arm(id);
        self.changed(id);
    }

    fn raise(&mut self, id: AlarmId, now: Moment) {
        let Some(Live { alarm, .. }) = self.live.get_mut(&id) else { return };
        let alarm = Arc::make_mut(alarm);
        alarm.raised = Some(now.time);
        let class = alarm.class;
        if class == Class::Alarm {
            alarm.first_out = self.fires == 0;
            self.fires += 1;
        }
        let text = Arc::clone(&alarm.message);
        self.speak_up(id, now);
        let seq = self.note_alarm(EntryKind::AlarmRaised, id, now, None, text);
        if class == Class::Alarm {
            self.count_for_flood(now);
        }
        self.tell(id, Reason::Raised, seq, now);
    }

    /// Nobody has acknowledged it yet, and it is reported once more: people are told, and it sounds again.
    pub(super) fn raise_again(&mut self, id: AlarmId, text: &Text, now: Moment) {
        let Some(Live { alarm, .. }) = self.live.get_mut(&id) else { return };
        Arc::make_mut(alarm).message = Arc::clone(text);
        self.speak_up(id, now);
        let seq = self.note_alarm(EntryKind::AlarmRaised, id, now, None, format!("again: {text}"));
        self.tell(id, Reason::Raised, seq, now);
    }

    /// Makes an alarm ask for attention, from the start, unless it is kept quiet.
    pub(super) fn speak_up(&mut self, id: AlarmId, now: Moment) {
        let Some(Live { alarm, rule, .. }) = self.live.get_mut(&id) else { return };
        let alarm = Arc::make_mut(alarm);
        alarm.acknowledged = None;
        alarm.ask_again = None;
        alarm.escalations = 0;
        let loud = alarm.quiet.is_none();
        alarm.audible = loud;
        alarm.stamp = if loud { now.time } else { Time::NEVER };
        alarm.escalate = rule.escalation.filter(|_| loud).map(|span| now.due(span));
        self.arm(id);
        self.changed(id);
    }

    /// Ends an alarm whose reason is gone for good: its rule, its node.
    pub(super) fn withdraw(&mut self, id: AlarmId, why: &str, who: Option<&Who>, now: Moment) {
        let Some(Live { alarm, .. }) = self.live.get_mut(&id) else { return };
        let alarm = Arc::make_mut(alarm);
        let raised = alarm.raised.is_some();
        (alarm.state, alarm.since, alarm.holds) = (State::Normal, now.time, false);
        (alarm.delay, alarm.audible) = (None, false);
        if raised {
            self.note_alarm(EntryKind::AlarmReturned, id, now, who, why);
        }
        self.forget(id);
    }

    /// How long ago something was, for texts.
    pub(super) fn ago(now: Moment, time: Time) -> u64 {
        now.time.since(time).as_secs()
    }
}

/// What nobody was told of needs nobody's acknowledgement when it is over; a fire does all the same.
fn passes_unseen(alarm: &Alarm) -> bool {
    alarm.quiet.is_some() && alarm.stamp == Time::NEVER && alarm.class != Class::Alarm
}
