//! `GET /api/v1/live`: what happens, as server-sent events.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri};
use axum::response::Response;
use utoipa_axum::routes;

use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::live::{self, Interest, LiveEvent};
use crate::problem::Problem;
use crate::request::Params;
use crate::routes::table::Routes;

/// A day: whoever wants more follows without end.
const SPAN_S_MAX: usize = 86_400;

/// As browsers repeat the last `id` that they saw.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::VIEWER, routes!(follow))
}

/// What happens, as it happens. First a `snapshot`, then `event`, `alarm`, `node` and `reading`, and a `heartbeat` every
/// 2 s; `current` says that all readings and nodes have been told since the snapshot. With `Last-Event-ID` (or `after`, for those who can set no header) the missed entries come first: as `event`, or
/// as the `alarm` that each is about for those who are not told of entries.
#[utoipa::path(get, path = "/api/v1/live", tag = "events", operation_id = "follow",
    params(
        ("kind" = Option<String>, Query, description = "Only these kinds of `event`, `alarm`, `node` and `reading`, with commas between."),
        ("zone" = Option<String>, Query, description = "Only what is in these places, up to 32 with commas between; else all that you may see."),
        ("everywhere" = Option<String>, Query, description = "Kinds that `zone` does not narrow, with commas between: of these, all that you may see."),
        ("after" = Option<u64>, Query, description = "The last event that you know."),
        ("for_s" = Option<u64>, Query, description = "For so many seconds; without end, unless it is given.", minimum = 1, maximum = 86400),
        ("Last-Event-ID" = Option<u64>, Header, description = "The last event that you know; goes before `after`."),
    ),
    responses((status = 200, description = "Server-sent events, without end.",
        content_type = "text/event-stream", body = LiveEvent)))]
async fn follow(
    State(door): State<Door>,
    caller: Known,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = Params::of(&uri)?;
    let after = params.number("after")?;
    let span = params.limit("for_s", SPAN_S_MAX)?.map(|seconds| Duration::from_secs(seconds as u64));
    let interest = Interest::read(&mut params, &door.directory(), &caller.reach)?;
    params.end()?;
    let seen = match headers.get(LAST_EVENT_ID) {
        None => after,
        Some(seen) => {
            let seen = seen.to_str().ok().and_then(|seen| seen.parse().ok());
            let unfit = || Problem::new(StatusCode::BAD_REQUEST, "Last-Event-ID must be the id of an event.");
            Some(seen.ok_or_else(unfit)?)
        }
    };
    live::stream(door, caller, interest, seen, span)
}
