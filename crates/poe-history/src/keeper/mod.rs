//! The keeper: seals, compacts and removes, on a thread that lets everything else go first.
//!
//! `seal` makes files of the log (`gather` sorts, `set` writes, `rollup` sums up, `check` reads back), `compact` makes few of many
//! (`merge`), `heal` makes lost roll-ups anew, `retention` removes what is too old (as far as the clock is a `belief`), `space`
//! what the disk has no room for, `scrub` looks for damage. `catalogue` says which
//! files there are; replacing it is the one step by which anything counts (`text` is the file, `rebuild` finds it out anew, `names`
//! are the files' names; `layout` brings an earlier one up).

mod belief;
mod catalogue;
mod check;
mod compact;
mod disk;
mod foreign;
mod gather;
mod heal;
mod layout;
mod merge;
pub(crate) mod names;
mod rebuild;
mod retention;
mod rollup;
mod scrub;
mod seal;
mod set;
mod space;
mod steps;
mod sum;
#[cfg(test)]
mod tests;
mod text;
mod work;

pub(crate) use catalogue::{Catalogue, CatalogueFile, Entry, Level};
pub(crate) use foreign::ForeignSets;
pub(crate) use names::{DAY_MS, day_of};
pub(crate) use rebuild::files;
pub use retention::Retention;
pub(crate) use space::Space;
pub use space::kept_free;
#[cfg(test)]
pub(crate) use steps::{DiskStep, Hook};
pub(crate) use text::{parse, print};
pub(crate) use work::{Flow, Halt, Work};

use crate::{History, error::Result};
use belief::Belief;
use std::{
    cell::Cell,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// When what is done.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// How long the keeper sleeps when there is nothing to do.
    pause: Duration,
    /// So often all files are looked through for what is to be merged or removed.
    look_every: Duration,
    /// How long a quiet building's readings wait to be sealed.
    seal_latest: Duration,
}

/// At wire speed a second is 30 MB of log. To look through the files of ten years takes a few milliseconds, and in between come
/// 300 MB: less than what is left free on a disk.
const USUAL: Pace = Pace {
    pause: Duration::from_secs(1),
    look_every: Duration::from_secs(10),
    seal_latest: seal::SEAL_LATEST,
};

/// The same rounds, without waiting.
const QUICK: Pace =
    Pace { pause: Duration::from_millis(20), look_every: Duration::ZERO, seal_latest: Duration::ZERO };

/// After a failure it is tried again after a second, and later and later up to this.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Everything that has to do with readings as they come goes first.
const NICE: i32 = 10;

/// What the keeper has done or found that people should know of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A file was damaged and is set aside; the rest is served. A trouble.
    Damaged {
        /// What to tell.
        text: String,
    },
    /// Readings were removed, as retention says or since the disk is nearly full. Journalled.
    Removed {
        /// What to tell.
        text: String,
    },
    /// Whether sealing fails just now, and why. A trouble as long as it does.
    Failing {
        /// Nothing, if it goes on again.
        text: Option<String>,
    },
}

type LookAtSpace = Box<dyn Fn(&Path) -> Result<Space> + Send>;

/// What the keeper knows from round to round. Whoever locks it is the keeper for that long.
pub(crate) struct Keeping {
    /// Milliseconds since 1970 UTC.
    pub(crate) clock: Box<dyn Fn() -> i64 + Send>,
    /// The clock that nobody can set, from some moment on.
    pub(crate) steady: Box<dyn Fn() -> Duration + Send>,
    /// What the disk of a folder has.
    pub(crate) space: LookAtSpace,
    pace: Pace,
    /// As soon as the clock was looked at.
    belief: Cell<Option<Belief>>,
    looked_at_space: Cell<Option<Instant>>,
    /// Whether files are being merged, which takes room that is given back.
    is_merging: Cell<bool>,
    /// Why the disk is nearly full whatever the history removes, if it is.
    crowded: Cell<Option<&'static str>>,
    /// The last removal, if it made no room.
    fruitless: Cell<Option<space::Fruitless>>,
    /// When it was last looked for more than readings to seal; never, or nothing came of it then.
    looked: Cell<Option<Instant>>,
    scrubbed: Cell<Option<Instant>>,
    scrubbed_path: Cell<String>,
}

impl Keeping {
    pub(crate) fn new() -> Self {
        let began = Instant::now();
        Self {
            steady: Box::new(move || began.elapsed()),
            pace: if is_quick() { QUICK } else { USUAL },
            belief: Cell::default(),
            looked_at_space: Cell::default(),
            is_merging: Cell::default(),
            crowded: Cell::default(),
            fruitless: Cell::default(),
            clock: Box::new(|| jiff::Timestamp::now().as_millisecond()),
            space: Box::new(Space::of),
            looked: Cell::default(),
            scrubbed: Cell::default(),
            scrubbed_path: Cell::default(),
        }
    }
}

