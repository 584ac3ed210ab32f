//! Who is known: nodes and sensors.

use crate::{
    fields::{Fields, Flaw, read_all},
    latest::Registry,
};
use poe_building::{Changes, KnownNode, KnownSensor, NodeNo, Row};
use rusqlite::{Connection, Transaction, params};
use std::collections::HashMap;

/// Who is known. The latest values are still missing.
pub(crate) fn read(connection: &Connection) -> Result<(Vec<KnownNode>, Vec<KnownSensor>), Flaw> {
    let sql = "SELECT id, address, first_seen_us, retired, approved FROM nodes ORDER BY id";
    let nodes: Vec<(i64, KnownNode)> = read_all(connection, "nodes", sql, &[], |fields| {
        let id = fields.number()?;
        let (address, first_seen) = (fields.word()?, fields.time()?);
        Ok((id, KnownNode { address, first_seen, retired: fields.flag()?, approved: fields.flag()? }))
    })?;
    let places: HashMap<i64, NodeNo> = nodes.iter().map(|(id, _)| *id).zip((0..).map(NodeNo)).collect();
    let sql = "SELECT node, id, kind FROM sensors ORDER BY node, id";
    let sensors = read_all(connection, "sensors", sql, &[], |fields| {
        let node = fields.number()?;
        let node = *places.get(&node).ok_or_else(|| Flaw::Broken(format!("a sensor of no node {node}")))?;
        Ok(KnownSensor { node, id: fields.number()?, kind: Fields::word(fields)?, latest: None })
    })?;
    Ok((nodes.into_iter().map(|(_, node)| node).collect(), sensors))
}

/// Writes down who is new, and these rows' sensors' new kinds. What is there already stays as it is.
pub(crate) fn write(
    transaction: &Transaction<'_>,
    changes: &Changes,
    kinds: &[&Row],
    registry: &Registry<'_>,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO nodes (address, first_seen_us) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    for node in &changes.nodes {
        insert.execute(params![node.address.to_string(), node.first_seen.0])?;
    }
    let mut retire = transaction.prepare_cached("UPDATE nodes SET retired = ?2 WHERE address = ?1")?;
    for (address, retired) in &changes.retired {
        retire.execute(params![address.to_string(), retired])?;
    }
    let mut approve = transaction.prepare_cached("UPDATE nodes SET approved = 1 WHERE address = ?1")?;
    for address in &changes.approved {
        approve.execute([address.to_string()])?;
    }
    let mut ids = NodeIds { transaction, registry, latest: None };
    let mut insert = transaction.prepare_cached(
        "INSERT INTO sensors (node, id, kind, first_seen_us) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    for sensor in &changes.sensors {
        let node = ids.find(sensor.node)?;
        insert.execute(params![node, sensor.id, sensor.kind.name(), sensor.first_seen.0])?;
    }
    let mut update =
        transaction.prepare_cached("UPDATE sensors SET kind = ?3 WHERE node = ?1 AND id = ?2")?;
    for row in kinds {
        let (node, id, _) = registry.sensor(row.sensor);
        update.execute(params![ids.find(node)?, id, row.kind.name()])?;
    }
    Ok(())
}

/// Finds the rows of nodes. Sensors of one node come together, so that the latest answer often serves again.
struct NodeIds<'a> {
    transaction: &'a Transaction<'a>,
    registry: &'a Registry<'a>,
    latest: Option<(NodeNo, i64)>,
}

impl NodeIds<'_> {
    fn find(&mut self, node: NodeNo) -> rusqlite::Result<i64> {
        if let Some((latest, id)) = self.latest
            && latest == node
        {
            return Ok(id);
        }
        let address = self.registry.address(node).to_string();
        let id = self
            .transaction
            .prepare_cached("SELECT id FROM nodes WHERE address = ?1")?
            .query_row([address], |row| row.get(0))?;
        self.latest = Some((node, id));
        Ok(id)
    }
}
