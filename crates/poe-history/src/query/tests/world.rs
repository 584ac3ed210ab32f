//! A history as a keeper could leave it, with what is in it.

use crate::{
    Range,
    files::{Effort, RawWriter, Rollup, RollupWriter, Step},
    history::{Folders, History, Options},
    keeper::{Catalogue, Entry, Level, Retention},
    log::Log,
    reading::Reading,
};
use poe_building::{NodeNo, Readings, Sample, SensorKey, Status, Time};
use poe_wire::SensorKind;
use std::{
    collections::BTreeMap,
    fmt::Write,
    net::{IpAddr, Ipv4Addr},
    ops::Deref,
    sync::Arc,
};

/// Two hours before a new month begins.
pub(super) const BEGIN_MS: i64 = 1_796_076_000_000 - 3 * 86_400_000;

const DAY_MS: i64 = 86_400_000;

const fn sensor(node: u8, id: u8) -> SensorKey {
    SensorKey { address: IpAddr::V4(Ipv4Addr::new(10, 0, 0, node)), id }
}

pub(super) const SENSORS: [SensorKey; 3] = [sensor(1, 3), sensor(1, 7), sensor(2, 3)];

/// A value that a sensor said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) time_ms: i64,
    pub(super) sensor: usize,
    pub(super) value: u8,
}

impl Said {
    pub(super) fn reading(&self) -> Reading {
        let kind = SensorKind::ALL[self.sensor];
        Reading {
            time_ms: self.time_ms,
            value: self.value,
            kind,
            status: Status::ALL[usize::from(self.value % 4)],
        }
    }
}

/// What was said, and how it is kept.
#[derive(Clone, Debug)]
pub(super) struct World {
    /// In the order in which they were sealed.
    sets: Vec<Vec<Said>>,
    /// In the order in which they came.
    log: Vec<Vec<Said>>,
    /// For each level: a bit for each place between two sets at which a file ends.
    cuts: [u64; 3],
    /// A bit for each file of roll-ups that is lost.
    lost: u64,
}

/// A history in a folder of its own.
#[derive(Debug)]
pub(super) struct Kept {
    history: Arc<History>,
    _folder: tempfile::TempDir,
    _log: Log,
}

impl Deref for Kept {
    type Target = Arc<History>;

    fn deref(&self) -> &Arc<History> {
        &self.history
    }
}

impl World {
    pub(super) fn new(sets: Vec<Vec<Said>>, log: Vec<Vec<Said>>, cuts: [u64; 3], lost: u64) -> Self {
        Self { sets, log, cuts, lost }
    }

    /// Everything that a sensor said, by time.
    pub(super) fn of(&self, sensor: usize) -> Vec<Reading> {
        let all = self.sets.iter().chain(&self.log).flatten().filter(|said| said.sensor == sensor);
        let mut all: Vec<_> = all.map(Said::reading).collect();
        all.sort_by_key(|reading| reading.time_ms);
        all
    }

    /// An export as it should be.
    pub(super) fn lines(&self, range: Range, wanted: Option<&[SensorKey]>) -> String {
        let mut all = Vec::new();
        for (nth, sensor) in SENSORS.into_iter().enumerate() {
            if wanted.is_none_or(|wanted| wanted.contains(&sensor)) {
                let readings = self.of(nth).into_iter().filter(|reading| range.holds(reading.time_ms));
                all.extend(readings.map(|reading| (reading.time_ms.div_euclid(DAY_MS), sensor, reading)));
            }
        }
        all.sort_by_key(|(day, sensor, _)| (*day, *sensor));
        let mut lines = "time,node,sensor,kind,value,status\n".to_owned();
        for (_, SensorKey { address, id }, Reading { time_ms, value, kind, status }) in all {
            let time = jiff::Timestamp::from_millisecond(time_ms).unwrap();
            writeln!(lines, "{time:.3},{address},{id},{kind},{value},{}", status.name()).unwrap();
        }
        lines
    }

    /// Puts all of it into files and a log.
    pub(super) fn history(&self) -> Kept {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders { data: folder.path().to_owned() };
        let mut catalogue = Catalogue { next_set: self.sets.len() as u64 + 1, ..Catalogue::default() };
        let mut rollups = 0;
        for (nth, level) in
            [Level::Raw, Level::Rollup(Step::Minute), Level::Rollup(Step::Hour)].into_iter().enumerate()
        {
            for (first, set, period, said) in self.files(level, self.cuts[nth]) {
                if level != Level::Raw {
                    rollups += 1;
                    if self.lost >> (rollups % 64) & 1 == 1 {
                        continue;
                    }
                }
                let path = format!("level={nth}/period={period}/{first}-{set}.parquet");
                catalogue.entries.push(Arc::new(write(&folders, path, level, (first, set), &said)));
            }
        }
        let options = Options { data_dir: folders.data, retention: Retention::default() };
        let (history, mut log, _, _) = History::open(&options).unwrap();
        history.catalogue.replace(catalogue).unwrap();
        for said in &self.log {
            append(&mut log, said);
            history.waiting.cut();
        }
        Kept { history, _folder: folder, _log: log }
    }

