//! What is kept quiet: shelved, out of service, suppressed by design. It goes on being evaluated and journalled.

use super::{Alarms, Live};
use crate::{
    AlarmId, Due, Emergency, EntryKind, Moment, Quiet, Reason, Source, Suppression, SuppressionId, Text, Who,
    timers::Timer,
};
use core::time::Duration;
use std::sync::Arc;

/// A parent is back: so long its other children have to follow before each of them is signalled for itself.
pub(super) const CHILDREN_FOLLOW_WITHIN: Duration = Duration::from_secs(60);

impl Alarms {
    /// Why an alarm of this source and rule has to be quiet, if it has to.
    pub(super) fn quiet_of(&self, source: &Source, rule: &str) -> Option<Quiet> {
        if self.suppressions.len() == 0 {
            return None;
        }
        let path = self.book.path(source);
        let covering = path.iter().flat_map(|around| self.suppressions.about(around));
        // What a person has raised by hand is quiet by a shelf of its own only: nobody is at work in a fire.
        let by_hand = Emergency::ALL.iter().any(|emergency| emergency.rule() == rule);
        covering
            .filter(|suppression| suppression.rule.as_deref().map_or(!by_hand, |only| only == rule))
            .map(|suppression| suppression.kind)
            .min()
    }

    /// Begins to keep something quiet.
    #[expect(clippy::too_many_arguments, reason = "each is a field of the suppression")]
    pub(super) fn suppress(
        &mut self,
        kind: Quiet,
        source: Source,
        rule: Option<Text>,
        owner: Who,
        reason: Text,
        span: Option<Duration>,
        now: Moment,
    ) -> SuppressionId {
        let id = SuppressionId(self.next.suppression);
        self.next.suppression += 1;
        let ends = span.map(|span| now.due(span));
        if let Some(due) = ends {
            self.timers.set(due.ticks, Timer::Suppression(id));
        }
        // What is quiet by design has no end that anybody chose: it is as long as its reason.
        let until = ends.map_or_else(String::new, |due| format!(" (until {})", due.time));
        let text = format!("{}: {reason}{until}", kind.name());
        let entry = self.note(EntryKind::SuppressionBegan, now, text);
        entry.source = Some(source.clone());
        entry.rule.clone_from(&rule);
        entry.who = Some(owner.clone());
        let suppression =
            Suppression { id, kind, source, rule, owner, reason, began: now.time, ends, ended: None };
        let covered = self.covered(&suppression);
        self.suppressions.insert(suppression);
        self.changed_suppression(id);
        self.weigh(covered, now);
        id
    }

    /// Ends a suppression: by its time, by a person, or by logic.
    pub(super) fn unsuppress(&mut self, id: SuppressionId, who: Option<&Who>, why: &str, now: Moment) {
        let Some(mut suppression) = self.suppressions.remove(id) else { return };
        if let Some(due) = suppression.ends {
            self.timers.take_back(due.ticks, Timer::Suppression(id));
        }
        suppression.ended = Some(now.time);
        let change = who.and_then(|_| self.other_end(&suppression)).unwrap_or_default();
        let text = format!("{}: {why}{change}", suppression.kind.name());
        let entry = self.note(EntryKind::SuppressionEnded, now, text);
        entry.source = Some(suppression.source.clone());
        entry.rule.clone_from(&suppression.rule);
        entry.who = who.cloned();
        let covered = self.covered(&suppression);
        self.bury(suppression);
        self.weigh(covered, now);
    }

    /// Until when it would have been, and until when it is now that somebody has ended it: another shelf may be there
    /// already.
    fn other_end(&self, gone: &Suppression) -> Option<String> {
        let until = gone.ends?.time;
        let newer = match (&gone.rule, gone.kind) {
            (Some(rule), Quiet::Shelved) => self.shelf_of(&gone.source, rule),
            _ => None,
        };
        let newer = newer.and_then(|id| self.suppressions.get(id)?.ends);
        let end = newer.map_or_else(|| "now".to_owned(), |ends| ends.time.to_string());
        Some(format!(" (until {until} -> {end})"))
    }

    pub(super) fn suppression_due(&mut self, id: SuppressionId, now: Moment) {
        let ends = self.suppressions.get(id).and_then(|suppression| suppression.ends);
        if ends.is_some_and(|ends| ends.ticks <= now.ticks) {
            self.unsuppress(id, None, "its time is over", now);
        }
    }

    /// A parent is lost: its children's silence is its own.
    pub(crate) fn suppress_children(&mut self, parent: &Source, rule: &str, now: Moment) {
        if let Some(id) = self.by_design(parent) {
            // It was perhaps about to end, and does not.
            self.set_end(id, None);
            return;
        }
        let owner = Who::new("poe", "design");
        let reason = format!("{parent} is lost");
        let (parent, rule) = (parent.clone(), Some(rule.into()));
        self.suppress(Quiet::SuppressedByDesign, parent, rule, owner, reason.into(), None, now);
    }

