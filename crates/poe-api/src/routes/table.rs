//! The table of routes: each with its policy and its part of the contract, so that neither can be forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any};
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{HttpMethod, Operation, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, OpenApi, RefOr, ResponseBuilder};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::auth::{Caller, Policy, authorize};
use crate::door::Door;
use crate::idempotency;
use crate::openapi;
use crate::problem::{Problem, ProblemView};
use crate::routes::carry_out::carry_out;

/// What becomes of the answer to a command that may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeats {
    Kept,
    Forgotten,
}

/// Routes, as they are collected.
pub(crate) struct Routes {
    paths: BTreeMap<String, Methods>,
    document: OpenApi,
}

/// The methods of a path, and who may use any of them.
#[derive(Default)]
struct Methods {
    router: MethodRouter<Door>,
    names: BTreeSet<&'static str>,
    policies: Vec<Policy>,
}

impl Routes {
    pub(crate) fn new() -> Self {
        Routes { paths: BTreeMap::new(), document: openapi::empty() }
    }

    /// Adds what `routes!(handler)` makes of a handler. A POST that is sent twice with the same key is carried out once.
    pub(crate) fn add(self, policy: Policy, route: UtoipaMethodRouter<Door>) -> Self {
        self.add_as(policy, Repeats::Kept, route)
    }

    /// Adds one whose requests or answers hold secrets: no answer is kept for those who ask twice.
    pub(crate) fn add_secret(self, policy: Policy, route: UtoipaMethodRouter<Door>) -> Self {
        self.add_as(policy, Repeats::Forgotten, route)
    }

    /// Adds one whose body may be larger than the memory. It is read once, so that no answer is kept for it either.
    pub(crate) fn add_large(self, policy: Policy, route: UtoipaMethodRouter<Door>) -> Self {
        self.add_as(policy, Repeats::Forgotten, route)
    }

    /// Adds a file of the dashboard, which only answers GET and is no part of the contract.
    pub(crate) fn add_file(mut self, policy: Policy, path: &str, methods: MethodRouter<Door>) -> Self {
        let methods = guarded(policy, methods);
        self.paths.entry(path.to_owned()).or_default().add(policy, methods, vec!["GET", "HEAD"]);
        self
    }

    fn add_as(mut self, policy: Policy, repeats: Repeats, route: UtoipaMethodRouter<Door>) -> Self {
        let (schemas, paths, methods) = route;
        let methods = match repeats {
            Repeats::Kept => methods.route_layer(from_fn(idempotency::once)),
            Repeats::Forgotten => methods,
        };
        // Strangers come to `Open` alone, and nothing is done for one who has gone.
        let methods = match policy {
            Policy::Open => methods,
            _ => methods.route_layer(from_fn(carry_out)),
        };
        let guarded = guarded(policy, methods);
        for (path, item) in &paths.paths {
            self.paths.entry(path.clone()).or_default().add(policy, guarded.clone(), names(item));
        }
        let components = self.document.components.get_or_insert_default();
        components.schemas.extend(schemas);
        for (path, mut item) in paths.paths {
            openapi::each_operation(&mut item, |method, operation| {
                complete(policy, repeats, &path, &method, operation);
            });
            self.document.paths.paths.entry(path).or_default().merge_operations(item);
        }
        self
    }

    /// The routes, and what they promise.
    pub(crate) fn build(mut self) -> (Router<Door>, OpenApi) {
        openapi::require_what_is_always_told(&mut self.document);
        let router = self
            .paths
            .into_iter()
            .fold(Router::new(), |router, (path, methods)| router.route(&path, methods.complete()));
        (router, self.document)
    }
}

impl Methods {
    fn add(&mut self, policy: Policy, methods: MethodRouter<Door>, names: Vec<&'static str>) {
        self.router = std::mem::take(&mut self.router).merge(methods);
        self.names.extend(names);
        self.policies.push(policy);
    }

