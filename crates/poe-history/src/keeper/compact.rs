//! Many files become few: within a day while it lasts, one for the day when it is over, and hours one for the month.
//!
//! **What is merged.** Raw files of one UTC day whose sets follow each other; the new one stands for all sets from the lowest to
//! the highest of them, has the highest as its number, and of two readings with the same time the lower set's comes first, as
//! they came. Nothing is left out, since two readings may be alike. Readings that come late, as an import brings them, are
//! merged with their day's file likewise. Files from which kinds were removed are final: their roll-ups know more than they do.
//!
//! **What becomes of roll-ups.** Minutes are summed up anew from the readings, and replace those of the inputs. So do hours, unless
//! the hours of one of the inputs are part of a month's file: then all hours stay as they are, and none are written, so that no
//! hour is ever counted twice. Such a day is answered from minutes, since its sets and those of its hours differ.
//!
//! **Months.** When a month is over, each of its days has one raw file at most, and each one file with hours, these become one
//! file. Days do not share hours, so that they only follow each other.

use super::{
    Work,
    catalogue::{Catalogue, Entry, Level},
    names::{Name, day_of, month},
    set::{Levels, Named, NewFile, SetWriter, part_path},
    work::{Flow, Halt, named},
};
use crate::{
    error::Result,
    files::{Effort, Step},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// So many files of a size become one. Fewer would write each reading more often, more would leave more files to be asked.
const QUICK_FILES: usize = 8;

/// Files that are merged at once, each of which takes memory.
const INPUTS_MAX: usize = 16;

/// The directories of the inputs in memory, together. Sixteen files of a campus of 400,000 sensors would have 200 MB.
const DIRECTORIES_BYTES_MAX: usize = 40 << 20;

/// A quick file does not become larger than this, since all of it is written again at the day's end: 10 s of work.
const QUICK_READINGS_MAX: u64 = 128 << 20;

/// A day with more readings has several files; 6,000 readings a second have one.
const DAILY_READINGS_MAX: u64 = 512 << 20;

/// A day is over for the files when it has been over for so long: clocks differ, and what is late by a little belongs to it.
const DAY_SETTLES_MS: i64 = 5 * 60_000;

/// Files that are to become one.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Job {
    pub(super) inputs: Vec<Arc<Entry>>,
    pub(super) effort: Effort,
}

/// What to look at when choosing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now<'a> {
    /// The first day that is not over.
    pub(super) today: i64,
    /// Days of which readings may be in the log, as ranges of days.
    pub(super) waiting: &'a [(i64, i64)],
    /// Bytes that may be written before what was read is deleted. A merge that needs more waits.
    pub(super) room: u64,
}

impl Now<'_> {
    fn has_room_for(&self, inputs: &[Arc<Entry>]) -> bool {
        inputs.iter().map(|input| input.bytes).sum::<u64>() <= self.room
    }

    fn is_over(&self, day: i64) -> bool {
        day < self.today && !self.waiting.iter().any(|(first, last)| *first <= day && day <= *last)
    }
}