    /// A parent is back: children that do not follow soon are signalled for themselves.
    pub(crate) fn release_children(&mut self, parent: &Source, now: Moment) {
        if let Some(id) = self.by_design(parent)
            && self.suppressions.get(id).is_some_and(|suppression| suppression.ends.is_none())
        {
            self.set_end(id, Some(now.due(CHILDREN_FOLLOW_WITHIN)));
        }
    }

    /// The parents whose children are kept quiet without an end, as long as the parents are lost.
    pub(crate) fn parents_without_end(&self) -> Vec<Source> {
        let endless = self.suppressions.values().filter(|suppression| suppression.ends.is_none());
        endless.map(|suppression| suppression.source.clone()).collect()
    }

    fn by_design(&self, parent: &Source) -> Option<SuppressionId> {
        let mut about = self.suppressions.about(parent);
        about.find(|suppression| suppression.kind == Quiet::SuppressedByDesign).map(|known| known.id)
    }

    fn set_end(&mut self, id: SuppressionId, ends: Option<Due>) {
        let Some(suppression) = self.suppressions.get_mut(id) else { return };
        let mut armed = suppression.ends.map(|due| due.ticks);
        if suppression.ends != ends {
            suppression.ends = ends;
            self.timers.rearm(&mut armed, ends.map(|due| due.ticks), Timer::Suppression(id));
            self.changed_suppression(id);
        }
    }

    /// Every alarm is asked anew whether it has to be quiet.
    pub(super) fn weigh_again(&mut self, now: Moment) {
        self.weigh(self.live.keys().copied().collect(), now);
    }

    fn weigh(&mut self, alarms: Vec<AlarmId>, now: Moment) {
        for id in alarms {
            let Some(alarm) = self.get(id) else { continue };
            let quiet = self.quiet_of(&alarm.source, &alarm.rule);
            if alarm.quiet != quiet {
                self.set_quiet(id, quiet, now);
            }
        }
    }

    /// The alarms that a suppression is about. Those of a lost parent are looked up, not looked for: there may be a
    /// thousand such parents at once.
    fn covered(&self, suppression: &Suppression) -> Vec<AlarmId> {
        if let (Quiet::SuppressedByDesign, Some(rule)) = (suppression.kind, &suppression.rule) {
            let children = self.book.children(&suppression.source).iter();
            let alarms = children.filter_map(|child| self.find(&Source::Node(*child), rule));
            return alarms.map(|alarm| alarm.id).collect();
        }
        let alarms = self.iter().filter(|alarm| {
            suppression.rule.as_ref().is_none_or(|only| *only == alarm.rule)
                && self.book.path(&alarm.source).contains(&suppression.source)
        });
        alarms.map(|alarm| alarm.id).collect()
    }

    fn set_quiet(&mut self, id: AlarmId, quiet: Option<Quiet>, now: Moment) {
        let Some(Live { alarm, .. }) = self.live.get_mut(&id) else { return };
        let alarm = Arc::make_mut(alarm);
        let before = core::mem::replace(&mut alarm.quiet, quiet);
        let shown = alarm.is_shown();
        let unacknowledged = alarm.state.is_unacknowledged();
        if quiet.is_some() {
            alarm.audible = false;
            alarm.escalate = None;
        }
        self.changed(id);
        if !shown {
            return;
        }
        match quiet {
            Some(quiet) => {
                self.note_alarm(EntryKind::AlarmQuieted, id, now, None, quiet.name());
            }
            None => {
                let text = format!("no longer {}", before.map_or("quiet", Quiet::name));
                if unacknowledged {
                    self.speak_up(id, now);
                    let seq = self.note_alarm(EntryKind::AlarmUnquieted, id, now, None, text);
                    self.tell(id, Reason::Unquieted, seq, now);
                } else {
                    self.note_alarm(EntryKind::AlarmUnquieted, id, now, None, text);
                }
            }
        }
    }

    /// The shelving of just this alarm.
    pub(super) fn shelf_of(&self, source: &Source, rule: &Text) -> Option<SuppressionId> {
        let mut about = self.suppressions.about(source);
        let shelf = about.find(|suppression| {
            suppression.kind == Quiet::Shelved && suppression.rule.as_ref() == Some(rule)
        });
        shelf.map(|suppression| suppression.id)
    }

    /// Lets every suppression of an address speak of its new one.
    pub(crate) fn move_suppressions(&mut self, old: core::net::IpAddr, new: core::net::IpAddr) {
        for id in self.suppressions.readdress(old, new) {
            self.changed_suppression(id);
        }
    }
}
