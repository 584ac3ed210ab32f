//! What has come to somebody, and when: the first time that each source was heard of.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// One alarm that has come.
#[derive(Clone, Copy)]
pub struct Sighting {
    pub at: Instant,
    pub time: SystemTime,
    /// It was told before it could be stored.
    pub unsaved: bool,
}

/// Filled by the thread that hears, read by the one that measures.
#[derive(Clone, Default)]
pub struct Sightings(Arc<Inner>);

#[derive(Default)]
struct Inner {
    seen: Mutex<HashMap<String, Sighting>>,
    grown: Condvar,
}

impl Sightings {
    /// A second copy changes nothing.
    pub fn note(&self, source: &str, sighting: Sighting) {
        self.seen().entry(source.to_owned()).or_insert(sighting);
        self.0.grown.notify_all();
    }

    /// Waits until so many sources were heard of, or so long.
    pub fn await_count(&self, count: usize, within: Duration) {
        let until = Instant::now() + within;
        let mut seen = self.seen();
        while seen.len() < count {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            seen = self.0.grown.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub fn get(&self, source: &str) -> Option<Sighting> {
        self.seen().get(source).copied()
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<String, Sighting>> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
