//! Sums of readings in steps, from readings and roll-ups alike.

use crate::{
    Range,
    files::{Rollup, Step},
};

/// What some readings come to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Sum {
    pub(super) count: u64,
    pub(super) min: u8,
    pub(super) max: u8,
    pub(super) sum: u64,
    pub(super) last: Last,
}

/// The latest of some readings, and what is known of when it was.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Last {
    pub(super) value: u8,
    /// Not earlier than this.
    pub(super) from_ms: i64,
    /// Not later than this.
    pub(super) to_ms: i64,
    /// The lowest and the highest rank that it may have: of two readings of one moment, that of the higher is later.
    pub(super) ranks: (u64, u64),
    /// Whether it is the best guess only: other readings may be later.
    pub(super) is_doubtful: bool,
}

impl Last {
    /// Whether it is surely later than another, or comes after it from the same place.
    fn follows(&self, other: &Self) -> bool {
        self.from_ms > other.to_ms || self.from_ms == other.to_ms && self.ranks.0 >= other.ranks.1
    }

    /// The later of two.
    fn later(self, other: Self) -> Self {
        if other.follows(&self) {
            other
        } else if self.follows(&other) {
            self
        } else {
            // Where the readings themselves are gone, what was written later decides.
            let value = if other.ranks.1 >= self.ranks.1 { other.value } else { self.value };
            Self {
                value,
                from_ms: self.from_ms.max(other.from_ms),
                to_ms: self.to_ms.max(other.to_ms),
                ranks: (self.ranks.0.min(other.ranks.0), self.ranks.1.max(other.ranks.1)),
                is_doubtful: true,
            }
        }
    }
}

impl Sum {
    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            sum: self.sum + other.sum,
            last: self.last.later(other.last),
        }
    }

    /// This, and readings that are all later.
    pub(super) fn then(self, later: Self) -> Self {
        Self { last: later.last, ..self.and(later) }
    }
}

/// What is known of roll-ups from one file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rollups {
    pub(super) by: Step,
    /// Their readings are not earlier than this.
    pub(super) from_ms: i64,
    /// Nor later than this.
    pub(super) to_ms: i64,
    /// The lowest and the highest rank of their readings.
    pub(super) ranks: (u64, u64),
}

impl Rollups {
    fn sum(&self, rollup: &Rollup) -> Sum {
        let last = Last {
            value: rollup.last,
            from_ms: rollup.start_ms.max(self.from_ms),
            to_ms: (rollup.start_ms + self.by.millis() - 1).min(self.to_ms),
            ranks: self.ranks,
            is_doubtful: false,
        };
        Sum { count: u64::from(rollup.count), min: rollup.min, max: rollup.max, sum: rollup.sum, last }
    }
}

/// Sums of readings in steps of one length.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    range: Range,
    step_ms: i64,
    sums: Vec<Option<Sum>>,
}

impl Sums {
    /// Nothing yet, in steps from the range's beginning on.
    pub(super) fn new(range: Range, step_ms: i64) -> Self {
        let steps = (range.to_ms - range.from_ms + step_ms - 1) / step_ms;
        Self { range, step_ms, sums: vec![None; steps as usize] }
    }

    /// The same steps, with nothing in them.
    pub(super) fn emptied(&self) -> Self {
        Self { sums: vec![None; self.sums.len()], ..*self }
    }

    /// Those of the same steps that have a moment from `from_ms` to `to_ms`, both included, with nothing in them.
    pub(super) fn emptied_around(&self, from_ms: i64, to_ms: i64) -> Self {
        let Range { from_ms: begins_ms, to_ms: ends_ms } = self.range;
        let from_ms = from_ms.clamp(begins_ms, ends_ms);
        let from_ms = from_ms - (from_ms - begins_ms) % self.step_ms;
        let to_ms = to_ms.saturating_add(1).clamp(from_ms, ends_ms);
        Self::new(Range { from_ms, to_ms }, self.step_ms)
    }

    pub(super) fn range(&self) -> Range {
        self.range
    }

    /// Adds roll-ups, in order, those of a range. Each lies within one of the steps.
    pub(super) fn add_rollups(&mut self, rollups: &[Rollup], range: Range, of: Rollups) {
        let range = range.within(self.range);
        let begin = rollups.partition_point(|rollup| rollup.start_ms < range.from_ms);
        let in_range = rollups[begin..].iter().take_while(|rollup| rollup.start_ms < range.to_ms);
        for rollup in in_range {
            let nth = (rollup.start_ms - self.range.from_ms) / self.step_ms;
            self.add(nth as usize, of.sum(rollup));
        }
    }

