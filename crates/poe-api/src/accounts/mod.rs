//! Accounts at the door: passwords that are tried, sessions that begin and end, and the first account of all.

mod attempts;
mod cookie;
mod failures;
mod hashing;
mod keeper;
mod line;
mod network;
mod setup;

pub(crate) use cookie::{cleared, set};
pub(crate) use keeper::keep;
pub(crate) use network::Network;
pub(crate) use setup::Shown;

pub use setup::SetupToken;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode};
use poe_building::{AccessOrder, Order, OrderRefused, Text, User, UserSession, Who};

use crate::auth::{Moment, Secret, session_secret};
use crate::door::Door;
use crate::password;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::server::Ordered;
use attempts::{Attempt, Attempts};
use failures::{Failure, Failures};
use hashing::Hashing;

/// What all doors share of accounts.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    attempts: Attempts,
    hashing: Hashing,
    failures: Failures,
    /// Until there is an account, or it has expired.
    setup: Mutex<Option<Arc<SetupToken>>>,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    begun: AtomicU64,
    wrong: AtomicU64,
    turned_away: AtomicU64,
}

/// How logins went since the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoginFigures {
    pub(crate) begun: u64,
    pub(crate) wrong: u64,
    pub(crate) turned_away: u64,
}

impl Accounts {
    pub(crate) fn new(setup: Option<Arc<SetupToken>>) -> Self {
        Accounts { setup: Mutex::new(setup), ..Accounts::default() }
    }

    pub(crate) fn figures(&self) -> LoginFigures {
        let Counts { begun, wrong, turned_away } = &self.counts;
        let [begun, wrong, turned_away] = [begun, wrong, turned_away].map(|count| count.load(Relaxed));
        LoginFigures { begun, wrong, turned_away }
    }

    /// The token that the first account is made with, as long as it is kept.
    pub(crate) fn setup_token(&self) -> Option<Arc<SetupToken>> {
        self.setup.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// It has served, or nobody may use it any more.
    pub(crate) fn drop_setup_token(&self) {
        self.setup.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Door {
    /// Waits until it is somebody's turn to try a secret; how that went is for the caller to tell.
    pub(crate) async fn turn(&self, account: &str, peer: Peer) -> Result<Attempt, Problem> {
        let turn = self.shared.accounts.attempts.turn(account, Network::of(peer), peer.address()).await;
        turn.map_err(|wait| {
            self.failed(account, peer, Failure::TurnedAway);
            too_soon(wait)
        })
    }

    /// The try was wrong.
    pub(crate) fn tried_wrongly(&self, attempt: Attempt, account: &str, peer: Peer) {
        attempt.failed();
        self.failed(account, peer, Failure::Wrong);
    }

    /// The user of this name, if this is their password.
    pub(crate) async fn user_by_password(
        &self,
        name: &str,
        password: String,
        peer: Peer,
    ) -> Result<Option<Arc<User>>, Problem> {
        let attempt = self.turn(name, peer).await?;
        let user = self.server.board().access().user(name).cloned();
        let kept = user.as_ref().map(|user| user.password.clone());
        let hashing = &self.shared.accounts.hashing;
        let fits = hashing.run(Network::of(peer), move || password::fits(&password, kept.as_deref())).await?;
        if fits {
            attempt.succeeded();
        } else {
            self.tried_wrongly(attempt, name, peer);
        }
        Ok(user.filter(|_| fits))
    }

    /// The argon2id string of a new password of this user.
    pub(crate) async fn hash_password(
        &self,
        user: &str,
        password: String,
        field: &'static str,
        peer: Peer,
    ) -> Result<Text, Problem> {
        password::check(user, &password).map_err(|unfit| Problem::unfit(field, unfit.to_string()))?;
        self.shared.accounts.hashing.run(Network::of(peer), move || password::hash(&password)).await
    }

    /// The user with their password hashed at the present cost, which has been raised since. Their other sessions end by it.
    pub(crate) async fn hash_anew(
        &self,
        user: &User,
        password: String,
        peer: Peer,
    ) -> Result<Arc<User>, Problem> {
        let hashing = &self.shared.accounts.hashing;
        let hash = hashing.run(Network::of(peer), move || password::hash(&password)).await?;
        let new = User { password: hash.clone(), ..user.clone() };
        let order = AccessOrder::ChangeUser {
            name: user.name.clone(),
            role: None,
            reach: None,
            password: Some(hash),
            from_version: None,
        };
        let who = Who::new(user.name.clone(), peer.origin());
        match self.change_access(order, &who).await? {
            Ok(_) => Ok(Arc::new(new)),
            Err(_) => Err(WRONG),
        }
    }

    /// Begins a session of somebody who has shown their password, and ends the one that their browser had.
    pub(crate) async fn begin_session(
        &self,
        user: &User,
        peer: Peer,
        headers: &HeaderMap,
    ) -> Result<Secret, Problem> {
        let (secret, begun) = (Secret::random(), Moment::now());
        let hash = secret.hash();
        let origin = peer.origin();
        let session =
            UserSession { hash, user: user.name.clone(), origin, began: begun.wall, last_used: begun.wall };
        let who = Who::new(user.name.clone(), peer.origin());
        if self.change_access(AccessOrder::BeginSession(session.clone()), &who).await?.is_err() {
            // The account has ended meanwhile.
            return Err(WRONG);
        }
        self.shared.uses.begun(&session, begun);
        if let Some(old) = session_secret(headers, peer, self.shared.demo) {
            // Whose it was does not matter: this browser has another now.
            let known = self.server.board().access().session(&old.hash()).is_some();
            if known && old != secret {
                let _ = self.change_access(AccessOrder::EndSession(old.hash()), &who).await?;
            }
        }
        // Whoever has changed the password or the role meanwhile has ended the sessions that there were, and meant this one.
        let access = self.server.board().access();
        let same = access
            .user(&user.name)
            .is_some_and(|it| (&it.password, it.role, &it.reach) == (&user.password, user.role, &user.reach));
        if !same {
            let _ = self.change_access(AccessOrder::EndSession(hash), &who).await?;
            return Err(WRONG);
        }
        self.shared.accounts.counts.begun.fetch_add(1, Relaxed);
        Ok(secret)
    }

    /// Has the server change who may come in.
    pub(crate) async fn change_access(
        &self,
        order: AccessOrder,
        who: &Who,
    ) -> Result<Result<Ordered, OrderRefused>, Problem> {
        let who = who.clone();
        self.command(Order::Access(order), move || who).await
    }

    /// Counts a failure, and has it journalled beside everything else: how long that takes would tell whether there is such
    /// a user.
    fn failed(&self, account: &str, peer: Peer, what: Failure) {
        let accounts = &self.shared.accounts;
        let counts = &accounts.counts;
        let count = match what {
            Failure::Wrong => &counts.wrong,
            Failure::TurnedAway => &counts.turned_away,
        };
        count.fetch_add(1, Relaxed);
        let access = self.server.board().access();
        let user = access.user(account).map(|user| &user.name);
        if let Some(order) = accounts.failures.note(user, Network::of(peer), what, Instant::now()) {
            let (door, who) = (self.clone(), Who::new("nobody", peer.origin()));
            tokio::spawn(async move { door.command(order, move || who).await });
        }
    }
}

/// Whichever of the two it is.
pub(crate) const WRONG: Problem =
    Problem::new(StatusCode::UNAUTHORIZED, "There is no user with this name and this password.");

fn too_soon(wait: Duration) -> Problem {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let detail = "Too many try to log in as this user from where you are, and wait for their turn. Wait a moment; from \
        elsewhere it works at once.";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).after_s(seconds)
}
