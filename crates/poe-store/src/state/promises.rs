//! Notifications that have still to be delivered, and those that were given up.

use crate::{
    board::DeadLetter,
    fields::{Fields, Flaw, read_all, signed},
};
use poe_building::{AlarmId, Promise, PromiseId, PromiseState, Time};
use rusqlite::{Connection, Transaction, params};

/// Dead letters beyond so many go, the oldest first; the journal still tells of them.
const DEAD_LETTERS_MAX: u32 = 10_000;

/// Writes new promises, and what became of others. One that was kept is deleted: its journal entry is proof enough.
pub(crate) fn write(
    transaction: &Transaction<'_>,
    promises: &[Promise],
    outcomes: &[(PromiseId, PromiseState, Time)],
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO promises (id, target, seq, alarm, class, priority, reason, key, summary, promised_us, expires_us,
         state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'open') ON CONFLICT DO NOTHING",
    )?;
    for promise in promises {
        insert.execute(params![
            signed(promise.id.0),
            &*promise.target,
            signed(promise.seq),
            promise.alarm.map(|alarm| signed(alarm.0)),
            promise.class.name(),
            promise.priority,
            promise.reason.name(),
            &*promise.key,
            &*promise.summary,
            promise.promised.0,
            promise.expires.0,
        ])?;
    }
    let mut dead = false;
    for (id, state, time) in outcomes {
        match state {
            PromiseState::Open => {}
            PromiseState::Confirmed => {
                let mut delete = transaction.prepare_cached("DELETE FROM promises WHERE id = ?1")?;
                delete.execute([signed(id.0)])?;
            }
            PromiseState::Dead => {
                let mut update = transaction
                    .prepare_cached("UPDATE promises SET state = 'dead', decided_us = ?2 WHERE id = ?1")?;
                update.execute(params![signed(id.0), time.0])?;
                dead = true;
            }
        }
    }
    if dead {
        let mut forget = transaction.prepare_cached(
            "DELETE FROM promises WHERE id IN
             (SELECT id FROM promises WHERE state = 'dead' ORDER BY decided_us DESC LIMIT -1 OFFSET ?1)",
        )?;
        forget.execute([DEAD_LETTERS_MAX])?;
    }
    Ok(())
}

/// The promises that are open.
pub(crate) fn read_open(connection: &Connection) -> Result<Vec<Promise>, Flaw> {
    let sql =
        "SELECT id, target, seq, alarm, class, priority, reason, key, summary, promised_us, expires_us, state
               FROM promises WHERE state <> 'dead' ORDER BY id";
    read_all(connection, "promises", sql, &[], |fields| {
        let promise = read(fields)?;
        match fields.word()? {
            PromiseState::Open => Ok(promise),
            other => Err(fields.broken(other.name())),
        }
    })
}

/// The latest dead letters, in the order in which they died.
pub(crate) fn read_dead(connection: &Connection, limit: usize) -> Result<Vec<DeadLetter>, Flaw> {
    let sql = "SELECT id, target, seq, alarm, class, priority, reason, key, summary, promised_us, expires_us, decided_us
               FROM promises WHERE state = 'dead' ORDER BY decided_us DESC LIMIT ?1";
    let mut dead = read_all(connection, "promises", sql, &[&signed(limit as u64)], |fields| {
        Ok(DeadLetter { promise: read(fields)?, given_up: fields.time()? })
    })?;
    dead.reverse();
    Ok(dead)
}

fn read(fields: &mut Fields<'_>) -> Result<Promise, Flaw> {
    Ok(Promise {
        id: PromiseId(fields.number()?),
        target: fields.text()?,
        seq: fields.number()?,
        alarm: fields.maybe(1, |fields| fields.number().map(AlarmId))?,
        class: fields.word()?,
        priority: fields.number()?,
        reason: fields.word()?,
        key: fields.text()?,
        summary: fields.text()?,
        promised: fields.time()?,
        expires: fields.time()?,
    })
}
