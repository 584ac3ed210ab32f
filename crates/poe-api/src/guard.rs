//! What holds for every request and every answer, whatever the path.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::Body;

use crate::door::{Door, DoorKind};
use crate::host::HostNames;
use crate::problem::Problem;

/// Said with every answer: nothing of ours is run, framed, guessed at, told on or kept.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Adds the security headers, where a route has not said something else.
pub(crate) async fn harden(mut answer: Response) -> Response {
    for (name, value) in HEADERS {
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

/// Adds to an answer by TLS that this server is to be called by TLS alone, for a year.
pub(crate) fn insist_on_tls(answer: &mut Response) {
    let a_year = HeaderValue::from_static("max-age=31536000");
    answer.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, a_year);
}

/// Refuses requests from the network for a name that is not ours.
pub(crate) async fn check_host(State(door): State<Door>, request: Request, next: Next) -> Response {
    let checked = match door.kind {
        DoorKind::Network => known_host(&request, &door.host_names),
        // No browser gets here, and the clients that do have no host to name.
        DoorKind::Local => Ok(()),
    };
    match checked {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Refuses a body where none has a meaning; requests of that kind mostly try to smuggle another past a proxy.
pub(crate) async fn check_body(request: Request, next: Next) -> Response {
    let bodiless = matches!(*request.method(), Method::GET | Method::HEAD);
    if bodiless && !request.body().is_end_stream() {
        return Problem::BODY_UNEXPECTED.into_response();
    }
    next.run(request).await
}

fn known_host(request: &Request, names: &HostNames) -> Result<(), Problem> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => Authority::try_from(host.as_bytes()).map_err(|_| Problem::HOST_MISSING)?,
        // HTTP/1.0 knows no Host. Simple health checks still speak it, and no browser does.
        (None, None) if request.version() == Version::HTTP_10 => return Ok(()),
        _ => return Err(Problem::HOST_MISSING),
    };
    // A request line with a whole URL names the host a second time.
    let hosts = [Some(&host), request.uri().authority()];
    let all_ours = hosts.into_iter().flatten().all(|host| is_ours(host, names));
    if all_ours { Ok(()) } else { Err(Problem::HOST_UNKNOWN) }
}

/// Whether `host` is an address or one of our names. Addresses are safe, since no resolver is asked for them.
fn is_ours(host: &Authority, names: &HostNames) -> bool {
    // What stands before an @ is a user, and a Host has none.
    if host.as_str().contains('@') {
        return false;
    }
    let host = host.host();
    let in_brackets = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    in_brackets.is_some_and(|host| host.parse::<Ipv6Addr>().is_ok())
        || host.parse::<Ipv4Addr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || names.has(host)
}
