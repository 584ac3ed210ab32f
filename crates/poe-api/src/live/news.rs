//! Something that has happened, written once for all who follow.

use std::sync::Arc;

use hyper::body::Bytes;
use poe_building::{AlarmId, Entry, Text};

use crate::live::event::{event, write};
use crate::live::interest::{Interest, Kind};
use crate::server::{Occurrence, Server};
use crate::views::{AlarmView, EntryView, SensorNames, now};

/// What everybody who follows hears.
#[derive(Debug, Clone)]
pub(super) enum Heard {
    News(Arc<News>),
    /// More has happened at once than even the one who tells all others could hear; it is in the journal.
    Missed,
}

/// An entry, and the alarm that it is about as it was right after.
#[derive(Debug)]
pub(super) struct News {
    pub(super) seq: u64,
    pub(super) is_stored: bool,
    /// Where it has happened.
    places: Vec<Text>,
    /// The entry and then the alarm,
    bytes: Bytes,
    /// and where the one ends.
    alarm_at: usize,
    /// For those who are told of the alarm and not of the entry.
    alarm_alone: Bytes,
}

impl News {
    pub(super) fn new(occurrence: &Occurrence, server: &dyn Server, names: &SensorNames) -> Self {
        let Occurrence { entry, committed } = occurrence;
        let id = committed.is_some().then_some(entry.seq);
        let mut bytes = event(Kind::Event.name(), id, &EntryView::from(occurrence));
        let alarm_at = bytes.len();
        let mut alarm_alone = Vec::new();
        if let Some(alarm) = alarm_of(entry) {
            match alarm_now(alarm, server, names) {
                Some(view) => {
                    write(&mut bytes, Kind::Alarm.name(), None, &view);
                    write(&mut alarm_alone, Kind::Alarm.name(), id, &view);
                }
                None => alarm_alone.clone_from(&bytes),
            }
        }
        News {
            seq: entry.seq,
            is_stored: committed.is_some(),
            places: entry.source.as_ref().map(|source| names.places(source)).unwrap_or_default(),
            bytes: bytes.into(),
            alarm_at,
            alarm_alone: alarm_alone.into(),
        }
    }

    /// What of it one with this interest is told; nothing, if that is nothing.
    pub(super) fn for_one_with(&self, interest: &Interest) -> Bytes {
        let wants = |kind| interest.wants(kind, &self.places);
        match (wants(Kind::Event), wants(Kind::Alarm)) {
            (true, true) => self.bytes.clone(),
            (true, false) => self.bytes.slice(..self.alarm_at),
            (false, true) => self.alarm_alone.clone(),
            (false, false) => Bytes::new(),
        }
    }
}

/// The alarm that an entry is about. How its notifications fare changes nothing in it.
pub(super) fn alarm_of(entry: &Entry) -> Option<AlarmId> {
    entry.alarm.filter(|_| !entry.kind.is_of_notification())
}

/// An alarm as it is now, which may be later than what has just happened. Of one that has long ended nothing is known but
/// its entries, so that those are told in its place.
pub(super) fn alarm_now(id: AlarmId, server: &dyn Server, names: &SensorNames) -> Option<AlarmView> {
    let board = server.board();
    let alarm = board.alarm(id)?;
    Some(AlarmView::new(alarm, board.is_committed(id), names.directory(), now()))
}
