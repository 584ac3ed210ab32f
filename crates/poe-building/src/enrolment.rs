//! What happens to a node that was never seen before.

use crate::words::words;

/// Whether a node that was never seen before is let in.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash, Debug)]
pub enum Enrolment {
    /// At once; it is shown as new until somebody approves it.
    #[default]
    Open,
    /// Once somebody approves it. Until then what it sends is held in a list, and a flame that it sees is a supervisory
    /// signal: never silence, and never a full alarm.
    Approve,
    /// Never.
    Closed,
}

impl Enrolment {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Open, Self::Approve, Self::Closed];

    /// The word for it everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approve => "approve",
            Self::Closed => "closed",
        }
    }
}

words!(Enrolment);
