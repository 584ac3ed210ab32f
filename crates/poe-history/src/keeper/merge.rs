//! Files become one file, sensor by sensor, in bounded memory.

use super::{Work, catalogue::Entry, rollup::Sums, set::SetWriter, sum::Sum, work::Flow};
use crate::{
    HistoryError,
    error::Result,
    files::{Directory, Effort, RawFile, RawReader, Rollup, RollupFile, RollupWriter, Step, Written},
    reading::Reading,
};
use poe_building::SensorKey;
use poe_wire::SensorKind;
use std::{ops::Range, path::Path};

/// Readings that are taken from a file at once: 128 KiB, and 2 MiB from sixteen files.
const AT_ONCE: u64 = 8_192;

/// Rows between two looks at whether there is something more urgent: some tens of milliseconds.
const SLICE_ROWS: u64 = 1 << 18;

/// The readings of one sensor in one file.
struct Stream<'a> {
    /// Its file.
    path: &'a Path,
    reader: &'a mut RawReader,
    rows: Range<u64>,
    ahead: &'a mut Vec<Reading>,
    /// The first of `ahead` that is not taken.
    at: usize,
    /// The time of the last one that was read.
    last_ms: i64,
}

impl Stream<'_> {
    /// What comes next; empty at the end.
    fn ahead(&mut self) -> Result<&[Reading]> {
        if self.at == self.ahead.len() && !self.rows.is_empty() {
            self.ahead.clear();
            self.at = 0;
            let now = self.rows.start..self.rows.end.min(self.rows.start + AT_ONCE);
            self.rows.start = now.end;
            self.reader.read(now, self.ahead)?;
            // What is merged would be in no order either, and found damaged only then, under a name that nobody knows.
            for reading in &*self.ahead {
                if reading.time_ms < self.last_ms {
                    return Err(HistoryError::damaged(self.path, "its readings are not in order"));
                }
                self.last_ms = reading.time_ms;
            }
        }
        Ok(&self.ahead[self.at..])
    }
}

/// Where a merge of several directories has got to.
struct Heads<'a> {
    directories: Vec<&'a Directory>,
    at: Vec<usize>,
}

impl<'a> Heads<'a> {
    fn new(directories: Vec<&'a Directory>) -> Self {
        Self { at: vec![0; directories.len()], directories }
    }

    /// The next sensor, and its rows in each file that has some: `into` gets their numbers.
    fn next(&mut self, into: &mut Vec<(usize, Range<u64>)>) -> Option<SensorKey> {
        into.clear();
        let heads = || self.directories.iter().zip(&self.at).map(|(directory, at)| directory.get(*at));
        let sensor = heads().flatten().map(|(sensor, _)| sensor).min()?;
        let own = heads().enumerate().filter_map(|(number, head)| Some((number, head?)));
        into.extend(own.filter(|(_, (head, _))| *head == sensor).map(|(number, (_, rows))| (number, rows)));
        into.iter().for_each(|(number, _)| self.at[*number] += 1);
        Some(sensor)
    }
}

