//! An alarm: its states, the moves between them, and what is known of one.

use crate::{Class, Due, Source, Text, Time, Who, words::words};
use core::fmt;

/// An alarm's number. Every occurrence has a new one; no number comes twice, also not after a restart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AlarmId(pub u64);

impl fmt::Display for AlarmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The states of ISA-18.2 (IEC 62682).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// Quiet.
    Normal,
    /// The condition is true and nobody has seen it.
    Unacknowledged,
    /// The condition is true and somebody has seen it.
    Acknowledged,
    /// The condition is gone and nobody has seen that it was there.
    ReturnedUnacknowledged,
    /// The condition is gone, the alarm is held, and nobody has seen it.
    LatchedUnacknowledged,
    /// The condition is gone, and the alarm is held until somebody resets it.
    LatchedAcknowledged,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Normal,
        Self::Unacknowledged,
        Self::Acknowledged,
        Self::ReturnedUnacknowledged,
        Self::LatchedUnacknowledged,
        Self::LatchedAcknowledged,
    ];

    /// The word for it everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Unacknowledged => "unacknowledged",
            Self::Acknowledged => "acknowledged",
            Self::ReturnedUnacknowledged => "returned_unacknowledged",
            Self::LatchedUnacknowledged => "latched_unacknowledged",
            Self::LatchedAcknowledged => "latched_acknowledged",
        }
    }

    /// Whether nobody has acknowledged it yet.
    pub const fn is_unacknowledged(self) -> bool {
        matches!(self, Self::Unacknowledged | Self::ReturnedUnacknowledged | Self::LatchedUnacknowledged)
    }

    /// Whether the condition is true.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Unacknowledged | Self::Acknowledged)
    }
}

words!(State, Quiet);

/// What can happen to an alarm.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Move {
    /// The condition has become true, and stayed so for its on-delay.
    Trip,
    /// The condition is gone, and stayed so for its off-delay.
    Clear,
    /// The same, of an alarm that was quiet all the while: nobody was told of it, and nobody has to see it.
    Lapse,
    /// A person has seen it.
    Acknowledge,
    /// A person ends its sound.
    Silence,
    /// A person releases the latch.
    Reset,
    /// It has been acknowledged and active for so long that people are asked again.
    AskAgain,
    /// Nobody has acknowledged it for so long that others are told.
    Escalate,
}

impl Move {
    /// Every move.
    pub const ALL: [Self; 8] = [
        Self::Trip,
        Self::Clear,
        Self::Lapse,
        Self::Acknowledge,
        Self::Silence,
        Self::Reset,
        Self::AskAgain,
        Self::Escalate,
    ];
}

/// Where a move leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// To this state, which may be the one it was in.
    To(State),
    /// The state forbids it.
    Refused(Refusal),
}

/// Why a state forbids a move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Reset: the condition is still true.
    ConditionHolds,
    /// Reset: it is not held.
    NotLatched,
    /// The alarm has ended.
    Ended,
    /// Escalation and re-alarm: it is not in the state that they are for.
    NotDue,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConditionHolds => "the condition is still true; reset it once the sensor is back to normal",
            Self::NotLatched => "it is not latched, so there is nothing to reset; acknowledge it",
            Self::Ended => "it has already returned to normal",
            Self::NotDue => "it is not waiting for that",
        })
    }
}