    /// Adds readings, by time: those of a range. Returns whether more may follow.
    pub(super) fn add_readings(&mut self, times: &[i64], values: &[u8], range: Range, rank: u64) -> bool {
        let range = range.within(self.range);
        let mut from = times.partition_point(|time_ms| *time_ms < range.from_ms);
        let end = times.partition_point(|time_ms| *time_ms < range.to_ms);
        while from < end {
            let nth = (times[from] - self.range.from_ms) / self.step_ms;
            let ends_ms = self.range.from_ms + (nth + 1) * self.step_ms;
            let to = from + count_before(&times[from..end], ends_ms);
            let time_ms = times[to - 1];
            let values = &values[from..to];
            let last = Last {
                value: values[values.len() - 1],
                from_ms: time_ms,
                to_ms: time_ms,
                ranks: (rank, rank),
                is_doubtful: false,
            };
            let (min, max) =
                values.iter().fold((u8::MAX, 0), |(min, max), value| (min.min(*value), max.max(*value)));
            let sum = values.iter().map(|value| u64::from(*value)).sum();
            self.add(nth as usize, Sum { count: values.len() as u64, min, max, sum, last });
            from = to;
        }
        end == times.len()
    }

    /// Adds a reading, if it lies in these steps, to others of the same rank. Of those of one moment the one that is added last
    /// is the latest.
    pub(super) fn add_reading(&mut self, time_ms: i64, value: u8, rank: u64) {
        if !self.range.holds(time_ms) {
            return;
        }
        let nth = (time_ms - self.range.from_ms) / self.step_ms;
        let Some(sum) = self.sums.get_mut(nth as usize) else { return };
        let last = Last { value, from_ms: time_ms, to_ms: time_ms, ranks: (rank, rank), is_doubtful: false };
        match sum {
            None => *sum = Some(Sum { count: 1, min: value, max: value, sum: u64::from(value), last }),
            Some(sum) => {
                sum.count += 1;
                sum.min = sum.min.min(value);
                sum.max = sum.max.max(value);
                sum.sum += u64::from(value);
                if time_ms >= sum.last.to_ms {
                    sum.last = last;
                }
            }
        }
    }

    /// Adds the sums of other readings in the same steps, or in some of them.
    pub(super) fn add_sums(&mut self, others: &Self) {
        let first = (others.range.from_ms - self.range.from_ms) / self.step_ms;
        for (nth, sum) in (first as usize..).zip(&others.sums) {
            if let Some(sum) = sum {
                self.add(nth, *sum);
            }
        }
    }

    /// Every step in which there is something: when it begins, and what it comes to.
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, Sum)> {
        let starts = (0..).map(|nth| self.range.from_ms + nth * self.step_ms);
        starts.zip(&self.sums).filter_map(|(start_ms, sum)| sum.map(|sum| (start_ms, sum)))
    }

    /// Forgets doubts that do not matter: a bucket's latest reading is in the last of its steps. `bucket` tells for a moment
    /// in which one it lies.
    pub(super) fn doubt_last_only(&mut self, bucket: impl Fn(i64) -> i64) {
        let mut later = None;
        for (nth, sum) in self.sums.iter_mut().enumerate().rev() {
            if let Some(sum) = sum {
                let this = Some(bucket(self.range.from_ms + nth as i64 * self.step_ms));
                sum.last.is_doubtful &= this != later;
                later = this;
            }
        }
    }

    /// The part from the first to the last step in doubt that has a moment of those between `from_ms` and `to_ms`, both
    /// included.
    pub(super) fn in_doubt(&self, from_ms: i64, to_ms: i64) -> Option<Range> {
        let mut doubtful = self.iter().filter(|(start_ms, sum)| {
            sum.last.is_doubtful && *start_ms <= to_ms && from_ms < start_ms + self.step_ms
        });
        let (first, _) = doubtful.next()?;
        let last = doubtful.last().map_or(first, |(start_ms, _)| start_ms);
        Some(Range { from_ms: first, to_ms: last + self.step_ms })
    }

    /// Takes what the readings themselves say, where there is a doubt and they are all there.
    pub(super) fn settle(&mut self, by_readings: &Self) {
        for (sum, truth) in self.sums.iter_mut().zip(&by_readings.sums) {
            if let (Some(sum), Some(truth)) = (sum, truth)
                && sum.last.is_doubtful
                && sum.count == truth.count
            {
                sum.last = truth.last;
            }
        }
    }

    fn add(&mut self, nth: usize, more: Sum) {
        if let Some(sum) = self.sums.get_mut(nth) {
            *sum = Some(sum.map_or(more, |sum| sum.and(more)));
        }
    }
}

/// How many times are before a moment, of which the first is one. Steps are mostly short, and looked for from the beginning.
fn count_before(times: &[i64], ends_ms: i64) -> usize {
    let mut reach = 1;
    while times.get(reach).is_some_and(|time_ms| *time_ms < ends_ms) {
        reach *= 2;
    }
    let (from, to) = (reach / 2, times.len().min(reach));
    from + times[from..to].partition_point(|time_ms| *time_ms < ends_ms)
}
