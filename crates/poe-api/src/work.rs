//! What may wait is done on threads beside the one that serves everybody.

use std::sync::{Arc, Mutex, PoisonError};

use poe_building::{Directory, Order, OrderRefused};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::door::Door;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::server::{OrderFailed, Ordered, Server};

/// Half of the places at the local socket: a journal is read from one disk, and more readers would not make it faster.
const WORKERS_MAX: usize = 16;

/// Those who follow never leave, so that half of the places are kept for those who ask something.
const FOLLOWERS_MAX: usize = 16;

/// What the requests of all doors share.
#[derive(Debug)]
pub(crate) struct Shared {
    workers: Arc<Semaphore>,
    seats: Arc<Semaphore>,
    /// The directory of the model that was shown last.
    directory: Mutex<Option<Arc<Directory>>>,
}

impl Shared {
    pub(crate) fn new() -> Arc<Self> {
        let workers = Arc::new(Semaphore::new(WORKERS_MAX));
        let seats = Arc::new(Semaphore::new(FOLLOWERS_MAX));
        Arc::new(Shared { workers, seats, directory: Mutex::default() })
    }

    /// A seat for somebody who follows, if one is free.
    pub(crate) fn seat(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.seats).try_acquire_owned().ok()
    }

    /// Names and places as they are now.
    pub(crate) fn directory(&self, server: &dyn Server) -> Arc<Directory> {
        let model = server.board().model();
        let mut kept = self.directory.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(directory) if Arc::ptr_eq(directory.model(), &model) => Arc::clone(directory),
            _ => Arc::clone(kept.insert(Arc::new(Directory::new(model)))),
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
        peer: Peer,
        order: Order,
    ) -> Result<Result<Ordered, OrderRefused>, Problem> {
        match self.work(move |server, _| server.order(order, peer.who())).await? {
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
