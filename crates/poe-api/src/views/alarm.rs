//! An alarm of any class.

use std::time::Duration;

use poe_building::{Alarm, Class, Directory, Quiet, Source, Text, Time};
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::AlarmFigures;
use crate::views::{Shown, Stamp};
use crate::words::{ClassWord, QuietWord, SourceKindWord, StateWord};

/// An alarm that is active for so long is stale (ISA-18.2): somebody has to do something about it.
const STALE_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// An alarm of any class.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alarm)]
pub(crate) struct AlarmView {
    id: u64,
    #[schema(value_type = ClassWord)]
    class: &'static str,
    /// 1 is the most important.
    #[schema(minimum = 1)]
    priority: u8,
    /// What it is about: an `ip_id`, a node's address, the name of a place or a switch, or `system`.
    #[schema(value_type = String)]
    source: Shown<Source>,
    #[schema(value_type = SourceKindWord)]
    source_kind: &'static str,
    /// What people call the source, if somebody gave it a name.
    #[schema(value_type = Option<String>)]
    source_name: Option<Text>,
    /// The innermost place of the source.
    #[schema(value_type = Option<String>)]
    place: Option<Text>,
    #[schema(value_type = String)]
    rule: Text,
    #[schema(value_type = StateWord)]
    state: &'static str,
    /// Since when it is in this state.
    since: Stamp,
    raised_at: Option<Stamp>,
    /// The raw byte that raised it.
    value: Option<u8>,
    /// Of the value: `%`, `degF`, or empty.
    unit: &'static str,
    #[schema(value_type = String)]
    message: Text,
    /// Whether it is to be heard.
    audible: bool,
    /// Whether it came before all others that are shown.
    first_out: bool,
    /// Whether it is active for longer than a day.
    stale: bool,
    #[schema(value_type = Option<String>)]
    acknowledged_by: Option<Text>,
    acknowledged_at: Option<Stamp>,
    /// Why it is kept quiet, if it is.
    #[schema(value_type = Option<QuietWord>)]
    suppressed: Option<&'static str>,
    /// How often others were told because nobody acknowledged it.
    escalations: u8,
    /// Whether what is shown would survive a power cut.
    committed: bool,
}

impl AlarmView {
    pub(crate) fn new(alarm: Alarm, committed: bool, directory: &Directory, now: Time) -> Self {
        let stale =
            alarm.state.is_active() && alarm.raised.is_some_and(|raised| now.since(raised) >= STALE_AFTER);
        let (acknowledged_by, acknowledged_at) = match alarm.acknowledged {
            Some((who, when)) => (Some(who.name), Some(when.into())),
            None => (None, None),
        };
        AlarmView {
            id: alarm.id.0,
            class: alarm.class.name(),
            priority: alarm.priority,
            source_kind: alarm.source.kind(),
            source_name: directory.name(&alarm.source),
            place: place(&alarm.source, directory),
            source: Shown(alarm.source),
            unit: directory.kind_of_rule(&alarm.rule).map_or("", |kind| kind.unit()),
            rule: alarm.rule,
            state: alarm.state.name(),
            since: alarm.since.into(),
            raised_at: alarm.raised.map(Stamp),
            value: alarm.value,
            message: alarm.message,
            audible: alarm.audible,
            first_out: alarm.first_out,
            stale,
            acknowledged_by,
            acknowledged_at,
            suppressed: alarm.quiet.map(Quiet::name),
            escalations: alarm.escalations,
            committed,
        }
    }
}

/// Where it is. A place is where itself is.
fn place(source: &Source, directory: &Directory) -> Option<Text> {
    match source {
        Source::Place(name) => Some(name.clone()),
        source => directory.place(source),
    }
}

/// How many alarms of each class there are.
#[derive(Debug, Serialize)]
pub(crate) struct AlarmCounts {
    alarm: Counts,
    supervisory: Counts,
    trouble: Counts,
}

#[derive(Debug, Serialize)]
struct Counts {
    shown: u64,
    active: u64,
    unacknowledged: u64,
    quiet: u64,
}

impl From<AlarmFigures> for AlarmCounts {
    fn from(figures: AlarmFigures) -> Self {
        let of = |class: Class| Counts {
            shown: figures.shown(class),
            active: figures.active(class),
            unacknowledged: figures.unacknowledged(class),
            quiet: figures.quiet[class as usize],
        };
        AlarmCounts {
            alarm: of(Class::Alarm),
            supervisory: of(Class::Supervisory),
            trouble: of(Class::Trouble),
        }
    }
}
