//! What the journal remembers: one entry for everything that somebody may have to prove later.

use crate::{AlarmId, Class, Source, State, Text, Time, Who, words::words};

/// One entry. Entries are numbered without gaps, from 1, for as long as the building exists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its number.
    pub seq: u64,
    /// When what caused it came: the last byte of a frame was read, a command was given.
    pub received: Time,
    /// When the building had decided what it means.
    pub decided: Time,
    /// What happened.
    pub kind: EntryKind,
    /// The class of the signal that it is about, if any.
    pub class: Option<Class>,
    /// What it is about.
    pub source: Option<Source>,
    /// The rule that it is about.
    pub rule: Option<Text>,
    /// The alarm that it is about.
    pub alarm: Option<AlarmId>,
    /// The alarm's state from then on.
    pub state: Option<State>,
    /// The value that a sensor read.
    pub value: Option<u8>,
    /// Who did it, if a person or a program did.
    pub who: Option<Who>,
    /// The rest, for people: a message, a reason, what was before and what is now.
    pub text: Text,
}

macro_rules! entry_kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal,)+) => {
        /// What can happen. The words are stable: programs filter by them.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum EntryKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl EntryKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The word for it: a subject and what happened to it, with a dot between.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }
        }
    };
}

entry_kinds! {
    /// An alarm of any class was raised, or tripped again after it was acknowledged.
    AlarmRaised = "alarm.raised",
    /// The condition became true again before anybody had acknowledged it.
    AlarmTripped = "alarm.tripped",
    /// The condition is gone; the state says whether the alarm is held.
    AlarmReturned = "alarm.returned",
    /// Somebody has seen it.
    AlarmAcknowledged = "alarm.acknowledged",
    /// Somebody has ended its sound.
    AlarmSilenced = "alarm.silenced",
    /// Somebody has released its latch.
    AlarmReset = "alarm.reset",
    /// It was acknowledged and stayed active, so that people are asked again.
    AlarmAskedAgain = "alarm.asked_again",
    /// Nobody had acknowledged it, so that others are told.
    AlarmEscalated = "alarm.escalated",
    /// More alarms come than a person can follow.
    FloodBegan = "flood.began",
    /// They are few again.
    FloodEnded = "flood.ended",
    /// It is quiet from now on; the text says why.
    AlarmQuieted = "alarm.quieted",
    /// It speaks again.
    AlarmUnquieted = "alarm.unquieted",
    /// A command that the state forbade.
    CommandRefused = "command.refused",
    /// Something that is journalled only has begun, such as motion.
    ObservationBegan = "observation.began",
    /// It has not been seen for a while.
    ObservationEnded = "observation.ended",
    /// Somebody has shelved an alarm, or put a source out of service; or a lost parent suppresses its children.
    SuppressionBegan = "suppression.began",
    /// A suppression is over.
    SuppressionEnded = "suppression.ended",
    /// A node was admitted.
    NodeAdmitted = "node.admitted",
    /// A node has sent nothing for longer than it should.
    NodeLate = "node.late",
    /// A node is heard again.
    NodeBack = "node.back",
    /// A new node looks like one that fell silent.
    NodeMovedMaybe = "node.moved_maybe",
    /// Somebody said that a node has another address now.
    NodeMoved = "node.moved",
    /// Somebody said that a node is gone for good.
    NodeRetired = "node.retired",
    /// A sensor posts another kind than before.
    SensorKindChanged = "sensor.kind_changed",
    /// Something of the building model was added, changed or removed.
    ModelChanged = "model.changed",
    /// A rule, a profile or a setting of supervision was changed.
    RuleChanged = "rule.changed",
    /// A target or a group of targets was changed.
    TargetChanged = "target.changed",
    /// A notification was promised to a target.
    NotificationPromised = "notification.promised",
    /// The target has it.
    NotificationConfirmed = "notification.confirmed",
    /// A try has failed; it is tried again.
    NotificationFailed = "notification.failed",
    /// It was given up; the text says why.
    NotificationDead = "notification.dead",
    /// A node that is new was approved by somebody.
    NodeApproved = "node.approved",
    /// A node that is not approved sends; what it says is held.
    NodeQuarantined = "node.quarantined",
    /// Somebody has taken a node out of the list of those that wait for approval.
    NodeDismissed = "node.dismissed",
    /// Somebody has closed a node's connections.
    NodeDisconnected = "node.disconnected",
    /// A floor plan was added, changed or removed.
    PlanChanged = "plan.changed",
    /// Somebody got an account.
    UserAdded = "user.added",
    /// An account was changed.
    UserChanged = "user.changed",
    /// An account has ended.
    UserRemoved = "user.removed",
    /// A program got a token.
    TokenCreated = "token.created",
    /// A token is good for nothing any more.
    TokenRevoked = "token.revoked",
    /// A user has logged in.
    SessionBegan = "session.began",
    /// A session is over.
    SessionEnded = "session.ended",
    /// Somebody has tried to log in and failed; the text says how often.
    LoginFailed = "login.failed",
    /// A copy of everything was made.
    BackupMade = "backup.made",
    /// Readings were removed from the history, by age, by size, or since the disk was nearly full.
    HistoryRemoved = "history.removed",
    /// Readings are missing in the history; the text says when and how many.
    HistoryGap = "history.gap",
    /// A file of the history was damaged and is set aside.
    HistoryDamaged = "history.damaged",
    /// Somebody has added readings from elsewhere to the history.
    HistoryImported = "history.imported",
    /// The server has started.
    ServerStarted = "server.started",
    /// The server was stopped in order.
    ServerStopped = "server.stopped",
    /// The server's clock was set.
    ClockSet = "clock.set",
    /// Entries of little weight were left out because the disk stood still for too long.
    JournalGap = "journal.gap",
}

impl EntryKind {
    /// Whether an entry of this kind tells how a notification fares.
    pub const fn is_of_notification(self) -> bool {
        matches!(
            self,
            Self::NotificationPromised
                | Self::NotificationConfirmed
                | Self::NotificationFailed
                | Self::NotificationDead
        )
    }

    /// Whether an entry of this kind may be left out when too many wait for a disk that stands still.
    pub const fn may_be_thinned(self) -> bool {
        matches!(self, Self::ObservationBegan | Self::ObservationEnded)
    }
}

words!(EntryKind);
