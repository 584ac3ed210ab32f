//! `/api/v1/latency`: how fast signals go their way.

use axum::extract::State;
use axum::http::Uri;
use utoipa_axum::routes;

use crate::answer::{Answer, ok};
use crate::auth::Policy;
use crate::door::Door;
use crate::request::{self, NoQuery};
use crate::routes::table::Routes;
use crate::views::LatencyView;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::VIEWER, routes!(show))
}

/// How long signals took from what caused them: percentiles and worst since the start, beside the limits.
#[utoipa::path(get, path = "/api/v1/latency", tag = "health", operation_id = "show_latency",
    responses((status = 200, description = "By class.", body = LatencyView)))]
async fn show(State(door): State<Door>, uri: Uri) -> Answer {
    let NoQuery {} = request::query(&uri)?;
    ok(&LatencyView::from(door.server.latency()))
}
