//! The history as those see it who ask.

use crate::{
    error::Result,
    files::Footers,
    keeper::{Catalogue, CatalogueFile, Flow, Halt, Keeper, Keeping, Level, Notice, Retention, Space, Work},
    log::{Log, Waiting},
};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver},
    },
    time::{Duration, Instant},
};

/// Where the history is, and how long it is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server's data folder. Files go to `history/` and `rollups/` in it, the log to `batches/`,
    /// and what is known of the files to `catalogue/`.
    pub data_dir: PathBuf,
    /// What is removed when.
    pub retention: Retention,
}

/// From a moment up to, but not including, another, in milliseconds since 1970 UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// The first millisecond.
    pub from_ms: i64,
    /// The first millisecond after.
    pub to_ms: i64,
}

impl Range {
    /// Whether a moment lies in it.
    pub fn holds(self, time_ms: i64) -> bool {
        self.from_ms <= time_ms && time_ms < self.to_ms
    }

    /// Whether it has a moment between `from_ms` and `to_ms`, both included.
    pub fn meets(self, from_ms: i64, to_ms: i64) -> bool {
        self.from_ms <= to_ms && from_ms < self.to_ms
    }
}

/// What is kept, for all who ask. It is shared, and asking delays neither the recorder nor the keeper.
#[derive(Debug)]
pub struct History {
    pub(crate) folders: Folders,
    pub(crate) retention: Retention,
    pub(crate) waiting: Arc<Waiting>,
    pub(crate) catalogue: Arc<CatalogueFile>,
    pub(crate) footers: Footers,
    /// Held by who seals, compacts or removes.
    pub(crate) keeping: Mutex<Keeping>,
    /// Whether the disk had too little room when the keeper looked last.
    pub(crate) is_short: AtomicBool,
    /// What was counted last, and when. Held for as long as it takes to copy it.
    published: Mutex<(Figures, Option<Instant>)>,
}

/// The folders of the history.
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    /// The data folder; paths in the catalogue begin here.
    pub(crate) data: PathBuf,
}

impl Folders {
    /// The log.
    pub(crate) fn batches(&self) -> PathBuf {
        self.data.join("batches")
    }

    /// Raw readings, in a folder for each day. There is nothing else in it, also while files are written: programs open it
    /// as one table.
    pub(crate) fn history(&self) -> PathBuf {
        self.data.join("history")
    }

    /// Roll-ups by minute and hour.
    pub(crate) fn rollups(&self) -> PathBuf {
        self.data.join("rollups")
    }

    /// What belongs to the files and is no readings.
    pub(crate) fn keeping(&self) -> PathBuf {
        self.data.join("catalogue")
    }

    /// Which files there are.
    pub(crate) fn catalogue(&self) -> PathBuf {
        self.keeping().join("catalogue.json")
    }

    /// Files that are being written. They are one rename away from their places.
    pub(crate) fn parts(&self) -> PathBuf {
        self.keeping().join("parts")
    }

    /// Files that are damaged, for a person to look at.
    pub(crate) fn damaged(&self) -> PathBuf {
        self.keeping().join("damaged")
    }

    /// Where the catalogue was in the earlier layout. One that is there is in force.
    pub(crate) fn earlier_catalogue(&self) -> PathBuf {
        self.history().join("catalogue.json")
    }

    /// Where damaged files were in the earlier layout.
    pub(crate) fn earlier_damaged(&self) -> PathBuf {
        self.history().join("damaged")
    }

    /// Where a file of the catalogue lies.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.data.join(relative)
    }
}

/// So often figures are counted during long work: it takes a fraction of a millisecond.
const PUBLISH_EVERY: Duration = Duration::from_secs(1);

/// What there is at one moment: each reading is either in a file of the catalogue or in one of the segments.
#[derive(Debug)]
pub(crate) struct Moment {
    pub(crate) catalogue: Arc<Catalogue>,
    /// In the order in which they were begun; only those that are not sealed.
    pub(crate) segments: Vec<Arc<crate::log::Segment>>,
}

impl History {
    /// Opens what is there, or makes it. The log belongs to the recorder, the keeper to a thread that [`Keeper::run`]s.
    /// Nothing is read but the ends of the log: this is quick however much is stored.
    ///
    /// # Errors
    /// The folders cannot be made or read.
    pub fn open(options: &Options) -> Result<(Arc<Self>, Log, Keeper, Receiver<Notice>)> {
        let folders = Folders { data: options.data_dir.clone() };
        let (mut log, waiting) = Log::open(&folders.batches())?;
        let catalogue = CatalogueFile::open(&folders)?;
        let (sender, notices) = mpsc::channel();
        catalogue.tell(sender);
        log.number_above(catalogue.sealed_through());
        let history = Arc::new(Self {
            folders,
            retention: options.retention.clone(),
            waiting,
            catalogue: Arc::new(catalogue),
            footers: Footers::default(),
            keeping: Mutex::new(Keeping::new()),
            is_short: AtomicBool::default(),
            published: Mutex::default(),
        });
        let keeper = Keeper::new(Arc::clone(&history));
        Ok((history, log, keeper, notices))
    }

    /// What there is now. The segments are looked up first: one that is sealed in between is then in the catalogue.
    pub(crate) fn now(&self) -> Moment {
        let segments = self.waiting.segments();
        let catalogue = self.catalogue.now();
        let segments =
            segments.into_iter().filter(|segment| segment.number() > catalogue.sealed_through).collect();
        Moment { catalogue, segments }
    }

