//! Which changes of access an order brings about, and how the journal tells of them.

use super::{
    Access, AccessChange, Reach, Role, SESSIONS_PER_USER_MAX, SecretHash, TOKENS_MAX, Token, USERS_MAX, User,
    UserSession,
};
use crate::{EntryKind, OrderRefused, Text, Time};
use std::sync::Arc;

/// The longest name of a user or a token.
const NAME_CHARS_MAX: usize = 64;

/// Names by which the journal tells of nobody with an account: a user of this name could be taken for one of them.
const NAMES_TAKEN: [&str; 3] = ["nobody", "server", "unknown"];

/// An order that is about who may come in.
#[derive(Clone, PartialEq, Debug)]
pub enum AccessOrder {
    /// The first account is made: refused as soon as there is any.
    SetUp(User),
    /// Somebody gets an account.
    AddUser(User),
    /// An account is changed. Another password or role, or another reach, ends its sessions.
    ChangeUser {
        /// Whose.
        name: Text,
        /// Another role, perhaps.
        role: Option<Role>,
        /// Other buildings, perhaps.
        reach: Option<Reach>,
        /// The argon2id string of another password, perhaps.
        password: Option<Text>,
        /// The [`User::version`] that this was meant for, perhaps: refused if it is another by now.
        from_version: Option<u64>,
    },
    /// An account ends, and with it the user's sessions.
    RemoveUser {
        /// Whose.
        name: Text,
        /// As for a change.
        from_version: Option<u64>,
    },
    /// A program gets a token.
    CreateToken(Token),
    /// The token of this id is good for nothing any more.
    RevokeToken(Text),
    /// A user has logged in.
    BeginSession(UserSession),
    /// A user has logged out, or was.
    EndSession(SecretHash),
    /// When sessions and tokens were used last, and which sessions are over. The journal does not tell of uses.
    Touch {
        /// Sessions that go on.
        sessions: Vec<(SecretHash, Time)>,
        /// Sessions that are over. Whoever lets people in knows it, by a clock that nobody sets.
        over: Vec<SecretHash>,
        /// Tokens, by id.
        tokens: Vec<(Text, Time)>,
    },
}

/// What an order comes to: changes, and how the journal tells of each.
#[derive(Default, Debug)]
pub(crate) struct Decided {
    pub(crate) changes: Vec<AccessChange>,
    pub(crate) notes: Vec<(EntryKind, String)>,
}

impl AccessOrder {
    /// What it is about, in words: for the journal, should it be refused.
    pub(crate) fn about(&self) -> String {
        match self {
            Self::SetUp(user) => format!("set up with user {}", user.name),
            Self::AddUser(user) => format!("add user {}", user.name),
            Self::ChangeUser { name, .. } => format!("change user {name}"),
            Self::RemoveUser { name, .. } => format!("remove user {name}"),
            Self::CreateToken(token) => format!("create token {}", token.name),
            Self::RevokeToken(id) => format!("revoke token {id}"),
            Self::BeginSession(session) => format!("begin a session of {}", session.user),
            Self::EndSession(_) => "end a session".to_owned(),
            Self::Touch { .. } => "note uses".to_owned(),
        }
    }
}

impl Access {
    /// What an order brings about, without doing it.
    pub(crate) fn decide(&self, order: AccessOrder, now: Time) -> Result<Decided, OrderRefused> {
        match order {
            AccessOrder::SetUp(_) if !self.is_new() => Err(OrderRefused::AlreadySetUp),
            AccessOrder::SetUp(user) | AccessOrder::AddUser(user) => self.add_user(user),
            AccessOrder::ChangeUser { name, role, reach, password, from_version } => {
                self.check_version(&name, from_version)?;
                self.change_user(&name, role, reach, password)
            }
            AccessOrder::RemoveUser { name, from_version } => {
                self.check_version(&name, from_version)?;
                self.remove_user(&name)
            }
            AccessOrder::CreateToken(token) => self.create_token(token, now),
            AccessOrder::RevokeToken(id) => {
                let token = self.tokens.get(&id).ok_or_else(|| unknown("token", &id))?;
                let may = may(token.role, &token.reach);
                let told = format!("token {} ({id}) revoked: {may} -> none", token.name);
                Ok(Decided::one(AccessChange::TokenRevoked(id), EntryKind::TokenRevoked, told))
            }
            AccessOrder::BeginSession(session) => self.begin_session(session),
            AccessOrder::EndSession(hash) => {
                let session = self.sessions.get(&hash).ok_or_else(|| unknown("session", ""))?;
                // By the user or by somebody else: who it was stands beside it.
                let told = format!("session of {}: open -> ended", session.user);
                Ok(Decided::one(AccessChange::SessionEnded(hash), EntryKind::SessionEnded, told))
            }
            AccessOrder::Touch { sessions, over, tokens } => Ok(self.touch(&sessions, &over, &tokens)),
        }
    }

