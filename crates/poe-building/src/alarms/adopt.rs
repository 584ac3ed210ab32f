//! A change of the model: alarms follow the new rules at once, and those whose reason is gone end.

use super::Alarms;
use crate::{AlarmId, Model, Source, Ticks, Voting, book::RuleBook, table::Table};
use core::net::IpAddr;
use std::sync::Arc;

impl Alarms {
    /// Follows another model from now on. Returns the tables that sensors still refer to.
    pub(crate) fn adopt(&mut self, model: Model) -> Vec<Table> {
        let old = core::mem::replace(&mut self.book, RuleBook::new(Arc::new(model)));
        for live in self.live.values_mut() {
            if let Some(rule) = self.book.rule(&live.alarm.source, &live.alarm.rule) {
                live.alarm.priority = rule.priority;
                live.rule = rule;
            }
        }
        // Every sensor votes again before anything else happens.
        self.vote_anew(Ticks(0));
        self.model_changed();
        old.tables
    }

    /// Ends what no rule supports any more, once every sensor was judged by the new ones.
    pub(crate) fn drop_orphans(&mut self, now: crate::Moment) {
        let voted: Vec<(Source, crate::Text)> = self.groups.places().collect();
        for (source, rule) in &voted {
            self.recount(source, rule, now);
        }
        let orphans: Vec<AlarmId> = self
            .live
            .values()
            .filter(|live| {
                let by_vote = !matches!(live.rule.voting, Voting::Single | Voting::Verification);
                let sensor = matches!(live.alarm.source, Source::Sensor(_));
                self.book.rule(&live.alarm.source, &live.alarm.rule).is_none()
                    || (sensor && by_vote)
                    || !self.exists(&live.alarm.source)
            })
            .map(|live| live.alarm.id)
            .collect();
        for id in orphans {
            self.withdraw(id, "its rule or its place is gone", None, now);
        }
        self.weigh_again(now);
    }

    fn exists(&self, source: &Source) -> bool {
        match source {
            Source::Place(name) => self.book.has_place(name),
            Source::Switch(name) => self.book.has_switch(name),
            Source::Sensor(_) | Source::Node(_) | Source::System => true,
        }
    }

    /// Ends everything that is signalled about an address.
    pub(crate) fn withdraw_all_of(&mut self, address: IpAddr, why: &str, now: crate::Moment) {
        let of_address: Vec<AlarmId> = self
            .iter()
            .filter(|alarm| alarm.source.address() == Some(address))
            .map(|alarm| alarm.id)
            .collect();
        for id in of_address {
            self.withdraw(id, why, None, now);
        }
    }
}
