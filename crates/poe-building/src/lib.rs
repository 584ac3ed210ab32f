//! What readings mean: the second step of a reading's way, between a node's bytes and the disk.
//!
//! A [`Building`] knows its nodes and their sensors. [`Input`] and the time go in, [`Event`]s come out, and
//! [`Building::take_changes`] tells what has to be written down. There is no clock, no disk, no network and no
//! task in this crate: the same input gives the same events, so that a night can be replayed in a millisecond.
//!
//! ```
//! use poe_building::{Building, Event, Input, Limits, Time};
//!
//! let mut building = Building::new(Limits::default());
//! let mut events = Vec::new();
//! let mut session = building.open("10.89.21.188".parse().unwrap());
//! let flame = [1, 7, 0, 0]; // POST, sensor 7, FIRE, 0: a flame is seen
//! building.handle(Input::Stream { session: &mut session, bytes: &flame }, Time::from_secs(1), &mut events);
//! assert!(matches!(events[..], [.., Event::StatusChanged { value: 0, .. }]));
//! ```

mod access;
mod alarm;
mod alarms;
mod alignment;
mod book;
mod building;
mod builtin;
mod changes;
mod conflict;
mod directory;
mod enrolment;
mod event;
mod journal;
mod model;
mod node;
mod notification;
mod plan;
mod profile;
mod readings;
mod registry;
mod rule;
mod session;
mod signal;
mod status;
mod supervision;
mod suppression;
mod table;
mod time;
mod timers;
mod words;

/// The names of the server's own rules.
pub mod own {
    pub use crate::builtin::{
        CLOCK, CROSS_ZONE_SINGLE, HEALTH_BYTE_WRAP, HEALTH_CHATTER, HEALTH_FLAT, HEALTH_NAN_ZERO,
        HEALTH_OUTLIER, HEALTH_STUCK, HEARTBEAT, HISTORY, HISTORY_DAMAGE, HISTORY_GAP, JOURNAL, LATENCY,
        LIMIT_CONNECTIONS, LIMIT_DESCRIPTORS, LIMIT_QUARANTINE, LIMIT_QUEUE, LIMIT_SENSORS, NODE_CONFLICT,
        NODE_KIND, NODE_SILENT, NODE_UNAPPROVED, NOTIFIER, NOTIFY, PARENT_LOST, RESTART, STORAGE,
        STORAGE_DAMAGE, STORAGE_LOG,
    };
}

pub use access::{
    Access, AccessChange, AccessOrder, Reach, Role, SESSION_ABSOLUTE, SESSION_IDLE, SESSIONS_PER_USER_MAX,
    SecretHash, TOKENS_MAX, Token, USERS_MAX, User, UserSession,
};
pub use alarm::{Alarm, AlarmId, Move, Quiet, Refusal, State, Step};
pub use alarms::{AlarmCounts, Done, Order, OrderRefused};
pub use building::{Building, Counters, HeldSensor, Input, Limits, QUARANTINE_NODES_MAX, Quarantined};
pub use changes::{Changes, NextIds, Row, Scope};
pub use directory::Directory;
pub use enrolment::Enrolment;
pub use event::Event;
pub use journal::{Entry, EntryKind};
pub use model::{
    Difference, Item, Model, NodeInfo, Place, PlaceKind, Problem, ProfileName, SHELVING_MAX, SensorInfo,
    Subject, Supervision, Switch, nearest,
};
pub use node::NodeView;
pub use notification::{
    COMMAND_TIME_LIMIT, Delivery, EXPIRES_AFTER, Email, Heartbeat, Hours, MailSecurity, Outcome, Promise,
    PromiseId, PromiseState, Reason, Target, TargetGroup, Webhook, WebhookFormat,
};
pub use plan::{CORNERS_MAX, ImageFormat, MARKS_MAX, Outline, PLANS_MAX, Placement, Plan, PlanImage, Point};
pub use profile::{ProfileRule, rules as profile_rules};
pub use readings::{Burst, Gap, Readings, Sample};
pub use registry::{
    Known, KnownNode, KnownSensor, LastRun, NewNode, NewSensor, NodeNo, Reading, SensorKey, SensorNo,
};
pub use rule::{
    Group, Range, Rule, RuleSetting, Scope as RuleScope, VERIFICATION_CONFIRMS, VERIFICATION_IGNORES, Voting,
};
pub use session::Session;
pub use signal::{Class, Emergency, Source, Text, Who};
pub use status::{Profile, Status};
pub use supervision::Silence;
pub use suppression::{Suppression, SuppressionId};
pub use time::{Due, Moment, Ticks, Time};
pub use words::UnknownWord;
