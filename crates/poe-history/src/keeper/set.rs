//! A set of files while it is written: readings of one day, and their roll-ups by minute and hour.

use super::{
    CatalogueFile, Entry, Level,
    disk::{allow, make_folder, rename, sync_folder},
    names::{Name, day_of, folder},
    rebuild::PART,
    rollup::Sums,
    steps::DiskStep,
    sum::Sum,
};
use crate::{
    error::Result,
    files::{Effort, RawWriter, Rollup, RollupWriter, Step, Written},
    history::Folders,
    reading::Reading,
};
use poe_building::SensorKey;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Roll-ups that wait to be written: 128 KiB. A sensor has 1,440 minutes a day.
const ROLLUPS_WAITING_MAX: usize = 4_096;

/// What is written of a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Levels {
    pub(super) raw: bool,
    pub(super) minutes: bool,
    pub(super) hours: bool,
}

impl Levels {
    pub(super) const ALL: Self = Self { raw: true, minutes: true, hours: true };
}

/// Files of one set and one day. What is written is known by its name only once it is [`place`]d.
#[derive(Debug)]
pub(super) struct SetWriter {
    day: i64,
    times_ms: Option<(i64, i64)>,
    sensor: Option<SensorKey>,
    raw: Option<Part<RawWriter>>,
    minutes: Option<Part<RollupWriter>>,
    hours: Option<Part<RollupWriter>>,
    minute_sums: Sums,
    hour_sums: Sums,
}

#[derive(Debug)]
struct Part<W> {
    path: PathBuf,
    writer: W,
    sum: Sum,
}

/// A file that is written and synced, and has no name yet.
#[derive(Debug)]
pub(super) struct NewFile {
    pub(super) part: PathBuf,
    pub(super) level: Level,
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
    pub(super) written: Written,
    pub(super) sum: Sum,
}

impl SetWriter {
    pub(super) fn create(
        folders: &Folders,
        set: u64,
        day: i64,
        levels: Levels,
        effort: Effort,
    ) -> Result<Self> {
        let part = |level| part_path(folders, level, day, set);
        let rollups = |wanted: bool, step| -> Result<_> {
            if !wanted {
                return Ok(None);
            }
            let path = part(Level::Rollup(step))?;
            let writer = RollupWriter::create(&path, step, effort)?;
            Ok(Some(Part { path, writer, sum: Sum::default() }))
        };
        let raw = if levels.raw {
            let path = part(Level::Raw)?;
            let writer = RawWriter::create(&path, effort)?;
            Some(Part { path, writer, sum: Sum::default() })
        } else {
            None
        };
        Ok(Self {
            day,
            times_ms: None,
            sensor: None,
            raw,
            minutes: rollups(levels.minutes, Step::Minute)?,
            hours: rollups(levels.hours, Step::Hour)?,
            minute_sums: Sums::new(Step::Minute),
            hour_sums: Sums::new(Step::Hour),
        })
    }

    /// Adds readings of this day: sensors ascend, and of each the readings are sorted by time.
    pub(super) fn write(&mut self, sensor: SensorKey, readings: &[Reading]) -> Result<()> {
        let (Some(first), Some(last)) = (readings.first(), readings.last()) else { return Ok(()) };
        debug_assert!(readings.iter().all(|reading| day_of(reading.time_ms) == self.day));
        if self.sensor != Some(sensor) {
            self.end_sensor()?;
            self.sensor = Some(sensor);
            if let Some(raw) = &mut self.raw {
                raw.sum.sensor(sensor);
            }
        }
        let (from_ms, to_ms) = self.times_ms.unwrap_or((first.time_ms, last.time_ms));
        self.times_ms = Some((from_ms.min(first.time_ms), to_ms.max(last.time_ms)));
        if let Some(raw) = &mut self.raw {
            raw.sum.readings(readings);
            raw.writer.write(sensor, readings)?;
        }
        if self.minutes.is_some() || self.hours.is_some() {
            readings.iter().for_each(|reading| self.minute_sums.add(*reading));
            self.write_rollups(ROLLUPS_WAITING_MAX)?;
        }
        Ok(())
    }

    fn end_sensor(&mut self) -> Result<()> {
        self.minute_sums.end();
        self.write_rollups(0)?;
        self.hour_sums.end();
        self.write_hours()
    }

    /// Writes complete minutes if there are more than these, and the hours that they complete.
    fn write_rollups(&mut self, waiting_max: usize) -> Result<()> {
        let minutes = self.minute_sums.done();
        if minutes.len() <= waiting_max {
            return Ok(());
        }
        minutes.iter().for_each(|minute| self.hour_sums.add_rollup(*minute));
        if let (Some(part), Some(sensor)) = (&mut self.minutes, self.sensor) {
            part.write(sensor, minutes)?;
        }
        minutes.clear();
        Ok(())
    }

