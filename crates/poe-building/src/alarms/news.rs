//! What the recorder has to be told: entries in order, and what else has changed.

use super::Alarms;
use crate::{
    AccessChange, Alarm, AlarmId, Changes, Class, Entry, EntryKind, Model, Moment, Plan, Promise, PromiseId,
    PromiseState, Source, Suppression, SuppressionId, Text, Time, Who, builtin, changes::hand_over,
};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Entries that wait for a disk that stands still: some twenty megabytes. Beyond, what is journalled only is left out and
/// counted; an alarm's entry never is, and chattering sensors are held back long before.
const ENTRIES_WAITING_MAX: usize = 65_536;

/// What has changed since the recorder was last told.
#[derive(Default, Debug)]
pub(super) struct News {
    entries: Vec<Entry>,
    /// So many of the entries have their stamp of decision.
    stamped: usize,
    alarms: BTreeSet<AlarmId>,
    ended: Vec<Arc<Alarm>>,
    /// The recorder may know alarms below this number, and none from it on that was never raised.
    first_unknown: u64,
    suppressions: BTreeSet<SuppressionId>,
    tombstones: Vec<Suppression>,
    promises: Vec<Promise>,
    outcomes: Vec<(PromiseId, PromiseState, Time)>,
    model: Option<Arc<Model>>,
    plans: Vec<(Text, Option<Arc<Plan>>)>,
    access: Vec<AccessChange>,
    approved: Vec<core::net::IpAddr>,
    left_out: u64,
    /// Whether somebody waits for any of it.
    urgent: bool,
    /// Entries that were taken before and are not stored yet.
    unstored: usize,
}

impl Alarms {
    /// Writes an entry into the journal. Who calls fills in what it is about.
    pub(crate) fn note(&mut self, kind: EntryKind, now: Moment, text: impl Into<Text>) -> &mut Entry {
        let seq = self.next.seq;
        self.next.seq += 1;
        self.news.urgent |= !kind.is_of_notification() || kind == EntryKind::NotificationPromised;
        self.news.entries.push(Entry {
            seq,
            received: now.time,
            decided: now.time,
            kind,
            class: None,
            source: None,
            rule: None,
            alarm: None,
            state: None,
            value: None,
            who: None,
            text: text.into(),
        });
        self.news.entries.last_mut().expect("one was pushed just now")
    }

    /// The number of the next entry.
    pub(crate) fn next_seq(&self) -> u64 {
        self.next.seq
    }

    /// Says who has caused the entries from this number on.
    pub(crate) fn sign(&mut self, from: u64, who: &Who) {
        let by_hand = |entry: &&mut Entry| entry.seq >= from && !entry.kind.is_of_notification();
        for entry in self.news.entries.iter_mut().rev().take_while(|entry| entry.seq >= from).filter(by_hand)
        {
            entry.who.get_or_insert_with(|| who.clone());
        }
    }

    /// Says who has caused this one, whatever its kind.
    pub(super) fn sign_one(&mut self, seq: u64, who: &Who) {
        if let Some(entry) = self.news.entries.iter_mut().rev().find(|entry| entry.seq == seq) {
            entry.who = Some(who.clone());
        }
    }

    /// The same for something of little weight, unless too much waits already.
    pub(super) fn note_lightly(&mut self, kind: EntryKind, now: Moment, source: Source, rule: Text) {
        debug_assert!(kind.may_be_thinned());
        if self.news.entries.len() + self.news.unstored >= ENTRIES_WAITING_MAX {
            self.news.left_out += 1;
            if self.news.left_out == 1 {
                let text = "observations are left out of the journal while nothing can be stored".into();
                self.own_incident(&Source::System, builtin::LIMIT_QUEUE, text, now);
            }
            return;
        }
        let entry = self.note(kind, now, "");
        (entry.source, entry.rule) = (Some(source), Some(rule));
    }

    /// An entry about an alarm, as the alarm is now.
    pub(super) fn note_alarm(
        &mut self,
        kind: EntryKind,
        id: AlarmId,
        now: Moment,
        who: Option<&Who>,
        text: impl Into<Text>,
    ) -> u64 {
        let Some(alarm) = self.get(id) else { return self.next.seq };
        let (class, source, rule) = (alarm.class, alarm.source.clone(), Arc::clone(&alarm.rule));
        let (state, value) = (alarm.state, alarm.value);
        let entry = self.note(kind, now, text);
        entry.class = Some(class);
        entry.source = Some(source);
        entry.rule = Some(rule);
        entry.alarm = Some(id);
        entry.state = Some(state);
        entry.value = value;
        entry.who = who.cloned();
        let seq = entry.seq;
        self.changed(id);
        seq
    }

    pub(super) fn changed(&mut self, id: AlarmId) {
        self.news.alarms.insert(id);
    }

    /// What was just read from the disk need not be written.
    pub(super) fn unchanged(&mut self, id: AlarmId) {
        self.news.alarms.remove(&id);
    }

    pub(super) fn changed_suppression(&mut self, id: SuppressionId) {
        self.news.suppressions.insert(id);
    }

