//! Every path, one file each: how it is asked, and how the answer looks.

mod healthz;
mod metrics;
mod readyz;
mod v1;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::get;

use crate::door::{Door, DoorKind};
use crate::guard;
use crate::problem::Problem;

/// All that a door serves. A `get` answers HEAD as well.
pub(crate) fn router(door: Door) -> Router {
    let open = Router::new()
        .route("/healthz", get(healthz::show))
        .route("/readyz", get(readyz::show))
        .route("/metrics", get(metrics::show));
    let all = match door.kind {
        DoorKind::Network => open,
        DoorKind::Local => open.merge(v1::router()),
    };
    all.fallback(async || Problem::NOT_FOUND)
        .method_not_allowed_fallback(async || Problem::METHOD_NOT_ALLOWED)
        .layer(from_fn(guard::check_body))
        .layer(from_fn_with_state(door.clone(), guard::check_host))
        .layer(map_response(guard::harden))
        .with_state(door)
}
