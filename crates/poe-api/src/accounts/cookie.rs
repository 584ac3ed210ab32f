//! The cookie of a session.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderName, HeaderValue};

use crate::auth::{Secret, cookie_name};
use crate::peer::Peer;

/// Gives a browser its session. It forgets it when it is closed; the session itself ends by its own limits.
pub(crate) fn set(secret: Secret, peer: Peer, is_demo: bool) -> (HeaderName, HeaderValue) {
    header(&secret.text(), peer, is_demo, "")
}

/// Takes it back.
pub(crate) fn cleared(peer: Peer, is_demo: bool) -> (HeaderName, HeaderValue) {
    header("", peer, is_demo, "; Max-Age=0")
}

fn header(value: &str, peer: Peer, is_demo: bool, end: &str) -> (HeaderName, HeaderValue) {
    let (name, secure) = (cookie_name(peer, is_demo), if peer.is_secure() { "; Secure" } else { "" });
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{end}");
    let mut value = HeaderValue::try_from(text).expect("names, digits and attributes are visible ASCII");
    value.set_sensitive(true);
    (SET_COOKIE, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_as_strict_as_the_connection_allows() {
        let plain = Peer::at([127, 0, 0, 1].into());
        let secret = Secret::parse(&"0f".repeat(32)).unwrap();
        let text =
            |(_, value): (HeaderName, HeaderValue)| value.to_str().unwrap().replace(&secret.text(), "SECRET");
        expect_test::expect![[r#"
            poe_session=SECRET; Path=/; HttpOnly; SameSite=Strict
            __Host-poe_session=SECRET; Path=/; HttpOnly; SameSite=Strict; Secure
            poe_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0
            __Host-poe_session=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0"#]]
        .assert_eq(
            &[
                set(secret, plain, false),
                set(secret, plain.by_tls(), false),
                cleared(plain, false),
                cleared(plain.by_tls(), false),
            ]
            .map(text)
            .join("\n"),
        );
    }
}
