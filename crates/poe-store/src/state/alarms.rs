//! Alarms that have not ended, and what keeps alarms quiet.

use crate::fields::{Fields, Flaw, read_all, signed};
use poe_building::{Alarm, AlarmId, Quiet, Suppression, SuppressionId};
use rusqlite::{Connection, Transaction, params};
use std::sync::Arc;

/// Writes the alarms as they are now. Of one that has ended the journal tells.
pub(crate) fn write(transaction: &Transaction<'_>, alarms: &[Arc<Alarm>]) -> rusqlite::Result<()> {
    let mut replace = transaction.prepare_cached(
        "INSERT OR REPLACE INTO alarms (id, source_kind, source, rule, class, priority, state, since_us, raised_us,
         holds, audible, value, message, acknowledged_by, acknowledged_origin, acknowledged_us, quiet, delay_us,
         ask_again_us, escalate_us, escalations, first_out, stamp_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
         ?23)",
    )?;
    let mut delete = transaction.prepare_cached("DELETE FROM alarms WHERE id = ?1")?;
    for alarm in alarms {
        if has_ended(alarm) {
            delete.execute([signed(alarm.id.0)])?;
            continue;
        }
        let (who, acknowledged) = alarm.acknowledged.as_ref().map(|(who, time)| (who, time.0)).unzip();
        replace.execute(params![
            signed(alarm.id.0),
            alarm.source.kind(),
            alarm.source.to_string(),
            &*alarm.rule,
            alarm.class.name(),
            alarm.priority,
            alarm.state.name(),
            alarm.since.0,
            alarm.raised.map(|time| time.0),
            alarm.holds,
            alarm.audible,
            alarm.value,
            &*alarm.message,
            who.map(|who| &*who.name),
            who.map(|who| &*who.origin),
            acknowledged,
            alarm.quiet.map(Quiet::name),
            alarm.delay.map(|due| due.time.0),
            alarm.ask_again.map(|due| due.time.0),
            alarm.escalate.map(|due| due.time.0),
            alarm.escalations,
            alarm.first_out,
            alarm.stamp.0,
        ])?;
    }
    Ok(())
}

/// Whether nothing of it goes on.
pub(crate) fn has_ended(alarm: &Alarm) -> bool {
    alarm.state == poe_building::State::Normal && alarm.delay.is_none()
}

/// The alarms that had not ended.
pub(crate) fn read(connection: &Connection) -> Result<Vec<Alarm>, Flaw> {
    let sql = "SELECT id, source_kind, source, rule, class, priority, state, since_us, raised_us, holds, audible, value,
               message, acknowledged_by, acknowledged_origin, acknowledged_us, quiet, delay_us, ask_again_us,
               escalate_us, escalations, first_out, stamp_us FROM alarms ORDER BY id";
    read_all(connection, "alarms", sql, &[], |fields| {
        Ok(Alarm {
            id: AlarmId(fields.number()?),
            source: fields.source()?,
            rule: fields.text()?,
            class: fields.word()?,
            priority: fields.number()?,
            state: fields.word()?,
            since: fields.time()?,
            raised: fields.maybe(1, Fields::time)?,
            holds: fields.flag()?,
            audible: fields.flag()?,
            value: fields.maybe(1, Fields::number)?,
            message: fields.text()?,
            acknowledged: fields.maybe(3, |fields| Ok((fields.who()?, fields.time()?)))?,
            quiet: fields.maybe(1, Fields::word)?,
            delay: fields.maybe(1, Fields::due)?,
            ask_again: fields.maybe(1, Fields::due)?,
            escalate: fields.maybe(1, Fields::due)?,
            escalations: fields.number()?,
            first_out: fields.flag()?,
            stamp: fields.time()?,
        })
    })
}

/// Writes the suppressions as they are now. What has ended once stays so.
pub(crate) fn write_suppressions(
    transaction: &Transaction<'_>,
    suppressions: &[Suppression],
) -> rusqlite::Result<()> {
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO suppressions (id, kind, source_kind, source, rule, owner, origin, reason, began_us, ends_us,
         ended_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, ends_us = excluded.ends_us,
                                        ended_us = coalesce(ended_us, excluded.ended_us)",
    )?;
    for suppression in suppressions {
        upsert.execute(params![
            signed(suppression.id.0),
            suppression.kind.name(),
            suppression.source.kind(),
            suppression.source.to_string(),
            suppression.rule.as_deref(),
            &*suppression.owner.name,
            &*suppression.owner.origin,
            &*suppression.reason,
            suppression.began.0,
            suppression.ends.map(|due| due.time.0),
            suppression.ended.map(|time| time.0),
        ])?;
    }
    Ok(())
}

/// The suppressions that are in force.
pub(crate) fn read_suppressions(connection: &Connection) -> Result<Vec<Suppression>, Flaw> {
    let sql = "SELECT id, kind, source_kind, source, rule, owner, origin, reason, began_us, ends_us, ended_us
               FROM suppressions WHERE ended_us IS NULL ORDER BY id";
    read_all(connection, "suppressions", sql, &[], |fields| {
        Ok(Suppression {
            id: SuppressionId(fields.number()?),
            kind: fields.word()?,
            source: fields.source()?,
            rule: fields.maybe(1, Fields::text)?,
            owner: fields.who()?,
            reason: fields.text()?,
            began: fields.time()?,
            ends: fields.maybe(1, Fields::due)?,
            ended: fields.maybe(1, Fields::time)?,
        })
    })
}
