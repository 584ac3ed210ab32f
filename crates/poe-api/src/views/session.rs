//! A session, and who asks.

use std::collections::HashSet;

use poe_building::{
    Access, Model, Reach, SESSION_ABSOLUTE, SESSION_IDLE, SecretHash, Text, Time, UserSession,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Known, Proof, Uses, hex};
use crate::views::Stamp;
use crate::words::{RoleWord, Word};

/// As many bytes of the hash tell the sessions of a building apart, and lead nobody to the secret.
const ID_BYTES: usize = 8;

/// A user who has logged in somewhere.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// What paths name it by.
    id: String,
    #[schema(value_type = String)]
    user: Text,
    /// The address that they logged in from.
    #[schema(value_type = String)]
    origin: Text,
    began: Stamp,
    last_used: Stamp,
    /// When it ends, unless it is used until then.
    expires: Stamp,
    /// Whether it is the one by which you ask.
    current: bool,
}

impl SessionView {
    pub(crate) fn new(session: &UserSession, uses: &Uses, caller: &Known) -> Self {
        let last_used = uses.last_used(session);
        SessionView {
            id: session_id(&session.hash),
            user: session.user.clone(),
            origin: session.origin.clone(),
            began: session.began.into(),
            last_used: last_used.into(),
            expires: expires(session, last_used).into(),
            current: caller.proof == Proof::Session(session.hash),
        }
    }
}

/// When a session ends that is not used any more.
fn expires(session: &UserSession, last_used: Time) -> Time {
    last_used.after(SESSION_IDLE).min(session.began.after(SESSION_ABSOLUTE))
}

/// How a session is called in paths.
pub(crate) fn session_id(hash: &SecretHash) -> String {
    hex(&hash.0[..ID_BYTES])
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CurrentSession)]
pub(crate) struct WhoAsksView {
    /// The user's name, or how the journal calls the token or the owner of the local socket.
    #[schema(value_type = String)]
    name: Text,
    role: RoleWord,
    /// The places that they see, with all that is in them; everything, if there are none.
    #[schema(value_type = Vec<String>)]
    buildings: Vec<Text>,
    /// Those of `buildings` that are no places any more, so that nothing is seen of them.
    #[schema(value_type = Vec<String>)]
    missing: Vec<Text>,
    via: Via,
    /// When the session ends, unless it is used until then, or the token; null: never.
    expires: Option<Stamp>,
    /// Whether the building, its nodes and its readings are made up: `poe serve --demo`.
    demo: bool,
}

/// By what the server knows who asks.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Via {
    Session,
    Token,
    Socket,
}

impl WhoAsksView {
    pub(crate) fn new(known: &Known, access: &Access, model: &Model, uses: &Uses, demo: bool) -> Self {
        let expires = match &known.proof {
            Proof::Session(hash) => {
                access.session(hash).map(|session| expires(session, uses.last_used(session)))
            }
            Proof::Token(id) => access.token(id).and_then(|token| token.expires),
            Proof::Socket(_) => None,
        };
        WhoAsksView {
            name: known.name.clone(),
            role: Word(known.role),
            buildings: known.reach.buildings().to_vec(),
            missing: missing(&known.reach, model),
            via: match known.proof {
                Proof::Session(_) => Via::Session,
                Proof::Token(_) => Via::Token,
                Proof::Socket(_) => Via::Socket,
            },
            expires: expires.map(Stamp::from),
            demo,
        }
    }
}

/// The places of a reach that there are no more.
fn missing(reach: &Reach, model: &Model) -> Vec<Text> {
    if reach.is_everywhere() {
        return Vec::new();
    }
    let there: HashSet<&Text> = model.places.iter().map(|place| &place.name).chain([&model.site]).collect();
    reach.buildings().iter().filter(|name| !there.contains(name)).cloned().collect()
}
