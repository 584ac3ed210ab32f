//! Answers in JSON.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// What a route comes to.
pub(crate) type Answer = Result<Response, Problem>;

/// 200 with this view.
pub(crate) fn ok(view: &impl Serialize) -> Answer {
    Ok(json(StatusCode::OK, view))
}

/// This status with this view.
pub(crate) fn json(status: StatusCode, view: &impl Serialize) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], text(view)).into_response()
}

/// A view as JSON, without a line break.
pub(crate) fn text(view: &impl Serialize) -> String {
    serde_json::to_string(view).expect("views have texts for keys, and nothing in them refuses to be written")
}

/// A list, or a part of one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Given as `after`, the list goes on from here; nothing: it is at its end.
    pub(crate) next: Option<u64>,
}

impl<T> Page<T> {
    /// All there is.
    pub(crate) fn whole(items: impl IntoIterator<Item = T>) -> Self {
        Page { items: items.into_iter().collect(), next: None }
    }
}
