//! Lines in which people wait for their turn, one after the other, each with an end.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a line may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Length {
    /// As many stand in it, whoever has the turn included.
    pub(super) most: usize,
    /// As many of them from one address.
    pub(super) most_of_address: usize,
}

/// The lines in which somebody stands, by what they wait for.
#[derive(Debug)]
pub(super) struct Lines<K>(Arc<Mutex<HashMap<K, Line>>>);

#[derive(Debug)]
struct Line {
    turn: Arc<Semaphore>,
    standing: Vec<Option<IpAddr>>,
}

/// Somebody's place in a line, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<K: Eq + Hash> {
    lines: Arc<Mutex<HashMap<K, Line>>>,
    key: K,
    address: Option<IpAddr>,
    turn: Arc<Semaphore>,
}

impl<K> Default for Lines<K> {
    fn default() -> Self {
        Lines(Arc::default())
    }
}

impl<K: Eq + Hash + Clone> Lines<K> {
    /// A place at the end of this line, if it is not too long.
    pub(super) fn stand(&self, key: K, address: Option<IpAddr>, length: Length) -> Option<Place<K>> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Line { turn: Arc::new(Semaphore::new(1)), standing: Vec::new() };
        let line = lines.entry(key.clone()).or_insert_with(new);
        let of_address = line.standing.iter().filter(|standing| **standing == address).count();
        if line.standing.len() >= length.most || of_address >= length.most_of_address {
            return None;
        }
        line.standing.push(address);
        let turn = Arc::clone(&line.turn);
        drop(lines);
        Some(Place { lines: Arc::clone(&self.0), key, address, turn })
    }

    /// Whether somebody stands in this line.
    pub(super) fn has(&self, key: &K) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(key)
    }
}

impl<K: Eq + Hash> Place<K> {
    /// Waits until those before have left. The turn lasts as long as what this gives.
    pub(super) async fn turn(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.turn).acquire_owned().await.expect("nobody closes the semaphore")
    }
}

impl<K: Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(line) = lines.get_mut(&self.key) else { return };
        if let Some(at) = line.standing.iter().position(|standing| *standing == self.address) {
            line.standing.swap_remove(at);
        }
        if line.standing.is_empty() {
            lines.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_an_end_and_nobody_fills_it_alone() {
        let lines = Lines::default();
        let length = Length { most: 3, most_of_address: 2 };
        let [here, there] = [1, 2].map(|no| Some(IpAddr::from([10, 0, 0, no])));
        let stand = |address| lines.stand("anna", address, length);
        let (first, second) = (stand(here).unwrap(), stand(here).unwrap());
        assert!(stand(here).is_none(), "one address has its share");
        let third = stand(there).unwrap();
        assert!(stand(None).is_none(), "it is full");
        drop(second);
        assert!(stand(there).is_some(), "whoever leaves makes room");
        assert!(lines.stand("bert", here, length).is_some(), "other lines are others");
        drop((first, third));
        assert!(!lines.has(&"anna"), "a line in which nobody stands is forgotten");
    }
}
