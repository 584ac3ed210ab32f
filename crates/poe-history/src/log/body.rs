//! A segment as recorder, keeper and readers share it: its file, its list of batches, and whether it may grow.

use super::{
    list::{List, Totals},
    recover,
};
use crate::error::{HistoryError, Result};
use std::{
    fs::File,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, TryLockError,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    time::Instant,
};

/// A batch is being added.
const BUSY: u8 = 1;
/// Nothing more is added.
const CUT: u8 = 2;

#[derive(Debug)]
pub(super) struct Body {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    /// Open as long as somebody has the segment, so that deleting the file disturbs nobody.
    pub(super) file: File,
    pub(super) begun: Instant,
    pub(super) damage: Arc<Damage>,
    growth: AtomicU8,
    removed: AtomicBool,
    /// Whether damage that was found when the list was read has been told of.
    told: AtomicBool,
    known: Mutex<Known>,
}

/// What is in memory of it.
#[derive(Debug)]
enum Known {
    List(Arc<List>),
    /// A closed one's list was given up, to stay within the bound. It can be read from the file.
    Totals(Totals),
}

impl Body {
    pub(super) fn new(number: u64, path: PathBuf, file: File, damage: Arc<Damage>, list: Arc<List>) -> Self {
        Self {
            number,
            path,
            file,
            begun: Instant::now(),
            damage,
            growth: AtomicU8::new(0),
            removed: AtomicBool::new(false),
            told: AtomicBool::new(false),
            known: Mutex::new(Known::List(list)),
        }
    }

    /// Begins to add a batch. No, if it has been closed.
    pub(super) fn begin(&self) -> bool {
        let open = |growth| (growth & CUT == 0).then_some(growth | BUSY);
        self.growth.fetch_update(Ordering::AcqRel, Ordering::Acquire, open).is_ok()
    }

    /// The batch is in the list, or was not added.
    pub(super) fn end(&self) {
        self.growth.fetch_and(!BUSY, Ordering::AcqRel);
    }

    /// Nothing more is added, but for a batch under way.
    pub(super) fn cut(&self) {
        self.growth.fetch_or(CUT, Ordering::AcqRel);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.growth.load(Ordering::Acquire) & (BUSY | CUT) == CUT
    }

    /// It is sealed: what is in memory of it need not stay there.
    pub(super) fn remove(&self) {
        self.removed.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::Relaxed)
    }

    /// The list, if it is in memory, and the sums over all that it holds now.
    pub(super) fn known(&self) -> (Option<Arc<List>>, Totals) {
        match &*self.known.lock().unwrap_or_else(PoisonError::into_inner) {
            Known::List(list) => (Some(list.clone()), list.totals(list.len())),
            Known::Totals(totals) => (None, *totals),
        }
    }

    /// Gives up the list of a closed one. Somebody who looks at it just now is not waited for: then this says no.
    pub(super) fn give_up_list(&self) -> bool {
        let mut known = match self.known.try_lock() {
            Ok(known) => known,
            Err(TryLockError::Poisoned(known)) => known.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        if let Known::List(list) = &*known {
            let totals = list.totals(list.len());
            *known = Known::Totals(totals);
        }
        true
    }

    /// The list as the file has it, up to `bytes`.
    pub(super) fn read_list(&self, bytes: u64) -> Result<List> {
        let mut found = recover::Found::default();
        recover::scan(&self.file, bytes, &mut found)
            .map_err(|cause| HistoryError::disk("read the segment", &self.path, cause))?;
        if !found.damaged.is_empty() && !self.told.swap(true, Ordering::Relaxed) {
            self.damage.tell(format!(
                "{} was damaged since it was written; the rest is served",
                self.path.display()
            ));
        }
        Ok(recover::list(&found.records))
    }
}

/// What was found damaged, until somebody asks.
#[derive(Debug, Default)]
pub(super) struct Damage(Mutex<Vec<String>>);

/// Whoever reads so many of them knows enough; the rest is left out.
const DAMAGE_MAX: usize = 64;

impl Damage {
    pub(super) fn tell(&self, text: String) {
        tracing::warn!("{text}");
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if texts.len() < DAMAGE_MAX {
            texts.push(text);
        }
    }

    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