impl State {
    /// Every move from every state: the whole of the alarm's life is here.
    pub const fn step(self, event: Move, latching: bool) -> Step {
        use Move::{Acknowledge, AskAgain, Clear, Escalate, Lapse, Reset, Silence, Trip};
        use State::{
            Acknowledged, LatchedAcknowledged, LatchedUnacknowledged, Normal, ReturnedUnacknowledged,
            Unacknowledged,
        };
        use Step::{Refused, To};
        match (self, event) {
            (Normal, Trip) => To(Unacknowledged),
            (Normal, Clear | Lapse) => To(Normal),
            (Normal, Acknowledge | Silence | Reset) => Refused(Refusal::Ended),

            (Unacknowledged, Trip) => To(Unacknowledged),
            (Unacknowledged, Clear | Lapse) if latching => To(LatchedUnacknowledged),
            (Unacknowledged, Clear) => To(ReturnedUnacknowledged),
            (Unacknowledged, Lapse) => To(Normal),
            (Unacknowledged, Acknowledge) => To(Acknowledged),
            (Unacknowledged, Silence | Escalate) => To(Unacknowledged),
            (Unacknowledged, Reset) => Refused(Refusal::ConditionHolds),

            (Acknowledged, Trip) => To(Acknowledged),
            (Acknowledged, Clear | Lapse) if latching => To(LatchedAcknowledged),
            (Acknowledged, Clear | Lapse) => To(Normal),
            (Acknowledged, Acknowledge | Silence) => To(Acknowledged),
            (Acknowledged, Reset) => Refused(Refusal::ConditionHolds),
            (Acknowledged, AskAgain) => To(Unacknowledged),

            (ReturnedUnacknowledged, Trip) => To(Unacknowledged),
            (ReturnedUnacknowledged, Clear | Lapse) => To(ReturnedUnacknowledged),
            (ReturnedUnacknowledged, Acknowledge) => To(Normal),
            (ReturnedUnacknowledged, Silence | Escalate) => To(ReturnedUnacknowledged),
            (ReturnedUnacknowledged, Reset) => Refused(Refusal::NotLatched),

            (LatchedUnacknowledged, Trip) => To(Unacknowledged),
            (LatchedUnacknowledged, Clear | Lapse) => To(LatchedUnacknowledged),
            (LatchedUnacknowledged, Acknowledge) => To(LatchedAcknowledged),
            (LatchedUnacknowledged, Silence | Escalate) => To(LatchedUnacknowledged),
            // The latch goes; that it was there has still to be seen.
            (LatchedUnacknowledged, Reset) => To(ReturnedUnacknowledged),

            // What has been seen was the alarm before this one.
            (LatchedAcknowledged, Trip) => To(Unacknowledged),
            (LatchedAcknowledged, Clear | Lapse) => To(LatchedAcknowledged),
            (LatchedAcknowledged, Acknowledge | Silence) => To(LatchedAcknowledged),
            (LatchedAcknowledged, Reset) => To(Normal),

            (
                Normal
                | Unacknowledged
                | ReturnedUnacknowledged
                | LatchedUnacknowledged
                | LatchedAcknowledged,
                AskAgain,
            )
            | (Normal | Acknowledged | LatchedAcknowledged, Escalate) => Refused(Refusal::NotDue),
        }
    }
}

/// Why an alarm is quiet although its state is not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Quiet {
    /// By a person, for a while.
    Shelved,
    /// By logic: its parent is lost.
    SuppressedByDesign,
    /// By a person, for maintenance.
    OutOfService,
}

impl Quiet {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Shelved, Self::SuppressedByDesign, Self::OutOfService];

    /// The word for it everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shelved => "shelved",
            Self::SuppressedByDesign => "suppressed_by_design",
            Self::OutOfService => "out_of_service",
        }
    }
}

/// An alarm of any class, from the first moment of its delay until it has returned to normal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alarm {
    /// Its number.
    pub id: AlarmId,
    /// What it is about.
    pub source: Source,
    /// The rule that it comes from. There is one alarm for a source and a rule.
    pub rule: Text,
    /// The class of its signal.
    pub class: Class,
    /// Within its class, 1 before 9.
    pub priority: u8,
    /// Its state.
    pub state: State,
    /// Since when it is in this state.
    pub since: Time,
    /// When it was raised; `None` while it is only waiting for its on-delay, and then nobody is shown it.
    pub raised: Option<Time>,
    /// Whether the condition holds, delays left aside.
    pub holds: bool,
    /// Whether it sounds.
    pub audible: bool,
    /// The value that raised it, where it comes from a sensor.
    pub value: Option<u8>,
    /// What people are told.
    pub message: Text,
    /// Who has acknowledged it, and when.
    pub acknowledged: Option<(Who, Time)>,
    /// Why it is quiet, if it is.
    pub quiet: Option<Quiet>,
    /// The end of its on-delay or off-delay, while one runs.
    pub delay: Option<Due>,
    /// When people are asked again.
    pub ask_again: Option<Due>,
    /// When the next groups are told,
    pub escalate: Option<Due>,
    /// and how many times that has happened.
    pub escalations: u8,
    /// Whether it was the first alarm after a time without any.
    pub first_out: bool,
    /// When people were first told of it, which makes its notifications' keys; [`Time::NEVER`] while it has been quiet
    /// ever since it was raised.
    pub stamp: Time,
}

impl Alarm {
    /// Whether people are shown it: it has been raised and has not returned to normal.
    pub fn is_shown(&self) -> bool {
        self.raised.is_some() && self.state != State::Normal
    }

    /// Its place among those that people are shown, the most important first: by class, by priority, by age.
    pub fn rank(&self) -> impl Ord + use<> {
        (self.class, self.priority, self.raised, self.id)
    }

    /// Whether it asks for attention now: unacknowledged and not quiet.
    pub fn is_loud(&self) -> bool {
        self.raised.is_some() && self.state.is_unacknowledged() && self.quiet.is_none()
    }
}
