//! What comes in, a page with all that its target is to read, and what goes back, a report.

use poe_building::{AlarmId, Class, Outcome, Promise, PromiseId, State, Text, Time};
use std::sync::Arc;

/// Alarms that a page lists: a restart notice of a campus still fits into a request that servers take. The rest is counted.
pub const PAGE_ALARMS_MAX: usize = 500;

/// A promise, with what it tells of as it was when it was promised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// What was promised to whom.
    pub promise: Promise,
    /// The promise is not on the disk yet: it could be forgotten, and then come under another number.
    pub unsaved: bool,
    /// What it tells of, the most important first. A restart notice lists several, at most [`PAGE_ALARMS_MAX`], and one
    /// list serves the pages of all targets; a test lists none.
    pub alarms: Arc<[PageAlarm]>,
    /// How many there are in all.
    pub alarms_in_all: usize,
}

impl Page {
    /// How many alarms are not told, if only so many are.
    pub(crate) fn left_out(&self, told_max: usize) -> usize {
        self.alarms_in_all.saturating_sub(self.alarms.len().min(told_max))
    }
}

/// An alarm as the target is told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageAlarm {
    /// Its number.
    pub id: AlarmId,
    /// The class of its signal.
    pub class: Class,
    /// Within its class, 1 before 9.
    pub priority: u8,
    /// What it is about: a sensor's key, a node's address, the name of a place or a switch.
    pub source: Text,
    /// What people call that.
    pub source_name: Option<Text>,
    /// Where that is.
    pub place: Option<Text>,
    /// The rule that raised it.
    pub rule: Text,
    /// How it stands.
    pub state: State,
    /// The value that raised it.
    pub value: Option<u8>,
    /// What the value is counted in.
    pub unit: Option<Text>,
    /// What people are told.
    pub message: Text,
    /// When it was raised.
    pub raised: Time,
    /// Who has seen it.
    pub acknowledged_by: Option<Text>,
}

/// What became of a page, or of a try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// The page's promise.
    pub promise: PromiseId,
    /// The target's name.
    pub target: Text,
    /// What became of it. Of failed tries not all are told: the first of each page, and one a minute of a target.
    pub outcome: Outcome,
    /// When: for a confirmation the moment at which the receiver said yes.
    pub at: Time,
}
