//! Which files there are. It changes as a whole, from one moment to the next.

use super::{
    Notice,
    disk::{make_folder, rename, sync_folder, write_synced},
    layout,
    names::{Name, date, day_of},
    rebuild,
    steps::{DiskStep, Steps},
    text,
};
use crate::{HistoryError, error::Result, files::Step, history::Folders};
use std::{
    io,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
        mpsc::{self, Sender},
    },
    time::{Duration, Instant},
};

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Level {
    /// Readings.
    Raw,
    /// Roll-ups.
    Rollup(Step),
}

impl Level {
    /// What it is called in names of files that are not in its folder.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Raw => "readings",
            Self::Rollup(Step::Minute) => "minutes",
            Self::Rollup(Step::Hour) => "hours",
        }
    }
}

/// One file.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Entry {
    /// Its path, from the data folder on: `history/date=2026-11-23/00000012-00000019-….parquet`.
    pub(crate) path: String,
    pub(crate) level: Level,
    /// The times of the earliest and latest *reading* that it holds, or that its roll-ups are about.
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) footer_crc: u32,
    /// The set that it was written with: readings and the roll-ups of the same readings have the same number. Of two
    /// readings with the same time, the one in the higher set came later. A file that others have become has the highest of
    /// their numbers.
    pub(crate) set: u64,
    /// The lowest set that has become part of it; of one that is as it was sealed, its own. It stands for all readings of its
    /// day (by hour: of its month) that were sealed or imported with the sets from this one to `set`, as far as retention has
    /// left them. Files of one level and one day never share a set, and what they stand for changes for all levels
    /// independently: a question chooses, day by day, the coarsest level that has every set of the finer ones.
    pub(crate) first_set: u64,
    /// Whether it is a whole day's, or month's, and written with all effort.
    pub(crate) daily: bool,
}

impl Entry {
    /// What its name says, if it is one that the keeper gives.
    pub(super) fn name(&self) -> Option<Name> {
        Name::parse(&self.path)
    }

    /// The UTC day of its earliest reading. A raw file and roll-ups by minute have one day only.
    pub(super) fn day(&self) -> i64 {
        day_of(self.from_ms)
    }

    /// A bit for each kind whose readings were removed.
    pub(crate) fn kinds_removed(&self) -> u8 {
        self.name().map_or(0, |name| name.kinds_removed)
    }
}

/// All files of one moment.
#[derive(Clone, Default, Debug)]
pub(crate) struct Catalogue {
    /// By level, then by `from_ms`.
    pub(crate) entries: Vec<Arc<Entry>>,
    /// Segments of the log up to this one are in the files.
    pub(crate) sealed_through: u64,
    pub(crate) next_set: u64,
    /// Marks of what was imported, oldest first.
    pub(crate) imports: Vec<String>,
    /// What the clock said, as far as it was believed, when this was written.
    pub(crate) clock_ms: Option<i64>,
    /// Paths of files that were taken out of it and may not be deleted yet.
    pub(crate) leaving: Vec<String>,
    /// What was removed, in words, until the journal has it for sure.
    pub(crate) untold: Vec<String>,
}

impl Catalogue {
    /// The files of one level.
    pub(super) fn of(&self, level: Level) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.iter().filter(move |entry| entry.level == level)
    }

    /// Takes out what is the same as one of these. Whether all of them were there: else nothing is changed.
    #[must_use]
    pub(super) fn take_out(&mut self, gone: &[Arc<Entry>]) -> bool {
        let before = self.entries.len();
        let kept: Vec<_> = self.entries.iter().filter(|entry| !gone.contains(entry)).cloned().collect();
        let all = before - kept.len() == gone.len();
        if all {
            self.entries = kept;
        }
        all
    }
}

/// So long after it was told, a removal is in the journal: it is committed within a second.
const TOLD_AFTER: Duration = Duration::from_secs(10);

/// Removals that wait for somebody who wants to know of them, at most: the oldest are forgotten.
const UNTOLD_MAX: usize = 1_000;

/// That the keeper has not looked at the clock yet.
const NO_CLOCK: i64 = i64::MIN;

