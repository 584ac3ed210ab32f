//! The server's clock, as readings are stamped with it.

use poe_building::Time;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tracing::warn;

/// A clock set back by up to this much is not followed: no reader of the table sees time run backwards. More is
/// somebody correcting a wrong clock, and stays corrected.
const STEP_BACK_MAX: Duration = Duration::from_secs(5 * 60);

/// Wall-clock time that does not run backwards by small steps. While it is ahead it runs at half the speed, so that
/// a live node's readings still move and the clock is caught up with.
#[derive(Debug)]
pub(crate) struct Clock {
    latest: Time,
    slewing_since: Option<(Time, Instant)>,
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
        Self { latest, slewing_since: None }
    }

    /// The time now.
    pub(crate) fn now(&mut self) -> Time {
        self.at(wall(), Instant::now)
    }

    fn at(&mut self, wall: Time, monotonic: impl Fn() -> Instant) -> Time {
        let ahead = self.latest.0 - wall.0;
        if ahead <= 0 {
            self.slewing_since = None;
            self.latest = wall;
        } else if ahead > STEP_BACK_MAX.as_micros() as i64 {
            warn!(
                step_s = ahead / 1_000_000,
                "the clock was set back by {} s; new readings follow it",
                ahead / 1_000_000
            );
            self.slewing_since = None;
            self.latest = wall;
        } else {
            let now = monotonic();
            let (from, since) = *self.slewing_since.get_or_insert((self.latest, now));
            let half = (now - since).as_micros() as i64 / 2;
            self.latest = Time(from.0 + half).max(self.latest);
        }
        self.latest
    }
}

fn wall() -> Time {
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
            clock.at(Time::from_secs(wall_s), || start + Duration::from_secs(monotonic_s)).as_secs_f64()
        };
        assert_eq!(at(10_000, 0), 10_000.0);
        assert_eq!(at(9_900, 1), 10_000.0, "set back by 100 s");
        assert_eq!(at(9_920, 21), 10_010.0, "half the speed");
        assert_eq!(
            at(10_098, 199),
            10_098.0,
            "nobody asked meanwhile, and the wall has passed the last answer"
        );
        assert_eq!(at(10_101, 202), 10_101.0, "caught up");
        assert_eq!(at(10_000, 203), 10_101.0, "and set back once more");
        assert_eq!(at(9_000, 204), 9_000.0, "far back is followed");
        assert_eq!(at(90_000, 205), 90_000.0, "and so is forward");
    }

    #[test]
    fn a_restart_does_not_run_backwards_either() {
        let start = Instant::now();
        let first = |stamps: &[i64]| {
            let wall = Time::from_secs(900);
            let stamps = stamps.iter().map(|stamp| Time::from_secs(*stamp));
            Clock::starting_at(wall, stamps).at(wall, || start)
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
