//! What happens, told as it happens: a snapshot, then every occurrence, what changes twice a second, and a sign of life.
//!
//! One listens for all ([`hub`]): what happens is written once, and what changes is looked for once for all who follow the
//! same place ([`group`], [`follower`]). Each client ([`teller`]) takes from that what its [`interest`] is, as fast as it
//! reads; after a snapshot it is told when that was all (`current`). There is no queue of its own that could grow: a body is
//! asked for the next piece when the last one is on its way. Who falls behind in what happens is told the rest from the
//! journal ([`missed`]): what is not stored yet, as soon as it is. Who falls behind in what changes is told how things stand
//! then. Who reads nothing at all is cut by the deadline below the body.

mod event;
mod follower;
mod group;
mod hub;
mod interest;
mod missed;
mod news;
mod progress;
mod rounds;
mod scene;
mod scope;
mod shelf;
mod snapshot;
mod teller;

pub(crate) use event::LiveEvent;
pub(crate) use hub::Hub;
pub(crate) use interest::Interest;

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::select;
use tokio::time::{Instant, sleep};

use crate::auth::Known;
use crate::door::Door;
use crate::live::teller::Teller;
use crate::places::Counts;
use crate::problem::Problem;
use crate::stream;
use crate::views::now;

/// Figures about those who follow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LiveFigures {
    /// How many there are.
    pub(crate) clients: u64,
    /// How often one of them read too slowly.
    pub(crate) fallen_behind: u64,
}

/// How soon somebody who may no longer look is told nothing more.
const LOOKED_AFTER: Duration = Duration::from_secs(2);

/// Follows the server. `seen`: the last event that the client knows. `span`: for how long, if not without end.
pub(crate) fn stream(
    door: Door,
    caller: Known,
    interest: Interest,
    seen: Option<u64>,
    span: Option<Duration>,
) -> Result<Response, Problem> {
    let Some(seat) = door.shared.seat(door.kind) else {
        Counts::add(&door.counts.refused_followers);
        let detail = "Too many clients follow already.";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
    };
    let mut stopping = door.stopping.clone();
    let leave = leave(door.clone(), caller, span);
    let body = stream::body(|outlet| {
        let mut teller = Teller::new(door, interest, outlet);
        async move {
            let _seat = seat;
            // Whoever asks again after a restart asks the server that comes next.
            select! {
                _ = stopping.changed() => {}
                () = leave => {}
                end = teller.tell(seen) => tracing::debug!(?end, "a client is told nothing more"),
            }
            Ok(())
        }
    });
    Ok(([(header::CONTENT_TYPE, "text/event-stream")], body).into_response())
}

/// Ends when the time is over, or when whoever follows may no longer do so.
async fn leave(door: Door, caller: Known, span: Option<Duration>) {
    let end = span.map(|span| Instant::now() + span);
    loop {
        let wait = end.map_or(LOOKED_AFTER, |end| end.saturating_duration_since(Instant::now()));
        sleep(wait.min(LOOKED_AFTER)).await;
        let is_over = end.is_some_and(|end| end <= Instant::now());
        if is_over || !caller.is_still_known(&door.server.board().access(), now()) {
            return;
        }
    }
}
