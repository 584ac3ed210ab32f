//! What one client is told, in which order, and what it is told after it has missed something.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use serde::Serialize;
use tokio::select;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use crate::door::Door;
use crate::live::event::event;
use crate::live::follower::Follower;
use crate::live::hub::Hub;
use crate::live::interest::{Interest, Kind};
use crate::live::missed;
use crate::live::news::{Heard, News};
use crate::live::progress::Progress;
use crate::live::scene::{Nodes, Readings, Scene};
use crate::problem::Problem;
use crate::stream::Outlet;
use crate::views::{Stamp, now};

/// A client that has heard nothing for some of these knows that nobody speaks.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Bytes of changes that one is told before all others have their turn: so many who come at once delay no alarm.
const IN_A_ROW_MAX: usize = 16 * 1024;

/// Why somebody is told nothing more.
#[derive(Debug)]
pub(super) enum End {
    /// The server has gone.
    ServerGone,
    /// The journal cannot be read, or the server failed. The client asks again, and is told why.
    Failed,
}

pub(super) struct Teller {
    door: Door,
    hub: Arc<Hub>,
    interest: Interest,
    out: Outlet,
    progress: Progress,
    readings: Option<Follower<Readings>>,
    nodes: Option<Follower<Nodes>>,
    /// A snapshot has been told, and not yet all that changes besides.
    owes_current: bool,
}

/// The sign of life.
#[derive(Serialize)]
struct Heartbeat {
    time: Stamp,
    /// Whether more alarms come than a person can follow: that is of no place, and everybody is told.
    flood: bool,
}

/// Since the last snapshot everything else has been told as well.
#[derive(Serialize)]
struct Current {
    time: Stamp,
}

impl Teller {
    pub(super) fn new(door: Door, interest: Interest, out: Outlet) -> Self {
        let hub = Hub::of(&door);
        Teller {
            door,
            hub,
            interest,
            out,
            progress: Progress::default(),
            readings: None,
            nodes: None,
            owes_current: false,
        }
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
        let mut news = self.hub.follow().ok_or(End::ServerGone)?;
        match seen {
            Some(seen) => {
                // A client may know of entries that a restored backup does not have.
                self.progress = Progress::up_to(seen.min(self.door.server.board().last_seq()));
                self.catch_up(u64::MAX).await?;
                self.snapshot().await?;
            }
            None => self.progress = Progress::up_to(self.snapshot().await?),
        }
        self.readings = self.hub.follow_readings(&self.door, &self.interest).await;
        self.nodes = self.hub.follow_nodes(&self.door, &self.interest).await;

        let mut beat = Instant::now() + HEARTBEAT;
        let mut in_a_row = 0;
        loop {
            // What has happened goes before what merely changes, and each of these lets the others through.
            match news.try_recv() {
                Ok(heard) => self.hear(heard).await?,
                Err(TryRecvError::Lagged(_)) => self.fell_behind().await?,
                Err(TryRecvError::Closed) => return Err(End::ServerGone),
                Err(TryRecvError::Empty) if Instant::now() >= beat => {
                    beat = Instant::now() + HEARTBEAT;
                    self.beat().await?;
                }
                Err(TryRecvError::Empty) => match self.next_change() {
                    Some(told) => {
                        in_a_row += told.len();
                        self.out.say(told).await;
                        if in_a_row >= IN_A_ROW_MAX {
                            in_a_row = 0;
                            yield_now().await;
                        }
                    }
                    None if self.owes_current && self.has_told_all() => {
                        self.owes_current = false;
                        self.out.say(event("current", None, &Current { time: now().into() }).into()).await;
                    }
                    None => {
                        in_a_row = 0;
                        self.wait(&mut news, beat).await?;
                    }
                },
            }
        }
    }

    /// Waits until there may be something to tell; if it is news, tells it.
    async fn wait(&mut self, news: &mut Receiver<Heard>, beat: Instant) -> Result<(), End> {
        let missed_a_look = select! {
            biased;
            heard = news.recv() => return match heard {
                Ok(heard) => self.hear(heard).await,
                Err(RecvError::Lagged(_)) => self.fell_behind().await,
                Err(RecvError::Closed) => Err(End::ServerGone),
            },
            () = sleep_until(beat) => false,
            missed = changed(&mut self.readings) => missed,
            missed = changed(&mut self.nodes) => missed,
        };
        if missed_a_look {
            self.hub.has_fallen_behind();
        }
        Ok(())
    }

