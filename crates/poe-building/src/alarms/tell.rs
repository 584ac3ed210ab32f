//! Who is told: from an alarm to promises, and what becomes of these.

use super::{Alarms, Live};
use crate::{
    AlarmId, Class, EXPIRES_AFTER, EntryKind, Moment, Outcome, Promise, PromiseId, PromiseState, Reason,
    Source, TargetGroup, Text, Time, builtin,
};
use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A target that takes nothing for so long is a trouble: a single failure may be a restart at the other end.
const FAILING_AFTER: Duration = Duration::from_secs(30);
/// Minutes of a week.
const WEEK_MINUTES: i64 = 7 * 24 * 60;
/// 1970 began on a Thursday, three days into the week.
const EPOCH_MINUTE: i64 = 3 * 24 * 60;

impl Alarms {
    /// Promises those whose turn it is that they will know of this.
    pub(super) fn tell(&mut self, id: AlarmId, reason: Reason, seq: u64, now: Moment) {
        let Some(Live { alarm, .. }) = self.live.get(&id) else { return };
        if alarm.quiet.is_some() || self.notice_follows {
            return;
        }
        let (class, priority) = (alarm.class, alarm.priority);
        let (source, escalations) = (alarm.source.clone(), alarm.escalations);
        let key = key(&source, &alarm.rule, alarm.stamp, reason, escalations);
        let summary: Text = format!("{class}: {} {}", self.called(&source), alarm.message).into();
        for target in self.targets_for(class, &source, 1 + escalations, now).1 {
            self.promise(target, seq, Some(id), class, priority, reason, &key, &summary, now);
        }
    }

    /// Nobody has acknowledged it in time: the next level is told, if there is one.
    pub(super) fn escalate(&mut self, id: AlarmId, now: Moment) {
        let Some(Live { alarm, .. }) = self.live.get(&id) else { return };
        let (level, targets) = self.targets_for(alarm.class, &alarm.source, alarm.escalations + 2, now);
        let Some(Live { alarm, rule, .. }) = self.live.get_mut(&id) else { return };
        let alarm = Arc::make_mut(alarm);
        alarm.escalate = None;
        if !targets.is_empty() {
            alarm.escalations += 1;
            alarm.escalate = rule.escalation.map(|span| now.due(span));
            let text = format!("not acknowledged: level {level} is told");
            let seq = self.note_alarm(EntryKind::AlarmEscalated, id, now, None, text);
            self.tell(id, Reason::Escalated, seq, now);
            self.arm(id);
        }
        self.changed(id);
    }

    /// Tells every target once what a restart has found.
    pub(super) fn tell_of_restart(&mut self, seq: u64, now: Moment) {
        let active: Vec<(Class, u8, Text)> = self
            .iter()
            .filter(|alarm| alarm.is_shown() && alarm.quiet.is_none())
            .map(|alarm| {
                let told = format!("{}: {} {}", alarm.class, self.called(&alarm.source), alarm.message);
                (alarm.class, alarm.priority, told.into())
            })
            .collect();
        let Some((class, priority, _)) = active.iter().min().cloned() else { return };
        let mut first: Vec<&str> = active.iter().map(|(.., told)| &**told).take(3).collect();
        if active.len() > first.len() {
            first.push("…");
        }
        let summary: Text =
            format!("the server has started again; still active: {}; {}", active.len(), first.join("; "))
                .into();
        let key = key(&Source::System, builtin::RESTART, now.time, Reason::Restarted, 0);
        for target in self.every_target() {
            self.promise(target, seq, None, class, priority, Reason::Restarted, &key, &summary, now);
        }
    }

    /// Promises a target a notification that says nothing.
    pub(super) fn tell_for_a_test(&mut self, target: Text, seq: u64, now: Moment) {
        let key = key(&Source::System, "test", now.time, Reason::Test, 0);
        let summary = "a test: nothing has happened".into();
        self.promise(target, seq, None, Class::Trouble, 9, Reason::Test, &key, &summary, now);
    }

    /// What became of a promise.
    pub(crate) fn outcome(&mut self, id: PromiseId, outcome: Outcome, at: Time, now: Moment) {
        let Some(promise) = self.promises.get(&id) else { return };
        let target = Arc::clone(&promise.target);
        match outcome {
            Outcome::Confirmed => {
                self.close(id, PromiseState::Confirmed, EntryKind::NotificationConfirmed, "", at, now);
                // The trouble may be of an earlier run.
                self.failing.remove(&target);
                self.own_condition(&Source::System, &builtin::notify_rule(&target), false, None, now);
            }
            Outcome::Failed(why) => {
                let begins = !self.failing.contains_key(&target);
                let since = *self.failing.entry(Arc::clone(&target)).or_insert(now.ticks);
                if begins {
                    self.note_promise(EntryKind::NotificationFailed, id, &why, now);
                }
                if now.ticks.since(since) >= FAILING_AFTER {
                    self.failing_target(&target, &why, now);
                }
            }
            Outcome::Dead(why) => {
                self.close(id, PromiseState::Dead, EntryKind::NotificationDead, &why, at, now);
                self.failing.entry(Arc::clone(&target)).or_insert(now.ticks);
                self.failing_target(&target, &why, now);
            }
        }
    }

