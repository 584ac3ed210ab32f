//! `GET /readyz`: whether the server does its work.

use axum::extract::State;
use axum::http::StatusCode;

use crate::door::{Door, DoorKind};
use crate::server::Readiness;

/// 200 or 503. The reasons tell of the building's inside, so only its owner at the local socket gets them.
pub(crate) async fn show(State(door): State<Door>) -> (StatusCode, String) {
    let readiness = door.server.readiness();
    let status = if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, text(&readiness, door.kind))
}

fn text(readiness: &Readiness, asked_from: DoorKind) -> String {
    let mut lines = vec![if readiness.is_ready() { "ready" } else { "not ready" }];
    if asked_from == DoorKind::Local {
        lines.extend(readiness.reasons.iter().map(String::as_str));
    }
    lines.join("\n")
}