impl Work<'_> {
    /// Merges files until there is nothing more to merge. `settled`: days count as over the moment they are.
    pub(super) fn compact(&self, settled: bool) -> Flow<()> {
        loop {
            self.check_stopping()?;
            let moment = self.history.now();
            let times = moment.segments.iter().filter_map(|segment| segment.times_ms());
            let waiting: Vec<_> = times.map(|(from_ms, to_ms)| (day_of(from_ms), day_of(to_ms))).collect();
            let settles_ms = if settled { 0 } else { DAY_SETTLES_MS };
            let room = self.room_to_merge()?;
            let now = Now { today: day_of(self.now_ms() - settles_ms), waiting: &waiting, room };
            self.keeping.is_merging.set(true);
            let merged = if let Some(job) = choose(&moment.catalogue, now) {
                drop(moment);
                self.merge_raw(&job).map(|()| true)
            } else if let Some(inputs) = choose_month(&moment.catalogue, now) {
                drop(moment);
                self.merge_month(&inputs).map(|()| true)
            } else {
                Ok(false)
            };
            self.keeping.is_merging.set(false);
            if !merged? {
                return Ok(());
            }
            self.bury()?;
            self.breathe()?;
        }
    }

    fn merge_raw(&self, job: &Job) -> Flow<()> {
        let mut files = Vec::new();
        let mut bytes = 0;
        for input in &job.inputs {
            let file = self.raw(input)?;
            bytes += file.bytes();
            if bytes > DIRECTORIES_BYTES_MAX && files.len() >= 2 {
                break;
            }
            files.push(file);
        }
        let inputs = job.inputs.get(..files.len()).unwrap_or_default();
        let whole = inputs.len() == job.inputs.len();
        let Some((first, last)) = inputs.first().zip(inputs.last()) else { return Ok(()) };
        let effort = if whole { job.effort } else { Effort::Quick };
        let name = Name {
            daily: effort == Effort::Daily,
            sealed_through: inputs.iter().filter_map(|input| input.name()?.sealed_through).max(),
            ..Name::new(first.first_set, last.set)
        };
        // The hours of a single file would be written anew under the name that they have, where somebody may be reading them.
        let hours = inputs.len() > 1
            && !self
                .history
                .catalogue
                .now()
                .of(Level::Rollup(Step::Hour))
                .any(|hours| hours.daily && inputs.iter().any(|input| stands_for(hours, input)));
        let levels = Levels { raw: true, minutes: true, hours };
        let mut writer = SetWriter::create(&self.history.folders, last.set, first.day(), levels, effort)?;
        if let Err(halt) = self.merge(&files, 0, &mut writer) {
            if matches!(halt, Halt::Failed(_)) {
                writer.abandon();
            }
            return Err(halt);
        }
        drop(files);
        self.swap(named(writer.finish()?, name).collect(), inputs, None)?;
        Ok(())
    }

    /// Replaces raw files, and the roll-ups that stand for the same, by new ones. What is removed by it is to be told.
    pub(super) fn swap(
        &self,
        files: Vec<Named>,
        inputs: &[Arc<Entry>],
        removed: Option<String>,
    ) -> Flow<bool> {
        let levels: Vec<_> = files.iter().map(|named| named.file.level).collect();
        self.put(files, &mut || self.breathe(), |catalogue, entries| {
            // A file that was found damaged meanwhile is in none of them any more; then this was in vain.
            if !catalogue.take_out(inputs) {
                return false;
            }
            catalogue.entries.retain(|old| {
                let replaced = levels.contains(&old.level)
                    && matches!(old.level, Level::Rollup(_))
                    && !is_months(old)
                    && inputs.iter().any(|input| old.day() == input.day() && within(old, input));
                !replaced
            });
            catalogue.entries.extend(entries);
            catalogue.untold.extend(removed);
            true
        })
    }

    fn merge_month(&self, inputs: &[Arc<Entry>]) -> Flow<()> {
        let Some(first) = inputs.first() else { return Ok(()) };
        let files = inputs.iter().map(|input| self.rollups(input)).collect::<Result<Vec<_>>>()?;
        let level = Level::Rollup(Step::Hour);
        let name = Name {
            daily: true,
            ..Name::new(
                inputs.iter().map(|input| input.first_set).min().unwrap_or_default(),
                inputs.iter().map(|input| input.set).max().unwrap_or_default(),
            )
        };
        let part = part_path(&self.history.folders, level, first.day(), name.set)?;
        let hours = self.merge_hours(&files, &part)?;
        let file = NewFile {
            part,
            level,
            from_ms: inputs.iter().map(|input| input.from_ms).min().unwrap_or_default(),
            to_ms: inputs.iter().map(|input| input.to_ms).max().unwrap_or_default(),
            written: hours.written,
            sum: hours.sum,
        };
        let name = Name { from_ms: file.from_ms, to_ms: file.to_ms, ..name };
        self.put(vec![Named { file, name }], &mut || self.breathe(), |catalogue, entries| {
            let all = catalogue.take_out(inputs);
            if all {
                catalogue.entries.extend(entries);
            }
            all
        })?;
        Ok(())
    }
}

