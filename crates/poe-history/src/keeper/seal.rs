//! Segments of the log become files: for each UTC day in them a set of readings, minutes and hours.

use super::{
    DAY_MS, Work,
    gather::{self, Gather},
    names::{Name, day_of},
    set::{Levels, Named, NewFile, SetWriter, discard},
    steps::DiskStep,
    work::{Flow, Halt, named},
};
use crate::{Range, error::Result, files::Effort, log::Segment};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// A busy building is sealed this often: each time its files are some more to be compacted, and the log is read from memory.
const SEAL_AFTER: Duration = Duration::from_secs(60);

/// With less than this in the log nothing is sealed, so that a quiet building does not make a file a minute. The log's
/// list in memory answers for it.
const SEAL_BYTES_MIN: u64 = 16 << 20;

/// With so much in the log it is sealed at once, since it is read again at a start (2 s for a gigabyte).
const SEAL_BYTES: u64 = 64 << 20;

/// Nothing waits longer than this, so that other tools see a quiet building's readings too.
pub(super) const SEAL_LATEST: Duration = Duration::from_hours(1);

/// Readings that are sealed together: files of some 20 MB, in half a minute at most.
const SEAL_READINGS_MAX: u64 = 64 << 20;

/// In the name of what is written before it has a number: no set has this.
const PART: u64 = 0;

/// Days that are written side by side: each has three files open. More, which only an import has, take another round.
const DAYS_AT_ONCE: usize = 4;

impl Work<'_> {
    /// Seals what is old or large enough.
    pub(super) fn seal_if_due(&self) -> Flow<()> {
        while self.seal_some(None)? {}
        Ok(())
    }

    /// Seals everything that is in the log by now.
    pub(super) fn seal_all(&self) -> Flow<()> {
        let last = self.history.waiting.segments().last().map_or(0, |segment| segment.number());
        while self.seal_some(Some(last))? {}
        Ok(())
    }

    /// Seals some closed segments, the oldest, if it is time; or, up to a number, at once. Whether there was something to do.
    fn seal_some(&self, now_through: Option<u64>) -> Flow<bool> {
        self.check_stopping()?;
        let waiting = self.history.now().segments;
        let Some(oldest) = waiting.iter().find(|segment| segment.readings() > 0) else { return Ok(false) };
        let bytes: u64 = waiting.iter().map(|segment| segment.bytes()).sum();
        let now = now_through.is_some_and(|last| oldest.number() <= last);
        let latest = self.keeping.pace.seal_latest;
        if !now && (now_through.is_some() || !is_due(bytes, oldest.begun().elapsed(), latest)) {
            return Ok(false);
        }
        if waiting.iter().all(|segment| !segment.is_closed()) {
            // It is closed at once, unless a batch is being added: then the next round finds it closed.
            self.history.waiting.cut();
        }
        let mut readings = 0;
        let closed: Vec<_> = self
            .history
            .now()
            .segments
            .into_iter()
            .take_while(|segment| {
                let fits = readings == 0 || readings + segment.readings() <= SEAL_READINGS_MAX;
                readings += segment.readings();
                segment.is_closed() && fits
            })
            .collect();
        if closed.is_empty() {
            return Ok(false);
        }
        self.seal(&closed)?;
        Ok(true)
    }

    fn seal(&self, segments: &[Arc<Segment>]) -> Flow<()> {
        let through = segments.last().map_or(0, |segment| segment.number());
        let mut sets = Vec::new();
        let mut writers = BTreeMap::new();
        if let Err(halt) = self.write(segments, &mut writers, &mut sets) {
            if matches!(halt, Halt::Failed(_)) {
                writers.into_values().for_each(SetWriter::abandon);
                sets.iter().flatten().for_each(|file| discard(&file.part));
            }
            return Err(halt);
        }
        // Who imports meanwhile waits with its numbers.
        let numbering = self.history.catalogue.numbering();
        let mut next_set = self.history.catalogue.now().next_set.max(1);
        let mut files: Vec<Named> = Vec::new();
        for set in sets {
            files.extend(named(set, Name::new(next_set, next_set)));
            next_set += 1;
        }
        // The last readings to get their name say what is sealed: with them, all others have theirs.
        files.sort_by_key(|named| std::cmp::Reverse(named.file.level));
        if let Some(last) = files.last_mut() {
            last.name.sealed_through = Some(through);
        }
        self.put(files, &mut || self.check_stopping(), |catalogue, entries| {
            catalogue.entries.extend(entries);
            catalogue.sealed_through = through;
            catalogue.next_set = next_set;
            true
        })?;
        drop(numbering);
        self.history.waiting.remove(through)?;
        self.history.catalogue.steps.reached(DiskStep::LogRemoved);
        Ok(())
    }

    /// Removes from the log what is in files, and was left there by a crash or a failure.
    pub(super) fn remove_sealed(&self) -> Flow<()> {
        let through = self.history.catalogue.now().sealed_through;
        if self.history.waiting.segments().iter().any(|segment| segment.number() <= through) {
            self.history.catalogue.sync()?;
            self.history.waiting.remove(through)?;
        }
        Ok(())
    }

    fn write(
        &self,
        segments: &[Arc<Segment>],
        writers: &mut BTreeMap<i64, SetWriter>,
        sets: &mut Vec<Vec<NewFile>>,
    ) -> Flow<()> {
        let mut gather = Gather::default();
        for days in groups(&days(segments)?) {
            let times = Range { from_ms: days[0] * DAY_MS, to_ms: (days[days.len() - 1] + 1) * DAY_MS };
            for pass in gather::passes(segments, times)? {
                self.check_stopping()?;
                gather.pass(segments, &pass, &mut |sensor, mut readings| -> Flow<()> {
                    while let Some(first) = readings.first() {
                        let day = day_of(first.time_ms);
                        let own = readings.partition_point(|reading| reading.time_ms < (day + 1) * DAY_MS);
                        let (own, later) = readings.split_at(own);
                        readings = later;
                        let writer = match writers.entry(day) {
                            std::collections::btree_map::Entry::Occupied(writer) => writer.into_mut(),
                            std::collections::btree_map::Entry::Vacant(place) => {
                                let folders = &self.history.folders;
                                place.insert(SetWriter::create(
                                    folders,
                                    PART,
                                    day,
                                    Levels::ALL,
                                    Effort::Quick,
                                )?)
                            }
                        };
                        writer.write(sensor, own)?;
                    }
                    Ok(())
                })?;
            }
            while let Some((_, writer)) = writers.pop_first() {
                sets.push(writer.finish()?);
            }
        }
        Ok(())
    }
}

