//! What a rule can say: when its condition holds, how long it waits, and how loudly it speaks.

use crate::{Class, SensorKey, Status, Text};
use core::{net::IpAddr, time::Duration};
use poe_wire::SensorKind;

/// A rule as it is in force for a sensor, or one of the server's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Its name, which refines the same name elsewhere: `smoke`, `smoke-warning`.
    pub name: Text,
    /// The signal that it raises; `None`: it is journalled only.
    pub class: Option<Class>,
    /// Within its class, 1 before 9.
    pub priority: u8,
    /// The status of a value that fulfils it.
    pub level: Status,
    /// The values that fulfil it.
    pub range: Range,
    /// The condition must hold for so long before the alarm is raised.
    pub on_delay: Duration,
    /// It must be gone for so long before the alarm returns to normal.
    pub off_delay: Duration,
    /// Whether the alarm is held until somebody resets it.
    pub latching: bool,
    /// Acknowledged but still active for so long: people are asked again.
    pub re_alarm: Option<Duration>,
    /// Not acknowledged for so long: the next groups are told.
    pub escalation: Option<Duration>,
    /// What people are told beside the sensor and its value.
    pub message: Text,
    /// Whether one sensor is enough.
    pub voting: Voting,
}

/// Values from a threshold on, with the deadband that they have to leave.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Range {
    /// The lowest value that fulfils it.
    pub from: u8,
    /// The highest.
    pub to: u8,
    /// Once fulfilled, a value must be farther away than this to end it.
    pub deadband: u8,
}

impl Range {
    /// This value or more.
    pub const fn at_least(value: u8) -> Self {
        Self { from: value, to: u8::MAX, deadband: 0 }
    }

    /// This value or less.
    pub const fn at_most(value: u8) -> Self {
        Self { from: 0, to: value, deadband: 0 }
    }

    /// This value and no other.
    pub const fn only(value: u8) -> Self {
        Self { from: value, to: value, deadband: 0 }
    }

    /// Whether the value fulfils it.
    pub const fn holds(self, value: u8) -> bool {
        self.from <= value && value <= self.to
    }

    /// Whether the value ends it. Values in the deadband neither fulfil nor end it.
    pub const fn ends(self, value: u8) -> bool {
        let below = self.from.saturating_sub(value);
        let above = value.saturating_sub(self.to);
        let away = if below > above { below } else { above };
        away > self.deadband
    }
}

/// How many sensors have to agree.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Voting {
    /// Each speaks for itself.
    Single,
    /// So many sensors of the same group, each fulfilling the rule now or within the window.
    Coincidence {
        /// Who belongs together.
        group: Group,
        /// How many of them it takes.
        count: u8,
        /// How long one that no longer fulfils it still counts.
        window: Duration,
    },
    /// Two different detectors of the same group within the window; one alone is a trouble.
    CrossZone {
        /// Who belongs together.
        group: Group,
        /// How long the first waits for the second.
        window: Duration,
    },
    /// A second look at the same sensor: within 10 s of the first nothing counts, in the 60 s after that the first
    /// reading that fulfils the rule confirms it. For smoke only.
    Verification,
}

/// Verification: after the first trip nothing counts for this long,
pub const VERIFICATION_IGNORES: Duration = Duration::from_secs(10);
/// and after that a trip within this time confirms it.
pub const VERIFICATION_CONFIRMS: Duration = Duration::from_secs(60);

/// Whose sensors are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Group {
    /// Those of one node.
    Node,
    /// Those of one zone; of one node where there is no zone.
    Zone,
}

/// What somebody has set for a rule, somewhere. What is `None` stays as it is further out: a sensor's setting refines
/// its node's, that the room's, the zone's, and so on up to the profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleSetting {
    /// The rule that it refines; a name that the profile does not have makes a rule of its own.
    pub rule: Text,
    /// Where it holds.
    pub scope: Scope,
    /// For which kind of sensor. A rule that the profile has keeps its kind.
    pub kind: Option<SensorKind>,
    /// Fulfilled by this value or more.
    pub at_least: Option<u8>,
    /// Fulfilled by this value or less.
    pub at_most: Option<u8>,
    /// See [`Range::deadband`].
    pub deadband: Option<u8>,
    /// The signal that it raises; `Some(None)`: it is journalled only.
    pub class: Option<Option<Class>>,
    /// See [`Rule::priority`].
    pub priority: Option<u8>,
    /// See [`Rule::on_delay`].
    pub on_delay: Option<Duration>,
    /// See [`Rule::off_delay`].
    pub off_delay: Option<Duration>,
    /// See [`Rule::latching`].
    pub latching: Option<bool>,
    /// See [`Rule::re_alarm`]; `Some(None)`: never.
    pub re_alarm: Option<Option<Duration>>,
    /// See [`Rule::escalation`]; `Some(None)`: never.
    pub escalation: Option<Option<Duration>>,
    /// See [`Rule::message`].
    pub message: Option<Text>,
    /// See [`Rule::voting`].
    pub voting: Option<Voting>,
}

/// Where a setting holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// For every sensor of the kind.
    Everywhere,
    /// In this place and in every place in it.
    Place(Text),
    /// On this node.
    Node(IpAddr),
    /// For this sensor.
    Sensor(SensorKey),
}

impl RuleSetting {
    /// A setting that says nothing yet.
    pub fn new(rule: impl Into<Text>, scope: Scope) -> Self {
        Self {
            rule: rule.into(),
            scope,
            kind: None,
            at_least: None,
            at_most: None,
            deadband: None,
            class: None,
            priority: None,
            on_delay: None,
            off_delay: None,
            latching: None,
            re_alarm: None,
            escalation: None,
            message: None,
            voting: None,
        }
    }
}
