//! A history in a folder of its own, and a naive model of it.

use crate::{
    History, Log, Notice, Options, Reading, Retention,
    files::{Rollup, Step},
    keeper::{DAY_MS, Entry, Level, Space, belief::Belief, rollup::Sums},
};
use poe_building::{NodeNo, Readings, Sample, SensorKey, Status, Time};
use poe_wire::SensorKind;
use std::{
    collections::BTreeMap,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, atomic::AtomicBool, mpsc::Receiver},
    time::Duration,
};
use tempfile::TempDir;

/// All readings of each sensor, by time and then as they came.
pub(super) type Content = BTreeMap<SensorKey, Vec<Reading>>;

pub(super) fn address(node: NodeNo) -> IpAddr {
    IpAddr::from([10, 0, 0, node.0 as u8 + 1])
}

/// A history that a test has to itself.
pub(super) struct House {
    pub(super) history: Arc<History>,
    pub(super) log: Log,
    pub(super) notices: Receiver<Notice>,
    pub(super) now_ms: Arc<Mutex<i64>>,
    /// By how much the wall clock is wrong.
    pub(super) wrong_ms: Arc<Mutex<i64>>,
    pub(super) disk: Arc<Mutex<Disk>>,
}

/// A disk on which, besides the history, others have so many bytes.
#[derive(Clone, Copy)]
pub(super) struct Disk {
    pub(super) total: u64,
    pub(super) others: u64,
}

/// The bytes of all files in a folder and in those below.
pub(super) fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => bytes_below(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}

/// The bytes of all files there that have no second name.
fn bytes_only(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => bytes_only(&entry.path()),
            Ok(found) if found.nlink() == 1 => found.len(),
            _ => 0,
        })
        .sum()
}

/// A folder that goes with the test. In memory, if there is such a disk: nothing is to survive a power cut here.
pub(super) fn folder() -> TempDir {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() { TempDir::new_in(shm).unwrap() } else { TempDir::new().unwrap() }
}

impl House {
    /// With a clock that is believed.
    pub(super) fn open(folder: &Path, retention: Retention, now_ms: i64) -> Self {
        let house = Self::start(folder, retention, now_ms);
        let keeping = house.history.keeping.lock().unwrap();
        keeping.belief.set(Some(Belief::at_start(None, now_ms, (keeping.steady)())));
        drop(keeping);
        house
    }

    /// As a server starts.
    pub(super) fn start(folder: &Path, retention: Retention, now_ms: i64) -> Self {
        let (history, log, _keeper, notices) =
            History::open(&Options { data_dir: PathBuf::from(folder), retention }).unwrap();
        let now_ms = Arc::new(Mutex::new(now_ms));
        let wrong_ms = Arc::new(Mutex::new(0));
        let disk = Arc::new(Mutex::new(Disk { total: 1 << 41, others: 0 }));
        {
            let (wall_ms, wrong) = (Arc::clone(&now_ms), Arc::clone(&wrong_ms));
            let (steady_ms, disk) = (Arc::clone(&now_ms), Arc::clone(&disk));
            let folders = history.folders.clone();
            let mut keeping = history.keeping.lock().unwrap();
            keeping.clock = Box::new(move || *wall_ms.lock().unwrap() + *wrong.lock().unwrap());
            keeping.steady = Box::new(move || Duration::from_millis(*steady_ms.lock().unwrap() as u64));
            keeping.space = Box::new(move |_| {
                let Disk { total, others } = *disk.lock().unwrap();
                let used = others
                    + bytes_below(&folders.history())
                    + bytes_below(&folders.rollups())
                    + bytes_below(&folders.keeping())
                    + bytes_below(&folders.data.join("imports"))
                    + bytes_only(&folders.data.join("backup.tmp"))
                    + bytes_only(&folders.data.join("snapshot"));
                Ok(Space { free: total.saturating_sub(used), total })
            });
        }
        Self { history, log, notices, now_ms, wrong_ms, disk }
    }

    /// Appends one batch, and notes it in the model.
    pub(super) fn append(&mut self, said: &[(u32, u8, Reading)], model: &mut Content) {
        let mut readings = Readings::default();
        for (node, id, Reading { time_ms, value, kind, status }) in said {
            let sample = Sample { id: *id, kind: *kind, value: *value, status: *status };
            readings.push(NodeNo(*node), Time(time_ms * 1_000), [sample]);
        }
        self.log.append(&readings, address).unwrap();
        note(said, model);
    }

    pub(super) fn keep(&self) {
        self.history.keep_now(&AtomicBool::new(false)).unwrap();
    }

    pub(super) fn seal(&self) {
        self.history.work(&AtomicBool::new(false), |work| work.seal_all()).unwrap();
    }

    pub(super) fn entries(&self, level: Level) -> Vec<Arc<Entry>> {
        self.history.now().catalogue.of(level).cloned().collect()
    }

