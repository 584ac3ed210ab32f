//! Readings summed up by minute, and minutes by hour.

use crate::{
    files::{Rollup, Step},
    reading::Reading,
};

/// Sums up what one sensor says, in order of time.
#[derive(Debug)]
pub(super) struct Sums {
    step: Step,
    /// The one that may grow.
    open: Option<Rollup>,
    /// Those that do not, until they are taken.
    done: Vec<Rollup>,
}

impl Sums {
    pub(super) fn new(step: Step) -> Self {
        Self { step, open: None, done: Vec::new() }
    }

    /// Adds a reading that is not earlier than those before.
    pub(super) fn add(&mut self, reading: Reading) {
        self.add_rollup(Rollup {
            start_ms: reading.time_ms,
            kind: reading.kind,
            count: 1,
            min: reading.value,
            max: reading.value,
            sum: u64::from(reading.value),
            last: reading.value,
        });
    }

    /// Adds a sum over a shorter time, as a whole.
    pub(super) fn add_rollup(&mut self, part: Rollup) {
        if let Some(open) = &mut self.open {
            if part.start_ms.wrapping_sub(open.start_ms) < self.step.millis() {
                open.kind = part.kind;
                open.count = open.count.saturating_add(part.count);
                open.min = open.min.min(part.min);
                open.max = open.max.max(part.max);
                open.sum += part.sum;
                open.last = part.last;
                return;
            }
            self.done.push(*open);
        }
        let start_ms = part.start_ms - part.start_ms.rem_euclid(self.step.millis());
        self.open = Some(Rollup { start_ms, ..part });
    }

    /// The sensor says no more.
    pub(super) fn end(&mut self) {
        self.done.extend(self.open.take());
    }

    /// What is complete.
    pub(super) fn done(&mut self) -> &mut Vec<Rollup> {
        &mut self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poe_building::Status;
    use poe_wire::SensorKind;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn naive(readings: &[Reading], step: Step) -> Vec<Rollup> {
        let mut groups: BTreeMap<i64, Vec<Reading>> = BTreeMap::new();
        for reading in readings {
            groups.entry(reading.time_ms.div_euclid(step.millis())).or_default().push(*reading);
        }
        let sum_up = |(number, all): (i64, Vec<Reading>)| Rollup {
            start_ms: number * step.millis(),
            kind: all.last().unwrap().kind,
            count: u32::try_from(all.len()).unwrap(),
            min: all.iter().map(|r| r.value).min().unwrap(),
            max: all.iter().map(|r| r.value).max().unwrap(),
            sum: all.iter().map(|r| u64::from(r.value)).sum(),
            last: all.last().unwrap().value,
        };
        groups.into_iter().map(sum_up).collect()
    }

    proptest! {
        #[test]
        fn sums_are_those_of_a_naive_model(
            begin in -10_000_000i64..10_000_000,
            steps in prop::collection::vec((0i64..200_000, any::<u8>(), 0usize..6), 1..200),
        ) {
            let mut time_ms = begin;
            let readings: Vec<_> = steps.iter().map(|&(pause, value, kind)| {
                time_ms += pause;
                Reading { time_ms, value, kind: SensorKind::ALL[kind], status: Status::Normal }
            }).collect();
            let (mut minutes, mut hours) = (Sums::new(Step::Minute), Sums::new(Step::Hour));
            readings.iter().for_each(|reading| minutes.add(*reading));
            minutes.end();
            minutes.done().iter().for_each(|minute| hours.add_rollup(*minute));
            hours.end();
            prop_assert_eq!(&*minutes.done(), &naive(&readings, Step::Minute));
            prop_assert_eq!(&*hours.done(), &naive(&readings, Step::Hour));
        }
    }
}
