//! Readings of one sensor from several places, put in order.

use super::is_over;
use crate::{error::Result, reading::Reading};
use std::time::Instant;

/// Where readings of one sensor come from, by time.
pub(super) trait Source {
    /// Of two readings with the same time, the one of the lower rank comes first. No two sources have the same.
    fn rank(&self) -> u64;

    /// Nothing that it has is earlier than this.
    fn begins_ms(&self) -> i64;

    /// Adds the next readings. If it adds none, there are no more.
    fn read(&mut self, into: &mut Vec<Reading>) -> Result<()>;
}

/// Puts the readings of sources in order. A source is first read when its time has come.
#[derive(Debug)]
pub(super) struct Merge<S> {
    /// Those that were not read yet: the one that begins first is last.
    waiting: Vec<S>,
    open: Vec<Open<S>>,
    ended: Vec<S>,
    deadline: Option<Instant>,
}

/// A source that is being read: it always has a next reading.
#[derive(Debug)]
struct Open<S> {
    source: S,
    rank: u64,
    buffer: Vec<Reading>,
    at: usize,
}

impl<S> Open<S> {
    /// What its next reading is sorted by.
    fn key(&self) -> (i64, u64) {
        (self.buffer[self.at].time_ms, self.rank)
    }
}

impl<S: Source> Merge<S> {
    pub(super) fn new(mut sources: Vec<S>) -> Self {
        sources.sort_by_key(|source| (std::cmp::Reverse(source.begins_ms()), source.rank()));
        Self { waiting: sources, open: Vec::new(), ended: Vec::new(), deadline: None }
    }

    /// The same, with a moment after which no further source is opened.
    pub(super) fn until(self, deadline: Option<Instant>) -> Self {
        Self { deadline, ..self }
    }

    /// Adds the next readings, as many as come from one place, and `limit` at most. Returns whether there were any, or
    /// may be some after the deadline.
    pub(super) fn read(&mut self, limit: usize, into: &mut Vec<Reading>) -> Result<bool> {
        let (first, others) = match self.first()? {
            First::Source(first, others) => (first, others),
            First::Late => return Ok(true),
            First::End => return Ok(false),
        };
        let open = &mut self.open[first];
        let rest = &open.buffer[open.at..];
        let rest = &rest[..rest.len().min(limit)];
        let run = rest.partition_point(|reading| (reading.time_ms, open.rank) < others);
        into.extend_from_slice(&rest[..run]);
        open.at += run;
        if open.at == open.buffer.len() {
            open.buffer.clear();
            open.at = 0;
            open.source.read(&mut open.buffer)?;
            if open.buffer.is_empty() {
                self.ended.push(self.open.swap_remove(first).source);
            }
        }
        Ok(true)
    }

    /// Nothing that is still to come is earlier than this. Nothing: there is no more.
    pub(super) fn begins_ms(&self) -> Option<i64> {
        let open = self.open.iter().map(|open| open.key().0).min();
        let waiting = self.waiting.last().map(Source::begins_ms);
        open.into_iter().chain(waiting).min()
    }

    /// The sources again, for another sensor.
    pub(super) fn into_sources(self) -> impl Iterator<Item = S> {
        self.ended.into_iter().chain(self.open.into_iter().map(|open| open.source)).chain(self.waiting)
    }

    /// Which source has the next reading, and up to where its readings come before those of all others.
    fn first(&mut self) -> Result<First> {
        loop {
            let first = (0..self.open.len()).min_by_key(|&nth| self.open[nth].key());
            let reached = first.map_or(i64::MAX, |first| self.open[first].key().0);
            let waits_until = self.waiting.last().map_or(i64::MAX, Source::begins_ms);
            if waits_until <= reached
                && let Some(source) = self.waiting.pop()
            {
                self.open(source)?;
                if is_over(self.deadline) {
                    return Ok(First::Late);
                }
                continue;
            }
            let Some(first) = first else { return Ok(First::End) };
            let others = (0..self.open.len()).filter(|&nth| nth != first).map(|nth| self.open[nth].key());
            let others = others.chain([(waits_until, 0)]).min().unwrap_or((i64::MAX, 0));
            return Ok(First::Source(first, others));
        }
    }

    fn open(&mut self, mut source: S) -> Result<()> {
        let mut buffer = Vec::new();
        source.read(&mut buffer)?;
        if buffer.is_empty() {
            self.ended.push(source);
        } else {
            self.open.push(Open { rank: source.rank(), source, buffer, at: 0 });
        }
        Ok(())
    }
}

/// Where it goes on.
enum First {
    /// With this source, up to where the readings of others come.
    Source(usize, (i64, u64)),
    /// There is no time for it.
    Late,
    End,
}

#[cfg(test)]
mod tests {
    use super::*;
    use poe_building::Status;
    use poe_wire::SensorKind;
    use proptest::prelude::*;

    /// Readings that are handed out a few at a time.
    struct Handful {
        rank: u64,
        begins_ms: i64,
        rest: std::vec::IntoIter<Reading>,
        few: usize,
    }

    impl Source for Handful {
        fn rank(&self) -> u64 {
            self.rank
        }

        fn begins_ms(&self) -> i64 {
            self.begins_ms
        }

        fn read(&mut self, into: &mut Vec<Reading>) -> Result<()> {
            into.extend(self.rest.by_ref().take(self.few));
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn what_comes_from_many_places_is_as_if_sorted_stably(
            places in prop::collection::vec((prop::collection::vec(0..60i64, 0..40), 1..9usize, 0..9i64), 0..6),
            limit in 1..12usize,
        ) {
            let reading = |time_ms, value| Reading {
                time_ms, value, kind: SensorKind::Smoke, status: Status::Normal,
            };
            let mut expected = Vec::new();
            let mut sources = Vec::new();
            for (nth, (mut times, few, early)) in places.into_iter().enumerate() {
                times.sort_unstable();
                let value = |at: usize| (nth * 41 + at) as u8;
                let readings: Vec<_> = times.iter().enumerate().map(|(at, &time)| reading(time, value(at))).collect();
                expected.extend_from_slice(&readings);
                let begins_ms = times.first().copied().unwrap_or(0) - early;
                sources.push(Handful { rank: nth as u64, begins_ms, rest: readings.into_iter(), few });
            }
            expected.sort_by_key(|reading| reading.time_ms);
            let places = sources.len();
            let mut merge = Merge::new(sources);
            let mut told = Vec::new();
            loop {
                let before = told.len();
                let begins = merge.begins_ms();
                if !merge.read(limit, &mut told)? {
                    prop_assert_eq!(before, told.len());
                    break;
                }
                prop_assert!(told.len() - before <= limit && told.len() > before);
                prop_assert!(begins.is_some_and(|begins| begins <= told[before].time_ms));
            }
            prop_assert_eq!(told, expected);
            prop_assert_eq!(merge.into_sources().count(), places);
        }
    }
}
