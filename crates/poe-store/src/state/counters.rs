//! The numbers that come next.

use crate::fields::{Flaw, read_all, signed};
use poe_building::NextIds;
use rusqlite::{Connection, Transaction};

/// Writes the numbers that come next. They never go back.
pub(crate) fn write(transaction: &Transaction<'_>, next: NextIds) -> rusqlite::Result<()> {
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO counters (id, seq, alarm, suppression, promise) VALUES (1, ?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET seq = max(seq, excluded.seq), alarm = max(alarm, excluded.alarm),
         suppression = max(suppression, excluded.suppression), promise = max(promise, excluded.promise)",
    )?;
    let NextIds { seq, alarm, suppression, promise } = next;
    upsert.execute([seq, alarm, suppression, promise].map(signed)).map(drop)
}

/// The numbers that come next, as they were written down.
pub(crate) fn read(connection: &Connection) -> Result<NextIds, Flaw> {
    let sql = "SELECT id, seq, alarm, suppression, promise FROM counters";
    let rows = read_all(connection, "counters", sql, &[], |fields| {
        let _the_only_row: i64 = fields.number()?;
        Ok(NextIds {
            seq: fields.number()?,
            alarm: fields.number()?,
            suppression: fields.number()?,
            promise: fields.number()?,
        })
    })?;
    Ok(rows.into_iter().next().unwrap_or_default())
}

/// The later of each.
pub(crate) fn later(one: NextIds, other: NextIds) -> NextIds {
    NextIds {
        seq: one.seq.max(other.seq),
        alarm: one.alarm.max(other.alarm),
        suppression: one.suppression.max(other.suppression),
        promise: one.promise.max(other.promise),
    }
}
