//! Who may come in: users, tokens and sessions.

use crate::fields::{Fields, Flaw, read_all};
use poe_building::{Access, AccessChange, Reach, SecretHash, Text, Token, User, UserSession};
use rusqlite::{Connection, Transaction, params};

pub(crate) fn write(transaction: &Transaction<'_>, changes: &[AccessChange]) -> rusqlite::Result<()> {
    for change in changes {
        match change {
            AccessChange::User(user) => write_user(transaction, user)?,
            AccessChange::Token(token) => write_token(transaction, token)?,
            AccessChange::Session(session) => write_session(transaction, session)?,
            AccessChange::UserRemoved(name) => {
                // The steps that end the sessions of this user come after this one, and find them gone.
                let mut end = transaction.prepare_cached("DELETE FROM sessions WHERE user = ?1")?;
                end.execute([&**name])?;
                transaction.prepare_cached("DELETE FROM users WHERE name = ?1")?.execute([&**name])?;
            }
            AccessChange::TokenRevoked(id) => {
                transaction.prepare_cached("DELETE FROM tokens WHERE id = ?1")?.execute([&**id])?;
            }
            AccessChange::SessionEnded(hash) => {
                transaction.prepare_cached("DELETE FROM sessions WHERE hash = ?1")?.execute([hash.0])?;
            }
        }
    }
    Ok(())
}

fn write_user(transaction: &Transaction<'_>, user: &User) -> rusqlite::Result<()> {
    let mut write = transaction.prepare_cached(
        "INSERT INTO users (name, role, buildings, password, created_us) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (name) DO UPDATE SET role = ?2, buildings = ?3, password = ?4",
    )?;
    write.execute(params![
        &*user.name,
        user.role.name(),
        lines(&user.reach),
        &*user.password,
        user.created.0
    ])?;
    Ok(())
}

fn write_token(transaction: &Transaction<'_>, token: &Token) -> rusqlite::Result<()> {
    let mut write = transaction.prepare_cached(
        "INSERT INTO tokens (id, name, role, buildings, hash, created_us, created_by, expires_us, last_used_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO UPDATE SET last_used_us = ?9",
    )?;
    write.execute(params![
        &*token.id,
        &*token.name,
        token.role.name(),
        lines(&token.reach),
        token.hash.0,
        token.created.0,
        &*token.created_by,
        token.expires.map(|time| time.0),
        token.last_used.map(|time| time.0),
    ])?;
    Ok(())
}

fn write_session(transaction: &Transaction<'_>, session: &UserSession) -> rusqlite::Result<()> {
    let mut write = transaction.prepare_cached(
        "INSERT INTO sessions (hash, user, origin, began_us, last_used_us) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (hash) DO UPDATE SET last_used_us = ?5",
    )?;
    let UserSession { hash, user, origin, began, last_used } = session;
    write.execute(params![hash.0, &**user, &**origin, began.0, last_used.0])?;
    Ok(())
}

pub(crate) fn read(connection: &Connection) -> Result<Access, Flaw> {
    let sql = "SELECT name, role, buildings, password, created_us FROM users";
    let users = read_all(connection, "users", sql, &[], |fields| {
        Ok(User {
            name: fields.text()?,
            role: fields.word()?,
            reach: reach(fields)?,
            password: fields.text()?,
            created: fields.time()?,
        })
    })?;
    let sql = "SELECT id, name, role, buildings, hash, created_us, created_by, expires_us, last_used_us FROM tokens";
    let tokens = read_all(connection, "tokens", sql, &[], |fields| {
        Ok(Token {
            id: fields.text()?,
            name: fields.text()?,
            role: fields.word()?,
            reach: reach(fields)?,
            hash: hash(fields)?,
            created: fields.time()?,
            created_by: fields.text()?,
            expires: fields.maybe(1, Fields::time)?,
            last_used: fields.maybe(1, Fields::time)?,
        })
    })?;
    let sql = "SELECT hash, user, origin, began_us, last_used_us FROM sessions";
    let sessions = read_all(connection, "sessions", sql, &[], |fields| {
        Ok(UserSession {
            hash: hash(fields)?,
            user: fields.text()?,
            origin: fields.text()?,
            began: fields.time()?,
            last_used: fields.time()?,
        })
    })?;
    Ok(Access::restored(users, tokens, sessions))
}

fn hash(fields: &mut Fields<'_>) -> Result<SecretHash, Flaw> {
    fields.hash()?.map(SecretHash).ok_or_else(|| fields.broken("no SHA-256"))
}

fn reach(fields: &mut Fields<'_>) -> Result<Reach, Flaw> {
    Ok(Reach::of(fields.str()?.lines().map(Text::from).collect()))
}

/// Names have no line breaks.
fn lines(reach: &Reach) -> String {
    reach.buildings().join("\n")
}
