//! How long alarms take, from the last byte of their frame to each step of their way: measured for every one, held
//! against the limits of the trade.

use poe_api::AlarmSeconds;
use poe_building::{Class, Entry, EntryKind, Promise, Time};
use std::{collections::VecDeque, time::Duration};

/// Measures that percentiles are made from: an hour of a flood.
const KEPT_MAX: usize = 1_024;

/// The trade's limit for an alarm (NFPA 72, UL 864),
const ALARM_MAX: Duration = Duration::from_secs(10);
/// and for a trouble (UL 864).
const TROUBLE_MAX: Duration = Duration::from_secs(200);

/// A step of an alarm's way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Decided,
    Stored,
    Notified,
}

impl Step {
    pub(crate) const ALL: [Self; 3] = [Self::Decided, Self::Stored, Self::Notified];

    const fn name(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Stored => "stored",
            Self::Notified => "notified",
        }
    }
}

/// The latest measures of each class of signal and each step.
#[derive(Debug, Default)]
pub(crate) struct Latencies {
    measures: [[Measures; Step::ALL.len()]; Class::ALL.len()],
    /// How long alarms took until they were stored, and until the first target had them.
    pub(crate) alarms_stored: AlarmSeconds,
    pub(crate) alarms_notified: AlarmSeconds,
    /// The latest breach of a limit that nobody has been told of yet.
    breach: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Measures {
    latest: VecDeque<Duration>,
    pub(crate) count: u64,
    pub(crate) worst: Duration,
}

impl Measures {
    /// The value below which this share of the latest measures lies.
    pub(crate) fn percentile(&self, share: f64) -> Duration {
        let mut sorted: Vec<Duration> = self.latest.iter().copied().collect();
        sorted.sort_unstable();
        let at = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
        sorted.get(at).copied().unwrap_or_default()
    }

    fn add(&mut self, took: Duration) {
        if self.latest.len() == KEPT_MAX {
            self.latest.pop_front();
        }
        self.latest.push_back(took);
        self.count += 1;
        self.worst = self.worst.max(took);
    }
}

/// How long a signal of this class may take.
pub(crate) const fn limit(class: Class) -> Duration {
    match class {
        Class::Alarm => ALARM_MAX,
        Class::Supervisory | Class::Trouble => TROUBLE_MAX,
    }
}

impl Latencies {
    /// An entry was stored just now.
    pub(crate) fn stored(&mut self, entry: &Entry, now: Time) {
        if let (EntryKind::AlarmRaised, Some(class)) = (entry.kind, entry.class) {
            self.add(class, Step::Decided, entry.decided.since(entry.received));
            self.add(class, Step::Stored, now.since(entry.received));
        }
    }

    /// A target has had a notification since this moment.
    pub(crate) fn notified(&mut self, promise: &Promise, at: Time) {
        if promise.alarm.is_some() && promise.reason == poe_building::Reason::Raised {
            self.add(promise.class, Step::Notified, at.since(promise.promised));
        }
    }

    pub(crate) fn of(&self, class: Class, step: Step) -> &Measures {
        &self.measures[class as usize][step as usize]
    }

    /// What took longer than the trade allows, told once.
    pub(crate) fn take_breach(&mut self) -> Option<String> {
        self.breach.take()
    }

    fn add(&mut self, class: Class, step: Step, took: Duration) {
        self.measures[class as usize][step as usize].add(took);
        match (class, step) {
            (Class::Alarm, Step::Stored) => self.alarms_stored.observe(took),
            (Class::Alarm, Step::Notified) => self.alarms_notified.observe(took),
            _ => {}
        }
        let limit = limit(class);
        if took > limit {
            let (took, limit) = (took.as_secs_f64(), limit.as_secs());
            let step = step.name();
            self.breach = Some(format!(
                "a signal of class {class} was {step} after {took:.1} s; the limit is {limit} s"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_the_latest_and_the_worst_of_all() {
        let mut latencies = Latencies::default();
        for ms in 0..2_000 {
            latencies.add(Class::Alarm, Step::Stored, Duration::from_millis(2_000 - ms));
        }
        let measures = latencies.of(Class::Alarm, Step::Stored);
        assert_eq!(measures.count, 2_000);
        assert_eq!(measures.worst, Duration::from_secs(2));
        assert_eq!(measures.percentile(0.5), Duration::from_millis(512));
        assert_eq!(measures.percentile(1.0), Duration::from_millis(1_024));
        assert_eq!(latencies.of(Class::Trouble, Step::Decided).percentile(0.99), Duration::ZERO);
        assert_eq!(latencies.take_breach(), None);
        latencies.add(Class::Alarm, Step::Notified, Duration::from_secs(11));
        let told = latencies.take_breach();
        assert_eq!(
            told.as_deref(),
            Some("a signal of class alarm was notified after 11.0 s; the limit is 10 s")
        );
        assert_eq!(latencies.take_breach(), None, "told once");
    }
}
