//! The building model, row by row. People can read it here, and one is replaced by the next as a whole.

use super::{lists, rules, targets};
use crate::{
    fields::{Fields, Flaw, millis, read_all, signed},
    migrations::WITH_ENROLMENT,
};
use poe_building::{Heartbeat, Model, NodeInfo, Place, SensorInfo, Supervision, Switch};
use rusqlite::{Connection, Transaction, params};

/// Every table that a model is in.
const TABLES: [&str; 10] = [
    "model",
    "places",
    "switches",
    "described_nodes",
    "described_sensors",
    "rules",
    "targets",
    "target_groups",
    "lists",
    "duty_hours",
];

/// Writes the model in place of the one before.
pub(crate) fn write(transaction: &Transaction<'_>, model: &Model) -> rusqlite::Result<()> {
    for table in TABLES {
        transaction.prepare_cached(&format!("DELETE FROM {table}"))?.execute([])?;
    }
    let heartbeat = model.heartbeat.as_ref();
    transaction.execute(
        "INSERT INTO model (id, version, site, profile, late_ms, trouble_ms, shelving_max_ms, heartbeat_url,
         heartbeat_interval_ms, heartbeat_ca_file, enrolment) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            signed(model.version),
            &*model.site,
            model.profile.name(),
            millis(model.supervision.late),
            millis(model.supervision.trouble),
            millis(model.shelving_max),
            heartbeat.map(|heartbeat| &*heartbeat.url),
            heartbeat.map(|heartbeat| millis(heartbeat.interval)),
            heartbeat.and_then(|heartbeat| heartbeat.ca_file.as_deref()),
            model.enrolment.name(),
        ],
    )?;
    write_places(transaction, model)?;
    write_described(transaction, model)?;
    rules::write(transaction, &model.rules)?;
    targets::write(transaction, &model.targets)?;
    targets::write_groups(transaction, &model.groups)
}

fn write_places(transaction: &Transaction<'_>, model: &Model) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO places (position, name, kind, within, title) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (position, Place { name, kind, within, title }) in (0_i64..).zip(&model.places) {
        insert.execute(params![position, &**name, kind.name(), within.as_deref(), title.as_deref()])?;
    }
    let mut insert = transaction.prepare_cached(
        "INSERT INTO switches (position, name, place, fed_by, port) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (position, Switch { name, place, fed_by, port }) in (0_i64..).zip(&model.switches) {
        insert.execute(params![position, &**name, place.as_deref(), fed_by.as_deref(), port.as_deref()])?;
    }
    Ok(())
}

fn write_described(transaction: &Transaction<'_>, model: &Model) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO described_nodes (position, address, name, place, fed_by, port, late_ms, trouble_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for (position, node) in (0_i64..).zip(&model.nodes) {
        insert.execute(params![
            position,
            node.address.to_string(),
            node.name.as_deref(),
            node.place.as_deref(),
            node.fed_by.as_deref(),
            node.port.as_deref(),
            node.supervision.map(|supervision| millis(supervision.late)),
            node.supervision.map(|supervision| millis(supervision.trouble)),
        ])?;
    }
    let mut insert = transaction.prepare_cached(
        "INSERT INTO described_sensors (position, sensor, name, place) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (position, SensorInfo { key, name, place }) in (0_i64..).zip(&model.sensors) {
        insert.execute(params![position, key.to_string(), name.as_deref(), place.as_deref()])?;
    }
    Ok(())
}

/// The model, or the one that a new server begins with.
pub(crate) fn read(connection: &Connection) -> Result<Model, Flaw> {
    // The folder of an older program that was stopped can be read, too.
    let schema: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let enrolment = if schema >= WITH_ENROLMENT { "enrolment" } else { "'open'" };
    let sql = format!(
        "SELECT id, version, site, profile, late_ms, trouble_ms, shelving_max_ms, heartbeat_url,
         heartbeat_interval_ms, heartbeat_ca_file, {enrolment} FROM model"
    );
    let rows = read_all(connection, "model", &sql, &[], |fields| {
        let _the_only_row: i64 = fields.number()?;
        Ok(Model {
            version: fields.number()?,
            site: fields.text()?,
            profile: fields.word()?,
            supervision: supervision(fields)?,
            shelving_max: fields.millis()?,
            heartbeat: fields.maybe(3, |fields| {
                let (url, interval) = (fields.text()?, fields.millis()?);
                Ok(Heartbeat { url, interval, ca_file: fields.maybe(1, Fields::text)? })
            })?,
            enrolment: fields.word()?,
            ..Model::default()
        })
    })?;
    let Some(mut model) = rows.into_iter().next() else { return Ok(Model::default()) };
    let lists = lists::Lists::read(connection)?;
    model.places = read_places(connection)?;
    model.switches = read_switches(connection)?;
    model.nodes = read_nodes(connection)?;
    model.sensors = read_sensors(connection)?;
    model.rules = rules::read(connection)?;
    model.targets = targets::read(connection, &lists)?;
    model.groups = targets::read_groups(connection, &lists)?;
    Ok(model)
}

fn supervision(fields: &mut Fields<'_>) -> Result<Supervision, Flaw> {
    Ok(Supervision { late: fields.millis()?, trouble: fields.millis()? })
}

fn position(fields: &mut Fields<'_>) -> Result<i64, Flaw> {
    fields.number()
}

fn read_places(connection: &Connection) -> Result<Vec<Place>, Flaw> {
    let sql = "SELECT position, name, kind, within, title FROM places ORDER BY position";
    read_all(connection, "places", sql, &[], |fields| {
        position(fields)?;
        Ok(Place {
            name: fields.text()?,
            kind: fields.word()?,
            within: fields.maybe(1, Fields::text)?,
            title: fields.maybe(1, Fields::text)?,
        })
    })
}

fn read_switches(connection: &Connection) -> Result<Vec<Switch>, Flaw> {
    let sql = "SELECT position, name, place, fed_by, port FROM switches ORDER BY position";
    read_all(connection, "switches", sql, &[], |fields| {
        position(fields)?;
        Ok(Switch {
            name: fields.text()?,
            place: fields.maybe(1, Fields::text)?,
            fed_by: fields.maybe(1, Fields::text)?,
            port: fields.maybe(1, Fields::text)?,
        })
    })
}

fn read_nodes(connection: &Connection) -> Result<Vec<NodeInfo>, Flaw> {
    let sql = "SELECT position, address, name, place, fed_by, port, late_ms, trouble_ms
               FROM described_nodes ORDER BY position";
    read_all(connection, "described_nodes", sql, &[], |fields| {
        position(fields)?;
        Ok(NodeInfo {
            address: fields.word()?,
            name: fields.maybe(1, Fields::text)?,
            place: fields.maybe(1, Fields::text)?,
            fed_by: fields.maybe(1, Fields::text)?,
            port: fields.maybe(1, Fields::text)?,
            supervision: fields.maybe(2, supervision)?,
        })
    })
}

fn read_sensors(connection: &Connection) -> Result<Vec<SensorInfo>, Flaw> {
    let sql = "SELECT position, sensor, name, place FROM described_sensors ORDER BY position";
    read_all(connection, "described_sensors", sql, &[], |fields| {
        position(fields)?;
        Ok(SensorInfo {
            key: fields.word()?,
            name: fields.maybe(1, Fields::text)?,
            place: fields.maybe(1, Fields::text)?,
        })
    })
}
