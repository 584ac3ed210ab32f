//! From a reading to the conditions of its sensor's rules.

use super::{Alarms, condition::Evidence};
use crate::{Moment, Rule, SensorKey, Source, Voting, builtin, table::TableNo};
use core::time::Duration;
use std::sync::Arc;

/// What a value is held against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Before {
    /// Nothing: it is the first, or is judged anew by other rules.
    Nothing,
    /// What meant nothing to these rules: no number, or a value of another kind.
    Unlike,
    /// The value before it.
    Value(u8),
}

impl Before {
    pub(crate) const fn value(self) -> Option<u8> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::Unlike => None,
        }
    }
}

impl Alarms {
    /// A sensor's value has left its band, or has to be judged whatever was before.
    pub(crate) fn crossed(&mut self, key: SensorKey, table: TableNo, before: Before, value: u8, now: Moment) {
        let known = &self.book.tables[table.index()];
        let band = known.band(value);
        let old = before.value().map(|before| known.band(before));
        let (trips, clears) = old.map_or((0, 0), |old| (old.trips, old.clears));
        let (trips, clears) = (band.trips & !trips, band.clears & !clears);
        let source = Source::Sensor(key);
        let signalled = self.has_any(&source);
        // What comes back out of the deadband had never ended.
        let begins = |rule: &Rule| rule.class.is_some() && !(signalled && self.holds(&source, &rule.name));
        let tripped = (0..).zip(&known.rules).filter(|(at, _)| trips & (1 << at) != 0);
        if before != Before::Nothing && tripped.into_iter().any(|(_, rule)| begins(rule)) {
            self.note_cycle(key, now);
        }
        for at in 0..self.book.tables[table.index()].rules.len() {
            let bit = 1 << at;
            if (trips | clears) & bit != 0 {
                let rule = &self.book.tables[table.index()].rules[at];
                let is_over_already = trips & bit == 0 && !signalled && is_alone(rule);
                if !is_over_already {
                    self.sensor_condition(key, &Arc::clone(rule), trips & bit != 0, value, now);
                }
            }
        }
    }

    /// A sensor measures something else from now on: what its values meant by this table has ended.
    pub(crate) fn ceased(&mut self, key: SensorKey, table: TableNo, now: Moment) {
        for at in 0..self.book.tables[table.index()].rules.len() {
            let rule = Arc::clone(&self.book.tables[table.index()].rules[at]);
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
        } else if is_alone(rule) {
            let off_delay_min = if holds { Duration::ZERO } else { self.off_delay_min(key) };
            let evidence = Evidence { value: raised_by, text: None, off_delay_min };
            self.condition(&Source::Sensor(key), rule, holds, evidence, now);
        } else {
            self.vote(key, rule, holds, raised_by, now);
        }
    }

    /// Whether the sensor is known to give no value that means anything: a DHT22's missing number, a wrapped byte.
    pub(crate) fn gives_no_value(&self, source: &Source) -> bool {
        self.holds(source, builtin::HEALTH_NAN_ZERO) || self.holds(source, builtin::HEALTH_BYTE_WRAP)
    }
}

/// Whether the rule makes an alarm of what one sensor says.
fn is_alone(rule: &Rule) -> bool {
    rule.class.is_some() && rule.voting == Voting::Single
}
