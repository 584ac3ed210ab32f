//! When sessions and tokens were used last. It is kept here and stored every minute or so: a row for each request would cost
//! more than the request.

use std::collections::HashMap;
use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};

use poe_building::{AccessOrder, SecretHash, Text, Time, UserSession};

/// What was used since it was stored last.
#[derive(Debug, Default)]
pub(crate) struct Uses(Mutex<Fresh>);

#[derive(Debug, Default)]
struct Fresh {
    sessions: HashMap<SecretHash, Time>,
    tokens: HashMap<Text, Time>,
}

impl Uses {
    /// Only of those that are known, whose number is bounded.
    pub(crate) fn session(&self, hash: SecretHash, now: Time) {
        self.fresh().sessions.insert(hash, now);
    }

    pub(crate) fn token(&self, id: &Text, now: Time) {
        let mut fresh = self.fresh();
        match fresh.tokens.get_mut(id) {
            Some(used) => *used = now,
            None => drop(fresh.tokens.insert(id.clone(), now)),
        }
    }

    /// When a session was used last, whether that is stored or not.
    pub(crate) fn last_used(&self, session: &UserSession) -> Time {
        let fresh = self.fresh().sessions.get(&session.hash).copied();
        fresh.map_or(session.last_used, |used| used.max(session.last_used))
    }

    /// What is to be stored now. It also ends the sessions that are over, so that it is given without any use as well.
    pub(crate) fn take(&self) -> AccessOrder {
        let Fresh { sessions, tokens } = take(&mut *self.fresh());
        AccessOrder::Touch { sessions: sessions.into_iter().collect(), tokens: tokens.into_iter().collect() }
    }

    fn fresh(&self) -> MutexGuard<'_, Fresh> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