    pub(super) fn has_target(&self, name: &str) -> bool {
        self.book.model.targets.iter().any(|target| *target.name == *name)
    }

    fn failing_target(&mut self, target: &Text, why: &str, now: Moment) {
        if !self.has_target(target) {
            // It was removed while something was promised to it.
            self.failing.remove(target);
            return;
        }
        let text = format!("target {target} cannot be reached: {why}");
        self.own_condition(&Source::System, &builtin::notify_rule(target), true, Some(text.into()), now);
    }

    fn close(
        &mut self,
        id: PromiseId,
        state: PromiseState,
        kind: EntryKind,
        why: &str,
        at: Time,
        now: Moment,
    ) {
        self.note_promise(kind, id, why, now);
        self.promises.remove(&id);
        self.settled(id, state, at);
    }

    fn note_promise(&mut self, kind: EntryKind, id: PromiseId, why: &str, now: Moment) {
        let Some(promise) = self.promises.get(&id) else { return };
        let (class, alarm) = (promise.class, promise.alarm);
        let text = match why {
            "" => format!("{} {}", promise.target, promise.key),
            why => format!("{} {}: {why}", promise.target, promise.key),
        };
        let about = alarm.and_then(|alarm| self.get(alarm));
        let about = about.map(|alarm| (alarm.source.clone(), Arc::clone(&alarm.rule)));
        let entry = self.note(kind, now, text);
        (entry.class, entry.alarm) = (Some(class), alarm);
        (entry.source, entry.rule) = about.unzip();
    }

    #[expect(clippy::too_many_arguments, reason = "each is a field of the promise")]
    fn promise(
        &mut self,
        target: Text,
        seq: u64,
        alarm: Option<AlarmId>,
        class: Class,
        priority: u8,
        reason: Reason,
        key: &Text,
        summary: &Text,
        now: Moment,
    ) {
        let id = PromiseId(self.next.promise);
        self.next.promise += 1;
        let expires = self.book.model.targets.iter().find(|known| known.name == target);
        let expires = expires.and_then(|known| known.expires).unwrap_or(EXPIRES_AFTER);
        let (key, summary) = (Arc::clone(key), Arc::clone(summary));
        let (promised, expires) = (now.time, now.time.after(expires));
        self.promised(Promise {
            id,
            target,
            seq,
            alarm,
            class,
            priority,
            reason,
            key,
            summary,
            promised,
            expires,
        });
        self.note_promise(EntryKind::NotificationPromised, id, "", now);
    }

    /// The targets of a level, each once, and which level that is. If none of the level asked for is on duty, the next
    /// one that is; if nobody is on duty at all, whoever would be told at another hour: silence is worse than a call at
    /// night.
    fn targets_for(&self, class: Class, source: &Source, level: u8, now: Moment) -> (u8, Vec<Text>) {
        let groups = &self.book.model.groups;
        if groups.is_empty() {
            return (level, if level == 1 { self.every_target() } else { Vec::new() });
        }
        let path = self.book.path(source);
        let minute = self.minute_of_week(now.time);
        let is_concerned = |group: &&TargetGroup| {
            let here =
                |place: &Text| path.iter().any(|at| matches!(at, Source::Place(name) if name == place));
            group.classes.contains(&class) && (group.places.is_empty() || group.places.iter().any(here))
        };
        let is_on_duty = |group: &&TargetGroup| {
            group.hours.is_empty() || group.hours.iter().any(|hours| hours.contains(minute))
        };
        let mut concerned: Vec<&TargetGroup> = groups.iter().filter(is_concerned).collect();
        if concerned.is_empty() && class == Class::Alarm {
            // Nobody thought of this place. An alarm that nobody hears is worse than one that the wrong person does.
            concerned = groups.iter().collect();
        }
        let reachable = |groups: &[&TargetGroup]| {
            let levels = groups.iter().map(|group| group.level).filter(|known| *known >= level);
            let nearest: u8 = levels.min()?;
            let of_level = groups.iter().filter(|group| group.level == nearest);
            let names: BTreeSet<Text> = of_level.flat_map(|group| group.targets.iter().cloned()).collect();
            Some((nearest, names.into_iter().collect()))
        };
        let on_duty: Vec<&TargetGroup> =
            concerned.iter().copied().filter(|group| is_on_duty(group)).collect();
        reachable(&on_duty).or_else(|| reachable(&concerned)).unwrap_or_default()
    }

    fn every_target(&self) -> Vec<Text> {
        self.book.model.targets.iter().map(|target| Arc::clone(&target.name)).collect()
    }

    fn minute_of_week(&self, time: Time) -> u32 {
        let minutes = (time.0.div_euclid(1_000_000) + i64::from(self.utc_offset_s)).div_euclid(60);
        (minutes + EPOCH_MINUTE).rem_euclid(WEEK_MINUTES) as u32
    }

    /// What people call a source, with its place.
    pub(super) fn called(&self, source: &Source) -> String {
        self.book.called(source)
    }
}

/// What makes a second copy recognisable.
fn key(source: &Source, rule: &str, stamp: Time, reason: Reason, escalations: u8) -> Text {
    match reason {
        Reason::Escalated => format!("{source}/{rule}/{}/{reason}-{escalations}", stamp.0).into(),
        _ => format!("{source}/{rule}/{}/{reason}", stamp.0).into(),
    }
}