    /// Some of what has changed and has not been told.
    fn next_change(&mut self) -> Option<Bytes> {
        let reading = self.readings.as_mut().and_then(Follower::next);
        reading.or_else(|| self.nodes.as_mut().and_then(Follower::next))
    }

    /// Whether nothing that changes is still to be told as it was at the snapshot.
    fn has_told_all(&self) -> bool {
        self.readings.as_ref().is_none_or(Follower::has_told_all)
            && self.nodes.as_ref().is_none_or(Follower::has_told_all)
    }

    async fn hear(&mut self, heard: Heard) -> Result<(), End> {
        match heard {
            Heard::News(news) => self.news(&news).await,
            Heard::Missed => self.fell_behind().await,
        }
    }

    async fn news(&mut self, news: &News) -> Result<(), End> {
        if self.progress.knows(news.seq) {
            return Ok(());
        }
        if news.is_stored {
            // All before it is stored as well, and whatever is still missing of it comes first.
            self.catch_up(news.seq - 1).await?;
            self.progress.reads(news.seq);
        } else {
            self.progress.hears(news.seq);
        }
        self.out.say(news.for_one_with(&self.interest)).await;
        Ok(())
    }

    async fn fell_behind(&mut self) -> Result<(), End> {
        self.hub.has_fallen_behind();
        // How the alarms stand comes first: over a slow line what was missed of the journal takes long.
        let last_seq = self.snapshot().await?;
        self.catch_up(last_seq).await
    }

    async fn beat(&mut self) -> Result<(), End> {
        // What was missed before it was stored may be stored now, and nobody says so.
        if let Some(last) = self.progress.missing() {
            self.catch_up(last).await?;
        }
        self.heartbeat().await;
        Ok(())
    }

    async fn heartbeat(&self) {
        let sign = Heartbeat { time: now().into(), flood: self.door.server.flood() };
        self.out.say(event("heartbeat", None, &sign).into()).await;
    }

    /// Tells everything in the journal after what was told, up to an entry. What comes after that is told as it happens,
    /// with its alarm.
    async fn catch_up(&mut self, last: u64) -> Result<(), End> {
        let mut beat = Instant::now() + HEARTBEAT;
        // Nothing is read for nothing: while the disk stands still that could take long.
        while self.progress.told() < last.min(self.door.server.board().last_seq()) {
            if !self.interest.has(Kind::Event) && !self.interest.has(Kind::Alarm) {
                // Nothing that such a client is told comes from the journal.
                self.progress.reads(last.min(self.door.server.board().last_seq()));
                return Ok(());
            }
            let missed = missed::read(&self.door, &self.interest, self.progress.told(), last).await?;
            for (seq, told) in missed.told {
                if !self.progress.knows(seq) {
                    self.out.say(told).await;
                }
                self.progress.reads(seq);
            }
            if let Some(read) = missed.last {
                self.progress.reads(read);
            }
            if missed.is_all {
                return Ok(());
            }
            if Instant::now() >= beat {
                beat = Instant::now() + HEARTBEAT;
                self.heartbeat().await;
            }
        }
        Ok(())
    }

    /// Tells how everything stands, and up to which entry that is certain. What changes besides follows, as far as it
    /// was not told before.
    async fn snapshot(&mut self) -> Result<u64, End> {
        let snapshot = self.hub.snapshots.of(&self.door, self.interest.scope(Kind::Alarm)).await;
        let snapshot = snapshot.map_err(End::failed)?;
        self.out.say(snapshot.told).await;
        if let Some(readings) = &mut self.readings {
            readings.begin_anew();
        }
        if let Some(nodes) = &mut self.nodes {
            nodes.begin_anew();
        }
        self.owes_current = true;
        Ok(snapshot.last_seq)
    }
}

impl End {
    /// It has been logged where it happened.
    pub(super) fn failed(_: Problem) -> Self {
        End::Failed
    }
}

/// Waits until things may have changed, for ever if none are followed. Whether a look was missed.
async fn changed<S: Scene>(things: &mut Option<Follower<S>>) -> bool {
    match things {
        Some(things) => things.wait().await,
        None => pending().await,
    }
}
