//! When the recorder gets what: the group commit.

use super::{Inbox, Request};
use crate::{
    announce::Announcer,
    recorder::{Recorder, Recording},
};
use poe_building::{Building, Changes, Scope};
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

/// A changed status does not wait for the tick, but follows the last commit by at least this much, so that a storm of
/// changes shares commits.
const URGENT_GAP: Duration = Duration::from_millis(2);
/// The ticks grow in proportion when more rows change than this, so that a campus shares commits,
const ROWS_PER_SECOND: f64 = 100_000.0;
/// but not beyond this, unless they are set to be longer.
const TICK_MAX: Duration = Duration::from_millis(500);

/// News that nobody waits for, such as a delay that began anew or a confirmation, are taken along this often: a sensor that
/// flickers is to cost no commit of its own.
const LAZY_NEWS_EVERY: Duration = Duration::from_millis(250);

/// What is not stored within this time is told all the same.
const UNSAVED_AFTER: Duration = Duration::from_millis(250);

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
    /// The batch that the recorder writes, and since when.
    in_hand: Option<(Arc<Changes>, Instant)>,
    /// The batch that it had when it gave up.
    given_up: Option<Arc<Changes>>,
    /// Whether the journal has its part of that batch and only the table does not take it: then news go ahead of it.
    table_waits: bool,
    /// News that the recorder writes meanwhile, and since when.
    news_in_hand: Option<(Arc<Changes>, Instant)>,
    /// The batch to fill next. Of what happens, it holds what has been told before it could be stored.
    next: Changes,
    /// Since when something is to be told that nobody has been told of.
    untold_since: Option<Instant>,
    announcer: Arc<Announcer>,
    pace: CommitPace,
    interval: Duration,
    last_full: Instant,
    last_begun: Instant,
    urgent_after: Instant,
    news_after: Instant,
    lazy_news_after: Instant,
    readings_after: Instant,
}

impl Handover {
    pub(crate) fn new(recorder: Recorder, announcer: Arc<Announcer>, pace: CommitPace) -> Self {
        let now = Instant::now();
        Self {
            recorder: Some(recorder),
            in_hand: None,
            given_up: None,
            table_waits: false,
            news_in_hand: None,
            next: Changes::default(),
            untold_since: None,
            announcer,
            pace,
            interval: pace.interval,
            // The first reading of all waits for no tick.
            last_full: now.checked_sub(pace.interval).unwrap_or(now),
            last_begun: now,
            urgent_after: now,
            news_after: now,
            lazy_news_after: now,
            readings_after: now,
        }
    }

    /// The current tick.
    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    /// When something has to be done: a batch handed over, or told although it is not stored.
    pub(crate) fn next_due(&self, building: &Building) -> Option<Instant> {
        if self.in_hand.is_none() {
            return self.batch_due(building);
        }
        let untold = self.untold_since.map(|since| since + UNSAVED_AFTER);
        let ahead = self.may_go_ahead().then(|| self.ahead_due(building)).flatten();
        untold.into_iter().chain(ahead).min()
    }

    /// When something should go ahead of the batch that waits for the table: news that are urgent, and readings with each tick.
    fn ahead_due(&self, building: &Building) -> Option<Instant> {
        let news = self.has_urgent_news(building).then_some(self.news_after);
        let readings = (building.reading_bytes_waiting() > 0).then_some(self.readings_after);
        news.into_iter().chain(readings).min()
    }

    /// Whether the recorder would take news ahead of the batch that waits for the table.
    fn may_go_ahead(&self) -> bool {
        self.table_waits && self.news_in_hand.is_none()
    }

    fn has_urgent_news(&self, building: &Building) -> bool {
        building.has_urgent_news() || self.next.has_news()
    }

    /// When the next batch should be handed over, if one waits.
    fn batch_due(&self, building: &Building) -> Option<Instant> {
        let full = (building.rows_waiting() > 0).then(|| self.last_full + self.interval);
        let lazy = building.has_news().then_some(self.lazy_news_after);
        let urgent = building.has_urgent_changes().then_some(self.urgent_after);
        let news = self.has_urgent_news(building).then_some(self.news_after);
        full.into_iter().chain(lazy).chain(urgent).chain(news).min()
    }

    /// Whether the recorder has nothing in hand.
    pub(crate) fn is_idle(&self) -> bool {
        self.in_hand.is_none()
    }

    /// Since when the recorder has had its batch in hand.
    pub(crate) fn in_hand_since(&self) -> Option<Instant> {
        self.in_hand.as_ref().map(|(_, since)| *since)
    }

    /// Hands a batch over if one is due, and tells whether it has. The batch holds every event so far.
    pub(crate) fn hand_over(&mut self, building: &mut Building, now: Instant) -> bool {
        if building.has_urgent_changes() {
            self.untold_since.get_or_insert(now);
        }
        if self.in_hand.is_some() {
            self.go_ahead(building, now);
            self.tell_unsaved(building, now);
            return false;
        }
        if self.batch_due(building).is_none_or(|due| due > now) {
            return false;
        }
        let full = now >= self.last_full + self.interval;
        let scope = if full { Scope::All } else { Scope::Urgent };
        if self.has_urgent_news(building) || now >= self.lazy_news_after {
            self.lazy_news_after = now + LAZY_NEWS_EVERY;
            building.take_changes(scope, &mut self.next);
        } else {
            building.take_rows(scope, &mut self.next);
        }
        if full {
            let since = (now - self.last_full).max(self.pace.interval);
            let growth = self.next.rows.len() as f64 / since.as_secs_f64() / ROWS_PER_SECOND;
            let longest = TICK_MAX.max(self.pace.interval);
            self.interval = self.pace.interval.mul_f64(growth.max(1.0)).min(longest);
            self.last_full = now;
        }
        self.untold_since = self.next.has_news().then_some(now);
        self.begin(now);
        true
    }

