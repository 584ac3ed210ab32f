//! What may wait is done on threads beside the one that serves everybody.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use poe_building::{Directory, Order, OrderRefused};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::accounts::{Accounts, SetupToken};
use crate::auth::{Known, Uses};
use crate::door::{Door, DoorKind};
use crate::glance::Glance;
use crate::idempotency::Answers;
use crate::live::{Hub, LiveFigures};
use crate::plans::UPLOADS_MAX;
use crate::problem::Problem;
use crate::scribe::Scribe;
use crate::server::{OrderFailed, Ordered, Server};
use crate::views::SensorNames;
use crate::whereabouts::Whereabouts;

/// Half of the places at the local socket: a journal is read from one disk, and more readers would not make it faster.
const WORKERS_MAX: usize = 16;

/// Those who follow never leave. That is every screen of a campus, for some 64 KiB each at most; the network's door keeps
/// further places for those who ask something.
const FOLLOWERS_MAX: usize = 1_024;
/// The same at the local socket: half of the places are kept for those who ask something.
const LOCAL_FOLLOWERS_MAX: usize = 16;

/// What the requests of all doors share.
#[derive(Debug)]
pub(crate) struct Shared {
    workers: Arc<Semaphore>,
    seats: Arc<Semaphore>,
    local_seats: Arc<Semaphore>,
    /// The places of the model that was shown last.
    whereabouts: Mutex<Option<Arc<Whereabouts>>>,
    pub(crate) glance: Glance,
    pub(crate) uses: Uses,
    /// Places for pictures that come in.
    pub(crate) uploads: Semaphore,
    pub(crate) accounts: Accounts,
    /// To commands that may be sent again.
    pub(crate) answers: Answers,
    /// Made for the first who follows,
    pub(crate) hub: OnceLock<Arc<Hub>>,
    /// and for the first who asks for a long list.
    pub(crate) scribe: OnceLock<Scribe>,
}

impl Shared {
    pub(crate) fn new(setup: Option<Arc<SetupToken>>) -> Arc<Self> {
        Arc::new(Shared {
            workers: Arc::new(Semaphore::new(WORKERS_MAX)),
            seats: Arc::new(Semaphore::new(FOLLOWERS_MAX)),
            local_seats: Arc::new(Semaphore::new(LOCAL_FOLLOWERS_MAX)),
            whereabouts: Mutex::default(),
            glance: Glance::default(),
            uses: Uses::default(),
            uploads: Semaphore::new(UPLOADS_MAX),
            accounts: Accounts::new(setup),
            answers: Answers::default(),
            hub: OnceLock::new(),
            scribe: OnceLock::new(),
        })
    }

    /// A seat for somebody who follows, if one is free.
    pub(crate) fn seat(&self, kind: DoorKind) -> Option<OwnedSemaphorePermit> {
        let seats = match kind {
            DoorKind::Network => &self.seats,
            DoorKind::Local => &self.local_seats,
        };
        Arc::clone(seats).try_acquire_owned().ok()
    }

    /// How many follow, and how they keep up.
    pub(crate) fn live_figures(&self) -> LiveFigures {
        let free = self.seats.available_permits() + self.local_seats.available_permits();
        LiveFigures {
            clients: (FOLLOWERS_MAX + LOCAL_FOLLOWERS_MAX - free) as u64,
            fallen_behind: self.hub.get().map_or(0, |hub| hub.fallen_behind()),
        }
    }

    /// Names and places as they are now.
    pub(crate) fn directory(&self, server: &dyn Server) -> Arc<Directory> {
        Arc::clone(self.names(server).directory())
    }

    /// The same, as lists of sensors need them.
    pub(crate) fn names(&self, server: &dyn Server) -> Arc<SensorNames> {
        Arc::clone(self.places(server).names())
    }

    /// What is known of where sensors are; [`Whereabouts::look`] brings it up to date.
    pub(crate) fn places(&self, server: &dyn Server) -> Arc<Whereabouts> {
        let model = server.board().model();
        let mut kept = self.whereabouts.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(places) if Arc::ptr_eq(places.names().directory().model(), &model) => Arc::clone(places),
            _ => {
                let names = Arc::new(SensorNames::new(Arc::new(Directory::new(model))));
                Arc::clone(kept.insert(Arc::new(Whereabouts::new(names))))
            }
        }
    }
}

impl Door {
    /// Does something that may wait.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&dyn Server, &Shared) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (server, shared) = (Arc::clone(&self.server), Arc::clone(&self.shared));
        let place = Arc::clone(&shared.workers).acquire_owned().await.expect("nobody closes the semaphore");
        let done = spawn_blocking(move || {
            let _place = place;
            job(&*server, &shared)
        });
        done.await.map_err(|error| {
            tracing::error!(%error, "a request failed");
            Problem::FAILED
        })
    }

    /// Has an order carried out. Why it was refused is for the caller to put into words.
    pub(crate) async fn order(
        &self,
        caller: &Known,
        order: Order,
    ) -> Result<Result<Ordered, OrderRefused>, Problem> {
        let caller = caller.clone();
        match self.work(move |server, _| server.order(order, caller.who())).await? {
            Ok(ordered) => Ok(Ok(ordered)),
            Err(OrderFailed::Refused(refused)) => Ok(Err(refused)),
            Err(OrderFailed::Stopped) => Err(Problem::STOPS),
        }
    }

    /// Names and places as they are now.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        self.shared.directory(&*self.server)
    }
}
