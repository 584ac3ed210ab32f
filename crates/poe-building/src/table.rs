//! What each value of a sensor means, looked up: the rules of its scope, made into 256 answers.

use crate::{Profile, Range, Rule, Sample, Status};
use poe_wire::SensorKind;
use std::sync::Arc;

/// A table's place in the [`RuleBook`](crate::book::RuleBook).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TableNo(pub(crate) u16);

impl TableNo {
    /// The table of a sensor that has still to be looked up: it takes no reading on the quick way.
    pub(crate) const fn unresolved(kind: SensorKind) -> Self {
        Self(kind.byte() as u16)
    }

    /// The number as an index.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    pub(crate) const fn is_unresolved(self) -> bool {
        (self.0 as usize) < SensorKind::ALL.len()
    }
}

/// The rules that hold for a sensor, and what each value means by them.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) kind: SensorKind,
    /// The kind as a frame has it; what stands here for an unresolved sensor is in no byte.
    pub(crate) quick_kind: u16,
    /// Which band each value is in.
    pub(crate) bands: [u8; 256],
    /// What the history has of each value, but for the sensor's number: in reach of the quick way.
    pub(crate) samples: [Sample; 256],
    list: Vec<Band>,
    pub(crate) rules: Vec<Arc<Rule>>,
}

/// Neighbouring values that mean the same. A reading that stays in its band changes nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Band {
    /// What the value means by the rules.
    pub(crate) status: Status,
    /// What it means by the thresholds of the table that others read.
    pub(crate) legacy: Status,
    /// The rules that it fulfils, by their position.
    pub(crate) trips: u32,
    /// The rules that it ends.
    pub(crate) clears: u32,
    pub(crate) reach: Reach,
}

/// Where in its byte a value lies, as far as the sensor's health goes by that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    Zero,
    Low,
    Middle,
    High,
}

/// A DHT22 measures up to 80 °C, 176 °F. A byte from here on is a temperature below zero that has wrapped around: 216
/// is the -40 °F at which it ends.
const TEMPERATURE_WRAPPED: u8 = 216;
/// From a reading up to this one it is a small step over zero to a wrapped one.
const TEMPERATURE_LOW: u8 = 40;
/// Water is the low byte of a longer number: from the last quarter to the first is a small step too.
const WATER_LOW: u8 = 63;
const WATER_HIGH: u8 = 192;

impl Table {
    pub(crate) fn unresolved(kind: SensorKind) -> Self {
        Self { quick_kind: u16::MAX, ..Self::new(kind, Vec::new()) }
    }

    pub(crate) fn new(kind: SensorKind, rules: Vec<Arc<Rule>>) -> Self {
        let mut list: Vec<Band> = Vec::new();
        let bands = core::array::from_fn(|value| {
            let band = band(kind, &rules, value as u8);
            let place = list.iter().position(|known| *known == band).unwrap_or_else(|| {
                list.push(band);
                list.len() - 1
            });
            place as u8
        });
        let samples = core::array::from_fn(|value| {
            let status = list[usize::from(bands[value])].status;
            Sample { id: 0, kind, value: value as u8, status }
        });
        Self { kind, quick_kind: u16::from(kind.byte()), bands, samples, list, rules }
    }

    /// What the value means by the rules.
    #[inline]
    pub(crate) fn status(&self, value: u8) -> Status {
        self.samples[usize::from(value)].status
    }

    pub(crate) fn band(&self, value: u8) -> Band {
        self.list[usize::from(self.bands[usize::from(value)])]
    }
}

fn band(kind: SensorKind, rules: &[Arc<Rule>], value: u8) -> Band {
    let mask = |fits: &dyn Fn(Range) -> bool| {
        rules.iter().enumerate().fold(0, |mask, (at, rule)| mask | (u32::from(fits(rule.range)) << at))
    };
    Band {
        status: status(kind, rules, value),
        legacy: Profile::IIT_2022.status(kind, value),
        trips: mask(&|range| range.holds(value)),
        clears: mask(&|range| range.ends(value)),
        reach: reach(kind, value),
    }
}

