//! `state.db`: all that is ours. For now, which nodes and sensors are known.

use crate::{
    Latest, OpenError,
    latest::Registry,
    sqlite::{Database, Occasion},
};
use poe_building::{Changes, Known, KnownNode, KnownSensor, NewNode, NewSensor, NodeNo, Row, SensorNo, Time};
use poe_wire::SensorKind;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::{collections::HashMap, net::IpAddr, path::Path};

/// The steps from an empty file to today's schema. A step that has been released is never changed: files out
/// there have gone through it.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/1.sql")];

/// The log of `state.db` is moved into the file beyond so many pages, 4 MiB: it is written only when something new
/// appears, so that it can be done right after the commit.
const WAL_PAGES_MAX: u32 = 1024;

/// The open `state.db`.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) database: Database,
}

impl State {
    /// Opens the file, or makes it, and brings its schema up to date.
    pub(crate) fn open(path: &Path, occasion: Occasion) -> Result<Self, OpenError> {
        let (database, _) = Database::open(path, 0o600, occasion)?;
        migrate(path, &database.connection)?;
        let failed = |cause| OpenError::sqlite(path, "prepare", cause);
        database.use_wal().map_err(failed)?;
        Ok(Self { database })
    }

    /// Who is known. The latest values are still missing.
    pub(crate) fn load(&self) -> Result<Known, OpenError> {
        let path = &self.database.path;
        let damaged = |detail: String| OpenError::Damaged { path: path.clone(), detail };
        let failed = |cause| OpenError::sqlite(path, "read", cause);
        let connection = &self.database.connection;
        let mut known = Known::default();
        let mut places = HashMap::new();

        let mut nodes =
            connection.prepare("SELECT id, address, first_seen_us FROM nodes ORDER BY id").map_err(failed)?;
        let mut rows = nodes.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let address: String = row.get(1).map_err(failed)?;
            let address: IpAddr =
                address.parse().map_err(|_| damaged(format!("{address:?} is no node's address")))?;
            places.insert(row.get::<_, i64>(0).map_err(failed)?, NodeNo(known.nodes.len() as u32));
            known.nodes.push(KnownNode { address, first_seen: Time(row.get(2).map_err(failed)?) });
        }

        let mut sensors =
            connection.prepare("SELECT node, id, kind FROM sensors ORDER BY node, id").map_err(failed)?;
        let mut rows = sensors.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let node: i64 = row.get(0).map_err(failed)?;
            let node = *places.get(&node).ok_or_else(|| damaged(format!("a sensor of no node {node}")))?;
            let kind = row.get_ref(2).map_err(failed)?.as_str().unwrap_or_default();
            let kind: SensorKind = kind.parse().map_err(|error| damaged(format!("{kind:?} is {error}")))?;
            known.sensors.push(KnownSensor { node, id: row.get(1).map_err(failed)?, kind, latest: None });
        }
        Ok(known)
    }

    /// Writes down who is new, and which sensors have changed their kind. Writing the same twice does no harm.
    pub(crate) fn write(&mut self, changes: &Changes, registry: &Registry<'_>) -> rusqlite::Result<()> {
        let other_kind = |row: &&Row| registry.sensor(row.sensor).2 != row.kind;
        let kinds: Vec<&Row> = changes.rows.iter().filter(other_kind).collect();
        if changes.nodes.is_empty() && changes.sensors.is_empty() && kinds.is_empty() {
            return Ok(());
        }
        let transaction =
            self.database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        write_rows(&transaction, changes, &kinds, registry)?;
        transaction.commit()
    }

    /// Writes down the nodes and sensors from these positions on, which another file knew of.
    pub(crate) fn adopt(&mut self, known: &Known, nodes: usize, sensors: usize) -> rusqlite::Result<()> {
        let first_seen = |node: NodeNo| known.nodes[node.index()].first_seen;
        let changes = Changes {
            nodes: (nodes..known.nodes.len())
                .map(|no| (NodeNo(no as u32), known.nodes[no]))
                .map(|(node, known)| NewNode { node, address: known.address, first_seen: known.first_seen })
                .collect(),
            sensors: (sensors..known.sensors.len())
                .map(|no| (SensorNo(no as u32), known.sensors[no]))
                .map(|(sensor, KnownSensor { node, id, kind, .. })| NewSensor {
                    sensor,
                    node,
                    id,
                    kind,
                    first_seen: first_seen(node),
                })
                .collect(),
            ..Changes::default()
        };
        self.write(&changes, &Latest::restored(known).beside(&Changes::default()))
    }

    /// Called between two commits: keeps the log short.
    pub(crate) fn tidy(&self) -> rusqlite::Result<()> {
        if self.database.wal_pages() > WAL_PAGES_MAX { self.database.checkpoint() } else { Ok(()) }
    }
}

fn write_rows(
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

/// Takes the missing steps, each in a transaction of its own, so that a crash leaves the file before or after one.
fn migrate(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let failed = |cause| OpenError::sqlite(path, "bring up to date", cause);
    let known = MIGRATIONS.len() as i64;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    if found > known {
        return Err(OpenError::NewerSchema { path: path.to_owned(), found, known });
    }
    if found < 0 {
        return Err(OpenError::Damaged { path: path.to_owned(), detail: format!("schema version {found}") });
    }
    for (step, sql) in (1..).zip(MIGRATIONS).skip(found as usize) {
        let step: i64 = step;
        connection
            .execute_batch(&format!("BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {step}; COMMIT"))
            .inspect_err(|_| _ = connection.execute_batch("ROLLBACK"))
            .map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A released migration never changes, not even in a comment: a changed one would leave two kinds of files
    /// with one version. Add a new one instead, and its line here.
    #[test]
    fn migrations_are_frozen() {
        let hashes = MIGRATIONS.map(|sql| {
            // FNV-1a, since the standard library's hash may change with its version.
            let hash = sql.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            format!("{hash:016x}")
        });
        expect_test::expect![[r#"
            [
                "383b3f4627053858",
            ]
        "#]]
        .assert_debug_eq(&hashes);
    }

    #[test]
    fn a_state_of_a_later_program_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        State::open(&path, Occasion::Start).unwrap();
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let refused = State::open(&path, Occasion::Start).unwrap_err().to_string();
        assert!(refused.contains("schema version 99, and this program knows versions up to 1"), "{refused}");
    }
}
