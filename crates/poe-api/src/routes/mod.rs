//! Every path, one file each: how it is asked, who may ask, and how the answer looks.
#![allow(unused_qualifications, reason = "the macro that makes the contract of a handler writes some")]

mod carry_out;
mod contract;
mod healthz;
mod metrics;
mod readyz;
mod site;
mod table;
mod v1;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use poe_web::Site;
use serde_json::Value;

use crate::auth::{Caller, check_origin, identify};
use crate::door::Door;
use crate::guard;
use crate::problem::Problem;
use table::Routes;
pub(crate) use v1::clear_imports;

/// All that a door serves. A `get` answers HEAD as well.
pub(crate) fn router(door: Door) -> Router {
    let (routes, _) = site::routes(all(), Site::default()).build();
    routes
        .fallback(not_found)
        .layer(from_fn(guard::check_body))
        .layer(from_fn_with_state(door.clone(), check_origin))
        .layer(from_fn_with_state(door.clone(), identify))
        .layer(from_fn_with_state(door.clone(), guard::check_host))
        .layer(map_response(guard::harden))
        .with_state(door)
}

/// The contract: an OpenAPI document of every route, written alike every time.
#[must_use]
pub fn document() -> Value {
    let (_, document) = all().build();
    let mut document = serde_json::to_value(document).expect("a contract has texts for keys");
    document.sort_all_objects();
    document
}

fn all() -> Routes {
    let routes = Routes::new();
    let routes = contract::routes(routes);
    let routes = healthz::routes(routes);
    let routes = readyz::routes(routes);
    let routes = metrics::routes(routes);
    v1::routes(routes)
}

/// Strangers are not told what there is.
async fn not_found(request: Request) -> Problem {
    match request.extensions().get() {
        Some(Caller::Known(_)) => Problem::NOT_FOUND,
        _ if request.uri().path().starts_with("/api/") => Problem::UNKNOWN_CALLER,
        _ => Problem::NOT_FOUND,
    }
}
