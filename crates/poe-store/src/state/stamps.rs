//! When entries became durable and when somebody was told of them. Nobody knows that before it has happened, so these
//! stamps wait here for the next transaction.

use crate::fields::signed;
use poe_building::{Entry, Time};
use rusqlite::{Transaction, params};
use std::{
    collections::VecDeque,
    time::{Duration, Instant, SystemTime},
};

/// Stamps measure; when so many wait for a disk that stands still, the oldest are forgotten.
const WAITING_MAX: usize = 65_536;
/// In a quiet building there is no next transaction for hours, so that after this time they get one of their own.
const WAITING_LONG: Duration = Duration::from_secs(1);

/// The stamps that wait.
#[derive(Debug, Default)]
pub(crate) struct Stamps {
    waiting: VecDeque<(u64, What, Time)>,
    since: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    Committed,
    Notified,
}

impl Stamps {
    /// These entries are durable from now on. What is no signal is not measured.
    pub(crate) fn committed(&mut self, entries: &[Entry]) {
        let mut now = None;
        for entry in entries.iter().filter(|entry| entry.alarm.is_some()) {
            self.note(entry.seq, What::Committed, *now.get_or_insert_with(wall));
        }
    }

    /// Somebody was told of this entry.
    pub(crate) fn notified(&mut self, seq: u64, time: Time) {
        self.note(seq, What::Notified, time);
    }

    fn note(&mut self, seq: u64, what: What, time: Time) {
        if self.waiting.len() == WAITING_MAX {
            self.waiting.pop_front();
        }
        self.since.get_or_insert_with(Instant::now);
        self.waiting.push_back((seq, what, time));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether they have waited for long enough.
    pub(crate) fn are_due(&self) -> bool {
        self.since.is_some_and(|since| since.elapsed() >= WAITING_LONG)
    }

    /// Writes them with the rest of the transaction. The first stamp of a kind counts.
    pub(crate) fn write(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        let mut upsert = transaction.prepare_cached(
            "INSERT INTO stamps (seq, committed_us, notified_us) VALUES (?1, ?2, ?3)
             ON CONFLICT (seq) DO UPDATE SET committed_us = coalesce(committed_us, excluded.committed_us),
                                             notified_us = coalesce(notified_us, excluded.notified_us)",
        )?;
        for (seq, what, time) in &self.waiting {
            let of = |kind| (*what == kind).then_some(time.0);
            upsert.execute(params![signed(*seq), of(What::Committed), of(What::Notified)])?;
        }
        Ok(())
    }

    /// They are written and durable.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.since = None;
    }
}

/// The wall's time. The building brings its own; this one tells when the disk was done.
fn wall() -> Time {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}
