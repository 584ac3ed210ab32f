//! Who may see and do what: users, tokens and sessions, and how they change.
//!
//! Secrets never come here: of a password this crate knows an argon2 string, of a token or a session a SHA-256.

mod decide;
#[cfg(test)]
mod tests;

pub use decide::AccessOrder;

use crate::{Source, Text, Time, words::words};
use core::hash::{Hash, Hasher};
use core::{fmt, time::Duration};
use std::collections::BTreeMap;
use std::hash::DefaultHasher;
use std::sync::Arc;

/// A session that was not used for so long is over: a shift.
pub const SESSION_IDLE: Duration = Duration::from_secs(8 * 60 * 60);
/// A session is over after so long, however much it is used.
pub const SESSION_ABSOLUTE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The most users: a campus with all its guards, and few enough to be kept in memory and looked through.
pub const USERS_MAX: usize = 1_000;
/// The most tokens, for the same reason.
pub const TOKENS_MAX: usize = 1_000;
/// The most sessions of one user; the one that was not used for longest makes room. A person has a few screens.
pub const SESSIONS_PER_USER_MAX: usize = 32;

/// What somebody may do, the least first. Each may do all that those before it may (the access levels of EN 54-2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Sees everything but people, tokens and secrets.
    Viewer,
    /// Acknowledges, silences, resets, shelves, raises emergencies, approves nodes.
    Operator,
    /// Changes thresholds, places, plans and who is notified.
    Engineer,
    /// Manages users, tokens and backups.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Operator, Self::Engineer, Self::Admin];

    /// The word for it everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Engineer => "engineer",
            Self::Admin => "admin",
        }
    }
}

words!(Role);

/// The SHA-256 of a secret that only its owner knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "{a:02x}{b:02x}{c:02x}{d:02x}…")
    }
}

/// How far somebody sees: everywhere, or only into some buildings.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Reach(Vec<Text>);

impl Reach {
    /// Into these places; into all, if there are none.
    pub fn of(buildings: Vec<Text>) -> Self {
        Self(buildings)
    }

    /// Whether nothing is out of sight.
    pub fn is_everywhere(&self) -> bool {
        self.0.is_empty()
    }

    /// The buildings, if there is a limit.
    pub fn buildings(&self) -> &[Text] {
        &self.0
    }

    /// Whether something is in sight, by what it is in, itself first: what [`Directory::path`](crate::Directory::path)
    /// tells. What nobody has placed is seen only by those who see everything.
    pub fn covers(&self, path: &[Source]) -> bool {
        let is_listed = |at: &Source| matches!(at, Source::Place(name) if self.0.contains(name));
        self.is_everywhere() || path.iter().any(is_listed)
    }
}

/// A person with a password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// The name by which they log in.
    pub name: Text,
    /// What they may do,
    pub role: Role,
    /// and where.
    pub reach: Reach,
    /// The argon2id string of the password (PHC format).
    pub password: Text,
    /// Since when.
    pub created: Time,
}

impl User {
    /// A number that is another after each change, and never 0.
    pub fn version(&self) -> u64 {
        // Its keys are fixed, so that it is the same after a restart as well.
        let mut hasher = DefaultHasher::new();
        (&self.name, self.role, self.reach.buildings(), &self.password, self.created.0).hash(&mut hasher);
        hasher.finish().max(1)
    }
}

/// What a program shows instead of a password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// Its public half: `poe_<id>_<secret>`.
    pub id: Text,
    /// What people call it.
    pub name: Text,
    /// What its bearer may do,
    pub role: Role,
    /// and where.
    pub reach: Reach,
    /// Of the secret half.
    pub hash: SecretHash,
    /// Since when.
    pub created: Time,
    /// Who made it.
    pub created_by: Text,
    /// When it ends by itself, if it does.
    pub expires: Option<Time>,
    /// When it was shown last, to the minute or so.
    pub last_used: Option<Time>,
}

impl Token {
    /// Whether it has ended by itself.
    pub fn has_expired(&self, now: Time) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// A user who has logged in somewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserSession {
    /// Of the secret in the cookie.
    pub hash: SecretHash,
    /// The user.
    pub user: Text,
    /// The address from which they logged in.
    pub origin: Text,
    /// Since when.
    pub began: Time,
    /// When it was used last, to the minute or so.
    pub last_used: Time,
}

/// Everyone who may come in.
#[derive(Clone, Default, Debug)]
pub struct Access {
    users: BTreeMap<Text, Arc<User>>,
    tokens: BTreeMap<Text, Arc<Token>>,
    sessions: BTreeMap<SecretHash, Arc<UserSession>>,
}

/// One step of a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AccessChange {
    /// A user is like this now.
    User(Arc<User>),
    /// There is no such user any more.
    UserRemoved(Text),
    /// A token is like this now.
    Token(Arc<Token>),
    /// It is revoked.
    TokenRevoked(Text),
    /// A session is like this now.
    Session(Arc<UserSession>),
    /// It has ended.
    SessionEnded(SecretHash),
}

impl Access {
    /// Everyone, as it was written down.
    pub fn restored(
        users: impl IntoIterator<Item = User>,
        tokens: impl IntoIterator<Item = Token>,
        sessions: impl IntoIterator<Item = UserSession>,
    ) -> Self {
        Self {
            users: users.into_iter().map(|user| (user.name.clone(), Arc::new(user))).collect(),
            tokens: tokens.into_iter().map(|token| (token.id.clone(), Arc::new(token))).collect(),
            sessions: sessions.into_iter().map(|it| (it.hash, Arc::new(it))).collect(),
        }
    }

    /// The users, by name.
    pub fn users(&self) -> impl Iterator<Item = &Arc<User>> {
        self.users.values()
    }

    /// The tokens, by id.
    pub fn tokens(&self) -> impl Iterator<Item = &Arc<Token>> {
        self.tokens.values()
    }

    /// The sessions.
    pub fn sessions(&self) -> impl Iterator<Item = &Arc<UserSession>> {
        self.sessions.values()
    }

    /// The user of this name.
    pub fn user(&self, name: &str) -> Option<&Arc<User>> {
        self.users.get(name)
    }

    /// The token with this id.
    pub fn token(&self, id: &str) -> Option<&Arc<Token>> {
        self.tokens.get(id)
    }

    /// The session with this secret.
    pub fn session(&self, hash: &SecretHash) -> Option<&Arc<UserSession>> {
        self.sessions.get(hash)
    }

    /// Whether there is no account yet, so that the first may be made.
    pub fn is_new(&self) -> bool {
        self.users.is_empty()
    }

    /// Everything, as changes: to be written once more.
    pub fn replay(&self) -> impl Iterator<Item = AccessChange> {
        let users = self.users.values().cloned().map(AccessChange::User);
        let tokens = self.tokens.values().cloned().map(AccessChange::Token);
        users.chain(tokens).chain(self.sessions.values().cloned().map(AccessChange::Session))
    }

    /// Makes one step of a change.
    pub fn apply(&mut self, change: &AccessChange) {
        match change {
            AccessChange::User(user) => drop(self.users.insert(user.name.clone(), Arc::clone(user))),
            AccessChange::UserRemoved(name) => drop(self.users.remove(name)),
            AccessChange::Token(token) => drop(self.tokens.insert(token.id.clone(), Arc::clone(token))),
            AccessChange::TokenRevoked(id) => drop(self.tokens.remove(id)),
            AccessChange::Session(session) => drop(self.sessions.insert(session.hash, Arc::clone(session))),
            AccessChange::SessionEnded(hash) => drop(self.sessions.remove(hash)),
        }
    }
}
