//! Keeps pages of others from acting in the name of whoever looks at them (CSRF).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::door::{Door, DoorKind};
use crate::peer::Peer;
use crate::problem::Problem;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what changes something if a browser sends it for a page that is not ours. Programs send neither header.
pub(crate) async fn check_origin(State(door): State<Door>, request: Request, next: Next) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let by_tls = request.extensions().get::<Peer>().is_some_and(|peer| peer.is_secure());
    if door.kind == DoorKind::Local || is_safe || is_ours(request.headers(), by_tls) {
        return next.run(request).await;
    }
    Problem::FOREIGN_PAGE.into_response()
}

fn is_ours(headers: &HeaderMap, by_tls: bool) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    // `none`: somebody has typed the address.
    let same_site = text(&SEC_FETCH_SITE).is_none_or(|site| matches!(site, "same-origin" | "none"));
    let host = text(&header::HOST);
    let same_origin = text(&header::ORIGIN).is_none_or(|origin| {
        let origin: Option<Uri> = origin.parse().ok();
        let authority = origin.as_ref().and_then(Uri::authority).map(axum::http::uri::Authority::as_str);
        // Whoever asks by TLS has a page that came by TLS. Without, a proxy that does not say so may stand between us.
        let is_as_safe = !by_tls || origin.as_ref().and_then(Uri::scheme_str) == Some("https");
        authority.is_some() && authority == host && is_as_safe
    });
    same_site && same_origin
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn judged(pairs: &[(&'static str, &'static str)]) -> bool {
        judged_by(false, pairs)
    }

    fn judged_by(by_tls: bool, pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("poe.local:8080"));
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        is_ours(&headers, by_tls)
    }

    #[test]
    fn only_our_own_pages_act() {
        assert!(judged(&[]), "a program");
        assert!(judged(&[("origin", "http://poe.local:8080"), ("sec-fetch-site", "same-origin")]));
        assert!(judged(&[("sec-fetch-site", "none")]));
        assert!(judged(&[("origin", "https://poe.local:8080")]), "behind a proxy that does not tell");
        assert!(judged_by(true, &[("origin", "https://poe.local:8080")]));
        assert!(
            !judged_by(true, &[("origin", "http://poe.local:8080")]),
            "a page that anybody can have changed"
        );
        for foreign in [
            "http://evil.example",
            "http://poe.local",
            "http://poe.local:8081",
            "null",
            "",
            "http://poe.local:8080@x",
        ] {
            assert!(!judged(&[("origin", foreign)]), "{foreign:?}");
        }
        for site in ["cross-site", "same-site", ""] {
            assert!(!judged(&[("origin", "http://poe.local:8080"), ("sec-fetch-site", site)]), "{site:?}");
        }
    }
}
