//! What one client is told, in which order, and what it is told after it has missed something.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use poe_building::AlarmId;
use poe_store::EntryFilter;
use serde::Serialize;
use tokio::select;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::door::Door;
use crate::live::event::event;
use crate::live::progress::Progress;
use crate::server::{AlarmFigures, Occurrence};
use crate::views::{AlarmCounts, AlarmView, EntryView, Stamp, now};

/// A client that has heard nothing for some of these knows that nobody speaks.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Entries that are read from the journal at a time.
const MISSED_AT_ONCE: usize = 500;

/// Why somebody is told nothing more.
#[derive(Debug)]
pub(super) enum End {
    /// The client has gone.
    ClientGone,
    /// The server has.
    ServerGone,
    /// The journal cannot be read. The client asks again, and is told why.
    JournalUnreadable,
}

pub(super) struct Teller {
    door: Door,
    out: mpsc::Sender<Bytes>,
    progress: Progress,
}

/// How everything stands.
#[derive(Serialize)]
struct Snapshot {
    time: Stamp,
    /// The last entry that is stored. What comes after it will be told.
    last_seq: u64,
    counts: AlarmCounts,
    suppressions: usize,
    flood: bool,
    alarms: Vec<AlarmView>,
}

#[derive(Serialize)]
struct Heartbeat {
    time: Stamp,
}

impl Teller {
    pub(super) fn new(door: Door, out: mpsc::Sender<Bytes>) -> Self {
        Teller { door, out, progress: Progress::default() }
    }

    /// Tells until there is nobody to tell, or nothing.
    pub(super) async fn tell(&mut self, seen: Option<u64>) -> End {
        match self.go_on(seen).await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn go_on(&mut self, seen: Option<u64>) -> Result<std::convert::Infallible, End> {
        // Before the journal and the board are read: what comes in between is then told twice rather than never, and
        // what has been told already is known by its number.
        let mut happens = self.door.server.follow();
        match seen {
            Some(seen) => {
                // A client may know of entries that a restored backup does not have.
                self.progress = Progress::up_to(seen.min(self.door.server.board().last_seq()));
                self.catch_up(u64::MAX).await?;
                self.snapshot().await?;
            }
            None => self.progress = Progress::up_to(self.snapshot().await?),
        }
        let mut beat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            select! {
                happened = happens.recv() => match happened {
                    Ok(occurrence) => self.occurrence(&occurrence).await?,
                    Err(RecvError::Lagged(_)) => {
                        self.catch_up(u64::MAX).await?;
                        self.snapshot().await?;
                    }
                    Err(RecvError::Closed) => return Err(End::ServerGone),
                },
                _ = beat.tick() => {
                    // What was missed before it was stored may be stored now, and nobody says so.
                    if let Some(last) = self.progress.missing() {
                        self.catch_up(last).await?;
                    }
                    self.say(event("heartbeat", None, &Heartbeat { time: now().into() })).await?;
                }
                () = self.out.closed() => return Err(End::ClientGone),
            }
        }
    }

    async fn occurrence(&mut self, occurrence: &Arc<Occurrence>) -> Result<(), End> {
        let entry = &occurrence.entry;
        if self.progress.knows(entry.seq) {
            return Ok(());
        }
        if occurrence.committed.is_some() {
            // All before it is stored as well, and whatever is still missing of it comes first.
            self.catch_up(entry.seq - 1).await?;
            self.progress.reads(entry.seq);
        } else {
            self.progress.hears(entry.seq);
        }
        let id = occurrence.committed.is_some().then_some(entry.seq);
        self.say(event("event", id, &EntryView::from(&**occurrence))).await?;
        match entry.alarm {
            Some(alarm) if !entry.kind.is_of_notification() => self.alarm(alarm).await,
            _ => Ok(()),
        }
    }

    /// The alarm as it is now, which may be later than what was just told.
    async fn alarm(&self, id: AlarmId) -> Result<(), End> {
        let board = self.door.server.board();
        let Some(alarm) = board.alarm(id) else { return Ok(()) };
        let view = AlarmView::new(alarm, board.is_committed(id), &self.door.directory(), now());
        self.say(event("alarm", None, &view)).await
    }

    /// Everything in the journal after what was told, up to an entry. What comes after that is told as it happens, with
    /// its alarm.
    async fn catch_up(&mut self, last: u64) -> Result<(), End> {
        // Nothing is read for nothing: while the disk stands still that could take long.
        while self.progress.told() < last.min(self.door.server.board().last_seq()) {
            let after = self.progress.told();
            let read = self.door.work(move |server, _| {
                server.journal()?.entries(after, &EntryFilter::default(), MISSED_AT_ONCE)
            });
            let missed = match read.await {
                Ok(Ok(missed)) => missed,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "could not read the journal for a client that follows");
                    return Err(End::JournalUnreadable);
                }
                Err(_) => return Err(End::JournalUnreadable),
            };
            let is_all = missed.len() < MISSED_AT_ONCE;
            for mut entry in missed {
                let seq = entry.entry.seq;
                if seq > last {
                    return Ok(());
                }
                if self.progress.knows(seq) {
                    self.progress.reads(seq);
                    continue;
                }
                entry.committed = entry.committed.or_else(|| self.door.server.stored_at(seq));
                self.say(event("event", Some(seq), &EntryView::from(entry))).await?;
                self.progress.reads(seq);
            }
            if is_all {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Tells how everything stands, and up to which entry that is certain.
    async fn snapshot(&self) -> Result<u64, End> {
        let (board, directory, now) = (self.door.server.board(), self.door.directory(), now());
        // Before the alarms are: what happens in between is told again.
        let last_seq = board.last_seq();
        let alarms = board.alarms();
        let snapshot = Snapshot {
            time: now.into(),
            last_seq,
            counts: AlarmFigures::of(&alarms).into(),
            suppressions: board.suppressions().len(),
            flood: self.door.server.flood(),
            alarms: alarms
                .into_iter()
                .map(|alarm| {
                    let committed = board.is_committed(alarm.id);
                    AlarmView::new(alarm, committed, &directory, now)
                })
                .collect(),
        };
        self.say(event("snapshot", None, &snapshot)).await?;
        Ok(last_seq)
    }

    async fn say(&self, event: Bytes) -> Result<(), End> {
        self.out.send(event).await.map_err(|_| End::ClientGone)
    }
}
