//! Which entries a client has been told, when some of them came ahead of others.

use std::ops::RangeInclusive;

/// What a client knows. The one run that may be ahead is all that is remembered of what came out of turn: after another gap
/// the run before it is told again from the journal, for twice is better than never.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Up to here nothing is missing.
    told: u64,
    /// Beyond a gap.
    ahead: Option<RangeInclusive<u64>>,
}

impl Progress {
    pub(super) fn up_to(told: u64) -> Self {
        Self { told, ahead: None }
    }

    /// The last entry before which nothing is missing.
    pub(super) fn told(&self) -> u64 {
        self.told
    }

    pub(super) fn knows(&self, seq: u64) -> bool {
        seq <= self.told || self.ahead.as_ref().is_some_and(|ahead| ahead.contains(&seq))
    }

    /// The last entry of what is missing, if something is.
    pub(super) fn missing(&self) -> Option<u64> {
        self.ahead.as_ref().map(|ahead| ahead.start() - 1)
    }

    /// An entry is told as it happens.
    pub(super) fn hears(&mut self, seq: u64) {
        let start = match &self.ahead {
            Some(ahead) if ahead.end() + 1 == seq => *ahead.start(),
            _ => seq,
        };
        self.ahead = Some(start..=seq);
        self.join();
    }

    /// All entries up to this one have been told.
    pub(super) fn reads(&mut self, seq: u64) {
        self.told = self.told.max(seq);
        self.join();
    }

    fn join(&mut self) {
        if let Some(ahead) = self.ahead.take_if(|ahead| *ahead.start() <= self.told + 1) {
            self.told = self.told.max(*ahead.end());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_order_leaves_no_gap() {
        let mut progress = Progress::up_to(3);
        (4..=6).for_each(|seq| progress.hears(seq));
        assert_eq!((progress.told(), progress.missing()), (6, None));
    }

    #[test]
    fn a_gap_stays_until_it_is_read() {
        let mut progress = Progress::up_to(3);
        (6..=7).for_each(|seq| progress.hears(seq));
        assert_eq!((progress.told(), progress.missing()), (3, Some(5)));
        assert!(progress.knows(7) && !progress.knows(5) && !progress.knows(8));
        progress.reads(4);
        assert_eq!((progress.told(), progress.missing()), (4, Some(5)));
        progress.reads(5);
        assert_eq!((progress.told(), progress.missing()), (7, None));
    }

    #[test]
    fn of_two_gaps_what_is_between_is_told_again() {
        let mut progress = Progress::up_to(3);
        progress.hears(6);
        progress.hears(9);
        assert_eq!(progress.missing(), Some(8));
        assert!(!progress.knows(6));
    }
}