/// Whether a file with hours is a whole month's.
fn is_months(entry: &Entry) -> bool {
    entry.level == Level::Rollup(Step::Hour) && entry.daily
}

/// Whether all sets that `part` stands for are among those of `whole`.
fn within(part: &Entry, whole: &Entry) -> bool {
    whole.first_set <= part.first_set && part.set <= whole.set
}

/// Whether a month's hours have some of a raw file's.
pub(super) fn stands_for(hours: &Entry, raw: &Entry) -> bool {
    let days = day_of(hours.from_ms)..=day_of(hours.to_ms);
    days.contains(&raw.day()) && hours.first_set <= raw.set && raw.first_set <= hours.set
}

/// The next raw files to become one: of the oldest day that is over, else of one that is not.
pub(super) fn choose(catalogue: &Catalogue, now: Now<'_>) -> Option<Job> {
    let mut days: BTreeMap<i64, Vec<Arc<Entry>>> = BTreeMap::new();
    for entry in catalogue.of(Level::Raw) {
        if entry.kinds_removed() == 0 {
            days.entry(entry.day()).or_default().push(Arc::clone(entry));
        }
    }
    days.into_iter().find_map(|(day, mut files)| {
        files.sort_by_key(|file| file.set);
        let job = if now.is_over(day) { choose_daily(&files) } else { choose_quick(&files) };
        job.filter(|job| now.has_room_for(&job.inputs))
    })
}

/// Neighbours of about a size, the oldest first: each has an eighth of a file of the next size, or less.
fn choose_quick(files: &[Arc<Entry>]) -> Option<Job> {
    let tier = |file: &Entry| file.rows.max(1).ilog2() / 3;
    let tiers: BTreeSet<u32> = files.iter().map(|file| tier(file)).collect();
    tiers.into_iter().find_map(|most| {
        files
            .chunk_by(|a, b| (tier(a) <= most) == (tier(b) <= most))
            .filter(|run| run.first().is_some_and(|file| tier(file) <= most))
            .filter_map(|run| {
                fitting(run, INPUTS_MAX, QUICK_READINGS_MAX).into_iter().find(|run| run.len() >= QUICK_FILES)
            })
            .map(|run| Job { inputs: run.to_vec(), effort: Effort::Quick })
            .next()
    })
}

/// All files of a day, or so many of them that a file does not become too large.
fn choose_daily(files: &[Arc<Entry>]) -> Option<Job> {
    let is_due = |run: &[Arc<Entry>]| run.len() > 1 || run.iter().any(|file| !file.daily);
    let run = fitting(files, usize::MAX, DAILY_READINGS_MAX).into_iter().find(|run| is_due(run))?;
    if run.len() <= INPUTS_MAX {
        return Some(Job { inputs: run.to_vec(), effort: Effort::Daily });
    }
    // The smallest neighbours first, so that as little as possible is written twice.
    let some = run.windows(INPUTS_MAX).min_by_key(|some| some.iter().map(|file| file.rows).sum::<u64>())?;
    Some(Job { inputs: some.to_vec(), effort: Effort::Quick })
}

/// Cuts a run of files where one of them would become too large.
fn fitting(files: &[Arc<Entry>], files_max: usize, readings_max: u64) -> Vec<&[Arc<Entry>]> {
    let mut runs = Vec::new();
    let (mut begin, mut readings) = (0, 0);
    for (at, file) in files.iter().enumerate() {
        if at > begin && (at - begin == files_max || readings + file.rows > readings_max) {
            runs.push(&files[begin..at]);
            (begin, readings) = (at, 0);
        }
        readings += file.rows;
    }
    runs.push(&files[begin..]);
    runs
}

