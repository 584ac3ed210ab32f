//! The connection over which the last question was answered, for the next one.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::client::connection::Connection;

/// A server closes nobody who has been idle for a shorter time, so that no question meets a closed door.
const KEPT_FOR: Duration = Duration::from_secs(1);
const _: () = assert!(KEPT_FOR.as_millis() < crate::limits::IDLE_LEAST.as_millis());

/// A place for one connection. All copies of a client share it.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<Mutex<Option<(Instant, Connection)>>>);

impl Kept {
    /// Keeps a connection whose answer is complete.
    pub(super) fn keep(&self, connection: Connection) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), connection));
    }

    /// The connection, unless it is too old or closed.
    pub(super) fn take(&self) -> Option<Connection> {
        let (since, connection) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(connection).filter(|connection| since.elapsed() < KEPT_FOR && connection.is_open())
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept(..)")
    }
}
