//! How far the wall clock is believed. What is removed by age never comes back, and a clock may be set to anything.
//!
//! A clock that goes back is believed at once: then less is removed. One that goes ahead of the clock that nobody can set is
//! believed when it has gone steadily for a day; until then the days go on from what was believed before.

use super::{
    Work,
    catalogue::{Catalogue, Entry, Level},
};
use std::{sync::Arc, time::Duration};

/// So far a clock may go ahead at once: summer time that was forgotten, and the drift of a day.
const AHEAD_MAX_MS: i64 = 2 * 3_600_000;

/// At a start it may be ahead by this: so long a server may have been off. A wrong clock then costs one day at most.
const AHEAD_AT_START_MAX_MS: i64 = 24 * 3_600_000;

/// A clock that is far ahead and goes steadily is believed after this. By then somebody has seen what time the console shows.
const STEADY: Duration = Duration::from_hours(24);

/// What is believed, and since when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Belief {
    ms: i64,
    /// By the clock that nobody can set, as all such times here.
    at: Duration,
    /// Since when the wall clock is far ahead, and what it said then.
    ahead: Option<(Duration, i64)>,
}

impl Belief {
    /// After a start: `before_ms` is what was believed before, or the time of the newest reading that was not imported,
    /// if there is any of these.
    pub(super) fn at_start(before_ms: Option<i64>, wall_ms: i64, at: Duration) -> Self {
        match before_ms {
            Some(before_ms) if wall_ms > before_ms.saturating_add(AHEAD_AT_START_MAX_MS) => {
                Self { ms: before_ms, at, ahead: Some((at, wall_ms)) }
            }
            _ => Self { ms: wall_ms, at, ahead: None },
        }
    }

    /// What time it is, as far as it is believed.
    pub(super) fn look(&mut self, wall_ms: i64, at: Duration) -> i64 {
        let on = |from: Duration, ms: i64| {
            let gone = i64::try_from(at.saturating_sub(from).as_millis()).unwrap_or(i64::MAX);
            ms.saturating_add(gone)
        };
        let steady_ms = on(self.at, self.ms);
        if wall_ms <= steady_ms.saturating_add(AHEAD_MAX_MS) {
            (self.ms, self.ahead) = (wall_ms, None);
        } else {
            let is_steady =
                |(since, ms): &(Duration, i64)| on(*since, *ms).abs_diff(wall_ms) <= AHEAD_MAX_MS as u64;
            let (since, ms) = self.ahead.filter(is_steady).unwrap_or((at, wall_ms));
            (self.ms, self.ahead) = if at.saturating_sub(since) >= STEADY {
                (wall_ms, None)
            } else {
                (steady_ms, Some((since, ms)))
            };
        }
        self.at = at;
        self.ms
    }
}

impl Work<'_> {
    /// What time it is, as far as the clock is believed.
    pub(super) fn believed_ms(&self) -> i64 {
        let (wall_ms, at) = ((self.keeping.clock)(), (self.keeping.steady)());
        let mut belief = self.keeping.belief.get().unwrap_or_else(|| {
            let catalogue = self.history.catalogue.now();
            Belief::at_start(catalogue.clock_ms.or_else(|| newest_sealed(&catalogue)), wall_ms, at)
        });
        let now_ms = belief.look(wall_ms, at);
        self.keeping.belief.set(Some(belief));
        self.history.catalogue.set_clock(now_ms);
        now_ms
    }
}

/// The time of the newest reading that came in as it was measured. What was imported may be of any time, and says nothing of the
/// clock; only files of the log say in their names that they are.
fn newest_sealed(catalogue: &Catalogue) -> Option<i64> {
    let is_sealed = |entry: &&Arc<Entry>| entry.name().is_some_and(|name| name.sealed_through.is_some());
    catalogue.of(Level::Raw).filter(is_sealed).map(|entry| entry.to_ms).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;
    const YEARS_MS: i64 = 20 * 365 * 24 * HOUR_MS;

    fn hours(hours: u64) -> Duration {
        Duration::from_hours(hours)
    }

    #[test]
    fn a_clock_that_goes_steadily_is_believed() {
        let mut belief = Belief::at_start(None, 5, hours(7));
        for hour in 0..100 {
            assert_eq!(belief.look(5 + hour * HOUR_MS, hours(7 + hour as u64)), 5 + hour * HOUR_MS);
        }
        assert_eq!(belief.look(3, hours(107)), 3, "back at once");
        assert_eq!(belief.look(3 + HOUR_MS, hours(107)), 3 + HOUR_MS, "an hour ahead at once");
    }

    #[test]
    fn a_clock_far_ahead_is_believed_after_a_day_of_steady_running() {
        let mut belief = Belief::at_start(Some(0), 0, hours(0));
        for hour in 1..=24 {
            let now = hour * HOUR_MS;
            assert_eq!(belief.look(now + YEARS_MS, hours(hour as u64)), now, "{hour}");
        }
        assert_eq!(belief.look(25 * HOUR_MS + YEARS_MS, hours(25)), 25 * HOUR_MS + YEARS_MS);
    }

    #[test]
    fn a_clock_that_jumps_about_is_never_believed() {
        let mut belief = Belief::at_start(Some(0), 0, hours(0));
        for hour in 1..=100 {
            let ahead = YEARS_MS + hour % 3 * 10 * HOUR_MS;
            assert_eq!(belief.look(hour * HOUR_MS + ahead, hours(hour as u64)), hour * HOUR_MS);
        }
        assert_eq!(belief.look(101 * HOUR_MS, hours(101)), 101 * HOUR_MS, "right again");
    }

    #[test]
    fn a_start_with_a_wrong_clock_goes_on_from_what_was_believed() {
        let mut belief = Belief::at_start(Some(9), YEARS_MS, hours(0));
        assert_eq!(belief.look(YEARS_MS, hours(0)), 9);
        assert_eq!(
            Belief::at_start(Some(9), 20 * HOUR_MS, hours(0)).look(20 * HOUR_MS, hours(0)),
            20 * HOUR_MS
        );
        assert_eq!(
            Belief::at_start(None, YEARS_MS, hours(0)).look(YEARS_MS, hours(0)),
            YEARS_MS,
            "nothing to lose"
        );
    }
}
