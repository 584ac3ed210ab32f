//! The server looks at itself: what it cannot be trusted with just now is a trouble, with its own words and its own end.

use super::Engine;
use crate::{net::doors::Refusal, stats::STALLED_AFTER};
use poe_building::{EntryKind, Gap, Input, Outcome, own};
use poe_history::Notice as HistoryNotice;
use std::time::{Duration, Instant};
use tracing::{error, warn};

/// How often it looks.
const EVERY: Duration = Duration::from_millis(500);
/// How often the clock's distance from UTC is looked up: it changes twice a year.
const UTC_OFFSET_EVERY: Duration = Duration::from_secs(60);
/// A log this long is told about: eight times what it grows to while nobody is in its way.
const LONG_LOG_BYTES: u64 = 128 << 20;

/// What was seen when it looked last.
#[derive(Debug)]
pub(super) struct SelfCheck {
    pub(super) due: Instant,
    utc_offset_due: Instant,
    sensors_refused: u64,
    connections_refused: u64,
    descriptors_refused: u64,
    /// Why the keeper of the history cannot work.
    keeper_failing: Option<String>,
}

impl SelfCheck {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            due: now,
            utc_offset_due: now,
            sensors_refused: 0,
            connections_refused: 0,
            descriptors_refused: 0,
            keeper_failing: None,
        }
    }
}

impl Engine {
    pub(super) fn look_at_itself(&mut self, now: Instant) {
        if let Some(by_us) = self.clock.take_step() {
            self.building.handle(Input::ClockSet { by_us }, self.clock.now(), &mut self.events);
        }
        if now < self.self_check.due {
            return;
        }
        self.self_check.due = now + EVERY;
        if now >= self.self_check.utc_offset_due {
            self.self_check.utc_offset_due = now + UTC_OFFSET_EVERY;
            self.building.set_utc_offset(jiff::Zoned::now().offset().seconds());
        }
        self.look_at_storage(now);
        self.look_at_history();
        self.look_at_limits();
        self.look_at_the_ways_out();
        self.own.alarms = self.building.alarm_counts();
    }

    fn look_at_storage(&mut self, now: Instant) {
        let stalled =
            self.handover.in_hand_since().map(|since| now - since).filter(|for_| *for_ >= STALLED_AFTER);
        let (why, damage, log_bytes, mark_failing, journal_fault) = {
            let recorder = self.stats.recorder();
            (
                recorder.failing.clone(),
                recorder.damage.first().cloned(),
                recorder.state_wal_bytes.max(recorder.table_wal_bytes),
                recorder.mark_failing,
                recorder.journal_fault.clone(),
            )
        };
        let why = why.as_deref().unwrap_or("the disk does not answer");
        let text = match stalled {
            Some(_) => format!("nothing can be stored: {why}"),
            None => "the journal's mark cannot be written".to_owned(),
        };
        self.condition(own::STORAGE, stalled.is_some() || mark_failing, &text);
        let damage_text = damage.as_deref().unwrap_or_default();
        self.condition(own::STORAGE_DAMAGE, damage.is_some(), damage_text);
        let text =
            format!("a log has grown to {} MiB: a program keeps a transaction open; end it", log_bytes >> 20);
        self.condition(own::STORAGE_LOG, log_bytes > LONG_LOG_BYTES, &text);
        if let Some(fault) = journal_fault {
            self.condition(own::JOURNAL, true, &fault);
        }
    }