    /// With an answer to all other methods.
    fn complete(self) -> MethodRouter<Door> {
        let names = self.names.into_iter().collect::<Vec<_>>().join(",");
        let (names, policies): (Arc<str>, Arc<[Policy]>) = (names.into(), self.policies.into());
        // The router's own answer would tell everybody which methods there are.
        self.router
            .merge(any(move |request: Request| async move { other_method(&names, &policies, &request) }))
    }
}

/// Methods that are only for whom the policy lets in.
fn guarded(policy: Policy, methods: MethodRouter<Door>) -> MethodRouter<Door> {
    methods.route_layer(from_fn(move |request: Request, next: Next| authorize(policy, request, next)))
}

/// The methods that are routed.
fn names(item: &PathItem) -> Vec<&'static str> {
    let methods = [
        (&["GET", "HEAD"][..], &item.get),
        (&["PUT"], &item.put),
        (&["POST"], &item.post),
        (&["DELETE"], &item.delete),
        (&["PATCH"], &item.patch),
    ];
    methods
        .into_iter()
        .filter(|(_, operation)| operation.is_some())
        .flat_map(|(names, _)| names)
        .copied()
        .collect()
}

/// The answer to a method that a path does not have. To those who may use none of it, the path is not there.
fn other_method(names: &str, policies: &[Policy], request: &Request) -> Response {
    let caller = request.extensions().get::<Caller>();
    let is_let_in = policies.iter().any(|policy| policy.check(caller).is_ok());
    let not_allowed = || ([(header::ALLOW, names)], Problem::METHOD_NOT_ALLOWED).into_response();
    match caller {
        Some(Caller::Known(_)) if is_let_in => not_allowed(),
        Some(Caller::Known(_)) => Problem::NOT_FOUND.into_response(),
        // Strangers are not told what there is.
        _ if is_let_in && !request.uri().path().starts_with("/api/") => not_allowed(),
        _ => Problem::UNKNOWN_CALLER.into_response(),
    }
}

/// Adds what holds for every operation with this policy, whatever its handler says of itself.
fn complete(policy: Policy, repeats: Repeats, path: &str, method: &HttpMethod, operation: &mut Operation) {
    let mut refusals = BTreeSet::from([StatusCode::BAD_REQUEST, StatusCode::MISDIRECTED_REQUEST]);
    let is_safe = *method == HttpMethod::Get;
    if let Some(role) = policy.role() {
        refusals.extend([StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND]);
        operation.security = Some(vec![
            SecurityRequirement::new::<_, [&str; 0], &str>("token", []),
            SecurityRequirement::new::<_, [&str; 0], &str>("session", []),
        ]);
        let extensions = Extensions::builder()
            .add("x-role", role.name())
            .add("x-everywhere", policy.is_everywhere())
            .build();
        operation.extensions.get_or_insert_default().merge(extensions);
    } else {
        operation.security = Some(vec![SecurityRequirement::default()]);
    }
    if !is_safe {
        refusals.extend([StatusCode::FORBIDDEN, StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY]);
    }
    if *method == HttpMethod::Post && repeats == Repeats::Kept {
        operation.parameters.get_or_insert_default().push(RefOr::T(openapi::idempotency_key()));
    }
    // Parameters that are not there are refused as well.
    if path.starts_with("/api/v1/") {
        refusals.insert(StatusCode::UNPROCESSABLE_ENTITY);
    }
    if !is_safe {
        refusals.extend([
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::PAYLOAD_TOO_LARGE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ]);
    }
    if path.starts_with("/api/") {
        refusals.insert(StatusCode::SERVICE_UNAVAILABLE);
    }
    for status in refusals {
        let described = operation.responses.responses.entry(status.as_u16().to_string());
        described.or_insert_with(|| RefOr::T(refusal(status)));
    }
}

/// A refusal with this status.
fn refusal(status: StatusCode) -> utoipa::openapi::Response {
    ResponseBuilder::new()
        .description(openapi::meaning(status))
        .content("application/problem+json", Content::new(Some(openapi::reference::<ProblemView<'_>>())))
        .build()
}