    pub(super) fn notices(&self) -> Vec<Notice> {
        self.notices.try_iter().collect()
    }

    /// Everything in files and log.
    pub(super) fn content(&self) -> Content {
        let moment = self.history.now();
        let mut content = Content::new();
        let mut raw: Vec<_> = moment.catalogue.of(Level::Raw).collect();
        raw.sort_by_key(|entry| entry.set);
        for entry in raw {
            let path = self.history.folders.path(&entry.path);
            let file = self.history.footers.raw(&path, entry.footer_crc).unwrap();
            let mut reader = file.reader().unwrap();
            let (mut rows_read, mut times) = (0, (i64::MAX, i64::MIN));
            for (sensor, rows) in file.directory().iter() {
                rows_read += rows.end - rows.start;
                let mut read = Vec::new();
                reader.read(rows, &mut read).unwrap();
                assert!(read.is_sorted_by_key(|reading| reading.time_ms));
                times = read.iter().fold(times, |t, r| (t.0.min(r.time_ms), t.1.max(r.time_ms)));
                content.entry(sensor).or_default().append(&mut read);
            }
            assert_eq!((rows_read, times), (entry.rows, (entry.from_ms, entry.to_ms)));
            assert_eq!(entry.bytes, std::fs::metadata(&path).unwrap().len());
        }
        for segment in &moment.segments {
            let nodes = segment.nodes().unwrap();
            if let (Some((first, _)), Some((last, _))) = (nodes.first(), nodes.last()) {
                segment
                    .of_nodes(*first, *last, &mut |sensor, reading| {
                        content.entry(sensor).or_default().push(reading);
                    })
                    .unwrap();
            }
        }
        content.values_mut().for_each(|readings| readings.sort_by_key(|reading| reading.time_ms));
        content
    }

    /// All roll-ups of a level, those of one sensor and one time added up.
    pub(super) fn rollups(&self, step: Step) -> BTreeMap<(SensorKey, i64), (u64, u64, u8, u8)> {
        let mut all = BTreeMap::new();
        for entry in self.entries(Level::Rollup(step)) {
            let path = self.history.folders.path(&entry.path);
            let file = self.history.footers.rollup(&path, entry.footer_crc).unwrap();
            let mut reader = file.reader().unwrap();
            for (sensor, rows) in file.directory().iter() {
                let mut read = Vec::new();
                reader.read(rows, &mut read).unwrap();
                read.iter().for_each(|rollup| add(&mut all, sensor, rollup));
            }
        }
        all
    }
}

/// What the roll-ups of some readings are.
pub(super) fn sums(content: &Content, step: Step) -> BTreeMap<(SensorKey, i64), (u64, u64, u8, u8)> {
    let mut all = BTreeMap::new();
    for (sensor, readings) in content {
        let mut sums = Sums::new(step);
        readings.iter().for_each(|reading| sums.add(*reading));
        sums.end();
        sums.done().iter().for_each(|rollup| add(&mut all, *sensor, rollup));
    }
    all
}

fn add(all: &mut BTreeMap<(SensorKey, i64), (u64, u64, u8, u8)>, sensor: SensorKey, rollup: &Rollup) {
    let sum = all.entry((sensor, rollup.start_ms)).or_insert((0, 0, u8::MAX, 0));
    *sum =
        (sum.0 + u64::from(rollup.count), sum.1 + rollup.sum, sum.2.min(rollup.min), sum.3.max(rollup.max));
}

/// Adds readings to a model as a history would have them.
pub(super) fn note(said: &[(u32, u8, Reading)], model: &mut Content) {
    for (node, id, reading) in said {
        let readings = model.entry(SensorKey { address: address(NodeNo(*node)), id: *id }).or_default();
        let at = readings.partition_point(|before| before.time_ms <= reading.time_ms);
        readings.insert(at, *reading);
    }
}

/// Numbers that look random, the same for the same seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Some readings within some hours from a moment on, mostly in order.
    pub(super) fn batch(&mut self, from_ms: i64, hours: u64) -> Vec<(u32, u8, Reading)> {
        let mut time_ms = from_ms + self.below(hours * 360_000) as i64;
        (0..self.below(40))
            .map(|_| {
                time_ms += self.below(60_000) as i64 - 5_000;
                let id = self.below(3) as u8;
                let reading = Reading {
                    // Coarse, so that often one sensor has several of the same time.
                    time_ms: time_ms - time_ms.rem_euclid(60_000),
                    value: self.below(256) as u8,
                    kind: SensorKind::ALL[usize::from(id)],
                    status: Status::ALL[self.below(4) as usize],
                };
                (self.below(3) as u32, id, reading)
            })
            .collect()
    }
}

/// Noon of a day.
pub(super) fn noon(day: i64) -> i64 {
    day * DAY_MS + DAY_MS / 2
}
