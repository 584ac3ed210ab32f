//! How long a node may be silent: what it was told, or what its own cadence says.

use crate::{Supervision, Ticks, words::words};
use core::time::Duration;

/// Whether a node is heard.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub enum Silence {
    /// It is.
    #[default]
    Heard,
    /// It has been silent for longer than it should.
    Late,
    /// It has been silent for so long that it is a trouble.
    Lost,
}

impl Silence {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Heard, Self::Late, Self::Lost];

    /// The word for it everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Heard => "good",
            Self::Late => "late",
            Self::Lost => "lost",
        }
    }
}

words!(Silence);

/// Pauses shorter than this are within a burst, or so short that they change no limit.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// A node that has had none but those for so long is one that speaks all the time, and that is its cadence too.
const STEADY_AFTER: Duration = Duration::from_secs(10);
/// A node that speaks in bursts is late after so many of its pauses,
const LATE_PAUSES: u32 = 3;
/// and in trouble after so many.
const TROUBLE_PAUSES: u32 = 6;

/// The latest pauses between a node's bursts, in seconds: the middle one is its cadence, so that a single outage teaches
/// nothing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Cadence {
    pauses_s: [u8; 3],
    at: u8,
    /// When the latest was remembered.
    remembered: Ticks,
}

impl Cadence {
    /// The node was heard again after this long.
    #[inline]
    pub(crate) fn learn(&mut self, pause: Duration, now: Ticks) {
        if pause >= PAUSE_MIN || now.since(self.remembered) >= STEADY_AFTER {
            self.remember(pause, now);
        }
    }

    #[inline(never)]
    fn remember(&mut self, pause: Duration, now: Ticks) {
        self.remembered = now;
        // Longer than any node may be silent is no cadence.
        if pause <= Supervision::MAX {
            self.pauses_s[usize::from(self.at)] = pause.as_secs() as u8;
            self.at = (self.at + 1) % 3;
        }
    }

    /// The limits of a node that was told none: those of the building, or longer if it speaks less often.
    pub(crate) fn limits(self, building: Supervision) -> Supervision {
        let [a, b, c] = self.pauses_s;
        let middle = a.max(b).min(a.min(b).max(c));
        let cadence = Duration::from_secs(u64::from(middle));
        let limit = |told: Duration, pauses: u32| told.max(cadence * pauses).min(Supervision::MAX);
        Supervision {
            late: limit(building.late, LATE_PAUSES),
            trouble: limit(building.trouble, TROUBLE_PAUSES),
        }
    }
}

/// Since when a node is silent: since it was heard, or since there was somebody to hear it.
pub(crate) fn silent_since(heard: Ticks, listening_since: Ticks) -> Ticks {
    heard.max(listening_since)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits_after(pauses_s: &[u64]) -> (u64, u64) {
        let pauses: Vec<Duration> = pauses_s.iter().map(|pause| Duration::from_secs(*pause)).collect();
        limits_after_pauses(&pauses)
    }

    fn limits_after_pauses(pauses: &[Duration]) -> (u64, u64) {
        let (mut cadence, mut now) = (Cadence::default(), Ticks(0));
        for pause in pauses {
            now = now.after(*pause);
            cadence.learn(*pause, now);
        }
        let limits = cadence.limits(Supervision::default());
        (limits.late.as_secs(), limits.trouble.as_secs())
    }

    #[test]
    fn a_node_that_speaks_less_often_may_be_silent_for_longer() {
        assert_eq!(limits_after(&[]), (10, 30));
        assert_eq!(limits_after(&[2, 2, 2]), (10, 30));
        assert_eq!(limits_after(&[20, 20, 20]), (60, 120));
        assert_eq!(limits_after(&[60, 60, 60]), (180, 200), "never longer than the trade allows");
        assert_eq!(limits_after(&[2, 2, 150, 2]), (10, 30), "one outage teaches nothing");
        assert_eq!(limits_after(&[20, 20, 5_000, 20]), (60, 120));
    }

    #[test]
    fn two_outages_teach_nothing_of_a_node_that_speaks_twice_a_second() {
        let (steady, outage) = ([Duration::from_millis(500); 60], [Duration::from_secs(45)]);
        assert_eq!(
            limits_after_pauses(&[&steady, &outage[..], &steady, &outage, &steady].concat()),
            (10, 30)
        );
    }

    #[test]
    fn what_comes_in_short_bursts_is_no_steady_speech() {
        let burst = [[Duration::from_secs(20)].as_slice(), &[Duration::from_millis(100); 20]].concat();
        assert_eq!(limits_after_pauses(&burst.repeat(4)), (60, 120));
    }
}
