//! Readings of one sensor in a segment of the log, by time, a slice at a time: however many there are, few are in memory.

use super::{merge::Source, sources::rank_of};
use crate::{
    Range,
    error::Result,
    log::{Segment, Taker, Wish},
    reading::Reading,
};
use poe_building::SensorKey;
use std::sync::Arc;

/// Readings of a slice, at most: while they are looked for twice as many are held, in half a megabyte.
pub(super) const SLICE_MAX: usize = 16_384;

/// And at least: a batch is looked at as a whole, and not for a few readings of it again and again.
const SLICE_MIN: usize = if cfg!(test) { 2 } else { 1_024 };

/// The readings of a sensor in a segment.
#[derive(Debug)]
pub(super) struct Slices {
    segment: Arc<Segment>,
    sensor: SensorKey,
    /// What is still to be read.
    range: Range,
    /// How many readings of the first moment of it are read already.
    read_of_first: usize,
    most: usize,
}

impl Slices {
    /// All of a range; about `wanted` of them will be asked for.
    pub(super) fn new(segment: &Arc<Segment>, sensor: SensorKey, range: Range, wanted: usize) -> Self {
        let most = wanted.clamp(SLICE_MIN, SLICE_MAX);
        Self { segment: Arc::clone(segment), sensor, range, read_of_first: 0, most }
    }
}

impl Source for Slices {
    fn rank(&self) -> u64 {
        rank_of(&self.segment)
    }

    fn begins_ms(&self) -> i64 {
        let begins_ms = self.segment.times_ms().map_or(i64::MAX, |(from_ms, _)| from_ms);
        begins_ms.max(self.range.from_ms)
    }

    fn read(&mut self, into: &mut Vec<Reading>) -> Result<()> {
        if self.range.is_empty() {
            return Ok(());
        }
        let mut earliest = Earliest {
            from_ms: self.range.from_ms,
            left_out: self.read_of_first,
            most: self.most,
            kept: Vec::new(),
            reach_ms: None,
        };
        self.segment.each_of_sensor(self.sensor, self.range, &mut earliest)?;
        earliest.cut();
        let Earliest { mut kept, reach_ms, .. } = earliest;
        match kept.last() {
            Some(&Reading { time_ms, .. }) if reach_ms.is_some() => {
                let of_last = kept.iter().rev().take_while(|reading| reading.time_ms == time_ms).count();
                let before = if time_ms == self.range.from_ms { self.read_of_first } else { 0 };
                (self.range.from_ms, self.read_of_first) = (time_ms, before + of_last);
            }
            _ => self.range.from_ms = self.range.to_ms,
        }
        into.append(&mut kept);
        Ok(())
    }
}

/// The earliest of the readings that come by, in the order in which they come.
struct Earliest {
    from_ms: i64,
    /// How many readings of the first moment are not wanted.
    left_out: usize,
    most: usize,
    kept: Vec<Reading>,
    /// Enough is known that is not later than this, so that the rest is for another time.
    reach_ms: Option<i64>,
}

impl Earliest {
    /// Keeps the earliest, by time. Stable, so that of one moment the later stays later.
    fn cut(&mut self) {
        self.kept.sort_by_key(|reading| reading.time_ms);
        if self.kept.len() > self.most {
            self.kept.truncate(self.most);
            self.reach_ms = self.kept.last().map(|reading| reading.time_ms);
        }
    }
}

impl Taker for Earliest {
    fn wants(&mut self, from_ms: i64) -> Wish {
        if self.kept.len() > self.most {
            self.cut();
        }
        if self.reach_ms.is_some_and(|reach_ms| from_ms >= reach_ms) { Wish::LeaveOut } else { Wish::Take }
    }

    fn take(&mut self, reading: Reading) {
        if reading.time_ms == self.from_ms && self.left_out > 0 {
            self.left_out -= 1;
        } else if self.reach_ms.is_none_or(|reach_ms| reading.time_ms < reach_ms) {
            self.kept.push(reading);
            if self.kept.len() >= 2 * self.most {
                self.cut();
            }
        }
    }
}
