//! A change of the model: alarms follow the new rules at once, and those whose reason is gone end.

use super::{Alarms, Live};
use crate::{
    Alarm, AlarmId, Model, Moment, Rule, Source, Text, Voting, book::RuleBook, builtin, table::Table,
};
use core::net::IpAddr;
use std::sync::Arc;

impl Alarms {
    /// Follows another model from now on. Returns the tables that sensors still refer to.
    pub(crate) fn adopt(&mut self, model: Model, now: Moment) -> Vec<Table> {
        let old = core::mem::replace(&mut self.book, RuleBook::new(Arc::new(model)));
        let (mut of_another_class, mut others) = (Vec::new(), Vec::new());
        for live in self.live.values_mut() {
            let Some(rule) = self.book.rule(&live.alarm.source, &live.alarm.rule) else { continue };
            if rule.class != Some(live.alarm.class) {
                of_another_class.push(live.alarm.id);
            }
            let before = (live.alarm.priority, live.alarm.delay);
            let alarm = Arc::make_mut(&mut live.alarm);
            alarm.priority = rule.priority;
            shorten_delay(alarm, &live.rule, &rule, now);
            if (alarm.priority, alarm.delay) != before {
                others.push(alarm.id);
            }
            live.rule = rule;
        }
        for id in others {
            self.changed(id);
        }
        for id in of_another_class {
            // Where its condition holds, it is raised as what it is now.
            self.withdraw(id, "its rule is of another class now", None, now);
        }
        for id in self.live.keys().copied().collect::<Vec<_>>() {
            self.arm(id);
        }
        self.keep_votes();
        self.model_changed();
        old.tables
    }

    /// Ends what no rule supports any more, once every sensor was judged by the new ones.
    pub(crate) fn drop_orphans(&mut self, now: Moment) {
        let mut voted: Vec<(Source, Text)> = self.groups.places().collect();
        voted.sort_unstable();
        for (source, rule) in &voted {
            self.recount(source, rule, now);
        }
        let orphans: Vec<AlarmId> =
            self.live.values().filter(|live| self.is_orphan(live)).map(|live| live.alarm.id).collect();
        for id in orphans {
            self.withdraw(id, "its rule or its place is gone", None, now);
        }
        self.weigh_again(now);
    }

    fn is_orphan(&self, Live { alarm, rule, .. }: &Live) -> bool {
        let of_sensor = matches!(alarm.source, Source::Sensor(_));
        let one_is_enough = matches!(rule.voting, Voting::Single | Voting::Verification);
        let own = builtin::rule(&alarm.rule).is_some();
        let target = alarm.rule.strip_prefix(builtin::NOTIFY);
        self.book.rule(&alarm.source, &alarm.rule).is_none()
            || (!own && of_sensor != one_is_enough)
            || !self.exists(&alarm.source)
            || target.is_some_and(|target| !self.has_target(target))
    }

    fn exists(&self, source: &Source) -> bool {
        match source {
            Source::Place(name) => self.book.has_place(name),
            Source::Switch(name) => self.book.has_switch(name),
            Source::Sensor(_) | Source::Node(_) | Source::System => true,
        }
    }

    /// Ends what one of the server's own rules signals about a source.
    pub(crate) fn withdraw_own(&mut self, source: &Source, rule: &str, why: &str, now: Moment) {
        if let Some(id) = self.find(source, rule).map(|alarm| alarm.id) {
            self.withdraw(id, why, None, now);
        }
    }

    /// Ends everything that is signalled about an address, and what its sensors say in votes.
    pub(crate) fn withdraw_all_of(&mut self, address: IpAddr, why: &str, now: Moment) {
        let of_address: Vec<AlarmId> = self
            .iter()
            .filter(|alarm| alarm.source.address() == Some(address))
            .map(|alarm| alarm.id)
            .collect();
        for id in of_address {
            self.withdraw(id, why, None, now);
        }
        self.drop_votes_of(address, now);
    }
}

/// A delay that runs lasts no longer than the new rule says, where that says less than the old one.
fn shorten_delay(alarm: &mut Alarm, old: &Rule, new: &Rule, now: Moment) {
    let delay = |rule: &Rule| if alarm.holds { rule.on_delay } else { rule.off_delay };
    if delay(new) < delay(old) {
        let longest = now.due(delay(new));
        alarm.delay = alarm.delay.map(|due| if due.ticks > longest.ticks { longest } else { due });
    }
}
