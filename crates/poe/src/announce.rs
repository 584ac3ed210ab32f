//! Telling everybody: the last step of an event's way. Who follows the journal hears of it, and the notifier gets what was
//! promised: as soon as it is stored, or unsaved when the disk takes too long.

use crate::{clock::wall, engine::Requests, latency::Latencies, pages::pages};
use poe_api::Occurrence;
use poe_building::{Changes, Directory, Known, Model, Outcome, Promise, PromiseId, Text, Time};
use poe_notify::{Notifier, Reach, Report, TargetFigures};
use poe_store::Board;
use std::{
    collections::VecDeque,
    io,
    ops::RangeInclusive,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::broadcast;

/// Occurrences that wait for one who follows; who falls further behind reads on in the journal.
const FOLLOWED_MAX: usize = 4_096;

/// Batches whose time is remembered until it is surely written beside their entries.
const RECENT_MAX: usize = 1_024;

/// Everybody who is told.
#[derive(Debug)]
pub(crate) struct Announcer {
    followers: broadcast::Sender<Arc<Occurrence>>,
    told: Mutex<Told>,
    stored: Condvar,
    board: Arc<Board>,
    /// The names of the model that is in force.
    names: Mutex<Arc<Directory>>,
    notifier: Notifier,
    /// Where webhooks may go.
    reach: Reach,
    pub(crate) latencies: Mutex<Latencies>,
    /// Entries of which a target has been told, and when: until the recorder writes that beside them.
    notified: Mutex<Vec<(u64, Time)>>,
}

/// How far everybody has been told.
#[derive(Debug)]
struct Told {
    /// The last entry that followers have, stored or not.
    seq: u64,
    /// The last entry that is stored.
    stored: u64,
    /// The last promise that the notifier has.
    promise: u64,
    /// The latest batches: their entries, and when they were stored.
    recent: VecDeque<(RangeInclusive<u64>, Time)>,
}

impl Announcer {
    /// Starts the notifier with what an earlier run had promised.
    pub(crate) fn start(
        known: &Known,
        board: Arc<Board>,
        reach: Reach,
        requests: Requests,
    ) -> io::Result<Self> {
        let report = move |report: Report| {
            let Report { promise, outcome, at, .. } = report;
            // An engine that has ended sends nothing more; the promise stays open for the next run.
            requests.report(promise, outcome, at);
        };
        let notifier = Notifier::start(Box::new(report))?;
        let told = Told {
            seq: known.next.seq - 1,
            stored: known.next.seq - 1,
            promise: known.next.promise - 1,
            recent: VecDeque::new(),
        };
        let (followers, _) = broadcast::channel(FOLLOWED_MAX);
        let announcer = Self {
            followers,
            told: Mutex::new(told),
            stored: Condvar::new(),
            board,
            names: Mutex::new(Arc::new(Directory::new(Arc::new(known.model.clone())))),
            notifier,
            reach,
            latencies: Mutex::default(),
            notified: Mutex::default(),
        };
        announcer.set_targets(&known.model);
        announcer.notifier.send(pages(&known.promises, &announcer.board, &announcer.names(), false));
        Ok(announcer)
    }

    /// Everything in the batch is durable.
    pub(crate) fn stored(&self, changes: &Changes) {
        let now = wall();
        self.tell(changes, Some(now));
        let mut latencies = self.latencies.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in &changes.entries {
            latencies.stored(entry, now);
        }
    }

    /// The disk takes too long: everybody is told of the batch all the same.
    pub(crate) fn unsaved(&self, changes: &Changes) {
        self.board.show(changes);
        self.tell(changes, None);
    }

    fn tell(&self, changes: &Changes, committed: Option<Time>) {
        // Under one lock, so that of two threads the one with the older news has nothing to add.
        let mut told = self.told();
        if let Some(model) = &changes.model
            && model.version > self.names().model().version
        {
            *self.names.lock().unwrap_or_else(PoisonError::into_inner) =
                Arc::new(Directory::new(Arc::clone(model)));
            self.set_targets(model);
        }
        let fresh: Vec<Promise> =
            changes.promises.iter().filter(|promise| promise.id.0 > told.promise).cloned().collect();
        if let Some(last) = fresh.last() {
            told.promise = last.id.0;
            self.notifier.send(pages(&fresh, &self.board, &self.names(), committed.is_none()));
        }
        for entry in changes.entries.iter().filter(|entry| entry.seq > told.seq) {
            // Nobody may be following.
            self.followers.send(Arc::new(Occurrence { entry: entry.clone(), committed })).ok();
        }
        if let (Some(first), Some(last)) = (changes.entries.first(), changes.entries.last()) {
            told.seq = told.seq.max(last.seq);
            if let Some(committed) = committed {
                told.stored = told.stored.max(last.seq);
                if told.recent.len() == RECENT_MAX {
                    told.recent.pop_front();
                }
                told.recent.push_back((first.seq..=last.seq, committed));
                self.stored.notify_all();
            }
        }
    }

    fn set_targets(&self, model: &Model) {
        let (site, targets) = (Text::clone(&model.site), model.targets.clone());
        self.notifier.set_targets(site, targets, model.heartbeat.clone(), self.reach.clone());
    }

    /// A target has said that it has a notification.
    pub(crate) fn confirmed(&self, promise: PromiseId, outcome: &Outcome, at: Time) {
        if matches!(outcome, Outcome::Confirmed)
            && let Some(promise) = self.promise(promise)
        {
            self.latencies.lock().unwrap_or_else(PoisonError::into_inner).notified(&promise, at);
            self.notified.lock().unwrap_or_else(PoisonError::into_inner).push((promise.seq, at));
        }
    }

    /// Entries of which a target has been told since the last time.
    pub(crate) fn take_notified(&self) -> Vec<(u64, Time)> {
        std::mem::take(&mut self.notified.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A promise that is open.
    pub(crate) fn promise(&self, id: PromiseId) -> Option<Arc<Promise>> {
        self.board.promise(id)
    }

    /// The names of the model that is in force.
    pub(crate) fn names(&self) -> Arc<Directory> {
        Arc::clone(&self.names.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until the entry is stored; false if that takes longer.
    pub(crate) fn wait_until_stored(&self, seq: u64, longest: Duration) -> bool {
        let until = Instant::now() + longest;
        let mut told = self.told();
        while told.stored < seq {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            told = self.stored.wait_timeout(told, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// When an entry of the latest batches was stored: its stamp is written beside it a little later. Of what is older, or of
    /// an earlier run, nothing is known here.
    pub(crate) fn stored_at(&self, seq: u64) -> Option<Time> {
        let told = self.told();
        let at = told.recent.partition_point(|(entries, _)| *entries.end() < seq);
        told.recent.get(at).filter(|(entries, _)| entries.contains(&seq)).map(|(_, stored)| *stored)
    }

    /// What happens from now on.
    pub(crate) fn follow(&self) -> broadcast::Receiver<Arc<Occurrence>> {
        self.followers.subscribe()
    }

    pub(crate) fn targets(&self) -> Vec<TargetFigures> {
        self.notifier.figures()
    }

    /// Why the watchdog elsewhere cannot be reached, if it cannot.
    pub(crate) fn heartbeat_failure(&self) -> Option<Text> {
        self.notifier.heartbeat().and_then(|heartbeat| heartbeat.failed)
    }

    /// What took longer than the trade allows, told once.
    pub(crate) fn take_breach(&self) -> Option<String> {
        self.latencies.lock().unwrap_or_else(PoisonError::into_inner).take_breach()
    }

    /// Whether the notifier's thread is there.
    pub(crate) fn can_notify(&self) -> bool {
        self.notifier.is_running()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
