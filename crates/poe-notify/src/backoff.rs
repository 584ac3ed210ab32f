//! How long to pause after a failure: exponential with full jitter, from a seed, so that it can be tried without waiting.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// The longest first pause. A server that only restarts its process is back by then.
const PAUSE_FIRST_MAX: Duration = Duration::from_secs(1);

/// The longest pause. A target that comes back is noticed within a minute.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// The shortest pause: jitter may come out at nothing, and a target that refuses at once would be hammered.
const PAUSE_MIN: Duration = Duration::from_millis(100);

/// A source of chance (SplitMix64). Nothing secret hangs on it.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The same throws for the same seed.
    #[cfg(test)]
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Other throws in each run, so that two servers do not knock in step.
    pub(crate) fn fresh() -> Self {
        Self(RandomState::new().hash_one(0))
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The pause after so many failures in a row.
    pub(crate) fn pause(&mut self, failures: u32) -> Duration {
        let most = longest(failures).as_micros() as u64;
        Duration::from_micros(self.throw() % (most + 1)).max(PAUSE_MIN)
    }
}

/// The longest pause after so many failures in a row.
fn longest(failures: u32) -> Duration {
    PAUSE_FIRST_MAX.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pause_doubles_up_to_a_minute() {
        let seconds: Vec<u64> = (1..=9).map(|failures| longest(failures).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(longest(u32::MAX), PAUSE_MAX);
    }

    #[test]
    fn pauses_are_spread_over_the_whole_span() {
        let mut dice = Dice::seeded(4711);
        let pauses: Vec<Duration> = (0..1000).map(|_| dice.pause(7)).collect();
        assert!(pauses.iter().all(|pause| (PAUSE_MIN..=PAUSE_MAX).contains(pause)));
        let mean = pauses.iter().sum::<Duration>() / 1000;
        assert!((27..33).contains(&mean.as_secs()), "{mean:?}");
        let mut again = Dice::seeded(4711);
        assert!(pauses.iter().all(|pause| *pause == again.pause(7)), "the same seed gives the same pauses");
    }
}
