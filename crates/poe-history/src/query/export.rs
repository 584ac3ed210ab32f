//! Everything of some sensors, however much it is, piece by piece.

use super::{
    DAMAGED_MAX, MOMENTS,
    csv::{self, Csv},
    day::Day,
    sources,
};
use crate::{
    History, HistoryError, Range, error::Result, files::RawStream, history::Moment, keeper::Level,
    reading::Reading,
};
use bytes::Bytes;
use poe_building::SensorKey;
use std::{
    collections::BTreeSet,
    mem,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

/// About how large a piece is: enough that a socket is kept busy, little enough that many clients can have one.
const PIECE: usize = 64 * 1024;

/// Readings that are told at once: about a piece of CSV.
const AT_ONCE: usize = 1_024;

/// Files whose footers are looked at before anything is told: two years of days, whose footers are kept from then on. More
/// would keep a client waiting for its first byte.
const LOOKED_AT_MAX: usize = 730;

const DAY_MS: i64 = 86_400_000;

/// What an export looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportFormat {
    /// A line for each reading: `time,node,sensor,kind,value,status`, with a first line that says so.
    Csv,
    /// The schema of the files.
    Parquet,
}

/// Which sensors an export is about.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Wanted {
    /// All.
    #[default]
    All,
    /// These.
    Sensors(BTreeSet<SensorKey>),
    /// All of these nodes.
    Nodes(BTreeSet<IpAddr>),
}

impl Wanted {
    pub(super) fn has(&self, sensor: SensorKey) -> bool {
        match self {
            Self::All => true,
            Self::Sensors(sensors) => sensors.contains(&sensor),
            Self::Nodes(nodes) => nodes.contains(&sensor.address),
        }
    }
}

impl From<Option<Vec<SensorKey>>> for Wanted {
    fn from(sensors: Option<Vec<SensorKey>>) -> Self {
        sensors.map_or(Self::All, |sensors| Self::Sensors(sensors.into_iter().collect()))
    }
}

/// An export under way. It tells of one moment, that of its beginning, however long it takes.
#[derive(Debug)]
pub struct Export {
    history: Arc<History>,
    moment: Moment,
    range: Range,
    wanted: Wanted,
    /// The days that are still to come, counted from 1970-01-01.
    days: BTreeSet<i64>,
    day: Option<Day>,
    format: Format,
    /// The sensor told of last.
    sensor: Option<SensorKey>,
    readings: Vec<Reading>,
    /// Written, and not yet told.
    ready: Bytes,
    /// Whether any of it was told: then it cannot begin again.
    is_told: bool,
    /// Whether the footers were looked at.
    is_looked_at: bool,
    /// Damaged files that it has got past by beginning again.
    got_past: usize,
}

#[derive(Debug)]
enum Format {
    Csv { csv: Csv, text: Vec<u8> },
    Parquet(Box<RawStream>),
    Ended,
}

impl History {
    /// Begins an export: of these sensors, or of all; by day, then by sensor, then by time.
    ///
    /// # Errors
    /// As [`History::readings`].
    pub fn export(
        self: &Arc<Self>,
        range: Range,
        wanted: impl Into<Wanted>,
        format: ExportFormat,
    ) -> Result<Export> {
        let range = range.within(MOMENTS);
        let moment = self.now();
        Ok(Export {
            days: days(&moment, range)?,
            history: Arc::clone(self),
            moment,
            range,
            wanted: wanted.into(),
            day: None,
            format: Format::begun(format)?,
            sensor: None,
            readings: Vec::new(),
            ready: Bytes::new(),
            is_told: false,
            is_looked_at: false,
            got_past: 0,
        })
    }
}

impl Format {
    fn begun(format: ExportFormat) -> Result<Self> {
        Ok(match format {
            ExportFormat::Csv => Self::Csv { csv: Csv::default(), text: csv::HEADER.to_vec() },
            ExportFormat::Parquet => Self::Parquet(Box::new(RawStream::new()?)),
        })
    }

    /// The same from its beginning.
    fn anew(&self) -> Result<Self> {
        match self {
            Self::Csv { .. } => Self::begun(ExportFormat::Csv),
            Self::Parquet(_) => Self::begun(ExportFormat::Parquet),
            Self::Ended => Ok(Self::Ended),
        }
    }
}

