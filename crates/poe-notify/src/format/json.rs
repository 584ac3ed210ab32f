//! Our own JSON, for webhooks and commands. `docs/notification.schema.json` describes it, and a test holds them together.

use super::Message;
use crate::page::{PAGE_ALARMS_MAX, Page, PageAlarm};
use jiff::Timestamp;
use poe_building::Time;
use serde::Serialize;

/// The version of the JSON. It changes when a field changes its meaning or goes; a new field is no new version.
pub const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Body<'a> {
    version: u32,
    site: &'a str,
    key: &'a str,
    class: &'static str,
    summary: String,
    unsaved: bool,
    pages: Vec<JsonPage<'a>>,
}

#[derive(Serialize)]
struct JsonPage<'a> {
    key: &'a str,
    promise: u64,
    target: &'a str,
    reason: &'static str,
    class: &'static str,
    priority: u8,
    summary: &'a str,
    promised: String,
    expires: String,
    journal_entry: u64,
    alarm: Option<u64>,
    unsaved: bool,
    alarms: Vec<JsonAlarm<'a>>,
    alarms_left_out: usize,
}

#[derive(Serialize)]
struct JsonAlarm<'a> {
    id: u64,
    class: &'static str,
    priority: u8,
    source: &'a str,
    source_name: Option<&'a str>,
    place: Option<&'a str>,
    rule: &'a str,
    state: &'static str,
    value: Option<u8>,
    unit: Option<&'a str>,
    message: &'a str,
    raised: String,
    acknowledged_by: Option<&'a str>,
}

/// # Errors
/// None that is known: there is nothing in it that JSON cannot hold.
pub(crate) fn json(message: &Message<'_>) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Body {
        version: SCHEMA_VERSION,
        site: message.site,
        key: &message.key,
        class: message.class().name(),
        summary: message.subject(),
        unsaved: message.unsaved(),
        pages: message.pages.iter().map(|page| json_page(page)).collect(),
    })
}

fn json_page(page: &Page) -> JsonPage<'_> {
    let promise = &page.promise;
    JsonPage {
        key: &promise.key,
        promise: promise.id.0,
        target: &promise.target,
        reason: promise.reason.name(),
        class: promise.class.name(),
        priority: promise.priority,
        summary: &promise.summary,
        promised: utc(promise.promised),
        expires: utc(promise.expires),
        journal_entry: promise.seq,
        alarm: promise.alarm.map(|alarm| alarm.0),
        unsaved: page.unsaved,
        alarms: page.alarms.iter().take(PAGE_ALARMS_MAX).map(json_alarm).collect(),
        alarms_left_out: page.left_out(PAGE_ALARMS_MAX),
    }
}

fn json_alarm(alarm: &PageAlarm) -> JsonAlarm<'_> {
    JsonAlarm {
        id: alarm.id.0,
        class: alarm.class.name(),
        priority: alarm.priority,
        source: &alarm.source,
        source_name: alarm.source_name.as_deref(),
        place: alarm.place.as_deref(),
        rule: &alarm.rule,
        state: alarm.state.name(),
        value: alarm.value,
        unit: alarm.unit.as_deref(),
        message: &alarm.message,
        raised: utc(alarm.raised),
        acknowledged_by: alarm.acknowledged_by.as_deref(),
    }
}

/// A time as RFC 3339 has it, in UTC. What no calendar shows becomes the nearest that one does.
fn utc(time: Time) -> String {
    let nearest = if time.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(time.0).unwrap_or(nearest).to_string()
}
