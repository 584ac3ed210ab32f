//! What people have set for rules.

use crate::fields::{Fields, Flaw, millis, read_all};
use poe_building::{Class, Group, RuleScope, RuleSetting, Voting};
use poe_wire::SensorKind;
use rusqlite::{Connection, Transaction, params};
use std::time::Duration;

/// In the place of a class: the rule is journalled only.
const NO_CLASS: &str = "none";
/// In the place of a duration: never.
const NEVER: i64 = -1;

pub(crate) fn write(transaction: &Transaction<'_>, rules: &[RuleSetting]) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO rules (position, rule, scope_kind, scope, sensor_kind, at_least, at_most, deadband, class,
         priority, on_delay_ms, off_delay_ms, latching, re_alarm_ms, escalation_ms, message, voting, voting_group,
         voting_count, voting_window_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?;
    let or_never = |span: Option<Duration>| span.map_or(NEVER, millis);
    for (position, rule) in (0_i64..).zip(rules) {
        let (scope_kind, scope) = scope_columns(&rule.scope);
        let (voting, group, count, window) = rule.voting.map_or((None, None, None, None), voting_columns);
        insert.execute(params![
            position,
            &*rule.rule,
            scope_kind,
            scope,
            rule.kind.map(SensorKind::name),
            rule.at_least,
            rule.at_most,
            rule.deadband,
            rule.class.map(|class| class.map_or(NO_CLASS, Class::name)),
            rule.priority,
            rule.on_delay.map(millis),
            rule.off_delay.map(millis),
            rule.latching,
            rule.re_alarm.map(or_never),
            rule.escalation.map(or_never),
            rule.message.as_deref(),
            voting,
            group,
            count,
            window,
        ])?;
    }
    Ok(())
}

fn scope_columns(scope: &RuleScope) -> (&'static str, Option<String>) {
    match scope {
        RuleScope::Everywhere => ("everywhere", None),
        RuleScope::Place(name) => ("place", Some(name.to_string())),
        RuleScope::Node(address) => ("node", Some(address.to_string())),
        RuleScope::Sensor(key) => ("sensor", Some(key.to_string())),
    }
}

type VotingColumns = (Option<&'static str>, Option<&'static str>, Option<u8>, Option<i64>);

fn voting_columns(voting: Voting) -> VotingColumns {
    let name = |group| match group {
        Group::Node => "node",
        Group::Zone => "zone",
    };
    match voting {
        Voting::Single => (Some("single"), None, None, None),
        Voting::Coincidence { group, count, window } => {
            (Some("coincidence"), Some(name(group)), Some(count), Some(millis(window)))
        }
        Voting::CrossZone { group, window } => {
            (Some("cross_zone"), Some(name(group)), None, Some(millis(window)))
        }
        Voting::Verification => (Some("verification"), None, None, None),
    }
}

pub(crate) fn read(connection: &Connection) -> Result<Vec<RuleSetting>, Flaw> {
    let sql =
        "SELECT position, rule, scope_kind, scope, sensor_kind, at_least, at_most, deadband, class, priority,
               on_delay_ms, off_delay_ms, latching, re_alarm_ms, escalation_ms, message, voting, voting_group,
               voting_count, voting_window_ms FROM rules ORDER BY position";
    read_all(connection, "rules", sql, &[], |fields| {
        let _position: i64 = fields.number()?;
        Ok(RuleSetting {
            rule: fields.text()?,
            scope: scope(fields)?,
            kind: fields.maybe(1, Fields::word)?,
            at_least: fields.maybe(1, Fields::number)?,
            at_most: fields.maybe(1, Fields::number)?,
            deadband: fields.maybe(1, Fields::number)?,
            class: fields.maybe(1, class)?,
            priority: fields.maybe(1, Fields::number)?,
            on_delay: fields.maybe(1, Fields::millis)?,
            off_delay: fields.maybe(1, Fields::millis)?,
            latching: fields.maybe(1, Fields::flag)?,
            re_alarm: fields.maybe(1, millis_or_never)?,
            escalation: fields.maybe(1, millis_or_never)?,
            message: fields.maybe(1, Fields::text)?,
            voting: fields.maybe(4, voting)?,
        })
    })
}

fn scope(fields: &mut Fields<'_>) -> Result<RuleScope, Flaw> {
    match fields.str()? {
        "everywhere" => {
            fields.maybe(1, Fields::text)?;
            Ok(RuleScope::Everywhere)
        }
        "place" => fields.text().map(RuleScope::Place),
        "node" => fields.word().map(RuleScope::Node),
        "sensor" => fields.word().map(RuleScope::Sensor),
        other => Err(fields.broken(other)),
    }
}

fn class(fields: &mut Fields<'_>) -> Result<Option<Class>, Flaw> {
    match fields.str()? {
        NO_CLASS => Ok(None),
        word => word.parse().map(Some).map_err(|_| fields.broken(word)),
    }
}

fn millis_or_never(fields: &mut Fields<'_>) -> Result<Option<Duration>, Flaw> {
    match fields.number()? {
        NEVER => Ok(None),
        span => u64::try_from(span).map(Duration::from_millis).map(Some).map_err(|_| fields.broken(span)),
    }
}

fn voting(fields: &mut Fields<'_>) -> Result<Voting, Flaw> {
    let word = fields.str()?;
    let wrong = fields.broken(word);
    let group = fields.maybe(1, |fields| match fields.str()? {
        "node" => Ok(Group::Node),
        "zone" => Ok(Group::Zone),
        other => Err(fields.broken(other)),
    })?;
    let count = fields.maybe(1, Fields::number)?;
    let window = fields.maybe(1, Fields::millis)?;
    match (word, group, count, window) {
        ("single", None, None, None) => Ok(Voting::Single),
        ("verification", None, None, None) => Ok(Voting::Verification),
        ("coincidence", Some(group), Some(count), Some(window)) => {
            Ok(Voting::Coincidence { group, count, window })
        }
        ("cross_zone", Some(group), None, Some(window)) => Ok(Voting::CrossZone { group, window }),
        _ => Err(wrong),
    }
}
