//! Answers that say what went wrong (RFC 9457).

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// A refusal. To those whom nobody knows its words are ours alone: nothing that they sent is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) detail: Cow<'static, str>,
    /// The field or parameter that it is about.
    pub(crate) field: Option<Cow<'static, str>>,
    /// One line for each thing to mend, where there may be many.
    pub(crate) errors: Vec<String>,
    /// When to try again, in seconds: `Retry-After`.
    pub(crate) retry_after_s: Option<u64>,
}

impl Problem {
    pub(crate) const HOST_MISSING: Problem = Problem::new(
        StatusCode::BAD_REQUEST,
        "A request must name its host, once, as an address or a name with an optional port.",
    );
    pub(crate) const HOST_UNKNOWN: Problem = Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "This server goes by another name. Use its address, or add the name to its configuration.",
    );
    pub(crate) const BODY_UNEXPECTED: Problem =
        Problem::new(StatusCode::BAD_REQUEST, "GET and HEAD take no body.");
    pub(crate) const NOT_FOUND: Problem =
        Problem::new(StatusCode::NOT_FOUND, "There is nothing at this path, or it is not for your role.");
    pub(crate) const UNKNOWN_CALLER: Problem = Problem::new(
        StatusCode::UNAUTHORIZED,
        "Log in, or send a valid token as `Authorization: Bearer TOKEN`.",
    );
    pub(crate) const FOREIGN_PAGE: Problem = Problem::new(
        StatusCode::FORBIDDEN,
        "This request comes from a page of another site, which may change nothing here.",
    );
    pub(crate) const METHOD_NOT_ALLOWED: Problem = Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This path does not take this method; the Allow header lists those that it does.",
    );
    pub(crate) const BODY_LATE: Problem =
        Problem::new(StatusCode::REQUEST_TIMEOUT, "The body did not come in time.");
    pub(crate) const BODY_TOO_LARGE: Problem =
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.");
    pub(crate) const BODY_CUT: Problem =
        Problem::new(StatusCode::BAD_REQUEST, "The body ended before it was complete.");
    pub(crate) const STOPS: Problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "The server stops.");
    pub(crate) const FAILED: Problem =
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "The server failed; its log says why.");

    /// A problem in words that are known beforehand.
    pub(crate) const fn new(status: StatusCode, detail: &'static str) -> Problem {
        Problem {
            status,
            detail: Cow::Borrowed(detail),
            field: None,
            errors: Vec::new(),
            retry_after_s: None,
        }
    }

    /// A problem in words for this one case.
    pub(crate) fn because(status: StatusCode, detail: impl Into<String>) -> Problem {
        let detail = Cow::Owned(detail.into());
        Problem { detail, ..Problem::new(status, "") }
    }

    /// A field of the body, or a parameter, that cannot be used as it is.
    pub(crate) fn unfit(field: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Problem {
        Problem::because(StatusCode::UNPROCESSABLE_ENTITY, detail).of(field)
    }

    /// The same, about this field.
    pub(crate) fn of(self, field: impl Into<Cow<'static, str>>) -> Problem {
        Problem { field: Some(field.into()), ..self }
    }

    /// The same, with the time after which it is worth another try.
    pub(crate) fn after_s(self, seconds: u64) -> Problem {
        Problem { retry_after_s: Some(seconds), ..self }
    }

    /// The same, with each thing that there is to mend.
    pub(crate) fn with_errors(self, errors: Vec<String>) -> Problem {
        Problem { errors, ..self }
    }
}

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemView<'a> {
    /// Always `about:blank`: the status says which kind of problem it is.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    status: u16,
    /// What is wrong, and what to try.
    detail: &'a str,
    /// The field of the body, or the parameter, that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<&'a str>,
    /// One line for each thing to mend, where there are many.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(required = false, value_type = Vec<String>)]
    errors: &'a [String],
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let view = ProblemView {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            field: self.field.as_deref(),
            errors: &self.errors,
        };
        let body = serde_json::to_vec(&view).expect("texts and numbers can always be written");
        let mut answer =
            (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some(seconds) = self.retry_after_s {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            answer
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"poe\""));
        }
        answer
    }
}
