//! Somebody who asks.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use poe_building::{Access, Directory, Reach, Role, SecretHash, Source, Text, Time, Who};

use crate::peer::Peer;
use crate::problem::Problem;

/// Whoever asks.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// Nothing that they show is any good, if they show anything.
    Nobody {
        /// Whether they are on this machine, and nobody has an account yet.
        at_home: bool,
    },
    /// Somebody whom we let in.
    Known(Known),
}

/// Somebody whom we let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// How the journal names them; of the owner of the socket the system is asked, once that matters.
    pub(crate) name: Text,
    pub(crate) role: Role,
    pub(crate) reach: Reach,
    /// From where they ask.
    pub(crate) origin: Text,
    pub(crate) proof: Proof,
}

/// By what we know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proof {
    /// They came through the local socket.
    Socket(Peer),
    /// By this session.
    Session(SecretHash),
    /// By the token of this id.
    Token(Text),
}

impl Known {
    /// For the journal. Called where one may wait: the system's list of users may be on another machine.
    pub(crate) fn who(&self) -> Who {
        match self.proof {
            Proof::Socket(peer) => peer.who(),
            _ => Who::new(self.name.clone(), self.origin.clone()),
        }
    }

    /// Whether they would be let in as they were: for those who stay.
    pub(crate) fn is_still_known(&self, access: &Access, now: Time) -> bool {
        match &self.proof {
            Proof::Socket(_) => true,
            Proof::Token(id) => access.token(id).is_some_and(|token| !token.has_expired(now)),
            Proof::Session(hash) => {
                let user = access.session(hash).and_then(|session| access.user(&session.user));
                user.is_some_and(|user| user.role == self.role && user.reach == self.reach)
            }
        }
    }

    /// Whether they may see this.
    pub(crate) fn sees(&self, source: &Source, directory: &Directory) -> bool {
        self.reach.is_everywhere() || self.reach.covers(&directory.path(source))
    }
}

/// Only routes whose policy lets somebody in ask for this, so that there is always somebody.
impl<S: Sync> FromRequestParts<S> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<Caller>() {
            Some(Caller::Known(known)) => Ok(known.clone()),
            _ => Err(Problem::UNKNOWN_CALLER),
        }
    }
}

/// For routes that are open to everybody and tell more to some.
impl<S: Sync> OptionalFromRequestParts<S> for Known {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(match parts.extensions.get::<Caller>() {
            Some(Caller::Known(known)) => Some(known.clone()),
            _ => None,
        })
    }
}
