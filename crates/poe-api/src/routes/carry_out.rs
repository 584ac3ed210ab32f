//! A command that has begun is carried out to its end, whether its client still waits or not: what it does and what the
//! journal tells of it are never apart.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::places::Place;
use crate::problem::Problem;

/// Runs what changes something in a task of its own.
pub(super) async fn carry_out(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    // The client's place stays taken meanwhile: there are never more commands than places.
    let place = request.extensions().get::<Arc<Place>>().cloned();
    let carrying = tokio::spawn(async move {
        let _place = place;
        next.run(request).await
    });
    carrying.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a command failed");
        Problem::FAILED.into_response()
    })
}