/// The hours of a month that is over, if they can become one file.
pub(super) fn choose_month(catalogue: &Catalogue, now: Now<'_>) -> Option<Vec<Arc<Entry>>> {
    let mut months: BTreeMap<String, Vec<Arc<Entry>>> = BTreeMap::new();
    for entry in catalogue.of(Level::Rollup(Step::Hour)) {
        months.entry(month(entry.day())).or_default().push(Arc::clone(entry));
    }
    let mut raw: BTreeMap<i64, Vec<&Arc<Entry>>> = BTreeMap::new();
    for entry in catalogue.of(Level::Raw) {
        raw.entry(entry.day()).or_default().push(entry);
    }
    months.into_values().find(|hours| {
        let days: BTreeSet<i64> = hours.iter().map(|entry| entry.day()).collect();
        let Some((first, last)) = days.first().zip(days.last()) else { return false };
        let name = month(*first);
        let begin =
            (0..31).map(|back| first - back).take_while(|day| month(*day) == name).last().unwrap_or(*first);
        let end = (0..31).map(|on| last + on).take_while(|day| month(*day) == name).last().unwrap_or(*last);
        let is_daily = |day: i64| match raw.get(&day).map(Vec::as_slice) {
            None => true,
            // Its hours have the same sets, or it waits for hours that are missing.
            Some([one]) => one.daily && hours.iter().any(|entry| entry.day() == day && within(one, entry)),
            Some(_) => false,
        };
        days.len() == hours.len()
            && hours.iter().all(|entry| !entry.daily)
            && now.has_room_for(hours)
            && (begin..=end).all(|day| now.is_over(day) && is_daily(day))
    })
}

#[cfg(test)]
mod tests {
    use super::{super::DAY_MS, *};
    use proptest::prelude::*;

    fn raw(day: i64, set: u64, rows: u64, daily: bool) -> Arc<Entry> {
        of(Level::Raw, day, set, rows, daily)
    }

    fn of(level: Level, day: i64, set: u64, rows: u64, daily: bool) -> Arc<Entry> {
        let (from_ms, to_ms) = (day * DAY_MS, day * DAY_MS + 5);
        Arc::new(Entry {
            path: format!("{set}"),
            level,
            from_ms,
            to_ms,
            rows,
            bytes: rows,
            footer_crc: 0,
            set,
            first_set: set,
            daily,
        })
    }

    fn chosen(entries: Vec<Arc<Entry>>, today: i64, waiting: &[(i64, i64)]) -> Option<(Vec<u64>, Effort)> {
        let catalogue = Catalogue { entries, ..Catalogue::default() };
        let job = choose(&catalogue, Now { today, waiting, room: u64::MAX })?;
        Some((job.inputs.iter().map(|entry| entry.set).collect(), job.effort))
    }

    #[test]
    fn eight_neighbours_of_a_size_become_one() {
        let files = |n: u64| (0..n).map(|set| raw(5, set, 1_000, false)).collect::<Vec<_>>();
        assert_eq!(chosen(files(7), 5, &[]), None);
        assert_eq!(chosen(files(8), 5, &[]), Some(((0..8).collect(), Effort::Quick)));
        assert_eq!(chosen(files(40), 5, &[]), Some(((0..16).collect(), Effort::Quick)));
        let mut mixed = files(9);
        mixed[0] = raw(5, 0, 9_000, false);
        assert_eq!(chosen(mixed.clone(), 5, &[]), Some(((1..9).collect(), Effort::Quick)));
        mixed[4] = raw(5, 4, 3, false);
        assert_eq!(
            chosen(mixed.clone(), 5, &[]),
            Some(((1..9).collect(), Effort::Quick)),
            "a small one between"
        );
        mixed[4] = raw(5, 4, 90_000, false);
        assert_eq!(chosen(mixed, 5, &[]), Some(((0..9).collect(), Effort::Quick)), "sets stay in order");
    }

    #[test]
    fn a_merge_for_which_there_is_no_room_waits_and_smaller_ones_go_on() {
        let mut entries = vec![raw(4, 1, 9_000, false), raw(4, 2, 9_000, false)];
        entries.extend((0..8).map(|set| raw(5, set + 3, 1_000, false)));
        let catalogue = Catalogue { entries, ..Catalogue::default() };
        let day =
            |room| choose(&catalogue, Now { today: 5, waiting: &[], room }).map(|job| job.inputs[0].day());
        assert_eq!([18_000, 17_999, 7_999].map(day), [Some(4), Some(5), None]);
    }

