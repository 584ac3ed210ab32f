//! What may wait is done on threads beside the one that serves everybody.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use poe_building::{Directory, Order, OrderRefused, Who};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::accounts::{Accounts, SetupToken};
use crate::auth::{Known, Uses};
use crate::door::{Door, DoorKind};
use crate::glance::Glance;
use crate::idempotency::Answers;
use crate::live::{Hub, LiveFigures};
use crate::plans::UPLOADS_MAX;
use crate::problem::Problem;
use crate::request::Room;
use crate::scribe::Scribe;
use crate::server::{OrderFailed, Ordered, Server};
use crate::shares::Shares;
use crate::views::SensorNames;
use crate::whereabouts::Whereabouts;

/// Questions that are looked into at a time: half of the places at the local socket. One more waits.
const WORKERS_MAX: usize = 16;

/// Those of them about the journal have places of their own: each may take a second of a core and of the disk, and more
/// readers would not make one disk faster. One more waits,
const LOOK_UPS_MAX: usize = 4;
/// so long; then it is told to come again.
const LOOK_UP_WAIT: Duration = Duration::from_secs(2);

/// Orders that are carried out at a time. They never wait behind questions, however many are asked; each waits for the disk
/// for 250 ms at most. One more waits for its turn.
const ORDERS_MAX: usize = 8;
/// The same at the local socket: whoever sits at the machine waits for nobody in the network.
const LOCAL_ORDERS_MAX: usize = 2;

/// Exports at a time. Each may go on for hours, with a few megabytes of memory and a share of the threads that read the
/// history; charts are to have the rest.
pub(crate) const EXPORTS_MAX: usize = 4;
/// Those of one account: half of them, so that nobody can take all.
const OWN_EXPORTS_MAX: usize = 2;

/// Questions about the history that one account may have under way: more than the charts that a page shows. One more waits,
const QUESTIONS_MAX: usize = 8;
/// so long; then it is told to come again.
const QUESTION_WAIT: Duration = Duration::from_secs(10);

/// Those who follow never leave. That is a thousand screens of a campus, two hundred that have stopped reading and keep their
/// seats until they are cut, and some that come back meanwhile: at some 64 KiB each at most, 80 MiB if all were stalled. The
/// network's door keeps 256 further places for those who ask something.
const FOLLOWERS_MAX: usize = 1_280;
/// The same at the local socket: half of the places are kept for those who ask something.
const LOCAL_FOLLOWERS_MAX: usize = 16;

/// What the requests of all doors share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Whether the building is made up.
    pub(crate) demo: bool,
    workers: Arc<Semaphore>,
    look_ups: Arc<Semaphore>,
    orders: Arc<Semaphore>,
    local_orders: Arc<Semaphore>,
    seats: Arc<Semaphore>,
    local_seats: Arc<Semaphore>,
    /// The places of the model that was shown last.
    whereabouts: Mutex<Option<Arc<Whereabouts>>>,
    pub(crate) glance: Glance,
    pub(crate) uses: Uses,
    /// Places for pictures that come in.
    pub(crate) uploads: Semaphore,
    /// For bodies that come in.
    pub(crate) bodies: Room,
    pub(crate) accounts: Accounts,
    /// To commands that may be sent again.
    pub(crate) answers: Answers,
    /// Made for the first who follows,
    pub(crate) hub: OnceLock<Arc<Hub>>,
    /// for the first who asks for a long list,
    pub(crate) scribe: OnceLock<Scribe>,
    /// for the first who asks for the history,
    pub(crate) readers: OnceLock<Scribe>,
    /// and for the first who asks for much of it.
    pub(crate) long_readers: OnceLock<Scribe>,
    /// Places of each account for questions about the history.
    pub(crate) questions: Shares,
    /// Places for exports, and those of each account.
    pub(crate) exports: Arc<Semaphore>,
    pub(crate) own_exports: Shares,
    /// The place for an import.
    pub(crate) imports: Semaphore,
}

