//! Roll-ups that were lost are made anew from what is there: from readings, or hours from minutes.

use super::{
    Work,
    catalogue::{Catalogue, Entry, Level},
    compact::stands_for,
    names::Name,
    retention,
    set::{Levels, Named, NewFile, SetWriter, part_path},
    work::{Flow, Halt, named},
};
use crate::files::{Effort, Step};
use std::{collections::HashMap, sync::Arc};

/// What is missing, and what it can be made from.
#[derive(Clone, PartialEq, Debug)]
enum Missing {
    OfReadings { raw: Arc<Entry>, minutes: bool, hours: bool },
    HoursOfMinutes { minutes: Arc<Entry> },
}

impl Work<'_> {
    /// Makes roll-ups anew where they are missing.
    pub(super) fn heal(&self) -> Flow<()> {
        let oldest = retention::oldest_day(self.history.retention.rollup_age, self.believed_ms());
        while let Some(missing) = missing(&self.history.catalogue.now(), oldest) {
            self.breathe()?;
            let done = match missing {
                Missing::OfReadings { raw, minutes, hours } => self.sum_up(&raw, minutes, hours)?,
                Missing::HoursOfMinutes { minutes } => self.sum_up_minutes(&minutes)?,
            };
            if !done {
                break;
            }
        }
        Ok(())
    }

    fn sum_up(&self, raw: &Arc<Entry>, minutes: bool, hours: bool) -> Flow<bool> {
        let effort = if raw.daily { Effort::Daily } else { Effort::Quick };
        let levels = Levels { raw: false, minutes, hours };
        let mut writer = SetWriter::create(&self.history.folders, raw.set, raw.day(), levels, effort)?;
        let file = self.raw(raw)?;
        if let Err(halt) = self.merge(&[file], 0, &mut writer) {
            if matches!(halt, Halt::Failed(_)) {
                writer.abandon();
            }
            return Err(halt);
        }
        let name = Name { daily: raw.daily, ..Name::new(raw.first_set, raw.set) };
        self.add(named(writer.finish()?, name).collect(), raw)
    }

    fn sum_up_minutes(&self, minutes: &Arc<Entry>) -> Flow<bool> {
        let level = Level::Rollup(Step::Hour);
        let part = part_path(&self.history.folders, level, minutes.day(), minutes.set)?;
        let hours = self.hours_of_minutes(minutes, &part)?;
        let (from_ms, to_ms) = (minutes.from_ms, minutes.to_ms);
        let file = NewFile { part, level, from_ms, to_ms, written: hours.written, sum: hours.sum };
        let named = Named::new(file, Name::new(minutes.first_set, minutes.set));
        self.add(vec![named], minutes)
    }

    /// Adds roll-ups of a file that is still there.
    fn add(&self, files: Vec<Named>, of: &Arc<Entry>) -> Flow<bool> {
        self.put(files, &mut || self.breathe(), |catalogue, entries| {
            let is_there = catalogue.entries.contains(of);
            if is_there {
                for new in &entries {
                    catalogue.entries.retain(|old| {
                        let same_day = old.level == new.level && old.day() == new.day() && !old.daily;
                        !(same_day && of.first_set <= old.first_set && old.set <= of.set)
                    });
                }
                catalogue.entries.extend(entries);
            }
            is_there
        })
    }
}

/// The first file whose readings are not in roll-ups, from this day on.
fn missing(catalogue: &Catalogue, oldest: Option<i64>) -> Option<Missing> {
    let hour = Level::Rollup(Step::Hour);
    let known: HashMap<(Level, i64, u64), &Arc<Entry>> = catalogue
        .entries
        .iter()
        .filter(|entry| !(entry.level == hour && entry.daily))
        .map(|entry| ((entry.level, entry.day(), entry.set), entry))
        .collect();
    let months: Vec<_> = catalogue.of(hour).filter(|entry| entry.daily).collect();
    let has = |level, entry: &Entry| {
        let same = known.get(&(level, entry.day(), entry.set));
        same.is_some_and(|same| same.first_set == entry.first_set)
            || level == hour && months.iter().any(|month| stands_for(month, entry))
    };
    let is_kept = |entry: &&Arc<Entry>| oldest.is_none_or(|oldest| entry.day() >= oldest);
    let of_readings = catalogue.of(Level::Raw).filter(is_kept).find_map(|raw| {
        let (minutes, hours) = (!has(Level::Rollup(Step::Minute), raw), !has(hour, raw));
        (minutes || hours).then(|| Missing::OfReadings { raw: Arc::clone(raw), minutes, hours })
    });
    of_readings.or_else(|| {
        let mut minutes = catalogue.of(Level::Rollup(Step::Minute)).filter(is_kept);
        let minutes = minutes.find(|minutes| !has(hour, minutes))?;
        Some(Missing::HoursOfMinutes { minutes: Arc::clone(minutes) })
    })
}