/// The catalogue on disk and in memory.
#[derive(Debug)]
pub(crate) struct CatalogueFile {
    folders: Folders,
    notices: Mutex<Sender<Notice>>,
    /// Whether it has been read, or why it cannot be. Whoever needs it first reads it.
    read: OnceLock<Option<String>>,
    /// Held for as long as it takes to copy a pointer.
    now: RwLock<Arc<Catalogue>>,
    /// Held by who changes it, for as long as the disk takes. Files that are in it no more, until they are deleted.
    changing: Mutex<Vec<Arc<Entry>>>,
    /// Whether the file on disk is durable and whole.
    is_written: AtomicBool,
    damaged: AtomicU64,
    /// What the clock says, as far as the keeper believes it; [`NO_CLOCK`], if it has not looked.
    clock_ms: AtomicI64,
    /// What of [`Catalogue::untold`] has been told in this run, and when.
    told: Mutex<Vec<(String, Instant)>>,
    /// Whether what a crash has left is gone. Held while that is done, so that nobody begins a file meanwhile.
    cleared: Mutex<bool>,
    /// Held by who gives sets their numbers, from looking up the next one until the catalogue has them.
    numbering: Mutex<()>,
    pub(crate) steps: Steps,
}

impl CatalogueFile {
    /// Reads nothing yet, so that no start waits for it.
    pub(crate) fn open(folders: &Folders) -> Result<Self> {
        for folder in [folders.history(), folders.rollups(), folders.keeping()] {
            make_folder(&folder)?;
        }
        let steps = Steps::default();
        layout::bring_up(folders, &steps)?;
        Ok(Self {
            folders: folders.clone(),
            // Who wants to hear of it says so by `tell`.
            notices: Mutex::new(mpsc::channel().0),
            read: OnceLock::new(),
            now: RwLock::default(),
            changing: Mutex::default(),
            is_written: AtomicBool::new(false),
            damaged: AtomicU64::new(0),
            clock_ms: AtomicI64::new(NO_CLOCK),
            told: Mutex::default(),
            cleared: Mutex::default(),
            numbering: Mutex::default(),
            steps,
        })
    }

    /// From now on, what happens is told here.
    pub(crate) fn tell(&self, notices: Sender<Notice>) {
        *self.notices.lock().unwrap_or_else(PoisonError::into_inner) = notices;
    }

    /// Tells those who want to know; that nobody does is no fault.
    pub(super) fn notice(&self, notice: Notice) {
        self.try_notice(notice);
    }

