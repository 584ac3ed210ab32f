//! An entry of the journal.

use std::fmt::Write;

use poe_building::{Class, Entry, Source, State, Text, Time, Who};
use poe_store::StoredEntry;
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::Occurrence;
use crate::views::{Shown, Stamp};
use crate::words::{ClassWord, EntryKindWord, SourceKindWord, StateWord};

/// An entry of the journal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EntryView {
    seq: u64,
    #[schema(value_type = EntryKindWord)]
    kind: &'static str,
    #[schema(value_type = Option<ClassWord>)]
    class: Option<&'static str>,
    #[schema(value_type = Option<String>)]
    source: Option<Shown<Source>>,
    #[schema(value_type = Option<SourceKindWord>)]
    source_kind: Option<&'static str>,
    #[schema(value_type = Option<String>)]
    rule: Option<Text>,
    alarm: Option<u64>,
    #[schema(value_type = Option<StateWord>)]
    state: Option<&'static str>,
    value: Option<u8>,
    who: Option<WhoView>,
    #[schema(value_type = String)]
    text: Text,
    received: Stamp,
    decided: Stamp,
    /// When it was durable; null while the disk is slow.
    committed: Option<Stamp>,
    /// When somebody was told.
    notified: Option<Stamp>,
    /// Of this entry and the one before: SHA-256.
    hash: Option<String>,
}

/// Who has caused it, and from where.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Who)]
struct WhoView {
    #[schema(value_type = String)]
    name: Text,
    #[schema(value_type = String)]
    origin: Text,
}

impl EntryView {
    fn new(entry: Entry, committed: Option<Time>) -> Self {
        EntryView {
            seq: entry.seq,
            kind: entry.kind.name(),
            class: entry.class.map(Class::name),
            source_kind: entry.source.as_ref().map(Source::kind),
            source: entry.source.map(Shown),
            rule: entry.rule,
            alarm: entry.alarm.map(|alarm| alarm.0),
            state: entry.state.map(State::name),
            value: entry.value,
            who: entry.who.map(|Who { name, origin }| WhoView { name, origin }),
            text: entry.text,
            received: entry.received.into(),
            decided: entry.decided.into(),
            committed: committed.map(Stamp),
            notified: None,
            hash: None,
        }
    }
}

impl From<&Occurrence> for EntryView {
    fn from(occurrence: &Occurrence) -> Self {
        EntryView::new(occurrence.entry.clone(), occurrence.committed)
    }
}

impl From<StoredEntry> for EntryView {
    fn from(stored: StoredEntry) -> Self {
        EntryView {
            notified: stored.notified.map(Stamp),
            hash: stored.hash.map(|hash| hex(&hash)),
            ..EntryView::new(stored.entry, stored.committed)
        }
    }
}

/// Bytes as people compare them.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes any text");
        text
    })
}
