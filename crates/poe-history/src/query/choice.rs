//! Which files answer a question about sums, so that each reading is counted once.

use super::sources;
use crate::{
    Range,
    files::Step,
    history::Moment,
    keeper::{Entry, Level},
};
use std::sync::Arc;

/// A day of UTC. Readings of two days are never in one raw file, nor in one of roll-ups by minute.
const DAY_MS: i64 = 86_400_000;

/// A part of a range that is answered from files of one level, or finer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Part {
    pub(super) range: Range,
    pub(super) level: Level,
    /// The steps in which it is summed up; each lies within one bucket.
    pub(super) unit_ms: i64,
}

/// The parts of a range, in order: most of it in hours or minutes, if range and step begin with whole ones; what is left at
/// the end in finer ones.
pub(super) fn parts(range: Range, step_ms: i64) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut from_ms = range.from_ms;
    for step in [Step::Hour, Step::Minute] {
        let unit_ms = step.millis();
        let ends_ms = range.to_ms - range.to_ms.rem_euclid(unit_ms);
        if range.from_ms % unit_ms == 0 && step_ms % unit_ms == 0 && from_ms < ends_ms {
            let range = Range { from_ms, to_ms: ends_ms };
            parts.push(Part { range, level: Level::Rollup(step), unit_ms });
            from_ms = ends_ms;
        }
    }
    if from_ms < range.to_ms {
        // Less than a minute is left of a bucket, or nothing was in whole minutes and buckets begin here.
        let range = Range { from_ms, to_ms: range.to_ms };
        parts.push(Part { range, level: Level::Raw, unit_ms: step_ms });
    }
    parts
}

/// A file, and the range for which it answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen<'m> {
    pub(super) entry: &'m Arc<Entry>,
    pub(super) range: Range,
}

/// A file as one day sees it.
#[derive(Clone, Copy, Debug)]
struct OfDay<'m> {
    day: i64,
    entry: &'m Arc<Entry>,
}

impl OfDay<'_> {
    /// How many sets it shares with another.
    fn shared(&self, other: &Self) -> u64 {
        let first = self.entry.first_set.max(other.entry.first_set);
        let last = self.entry.set.min(other.entry.set);
        (last + 1).saturating_sub(first)
    }
}

/// The files that have every reading of a range once: of this level where they are complete, else of finer ones.
pub(super) fn files(moment: &Moment, range: Range, level: Level) -> Vec<Chosen<'_>> {
    let of_level = |level| sources::files(moment, level, range);
    if level == Level::Raw {
        return of_level(level).map(|entry| Chosen { entry, range }).collect();
    }
    let levels = LEVELS.into_iter().filter(|each| *each <= level);
    let mut files: Vec<_> = levels.flat_map(of_level).flat_map(|entry| days(entry, range)).collect();
    files.sort_by_key(|file| (file.day, file.entry.first_set));
    let mut chosen: Vec<Chosen> = Vec::new();
    for day in files.chunk_by(|a, b| a.day == b.day) {
        let mut rest = day;
        while let Some(first) = rest.first() {
            // Files that share sets stand for the same readings, at several levels.
            let mut last_set = first.entry.set;
            let mut together = 1;
            while let Some(next) = rest.get(together).filter(|next| next.entry.first_set <= last_set) {
                last_set = last_set.max(next.entry.set);
                together += 1;
            }
            let (group, others) = rest.split_at(together);
            rest = others;
            let level = best_level(group);
            chosen
                .extend(group.iter().filter(|file| file.entry.level == level).map(|file| file.chosen(range)));
        }
    }
    join(chosen)
}

const LEVELS: [Level; 3] = [Level::Rollup(Step::Hour), Level::Rollup(Step::Minute), Level::Raw];

/// The coarsest level that has every set of the files of finer levels. One that seems to lack a set which has nothing of this
/// day is passed over too: it costs time, but no reading.
fn best_level(group: &[OfDay]) -> Level {
    let of = |level: Level| group.iter().filter(move |file| file.entry.level == level);
    let has = |level: Level, finer: &OfDay| {
        let had: u64 = of(level).map(|file| file.shared(finer)).sum();
        had > finer.entry.set - finer.entry.first_set
    };
    let has_all = |level: &Level| {
        of(*level).next().is_some()
            && group.iter().filter(|file| file.entry.level < *level).all(|finer| has(*level, finer))
    };
    LEVELS.into_iter().find(has_all).unwrap_or(Level::Raw)
}

/// The file as each day of a range sees it.
fn days(entry: &Arc<Entry>, range: Range) -> impl Iterator<Item = OfDay<'_>> {
    let first = entry.from_ms.max(range.from_ms).div_euclid(DAY_MS);
    let last = entry.to_ms.min(range.to_ms - 1).div_euclid(DAY_MS);
    (first..=last).map(move |day| OfDay { day, entry })
}

impl<'m> OfDay<'m> {
    fn chosen(&self, range: Range) -> Chosen<'m> {
        let day = Range { from_ms: self.day * DAY_MS, to_ms: (self.day + 1) * DAY_MS };
        Chosen { entry: self.entry, range: range.within(day) }
    }
}

/// Makes one of days of the same file that follow each other, so that it is read once.
fn join(mut chosen: Vec<Chosen>) -> Vec<Chosen> {
    chosen.sort_by(|a, b| (&a.entry.path, a.range.from_ms).cmp(&(&b.entry.path, b.range.from_ms)));
    chosen.dedup_by(|later, earlier| {
        let follows = Arc::ptr_eq(later.entry, earlier.entry) && earlier.range.to_ms == later.range.from_ms;
        if follows {
            earlier.range.to_ms = later.range.to_ms;
        }
        follows
    });
    chosen
}
