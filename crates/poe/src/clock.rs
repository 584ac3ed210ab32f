//! The server's clock, as readings are stamped with it.

use poe_building::{Moment, Ticks, Time};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tracing::warn;

/// A clock set back by up to this much is not followed: no reader of the table sees time run backwards. More is
/// somebody correcting a wrong clock, and stays corrected.
const STEP_BACK_MAX: Duration = Duration::from_secs(5 * 60);

/// A step of at least this much is told: less may be the drift of a night without a time server.
const STEP_TOLD_MIN: Duration = Duration::from_secs(60);

/// Wall-clock time that does not run backwards by small steps. While it is ahead it runs at half the speed, so that
/// a live node's readings still move and the clock is caught up with.
#[derive(Debug)]
pub(crate) struct Clock {
    latest: Time,
    /// When the clock was asked last, on both clocks: a step is where they disagree.
    asked: Option<(Time, Instant)>,
    /// The latest step that is worth telling, in microseconds, until somebody asks for it.
    step_us: Option<i64>,
    /// Where ticks count from.
    origin: Instant,
}

impl Clock {
    /// A clock that is not behind the latest stamp of an earlier run. Stamps from the far future tell of a clock that
    /// was wrong and has been corrected; they say nothing.
    pub(crate) fn new(stamps: impl Iterator<Item = Time>) -> Self {
        Self::starting_at(wall(), stamps)
    }

    fn starting_at(wall: Time, stamps: impl Iterator<Item = Time>) -> Self {
        let mut latest = Time::default();
        let mut ahead = 0;
        for stamp in stamps {
            if stamp.0.saturating_sub(wall.0) <= STEP_BACK_MAX.as_micros() as i64 {
                latest = latest.max(stamp);
            } else {
                ahead += 1;
            }
        }
        if ahead > 0 {
            warn!(ahead, "{ahead} stored readings are from the future; was the clock wrong, or is it now?");
        }
        Self { latest, asked: None, step_us: None, origin: Instant::now() }
    }

    /// The time now.
    pub(crate) fn now(&mut self) -> Moment {
        let now = Instant::now();
        Moment { time: self.at(wall(), now), ticks: self.ticks(now) }
    }

    /// When these ticks are.
    pub(crate) fn instant(&self, ticks: Ticks) -> Instant {
        self.origin + Duration::from_micros(ticks.0)
    }

    /// By how much the clock was set since this was asked last, forward or back, if it was.
    pub(crate) fn take_step(&mut self) -> Option<i64> {
        self.step_us.take()
    }

    fn ticks(&self, now: Instant) -> Ticks {
        Ticks((now - self.origin).as_micros() as u64)
    }

    fn at(&mut self, wall: Time, now: Instant) -> Time {
        let (asked_wall, asked) = self.asked.replace((wall, now)).unwrap_or((wall, now));
        let passed = (now - asked).as_micros() as i64;
        let step_back = asked_wall.0 + passed - wall.0;
        if step_back.unsigned_abs() >= STEP_TOLD_MIN.as_micros() as u64 {
            self.step_us = Some(-step_back);
        }
        if step_back > STEP_BACK_MAX.as_micros() as i64 {
            let step_s = step_back / 1_000_000;
            warn!(step_s, "the clock was set back by {step_s} s; new readings follow it");
            self.latest = wall;
        } else {
            self.latest = wall.max(Time(self.latest.0 + passed / 2));
        }
        self.latest
    }
}

/// What the wall shows.
pub(crate) fn wall() -> Time {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => Time(since.as_micros() as i64),
        Err(before) => Time(-(before.duration().as_micros() as i64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_step_back_is_slewed_and_a_large_one_followed() {
        let start = Instant::now();
        let mut clock = Clock::starting_at(Time(0), [].into_iter());
        let mut at = |wall_s: i64, monotonic_s: u64| {
            clock.at(Time::from_secs(wall_s), start + Duration::from_secs(monotonic_s)).as_secs_f64()
        };
        assert_eq!(at(10_000, 0), 10_000.0);
        assert_eq!(at(9_901, 1), 10_000.5, "set back by 100 s");
        assert_eq!(at(9_921, 21), 10_010.5, "half the speed");
        assert_eq!(at(9_741, 41), 10_020.5, "and by 200 s more: each step counts by itself");
        assert_eq!(at(10_301, 601), 10_301.0, "caught up");
        assert_eq!(at(10_002, 602), 10_301.5, "300 s are small");
        assert_eq!(at(9_000, 603), 9_000.0, "far back is followed");
        assert_eq!(at(90_000, 604), 90_000.0, "and so is forward");
    }

    #[test]
    fn a_restart_does_not_run_backwards_either() {
        let start = Instant::now();
        let first = |stamps: &[i64]| {
            let wall = Time::from_secs(900);
            let stamps = stamps.iter().map(|stamp| Time::from_secs(*stamp));
            Clock::starting_at(wall, stamps).at(wall, start)
        };
        assert_eq!(first(&[1_000, 800]), Time::from_secs(1_000));
        assert_eq!(first(&[9_000]), Time::from_secs(900));
        assert_eq!(
            first(&[9_000, 1_000]),
            Time::from_secs(1_000),
            "one dead sensor's stamp hides nobody else's"
        );
    }
}