    /// Takes an alarm out of the books. The recorder is told of its last state.
    pub(super) fn forget(&mut self, id: AlarmId) {
        if let Some(live) = self.live.remove(&id) {
            self.index.remove(&live.alarm.source, &live.alarm.rule);
            self.news.alarms.remove(&id);
            if let Some(armed) = live.armed {
                self.timers.take_back(armed, crate::timers::Timer::Alarm(id));
            }
            self.fires -= usize::from(live.alarm.class == Class::Alarm && live.alarm.raised.is_some());
            // Nothing is waited for any more: by this the recorder knows that it has ended.
            let mut alarm = live.alarm;
            if alarm.raised.is_none() && id.0 >= self.news.first_unknown {
                // It was only waited for, and nobody was told of that: what flickers leaves nothing behind.
                return;
            }
            let ended = Arc::make_mut(&mut alarm);
            (ended.delay, ended.ask_again, ended.escalate) = (None, None, None);
            self.news.ended.push(alarm);
        }
    }

    pub(super) fn bury(&mut self, suppression: Suppression) {
        self.news.suppressions.remove(&suppression.id);
        self.news.tombstones.push(suppression);
    }

    pub(super) fn promised(&mut self, promise: Promise) {
        self.news.promises.push(promise.clone());
        self.promises.insert(promise.id, promise);
    }

    pub(super) fn settled(&mut self, id: PromiseId, state: PromiseState, at: Time) {
        self.news.outcomes.push((id, state, at));
    }

    pub(super) fn model_changed(&mut self) {
        self.news.model = Some(Arc::clone(&self.book.model));
    }

    pub(crate) fn plan_changed(&mut self, name: Text, plan: Option<Arc<Plan>>) {
        self.news.plans.push((name, plan));
    }

    pub(crate) fn access_changed(&mut self, changes: Vec<AccessChange>) {
        self.news.access.extend(changes);
    }

    pub(crate) fn approved(&mut self, node: core::net::IpAddr) {
        self.news.approved.push(node);
    }

    /// Gives everything that was noted since the last time its stamp of decision.
    pub(crate) fn stamp_decided(&mut self, decided: Time) {
        for entry in &mut self.news.entries[self.news.stamped..] {
            entry.decided = entry.decided.max(decided);
        }
        self.news.stamped = self.news.entries.len();
    }

    /// So many entries have been taken and are not stored yet.
    pub(crate) fn wait_behind(&mut self, unstored: usize) {
        self.news.unstored = unstored;
    }

    /// Whether there is anything that people or the next run must not wait for. A delay that begins anew with every
    /// flicker of a loose contact is not, and neither is how a notification fares.
    pub(crate) fn has_urgent_news(&self) -> bool {
        let news = &self.news;
        news.urgent
    }

    /// Whether there is anything to tell.
    pub(crate) fn has_news(&self) -> bool {
        let news = &self.news;
        !(news.entries.is_empty()
            && news.alarms.is_empty()
            && news.ended.is_empty()
            && news.suppressions.is_empty()
            && news.tombstones.is_empty()
            && news.outcomes.is_empty()
            && news.plans.is_empty()
            && news.access.is_empty()
            && news.approved.is_empty())
            || news.model.is_some()
    }

    /// Whatever was read from the disk is known to the recorder.
    pub(super) fn all_known(&mut self) {
        self.news.first_unknown = self.next.alarm;
    }

    /// Hands over what people are told, and beside it alarms that only wait for their delay, if `delays` may be had:
    /// while nothing can be stored these would pile up with every flicker.
    pub(crate) fn take_news(&mut self, delays: bool, into: &mut Changes) {
        if self.news.left_out > 0 {
            let left_out = core::mem::take(&mut self.news.left_out);
            let text = format!("{left_out} observations were left out while nothing could be stored");
            let now = self.news.entries.last().map(|entry| Moment::from(entry.decided)).unwrap_or_default();
            self.note(EntryKind::JournalGap, now, text).class = Some(Class::Trouble);
        }
        if !self.has_news() {
            return;
        }
        let mut news = core::mem::take(&mut self.news);
        let may_wait = |id: &AlarmId| {
            let known = id.0 < news.first_unknown;
            !delays && !known && self.live.get(id).is_some_and(|live| live.alarm.raised.is_none())
        };
        self.news.alarms = news.alarms.extract_if(.., may_wait).collect();
        self.news.first_unknown = if delays { self.next.alarm } else { news.first_unknown };
        hand_over(&mut news.entries, &mut into.entries);
        let mut latest = news.ended;
        latest.reserve_exact(news.alarms.len());
        latest.extend(
            news.alarms.iter().filter_map(|id| self.live.get(id)).map(|live| Arc::clone(&live.alarm)),
        );
        if !into.alarms.is_empty() {
            // Each once, also where the disk stands still and nobody takes the older versions away.
            let anew: HashSet<AlarmId> = latest.iter().map(|alarm| alarm.id).collect();
            into.alarms.retain(|older| !anew.contains(&older.id));
        }
        hand_over(&mut latest, &mut into.alarms);
        into.suppressions.extend(news.tombstones);
        into.suppressions
            .extend(news.suppressions.iter().filter_map(|id| self.suppressions.get(*id).cloned()));
        into.promises.extend(news.promises);
        into.outcomes.extend(news.outcomes);
        into.model = news.model.or(into.model.take());
        into.plans.extend(news.plans);
        into.access.extend(news.access);
        into.approved.extend(news.approved);
        into.next = Some(self.next);
    }
}
