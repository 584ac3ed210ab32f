//! The one who listens for all that follow: what happens is written once, whoever many are told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::select;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, broadcast};

use crate::door::Door;
use crate::live::follower::Follower;
use crate::live::group::Groups;
use crate::live::interest::{Interest, Kind};
use crate::live::news::{Heard, News};
use crate::live::rounds;
use crate::live::scene::{Nodes, Readings, Scene};
use crate::live::snapshot::Snapshots;
use crate::server::Occurrence;

/// News that wait for one who follows: a megabyte, shared by all. Whoever falls further behind reads on in the journal.
const NEWS_MAX: usize = 1_024;

/// What is told to more than one.
pub(crate) struct Hub {
    /// For as long as somebody listens.
    news: broadcast::WeakSender<Heard>,
    pub(super) readings: Groups<Readings>,
    pub(super) nodes: Groups<Nodes>,
    /// Somebody has begun to follow a group.
    pub(super) has_groups: Notify,
    pub(super) snapshots: Snapshots,
    fallen_behind: AtomicU64,
}

impl Hub {
    /// The hub of all doors, which listens from now on.
    pub(super) fn of(door: &Door) -> Arc<Hub> {
        Arc::clone(door.shared.hub.get_or_init(|| {
            let news = broadcast::Sender::new(NEWS_MAX);
            let hub = Arc::new(Hub {
                news: news.downgrade(),
                readings: Groups::default(),
                nodes: Groups::default(),
                has_groups: Notify::new(),
                snapshots: Snapshots::default(),
                fallen_behind: AtomicU64::new(0),
            });
            // From here on nothing is missed, although the task runs later.
            let happens = door.server.follow();
            tokio::spawn(listen(door.clone(), happens, news));
            tokio::spawn(rounds::make(door.clone(), Arc::clone(&hub)));
            hub
        }))
    }

    /// What happens from now on; nothing, if the server has ended.
    pub(super) fn follow(&self) -> Option<broadcast::Receiver<Heard>> {
        self.news.upgrade().map(|news| news.subscribe())
    }

    /// The sensors that one with this interest is told of, if it is.
    pub(super) async fn follow_readings(
        &self,
        door: &Door,
        interest: &Interest,
    ) -> Option<Follower<Readings>> {
        self.join(&self.readings, Kind::Reading, door, interest).await
    }

    /// The nodes that one with this interest is told of, if it is.
    pub(super) async fn follow_nodes(&self, door: &Door, interest: &Interest) -> Option<Follower<Nodes>> {
        self.join(&self.nodes, Kind::Node, door, interest).await
    }

    async fn join<S: Scene>(
        &self,
        groups: &Groups<S>,
        kind: Kind,
        door: &Door,
        interest: &Interest,
    ) -> Option<Follower<S>> {
        if !interest.has(kind) {
            return None;
        }
        let scope = interest.scope(kind);
        let groups: Vec<_> = scope.zones().iter().map(|zone| groups.of(zone.as_ref())).collect();
        let new: Vec<_> = groups.iter().filter(|group| group.is_new()).map(Arc::clone).collect();
        if !new.is_empty() {
            // Whoever comes first looks, so that nobody waits for the next round. Should it fail, that one will do.
            let look =
                door.work(move |server, shared| new.iter().for_each(|group| group.look(server, shared)));
            let _ = look.await;
            self.has_groups.notify_one();
        }
        Follower::new(scope.clone(), groups)
    }

    /// Somebody had to be told otherwise what it was too slow for.
    pub(super) fn has_fallen_behind(&self) {
        self.fallen_behind.fetch_add(1, Ordering::Relaxed);
    }

    /// How often somebody was too slow.
    pub(crate) fn fallen_behind(&self) -> u64 {
        self.fallen_behind.load(Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").field("fallen_behind", &self.fallen_behind).finish_non_exhaustive()
    }
}

/// Tells what happens to all who follow, until the server ends.
async fn listen(
    mut door: Door,
    mut happens: broadcast::Receiver<Arc<Occurrence>>,
    news: broadcast::Sender<Heard>,
) {
    loop {
        let happened = select! {
            _ = door.stopping.changed() => return,
            happened = happens.recv() => happened,
        };
        let heard = match happened {
            Ok(_) if news.receiver_count() == 0 => continue,
            Ok(occurrence) => {
                let names = door.shared.names(&*door.server);
                Heard::News(Arc::new(News::new(&occurrence, &*door.server, &names)))
            }
            Err(RecvError::Lagged(_)) => Heard::Missed,
            Err(RecvError::Closed) => return,
        };
        // Whoever followed may just have gone.
        drop(news.send(heard));
    }
}
