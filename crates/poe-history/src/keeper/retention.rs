//! What is removed when. Whole days go, the oldest first, one at a time.

use super::{
    Notice, Work,
    catalogue::{Catalogue, Entry, Level},
    merge::bit,
    names::{Name, date, day_of},
    set::{Levels, SetWriter},
    work::{Flow, Halt, named},
};
use crate::{
    HistoryError,
    files::{Effort, Step},
};
use poe_wire::SensorKind;
use std::{path::Path, sync::Arc, time::Duration};

/// How long readings are kept. Whole days are removed, the oldest first.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Retention {
    /// Readings older than this are removed; nothing: they are kept for ever.
    pub age: Option<Duration>,
    /// Readings of these kinds are removed when they are older than this. What they sum up to stays as long as other
    /// roll-ups.
    pub age_of_kind: Vec<(SensorKind, Duration)>,
    /// While the files with readings are larger than this, the oldest are removed.
    pub bytes: Option<u64>,
    /// Roll-ups older than this are removed.
    pub rollup_age: Option<Duration>,
}

/// What the disk has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Space {
    /// Bytes that we may write.
    pub(crate) free: u64,
    /// Bytes in all.
    pub(crate) total: u64,
}

/// So much is left free for alarms, the journal and the table: a gigabyte of log and half of what an upgrade copies would fit,
/// and on a large disk other programs need some too.
const RESERVE_BYTES: u64 = 512 << 20;
const RESERVE_PERCENT: u64 = 2;

impl Space {
    /// What the disk of a folder has.
    pub(crate) fn of(folder: &Path) -> crate::error::Result<Self> {
        let found = nix::sys::statvfs::statvfs(folder)
            .map_err(|errno| HistoryError::disk("look how much is free for", folder, errno.into()))?;
        let fragment = found.fragment_size();
        Ok(Self { free: found.blocks_available() * fragment, total: found.blocks() * fragment })
    }

    fn is_short(self) -> bool {
        self.free < self.reserve()
    }

    /// A small disk, on which half of it would have to be free, has a tenth.
    fn reserve(self) -> u64 {
        (self.total / 100 * RESERVE_PERCENT).max(RESERVE_BYTES.min(self.total / 10))
    }
}

/// The first day that is not older than this, if there is such an age.
pub(super) fn oldest_day(age: Option<Duration>, now_ms: i64) -> Option<i64> {
    let age_ms = i64::try_from(age?.as_millis()).unwrap_or(i64::MAX);
    Some(day_of(now_ms.saturating_sub(age_ms)))
}

/// What is to be removed next.
#[derive(Clone, PartialEq, Debug)]
enum Removal {
    /// All these, of one day or month.
    Files { files: Vec<Arc<Entry>>, why: String },
    /// Readings of some kinds, of one file.
    Kinds { file: Arc<Entry>, kinds: u8 },
}

impl Work<'_> {
    /// Removes what is due.
    pub(super) fn retain(&self) -> Flow<()> {
        loop {
            self.check_stopping()?;
            let space = (self.keeping.space)(&self.history.folders.data)?;
            // What is removed, but still read, will be free in a moment: nothing more goes for want of space until then.
            let space = (self.bury()? == 0).then_some(space);
            let catalogue = self.history.catalogue.now();
            let Some(removal) = next(&catalogue, &self.keeping.retention, self.now_ms(), space) else {
                return Ok(());
            };
            drop(catalogue);
            match removal {
                Removal::Files { files, why } => self.remove(&files, &why)?,
                Removal::Kinds { file, kinds } => self.remove_kinds(&file, kinds)?,
            }
            self.seal_if_due()?;
        }
    }

    fn remove(&self, files: &[Arc<Entry>], why: &str) -> Flow<()> {
        let Some(first) = files.first() else { return Ok(()) };
        let (level, day) = (first.level, first.day());
        if !self.history.catalogue.change(|catalogue| catalogue.take_out(files))? {
            return Ok(());
        }
        let (rows, bytes) = files.iter().fold((0, 0), |sum, file| (sum.0 + file.rows, sum.1 + file.bytes));
        let what = match level {
            Level::Raw => format!("{rows} readings of {}", date(day)),
            Level::Rollup(Step::Minute) => format!("the minutes of {}", date(day)),
            Level::Rollup(Step::Hour) => format!("the hours of {}", super::names::month(day)),
        };
        self.history
            .catalogue
            .notice(Notice::Removed { text: format!("{what} were removed ({bytes} bytes): {why}") });
        Ok(())
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
        let done = if files.is_empty() {
            self.history.catalogue.change(|catalogue| catalogue.take_out(&inputs))?
        } else {
            self.swap(files, &inputs)?
        };
        if done && removed > 0 {
            let kinds =
                SensorKind::ALL.into_iter().filter(|kind| kinds & bit(*kind) != 0).map(SensorKind::name);
            let kinds = kinds.collect::<Vec<_>>().join(", ");
            let day = date(file.day());
            let text = format!(
                "{removed} readings of {day} were removed ({kinds}): they are older than such are kept"
            );
            self.history.catalogue.notice(Notice::Removed { text });
        }
        Ok(())
    }
}

