//! Long lists are written by a thread of their own that gives way to all others: however many clients ask for however
//! much, readings and alarms go first.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::thread;

use axum::http::StatusCode;
use tokio::sync::oneshot;

use crate::courtesy::give_way;
use crate::door::Door;
use crate::problem::Problem;
use crate::server::Server;
use crate::work::Shared;

/// Parts of lists that wait to be written. One who asks has one, so that these are more than the doors have places.
const WAITING_MAX: usize = 4_096;

type Job = Box<dyn FnOnce() + Send>;

/// The thread, by the queue before it.
#[derive(Debug)]
pub(crate) struct Scribe(SyncSender<Job>);

impl Scribe {
    fn start() -> io::Result<Self> {
        let (jobs, waiting) = mpsc::sync_channel::<Job>(WAITING_MAX);
        thread::Builder::new().name("poe-lists".into()).spawn(move || {
            give_way();
            for job in waiting {
                // The one who waits for it hears nothing any more, and answers that the server failed.
                if catch_unwind(AssertUnwindSafe(job)).is_err() {
                    tracing::error!("a part of a list could not be written");
                }
            }
        })?;
        Ok(Self(jobs))
    }
}

impl Door {
    /// Writes a part of a list when it is its turn.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        part: impl FnOnce(&dyn Server, &Shared) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (server, shared) = (Arc::clone(&self.server), Arc::clone(&self.shared));
        let (told, written) = oneshot::channel();
        // Whoever has stopped waiting needs no answer.
        let job: Job = Box::new(move || drop(told.send(part(&*server, &shared))));
        match self.scribe()?.0.try_send(job) {
            Ok(()) => written.await.map_err(|_| Problem::FAILED),
            Err(TrySendError::Full(_)) => {
                Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Too many lists are asked for."))
            }
            Err(TrySendError::Disconnected(_)) => Err(Problem::FAILED),
        }
    }

    fn scribe(&self) -> Result<&Scribe, Problem> {
        if let Some(scribe) = self.shared.scribe.get() {
            return Ok(scribe);
        }
        // All who serve HTTP are one thread, so that nobody else has started one meanwhile.
        let started = Scribe::start().map_err(|error| {
            tracing::error!(%error, "could not start the thread that writes lists");
            Problem::FAILED
        })?;
        Ok(self.shared.scribe.get_or_init(|| started))
    }
}