    fn write_hours(&mut self) -> Result<()> {
        let hours = self.hour_sums.done();
        if let (Some(part), Some(sensor)) = (&mut self.hours, self.sensor)
            && !hours.is_empty()
        {
            part.write(sensor, hours)?;
        }
        hours.clear();
        Ok(())
    }

    /// Writes the rest and syncs the files. Nothing, if there were no readings.
    pub(super) fn finish(mut self) -> Result<Vec<NewFile>> {
        self.end_sensor()?;
        let Some((from_ms, to_ms)) = self.times_ms else {
            self.abandon();
            return Ok(Vec::new());
        };
        let mut files = Vec::new();
        if let Some(Part { path, writer, sum }) = self.raw {
            let written = writer.finish()?;
            files.push(NewFile { part: path, level: Level::Raw, from_ms, to_ms, written, sum });
        }
        for (step, part) in [(Step::Minute, self.minutes), (Step::Hour, self.hours)] {
            if let Some(Part { path, writer, sum }) = part {
                let written = writer.finish()?;
                files.push(NewFile { part: path, level: Level::Rollup(step), from_ms, to_ms, written, sum });
            }
        }
        files.iter().try_for_each(|file| allow(&file.part))?;
        Ok(files)
    }

    /// Removes what was written.
    pub(super) fn abandon(self) {
        let rollups = [self.minutes, self.hours].into_iter().flatten().map(|part| part.path);
        self.raw.map(|part| part.path).into_iter().chain(rollups).for_each(|path| discard(&path));
    }
}

impl Part<RollupWriter> {
    fn write(&mut self, sensor: SensorKey, rollups: &[Rollup]) -> Result<()> {
        self.sum.rollups(rollups);
        self.writer.write(sensor, rollups)
    }
}

/// Where a file of a set is written until it gets its name: not where it will be, where somebody may read what is half.
pub(super) fn part_path(folders: &Folders, level: Level, day: i64, set: u64) -> Result<PathBuf> {
    let folder = folders.parts();
    make_folder(&folder)?;
    Ok(folder.join(format!("new-{}-{day}-{set:08}{PART}", level.word())))
}

/// Removes a part that will not become a file. If that fails, the next start does it.
pub(super) fn discard(part: &Path) {
    let _ = fs::remove_file(part);
}

/// Removes a file that has its name and does not count, and its folder, if it was alone there.
pub(super) fn discard_named(path: &Path) {
    discard(path);
    if let Some(folder) = path.parent() {
        let _ = fs::remove_dir(folder);
    }
}

/// A file that is checked and has what it needs to be called by a name.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) file: NewFile,
    pub(super) name: Name,
}

impl Named {
    /// A file of a set, as `name` says otherwise.
    pub(super) fn new(file: NewFile, name: Name) -> Self {
        let name = Name { from_ms: file.from_ms, to_ms: file.to_ms, ..name };
        let name = match file.level {
            Level::Raw => name,
            // By hours, the month's file is the whole one. What is sealed and what is removed, raw files say.
            Level::Rollup(step) => Name {
                daily: name.daily && step == Step::Minute,
                sealed_through: None,
                kinds_removed: 0,
                ..name
            },
        };
        Self { file, name }
    }
}

/// Gives new files their names, in this order, which are durable when it returns. They count when a catalogue has them. After
/// an error none of them has its name.
pub(super) fn place(
    folders: &Folders,
    catalogue: &CatalogueFile,
    files: Vec<Named>,
) -> Result<Vec<Arc<Entry>>> {
    let _alone = catalogue.make_sure()?;
    let mut entries = Vec::new();
    let placed = place_each(folders, catalogue, files, &mut entries);
    if let Err(error) = placed {
        // Whoever reads the folder is not to count them.
        entries.iter().for_each(|entry| discard_named(&folders.path(&entry.path)));
        return Err(error);
    }
    Ok(entries)
}

fn place_each(
    folders: &Folders,
    catalogue: &CatalogueFile,
    files: Vec<Named>,
    entries: &mut Vec<Arc<Entry>>,
) -> Result<()> {
    let mut touched = BTreeSet::new();
    for Named { file, name } in files {
        let folder = folder(file.level, day_of(file.from_ms));
        let path = format!("{folder}/{name}.parquet");
        make_folder(&folders.path(&folder))?;
        rename(&file.part, &folders.path(&path))?;
        catalogue.steps.reached(DiskStep::Named);
        touched.extend([folders.parts(), folders.path(&folder)]);
        entries.push(Arc::new(Entry {
            path,
            level: file.level,
            from_ms: file.from_ms,
            to_ms: file.to_ms,
            rows: file.written.rows,
            bytes: file.written.bytes,
            footer_crc: file.written.footer_crc,
            set: name.set,
            first_set: name.first,
            daily: name.daily,
        }));
    }
    touched.iter().try_for_each(|folder| sync_folder(folder))
}
