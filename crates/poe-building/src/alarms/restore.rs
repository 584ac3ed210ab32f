//! What a restart brings back, and what it tells.

use super::{
    Alarms, Live, chatter::CHATTER_OFF_DELAY, orders::OUT_OF_SERVICE_MAX, quiet::CHILDREN_FOLLOW_WITHIN,
};
use crate::{
    Alarm, Due, EntryKind, Known, LastRun, Moment, Quiet, Source, Suppression, builtin, profile::plain,
    timers::Timer,
};
use core::time::Duration;
use std::sync::Arc;

/// After a restart every node has reported again within this time, or is late.
const VOTES_SETTLE: Duration = Duration::from_secs(30);
/// The longest that a question or an escalation waits where no rule says it any more: a rule can say no more either.
const ANSWER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

impl Alarms {
    /// Brings back what an earlier run wrote down: every alarm in its state, every timer with what was left of it.
    pub(crate) fn restore(&mut self, known: &Known, now: Moment) {
        self.next = known.next;
        for suppression in &known.suppressions {
            let ends = again(suppression.ends, span_of(suppression), now);
            if let Some(due) = ends {
                self.timers.set(due.ticks, Timer::Suppression(suppression.id));
            }
            self.suppressions.insert(Suppression { ends, ..suppression.clone() });
        }
        for alarm in &known.alarms {
            let rule = self.book.rule(&alarm.source, &alarm.rule);
            let rule =
                rule.unwrap_or_else(|| Arc::new(plain(&alarm.rule, Some(alarm.class), &alarm.message)));
            let delay = if alarm.holds { rule.on_delay } else { rule.off_delay.max(CHATTER_OFF_DELAY) };
            let alarm = Alarm {
                delay: again(alarm.delay, delay, now),
                ask_again: again(alarm.ask_again, rule.re_alarm.unwrap_or(ANSWER_MAX), now),
                escalate: again(alarm.escalate, rule.escalation.unwrap_or(ANSWER_MAX), now),
                // What was silenced is sounded again: whoever silenced it may have gone home.
                audible: alarm.is_loud(),
                ..alarm.clone()
            };
            self.fires += usize::from(alarm.class == crate::Class::Alarm && alarm.raised.is_some());
            if let Source::Sensor(key) = alarm.source
                && &*alarm.rule == builtin::HEALTH_CHATTER
                && alarm.holds
            {
                self.chatters_still(key, now);
            }
            let id = alarm.id;
            self.watch(Live { alarm: Arc::new(alarm), rule, armed: None });
            self.unchanged(id);
        }
        self.remember_flood(now);
        self.all_known();
        self.vote_anew(now.ticks.after(VOTES_SETTLE));
        self.promises = known.promises.iter().map(|promise| (promise.id, promise.clone())).collect();
    }

    /// Tells the journal and the people that the server has started.
    pub(crate) fn started(&mut self, known: &Known, version: &str, now: Moment) {
        let text = match known.last_run {
            LastRun::Restored(made) => format!("poe {version}, restored from a backup of {made}"),
            _ => format!("poe {version}"),
        };
        let entry = self.note(EntryKind::ServerStarted, now, text);
        entry.source = Some(Source::System);
        let seq = entry.seq;
        let loud: Vec<_> = self.iter().filter(|alarm| alarm.is_loud()).map(|alarm| alarm.id).collect();
        for id in loud {
            self.changed(id);
        }
        // What the restart itself has to say is part of the one notice that every target gets.
        self.notice_follows = true;
        if let LastRun::Broken(last) = known.last_run {
            let ago = Self::ago(now, last);
            let text = format!("the server was not stopped in order; it last wrote something {ago} s ago");
            self.own_incident(&Source::System, builtin::RESTART, text.into(), now);
        }
        let fault = known.journal_fault.as_deref();
        self.own_condition(&Source::System, builtin::JOURNAL, fault.is_some(), fault.map(Into::into), now);
        self.notice_follows = false;
        self.tell_of_restart(seq, now);
    }
}

impl Alarms {
    /// The clock was set: what is due after so long is due at another time, as the next run will read it.
    pub(crate) fn shift_dues(&mut self, by_us: i64) {
        let shift = |due: &mut Due| due.time.0 = due.time.0.saturating_add(by_us);
        let mut changed = Vec::new();
        for Live { alarm, .. } in self.live.values_mut() {
            let alarm = Arc::make_mut(alarm);
            let dues = [&mut alarm.delay, &mut alarm.ask_again, &mut alarm.escalate];
            let dues: Vec<&mut Due> = dues.into_iter().flatten().collect();
            if !dues.is_empty() {
                dues.into_iter().for_each(shift);
                changed.push(alarm.id);
            }
        }
        changed.into_iter().for_each(|id| self.changed(id));
        let ending = |suppression: &&Suppression| suppression.ends.is_some();
        let ending: Vec<_> = self.suppressions.values().filter(ending).map(|known| known.id).collect();
        for id in ending {
            if let Some(ends) = self.suppressions.get_mut(id).and_then(|known| known.ends.as_mut()) {
                shift(ends);
            }
            self.changed_suppression(id);
        }
    }
}

/// For how long something was to be kept quiet. Where the clock was set back meanwhile nobody can tell any more.
fn span_of(suppression: &Suppression) -> Duration {
    let told = suppression.ends.map(|ends| ends.time.since(suppression.began)).unwrap_or_default();
    match suppression.kind {
        Quiet::SuppressedByDesign => CHILDREN_FOLLOW_WITHIN,
        Quiet::Shelved | Quiet::OutOfService if told.is_zero() => OUT_OF_SERVICE_MAX,
        Quiet::Shelved | Quiet::OutOfService => told.min(OUT_OF_SERVICE_MAX),
    }
}

/// What waits after a restart waits no longer than it would have from the start: a machine that boots in 1970 does not
/// turn five minutes into half a century.
fn again(due: Option<Due>, longest: Duration, now: Moment) -> Option<Due> {
    due.map(|due| now.due_again(due.time, longest))
}
