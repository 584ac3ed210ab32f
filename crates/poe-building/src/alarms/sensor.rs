//! From a reading to the conditions of its sensor's rules.

use super::{Alarms, chatter::CHATTER_OFF_DELAY, condition::Evidence};
use crate::{Moment, Rule, SensorKey, Source, Voting, builtin, table::TableNo};
use core::time::Duration;
use std::sync::Arc;

impl Alarms {
    /// A sensor's value has left its band; or it is the first, or has to be judged anew, and there is none `before`.
    pub(crate) fn crossed(
        &mut self,
        key: SensorKey,
        table: TableNo,
        before: Option<u8>,
        value: u8,
        now: Moment,
    ) {
        let known = &self.book.tables[usize::from(table.0)];
        let band = known.band(value);
        let (trips, clears) =
            before.map(|before| known.band(before)).map_or((0, 0), |old| (old.trips, old.clears));
        let (trips, clears) = (band.trips & !trips, band.clears & !clears);
        // What comes back out of the deadband had never ended.
        let begins = |rule: &Rule| rule.class.is_some() && !self.holds(&Source::Sensor(key), &rule.name);
        if before.is_some()
            && (0..).zip(&known.rules).any(|(at, rule)| trips & (1 << at) != 0 && begins(rule))
        {
            self.note_cycle(key, now);
        }
        for at in 0..self.book.tables[usize::from(table.0)].rules.len() {
            let bit = 1 << at;
            if (trips | clears) & bit != 0 {
                let rule = Arc::clone(&self.book.tables[usize::from(table.0)].rules[at]);
                self.sensor_condition(key, &rule, trips & bit != 0, value, now);
            }
        }
    }

    /// A sensor measures something else from now on: what its values meant by this table has ended.
    pub(crate) fn ceased(&mut self, key: SensorKey, table: TableNo, now: Moment) {
        for at in 0..self.book.tables[usize::from(table.0)].rules.len() {
            let rule = Arc::clone(&self.book.tables[usize::from(table.0)].rules[at]);
            self.sensor_condition(key, &rule, false, 0, now);
        }
        for rule in [builtin::HEALTH_NAN_ZERO, builtin::HEALTH_BYTE_WRAP] {
            self.own_condition(&Source::Sensor(key), rule, false, None, now);
        }
    }

    fn sensor_condition(&mut self, key: SensorKey, rule: &Arc<Rule>, holds: bool, value: u8, now: Moment) {
        let raised_by = holds.then_some(value);
        if rule.class.is_none() {
            self.observe(key, rule, holds, now);
        } else if rule.voting == Voting::Single {
            let off_delay_min = if self.chatters(key) { CHATTER_OFF_DELAY } else { Duration::ZERO };
            let evidence = Evidence { value: raised_by, text: None, off_delay_min };
            self.condition(&Source::Sensor(key), rule, holds, evidence, now);
        } else {
            self.vote(key, rule, holds, raised_by, now);
        }
    }

    /// Whether the sensor is known to give no value that means anything: a DHT22's missing number, a wrapped byte.
    pub(crate) fn gives_no_value(&self, key: SensorKey) -> bool {
        let source = Source::Sensor(key);
        self.holds(&source, builtin::HEALTH_NAN_ZERO) || self.holds(&source, builtin::HEALTH_BYTE_WRAP)
    }
}
