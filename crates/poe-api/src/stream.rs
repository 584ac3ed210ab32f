//! Answers that are made piece by piece, only as fast as they are taken: whoever reads slowly, or not at all, costs one
//! piece and no queue.

use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::Body;
use hyper::body::{Bytes, Frame};

/// What ends an answer before its end. The connection is cut, so that nobody takes the part for the whole.
pub(crate) type Cut = Box<dyn Error + Send + Sync>;

/// A body that `make` makes: it is asked to go on when what it has said is on its way.
pub(crate) fn body<F>(make: impl FnOnce(Outlet) -> F) -> Body
where
    F: Future<Output = Result<(), Cut>> + Send + 'static,
{
    let outlet = Outlet::default();
    let making = make(Outlet(Arc::clone(&outlet.0)));
    Body::new(Pieces { outlet, making: Some(Box::pin(making)) })
}

/// Where the pieces are put: one at a time.
#[derive(Debug, Default)]
pub(crate) struct Outlet(Arc<Mutex<Option<Bytes>>>);

impl Outlet {
    /// Says something, and waits until it is taken.
    pub(crate) async fn say(&self, piece: Bytes) {
        if piece.is_empty() {
            return;
        }
        *self.slot() = Some(piece);
        // Whoever takes it asks for more in the same breath, so that there is nobody to be woken.
        poll_fn(|_| if self.slot().is_none() { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    fn slot(&self) -> MutexGuard<'_, Option<Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Making = Pin<Box<dyn Future<Output = Result<(), Cut>> + Send>>;

struct Pieces {
    outlet: Outlet,
    /// Nothing is left once it has ended.
    making: Option<Making>,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let Some(making) = &mut self.making else { return Poll::Ready(None) };
        let ended = making.as_mut().poll(context);
        if let Some(piece) = self.outlet.slot().take() {
            // An end never comes with a piece: who says one waits until it is taken.
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        let Poll::Ready(ended) = ended else { return Poll::Pending };
        self.making = None;
        Poll::Ready(ended.err().map(Err))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    fn read(body: Body) -> Result<Bytes, axum::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(to_bytes(body, usize::MAX))
    }

    #[test]
    fn pieces_come_in_order_and_then_the_end() {
        let count = body(|outlet| async move {
            for piece in ["one ", "", "two ", "three"] {
                outlet.say(Bytes::from_static(piece.as_bytes())).await;
                tokio::task::yield_now().await;
            }
            Ok(())
        });
        assert_eq!(read(count).unwrap(), "one two three");
        assert_eq!(read(body(|_| async { Ok(()) })).unwrap(), "");
    }

    #[test]
    fn what_is_cut_is_no_whole_answer() {
        let cut = body(|outlet| async move {
            outlet.say(Bytes::from_static(b"half")).await;
            Err("the rest is missing".into())
        });
        assert_eq!(read(cut).unwrap_err().to_string(), "the rest is missing");
    }
}