/// The worst that the rules say. A kind without rules has no meaning, and neither has a motion detector's 2.
fn status(kind: SensorKind, rules: &[Arc<Rule>], value: u8) -> Status {
    if rules.is_empty() || (kind == SensorKind::Motion && value > 1) {
        return Status::Undefined;
    }
    let fulfilled = rules.iter().filter(|rule| rule.range.holds(value));
    fulfilled.map(|rule| rule.level).max().unwrap_or(Status::Normal)
}

fn reach(kind: SensorKind, value: u8) -> Reach {
    match (kind, value) {
        (SensorKind::Temperature | SensorKind::Humidity, 0) => Reach::Zero,
        (SensorKind::Temperature, 1..=TEMPERATURE_LOW) | (SensorKind::Water, 0..=WATER_LOW) => Reach::Low,
        (SensorKind::Temperature, TEMPERATURE_WRAPPED..) | (SensorKind::Water, WATER_HIGH..) => Reach::High,
        _ => Reach::Middle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ProfileName, profile};
    use proptest::prelude::*;
    use std::fmt::Write;

    fn statuses(name: ProfileName) -> String {
        let mut text = String::new();
        for kind in SensorKind::ALL {
            let rules = profile::rules(name).iter().filter(|rule| rule.kind == kind);
            let table = Table::new(kind, rules.map(|rule| Arc::clone(&rule.rule)).collect());
            let mut from = 0;
            for value in 1..=256usize {
                let status = table.band(from as u8).status;
                if value == 256 || table.band(value as u8).status != status {
                    writeln!(text, "{kind:11} {from:3}..={:3} {status}", value - 1).unwrap();
                    from = value;
                }
            }
        }
        text
    }

    #[test]
    fn the_statuses_of_the_building() {
        expect_test::expect![[r#"
            FIRE          0..=  0 critical
            FIRE          1..=255 normal
            SMOKE         0..=159 normal
            SMOKE       160..=199 warning
            SMOKE       200..=255 critical
            MOTION        0..=  1 normal
            MOTION        2..=255 undefined
            HUMIDITY      0..= 79 normal
            HUMIDITY     80..=255 warning
            TEMPERATURE   0..=109 normal
            TEMPERATURE 110..=134 warning
            TEMPERATURE 135..=255 critical
            WATER         0..=255 undefined
        "#]]
        .assert_eq(&statuses(ProfileName::Building));
    }

    proptest! {
        /// A reading that stays in its band changes nothing: so what is different must be in different bands.
        #[test]
        fn bands_tell_apart_what_thresholds_do(
            ranges in prop::collection::vec((any::<u8>(), any::<u8>(), 0u8..40), 0..5),
        ) {
            let range = |(a, b, deadband): (u8, u8, u8)| Range { from: a.min(b), to: a.max(b), deadband };
            let rules: Vec<Arc<Rule>> = ranges
                .into_iter()
                .map(|values| Arc::new(Rule { range: range(values), ..profile::plain("own", None, "own") }))
                .collect();
            let table = Table::new(SensorKind::Smoke, rules.clone());
            for value in 0..=u8::MAX {
                let band = table.band(value);
                for (at, rule) in rules.iter().enumerate() {
                    let away = (rule.range.from..=rule.range.to).map(|inside| inside.abs_diff(value)).min();
                    prop_assert_eq!(band.trips & (1 << at) != 0, away == Some(0));
                    prop_assert_eq!(band.clears & (1 << at) != 0, away > Some(rule.range.deadband));
                }
            }
        }
    }

    #[test]
    fn the_rules_of_iit_2022_give_the_statuses_of_the_table() {
        for kind in SensorKind::ALL {
            let rules = profile::rules(ProfileName::Iit2022).iter().filter(|rule| rule.kind == kind);
            let table = Table::new(kind, rules.map(|rule| Arc::clone(&rule.rule)).collect());
            for value in 0..=u8::MAX {
                assert_eq!(table.band(value).status, table.band(value).legacy, "{kind} {value}");
            }
        }
    }
}
