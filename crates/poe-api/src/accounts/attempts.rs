//! Slows down whoever guesses passwords, and locks nobody out.
//!
//! Each try counts as failed until it has succeeded, so that a crowd of tries at once gets no further than one after the other.
//! Failures count for an account together with the network that they come from: whoever knows the password gets in from
//! everywhere else. A network that tries many accounts is slowed down as a whole.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use poe_building::Text;

use crate::accounts::Network;

/// The wait after the first failure; it doubles with each. Nobody types faster.
const WAIT_FIRST: Duration = Duration::from_secs(1);
/// The longest wait: 1,440 guesses a day, which finds no password that may be chosen, and a person waits it out.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// The longest on this machine: whoever sits there is not to be kept from it by a program that guesses beside them.
const WAIT_MAX_HERE: Duration = Duration::from_secs(4);
/// As many failures of a whole network cost nothing: a morning's shift behind one address mistypes a few times.
const FREE_OF_A_NETWORK: u32 = 20;
/// After so long without another failure it is as if there had been none.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);
/// As many accounts with their networks, and as many networks, are kept in mind: a megabyte or two. When there are more, the
/// one that failed longest ago is forgotten early.
const KEPT_MAX: usize = 10_000;

/// Who has failed lately.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<Failed>);

#[derive(Debug, Default)]
struct Failed {
    accounts: Ledger<(Text, Network)>,
    networks: Ledger<Network>,
}

impl Attempts {
    /// Lets a try through and counts it as failed, or tells how long to wait. A try that is not let through counts for nothing.
    pub(crate) fn begin(&self, account: &str, network: Network, now: Instant) -> Result<(), Duration> {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (Text::from(account), network);
        let most = if network.is_here() { WAIT_MAX_HERE } else { WAIT_MAX };
        let of_account = failed.accounts.wait(&key, 0, most, now);
        let of_network = failed.networks.wait(&network, FREE_OF_A_NETWORK, WAIT_MAX, now);
        let wait = of_account.max(of_network);
        if !wait.is_zero() {
            return Err(wait);
        }
        failed.accounts.count(key, now);
        if !network.is_here() {
            failed.networks.count(network, now);
        }
        Ok(())
    }

    /// The try that was let through was a right one.
    pub(crate) fn succeeded(&self, account: &str, network: Network) {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failed.accounts.0.remove(&(Text::from(account), network));
        // The others of this network have failed all the same.
        if let Some(tries) = failed.networks.0.get_mut(&network) {
            tries.count = tries.count.saturating_sub(1);
        }
    }
}

#[derive(Debug)]
struct Ledger<K>(HashMap<K, Tries>);

#[derive(Debug, Clone, Copy)]
struct Tries {
    count: u32,
    last: Instant,
}

impl<K> Default for Ledger<K> {
    fn default() -> Self {
        Ledger(HashMap::new())
    }
}

impl<K: Eq + Hash + Clone> Ledger<K> {
    /// How long somebody with so many free failures has to wait still.
    fn wait(&self, key: &K, free: u32, most: Duration, now: Instant) -> Duration {
        let Some(tries) = self.0.get(key).filter(|tries| !tries.are_forgotten(now)) else {
            return Duration::ZERO;
        };
        let Some(doublings) = tries.count.saturating_sub(free).checked_sub(1) else { return Duration::ZERO };
        let wait = WAIT_FIRST.saturating_mul(1 << doublings.min(16)).min(most);
        wait.saturating_sub(now.saturating_duration_since(tries.last))
    }

    fn count(&mut self, key: K, now: Instant) {
        if !self.0.contains_key(&key) && self.0.len() >= KEPT_MAX {
            self.make_room(now);
        }
        let tries = self.0.entry(key).or_insert(Tries { count: 0, last: now });
        if tries.are_forgotten(now) {
            tries.count = 0;
        }
        *tries = Tries { count: tries.count.saturating_add(1), last: now };
    }

