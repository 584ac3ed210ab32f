//! What people and programs order of a running server, and what they may ask it.

use crate::{EngineGone, Sys, announce::Announcer, engine::Request, engine::Requests};
use poe_api::{Occurrence, Ordered};
use poe_building::{Alarm, AlarmId, Order, OrderRefused, Suppression, Who};
use std::{
    sync::{
        Arc,
        mpsc::{self, Receiver},
    },
    thread,
    time::Duration,
};
use tokio::sync::broadcast::{self, error::RecvError};

/// What somebody has ordered is to be stored within this time; then they are told all the same.
const STORED_WITHIN: Duration = Duration::from_millis(250);
/// Occurrences that wait for a program that follows them.
const OCCURRENCES_MAX: usize = 4_096;

/// Why an order was not carried out.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OrderError {
    /// The building refuses it.
    #[error("{0}")]
    Refused(#[from] OrderRefused),
    /// The server has stopped.
    #[error(transparent)]
    Stopped(#[from] EngineGone),
}

/// Gives the engine an order and waits until what it has brought about is stored, though not for long.
pub(crate) fn give(
    requests: &Requests,
    announcer: &Announcer,
    order: Order,
    who: Who,
) -> Result<Ordered, OrderError> {
    let done = requests.ask(|reply| Request::Order(Box::new(order), who, reply))??;
    let stored = announcer.wait_until_stored(done.seq, STORED_WITHIN);
    Ok(Ordered { done, stored })
}

impl Sys {
    /// Carries out an order on behalf of somebody. Returns once it is stored, or after 250 ms; then
    /// [`Ordered::stored`] is false and the order holds all the same.
    ///
    /// # Errors
    /// The building refuses it, or the server has stopped.
    pub fn order(&self, order: Order, who: Who) -> Result<Ordered, OrderError> {
        give(&self.requests, &self.announcer, order, who)
    }

    /// Somebody has seen an alarm.
    ///
    /// # Errors
    /// There is no such alarm, or the server has stopped.
    pub fn acknowledge(&self, alarm: AlarmId, who: Who) -> Result<Ordered, OrderError> {
        self.order(Order::Acknowledge(alarm), who)
    }

    /// The alarms that are shown, the most important first. What is shown here survives a power cut, unless the disk
    /// stands still.
    pub fn alarms(&self) -> Vec<Alarm> {
        self.board.alarms()
    }

    /// What is kept quiet, why, and until when.
    pub fn suppressions(&self) -> Vec<Suppression> {
        self.board.suppressions()
    }

    /// Every entry of the journal from now on, told once it is stored (or after 250 ms, with `committed: None`). Who falls
    /// behind misses the oldest.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn events(&self) -> std::io::Result<Receiver<Arc<Occurrence>>> {
        let (sender, receiver) = mpsc::sync_channel(OCCURRENCES_MAX);
        let mut occurrences = self.announcer.follow();
        thread::Builder::new().name("events".into()).spawn(move || {
            while let Some(occurrence) = next(&mut occurrences) {
                if sender.send(occurrence).is_err() {
                    return;
                }
            }
        })?;
        Ok(receiver)
    }
}

/// The next occurrence; `None` once the server has ended.
pub(crate) fn next(occurrences: &mut broadcast::Receiver<Arc<Occurrence>>) -> Option<Arc<Occurrence>> {
    loop {
        match occurrences.blocking_recv() {
            Ok(occurrence) => return Some(occurrence),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return None,
        }
    }
}
