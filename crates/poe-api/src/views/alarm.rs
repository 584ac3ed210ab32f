//! An alarm of any class.

use std::time::Duration;

use poe_building::{Alarm, Class, Directory, Quiet, Source, Text, Time};
use serde::Serialize;

use crate::server::AlarmFigures;
use crate::views::{Shown, Stamp};

/// An alarm that is active for so long is stale (ISA-18.2): somebody has to do something about it.
const STALE_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// An alarm as people and programs see it.
#[derive(Debug, Serialize)]
pub(crate) struct AlarmView {
    id: u64,
    class: &'static str,
    priority: u8,
    source: Shown<Source>,
    source_kind: &'static str,
    source_name: Option<Text>,
    place: Option<Text>,
    rule: Text,
    state: &'static str,
    since: Stamp,
    raised_at: Option<Stamp>,
    value: Option<u8>,
    unit: &'static str,
    message: Text,
    audible: bool,
    first_out: bool,
    stale: bool,
    acknowledged_by: Option<Text>,
    acknowledged_at: Option<Stamp>,
    suppressed: Option<&'static str>,
    escalations: u8,
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
