//! Places that each account has for itself, so that nobody can take those of all others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use poe_building::Text;
use tokio::sync::Semaphore;

use crate::auth::{Known, Proof};

/// So many places for each.
#[derive(Debug)]
pub(crate) struct Shares {
    most: usize,
    /// Of those only who hold some.
    places: Mutex<HashMap<Account, Arc<Semaphore>>>,
}

/// Whose places they are. Whoever sits at the machine is one of them.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Account {
    Socket,
    User(Text),
    Token(Text),
}

impl Shares {
    pub(crate) fn of(most: usize) -> Shares {
        Shares { most, places: Mutex::default() }
    }

    /// The places of somebody.
    pub(crate) fn places(&self, caller: &Known) -> Arc<Semaphore> {
        let account = match &caller.proof {
            Proof::Socket(_) => Account::Socket,
            Proof::Session(_) => Account::User(caller.name.clone()),
            Proof::Token(id) => Account::Token(id.clone()),
        };
        let mut all = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever holds a place, or waits for one, holds all of them.
        all.retain(|_, places| Arc::strong_count(places) > 1);
        Arc::clone(all.entry(account).or_insert_with(|| Arc::new(Semaphore::new(self.most))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Peer;
    use poe_building::{Reach, Role};

    #[test]
    fn each_account_has_places_of_its_own_for_as_long_as_it_holds_one() {
        let of = |proof| Known {
            name: "anna".into(),
            role: Role::Viewer,
            reach: Reach::of(Vec::new()),
            origin: "::1".into(),
            proof,
        };
        let token = |id: &str| of(Proof::Token(id.into()));
        let shares = Shares::of(1);
        let held = shares.places(&token("a")).try_acquire_owned().unwrap();
        assert!(shares.places(&token("a")).try_acquire_owned().is_err());
        assert!(shares.places(&token("b")).try_acquire_owned().is_ok());
        let at_home = of(Proof::Socket(Peer::at([127, 0, 0, 1].into())));
        assert!(shares.places(&at_home).try_acquire_owned().is_ok());
        drop(held);
        assert!(shares.places(&token("a")).try_acquire_owned().is_ok());
        assert_eq!(shares.places.lock().unwrap().len(), 1, "nothing is kept of those who have gone");
    }
}