impl Work<'_> {
    /// Opens a file with readings. What is known of files that are read once need not be kept for questions.
    pub(super) fn raw(&self, entry: &Entry) -> Result<RawFile> {
        let path = self.history.folders.path(&entry.path);
        let file = RawFile::open(&path)?;
        same_footer(&path, file.footer_crc(), entry)?;
        Ok(file)
    }

    /// Opens a file with roll-ups.
    pub(super) fn rollups(&self, entry: &Entry) -> Result<RollupFile> {
        let path = self.history.folders.path(&entry.path);
        let file = RollupFile::open(&path)?;
        same_footer(&path, file.footer_crc(), entry)?;
        Ok(file)
    }

    /// Writes the readings of these files, which are in order of their sets, into one set: of one sensor and one time those of
    /// the lower set first. Readings of some kinds may be left out; how many were, is returned.
    pub(super) fn merge(&self, inputs: &[RawFile], without: u8, into: &mut SetWriter) -> Flow<u64> {
        let mut readers = inputs.iter().map(RawFile::reader).collect::<Result<Vec<_>>>()?;
        let mut heads = Heads::new(inputs.iter().map(RawFile::directory).collect());
        let mut pools: Vec<Vec<Reading>> = inputs.iter().map(|_| Vec::new()).collect();
        let (mut places, mut kept) = (Vec::new(), Vec::new());
        let (mut left_out, mut since) = (0, 0);
        while let Some(sensor) = heads.next(&mut places) {
            let mut streams: Vec<Stream<'_>> = Vec::new();
            let mut own = places.iter().peekable();
            for (number, (reader, ahead)) in readers.iter_mut().zip(&mut pools).enumerate() {
                if let Some((_, rows)) = own.next_if(|(place, _)| *place == number) {
                    ahead.clear();
                    let path = inputs[number].path();
                    streams.push(Stream {
                        path,
                        reader,
                        rows: rows.clone(),
                        ahead,
                        at: 0,
                        last_ms: i64::MIN,
                    });
                }
            }
            merge_streams(&mut streams, &mut |readings| {
                if without == 0 {
                    into.write(sensor, readings)?;
                } else {
                    kept.clear();
                    kept.extend(readings.iter().filter(|reading| without & bit(reading.kind) == 0));
                    left_out += (readings.len() - kept.len()) as u64;
                    into.write(sensor, &kept)?;
                }
                since += readings.len() as u64;
                if since >= SLICE_ROWS {
                    since = 0;
                    self.breathe()?;
                }
                Ok(())
            })?;
        }
        Ok(left_out)
    }

    /// Writes hours of different days into one file.
    pub(super) fn merge_hours(&self, inputs: &[RollupFile], part: &Path) -> Flow<Hours> {
        let mut readers = inputs.iter().map(RollupFile::reader).collect::<Result<Vec<_>>>()?;
        let mut heads = Heads::new(inputs.iter().map(RollupFile::directory).collect());
        let mut writer = RollupWriter::create(part, Step::Hour, Effort::Daily)?;
        let (mut sum, mut since) = (Sum::default(), 0);
        let (mut places, mut hours): (_, Vec<Rollup>) = (Vec::new(), Vec::new());
        while let Some(sensor) = heads.next(&mut places) {
            hours.clear();
            for (number, rows) in places.drain(..) {
                readers[number].read(rows, &mut hours)?;
            }
            hours.sort_by_key(|hour| hour.start_ms);
            sum.rollups(&hours);
            writer.write(sensor, &hours)?;
            since += hours.len() as u64;
            if since >= SLICE_ROWS {
                since = 0;
                self.breathe()?;
            }
        }
        finish(writer, part, sum)
    }

    /// Writes the hours of a file with minutes.
    pub(super) fn hours_of_minutes(&self, minutes: &Entry, part: &Path) -> Flow<Hours> {
        let file = self.rollups(minutes)?;
        let mut reader = file.reader()?;
        let mut writer = RollupWriter::create(part, Step::Hour, Effort::Quick)?;
        let (mut sum, mut read) = (Sum::default(), Vec::new());
        for (sensor, rows) in file.directory().iter() {
            read.clear();
            reader.read(rows, &mut read)?;
            let mut hours = Sums::new(Step::Hour);
            read.iter().for_each(|minute| hours.add_rollup(*minute));
            hours.end();
            sum.rollups(hours.done());
            writer.write(sensor, hours.done())?;
            self.check_stopping()?;
        }
        finish(writer, part, sum)
    }
}

fn finish(writer: RollupWriter, part: &Path, sum: Sum) -> Flow<Hours> {
    let written = writer.finish()?;
    super::disk::allow(part)?;
    Ok(Hours { written, sum })
}

fn same_footer(path: &Path, footer_crc: u32, entry: &Entry) -> Result<()> {
    if footer_crc == entry.footer_crc {
        return Ok(());
    }
    Err(HistoryError::damaged(path, "it is not the file that was written"))
}

/// Hours that were written.
pub(super) struct Hours {
    pub(super) written: Written,
    pub(super) sum: Sum,
}

/// The bit of a kind in a set of kinds.
pub(super) fn bit(kind: SensorKind) -> u8 {
    1 << kind.byte()
}

/// Hands the readings of all streams on, by time; of one time those of the first stream first.
fn merge_streams(streams: &mut [Stream<'_>], take: &mut dyn FnMut(&[Reading]) -> Flow<()>) -> Flow<()> {
    loop {
        // The stream that is first, and the first of the others: up to there it can be taken as a whole.
        let mut first: Option<(i64, usize)> = None;
        let mut second: Option<(i64, usize)> = None;
        for (number, stream) in streams.iter_mut().enumerate() {
            let Some(head) = stream.ahead()?.first() else { continue };
            let head = Some((head.time_ms, number));
            if first.is_none() || head < first {
                second = first;
                first = head;
            } else if second.is_none() || head < second {
                second = head;
            }
        }
        let Some((_, number)) = first else { return Ok(()) };
        let stream = &mut streams[number];
        let ahead = &stream.ahead[stream.at..];
        let own = match second {
            None => ahead.len(),
            Some((until_ms, other)) => ahead.partition_point(|reading| {
                reading.time_ms < until_ms || reading.time_ms == until_ms && number < other
            }),
        };
        if own == 0 {
            // It was chosen for its first reading, so that only a file whose readings are not in order gets here.
            return Err(HistoryError::damaged(stream.path, "its readings are not in order").into());
        }
        let range = stream.at..stream.at + own;
        stream.at = range.end;
        take(&streams[number].ahead[range])?;
    }
}
