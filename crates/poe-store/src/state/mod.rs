//! `state.db`: all that is ours, so that it commits together.

mod access;
mod alarms;
mod counters;
mod fault;
mod journal;
mod lists;
mod model;
mod plans;
mod promises;
mod registry;
mod rules;
mod stamps;
mod targets;

pub(crate) use alarms::has_ended;
pub(crate) use counters::{later, read as read_counters};
pub(crate) use fault::{find as find_fault, lost};
pub(crate) use journal::{COLUMN_COUNT, COLUMNS, End, end as journal_end, read as read_entry};
pub(crate) use model::read as read_model;
pub(crate) use stamps::Stamps;

use crate::{
    Latest, OpenError,
    board::{DEAD_LETTERS_MAX, DeadLetter},
    checkpoint::Checkpointer,
    fields::Flaw,
    latest::Registry,
    mark,
    migrations::{is_older, migrate},
    sqlite::{Database, Occasion},
    upgrade::upgrade,
};
use poe_building::{Changes, Known, KnownSensor, NewNode, NewSensor, NextIds, NodeNo, Row, SensorNo};
use rusqlite::{Transaction, TransactionBehavior};
use std::path::Path;

/// The open `state.db`.
#[derive(Debug)]
pub(crate) struct State {
    /// Dropped before the database, whose connection is then the last.
    checkpointer: Checkpointer,
    pub(crate) database: Database,
    /// Where the journal ends.
    end: End,
}

impl State {
    /// Opens the file, or makes it, and brings its schema up to date.
    pub(crate) fn open(path: &Path, occasion: Occasion) -> Result<Self, OpenError> {
        let (mut database, _) = Database::open(path, 0o600, occasion)?;
        if is_older(path, &database.connection)? {
            drop(database);
            upgrade(path)?;
            (database, _) = Database::open(path, 0o600, occasion)?;
        }
        // Only a file that has nothing in it has still steps to take.
        migrate(path, &database.connection)?;
        database.use_wal().map_err(|cause| OpenError::sqlite(path, "prepare", cause))?;
        let end = journal::end(&database.connection)
            .map_err(|cause| OpenError::sqlite(path, "read the end of the journal in", cause))?;
        let checkpointer = Checkpointer::start(path.to_owned())
            .map_err(|cause| OpenError::File { path: path.to_owned(), cause })?;
        Ok(Self { checkpointer, database, end })
    }

    /// Everything that was written down, and the latest dead letters. The latest values are still missing.
    pub(crate) fn load(&self, mark: &mark::Found) -> Result<(Known, Vec<DeadLetter>), OpenError> {
        self.read(mark).map_err(|flaw| flaw.of(&self.database.path))
    }

    fn read(&self, mark: &mark::Found) -> Result<(Known, Vec<DeadLetter>), Flaw> {
        let connection = &self.database.connection;
        let (nodes, sensors) = registry::read(connection)?;
        let mut known = Known {
            nodes,
            sensors,
            alarms: alarms::read(connection)?,
            suppressions: alarms::read_suppressions(connection)?,
            promises: promises::read_open(connection)?,
            model: model::read(connection)?,
            plans: plans::read(connection)?,
            access: access::read(connection)?,
            next: counters::read(connection)?,
            last_run: journal::last_run(connection)?,
            journal_fault: fault::find(connection, self.end, mark)?,
        };
        // A number may be in use that no batch has told of: only one with entries tells what comes next.
        known.next = later(known.next, numbers_after(&known, self.end));
        if let mark::Found::Mark(mark) = mark {
            known.next = later(known.next, mark.next);
        }
        Ok((known, promises::read_dead(connection, DEAD_LETTERS_MAX)?))
    }

    /// Where the journal ends.
    pub(crate) fn end(&self) -> End {
        self.end
    }

    /// Writes down everything of these changes but the latest values. Writing the same twice does no harm.
    pub(crate) fn write(
        &mut self,
        changes: &Changes,
        registry: &Registry<'_>,
        stamps: &mut Stamps,
    ) -> rusqlite::Result<()> {
        let other_kind = |row: &&Row| registry.sensor(row.sensor).2 != row.kind;
        let kinds: Vec<&Row> = changes.rows.iter().filter(other_kind).collect();
        let is_known = changes.nodes.is_empty()
            && changes.sensors.is_empty()
            && changes.retired.is_empty()
            && kinds.is_empty();
        if is_known && !changes.has_news() && changes.next.is_none() {
            return Ok(());
        }
        let end = self.end;
        self.end = self.transact(|transaction| {
            registry::write(transaction, changes, &kinds, registry)?;
            let end = write_news(transaction, changes, end)?;
            stamps.write(transaction)?;
            Ok(end)
        })?;
        stamps.clear();
        stamps.committed(&changes.entries);
        Ok(())
    }

    /// Writes stamps for which no other transaction has come.
    pub(crate) fn write_stamps(&mut self, stamps: &mut Stamps) -> rusqlite::Result<()> {
        self.transact(|transaction| stamps.write(transaction))?;
        stamps.clear();
        Ok(())
    }

    fn transact<T>(
        &mut self,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let transaction =
            self.database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let written = write(&transaction)?;
        transaction.commit()?;
        Ok(written)
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
        let registry = Latest::restored(known);
        self.write(&changes, &registry.beside(&Changes::default()), &mut Stamps::default())
    }

    /// Called between two commits: keeps the log short.
    pub(crate) fn tidy(&mut self) -> rusqlite::Result<()> {
        self.checkpointer.step(&self.database)
    }
}

fn write_news(transaction: &Transaction<'_>, changes: &Changes, end: End) -> rusqlite::Result<End> {
    let end = journal::append(transaction, &changes.entries, end)?;
    alarms::write(transaction, &changes.alarms)?;
    alarms::write_suppressions(transaction, &changes.suppressions)?;
    promises::write(transaction, &changes.promises, &changes.outcomes)?;
    if let Some(model) = &changes.model {
        model::write(transaction, model)?;
    }
    plans::write(transaction, &changes.plans)?;
    access::write(transaction, &changes.access)?;
    if let Some(next) = changes.next {
        counters::write(transaction, next)?;
    }
    Ok(end)
}

/// The numbers after those that are in use.
fn numbers_after(known: &Known, end: End) -> NextIds {
    NextIds {
        seq: end.seq + 1,
        alarm: known.alarms.iter().map(|alarm| alarm.id.0 + 1).max().unwrap_or(1),
        suppression: known.suppressions.iter().map(|it| it.id.0 + 1).max().unwrap_or(1),
        promise: known.promises.iter().map(|promise| promise.id.0 + 1).max().unwrap_or(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn a_state_of_a_later_program_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        State::open(&path, Occasion::Start).unwrap();
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let refused = State::open(&path, Occasion::Start).unwrap_err().to_string();
        assert!(refused.contains("schema version 99, and this program knows versions up to 3"), "{refused}");
    }
}
