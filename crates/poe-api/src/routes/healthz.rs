//! `GET /healthz`: whether the process lives. That it answers says so.

use utoipa_axum::routes;

use crate::auth::Policy;
use crate::routes::table::Routes;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::Open, routes!(show))
}

/// Whether the process lives: always `ok`.
#[utoipa::path(get, path = "/healthz", tag = "health", operation_id = "show_health",
    responses((status = 200, description = "It lives.", content_type = "text/plain", body = String)))]
async fn show() -> &'static str {
    "ok"
}