impl Shared {
    pub(crate) fn new(setup: Option<Arc<SetupToken>>, demo: bool) -> Arc<Self> {
        Arc::new(Shared {
            demo,
            workers: Arc::new(Semaphore::new(WORKERS_MAX)),
            look_ups: Arc::new(Semaphore::new(LOOK_UPS_MAX)),
            orders: Arc::new(Semaphore::new(ORDERS_MAX)),
            local_orders: Arc::new(Semaphore::new(LOCAL_ORDERS_MAX)),
            seats: Arc::new(Semaphore::new(FOLLOWERS_MAX)),
            local_seats: Arc::new(Semaphore::new(LOCAL_FOLLOWERS_MAX)),
            whereabouts: Mutex::default(),
            glance: Glance::default(),
            uses: Uses::default(),
            uploads: Semaphore::new(UPLOADS_MAX),
            bodies: Room::default(),
            accounts: Accounts::new(setup),
            answers: Answers::default(),
            hub: OnceLock::new(),
            scribe: OnceLock::new(),
            readers: OnceLock::new(),
            long_readers: OnceLock::new(),
            questions: Shares::of(QUESTIONS_MAX),
            exports: Arc::new(Semaphore::new(EXPORTS_MAX)),
            own_exports: Shares::of(OWN_EXPORTS_MAX),
            imports: Semaphore::new(1),
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
        let place = place_in(&self.shared.workers).await;
        self.work_at(place, job).await
    }

    /// Looks something up in the journal, which may take long.
    pub(crate) async fn look_up<T: Send + 'static>(
        &self,
        job: impl FnOnce(&dyn Server, &Shared) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let place = timeout(LOOK_UP_WAIT, place_in(&self.shared.look_ups)).await.map_err(|_| crowded())?;
        self.work_at(place, job).await
    }

    /// A place for a question about the history, which is held until it is answered.
    pub(crate) async fn question(&self, caller: &Known) -> Result<OwnedSemaphorePermit, Problem> {
        let places = self.shared.questions.places(caller);
        timeout(QUESTION_WAIT, place_in(&places)).await.map_err(|_| many_questions())
    }

    /// Has the server change something.
    pub(crate) async fn command(
        &self,
        order: Order,
        who: impl FnOnce() -> Who + Send + 'static,
    ) -> Result<Result<Ordered, OrderRefused>, Problem> {
        let places = match self.kind {
            DoorKind::Network => &self.shared.orders,
            DoorKind::Local => &self.shared.local_orders,
        };
        let place = place_in(places).await;
        let ordered = self.work_at(place, move |server, shared| {
            let is_about_nodes = !matches!(order, Order::Access(_));
            let ordered = server.order(order, who());
            if is_about_nodes {
                // Whoever looks now wants to see it done.
                shared.glance.forget();
            }
            ordered
        });
        match ordered.await? {
            Ok(ordered) => Ok(Ok(ordered)),
            Err(OrderFailed::Refused(refused)) => Ok(Err(refused)),
            Err(OrderFailed::Stopped) => Err(Problem::STOPS),
        }
    }

    async fn work_at<T: Send + 'static>(
        &self,
        place: OwnedSemaphorePermit,
        job: impl FnOnce(&dyn Server, &Shared) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (server, shared) = (Arc::clone(&self.server), Arc::clone(&self.shared));
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
        self.command(order, move || caller.who()).await
    }

    /// Names and places as they are now.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        self.shared.directory(&*self.server)
    }
}

fn crowded() -> Problem {
    let why = "Too many look something up in the journal at this moment. Try again, or ask for less of it at a time.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).after_s(1)
}

fn many_questions() -> Problem {
    let why = "This account asks the history too many questions at once. Ask again when some are answered.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).after_s(1)
}

async fn place_in(places: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(places).acquire_owned().await.expect("nobody closes the semaphore")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn a_thousand_who_follow_and_two_hundred_who_have_stopped_have_seats_at_once() {
        let shared = Shared::new(None, false);
        let seats: Vec<_> = (0..1_200).filter_map(|_| shared.seat(DoorKind::Network)).collect();
        assert_eq!(seats.len(), 1_200);
        assert!(shared.seat(DoorKind::Network).is_some(), "one comes back before its old seat is free");
        assert!(Limits::default().connections_max >= FOLLOWERS_MAX + 256, "others want to ask something");
    }
}
