//! What is kept quiet: shelved, out of service, suppressed by design. It goes on being evaluated and journalled.

use super::{Alarms, Live};
use crate::{
    AlarmId, EntryKind, Moment, Quiet, Reason, Source, Suppression, SuppressionId, Text, Who, timers::Timer,
};
use core::time::Duration;

/// A parent is back: so long its other children have to follow before each of them is signalled for itself.
pub(super) const CHILDREN_FOLLOW_WITHIN: Duration = Duration::from_secs(60);

impl Alarms {
    /// Why an alarm of this source and rule has to be quiet, if it has to.
    pub(super) fn quiet_of(&self, source: &Source, rule: &str) -> Option<Quiet> {
        if self.suppressions.is_empty() {
            return None;
        }
        let path = self.book.path(source);
        let covers = |suppression: &&Suppression| {
            suppression.rule.as_deref().is_none_or(|only| only == rule) && path.contains(&suppression.source)
        };
        self.suppressions.values().filter(covers).map(|suppression| suppression.kind).min()
    }

    /// Begins to keep something quiet.
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
        let entry = self.note(EntryKind::SuppressionBegan, now, format!("{}: {reason}", kind.name()));
        entry.source = Some(source.clone());
        entry.rule.clone_from(&rule);
        entry.who = Some(owner.clone());
        let suppression =
            Suppression { id, kind, source, rule, owner, reason, began: now.time, ends, ended: None };
        self.suppressions.insert(id, suppression);
        self.changed_suppression(id);
        self.weigh_again(now);
        id
    }

    /// Ends a suppression: by its time, by a person, or by logic.
    pub(super) fn unsuppress(&mut self, id: SuppressionId, who: Option<&Who>, why: &str, now: Moment) {
        let Some(mut suppression) = self.suppressions.remove(&id) else { return };
        suppression.ended = Some(now.time);
        let entry =
            self.note(EntryKind::SuppressionEnded, now, format!("{}: {why}", suppression.kind.name()));
        entry.source = Some(suppression.source.clone());
        entry.rule.clone_from(&suppression.rule);
        entry.who = who.cloned();
        self.bury(suppression);
        self.weigh_again(now);
    }

    pub(super) fn suppression_due(&mut self, id: SuppressionId, now: Moment) {
        let ends = self.suppressions.get(&id).and_then(|suppression| suppression.ends);
        if ends.is_some_and(|ends| ends.ticks <= now.ticks) {
            self.unsuppress(id, None, "its time is over", now);
        }
    }

    /// A parent is lost: its children's silence is its own.
    pub(crate) fn suppress_children(&mut self, parent: &Source, rule: &str, now: Moment) {
        if let Some(suppression) = self.by_design(parent) {
            // It was about to end, and does not.
            suppression.ends = None;
            let id = suppression.id;
            self.changed_suppression(id);
            return;
        }
        let owner = Who::new("poe", "design");
        let reason = format!("{parent} is lost");
        let (parent, rule) = (parent.clone(), Some(rule.into()));
        self.suppress(Quiet::SuppressedByDesign, parent, rule, owner, reason.into(), None, now);
    }

    /// A parent is back: children that do not follow soon are signalled for themselves.
    pub(crate) fn release_children(&mut self, parent: &Source, now: Moment) {
        let Some(suppression) = self.by_design(parent).filter(|suppression| suppression.ends.is_none())
        else {
            return;
        };
        let due = now.due(CHILDREN_FOLLOW_WITHIN);
        suppression.ends = Some(due);
        let id = suppression.id;
        self.timers.set(due.ticks, Timer::Suppression(id));
        self.changed_suppression(id);
    }

    fn by_design(&mut self, parent: &Source) -> Option<&mut Suppression> {
        self.suppressions.values_mut().find(|suppression| {
            suppression.kind == Quiet::SuppressedByDesign && suppression.source == *parent
        })
    }

    /// What is quiet has changed: every alarm is asked anew whether it has to be.
    pub(super) fn weigh_again(&mut self, now: Moment) {
        let changed: Vec<(AlarmId, Option<Quiet>)> = self
            .iter()
            .map(|alarm| (alarm, self.quiet_of(&alarm.source, &alarm.rule)))
            .filter(|(alarm, quiet)| alarm.quiet != *quiet)
            .map(|(alarm, quiet)| (alarm.id, quiet))
            .collect();
        for (id, quiet) in changed {
            self.set_quiet(id, quiet, now);
        }
    }

    fn set_quiet(&mut self, id: AlarmId, quiet: Option<Quiet>, now: Moment) {
        let Some(Live { alarm, .. }) = self.live.get_mut(&id) else { return };
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

    /// The suppression of this kind that keeps just this alarm quiet.
    pub(super) fn shelf_of(&self, source: &Source, rule: &Text) -> Option<SuppressionId> {
        let shelf = self.suppressions.values().find(|suppression| {
            suppression.kind == Quiet::Shelved
                && suppression.source == *source
                && suppression.rule.as_ref() == Some(rule)
        });
        shelf.map(|suppression| suppression.id)
    }

    /// Lets every suppression of an address speak of its new one.
    pub(crate) fn move_suppressions(&mut self, old: core::net::IpAddr, new: core::net::IpAddr) {
        let mut moved = Vec::new();
        for suppression in self.suppressions.values_mut() {
            match &mut suppression.source {
                Source::Node(address) if *address == old => *address = new,
                Source::Sensor(key) if key.address == old => key.address = new,
                _ => continue,
            }
            moved.push(suppression.id);
        }
        for id in moved {
            self.changed_suppression(id);
        }
    }
}
