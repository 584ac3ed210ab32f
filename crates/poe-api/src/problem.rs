//! Answers that say what went wrong (RFC 9457).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A refusal. Its words are ours alone: nothing that a client sent is ever repeated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Problem {
    status: StatusCode,
    /// Must need no escaping in JSON.
    detail: &'static str,
}

impl Problem {
    pub(crate) const HOST_MISSING: Problem = Problem {
        status: StatusCode::BAD_REQUEST,
        detail: "A request must name its host, once, as an address or a name with an optional port.",
    };
    pub(crate) const HOST_UNKNOWN: Problem = Problem {
        status: StatusCode::MISDIRECTED_REQUEST,
        detail: "This server goes by another name. Use its address, or add the name to its configuration.",
    };
    pub(crate) const BODY_UNEXPECTED: Problem =
        Problem { status: StatusCode::BAD_REQUEST, detail: "GET and HEAD take no body." };
    pub(crate) const NOT_FOUND: Problem =
        Problem { status: StatusCode::NOT_FOUND, detail: "There is nothing at this path." };
    pub(crate) const METHOD_NOT_ALLOWED: Problem = Problem {
        status: StatusCode::METHOD_NOT_ALLOWED,
        detail: "This path does not take this method; the Allow header lists those that it does.",
    };
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Problem { status, detail } = self;
        let title = status.canonical_reason().unwrap_or("Error");
        let code = status.as_u16();
        let body =
            format!(r#"{{"type":"about:blank","title":"{title}","status":{code},"detail":"{detail}"}}"#);
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}
