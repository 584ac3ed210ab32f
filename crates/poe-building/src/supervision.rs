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
}

impl Cadence {
    /// The node was heard again after this long.
    #[inline]
    pub(crate) fn learn(&mut self, pause: Duration) {
        if pause >= PAUSE_MIN {
            self.remember(pause);
        }
    }

    fn remember(&mut self, pause: Duration) {
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
        let mut cadence = Cadence::default();
        pauses_s.iter().for_each(|pause| cadence.learn(Duration::from_secs(*pause)));
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
}