    /// Whether somebody listens.
    fn try_notice(&self, notice: Notice) -> bool {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).send(notice).is_ok()
    }

    /// Tells of removals that the journal may not have: after a start also of those of the run before, which may then be
    /// told twice. Forgets those that it has by now.
    pub(super) fn tell_removals(&self) -> Result<()> {
        let now = self.now();
        for text in &now.untold {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            if !told.iter().any(|(known, _)| known == text)
                && self.try_notice(Notice::Removed { text: text.clone() })
            {
                told.push((text.clone(), Instant::now()));
            }
        }
        let is_gone = |path: &String| !self.folders.path(path).exists();
        if now.untold.iter().any(|text| self.is_told(text)) || now.leaving.iter().any(is_gone) {
            self.change(|_| true)?;
            let now = self.now();
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            told.retain(|(text, _)| now.untold.contains(text));
        }
        Ok(())
    }

    fn is_told(&self, text: &str) -> bool {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.iter().any(|(known, at)| known == text && at.elapsed() >= TOLD_AFTER)
    }

    /// Clears what a crash has left, unless that is done. Who writes files does this first, and waits for who does it just
    /// now.
    pub(super) fn clear(&self) -> Result<()> {
        let mut cleared = self.cleared.lock().unwrap_or_else(PoisonError::into_inner);
        if !*cleared {
            rebuild::clear(&self.folders, self)?;
            *cleared = true;
        }
        Ok(())
    }

    /// What the clock says, as far as it is believed: each catalogue that is written says so.
    pub(super) fn set_clock(&self, clock_ms: i64) {
        self.clock_ms.store(clock_ms, Ordering::Relaxed);
    }

    /// As long as the value lives, nobody else gives numbers to sets.
    pub(super) fn numbering(&self) -> MutexGuard<'_, ()> {
        self.numbering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All files as they are now. As long as the value lives, none of them is deleted.
    pub(crate) fn now(&self) -> Arc<Catalogue> {
        self.read.get_or_init(|| self.read());
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads what is on disk, or finds it out from the files. Tells why neither is possible.
    fn read(&self) -> Option<String> {
        self.damaged.store(rebuild::files_in(&self.folders.damaged()), Ordering::Relaxed);
        let path = self.folders.catalogue();
        let read = match std::fs::read(&path) {
            Ok(bytes) => text::parse(&bytes).map_err(|why| format!("{} is damaged: {why}", path.display())),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                Err(format!("{} is missing", path.display()))
            }
            // It is there, but the disk does not tell it. Nothing may be changed then.
            Err(cause) => return Some(HistoryError::disk("read", &path, cause).to_string()),
        };
        let found = match read {
            Ok(found) => {
                self.is_written.store(true, Ordering::Relaxed);
                found
            }
            Err(why) => match rebuild::from_files(&self.folders) {
                Ok(found) => {
                    if !found.entries.is_empty() || path.exists() {
                        let files = found.entries.len();
                        self.notice(Notice::Damaged {
                            text: format!("{why}; it was made anew from the {files} files that there are"),
                        });
                    }
                    found
                }
                Err(error) => return Some(format!("{why}, and {error}")),
            },
        };
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(found);
        None
    }

    /// Replaces it: durable when it returns. Files that are in it no more are deleted once nobody reads them.
    #[cfg(test)]
    pub(crate) fn replace(&self, next: Catalogue) -> Result<()> {
        self.change(|catalogue| {
            *catalogue = next;
            true
        })
        .map(|_| ())
    }

    /// Changes it, if `change` says so: the new one is durable when this returns. Whether it was changed.
    pub(super) fn change(&self, change: impl FnOnce(&mut Catalogue) -> bool) -> Result<bool> {
        let mut buried = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.change_locked(&mut buried, change)
    }

    fn change_locked(
        &self,
        buried: &mut Vec<Arc<Entry>>,
        change: impl FnOnce(&mut Catalogue) -> bool,
    ) -> Result<bool> {
        let before = self.now();
        let path = self.folders.catalogue();
        if let Some(Some(why)) = self.read.get() {
            return Err(HistoryError::disk("change", &path, io::Error::other(why.clone())));
        }
        let mut next = Catalogue::clone(&before);
        if !change(&mut next) {
            return Ok(false);
        }
        next.entries.sort_by_key(|entry| (entry.level, entry.from_ms, entry.set));
        let kept: std::collections::HashSet<&str> = next.entries.iter().map(|e| e.path.as_str()).collect();
        let gone = before.entries.iter().filter(|entry| !kept.contains(entry.path.as_str()));
        let gone: Vec<_> = gone.cloned().collect();
        let leaving = buried.iter().chain(&gone).map(|entry| &entry.path);
        next.leaving = leaving.filter(|path| self.folders.path(path).exists()).cloned().collect();
        next.untold.retain(|text| !self.is_told(text));
        let forgotten = next.untold.len().saturating_sub(UNTOLD_MAX);
        next.untold.drain(..forgotten);
        let clock_ms = self.clock_ms.load(Ordering::Relaxed);
        if clock_ms != NO_CLOCK {
            next.clock_ms = Some(clock_ms);
        }
        // Once it is written it is what a start would find, whether or not it survives a power cut yet.
        let synced = self.write(&next)?;
        let next = Arc::new(next);
        buried.extend(gone);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = next;
        synced.map(|()| true)
    }

    /// Writes it. Returns whether that survives a power cut; an error, if the one before is still there.
    fn write(&self, catalogue: &Catalogue) -> Result<Result<()>> {
        let path = self.folders.catalogue();
        let new = path.with_extension("json.new");
        write_synced(&new, &text::print(catalogue))?;
        self.steps.reached(DiskStep::CatalogueWritten);
        rename(&new, &path)?;
        let synced = sync_folder(&self.folders.keeping());
        self.is_written.store(synced.is_ok(), Ordering::Relaxed);
        self.steps.reached(DiskStep::CatalogueReplaced);
        Ok(synced)
    }

    /// Makes sure that there is a catalogue on disk before a file gets its name: with none, a start would find the catalogue
    /// out from the files, and take those for whole sets that a crash has left. As long as the value lives, no other file
    /// gets or loses its name, and no day loses its folder.
    pub(super) fn make_sure(&self) -> Result<MutexGuard<'_, Vec<Arc<Entry>>>> {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        if !self.is_written.load(Ordering::Relaxed) {
            self.write(&now)??;
        }
        Ok(changing)
    }

    /// Makes sure that the catalogue as it is now survives a power cut.
    pub(super) fn sync(&self) -> Result<()> {
        sync_folder(&self.folders.keeping())
    }

    /// Segments of the log up to this one are in files. It is parsed, or found out from the files, only if its CRC does not
    /// vouch for it: that of ten years takes a millisecond.
    pub(crate) fn sealed_through(&self) -> u64 {
        let text = std::fs::read(self.folders.catalogue()).ok();
        let told = text.and_then(|text| text::sealed_through(&text));
        told.unwrap_or_else(|| self.now().sealed_through)
    }

    /// Deletes files that are in the catalogue no more and that nobody reads. The bytes of those that have to wait.
    pub(super) fn bury(&self, forget: impl Fn(&Path)) -> Result<u64> {
        let mut buried = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut failed = None;
        buried.retain(|entry| {
            if Arc::strong_count(entry) > 1 {
                return true;
            }
            let path = self.folders.path(&entry.path);
            forget(&path);
            match std::fs::remove_file(&path) {
                Ok(()) => {}
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
                Err(cause) => {
                    failed = Some(HistoryError::disk("delete", &path, cause));
                    return true;
                }
            }
            // The folder of a day goes with its last file; one with files in it stays.
            if let Some(folder) = path.parent() {
                let _ = std::fs::remove_dir(folder);
            }
            self.steps.reached(DiskStep::Deleted);
            false
        });
        failed.map_or(Ok(buried.iter().map(|entry| entry.bytes).sum()), Err)
    }

    /// Takes a damaged file out of the catalogue and puts it into `damaged/`, where a person can look at it. A file that is
    /// not in the catalogue any more is left alone.
    pub(crate) fn set_aside(&self, entry: &Entry, why: &str) -> Result<()> {
        let mut buried = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.now().entries.iter().any(|other| **other == *entry) {
            return Ok(());
        }
        // The file first: if the power fails in between, a start misses it and takes it out of the catalogue.
        let folder = self.folders.damaged();
        make_folder(&folder)?;
        let from = self.folders.path(&entry.path);
        let level = entry.level.word();
        let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
        let to = folder.join(format!("{}-{level}-{name}.damaged", date(entry.day())));
        match std::fs::rename(&from, &to) {
            Ok(()) => {
                self.damaged.fetch_add(1, Ordering::Relaxed);
                sync_folder(&folder)?;
                if let Some(folder) = from.parent() {
                    sync_folder(folder)?;
                }
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(HistoryError::disk("set aside", &from, cause)),
        }
        self.steps.reached(DiskStep::SetAside);
        self.change_locked(&mut buried, |catalogue| {
            catalogue.entries.retain(|other| **other != *entry);
            true
        })?;
        // It is gone already; a new file may get its name.
        buried.retain(|other| **other != *entry);
        let what = match entry.level {
            Level::Raw => format!("{} readings of {} are missing", entry.rows, date(entry.day())),
            Level::Rollup(_) => "it is made anew from the readings, where they are kept".to_owned(),
        };
        let text =
            format!("{} is damaged ({why}) and was set aside in {}; {what}", entry.path, folder.display());
        tracing::error!("{text}");
        self.notice(Notice::Damaged { text });
        Ok(())
    }

    /// Puts a file that no catalogue knows into `damaged/`, and tells of it.
    pub(super) fn set_stranger_aside(&self, path: &str, why: &str) -> Result<()> {
        let folder = self.folders.damaged();
        make_folder(&folder)?;
        let from = self.folders.path(path);
        let to = folder.join(format!("{}.damaged", path.replace('/', "-")));
        rename(&from, &to)?;
        sync_folder(&folder)?;
        self.damaged.fetch_add(1, Ordering::Relaxed);
        let text =
            format!("{path} was put there by somebody and is not taken ({why}): it is in {}", to.display());
        tracing::error!("{text}");
        self.notice(Notice::Damaged { text });
        Ok(())
    }

    /// How many damaged files there are.
    pub(crate) fn damaged_files(&self) -> u64 {
        self.damaged.load(Ordering::Relaxed)
    }
}
