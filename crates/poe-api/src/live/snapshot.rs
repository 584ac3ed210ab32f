//! How everything stands, written once for all who come at the same time.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use poe_building::Source;
use serde::Serialize;
use tokio::sync::Mutex;

use crate::door::Door;
use crate::live::event::event;
use crate::live::scope::Scope;
use crate::problem::Problem;
use crate::server::{AlarmFigures, Server};
use crate::views::{AlarmCounts, AlarmView, Stamp, now};
use crate::work::Shared;

/// Nothing but the time in it may be so old.
const AGE_MAX: Duration = Duration::from_millis(250);

/// How everything stands.
#[derive(Serialize)]
struct SnapshotView {
    time: Stamp,
    /// The last entry that is stored. What comes after it will be told.
    last_seq: u64,
    counts: AlarmCounts,
    /// Of what is there.
    suppressions: usize,
    flood: bool,
    alarms: Vec<AlarmView>,
}

/// The event that tells it.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    made: Instant,
    revision: u64,
    pub(super) last_seq: u64,
    pub(super) told: Bytes,
}

/// The latest of all that somebody has asked for, by where it is.
#[derive(Debug, Default)]
pub(super) struct Snapshots(Mutex<HashMap<Scope, Snapshot>>);

impl Snapshots {
    /// How it stands there.
    pub(super) async fn of(&self, door: &Door, scope: &Scope) -> Result<Snapshot, Problem> {
        // Held while one is made: whoever comes meanwhile wants the same.
        let mut kept = self.0.lock().await;
        let revision = door.server.board().revision();
        kept.retain(|_, snapshot| snapshot.revision == revision && snapshot.made.elapsed() < AGE_MAX);
        if let Some(snapshot) = kept.get(scope) {
            return Ok(snapshot.clone());
        }
        let there = scope.clone();
        let snapshot = door.work(move |server, shared| take(server, shared, &there)).await?;
        kept.insert(scope.clone(), snapshot.clone());
        Ok(snapshot)
    }
}

fn take(server: &dyn Server, shared: &Shared, scope: &Scope) -> Snapshot {
    let (board, names, now) = (server.board(), shared.names(server), now());
    // Before the alarms are: what happens in between is told again.
    let (revision, last_seq) = (board.revision(), board.last_seq());
    let is_there = |source: &Source| scope.has(&names.places(source));
    let mut alarms = board.alarms();
    alarms.retain(|alarm| is_there(&alarm.source));
    let view = SnapshotView {
        time: now.into(),
        last_seq,
        counts: AlarmFigures::of(&alarms).into(),
        suppressions: board.suppressions().iter().filter(|it| is_there(&it.source)).count(),
        flood: server.flood(),
        alarms: alarms
            .into_iter()
            .map(|alarm| {
                let committed = board.is_committed(alarm.id);
                AlarmView::new(alarm, committed, names.directory(), now)
            })
            .collect(),
    };
    Snapshot { made: Instant::now(), revision, last_seq, told: event("snapshot", None, &view).into() }
}