    /// Seals, compacts and removes everything that can be, now, whether or not a keeper runs: it waits for one that does. What
    /// is appended meanwhile may stay in the log. With `stopping` it can be ended early.
    ///
    /// # Errors
    /// The disk fails. What could not be done is tried again by the next who keeps.
    pub fn keep_now(&self, stopping: &AtomicBool) -> Result<()> {
        match self.work(stopping, |work| work.everything()) {
            Ok(()) | Err(Halt::Stopping) => Ok(()),
            Err(Halt::Failed(error)) => Err(error),
        }
    }

    /// Works as the keeper, after whoever does so now.
    pub(crate) fn work<T>(&self, stopping: &AtomicBool, work: impl FnOnce(Work<'_>) -> Flow<T>) -> Flow<T> {
        let keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        work(Work { history: self, keeping: &keeping, stopping })
    }

    /// Does all that [`History::keep_now`] does but remove: for who works on the history of a server that is stopped, and may
    /// have another clock, other settings and a disk that is fuller for the moment.
    ///
    /// # Errors
    /// The disk fails. What could not be done is tried again by the next who keeps.
    pub fn put_in_order(&self, stopping: &AtomicBool) -> Result<()> {
        match self.work(stopping, |work| work.put_in_order()) {
            Ok(()) | Err(Halt::Stopping) => Ok(()),
            Err(Halt::Failed(error)) => Err(error),
        }
    }

    /// What is removed when.
    pub fn retention(&self) -> &Retention {
        &self.retention
    }

    /// How much room its disk has just now.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn room_now(&self) -> Result<Room> {
        let space = Space::of(&self.folders.data)?;
        let Space { free, total } = space;
        Ok(Room { total, free, kept_free: space.reserve(), is_short: self.is_short.load(Ordering::Relaxed) })
    }

    /// What the history says of itself, as the keeper has counted it last: each second while it has nothing else to do, and
    /// nothing until its first round. It never waits.
    pub fn figures(&self) -> Figures {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Counts what [`History::figures`] says.
    pub(crate) fn publish(&self) {
        let counted = self.figures_now();
        let published = (counted, Some(Instant::now()));
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) = published;
    }

    /// The same, unless that was done in the last second.
    pub(crate) fn publish_if_due(&self) {
        let last = self.published.lock().unwrap_or_else(PoisonError::into_inner).1;
        if last.is_none_or(|last| last.elapsed() >= PUBLISH_EVERY) {
            self.publish();
        }
    }

    /// The same counted now, which may wait for the disk: after a start, until the log and the catalogue are read.
    pub fn figures_now(&self) -> Figures {
        let moment = self.now();
        let mut figures = Figures { damaged_files: self.catalogue.damaged_files(), ..Figures::default() };
        for segment in &moment.segments {
            figures.batches_waiting += segment.batches();
            figures.readings_waiting += segment.readings();
            figures.bytes_waiting += segment.bytes();
        }
        let waits = moment.segments.iter().find(|segment| segment.readings() > 0);
        figures.sealing_lag_s = waits.map_or(0.0, |segment| segment.begun().elapsed().as_secs_f64());
        for entry in &moment.catalogue.entries {
            figures.files += 1;
            match entry.level {
                Level::Raw => {
                    figures.readings_sealed += entry.rows;
                    figures.raw_bytes += entry.bytes;
                }
                Level::Rollup(_) => figures.rollup_bytes += entry.bytes,
            }
        }
        let raw = moment.catalogue.entries.iter().filter(|entry| entry.level == Level::Raw);
        let sealed = raw.map(|entry| entry.from_ms);
        let waiting =
            moment.segments.iter().filter_map(|segment| segment.times_ms()).map(|(from_ms, _)| from_ms);
        figures.oldest_ms = sealed.chain(waiting).min();
        figures
    }
}

/// The room on the disk that the history is on, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    /// In all.
    pub total: u64,
    /// What we may still write.
    pub free: u64,
    /// What is left free for alarms, the journal and the table: the oldest readings go rather than that.
    pub kept_free: u64,
    /// Whether there was too little when it was looked at last, every ten seconds or so: the oldest days go then, as far as
    /// that helps.
    pub is_short: bool,
}

/// What the history says of itself, for metrics and people.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Figures {
    /// Batches in the log that are not sealed yet.
    pub batches_waiting: u64,
    /// Readings in them.
    pub readings_waiting: u64,
    /// Bytes of them.
    pub bytes_waiting: u64,
    /// How long the oldest of them has waited, in seconds.
    pub sealing_lag_s: f64,
    /// Readings in files.
    pub readings_sealed: u64,
    /// Bytes of files with readings.
    pub raw_bytes: u64,
    /// Bytes of files with roll-ups.
    pub rollup_bytes: u64,
    /// How many files there are.
    pub files: u64,
    /// The time of the oldest reading, in milliseconds since 1970 UTC.
    pub oldest_ms: Option<i64>,
    /// Files that were set aside since they are damaged.
    pub damaged_files: u64,
}

impl Figures {
    /// Bytes on disk for each sealed reading, roll-ups included.
    pub fn bytes_per_reading(&self) -> Option<f64> {
        (self.readings_sealed > 0)
            .then(|| (self.raw_bytes + self.rollup_bytes) as f64 / self.readings_sealed as f64)
    }
}
