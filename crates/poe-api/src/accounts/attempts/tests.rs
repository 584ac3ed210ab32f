#![allow(clippy::unwrap_used, reason = "a test may end like this")]

use super::*;

const ELSEWHERE: Network = Network::V4([10, 0, 0]);

impl Kept {
    /// A try that fails, or how long it has to wait.
    fn fail(&self, account: &str, network: Network, now: Instant) -> Result<(), Duration> {
        let begun = self.begin(&(account.into(), network), now, false);
        begun.map(|_| ()).map_err(|wait| wait.of_account.max(wait.of_network))
    }
}

/// The waits of somebody who tries again as soon as they may.
fn waits(network: Network, tries: usize) -> Vec<u64> {
    let (kept, mut now) = (Kept::default(), Instant::now());
    let mut waits = Vec::new();
    for _ in 0..tries {
        kept.fail("anna", network, now).unwrap();
        let wait = kept.fail("anna", network, now).unwrap_err();
        assert_eq!(kept.fail("anna", network, now), Err(wait), "to wait costs nothing");
        waits.push(wait.as_secs());
        now += wait;
    }
    waits
}

#[test]
fn each_failure_doubles_the_wait_up_to_a_few_seconds() {
    assert_eq!(waits(ELSEWHERE, 6), [1, 2, 4, 8, 8, 8]);
    assert_eq!(waits(Network::Loopback, 3), [1, 1, 1]);
    assert_eq!(waits(Network::Socket, 3), [1, 1, 1]);
}

#[test]
fn only_this_account_from_this_network_waits() {
    let (kept, now) = (Kept::default(), Instant::now());
    kept.fail("anna", ELSEWHERE, now).unwrap();
    assert!(kept.fail("anna", ELSEWHERE, now).is_err());
    assert_eq!(kept.fail("bert", ELSEWHERE, now), Ok(()));
    assert_eq!(kept.fail("anna", Network::V4([10, 0, 1]), now), Ok(()));
    assert_eq!(kept.fail("anna", Network::Loopback, now), Ok(()));
}

#[test]
fn time_wipes_the_slate() {
    let (kept, mut now) = (Kept::default(), Instant::now());
    for _ in 0..7 {
        kept.fail("anna", ELSEWHERE, now).unwrap();
        now += WAIT_MAX;
    }
    now += FORGOTTEN_AFTER;
    kept.fail("anna", ELSEWHERE, now).unwrap();
    assert_eq!(kept.fail("anna", ELSEWHERE, now), Err(WAIT_FIRST), "as the first time");
}

#[test]
fn a_network_that_tries_many_accounts_is_slowed_down() {
    let (kept, now) = (Kept::default(), Instant::now());
    for no in 0..=FREE_OF_A_NETWORK {
        kept.fail(&format!("user{no}"), ELSEWHERE, now).unwrap();
    }
    assert_eq!(kept.fail("anna", ELSEWHERE, now), Err(WAIT_FIRST));
    assert_eq!(kept.fail("anna", Network::V4([10, 0, 1]), now), Ok(()));
    for no in 0..1_000 {
        kept.fail(&format!("user{no}"), Network::Loopback, now).unwrap();
    }
    assert_eq!(kept.fail("anna", Network::Loopback, now), Ok(()), "this machine is not slowed as a whole");
}

#[test]
fn what_is_kept_in_mind_is_bounded() {
    let (kept, begun) = (Kept::default(), Instant::now());
    for no in 0..KEPT_MAX as u32 + 100 {
        let [_, a, b, c] = no.to_be_bytes();
        let now = begun + Duration::from_millis(u64::from(no));
        kept.fail("anna", Network::V4([a, b, c]), now).unwrap();
    }
    let failed = kept.failed.lock().unwrap();
    assert_eq!((failed.accounts.0.len(), failed.networks.0.len()), (KEPT_MAX, KEPT_MAX));
    assert!(!failed.networks.0.contains_key(&Network::V4([0, 0, 0])), "the oldest is forgotten");
}

fn run<T>(story: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(story)
}

#[test]
fn a_try_that_nobody_looked_at_counts_for_nothing() {
    run(async {
        let attempts = Attempts::default();
        let turn = || attempts.turn("anna", ELSEWHERE, None);
        for _ in 0..30 {
            drop(turn().await.unwrap());
        }
        let now = Instant::now();
        let wait = |name: &str| attempts.0.begin(&(name.into(), ELSEWHERE), now, true).unwrap_err();
        let none = Wait { of_account: Duration::ZERO, of_network: Duration::ZERO };
        assert_eq!(wait("anna"), none);
        turn().await.unwrap().failed();
        assert!(!wait("anna").of_account.is_zero());
        turn().await.unwrap().succeeded();
        assert_eq!(wait("anna"), none, "a success wipes the slate");
    });
}

#[test]
fn one_stands_in_line_behind_those_who_guess_and_has_their_turn() {
    run(async {
        let attempts = Attempts::default();
        let begun = Instant::now();
        let turn = |last: u8| {
            let attempts = attempts.clone();
            let address = Some(IpAddr::from([127, 0, 0, last]));
            tokio::spawn(async move { attempts.turn("anna", Network::Loopback, address).await })
        };
        turn(1).await.unwrap().unwrap().failed();
        let guess = turn(1);
        tokio::task::yield_now().await;
        let right = turn(2);
        tokio::task::yield_now().await;
        let late = turn(1);
        guess.await.unwrap().unwrap().failed();
        let right = right.await.unwrap().unwrap();
        assert!(begun.elapsed() >= 2 * WAIT_MAX_HERE, "a second for each failure");
        assert!(!late.is_finished());
        right.succeeded();
        late.await.unwrap().unwrap().failed();
    });
}

#[test]
fn a_line_that_is_full_sends_away_and_one_address_does_not_fill_it() {
    run(async {
        let attempts = Attempts::default();
        let held = attempts.turn("anna", ELSEWHERE, None).await.unwrap();
        let stand = |last: u8| {
            let attempts = attempts.clone();
            let address = Some(IpAddr::from([10, 0, 0, last]));
            tokio::spawn(
                async move { attempts.turn("anna", ELSEWHERE, address).await.map(Attempt::succeeded) },
            )
        };
        let of_one: Vec<_> = (0..=LINE.most_of_address).map(|_| stand(1)).collect();
        tokio::task::yield_now().await;
        let others: Vec<_> = (2..9).map(stand).collect();
        tokio::task::yield_now().await;
        held.succeeded();
        let refused = async |crowd: Vec<tokio::task::JoinHandle<Result<(), Duration>>>| {
            let mut refused = 0;
            for one in crowd {
                refused += usize::from(one.await.unwrap() == Err(COME_AGAIN));
            }
            refused
        };
        assert_eq!(refused(of_one).await, 1, "the others of this network find a place");
        assert_eq!(refused(others).await, 1 + LINE.most_of_address + 7 - LINE.most);
    });
}
