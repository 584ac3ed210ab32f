//! What both sides know, and what would be stored of it.

use super::Walk;
use crate::model::{Hearing, Told};
use poe_building::{Changes, EntryKind, NodeNo, Scope, Silence, State};

impl Walk {
    pub(super) fn store(&mut self) {
        if !self.disk_stands_still && self.roll(8) == 0 {
            self.commit();
        }
    }

    pub(super) fn commit(&mut self) {
        self.take(Scope::All);
        for changes in self.unstored.drain(..) {
            self.store.commit(changes);
        }
        self.stored.clone_from(&self.model);
    }

    pub(super) fn look(&mut self) {
        self.compare_news();
        let mut alarms = 0;
        for alarm in self.building.alarms() {
            // Most often both list them in the same order.
            let likely = self.model.alarms.get(alarms);
            let likely =
                likely.filter(|model| model.rule.name == &*alarm.rule && model.source == alarm.source);
            alarms += 1;
            let find = || self.model.find(&alarm.source, &alarm.rule).map(|at| &self.model.alarms[at]);
            let Some(model) = likely.or_else(find) else {
                panic!("the model knows nothing of {} {} {}", alarm.source, alarm.rule, alarm.state)
            };
            let time = |due: Option<poe_building::Due>| due.map(|due| due.time.0);
            assert_eq!(
                (alarm.state, alarm.raised.is_some(), alarm.holds, alarm.audible, alarm.quiet),
                (model.state(), model.raised, model.holds, model.audible, model.quiet),
                "state, raised, holds, audible, quiet of {} {}",
                alarm.source,
                alarm.rule
            );
            assert_eq!(
                (time(alarm.delay), time(alarm.ask_again), time(alarm.escalate), alarm.escalations),
                (model.delay, model.ask, model.escalate, model.escalations),
                "delay, ask again, escalate, escalations of {} {}",
                alarm.source,
                alarm.rule
            );
        }
        assert_eq!(alarms, self.model.alarms.len(), "no alarm is lost");
        assert_eq!(self.building.suppressions().count(), self.model.suppressions.len());
        for (known, model) in self.building.suppressions().zip(&self.model.suppressions) {
            let ends = known.ends.map(|due| due.time.0);
            assert_eq!((known.id.0, known.kind, ends), (model.id, model.kind, model.ends));
        }
        assert_eq!(self.building.promises().count(), self.model.promises.len());
        for (known, model) in self.building.nodes(NodeNo(0)).zip(&self.model.nodes) {
            let hearing = match known.supervision {
                Silence::Heard => Hearing::Heard,
                Silence::Late => Hearing::Late,
                Silence::Lost => Hearing::Lost,
            };
            assert_eq!(hearing, model.hearing, "{}", known.address);
        }
    }

    pub(super) fn compare_news(&mut self) {
        if !self.building.has_urgent_changes() && self.model.told.is_empty() && self.roll(16) > 0 {
            return;
        }
        let scope = self.pick(&[Scope::Urgent, Scope::Urgent, Scope::All]);
        self.take(scope);
    }

    /// Takes what is new, which must be what the model tells.
    pub(super) fn take(&mut self, scope: Scope) {
        let mut changes = Changes::default();
        self.building.take_changes(scope, &mut changes);
        let mut told: Vec<Told> = changes.entries.iter().map(told).collect();
        let mut expected = core::mem::take(&mut self.model.told);
        if told != expected {
            told.sort();
            expected.sort();
            assert_eq!(told, expected, "the journal, sorted");
        }
        for promise in &changes.promises {
            assert!(self.keys.insert(key(promise)), "{} was promised before", key(promise));
        }
        self.unstored.push(changes);
    }
}

pub(super) fn key(promise: &poe_building::Promise) -> String {
    format!("{} {}", promise.target, promise.key)
}

fn told(entry: &poe_building::Entry) -> Told {
    if entry.kind.is_of_notification() || entry.kind == EntryKind::RuleChanged {
        return (entry.kind, None, None, None);
    }
    let by_hand = matches!(
        entry.kind,
        EntryKind::AlarmAcknowledged
            | EntryKind::AlarmSilenced
            | EntryKind::AlarmReset
            | EntryKind::CommandRefused
    );
    assert!(!by_hand || entry.who.is_some(), "{entry:?} says who did it");
    let state: Option<State> = entry.state;
    (entry.kind, entry.source.clone(), entry.rule.as_ref().map(ToString::to_string), state)
}