    fn add_user(&self, user: User) -> Result<Decided, OrderRefused> {
        check_name("name", &user.name, |c| c.is_ascii_alphanumeric() || "._-@".contains(c))?;
        if NAMES_TAKEN.iter().any(|name| name.eq_ignore_ascii_case(&user.name)) {
            let why = "the journal uses this name for somebody else; take another".into();
            return Err(OrderRefused::Unfit { field: "name", why });
        }
        // `Anna` beside `anna` would let one be taken for the other.
        if self.users.keys().any(|name| name.eq_ignore_ascii_case(&user.name)) {
            return Err(OrderRefused::Taken { what: "user", name: user.name });
        }
        if self.users.len() >= USERS_MAX {
            return Err(OrderRefused::Full { what: "users", most: USERS_MAX });
        }
        let told = format!("user {} added: none -> {}", user.name, may(user.role, &user.reach));
        Ok(Decided::one(AccessChange::User(Arc::new(user)), EntryKind::UserAdded, told))
    }

    fn check_version(&self, name: &Text, wanted: Option<u64>) -> Result<(), OrderRefused> {
        let version = self.users.get(name).map_or(0, |user| user.version());
        match wanted {
            Some(wanted) if wanted != version => Err(OrderRefused::Changed { version }),
            _ => Ok(()),
        }
    }

    fn change_user(
        &self,
        name: &Text,
        role: Option<Role>,
        reach: Option<Reach>,
        password: Option<Text>,
    ) -> Result<Decided, OrderRefused> {
        let old = self.users.get(name).ok_or_else(|| unknown("user", name))?;
        let mut new = User::clone(old);
        new.role = role.unwrap_or(new.role);
        new.reach = reach.unwrap_or(new.reach);
        new.password = password.unwrap_or(new.password);
        if is_master(old) && !is_master(&new) {
            self.keep_a_master(name)?;
        }
        if new == **old {
            return Ok(Decided::default());
        }
        let mut told = Vec::new();
        if (new.role, &new.reach) != (old.role, &old.reach) {
            told.push(format!("{} -> {}", may(old.role, &old.reach), may(new.role, &new.reach)));
        }
        if new.password != old.password {
            told.push("password old -> new".to_owned());
        }
        let note = format!("user {name}: {}", told.join(", "));
        let mut decided = Decided::one(AccessChange::User(Arc::new(new)), EntryKind::UserChanged, note);
        decided.changes.extend(self.end_sessions_of(name));
        Ok(decided)
    }

    fn remove_user(&self, name: &Text) -> Result<Decided, OrderRefused> {
        let user = self.users.get(name).ok_or_else(|| unknown("user", name))?;
        if is_master(user) {
            self.keep_a_master(name)?;
        }
        let told = format!("user {name} removed: {} -> none", may(user.role, &user.reach));
        let mut decided = Decided::one(AccessChange::UserRemoved(name.clone()), EntryKind::UserRemoved, told);
        decided.changes.extend(self.end_sessions_of(name));
        Ok(decided)
    }

    /// Without an administrator who sees everything nobody could ever let anybody in again.
    fn keep_a_master(&self, but: &Text) -> Result<(), OrderRefused> {
        let others = self.users.values().any(|user| user.name != *but && is_master(user));
        if others { Ok(()) } else { Err(OrderRefused::LastAdmin) }
    }

    fn end_sessions_of(&self, user: &Text) -> impl Iterator<Item = AccessChange> {
        let theirs = self.sessions.values().filter(move |session| session.user == *user);
        theirs.map(|session| AccessChange::SessionEnded(session.hash))
    }

