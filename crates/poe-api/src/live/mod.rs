//! What happens, told as it happens: a snapshot, then every occurrence, what changes twice a second, and a sign of life.
//!
//! One listens for all ([`hub`]): what happens is written once, and what changes is looked for once for all who follow the
//! same ([`group`]). Each client ([`teller`]) takes from that what its [`interest`] is, as fast as it reads. There is no
//! queue of its own that could grow: a body is asked for the next piece when the last one is on its way. Who falls
//! behind in what happens is told the rest from the journal: what is not stored yet, as soon as it is. Who falls behind
//! in what changes is told how things stand then. Who reads nothing at all is cut by the deadline below the body.

mod event;
mod group;
mod hub;
mod interest;
mod news;
mod progress;
mod rounds;
mod scene;
mod shelf;
mod snapshot;
mod teller;

pub(crate) use hub::Hub;
pub(crate) use interest::Interest;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::select;

use crate::door::Door;
use crate::live::teller::Teller;
use crate::problem::Problem;
use crate::stream;

/// Follows the server. `seen`: the last event that the client knows.
pub(crate) fn stream(door: Door, interest: Interest, seen: Option<u64>) -> Result<Response, Problem> {
    let Some(seat) = door.shared.seat(door.kind) else {
        let detail = "Too many clients follow already.";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
    };
    let mut stopping = door.stopping.clone();
    let body = stream::body(|outlet| {
        let mut teller = Teller::new(door, interest, outlet);
        async move {
            let _seat = seat;
            // Whoever asks again after a restart asks the server that comes next.
            select! {
                _ = stopping.changed() => {}
                end = teller.tell(seen) => tracing::debug!(?end, "a client is told nothing more"),
            }
            Ok(())
        }
    });
    Ok(([(header::CONTENT_TYPE, "text/event-stream")], body).into_response())
}
