//! Why an alarm is kept quiet, by whom, and until when. Nothing is quiet without an end.

use crate::{Due, Quiet, Source, Text, Time, Who};

/// A suppression's number. No number comes twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SuppressionId(pub u64);

/// Something that keeps alarms quiet. What is quiet is still evaluated and journalled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suppression {
    /// Its number.
    pub id: SuppressionId,
    /// Shelved, by design, or out of service.
    pub kind: Quiet,
    /// Whose alarms: of a sensor; of a node with its sensors; of a place with everything in it.
    pub source: Source,
    /// Only the alarm of this rule; `None`: all of them.
    pub rule: Option<Text>,
    /// The person; for a suppression by design the server.
    pub owner: Who,
    /// Why.
    pub reason: Text,
    /// Since when.
    pub began: Time,
    /// Until when. A suppression by design ends by logic and has none.
    pub ends: Option<Due>,
    /// When it ended. What has ended stays on record and never comes back.
    pub ended: Option<Time>,
}

impl Suppression {
    /// Whether it still keeps anything quiet.
    pub fn is_in_force(&self) -> bool {
        self.ended.is_none()
    }
}