    /// Hands over what need not wait for the table.
    fn go_ahead(&mut self, building: &mut Building, now: Instant) {
        if self.may_go_ahead() && self.ahead_due(building).is_some_and(|due| due <= now) {
            building.take_news(&mut self.next, 0);
            building.take_readings(&mut self.next);
            self.readings_after = now + self.interval;
            self.begin_news(now);
        }
    }

    fn begin_news(&mut self, now: Instant) {
        let news = Arc::new(std::mem::take(&mut self.next));
        if let Some(recorder) = &self.recorder {
            recorder.record(Recording { changes: Arc::clone(&news), handed_over: now, goes_ahead: true });
            self.untold_since = Some(now);
            self.news_in_hand = Some((news, now));
        }
    }

    /// The journal has its part of the batch; the table does not take the values for now.
    pub(crate) fn table_waits(&mut self) {
        self.table_waits = true;
        self.news_stored();
    }

    /// The news that went ahead are stored.
    pub(crate) fn news_stored(&mut self) {
        self.news_in_hand = None;
        self.news_after = Instant::now() + URGENT_GAP;
        if !self.next.has_news() {
            self.untold_since = None;
        }
    }

    /// The recorder takes too long: people are told of what waits for it.
    fn tell_unsaved(&mut self, building: &mut Building, now: Instant) {
        if self.untold_since.is_none_or(|since| since + UNSAVED_AFTER > now) {
            return;
        }
        self.untold_since = None;
        for (in_hand, _) in self.in_hand.iter().filter(|_| !self.table_waits).chain(&self.news_in_hand) {
            self.announcer.unsaved(in_hand);
        }
        let unstored = self.next.entries.len();
        building.take_news(&mut self.next, unstored);
        self.announcer.unsaved(&self.next);
    }

    /// The recorder has written its batch.
    pub(crate) fn written(&mut self) {
        let now = Instant::now();
        self.table_waits = false;
        let memory = self.in_hand.take().and_then(|(changes, _)| Arc::into_inner(changes));
        if let Some(mut memory) = memory
            && self.next.rows.is_empty()
        {
            memory.clear();
            self.next.rows = memory.rows;
            if self.next.readings.is_empty() {
                self.next.readings = memory.readings;
            }
        }
        if !self.next.has_news() {
            self.untold_since = None;
        }
        // A slow disk gets as long a rest as it took, so that others can read and write there too.
        self.urgent_after = now + URGENT_GAP.max(now - self.last_begun).min(self.interval);
        // Alarms do not rest.
        self.news_after = now + URGENT_GAP;
    }

    /// The recorder has ended before its time. Readings are still taken, for everything else that they mean.
    pub(crate) fn give_up(&mut self) {
        self.recorder = None;
        self.given_up = self.in_hand.take().map(|(changes, _)| changes);
        self.news_in_hand = None;
    }

    /// How many sensors have a latest value that the table does not have.
    pub(crate) fn rows_unstored(&self, building: &Building) -> usize {
        let handed_over = self.in_hand.iter().map(|(changes, _)| changes).chain(&self.given_up);
        let rows = handed_over.flat_map(|changes| &changes.rows).map(|row| row.sensor);
        rows.chain(building.sensors_waiting()).collect::<HashSet<_>>().len()
    }

    /// Has everything written down that is left, and ends the recorder.
    pub(crate) fn finish(&mut self, building: &mut Building, inbox: &Inbox) {
        while self.recorder.is_some() {
            if self.in_hand.is_some() {
                match inbox.wait() {
                    Some(Request::Recorded) => self.written(),
                    Some(Request::TableWaits) => {
                        self.table_waits();
                        self.go_ahead_at_the_end(building);
                    }
                    Some(Request::NewsStored) => {
                        self.news_stored();
                        self.go_ahead_at_the_end(building);
                    }
                    Some(Request::GaveUp) | None => self.give_up(),
                    // Nobody is served any more; the one who asked sees the reply's sender go.
                    Some(_) => {}
                }
                continue;
            }
            building.take_changes(Scope::All, &mut self.next);
            if self.next.is_empty() {
                self.recorder = None;
                return;
            }
            self.begin(Instant::now());
        }
    }

    /// At a stop the journal gets its last entries, even if the table will not get its last values.
    fn go_ahead_at_the_end(&mut self, building: &mut Building) {
        let is_something =
            building.has_news() || self.next.has_news() || building.reading_bytes_waiting() > 0;
        if self.may_go_ahead() && is_something {
            building.take_news(&mut self.next, 0);
            building.take_readings(&mut self.next);
            self.begin_news(Instant::now());
        }
    }

    fn begin(&mut self, now: Instant) {
        self.last_begun = now;
        let changes = Arc::new(std::mem::take(&mut self.next));
        if let Some(recorder) = &self.recorder {
            recorder.record(Recording { changes: Arc::clone(&changes), handed_over: now, goes_ahead: false });
            self.in_hand = Some((changes, now));
        } else {
            // Nothing is ever stored again; people are told all the same.
            self.announcer.unsaved(&changes);
        }
    }
}