    /// The files of a level: the first and last set, the period, and what was said.
    fn files(&self, level: Level, cuts: u64) -> Vec<(u64, u64, i64, Vec<Said>)> {
        // The first 31 days are one month here, then comes another.
        let period = |said: &Said| match level {
            Level::Rollup(Step::Hour) => (said.time_ms - BEGIN_MS + 28 * DAY_MS).div_euclid(31 * DAY_MS),
            _ => said.time_ms.div_euclid(DAY_MS),
        };
        let mut periods: BTreeMap<i64, Vec<(u64, Said)>> = BTreeMap::new();
        for (set, said) in (1..).zip(&self.sets) {
            for said in said {
                periods.entry(period(said)).or_default().push((set, *said));
            }
        }
        let mut files = Vec::new();
        for (period, said) in periods {
            // Where a file ends differs from one period to the next.
            let cuts = cuts.rotate_left((period.rem_euclid(8) * 8) as u32);
            for file in said.chunk_by(|(a, _), (b, _)| (*a..*b).all(|set| cuts >> set & 1 == 0)) {
                let said = file.iter().map(|(_, said)| *said).collect();
                files.push((file[0].0, file[file.len() - 1].0, period, said));
            }
        }
        files
    }
}

fn write(
    folders: &Folders,
    path: String,
    level: Level,
    (first_set, set): (u64, u64),
    said: &[Said],
) -> Entry {
    let full = folders.path(&path);
    std::fs::create_dir_all(full.parent().unwrap()).unwrap();
    let mut said = said.to_vec();
    said.sort_by_key(|said| (said.sensor, said.time_ms));
    let of_sensors = said.chunk_by(|a, b| a.sensor == b.sensor);
    let of_sensors =
        of_sensors.map(|said| (SENSORS[said[0].sensor], said.iter().map(Said::reading).collect::<Vec<_>>()));
    let written = match level {
        Level::Raw => {
            let mut writer = RawWriter::create(&full, Effort::Quick).unwrap();
            of_sensors.for_each(|(sensor, readings)| writer.write(sensor, &readings).unwrap());
            writer.finish().unwrap()
        }
        Level::Rollup(step) => {
            let mut writer = RollupWriter::create(&full, step, Effort::Quick).unwrap();
            of_sensors
                .for_each(|(sensor, readings)| writer.write(sensor, &rollups(&readings, step)).unwrap());
            writer.finish().unwrap()
        }
    };
    Entry {
        path,
        level,
        from_ms: said.iter().map(|said| said.time_ms).min().unwrap(),
        to_ms: said.iter().map(|said| said.time_ms).max().unwrap(),
        rows: written.rows,
        bytes: written.bytes,
        footer_crc: written.footer_crc,
        set,
        first_set,
        daily: false,
    }
}

pub(super) fn rollups(readings: &[Reading], step: Step) -> Vec<Rollup> {
    let start = |reading: &Reading| reading.time_ms.div_euclid(step.millis()) * step.millis();
    let in_steps = readings.chunk_by(|a, b| start(a) == start(b));
    let rollup = |of_step: &[Reading]| Rollup {
        start_ms: start(&of_step[0]),
        kind: of_step[of_step.len() - 1].kind,
        count: of_step.len() as u32,
        min: of_step.iter().map(|reading| reading.value).min().unwrap(),
        max: of_step.iter().map(|reading| reading.value).max().unwrap(),
        sum: of_step.iter().map(|reading| u64::from(reading.value)).sum(),
        last: of_step[of_step.len() - 1].value,
    };
    in_steps.map(rollup).collect()
}

/// Adds a batch to the log.
pub(super) fn append(log: &mut Log, said: &[Said]) {
    let mut readings = Readings::default();
    for said in said {
        let Reading { time_ms, value, kind, status } = said.reading();
        let id = SENSORS[said.sensor].id;
        readings.push(
            NodeNo(said.sensor as u32),
            Time(time_ms * 1_000),
            [Sample { id, kind, value, status }],
        );
    }
    log.append(&readings, |node| SENSORS[node.0 as usize].address).unwrap();
}