/// What is due, if anything. `space` is not given while it would not be right.
fn next(catalogue: &Catalogue, retention: &Retention, now_ms: i64, space: Option<Space>) -> Option<Removal> {
    let raw = || catalogue.of(Level::Raw);
    // Of the oldest of some files, all of its day.
    let day_of_oldest = |before: Option<i64>, why: String| {
        let day =
            raw().map(|entry| entry.day()).min().filter(|day| before.is_some_and(|before| *day < before))?;
        let files = raw().filter(|entry| entry.day() == day).cloned().collect();
        Some(Removal::Files { files, why })
    };
    let Retention { age, age_of_kind, bytes, rollup_age } = retention;
    let too_old = day_of_oldest(oldest_day(*age, now_ms), "they are older than readings are kept".to_owned());
    if too_old.is_some() {
        return too_old;
    }
    let oldest_rollups = oldest_day(*rollup_age, now_ms);
    let old = |entry: &&Arc<Entry>| {
        matches!(entry.level, Level::Rollup(_))
            && oldest_rollups.is_some_and(|oldest| day_of(entry.to_ms) < oldest)
    };
    if let Some(first) = catalogue.entries.iter().find(old) {
        let same = |entry: &&Arc<Entry>| (entry.level, entry.day()) == (first.level, first.day());
        let files = catalogue.entries.iter().filter(same).filter(old).cloned().collect();
        return Some(Removal::Files { files, why: "they are older than roll-ups are kept".to_owned() });
    }
    let today = Some(day_of(now_ms));
    if let Some(bytes) = bytes
        && raw().map(|entry| entry.bytes).sum::<u64>() > *bytes
        && let Some(removal) =
            day_of_oldest(today, format!("all readings together are larger than {bytes} bytes"))
    {
        return Some(removal);
    }
    if let Some(space) = space.filter(|space| space.is_short())
        && let Some(removal) =
            day_of_oldest(today, format!("the disk is nearly full ({} bytes are free)", space.free))
    {
        return Some(removal);
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
    fn gone(retention: &Retention, mut space: Option<Space>) -> Vec<(Level, i64)> {
        let mut catalogue = ten_days();
        let mut gone = Vec::new();
        while let Some(removal) = next(&catalogue, retention, 9 * DAY_MS + DAY_MS / 2, space) {
            let Removal::Files { files, .. } = removal else { panic!("{removal:?}") };
            gone.extend(files.iter().map(|file| (file.level, file.day())));
            space = space.map(|space| Space { free: space.free + 100, ..space });
            assert!(catalogue.take_out(&files));
        }
        gone
    }

    #[test]
    fn whole_days_go_by_age_and_the_oldest_first() {
        let age = |days| Retention { age: Some(DAY * days), ..Retention::default() };
        let raw = |days: std::ops::Range<i64>| days.map(|day| (Level::Raw, day)).collect::<Vec<_>>();
        assert_eq!(gone(&Retention::default(), None), []);
        assert_eq!(gone(&age(9), None), []);
        assert_eq!(gone(&age(7), None), raw(0..2));
        assert_eq!(gone(&Retention { bytes: Some(650), ..Retention::default() }, None), raw(0..4));
        assert_eq!(
            gone(&Retention { bytes: Some(0), ..Retention::default() }, None),
            raw(0..9),
            "never today's"
        );
        let rollups = Retention { rollup_age: Some(DAY * 8), ..Retention::default() };
        assert_eq!(gone(&rollups, None), [(Level::Rollup(Step::Minute), 0), (Level::Rollup(Step::Hour), 0)]);
    }

    #[test]
    fn when_the_disk_is_nearly_full_the_oldest_day_goes() {
        let total = 100 << 30;
        let space = |missing| Some(Space { free: total / 100 * 2 - missing, total });
        assert_eq!(gone(&Retention::default(), space(0)), []);
        assert_eq!(gone(&Retention::default(), space(150)), [(Level::Raw, 0), (Level::Raw, 1)]);
    }

    #[test]
    fn kinds_go_once_from_each_file() {
        let retention =
            Retention { age_of_kind: vec![(SensorKind::Motion, DAY * 8)], ..Retention::default() };
        let catalogue = ten_days();
        let due = next(&catalogue, &retention, 9 * DAY_MS, None);
        let first = Arc::clone(&catalogue.entries[0]);
        assert_eq!(due, Some(Removal::Kinds { file: Arc::clone(&first), kinds: bit(SensorKind::Motion) }));
        let mut done = catalogue;
        let name = Name { kinds_removed: bit(SensorKind::Motion), ..first.name().unwrap() };
        done.entries[0] = Arc::new(Entry { path: format!("{name}.parquet"), ..Entry::clone(&first) });
        assert_eq!(next(&done, &retention, 9 * DAY_MS, None), None);
    }
}
