//! `/api/v1/health`: how the server itself is.

use axum::extract::State;
use axum::http::Uri;
use poe_building::Role;
use utoipa_axum::routes;

use crate::answer::{Answer, ok};
use crate::auth::Policy;
use crate::door::Door;
use crate::request::{self, NoQuery};
use crate::routes::table::Routes;
use crate::views::HealthView;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::Everywhere(Role::Viewer), routes!(show))
}

/// Whether the server does its work, what speaks against it, and how much it holds.
#[utoipa::path(get, path = "/api/v1/health", tag = "health", operation_id = "show_server",
    responses((status = 200, description = "As of now, whether it is well or not.", body = HealthView)))]
async fn show(State(door): State<Door>, uri: Uri) -> Answer {
    let NoQuery {} = request::query(&uri)?;
    let server = &door.server;
    ok(&HealthView::new(server.run(), server.readiness(), &server.metrics(), door.shared.demo))
}
