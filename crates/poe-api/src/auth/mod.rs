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
pub(crate) use uses::Uses;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use poe_building::{Access, Reach, Role, Text, Time};

use crate::door::{Door, DoorKind};
use crate::peer::Peer;
use crate::views::now;

/// The cookie of a session where TLS is ours or a proxy's: no other host can set it, and no script can read it.
pub(crate) const COOKIE_SECURE: &str = "__Host-poe_session";
/// On plain loopback, where the prefix would need TLS.
pub(crate) const COOKIE_PLAIN: &str = "poe_session";

/// Finds out who asks, and tells the routes.
pub(crate) async fn identify(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let peer = *request.extensions().get::<Peer>().expect("the door says of every request who is there");
    let caller = match door.kind {
        DoorKind::Local => Caller::Known(Known::owner(peer)),
        DoorKind::Network => stranger(&door, request.headers(), peer),
    };
    if request.method() == Method::POST {
        // For the answers to commands that are kept.
        request.extensions_mut().insert(Arc::clone(&door.shared));
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// A token counts before a cookie: a program that shows one means it.
fn stranger(door: &Door, headers: &HeaderMap, peer: Peer) -> Caller {
    let (access, now) = (door.server.board().access(), now());
    let nobody = Caller::Nobody { at_home: access.is_new() && peer.is_on_this_machine() };
    if let Some(shown) = headers.get(header::AUTHORIZATION) {
        let text = shown.to_str().ok().and_then(bearer);
        return text.and_then(|text| of_token(door, &access, text, peer, now)).unwrap_or(nobody);
    }
    let cookie = session_cookie(headers);
    cookie.and_then(|secret| of_session(door, &access, secret, peer, now)).unwrap_or(nobody)
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

fn of_session(door: &Door, access: &Access, secret: Secret, peer: Peer, now: Time) -> Option<Caller> {
    let hash = secret.hash();
    let session = access.session(&hash)?;
    let last_used = door.shared.uses.last_used(session);
    let user = access.user(&session.user)?;
    if session.is_over(last_used, now) {
        return None;
    }
    door.shared.uses.session(hash, now);
    Some(Caller::Known(Known {
        name: user.name.clone(),
        role: user.role,
        reach: user.reach.clone(),
        origin: peer.origin(),
        proof: Proof::Session(hash),
    }))
}

/// The secret in the cookie that we set; if both are there, that of the stricter one.
fn session_cookie(headers: &HeaderMap) -> Option<Secret> {
    session_secrets(headers).next()
}

/// The secrets in the cookies of ours, that of the stricter one first.
pub(crate) fn session_secrets(headers: &HeaderMap) -> impl Iterator<Item = Secret> {
    let cookies = || {
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
    };
    let find =
        |wanted| cookies().find(|(name, _)| *name == wanted).and_then(|(_, value)| Secret::parse(value));
    [find(COOKIE_SECURE), find(COOKIE_PLAIN)].into_iter().flatten()
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
