//! `GET /api/v1/live`: what happens, as server-sent events.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri};
use axum::response::Response;

use crate::door::Door;
use crate::live;
use crate::problem::Problem;
use crate::request::Params;

/// As browsers repeat the last `id` that they saw.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// With `Last-Event-ID` (or `?after=`, for those who can set no header) the missed entries come first.
pub(super) async fn follow(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = Params::of(&uri)?;
    let after = params.number("after")?;
    params.end()?;
    let seen = match headers.get(LAST_EVENT_ID) {
        None => after,
        Some(seen) => {
            let seen = seen.to_str().ok().and_then(|seen| seen.parse().ok());
            let unfit = || Problem::new(StatusCode::BAD_REQUEST, "Last-Event-ID must be the id of an event.");
            Some(seen.ok_or_else(unfit)?)
        }
    };
    live::stream(door, seen)
}