    fn create_token(&self, token: Token, now: Time) -> Result<Decided, OrderRefused> {
        check_name("name", &token.name, |c| !c.is_control() && !turns_text(c))?;
        if self.tokens.contains_key(&token.id) || self.tokens.values().any(|it| it.name == token.name) {
            return Err(OrderRefused::Taken { what: "token", name: token.name });
        }
        if token.has_expired(now) {
            return Err(OrderRefused::Unfit { field: "expires", why: "it would have ended already".into() });
        }
        if self.tokens.len() >= TOKENS_MAX {
            return Err(OrderRefused::Full { what: "tokens", most: TOKENS_MAX });
        }
        let until =
            token.expires.map_or_else(|| "without end".to_owned(), |expires| format!("until {expires}"));
        let told = format!(
            "token {} ({}) created: none -> {}, {until}",
            token.name,
            token.id,
            may(token.role, &token.reach)
        );
        Ok(Decided::one(AccessChange::Token(Arc::new(token)), EntryKind::TokenCreated, told))
    }

    fn begin_session(&self, session: UserSession) -> Result<Decided, OrderRefused> {
        if !self.users.contains_key(&session.user) {
            return Err(unknown("user", &session.user));
        }
        let theirs = || self.sessions.values().filter(|it| it.user == session.user);
        let oldest =
            theirs().min_by_key(|it| it.last_used).filter(|_| theirs().count() >= SESSIONS_PER_USER_MAX);
        let ended = oldest.map(|it| AccessChange::SessionEnded(it.hash));
        let told = format!("session of {}: none -> open", session.user);
        let mut decided =
            Decided::one(AccessChange::Session(Arc::new(session)), EntryKind::SessionBegan, told);
        decided.changes.extend(ended);
        Ok(decided)
    }

    fn touch(
        &self,
        sessions: &[(SecretHash, Time)],
        over: &[SecretHash],
        tokens: &[(Text, Time)],
    ) -> Decided {
        let mut decided = Decided::default();
        for (id, last_used) in tokens {
            if let Some(token) = self.tokens.get(id).filter(|token| token.last_used < Some(*last_used)) {
                let used = Token { last_used: Some(*last_used), ..Token::clone(token) };
                decided.changes.push(AccessChange::Token(Arc::new(used)));
            }
        }
        for (hash, last_used) in sessions {
            // A clock that was set back tells an earlier time, and that is the one to go by from now on.
            if let Some(session) = self.sessions.get(hash).filter(|session| session.last_used != *last_used) {
                let used = UserSession { last_used: *last_used, ..UserSession::clone(session) };
                decided.changes.push(AccessChange::Session(Arc::new(used)));
            }
        }
        for session in over.iter().filter_map(|hash| self.sessions.get(hash)) {
            decided.changes.push(AccessChange::SessionEnded(session.hash));
            let told = format!("the session of {} is over", session.user);
            decided.notes.push((EntryKind::SessionEnded, told));
        }
        decided
    }
}

impl Decided {
    fn one(change: AccessChange, kind: EntryKind, told: String) -> Self {
        Self { changes: vec![change], notes: vec![(kind, told)] }
    }
}

/// Whether it shows nothing itself and makes what stands beside it look different (Unicode's bidirectional controls, and
/// what has no width).
fn turns_text(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Whether somebody can let others in, everywhere.
fn is_master(user: &User) -> bool {
    user.role == Role::Admin && user.reach.is_everywhere()
}

/// What somebody may do and where, in words.
fn may(role: Role, reach: &Reach) -> String {
    if reach.is_everywhere() {
        return role.to_string();
    }
    format!("{role} in {}", reach.buildings().join(" and "))
}

fn unknown(what: &'static str, name: &str) -> OrderRefused {
    OrderRefused::Unknown { what, name: name.into() }
}

fn check_name(field: &'static str, name: &str, fits: impl Fn(char) -> bool) -> Result<(), OrderRefused> {
    let chars = name.chars().count();
    if name.trim() == name && (1..=NAME_CHARS_MAX).contains(&chars) && name.chars().all(fits) {
        return Ok(());
    }
    let why = match field {
        "name" if name.is_empty() => "it needs a name".into(),
        _ => format!("a name has at most {NAME_CHARS_MAX} characters: letters, digits and . _ - @").into(),
    };
    Err(OrderRefused::Unfit { field, why })
}