    /// Whether readings are kept, and what the keeper of the history has done.
    fn look_at_history(&mut self) {
        let (log_failing, log_gap) = {
            let history = &mut self.stats.recorder().history;
            (history.failing.clone(), history.gap.take())
        };
        while let Ok(notice) = self.history.try_recv() {
            match notice {
                HistoryNotice::Damaged { text } => {
                    self.note(EntryKind::HistoryDamaged, &text);
                    self.incident(own::HISTORY_DAMAGE, &text);
                }
                HistoryNotice::Removed { text } => self.note(EntryKind::HistoryRemoved, &text),
                HistoryNotice::Failing { text } => self.self_check.keeper_failing = text,
            }
        }
        let failing = log_failing.or_else(|| self.self_check.keeper_failing.clone());
        self.condition(own::HISTORY, failing.is_some(), failing.as_deref().unwrap_or_default());
        if let Some(gap) = [log_gap, self.building.take_gap()].into_iter().flatten().reduce(Gap::and) {
            let Gap { from, to, readings } = gap;
            let text = format!(
                "{readings} readings between {from} and {to} are missing in the history: the disk stood still for too long"
            );
            warn!("{text}");
            self.note(EntryKind::HistoryGap, &text);
            self.incident(own::HISTORY_GAP, &text);
        }
    }

    fn note(&mut self, kind: EntryKind, text: &str) {
        self.building.handle(Input::Note { kind, text }, self.clock.now(), &mut self.events);
    }

    /// Limits that have been reached since the last look.
    fn look_at_limits(&mut self) {
        let sensors_refused = self.building.counters().sensors_refused;
        if sensors_refused > self.self_check.sensors_refused {
            self.self_check.sensors_refused = sensors_refused;
            let text = "new sensors are refused: the building is full (settings max_sensors, max_nodes)";
            self.incident(own::LIMIT_SENSORS, text);
        }
        let refused = |refusal: Refusal| self.own.refused[refusal.index()];
        let connections = refused(Refusal::ConnectionCap) + refused(Refusal::AddressCap);
        let descriptors = refused(Refusal::Descriptors);
        if connections > self.self_check.connections_refused {
            self.self_check.connections_refused = connections;
            self.incident(
                own::LIMIT_CONNECTIONS,
                "connections are refused (settings max_connections, max_connections_per_address)",
            );
        }
        if descriptors > self.self_check.descriptors_refused || self.listening.paused_until.is_some() {
            self.self_check.descriptors_refused = descriptors;
            self.incident(
                own::LIMIT_DESCRIPTORS,
                "no file descriptors are left (raise the limit, ulimit -n)",
            );
        }
    }

    /// Whether people can be told.
    fn look_at_the_ways_out(&mut self) {
        let heartbeat = self.announcer.heartbeat_failure();
        let text = heartbeat.as_deref().unwrap_or_default();
        self.condition(own::HEARTBEAT, heartbeat.is_some(), text);
        self.condition(
            own::NOTIFIER,
            !self.announcer.can_notify(),
            "the notifier has ended; start the server again",
        );
        self.look_at_targets();
        if let Some(breach) = self.announcer.take_breach() {
            warn!("{breach}");
            self.incident(own::LATENCY, &breach);
        }
    }

    /// A target that goes on failing is tried, and reported, ever more seldom. The building decides how long that may be,
    /// and so it is told again as long as it lasts.
    fn look_at_targets(&mut self) {
        for figures in self.announcer.targets().into_iter().filter(|figures| figures.failing > 0) {
            let Some((why, at)) = figures.last_error else { continue };
            let waits = self.building.promises().find(|promise| promise.target == figures.target);
            if let Some(promise) = waits.map(|promise| promise.id) {
                let input = Input::Outcome { promise, outcome: Outcome::Failed(why), at };
                self.building.handle(input, self.clock.now(), &mut self.events);
            }
        }
    }

    fn condition(&mut self, rule: &'static str, holds: bool, text: &str) {
        let input = Input::System { rule, holds, text };
        self.building.handle(input, self.clock.now(), &mut self.events);
        if holds && rule == own::NOTIFIER {
            error!("{text}");
        }
    }

    fn incident(&mut self, rule: &'static str, text: &str) {
        self.building.handle(Input::Incident { rule, text }, self.clock.now(), &mut self.events);
    }
}
