//! How many lines a second reach the screen. The rest is counted.

use std::{
    mem,
    time::{Duration, Instant},
};

/// Lines are counted for so long.
pub(super) const TURN: Duration = Duration::from_secs(1);

/// Counts the lines of a [`TURN`].
pub(super) struct Pace {
    lines_max: u32,
    since: Instant,
    shown: u32,
    hidden: u64,
}

impl Pace {
    pub(super) fn new(lines_max: u32, now: Instant) -> Self {
        Self { lines_max, since: now, shown: 0, hidden: 0 }
    }

    /// How long until the next turn.
    pub(super) fn rest(&self, now: Instant) -> Duration {
        TURN.saturating_sub(now - self.since)
    }

    /// Begins a new turn if it is time, and tells how many lines the last one has hidden.
    pub(super) fn turn(&mut self, now: Instant) -> Option<u64> {
        if now - self.since < TURN {
            return None;
        }
        (self.since, self.shown) = (now, 0);
        Some(mem::take(&mut self.hidden)).filter(|hidden| *hidden > 0)
    }

    /// Whether one more line can be shown.
    pub(super) fn admits(&mut self) -> bool {
        let admitted = self.shown < self.lines_max;
        if admitted {
            self.shown += 1;
        } else {
            self.hidden += 1;
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_lines_is_counted_instead_of_shown() {
        let start = Instant::now();
        let mut pace = Pace::new(50, start);
        let shown = (0..1_284).filter(|_| pace.admits()).count();
        assert_eq!(shown, 50);
        assert_eq!(pace.turn(start + TURN / 2), None);
        assert_eq!(pace.rest(start + TURN / 4), TURN / 4 * 3);
        assert_eq!(pace.turn(start + TURN), Some(1_234));
        assert!(pace.admits());
        assert_eq!(pace.turn(start + 2 * TURN), None);
    }
}
