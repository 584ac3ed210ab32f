//! What has to be done about accounts from time to time: uses stored, failures told, and the setup token taken away.

use std::time::{Duration, Instant};

use poe_building::{Order, Who};
use tokio::select;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::auth::Moment;
use crate::door::Door;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often uses are stored: people want to know the minute, and a row for each request would cost more than the request.
const STORE_EVERY: Duration = Duration::from_secs(60);

/// Keeps accounts in order until the stop, and once more then.
pub(crate) async fn keep(door: Door, mut stopping: watch::Receiver<()>) {
    let mut stored = Instant::now();
    let mut stops = false;
    // Before the clock is set, perhaps.
    door.shared.uses.look(&door.server.board().access(), Moment::now());
    while !stops {
        stops = select! {
            _ = stopping.changed() => true,
            () = sleep(LOOK_EVERY) => false,
        };
        let mut orders = door.shared.accounts.failures.due(Instant::now(), stops);
        let (access, uses) = (door.server.board().access(), &door.shared.uses);
        if stops || stored.elapsed() >= STORE_EVERY {
            stored = Instant::now();
            orders.extend(uses.take(&access, Moment::now()).map(Order::Access));
        } else {
            uses.look(&access, Moment::now());
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
