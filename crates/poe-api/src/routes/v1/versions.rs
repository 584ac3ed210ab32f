//! Changes of what several people edit: made from a version, and refused when somebody else was faster.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::json;
use crate::problem::Problem;
use crate::request::{etag, is_known};
use crate::server::Ordered;

/// Each but the first means that somebody else was faster, or that the disk is slow. Together they outlast by far the 250 ms
/// after which everything is shown, stored or not.
pub(super) const TRIES: usize = 20;
/// The pause between two of them.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A change that is in force.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Changed {
    /// The version that it has become.
    version: u64,
    /// Its last entry in the journal.
    seq: u64,
    /// Whether that is stored already. If not, the disk is slow; the change holds all the same.
    committed: bool,
}

impl Changed {
    /// The answer to a change.
    pub(super) fn answer(version: u64, Ordered { done, stored }: Ordered) -> Response {
        versioned(version, &Changed { version, seq: done.seq, committed: stored })
    }

    /// The answer when something was added, which is at this path.
    pub(super) fn created(version: u64, ordered: Ordered, path: &str) -> Response {
        let mut answer = Changed::answer(version, ordered);
        *answer.status_mut() = StatusCode::CREATED;
        let path = HeaderValue::try_from(path).expect("names that were checked need no escaping");
        answer.headers_mut().insert(header::LOCATION, path);
        answer
    }
}

/// 200 with this view of this version.
pub(super) fn versioned(version: u64, view: &impl Serialize) -> Response {
    let mut answer = json(StatusCode::OK, view);
    answer.headers_mut().extend([etag(version)]);
    answer
}

/// The same; or 304 where whoever asks has this version. For views that change with their version alone: a state of alarms or
/// of nodes does not.
pub(super) fn versioned_unless_known(headers: &HeaderMap, version: u64, view: &impl Serialize) -> Response {
    if is_known(headers, version) {
        return (StatusCode::NOT_MODIFIED, [etag(version)]).into_response();
    }
    versioned(version, view)
}

/// What is shown stays older than what is in force, or than the version that somebody says they have.
pub(super) fn still_unseen(wanted: Option<u64>) -> Problem {
    if wanted.is_some() {
        let detail = "There is no such version yet: read it again and repeat your change.";
        return Problem::new(StatusCode::PRECONDITION_FAILED, detail);
    }
    let detail = "The disk is slow, and what is in force is not shown yet. Try again in a moment.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
}
