//! Conditions on versions, where two people may edit the same thing.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::problem::Problem;

/// The version of what an answer shows.
pub(crate) fn etag(version: u64) -> (HeaderName, HeaderValue) {
    let quoted = HeaderValue::try_from(format!("\"{version}\""));
    (header::ETAG, quoted.expect("a number in quotes needs no escaping"))
}

/// The version in `If-Match: "7"`; any, if there is none, or an asterisk.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(said) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let said = said.to_str().unwrap_or_default().trim();
    if said == "*" {
        return Ok(None);
    }
    let quoted = said.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let unfit = |_| Problem::new(StatusCode::BAD_REQUEST, "If-Match must be the ETag that you were given.");
    quoted.unwrap_or(said).parse().map(Some).map_err(unfit)
}

/// Whether whoever asks has this version already.
pub(crate) fn is_known(headers: &HeaderMap, version: u64) -> bool {
    has_tag(headers, &format!("\"{version}\""))
}

/// Whether whoever asks has what this tag stands for. It is in quotes.
pub(crate) fn has_tag(headers: &HeaderMap, current: &str) -> bool {
    headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|line| line.to_str().ok()).any(|line| {
        line.split(',').any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == current
        })
    })
}
