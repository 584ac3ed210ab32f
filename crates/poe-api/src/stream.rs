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
    Body::new(Pieces { outlet, making: Some(Box::pin(making)), cut: None })
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
    /// How it has ended, if not well.
    cut: Option<Cut>,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Some(making) = &mut self.making
            && let Poll::Ready(ended) = making.as_mut().poll(context)
        {
            self.making = None;
            self.cut = ended.err();
        }
        // Before the end: what makes them may be over in the breath in which it has said something.
        if let Some(piece) = self.outlet.slot().take() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match self.making {
            Some(_) => Poll::Pending,
            None => Poll::Ready(self.cut.take().map(Err)),
        }
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
    #[test]
    fn what_was_said_in_the_breath_of_the_end_comes_before_it() {
        let left = |end: Result<(), &'static str>| {
            body(move |outlet| async move {
                tokio::select! {
                    biased;
                    () = outlet.say(Bytes::from_static(b"last words")) => {}
                    () = std::future::ready(()) => {}
                }
                end.map_err(Cut::from)
            })
        };
        assert_eq!(read(left(Ok(()))).unwrap(), "last words");
        assert_eq!(read(left(Err("cut short"))).unwrap_err().to_string(), "cut short");
    }
}
