//! Slows down whoever guesses passwords, and locks nobody out.
//!
//! Failures count for an account together with the network that they come from: whoever knows the password gets in from
//! everywhere else. A network that tries many accounts is slowed down as a whole.
//!
//! Whoever comes too soon stands in line until it is their turn. Were they sent away, the next turn would go to whoever asks
//! most often, and that is the one who guesses: the right password would never be looked at. A try counts as failed as soon as
//! it has its turn; if nobody looked at the password after all, it counts for nothing.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use poe_building::Text;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;

use crate::accounts::Network;
use crate::accounts::line::{Length, Lines, Place};

/// The wait after the first failure; it doubles with each. Nobody types faster.
const WAIT_FIRST: Duration = Duration::from_secs(1);
/// The longest wait: 10,800 guesses a day, which finds no password that may be chosen, and a person who stands in line waits
/// out a few of them.
const WAIT_MAX: Duration = Duration::from_secs(8);
/// The longest on this machine: whoever sits there is not to be kept from it by a program that guesses beside them.
const WAIT_MAX_HERE: Duration = Duration::from_secs(1);
/// As many stand in line for one account, or for a network that is slowed down: a minute at most for the last of them. One
/// address has a few of the places, so that the others of its network find one as well.
const LINE: Length = Length { most: 8, most_of_address: 2 };
/// On this machine one cannot be told from another; the last of so many waits for ten seconds.
const LINE_HERE: Length = Length { most: 10, most_of_address: 10 };
/// When one who found no place in line is to come again.
const COME_AGAIN: Duration = Duration::from_secs(1);
/// No account has a longer name: what is beyond does not tell two of them apart.
const NAME_CHARS_MAX: usize = 64;
/// As many failures of a whole network cost nothing: a morning's shift behind one address mistypes a few times.
const FREE_OF_A_NETWORK: u32 = 20;
/// After so long without another failure it is as if there had been none.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);
/// As many accounts with their networks, and as many networks, are kept in mind: a megabyte or two. When there are more, the
/// one that failed longest ago is forgotten early.
const KEPT_MAX: usize = 10_000;

/// Who has failed lately, and who waits for their turn.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempts(Arc<Kept>);

#[derive(Debug, Default)]
struct Kept {
    failed: Mutex<Failed>,
    of_accounts: Lines<Account>,
    of_networks: Lines<Network>,
}

/// An account, whether there is one or not, and where it is tried from.
type Account = (Text, Network);

#[derive(Debug, Default)]
struct Failed {
    accounts: Ledger<Account>,
    networks: Ledger<Network>,
}

/// How long to wait still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wait {
    of_account: Duration,
    of_network: Duration,
}

/// Somebody's turn to try a password. Dropped without a word on how it went, it was none.
#[derive(Debug)]
pub(crate) struct Attempt {
    kept: Arc<Kept>,
    account: Account,
    /// How the account stood before.
    before: Option<Tries>,
    is_judged: bool,
    _turns: Vec<OwnedSemaphorePermit>,
    _of_account: Place<Account>,
    _of_network: Option<Place<Network>>,
}

impl Attempts {
    /// Waits until it is somebody's turn to try an account. If too many wait already, tells when to come again.
    pub(crate) async fn turn(
        &self,
        account: &str,
        network: Network,
        address: Option<IpAddr>,
    ) -> Result<Attempt, Duration> {
        let kept = &self.0;
        let account = (Text::from(account.chars().take(NAME_CHARS_MAX).collect::<String>()), network);
        let length = if network.is_here() { LINE_HERE } else { LINE };
        let of_account = kept.of_accounts.stand(account.clone(), address, length).ok_or(COME_AGAIN)?;
        let mut turns = vec![of_account.turn().await];
        let mut of_network = None;
        loop {
            let must_stand = of_network.is_none() && kept.of_networks.has(&network);
            let wait = match kept.begin(&account, Instant::now(), must_stand) {
                Ok(before) => {
                    return Ok(Attempt {
                        kept: Arc::clone(kept),
                        account,
                        before,
                        is_judged: false,
                        _turns: turns,
                        _of_account: of_account,
                        _of_network: of_network,
                    });
                }
                Err(wait) => wait,
            };
            if of_network.is_none() && (must_stand || !wait.of_network.is_zero()) {
                let place = kept.of_networks.stand(network, address, LINE).ok_or(COME_AGAIN)?;
                turns.push(place.turn().await);
                of_network = Some(place);
            } else {
                sleep(wait.of_account.max(wait.of_network)).await;
            }
        }
    }
}

impl Attempt {
    /// The password was right.
    pub(crate) fn succeeded(mut self) {
        self.is_judged = true;
        self.take_back(None);
    }

    /// The password was wrong.
    pub(crate) fn failed(mut self) {
        self.is_judged = true;
    }

    /// The account stands as it did `before`, and the network has one failure less: its others have failed all the same.
    fn take_back(&self, before: Option<Tries>) {
        let mut failed = self.kept.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match before {
            Some(before) => drop(failed.accounts.0.insert(self.account.clone(), before)),
            None => drop(failed.accounts.0.remove(&self.account)),
        }
        if let Some(tries) = failed.networks.0.get_mut(&self.account.1) {
            tries.count = tries.count.saturating_sub(1);
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.is_judged {
            self.take_back(self.before);
        }
    }
}

impl Kept {
    /// Counts a try as failed and tells how the account stood before, or how long to wait. A try that has to wait, or
    /// `must_stand` in line, counts for nothing.
    fn begin(&self, account: &Account, now: Instant, must_stand: bool) -> Result<Option<Tries>, Wait> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let network = account.1;
        let most = if network.is_here() { WAIT_MAX_HERE } else { WAIT_MAX };
        let wait = Wait {
            of_account: failed.accounts.wait(account, 0, most, now),
            of_network: failed.networks.wait(&network, FREE_OF_A_NETWORK, WAIT_MAX, now),
        };
        if must_stand || !(wait.of_account.is_zero() && wait.of_network.is_zero()) {
            return Err(wait);
        }
        let before = failed.accounts.0.get(account).copied();
        failed.accounts.count(account.clone(), now);
        if !network.is_here() {
            failed.networks.count(network, now);
        }
        Ok(before)
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
mod tests;