impl std::fmt::Debug for Keeping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeping").finish_non_exhaustive()
    }
}

/// Seals, compacts and removes.
#[derive(Debug)]
pub struct Keeper {
    history: Arc<History>,
}

impl Keeper {
    pub(crate) fn new(history: Arc<History>) -> Self {
        Self { history }
    }

    /// Works until `stopping` says so. A step under way is left, and a start goes on from what was there before.
    pub fn run(self, stopping: &AtomicBool) {
        // Where that is not allowed, it works as everything else does.
        let _ = rustix::process::nice(NICE);
        let mut telling = Telling::Nothing;
        let usual = if is_quick() { QUICK.pause } else { USUAL.pause };
        let mut pause = usual;
        while !stopping.load(Ordering::Relaxed) {
            let round = self.history.work(stopping, |work| work.round().map(|()| work.keeping.crowded.get()));
            match round {
                Ok(crowded) => {
                    pause = usual;
                    let tell = crowded.map_or(Telling::Nothing, Telling::Crowded);
                    if std::mem::replace(&mut telling, tell) != tell {
                        let text = crowded.map(str::to_owned);
                        self.history.catalogue.notice(Notice::Failing { text });
                    }
                }
                Err(Halt::Stopping) => break,
                Err(Halt::Failed(error)) => {
                    let text = told(&error);
                    tracing::error!("the history cannot be kept as it should: {text}");
                    if std::mem::replace(&mut telling, Telling::Failing) != Telling::Failing {
                        self.history.catalogue.notice(Notice::Failing { text: Some(text) });
                    }
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
            if !stopping.load(Ordering::Relaxed) {
                thread::park_timeout(pause);
            }
        }
        // What nobody reads any more need not wait for the next start.
        let _ = self.history.catalogue.bury(|path| self.history.footers.forget(path));
        let _ = self.history.catalogue.tell_removals();
    }
}

/// What people have been told of the keeper's work.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Telling {
    Nothing,
    Failing,
    Crowded(&'static str),
}

/// Whether everything is done at once, as the tests that kill the program want it. Only a debug build asks.
fn is_quick() -> bool {
    cfg!(debug_assertions) && std::env::var_os("HISTORY_PACE").is_some_and(|pace| pace == "quick")
}

/// An error with its causes, in one line.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

impl Work<'_> {
    /// Everything that is due. That one thing fails keeps no other from being done: the first failure is returned.
    fn round(&self) -> Flow<()> {
        let now = Instant::now();
        if self.keeping.looked.get().is_some_and(|looked| now < looked + self.keeping.pace.look_every) {
            return self.each(&[Self::begin, Self::seal_if_due, Self::bury_all]);
        }
        self.each(&[
            Self::begin,
            // First what makes room, so that the rest can be written.
            Self::retain,
            Self::seal_if_due,
            Self::heal,
            |work| work.compact(false),
            Self::scrub,
            Self::bury_all,
            |work| Ok(work.history.catalogue.tell_removals()?),
        ])?;
        self.keeping.looked.set(Some(now));
        Ok(())
    }

    /// Everything that can be done, now.
    pub(crate) fn everything(&self) -> Flow<()> {
        self.each(&[
            Self::begin,
            Self::retain,
            Self::seal_all,
            Self::heal,
            |work| work.compact(true),
            Self::retain,
            Self::bury_all,
        ])
    }

    /// Everything that can be done, but for what is removed for its age or for room.
    pub(crate) fn put_in_order(&self) -> Flow<()> {
        self.each(&[Self::begin, Self::seal_all, Self::heal, |work| work.compact(true), Self::bury_all])
    }

    fn each(&self, steps: &[fn(&Self) -> Flow<()>]) -> Flow<()> {
        let mut failed = Ok(());
        for step in steps {
            self.history.publish_if_due();
            match self.get_past_damage(*step) {
                Err(Halt::Stopping) => return Err(Halt::Stopping),
                Err(halt) if failed.is_ok() => failed = Err(halt),
                _ => {}
            }
        }
        if failed.is_err() {
            self.keeping.looked.set(None);
        }
        for text in self.history.waiting.damage() {
            self.history.catalogue.notice(Notice::Damaged { text });
        }
        self.history.publish();
        failed
    }

    fn bury_all(&self) -> Flow<()> {
        self.bury()?;
        Ok(())
    }

    /// Does a step; a file of the catalogue that turns out to be damaged is set aside, and the step is done again.
    fn get_past_damage(&self, step: fn(&Self) -> Flow<()>) -> Flow<()> {
        loop {
            match step(self) {
                Err(halt) => {
                    if !self.set_damaged_aside(&halt)? {
                        return Err(halt);
                    }
                }
                Ok(()) => return Ok(()),
            }
        }
    }

    /// Finishes what a crash has left.
    fn begin(&self) -> Flow<()> {
        self.history.catalogue.clear()?;
        self.history.catalogue.tell_removals()?;
        self.remove_sealed()
    }
}
