//! The dashboard: the page at `/` and all that it loads. Whoever reaches the server may have it, for it holds nothing of the
//! building; what it shows it asks the API for, in the name of who has logged in.
//!
//! Each file has its own route, so that no path is ever looked for on a disk. None is part of the contract: their names change
//! with every build, and nobody but the page asks for them.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::body::Bytes;
use poe_web::{Coding, File, Form, Site};

use crate::auth::Policy;
use crate::request;
use crate::routes::table::Routes;

/// What the page may do: run scripts, paint styles, show pictures, ask and work, each with what comes from here in files of their
/// own. It has no fonts and no sounds of its own, and what is typed into its forms its scripts send. Text becomes HTML in Svelte's
/// own templates alone, and workers run one script.
///
/// It is said with every file, for a worker obeys what was said with its script.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types svelte-trusted-html poe-worker",
);
/// The page is asked for anew each time, which costs a few bytes as long as it is the same.
const PAGE_CACHING: HeaderValue = HeaderValue::from_static("no-cache");
/// What a page loads is named by what is in it.
const IMMUTABLE_CACHING: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

pub(super) fn routes(routes: Routes, site: Site) -> Routes {
    site.files.iter().fold(routes, |routes, file| {
        let show = move |headers: HeaderMap| async move { show(file, &headers) };
        routes.add_file(Policy::Open, file.path, get(show))
    })
}

fn show(file: &'static File, headers: &HeaderMap) -> Response {
    let form = wanted(file, headers);
    let caching = if file.is_immutable { IMMUTABLE_CACHING } else { PAGE_CACHING };
    // A browser puts what comes with 304 in the place of what it knew.
    let known = [
        (header::ETAG, HeaderValue::from_static(form.tag)),
        (header::CACHE_CONTROL, caching),
        (header::VARY, HeaderValue::from_static("Accept-Encoding")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    if request::has_tag(headers, form.tag) {
        return (StatusCode::NOT_MODIFIED, known).into_response();
    }
    let media_type = [(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type))];
    // However many take it however slowly, the bytes are there once.
    let mut answer = (known, media_type, Bytes::from_static(form.bytes)).into_response();
    if form.coding != Coding::Plain {
        let coding = HeaderValue::from_static(form.coding.name());
        answer.headers_mut().insert(header::CONTENT_ENCODING, coding);
    }
    answer
}

/// The form that is wanted most, and of several such the shortest; the plain one, if none is wanted.
fn wanted(file: &'static File, headers: &HeaderMap) -> &'static Form {
    /// Wanted less than whatever else is, also by those who do not speak of it.
    const AT_LEAST: u16 = 1;
    let wanted = |form: &Form| match request::wanted(headers, form.coding.name()) {
        None | Some(0) if form.coding == Coding::Plain => AT_LEAST,
        wanted => wanted.unwrap_or(0),
    };
    // Of equals the last is taken.
    file.forms.iter().rev().max_by_key(|form| wanted(form)).expect("each file has a plain form")
}

#[cfg(test)]
mod tests {
    use super::*;

    static FORMS: [Form; 3] = [
        Form { coding: Coding::Brotli, tag: "\"b\"", bytes: b"1" },
        Form { coding: Coding::Gzip, tag: "\"g\"", bytes: b"12" },
        Form { coding: Coding::Plain, tag: "\"p\"", bytes: b"123" },
    ];
    static FILE: File = File { path: "/", media_type: "text/plain", is_immutable: false, forms: &FORMS };

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let lines = lines.iter();
        lines
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn everybody_gets_the_form_that_they_want_most() {
        let form = |accepted: &'static str| wanted(&FILE, &headers(&[("accept-encoding", accepted)])).coding;
        assert_eq!(wanted(&FILE, &headers(&[])).coding, Coding::Plain);
        assert_eq!(form("gzip, deflate, br, zstd"), Coding::Brotli);
        assert_eq!(form("gzip, deflate"), Coding::Gzip);
        assert_eq!(form("gzip, br;q=0.9"), Coding::Gzip);
        assert_eq!(form("*"), Coding::Brotli);
        assert_eq!(form("*, br;q=0"), Coding::Gzip);
        assert_eq!(form("identity, gzip;q=0.5"), Coding::Plain);
        for none in ["", "zstd", "gzip;q=0, br;q=0", "identity;q=0", "*;q=0", ";;,,=", "gzip;q=x"] {
            assert_eq!(form(none), Coding::Plain, "{none:?}");
        }
    }

    #[test]
    fn whoever_has_this_very_form_is_not_sent_it_again() {
        let status = |asked| show(&FILE, &headers(asked)).status();
        assert_eq!(status(&[("if-none-match", "\"p\"")]), StatusCode::NOT_MODIFIED);
        assert_eq!(status(&[("if-none-match", "\"x\", W/\"p\"")]), StatusCode::NOT_MODIFIED);
        assert_eq!(status(&[("if-none-match", "\"g\"")]), StatusCode::OK);
        let asked = [("if-none-match", "\"g\""), ("accept-encoding", "gzip")];
        assert_eq!(status(&asked), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn the_notice_is_served_as_the_dashboard_is() {
        for path in ["/", "/notice.css"] {
            let file = Site::NOTICE.file(path).unwrap();
            let answer = show(file, &headers(&[("accept-encoding", "gzip, br")]));
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(answer.headers()[header::CONTENT_TYPE], file.media_type);
            assert_eq!(answer.headers()[header::CONTENT_SECURITY_POLICY], POLICY);
            assert_eq!(answer.headers().get(header::CONTENT_ENCODING), None);
        }
    }
}
