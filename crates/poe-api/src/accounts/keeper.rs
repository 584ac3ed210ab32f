//! What has to be done about accounts from time to time: uses stored, failures told, and the setup token taken away.

use std::time::{Duration, Instant};

use poe_building::{Access, AccessOrder, Order, Time, Who};
use tokio::select;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::auth::Uses;
use crate::door::Door;
use crate::views::now;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often uses are stored: people want to know the minute, and a row for each request would cost more than the request.
const STORE_EVERY: Duration = Duration::from_secs(60);

/// Keeps accounts in order until the stop, and once more then.
pub(crate) async fn keep(door: Door, mut stopping: watch::Receiver<()>) {
    let mut stored = Instant::now();
    let mut stops = false;
    while !stops {
        stops = select! {
            _ = stopping.changed() => true,
            () = sleep(LOOK_EVERY) => false,
        };
        let mut orders = door.shared.accounts.failures.due(Instant::now(), stops);
        if stops || stored.elapsed() >= STORE_EVERY {
            stored = Instant::now();
            orders.extend(uses(&door.server.board().access(), &door.shared.uses, now()));
        }
        look_at_setup(&door);
        if !orders.is_empty() {
            // A server that stops refuses them, and nothing is lost by it but the last minute's uses.
            let _ = door
                .work(move |server, _| {
                    for order in orders {
                        if let Err(error) = server.order(order, Who::new("server", "server")) {
                            tracing::debug!(%error, "what was to be noted about accounts was not");
                        }
                    }
                })
                .await;
        }
    }
}

/// The order that stores uses, if there are any or a session is over.
fn uses(access: &Access, uses: &Uses, now: Time) -> Option<Order> {
    let is_over = access.sessions().any(|session| session.is_over(uses.last_used(session), now));
    match uses.take() {
        AccessOrder::Touch { sessions, tokens } if !is_over && sessions.is_empty() && tokens.is_empty() => {
            None
        }
        touch => Some(Order::Access(touch)),
    }
}

fn look_at_setup(door: &Door) {
    let Some(token) = door.shared.accounts.setup_token() else { return };
    if !door.server.board().access().is_new() {
        door.shared.accounts.drop_setup_token();
    } else if token.has_expired() && token.retire() {
        tracing::warn!(
            "the setup token has expired; a restart makes a new one, and `poe user add` needs none"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poe_building::{SESSION_IDLE, SecretHash, UserSession};

    #[test]
    fn uses_are_stored_when_there_are_any_or_a_session_is_over() {
        let (kept, began) = (Uses::default(), Time::from_secs(1_000));
        let hash = SecretHash([7; 32]);
        let session =
            UserSession { hash, user: "anna".into(), origin: "::1".into(), began, last_used: began };
        let access = Access::restored([], [], [session]);
        assert_eq!(uses(&access, &kept, began), None);
        let soon = began.after(Duration::from_secs(60));
        kept.session(hash, soon);
        kept.token(&"1a2b3c4d".into(), soon);
        let touch =
            AccessOrder::Touch { sessions: vec![(hash, soon)], tokens: vec![("1a2b3c4d".into(), soon)] };
        assert_eq!(uses(&access, &kept, soon), Some(Order::Access(touch)));
        assert_eq!(uses(&access, &kept, soon), None, "once");
        assert!(uses(&access, &kept, began.after(SESSION_IDLE)).is_some(), "a session is over");
    }
}
