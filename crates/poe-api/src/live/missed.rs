//! What is told of the journal to one who was not there, or could not hear it.

use hyper::body::Bytes;
use poe_store::EntryFilter;

use crate::door::Door;
use crate::live::event::event;
use crate::live::interest::{Interest, Kind};
use crate::live::news::{alarm_now, alarm_of};
use crate::live::teller::End;
use crate::views::EntryView;

/// Entries that are read from the journal at a time: some 60 KiB once they are written.
const MISSED_AT_ONCE: usize = 128;

/// What is read of the journal for one who has missed it.
pub(super) struct Missed {
    /// Each entry that it is told, as an event.
    pub(super) told: Vec<(u64, Bytes)>,
    /// The last entry that was read, wanted or not.
    pub(super) last: Option<u64>,
    pub(super) is_all: bool,
}

/// Reads some of what comes after an entry, up to another one, and writes what is wanted of it.
pub(super) async fn read(door: &Door, interest: &Interest, after: u64, last: u64) -> Result<Missed, End> {
    let interest = interest.clone();
    let read = door.work(move |server, shared| {
        let mut entries = server.journal()?.entries(after, &EntryFilter::default(), MISSED_AT_ONCE)?;
        let is_all = entries.len() < MISSED_AT_ONCE || entries.last().is_some_and(|it| it.entry.seq >= last);
        entries.retain(|entry| entry.entry.seq <= last);
        let names = shared.names(server);
        let read = entries.last().map(|entry| entry.entry.seq);
        let told = entries.into_iter().filter_map(|mut stored| {
            let seq = stored.entry.seq;
            let source = stored.entry.source.as_ref();
            let places = source.map(|source| names.places(source)).unwrap_or_default();
            let alarm = alarm_of(&stored.entry).filter(|_| interest.wants(Kind::Alarm, &places));
            let wants_entry = interest.wants(Kind::Event, &places);
            if !wants_entry && alarm.is_none() {
                return None;
            }
            // How the alarms stand is told by the snapshot, if their entries are.
            let alone = alarm.filter(|_| !wants_entry).and_then(|id| alarm_now(id, server, &names));
            if let Some(view) = alone {
                return Some((seq, event(Kind::Alarm.name(), Some(seq), &view).into()));
            }
            stored.committed = stored.committed.or_else(|| server.stored_at(seq));
            Some((seq, event(Kind::Event.name(), Some(seq), &EntryView::from(stored)).into()))
        });
        Ok(Missed { told: told.collect(), last: read, is_all })
    });
    let read: Result<Missed, poe_store::OpenError> = read.await.map_err(End::failed)?;
    read.map_err(|error| {
        tracing::warn!(%error, "could not read the journal for a client that follows");
        End::Failed
    })
}
