//! What is removed when. Whole days go, the oldest first. All that are due go together: one replacement of the catalogue keeps
//! the disk busy for a moment, where one for each day of a month would delay commits.

use super::{
    Work,
    catalogue::{Catalogue, Entry, Level},
    merge::bit,
    names::{Name, date, day_of},
    set::{Levels, SetWriter},
    work::{Flow, Halt, named},
};
use crate::files::{Effort, Step};
use poe_wire::SensorKind;
use std::{sync::Arc, time::Duration};

/// How long readings are kept. Whole days are removed, the oldest first.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Retention {
    /// Readings older than this are removed; nothing: they are kept for ever.
    pub age: Option<Duration>,
    /// Readings of these kinds are removed when they are older than this. What they sum up to stays as long as other
    /// roll-ups.
    pub age_of_kind: Vec<(SensorKind, Duration)>,
    /// While the files with readings are larger than this, the oldest are removed. Neither roll-ups nor the log count: no
    /// reading is to go for what its going would not make smaller. Today's files count, and stay.
    pub bytes: Option<u64>,
    /// Roll-ups older than this are removed.
    pub rollup_age: Option<Duration>,
}

/// The first day that is not older than this, if there is such an age.
pub(super) fn oldest_day(age: Option<Duration>, now_ms: i64) -> Option<i64> {
    let age_ms = i64::try_from(age?.as_millis()).unwrap_or(i64::MAX);
    Some(day_of(now_ms.saturating_sub(age_ms)))
}

/// At once, so that a catalogue in which years are taken out is bounded all the same.
const DAYS_AT_ONCE: usize = 400;

/// All files of a level and a day or month, and why they go.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Gone {
    pub(super) files: Vec<Arc<Entry>>,
    pub(super) why: String,
}

/// What is to be removed next.
#[derive(Clone, PartialEq, Debug)]
enum Removal {
    /// All these together.
    Files(Vec<Gone>),
    /// Readings of some kinds, of one file.
    Kinds { file: Arc<Entry>, kinds: u8 },
}

impl Work<'_> {
    /// Removes what is due.
    pub(super) fn retain(&self) -> Flow<()> {
        loop {
            self.check_stopping()?;
            self.bury()?;
            let catalogue = self.history.catalogue.now();
            let Some(removal) = next(&catalogue, &self.history.retention, self.believed_ms()) else { break };
            drop(catalogue);
            match removal {
                Removal::Files(gone) => self.remove(&gone)?,
                Removal::Kinds { file, kinds } => self.remove_kinds(&file, kinds)?,
            }
            self.seal_if_due()?;
        }
        // Last, so that nothing goes for want of room that other removals make.
        self.make_room()
    }

    /// Takes these files out of the catalogue, which has also what is to be told until it is.
    pub(super) fn remove(&self, gone: &[Gone]) -> Flow<()> {
        let files: Vec<_> = gone.iter().flat_map(|gone| gone.files.iter().cloned()).collect();
        let texts: Vec<_> = gone.iter().filter_map(Gone::text).collect();
        self.history.catalogue.change(|catalogue| {
            let all = catalogue.take_out(&files);
            catalogue.untold.extend(texts.iter().filter(|_| all).cloned());
            all
        })?;
        Ok(self.history.catalogue.tell_removals()?)
    }

    fn remove_kinds(&self, file: &Arc<Entry>, kinds: u8) -> Flow<()> {
        let before = file.kinds_removed();
        let levels = Levels { raw: true, minutes: false, hours: false };
        let effort = if file.daily { Effort::Daily } else { Effort::Quick };
        let mut writer = SetWriter::create(&self.history.folders, file.set, file.day(), levels, effort)?;
        let raw = self.raw(file)?;
        let removed = match self.merge(&[raw], before | kinds, &mut writer) {
            Ok(removed) => removed,
            Err(halt) => {
                if matches!(halt, Halt::Failed(_)) {
                    writer.abandon();
                }
                return Err(halt);
            }
        };
        let name = Name {
            daily: file.daily,
            kinds_removed: before | kinds,
            sealed_through: file.name().and_then(|name| name.sealed_through),
            ..Name::new(file.first_set, file.set)
        };
        let files: Vec<_> = named(writer.finish()?, name).collect();
        let inputs = [Arc::clone(file)];
        let kinds = SensorKind::ALL.into_iter().filter(|kind| kinds & bit(*kind) != 0).map(SensorKind::name);
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        let day = date(file.day());
        let text =
            format!("{removed} readings of {day} were removed ({kinds}): they are older than such are kept");
        let text = (removed > 0).then_some(text);
        if files.is_empty() {
            self.history.catalogue.change(|catalogue| {
                let all = catalogue.take_out(&inputs);
                catalogue.untold.extend(text.filter(|_| all));
                all
            })?;
        } else {
            self.swap(files, &inputs, text)?;
        }
        Ok(self.history.catalogue.tell_removals()?)
    }
}