    fn make_room(&mut self, now: Instant) {
        self.0.retain(|_, tries| !tries.are_forgotten(now));
        if self.0.len() >= KEPT_MAX
            && let Some(oldest) =
                self.0.iter().min_by_key(|(_, tries)| tries.last).map(|(key, _)| key.clone())
        {
            self.0.remove(&oldest);
        }
    }
}

impl Tries {
    fn are_forgotten(self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) >= FORGOTTEN_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELSEWHERE: Network = Network::V4([10, 0, 0]);

    /// The waits of somebody who tries again as soon as they may.
    fn waits(network: Network, tries: usize) -> Vec<u64> {
        let (attempts, mut now) = (Attempts::default(), Instant::now());
        let mut waits = Vec::new();
        for _ in 0..tries {
            attempts.begin("anna", network, now).unwrap();
            let wait = attempts.begin("anna", network, now).unwrap_err();
            assert_eq!(attempts.begin("anna", network, now), Err(wait), "to be turned away costs nothing");
            waits.push(wait.as_secs());
            now += wait;
        }
        waits
    }

    #[test]
    fn each_failure_doubles_the_wait_up_to_a_minute() {
        assert_eq!(waits(ELSEWHERE, 9), [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(waits(Network::Loopback, 5), [1, 2, 4, 4, 4]);
        assert_eq!(waits(Network::Socket, 5), [1, 2, 4, 4, 4]);
    }

    #[test]
    fn only_this_account_from_this_network_waits() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        attempts.begin("anna", ELSEWHERE, now).unwrap();
        assert!(attempts.begin("anna", ELSEWHERE, now).is_err());
        assert_eq!(attempts.begin("bert", ELSEWHERE, now), Ok(()));
        assert_eq!(attempts.begin("anna", Network::V4([10, 0, 1]), now), Ok(()));
        assert_eq!(attempts.begin("anna", Network::Loopback, now), Ok(()));
    }

    #[test]
    fn success_and_time_wipe_the_slate() {
        let (attempts, mut now) = (Attempts::default(), Instant::now());
        for _ in 0..7 {
            attempts.begin("anna", ELSEWHERE, now).unwrap();
            now += WAIT_MAX;
        }
        now += FORGOTTEN_AFTER;
        attempts.begin("anna", ELSEWHERE, now).unwrap();
        assert_eq!(attempts.begin("anna", ELSEWHERE, now), Err(WAIT_FIRST), "as the first time");
        now += WAIT_FIRST;
        attempts.begin("anna", ELSEWHERE, now).unwrap();
        attempts.succeeded("anna", ELSEWHERE);
        assert_eq!(attempts.begin("anna", ELSEWHERE, now), Ok(()));
    }

    #[test]
    fn a_network_that_tries_many_accounts_is_slowed_down() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for no in 0..=FREE_OF_A_NETWORK {
            attempts.begin(&format!("user{no}"), ELSEWHERE, now).unwrap();
        }
        assert_eq!(attempts.begin("anna", ELSEWHERE, now), Err(WAIT_FIRST));
        assert_eq!(attempts.begin("anna", Network::V4([10, 0, 1]), now), Ok(()));
        for no in 0..1_000 {
            attempts.begin(&format!("user{no}"), Network::Loopback, now).unwrap();
        }
        assert_eq!(
            attempts.begin("anna", Network::Loopback, now),
            Ok(()),
            "this machine is not slowed as a whole"
        );
    }

    #[test]
    fn what_is_kept_in_mind_is_bounded() {
        let (attempts, begun) = (Attempts::default(), Instant::now());
        for no in 0..KEPT_MAX as u32 + 100 {
            let [_, a, b, c] = no.to_be_bytes();
            let now = begun + Duration::from_millis(u64::from(no));
            attempts.begin("anna", Network::V4([a, b, c]), now).unwrap();
        }
        let failed = attempts.0.lock().unwrap();
        assert_eq!((failed.accounts.0.len(), failed.networks.0.len()), (KEPT_MAX, KEPT_MAX));
        assert!(!failed.networks.0.contains_key(&Network::V4([0, 0, 0])), "the oldest is forgotten");
    }
}