/// Whether it is time to seal what is in the log.
fn is_due(bytes: u64, age: Duration, latest: Duration) -> bool {
    bytes >= SEAL_BYTES || age >= latest || bytes >= SEAL_BYTES_MIN && age >= SEAL_AFTER
}

/// The days that there are readings of, in order.
fn days(segments: &[Arc<Segment>]) -> Result<Vec<i64>> {
    let times = segments.iter().filter_map(|segment| segment.times_ms());
    let Some((from_ms, to_ms)) = times.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else {
        return Ok(Vec::new());
    };
    let (first, last) = (day_of(from_ms), day_of(to_ms));
    if last - first < DAYS_AT_ONCE as i64 {
        return Ok((first..=last).collect());
    }
    let mut days = BTreeSet::new();
    let mut last = None;
    for segment in segments {
        for (node, _) in segment.nodes()? {
            segment.of_nodes(node, node, &mut |_, reading| {
                let day = day_of(reading.time_ms);
                if last.replace(day) != Some(day) {
                    days.insert(day);
                }
            })?;
        }
    }
    Ok(days.into_iter().collect())
}

/// Days that are written side by side: few, and near each other.
fn groups(days: &[i64]) -> Vec<&[i64]> {
    let mut groups = Vec::new();
    let mut rest = days;
    while let Some(first) = rest.first() {
        let near = rest.partition_point(|day| (day + 1 - first).saturating_mul(DAY_MS) < gather::TIME_MAX_MS);
        let (group, later) = rest.split_at(near.clamp(1, DAYS_AT_ONCE));
        groups.push(group);
        rest = later;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_building_is_sealed_hourly_and_a_busy_one_by_the_minute() {
        let (kib, mib, s) = (1 << 10, 1 << 20, Duration::from_secs(1));
        for (bytes, age, due) in [
            (kib, 61 * s, false),
            (kib, 3_599 * s, false),
            (kib, 3_600 * s, true),
            (16 * mib, 59 * s, false),
            (16 * mib, 60 * s, true),
            (64 * mib, s, true),
        ] {
            assert_eq!(is_due(bytes, age, SEAL_LATEST), due, "{bytes} {age:?}");
        }
    }

    #[test]
    fn days_far_apart_are_not_written_side_by_side() {
        assert_eq!(groups(&[1, 2, 3, 4, 5]), [&[1, 2, 3, 4][..], &[5]]);
        assert_eq!(groups(&[-90, 1, 2, 90]), [&[-90][..], &[1, 2], &[90]]);
        assert!(groups(&[]).is_empty());
    }
}
