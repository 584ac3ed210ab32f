//! `GET /readyz`: whether the server does its work.

use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::routes;

use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::routes::table::Routes;
use crate::server::Readiness;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::Open, routes!(show))
}

/// Whether the server does its work. The reasons against it tell of the building's inside: only those who may look into
/// all of it get them, a line each.
#[utoipa::path(get, path = "/readyz", tag = "health", operation_id = "show_readiness",
    responses(
        (status = 200, description = "It does.", content_type = "text/plain", body = String),
        (status = 503, description = "It does not.", content_type = "text/plain", body = String),
    ))]
async fn show(State(door): State<Door>, caller: Option<Known>) -> (StatusCode, String) {
    let readiness = door.server.readiness();
    let status = if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, text(&readiness, caller.is_some_and(|caller| caller.reach.is_everywhere())))
}

fn text(readiness: &Readiness, with_reasons: bool) -> String {
    let mut lines = vec![if readiness.is_ready() { "ready" } else { "not ready" }];
    if with_reasons {
        lines.extend(readiness.reasons.iter().map(String::as_str));
    }
    lines.join("\n")
}
