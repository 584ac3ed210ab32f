//! Where the readings of one sensor are: in files, and in the log.

use super::{merge::Source, slices::Slices};
use crate::{
    History, Range,
    error::Result,
    files::RawReader,
    history::Moment,
    keeper::{Entry, Level},
    log::Segment,
    reading::Reading,
};
use poe_building::SensorKey;
use std::{ops, sync::Arc};

/// Readings that are taken from a file at once: a fifth of a day of a sensor at 0.5 Hz, in 128 KiB.
pub(super) const AT_ONCE: u64 = 8_192;

/// What is still in the log came later than what is in files of any set.
pub(super) const LOG_RANK: u64 = 1 << 63;

/// The rank of a segment's readings.
pub(super) fn rank_of(segment: &Segment) -> u64 {
    LOG_RANK + segment.number()
}

/// The files of one level with something of this range, as far as their times tell.
pub(super) fn files(moment: &Moment, level: Level, range: Range) -> impl Iterator<Item = &Arc<Entry>> {
    let entries = &moment.catalogue.entries;
    let begin = entries.partition_point(|entry| entry.level < level);
    let end = entries.partition_point(|entry| (entry.level, entry.from_ms) < (level, range.to_ms));
    entries.get(begin..end).unwrap_or_default().iter().filter(move |entry| range.from_ms <= entry.to_ms)
}

/// Segments with readings of this range, as far as their times tell.
pub(super) fn segments(moment: &Moment, range: Range) -> impl Iterator<Item = &Arc<Segment>> {
    let meets = move |segment: &&Arc<Segment>| {
        segment.times_ms().is_some_and(|(from_ms, to_ms)| range.meets(from_ms, to_ms))
    };
    moment.segments.iter().filter(meets)
}

/// Everything that may have readings of this sensor in this range, of which about `wanted` will be asked for.
pub(super) fn of_sensor<'h>(
    history: &'h History,
    moment: &'h Moment,
    sensor: SensorKey,
    range: Range,
    wanted: usize,
) -> Vec<Place<'h>> {
    let files = files(moment, Level::Raw, range)
        .map(|entry| Place::File(InFile { history, sensor, range, entry, under_way: None }));
    let log = segments(moment, range).map(|segment| Place::Log(Slices::new(segment, sensor, range, wanted)));
    files.chain(log).collect()
}

/// Readings of one sensor in one place.
#[derive(Debug)]
pub(super) enum Place<'h> {
    File(InFile<'h>),
    Log(Slices),
}

/// Readings of one sensor in a file.
#[derive(Debug)]
pub(super) struct InFile<'h> {
    history: &'h History,
    sensor: SensorKey,
    range: Range,
    entry: &'h Entry,
    under_way: Option<Box<(RawReader, ops::Range<u64>)>>,
}

impl InFile<'_> {
    fn read(&mut self, into: &mut Vec<Reading>) -> Result<()> {
        let (reader, rows) = &mut **match &mut self.under_way {
            Some(under_way) => under_way,
            under_way @ None => {
                let path = self.history.folders.path(&self.entry.path);
                let file = self.history.footers.raw(&path, self.entry.footer_crc)?;
                let rows = file.directory().rows_of(self.sensor);
                if rows.is_empty() {
                    return Ok(());
                }
                under_way.insert(Box::new((file.reader()?, rows)))
            }
        };
        read_in_range(reader, rows, self.range, into)
    }
}

impl Source for Place<'_> {
    fn rank(&self) -> u64 {
        match self {
            Self::File(file) => file.entry.set,
            Self::Log(slices) => slices.rank(),
        }
    }

    fn begins_ms(&self) -> i64 {
        match self {
            Self::File(file) => file.entry.from_ms.max(file.range.from_ms),
            Self::Log(slices) => slices.begins_ms(),
        }
    }

    fn read(&mut self, into: &mut Vec<Reading>) -> Result<()> {
        match self {
            Self::File(file) => file.read(into),
            Self::Log(slices) => slices.read(into),
        }
    }
}

/// Adds the next readings of these rows that lie in the range, and takes their rows away. Rows are sorted by time.
pub(super) fn read_in_range(
    reader: &mut RawReader,
    rows: &mut ops::Range<u64>,
    range: Range,
    into: &mut Vec<Reading>,
) -> Result<()> {
    let before = into.len();
    while into.len() == before && !rows.is_empty() {
        let now = rows.start..rows.end.min(rows.start + AT_ONCE);
        reader.read(now.clone(), into)?;
        rows.start = now.end;
        let read = &into[before..];
        let early = read.partition_point(|reading| reading.time_ms < range.from_ms);
        let in_time = read.partition_point(|reading| reading.time_ms < range.to_ms);
        if in_time < read.len() {
            rows.start = rows.end;
        }
        into.truncate(before + in_time);
        into.drain(before..before + early);
    }
    Ok(())
}
