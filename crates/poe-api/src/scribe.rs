//! Long lists are written, and the history is read, by threads of their own that give way to all others: however many clients
//! ask for however much, readings and alarms go first.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use axum::http::StatusCode;
use poe_history::History;
use tokio::sync::oneshot;

use crate::courtesy::give_way;
use crate::door::Door;
use crate::problem::Problem;
use crate::server::Server;
use crate::work::Shared;

/// Parts of lists that wait to be written. One who asks has one, so that these are more than the doors have places.
const WAITING_MAX: usize = 4_096;

/// Threads that read the history for the first turn of each question, which is short: a quick question is answered at once,
/// however many others take long.
const READERS: usize = 2;

/// Threads for all further turns, and for exports.
const LONG_READERS: usize = 2;

type Job = Box<dyn FnOnce() + Send>;

/// The threads, by the queue before them.
#[derive(Debug)]
pub(crate) struct Scribe(SyncSender<Job>);

impl Scribe {
    fn start(name: &str, threads: usize) -> io::Result<Self> {
        let (jobs, waiting) = mpsc::sync_channel::<Job>(WAITING_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..threads {
            let waiting = Arc::clone(&waiting);
            thread::Builder::new().name(name.into()).spawn(move || {
                give_way();
                // One of them waits for the next job, and the others for that one.
                let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok(job) = next() {
                    // The one who waits for it hears nothing any more, and answers that the server failed.
                    if catch_unwind(AssertUnwindSafe(job)).is_err() {
                        tracing::error!("a part of a list could not be written");
                    }
                }
            })?;
        }
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
        let scribe = started(&self.shared.scribe, "poe-lists", 1)?;
        done(scribe, move || part(&*server, &shared)).await
    }

    /// Reads a little in the history, when it is its turn.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Arc<History>) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let history = self.server.history().ok_or(NO_HISTORY)?;
        let readers = started(&self.shared.readers, "poe-history", READERS)?;
        done(readers, move || look(&history)).await
    }

    /// Reads in the history for one who has had a turn, after all others of them.
    pub(crate) async fn read_on<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Arc<History>) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let history = self.server.history().ok_or(NO_HISTORY)?;
        let readers = started(&self.shared.long_readers, "poe-history-on", LONG_READERS)?;
        done(readers, move || look(&history)).await
    }
}

pub(crate) const NO_HISTORY: Problem =
    Problem::new(StatusCode::NOT_FOUND, "This server keeps no history; its configuration says so.");

fn started<'a>(place: &'a OnceLock<Scribe>, name: &str, threads: usize) -> Result<&'a Scribe, Problem> {
    if let Some(scribe) = place.get() {
        return Ok(scribe);
    }
    // All who serve HTTP are one thread, so that nobody else has started one meanwhile.
    let started = Scribe::start(name, threads).map_err(|error| {
        tracing::error!(%error, "could not start the threads {name}");
        Problem::FAILED
    })?;
    Ok(place.get_or_init(|| started))
}

async fn done<T: Send + 'static>(
    scribe: &Scribe,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let (told, written) = oneshot::channel();
    let job: Job = Box::new(move || {
        // Whoever has stopped waiting needs no answer.
        if !told.is_closed() {
            drop(told.send(work()));
        }
    });
    match scribe.0.try_send(job) {
        Ok(()) => written.await.map_err(|_| Problem::FAILED),
        Err(TrySendError::Full(_)) => {
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Too many lists are asked for."))
        }
        Err(TrySendError::Disconnected(_)) => Err(Problem::FAILED),
    }
}