impl Gone {
    /// What is told of it; nothing of nothing.
    fn text(&self) -> Option<String> {
        let first = self.files.first()?;
        let day = first.day();
        let (rows, bytes) =
            self.files.iter().fold((0, 0), |sum, file| (sum.0 + file.rows, sum.1 + file.bytes));
        let what = match first.level {
            Level::Raw => format!("{rows} readings of {}", date(day)),
            Level::Rollup(Step::Minute) => format!("the minutes of {}", date(day)),
            Level::Rollup(Step::Hour) => format!("the hours of {}", super::names::month(day)),
        };
        Some(format!("{what} were removed ({bytes} bytes): {}", self.why))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// These files by day and level, the oldest first, as many as may go at once.
fn by_day<'a>(files: impl Iterator<Item = &'a Arc<Entry>>, why: &str) -> Vec<Gone> {
    let order = |entry: &Arc<Entry>| {
        let level = match entry.level {
            Level::Raw => 0,
            Level::Rollup(Step::Minute) => 1,
            Level::Rollup(Step::Hour) => 2,
        };
        (entry.day(), level)
    };
    let mut files: Vec<_> = files.cloned().collect();
    files.sort_by_key(order);
    let days = files.chunk_by(|a, b| order(a) == order(b)).take(DAYS_AT_ONCE);
    days.map(|files| Gone { files: files.to_vec(), why: why.to_owned() }).collect()
}

/// What is due, if anything.
fn next(catalogue: &Catalogue, retention: &Retention, now_ms: i64) -> Option<Removal> {
    let raw = || catalogue.of(Level::Raw);
    let Retention { age, age_of_kind, bytes, rollup_age } = retention;
    let is_before = |day: i64, oldest: Option<i64>| oldest.is_some_and(|oldest| day < oldest);

    let oldest = oldest_day(*age, now_ms);
    let too_old =
        by_day(raw().filter(|entry| is_before(entry.day(), oldest)), "they are older than readings are kept");
    if !too_old.is_empty() {
        return Some(Removal::Files(too_old));
    }

    let oldest = oldest_day(*rollup_age, now_ms);
    let rollups = catalogue.entries.iter().filter(|entry| matches!(entry.level, Level::Rollup(_)));
    let too_old = by_day(
        rollups.filter(|entry| is_before(day_of(entry.to_ms), oldest)),
        "they are older than roll-ups are kept",
    );
    if !too_old.is_empty() {
        return Some(Removal::Files(too_old));
    }

    if let Some(bytes) = bytes {
        let why = format!("all readings together are larger than {bytes} bytes");
        let mut left: u64 = raw().map(|entry| entry.bytes).sum();
        let mut too_many = by_day(raw().filter(|entry| entry.day() < day_of(now_ms)), &why);
        let needed = too_many.iter().take_while(|day| {
            let goes = left > *bytes;
            left -= day.bytes();
            goes
        });
        let needed = needed.count();
        too_many.truncate(needed);
        if !too_many.is_empty() {
            return Some(Removal::Files(too_many));
        }
    }

    // Of whole days: files without some kinds are not merged any more.
    raw().filter(|file| file.daily).find_map(|file| {
        let due = |(kind, age): &(SensorKind, Duration)| {
            oldest_day(Some(*age), now_ms).filter(|oldest| file.day() < *oldest).map(|_| bit(*kind))
        };
        let kinds = age_of_kind.iter().filter_map(due).fold(0, |kinds, kind| kinds | kind);
        let kinds = kinds & !file.kinds_removed();
        (kinds != 0).then(|| Removal::Kinds { file: Arc::clone(file), kinds })
    })
}

#[cfg(test)]
mod tests {
    use super::{super::DAY_MS, *};

