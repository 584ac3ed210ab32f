//! Who asks, and whether they may.
//!
//! [`identify`] finds out who asks, before anything else is looked at; a route's [`Policy`] decides whether they may. What
//! somebody may not ask is answered as if it did not exist.

mod caller;
mod origin;
mod policy;
mod secret;
mod uses;

pub(crate) use caller::{Caller, Known, Proof};
pub(crate) use origin::check_origin;
pub(crate) use policy::{Policy, authorize};
pub(crate) use secret::{Secret, TokenText, hash_of, hex, random};
pub(crate) use uses::{Moment, Uses};

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use poe_building::{Access, Reach, Role, Text, Time};

use crate::door::{Door, DoorKind};
use crate::peer::Peer;
use crate::views::now;

/// The cookie of a session on plain loopback, where the prefix would need TLS.
pub(crate) const COOKIE: &str = "poe_session";

/// Finds out who asks, and tells the routes.
pub(crate) async fn identify(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let peer = *request.extensions().get::<Peer>().expect("the door says of every request who is there");
    let caller = match door.kind {
        DoorKind::Local => Caller::Known(Known::owner(peer)),
        DoorKind::Network => stranger(&door, request.headers(), peer),
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        // For the answers to commands that are kept, and for the room that bodies take.
        request.extensions_mut().insert(Arc::clone(&door.shared));
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// A token counts before a cookie: a program that shows one means it.
fn stranger(door: &Door, headers: &HeaderMap, peer: Peer) -> Caller {
    let access = door.server.board().access();
    let nobody = Caller::Nobody { at_home: access.is_new() && peer.is_on_this_machine() };
    if let Some(shown) = headers.get(header::AUTHORIZATION) {
        let text = shown.to_str().ok().and_then(bearer);
        return text.and_then(|text| of_token(door, &access, text, peer, now())).unwrap_or(nobody);
    }
    let secret = session_secret(headers, peer, door.shared.demo);
    secret.and_then(|secret| of_session(door, &access, secret, peer)).unwrap_or(nobody)
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn of_token(door: &Door, access: &Access, text: &str, peer: Peer, now: Time) -> Option<Caller> {
    let shown = TokenText::parse(text)?;
    let token = access.token(shown.id)?;
    if !shown.secret.fits(&token.hash) || token.has_expired(now) {
        return None;
    }
    door.shared.uses.token(&token.id, now);
    Some(Caller::Known(Known {
        name: Text::from(format!("token {}", token.name)),
        role: token.role,
        reach: token.reach.clone(),
        origin: peer.origin(),
        proof: Proof::Token(token.id.clone()),
    }))
}

fn of_session(door: &Door, access: &Access, secret: Secret, peer: Peer) -> Option<Caller> {
    let hash = secret.hash();
    let session = access.session(&hash)?;
    let user = access.user(&session.user)?;
    if !door.shared.uses.session(session, Moment::now()) {
        return None;
    }
    Some(Caller::Known(Known {
        name: user.name.clone(),
        role: user.role,
        reach: user.reach.clone(),
        origin: peer.origin(),
        proof: Proof::Session(hash),
    }))
}

/// What the cookie of a session is called. Over TLS, ours or a proxy's, no other host can set it. A browser gives the cookies of
/// a host to each of its ports: a demo has one of its own, so that nobody who looks at it is logged out of the server beside it.
pub(crate) fn cookie_name(peer: Peer, is_demo: bool) -> &'static str {
    match (peer.is_secure(), is_demo) {
        (false, false) => COOKIE,
        (true, false) => "__Host-poe_session",
        (false, true) => "poe_demo_session",
        (true, true) => "__Host-poe_demo_session",
    }
}

/// The secret in the cookie that we have set. Over TLS that is the one that nobody else can set: another site of the same
/// name could have planted the plain one, and whoever looked at us would work in somebody else's name.
pub(crate) fn session_secret(headers: &HeaderMap, peer: Peer, is_demo: bool) -> Option<Secret> {
    let wanted = cookie_name(peer, is_demo);
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    cookies.find(|(name, _)| *name == wanted).and_then(|(_, value)| Secret::parse(value))
}

impl Known {
    /// Whoever may open the local socket is its owner, and may do everything.
    fn owner(peer: Peer) -> Known {
        Known {
            name: Text::from("local socket"),
            role: Role::Admin,
            reach: Reach::default(),
            origin: peer.origin(),
            proof: Proof::Socket(peer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn over_tls_only_the_cookie_counts_that_nobody_else_can_set() {
        let plain = Peer::at([10, 0, 0, 1].into());
        let (ours, planted) = ("0a".repeat(32), "0b".repeat(32));
        let mut headers = HeaderMap::new();
        let mut shown = |cookies: String, peer| {
            headers.insert(header::COOKIE, HeaderValue::try_from(cookies).unwrap());
            session_secret(&headers, peer, false).map(Secret::text)
        };
        let both = format!("poe_session={planted}; __Host-poe_session={ours}");
        assert_eq!(shown(both.clone(), plain.by_tls()), Some(ours.clone()));
        assert_eq!(shown(both, plain), Some(planted.clone()));
        assert_eq!(shown(format!("poe_session={planted}"), plain.by_tls()), None);
        assert_eq!(shown(format!("__Host-poe_session={ours}"), plain), None);
    }

    #[test]
    fn a_demo_has_a_cookie_of_its_own() {
        let plain = Peer::at([127, 0, 0, 1].into());
        for peer in [plain, plain.by_tls()] {
            assert_ne!(cookie_name(peer, true), cookie_name(peer, false));
        }
        let (ours, real) = ("0a".repeat(32), "0b".repeat(32));
        let mut headers = HeaderMap::new();
        let cookies = format!("poe_session={real}; poe_demo_session={ours}");
        headers.insert(header::COOKIE, HeaderValue::try_from(cookies).unwrap());
        assert_eq!(session_secret(&headers, plain, true).map(Secret::text), Some(ours));
    }
}