    #[test]
    fn a_day_that_is_over_becomes_one_file() {
        let files = vec![raw(5, 1, 10, false), raw(5, 3, 1_000, false), raw(6, 2, 10, false)];
        assert_eq!(chosen(files.clone(), 6, &[]), Some((vec![1, 3], Effort::Daily)));
        assert_eq!(chosen(files, 6, &[(4, 9)]), None, "some of it may be in the log");
        assert_eq!(chosen(vec![raw(5, 1, 10, true)], 6, &[]), None, "it is done");
        assert_eq!(chosen(vec![raw(5, 1, 10, false)], 6, &[]), Some((vec![1], Effort::Daily)));
        let late = vec![raw(5, 1, 10, true), raw(5, 7, 2, false)];
        assert_eq!(chosen(late, 9, &[]), Some((vec![1, 7], Effort::Daily)));
        let large = vec![raw(5, 1, DAILY_READINGS_MAX, true), raw(5, 7, 2, false), raw(5, 8, 2, false)];
        assert_eq!(chosen(large, 9, &[]), Some((vec![7, 8], Effort::Daily)));
        let many: Vec<_> = (0..20).map(|set| raw(5, set, 100 - set, false)).collect();
        assert_eq!(chosen(many, 9, &[]), Some(((4..20).collect(), Effort::Quick)));
    }

    #[test]
    fn a_month_that_is_over_becomes_one_file() {
        let hours = |day, set| of(Level::Rollup(Step::Hour), day, set, 24, false);
        let chosen = |entries, today| {
            let catalogue = Catalogue { entries, ..Catalogue::default() };
            choose_month(&catalogue, Now { today, waiting: &[], room: u64::MAX })
                .map(|inputs| inputs.iter().map(|entry| entry.set).collect::<Vec<_>>())
        };
        // January 1970 has the days 0 to 30.
        let january = vec![raw(3, 1, 9, true), hours(3, 1), raw(9, 2, 9, true), hours(9, 2), hours(40, 3)];
        assert_eq!(chosen(january.clone(), 30), None);
        assert_eq!(chosen(january.clone(), 31), Some(vec![1, 2]));
        let with = |entry| january.iter().cloned().chain([entry]).collect();
        assert_eq!(chosen(with(raw(4, 5, 9, true)), 31), None, "its hours are missing");
        assert_eq!(chosen(with(hours(9, 6)), 31), None, "a day with two files waits until it has one");
        assert_eq!(chosen(with(raw(9, 6, 9, false)), 31), None, "a day is not done");
    }

    proptest! {
        #[test]
        fn merging_comes_to_an_end_and_loses_nothing(sizes in prop::collection::vec(1u64..100_000, 1..60), over: bool) {
            let mut files: Vec<_> = sizes.iter().enumerate().map(|(n, rows)| raw(5, n as u64, *rows, false)).collect();
            let today = if over { 6 } else { 5 };
            let mut rounds = 0;
            while let Some((sets, effort)) = chosen(files.clone(), today, &[]) {
                let rows = files.iter().filter(|file| sets.contains(&file.set)).map(|file| file.rows).sum();
                let at = files.iter().position(|file| sets.contains(&file.set)).unwrap();
                files.retain(|file| !sets.contains(&file.set));
                files.insert(at, raw(5, *sets.last().unwrap(), rows, effort == Effort::Daily));
                prop_assert!(files.is_sorted_by_key(|file| file.set));
                rounds += 1;
                prop_assert!(rounds < 100);
            }
            prop_assert_eq!(files.iter().map(|file| file.rows).sum::<u64>(), sizes.iter().sum::<u64>());
            if over { prop_assert_eq!(files.len(), 1); } else { prop_assert!(files.len() < 60); }
        }
    }
}