    const DAY: Duration = Duration::from_hours(24);

    fn file(level: Level, day: i64, bytes: u64) -> Arc<Entry> {
        let (from_ms, to_ms) = (day * DAY_MS, day * DAY_MS + 5);
        let name = Name { from_ms, to_ms, ..Name::new(day as u64, day as u64) };
        let (set, first_set) = (day as u64, day as u64);
        let path = format!("{name}.parquet");
        Arc::new(Entry {
            path,
            level,
            from_ms,
            to_ms,
            rows: 9,
            bytes,
            footer_crc: 0,
            set,
            first_set,
            daily: true,
        })
    }

    fn ten_days() -> Catalogue {
        let levels = [Level::Raw, Level::Rollup(Step::Minute), Level::Rollup(Step::Hour)];
        let entries =
            levels.into_iter().flat_map(|level| (0..10).map(move |day| file(level, day, 100))).collect();
        Catalogue { entries, ..Catalogue::default() }
    }

    /// Level and day of all that goes, in this order, at noon of day 9.
    fn gone(retention: &Retention) -> Vec<(Level, i64)> {
        let mut catalogue = ten_days();
        let mut gone = Vec::new();
        while let Some(removal) = next(&catalogue, retention, 9 * DAY_MS + DAY_MS / 2) {
            let Removal::Files(days) = removal else { panic!("{removal:?}") };
            let files: Vec<_> = days.into_iter().flat_map(|day| day.files).collect();
            gone.extend(files.iter().map(|file| (file.level, file.day())));
            assert!(catalogue.take_out(&files));
        }
        gone
    }

    #[test]
    fn whole_days_go_by_age_and_the_oldest_first() {
        let age = |days| Retention { age: Some(DAY * days), ..Retention::default() };
        let raw = |days: std::ops::Range<i64>| days.map(|day| (Level::Raw, day)).collect::<Vec<_>>();
        assert_eq!(gone(&Retention::default()), []);
        assert_eq!(gone(&age(9)), []);
        assert_eq!(gone(&age(7)), raw(0..2));
        assert_eq!(gone(&Retention { bytes: Some(650), ..Retention::default() }), raw(0..4));
        assert_eq!(gone(&Retention { bytes: Some(0), ..Retention::default() },), raw(0..9), "never today's");
        let rollups = Retention { rollup_age: Some(DAY * 8), ..Retention::default() };
        assert_eq!(gone(&rollups), [(Level::Rollup(Step::Minute), 0), (Level::Rollup(Step::Hour), 0)]);
    }

    #[test]
    fn kinds_go_once_from_each_file() {
        let retention =
            Retention { age_of_kind: vec![(SensorKind::Motion, DAY * 8)], ..Retention::default() };
        let catalogue = ten_days();
        let due = next(&catalogue, &retention, 9 * DAY_MS);
        let first = Arc::clone(&catalogue.entries[0]);
        assert_eq!(due, Some(Removal::Kinds { file: Arc::clone(&first), kinds: bit(SensorKind::Motion) }));
        let mut done = catalogue;
        let name = Name { kinds_removed: bit(SensorKind::Motion), ..first.name().unwrap() };
        done.entries[0] = Arc::new(Entry { path: format!("{name}.parquet"), ..Entry::clone(&first) });
        assert_eq!(next(&done, &retention, 9 * DAY_MS), None);
    }
}
