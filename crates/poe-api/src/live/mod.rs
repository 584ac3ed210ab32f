//! What happens, told as it happens: a snapshot, then every occurrence, and a sign of life when there is none.
//!
//! Between the server and a client there are two queues: what everybody follows, which drops the oldest, and a few events
//! on their way to this client. Who falls behind in the first is told the rest from the journal:
//! what is not stored yet, as soon as it is.

mod event;
mod progress;
mod teller;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::{Bytes, Frame};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::select;
use tokio::sync::mpsc;

use crate::door::Door;
use crate::live::teller::Teller;
use crate::problem::Problem;

/// Events on their way to one client. Enough for a burst; more would only hide that it does not read.
const ON_THEIR_WAY_MAX: usize = 64;

/// Follows the server. `seen`: the last event that the client knows.
pub(crate) fn stream(door: Door, seen: Option<u64>) -> Result<Response, Problem> {
    let Some(seat) = door.shared.seat() else {
        let detail = "Too many clients follow already.";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
    };
    let (out, events) = mpsc::channel(ON_THEIR_WAY_MAX);
    let mut stopping = door.stopping.clone();
    tokio::spawn(async move {
        let mut teller = Teller::new(door, out);
        // Whoever asks again after a restart asks the server that comes next.
        select! {
            _ = stopping.changed() => {}
            _ = teller.tell(seen) => {}
        }
        drop(seat);
    });
    let typed = [(header::CONTENT_TYPE, "text/event-stream")];
    Ok((typed, Body::new(Events(events))).into_response())
}

/// The events as the body of an answer that ends when nobody tells any more.
struct Events(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|event| event.map(|bytes| Ok(Frame::data(bytes))))
    }
}
