//! `GET /api/openapi.json`: the contract.

use std::sync::OnceLock;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::{Content, RefOr, ResponseBuilder};
use utoipa_axum::routes;

use crate::auth::Policy;
use crate::openapi;
use crate::routes::table::Routes;

pub(super) fn routes(routes: Routes) -> Routes {
    let (schemas, mut paths, methods) = routes!(show);
    // What stands in it is told by the standard that it names, and no schema of ours could tell it better.
    for item in paths.paths.values_mut() {
        openapi::each_operation(item, |_, operation| {
            let ok = ResponseBuilder::new()
                .description("An OpenAPI 3.1 document.")
                .content("application/json", Content::default());
            operation.responses.responses.insert("200".to_owned(), RefOr::T(ok.build()));
        });
    }
    routes.add(Policy::VIEWER, (schemas, paths, methods))
}

/// This document: every operation, as the program that answers has it.
#[utoipa::path(get, path = "/api/openapi.json", tag = "contract", operation_id = "show_contract",
    responses((status = 200, description = "An OpenAPI 3.1 document.")))]
async fn show() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| super::document().to_string());
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}