impl Export {
    /// The next piece, some 64 KiB; nothing at the end. It may take the disk's time.
    ///
    /// A file that turns out to be damaged before the first piece is set aside, and the export begins again without it.
    ///
    /// # Errors
    /// As [`History::readings`], and a damaged file that was met later: what was told had to be followed by its readings. The
    /// export has then ended without an end.
    pub fn next_piece(&mut self) -> Result<Option<Bytes>> {
        while self.ready.is_empty() && !matches!(self.format, Format::Ended) {
            if let Err(error) = self.meet_damage().and_then(|()| self.go_on())
                && let Err(error) = self.get_past(error)
            {
                self.format = Format::Ended;
                self.day = None;
                return Err(error);
            }
        }
        let piece = self.ready.split_to(self.ready.len().min(2 * PIECE));
        self.is_told |= !piece.is_empty();
        Ok((!piece.is_empty()).then_some(piece))
    }

    /// Sets a damaged file aside, and begins again without it, if nothing is told yet.
    fn get_past(&mut self, error: HistoryError) -> Result<()> {
        let is_aside = self.history.put_aside(&self.moment, &error)?;
        if !is_aside || self.is_told || self.got_past == DAMAGED_MAX {
            return Err(error);
        }
        self.got_past += 1;
        self.moment = self.history.now();
        self.days = days(&self.moment, self.range)?;
        self.format = self.format.anew()?;
        (self.day, self.sensor) = (None, None);
        Ok(())
    }

    /// Most damage shows in a file's footer, or it is shorter or gone: before anything is told, that can still be got past.
    fn meet_damage(&mut self) -> Result<()> {
        if self.is_looked_at {
            return Ok(());
        }
        for entry in sources::files(&self.moment, Level::Raw, self.range).take(LOOKED_AT_MAX) {
            let path = self.history.folders.path(&entry.path);
            self.history.footers.raw(&path, entry.footer_crc)?;
        }
        self.is_looked_at = true;
        Ok(())
    }

    /// Writes some more.
    fn go_on(&mut self) -> Result<()> {
        let Some(sensor) = self.read()? else { return self.end() };
        let is_new = self.sensor.replace(sensor) != Some(sensor);
        match &mut self.format {
            Format::Csv { csv, text } => {
                if is_new {
                    csv.begin(sensor);
                }
                csv.write(&self.readings, text);
                if text.len() >= PIECE {
                    let room = text.len() + PIECE / 4;
                    self.ready = mem::replace(text, Vec::with_capacity(room)).into();
                }
            }
            Format::Parquet(stream) => {
                stream.write(sensor, &self.readings)?;
                self.ready = stream.take().into();
            }
            Format::Ended => {}
        }
        Ok(())
    }

    /// Writes what is left.
    fn end(&mut self) -> Result<()> {
        self.ready = match mem::replace(&mut self.format, Format::Ended) {
            Format::Csv { text, .. } => text.into(),
            Format::Parquet(stream) => stream.finish()?.into(),
            Format::Ended => Bytes::new(),
        };
        Ok(())
    }

    /// Reads the next readings, which are of one sensor.
    fn read(&mut self) -> Result<Option<SensorKey>> {
        self.readings.clear();
        loop {
            if let Some(day) = &mut self.day {
                if let Some(sensor) = day.read(&self.wanted, AT_ONCE, &mut self.readings)? {
                    return Ok(Some(sensor));
                }
                self.day = None;
            }
            let Some(day) = self.days.pop_first() else { return Ok(None) };
            let of_day = Range { from_ms: day * DAY_MS, to_ms: (day + 1) * DAY_MS };
            self.day = Some(Day::new(&self.history, &self.moment, of_day.within(self.range))?);
        }
    }
}

/// The days on which there is something in this range.
fn days(moment: &Moment, range: Range) -> Result<BTreeSet<i64>> {
    let mut days = BTreeSet::new();
    if range.is_empty() {
        return Ok(days);
    }
    let day = |time_ms: i64| time_ms.clamp(range.from_ms, range.to_ms - 1).div_euclid(DAY_MS);
    for entry in sources::files(moment, Level::Raw, range) {
        days.extend(day(entry.from_ms)..=day(entry.to_ms));
    }
    for segment in sources::segments(moment, range) {
        let Some((from_ms, to_ms)) = segment.times_ms() else { continue };
        let (first, last) = (day(from_ms), day(to_ms));
        if last <= first + 1 {
            days.extend(first..=last);
        } else {
            // Times may be far apart, by a clock that was set.
            let all = (IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::from_bits(u128::MAX)));
            segment.of_nodes(all.0, all.1, &mut |_, reading| {
                if range.holds(reading.time_ms) {
                    days.insert(day(reading.time_ms));
                }
            })?;
        }
    }
    Ok(days)
}
