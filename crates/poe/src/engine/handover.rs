//! When the recorder gets what: the group commit.

use super::{Inbox, Request};
use crate::recorder::{Recorder, Recording};
use poe_building::{Building, Changes, Scope};
use std::time::{Duration, Instant};

/// A changed status does not wait for the tick, but follows the last commit by at least this much, so that a storm of
/// changes shares commits.
const URGENT_GAP: Duration = Duration::from_millis(2);
/// The ticks grow in proportion when more rows change than this, so that a campus shares commits,
const ROWS_PER_SECOND: f64 = 100_000.0;
/// but not beyond this, unless they are set to be longer.
const TICK_MAX: Duration = Duration::from_millis(500);

/// How often changes are committed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommitPace {
    /// The longest that an ordinary reading waits for its commit to begin.
    pub(crate) interval: Duration,
}

/// Hands changes to the recorder, one batch at a time. Whatever changes while a batch is being written waits in the
/// building, where the latest value of a sensor replaces the one before: a disk that stands still costs no memory.
#[derive(Debug)]
pub(crate) struct Handover {
    recorder: Option<Recorder>,
    /// The empty batch to fill next; `None` while the recorder writes.
    idle: Option<Changes>,
    pace: CommitPace,
    interval: Duration,
    last_full: Instant,
    last_begun: Instant,
    urgent_after: Instant,
}

impl Handover {
    pub(crate) fn new(recorder: Recorder, pace: CommitPace) -> Self {
        let now = Instant::now();
        Self {
            recorder: Some(recorder),
            idle: Some(Changes::default()),
            pace,
            interval: pace.interval,
            // The first reading of all waits for no tick.
            last_full: now.checked_sub(pace.interval).unwrap_or(now),
            last_begun: now,
            urgent_after: now,
        }
    }

    /// The current tick.
    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    /// When the next batch should be handed over, if one waits and the recorder is free.
    pub(crate) fn next_due(&self, building: &Building) -> Option<Instant> {
        self.idle.as_ref()?;
        let full = (building.rows_waiting() > 0).then(|| self.last_full + self.interval);
        let urgent = building.has_urgent_changes().then_some(self.urgent_after);
        full.into_iter().chain(urgent).min()
    }

    /// Whether the recorder has nothing in hand.
    pub(crate) fn is_idle(&self) -> bool {
        self.idle.is_some()
    }

    /// Hands a batch over if one is due, and tells whether it has. The batch holds every event so far.
    pub(crate) fn hand_over(&mut self, building: &mut Building, now: Instant) -> bool {
        if self.next_due(building).is_none_or(|due| due > now) {
            return false;
        }
        let full = now >= self.last_full + self.interval;
        let scope = if full { Scope::All } else { Scope::Urgent };
        let Some(mut changes) = self.idle.take() else { return false };
        building.take_changes(scope, &mut changes);
        if full {
            let since = (now - self.last_full).max(self.pace.interval);
            let growth = changes.rows.len() as f64 / since.as_secs_f64() / ROWS_PER_SECOND;
            let longest = TICK_MAX.max(self.pace.interval);
            self.interval = self.pace.interval.mul_f64(growth.max(1.0)).min(longest);
            self.last_full = now;
        }
        self.begin(changes, now);
        true
    }

    /// The recorder has written a batch and gives its memory back.
    pub(crate) fn written(&mut self, mut changes: Changes) {
        changes.clear();
        self.idle = Some(changes);
        let now = Instant::now();
        // A slow disk gets as long a rest as it took, so that others can read and write there too.
        self.urgent_after = now + URGENT_GAP.max(now - self.last_begun).min(self.interval);
    }

    /// The recorder has ended before its time. Readings are still taken, for everything else that they mean.
    pub(crate) fn give_up(&mut self) {
        self.recorder = None;
    }

    /// Has everything written down that is left, and ends the recorder.
    pub(crate) fn finish(&mut self, building: &mut Building, inbox: &Inbox) {
        while self.recorder.is_some() {
            let Some(mut changes) = self.idle.take() else {
                match inbox.wait() {
                    Some(Request::Recorded(changes)) => self.written(changes),
                    Some(Request::GaveUp) | None => self.give_up(),
                    // Nobody is served any more; the one who asked sees the reply's sender go.
                    Some(_) => {}
                }
                continue;
            };
            building.take_changes(Scope::All, &mut changes);
            if changes.is_empty() {
                self.recorder = None;
                return;
            }
            self.begin(changes, Instant::now());
        }
    }

    fn begin(&mut self, changes: Changes, now: Instant) {
        self.last_begun = now;
        if let Some(recorder) = &self.recorder {
            recorder.record(Recording { changes, handed_over: now });
        }
    }
}
