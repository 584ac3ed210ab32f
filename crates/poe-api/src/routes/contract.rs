//! `GET /api/openapi.json`: the contract.

use std::sync::OnceLock;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::routes;

use crate::auth::Policy;
use crate::routes::table::Routes;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::VIEWER, routes!(show))
}

/// This document: every operation, as the program that answers has it.
#[utoipa::path(get, path = "/api/openapi.json", tag = "contract", operation_id = "show_contract",
    responses((status = 200, description = "An OpenAPI 3.1 document.", content_type = "application/json", body = String)))]
async fn show() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT
        .get_or_init(|| serde_json::to_string(&super::document()).expect("a contract has texts for keys"));
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}
