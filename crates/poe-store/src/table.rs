//! The table that others read: the latest value of every sensor.
//!
//! It may lie in a file of ours or in one that belongs to another program. In the second case its schema, its
//! journal mode and its other tables stay as they are found.

use crate::{
    OpenError,
    checkpoint::Checkpointer,
    columns::Columns,
    index::Index,
    latest::Registry,
    refusals::Refused,
    sqlite::{APPLICATION_ID, Database, Found, Occasion},
};
use poe_building::{Known, NodeNo, Profile, Reading, Row, SensorNo, Time};
use poe_wire::SensorKind;
use rusqlite::{
    CachedStatement, Connection,
    ErrorCode::{ConstraintViolation, TypeMismatch},
};
use std::{borrow::Cow, fmt::Write, num::NonZeroI64, path::Path};

/// A foreign log beyond so many pages is moved into its file, as SQLite itself would do it.
const FOREIGN_WAL_PAGES_MAX: u32 = 1000;

/// The table's name unless another is given. Its schema is promised letter for letter, without quotes.
const NAME: &str = "sensors";

/// The open table.
#[derive(Debug)]
pub(crate) struct Table {
    /// Dropped before the database, whose connection is then the last and keeps the log's file for other readers.
    checkpointer: Option<Checkpointer>,
    pub(crate) database: Database,
    name: String,
    upsert: String,
    row_number: Option<&'static str>,
    /// Finds a row by its number, which takes less time than by its key; `None` if rows have no numbers.
    update: Option<String>,
    has_status: bool,
    /// By [`SensorNo`]. A number is only a hint, for which 8 bytes are enough: the row must also have the right key.
    row_numbers: Vec<Option<NonZeroI64>>,
}

impl Table {
    /// Opens the file and makes sure that the table can take readings. Makes both only if there is no file, or
    /// one of ours.
    pub(crate) fn open(path: &Path, name: &str, occasion: Occasion) -> Result<Self, OpenError> {
        let (database, found) = Database::open(path, 0o644, occasion)?;
        let failed = |cause| OpenError::sqlite(path, "prepare", cause);
        let ours = found == Found::Nothing || database.may_be_altered().map_err(failed)?;
        if ours {
            create(&database.connection, name).map_err(failed)?;
            database.use_wal().map_err(failed)?;
        }
        let columns = Columns::discover(&database.connection, path, name)?;
        let checkpointer = if ours {
            Some(
                Checkpointer::start(path.to_owned())
                    .map_err(|cause| OpenError::File { path: path.to_owned(), cause })?,
            )
        } else {
            None
        };
        let set = if columns.has_status { ", status = ?5" } else { "" };
        let update = |number| {
            format!(
                "UPDATE \"{name}\" SET sensor = ?2, value = ?3, time = ?4{set} WHERE {number} = ?6 AND ip_id = ?1"
            )
        };
        Ok(Self {
            upsert: upsert(name, columns),
            row_number: columns.row_number,
            update: columns.row_number.map(update),
            has_status: columns.has_status,
            database,
            checkpointer,
            name: name.to_owned(),
            row_numbers: Vec::new(),
        })
    }

    /// Gives the known sensors their latest values, and makes known the sensors that only the table knows of.
    /// Rows that are no reading of a node of ours are left alone.
    pub(crate) fn load(&mut self, known: &mut Known) -> Result<(), OpenError> {
        let path = self.database.path.clone();
        let failed = |cause| OpenError::sqlite(&path, "read", cause);
        let mut index = Index::new(known);
        self.row_numbers = vec![None; known.sensors.len()];
        let number = self.row_number.unwrap_or("NULL");
        let sql = format!("SELECT {number}, ip_id, sensor, value, time FROM \"{}\"", self.name);
        let mut statement = self.database.connection.prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut left_alone = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            let Some(sensor) = restore(row, &mut index, known) else {
                left_alone += 1;
                continue;
            };
            self.row_numbers.resize(known.sensors.len(), None);
            let number: Option<i64> = row.get(0).map_err(failed)?;
            self.row_numbers[sensor.index()] = number.and_then(NonZeroI64::new);
        }
        if left_alone > 0 {
            let (file, table) = (path.display(), &self.name);
            tracing::warn!(%file, table, left_alone, "{left_alone} rows that are no node's readings are left alone");
        }
        Ok(())
    }

    /// Writes the rows together, and leaves out those that the table refuses.
    ///
    /// Most refusals concern one row. Some, as of a deferred foreign key, concern all that was written with it: then
    /// the rows are written in smaller parts, until the one at fault is alone.
    pub(crate) fn write(&mut self, rows: &[Row], registry: &Registry<'_>) -> rusqlite::Result<Refused> {
        self.row_numbers.resize(registry.sensor_count(), None);
        let mut refused = Refused::default();
        let (mut rest, mut length) = (rows, rows.len());
        while !rest.is_empty() {
            let part = &rest[..length.min(rest.len())];
            match self.write_together(part, registry) {
                Ok(more) => {
                    refused.append(more);
                    length = part.len() * 2;
                }
                Err(error) if !is_refusal(&error) => return Err(error),
                Err(_) if part.len() > 1 => {
                    length = part.len() / 2;
                    continue;
                }
                Err(error) => {
                    let (node, id, _) = registry.sensor(part[0].sensor);
                    refused.add(Keys::default().write(node, id, registry), error);
                }
            }
            rest = &rest[part.len()..];
        }
        Ok(refused)
    }

    /// Writes the rows, all that the table takes or none.
    fn write_together(&mut self, rows: &[Row], registry: &Registry<'_>) -> rusqlite::Result<Refused> {
        self.database.connection.prepare_cached("BEGIN IMMEDIATE")?.raw_execute()?;
        let written = self.write_rows(rows, registry).and_then(|refused| {
            self.database.connection.prepare_cached("COMMIT")?.raw_execute()?;
            Ok(refused)
        });
        if written.is_err() {
            self.database.roll_back();
        }
        written
    }

    /// Called between two commits: keeps the log short.
    pub(crate) fn tidy(&mut self) -> rusqlite::Result<()> {
        match &mut self.checkpointer {
            Some(checkpointer) => checkpointer.step(&self.database),
            None if self.database.wal_pages() > FOREIGN_WAL_PAGES_MAX => self.database.checkpoint(),
            None => Ok(()),
        }
    }

    /// Whether the file is one that we made.
    pub(crate) fn is_ours(&self) -> bool {
        self.checkpointer.is_some()
    }

    fn write_rows(&mut self, rows: &[Row], registry: &Registry<'_>) -> rusqlite::Result<Refused> {
        let connection = &self.database.connection;
        let mut upsert = connection.prepare_cached(&self.upsert)?;
        let mut update = self.update.as_ref().map(|sql| connection.prepare_cached(sql)).transpose()?;
        let mut keys = Keys::default();
        let mut refused = Refused::default();
        for row in rows {
            let (node, id, _) = registry.sensor(row.sensor);
            let key = keys.write(node, id, registry);
            let number = &mut self.row_numbers[row.sensor.index()];
            let written = write_row(&mut upsert, update.as_mut(), number, key, row, self.has_status);
            match written {
                // Unless the refusal has ended the transaction, the rows before and after this one are not concerned.
                Err(error) if is_refusal(&error) && !connection.is_autocommit() => refused.add(key, error),
                written => written?,
            }
        }
        Ok(refused)
    }
}

/// Whether the table does not want what was to be written, while file and disk are well.
fn is_refusal(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ConstraintViolation | TypeMismatch))
}

fn write_row(
    upsert: &mut CachedStatement<'_>,
    update: Option<&mut CachedStatement<'_>>,
    number: &mut Option<NonZeroI64>,
    key: &str,
    row: &Row,
    has_status: bool,
) -> rusqlite::Result<()> {
    let Some(update) = update else {
        bind(upsert, key, row, has_status)?;
        return upsert.raw_execute().map(drop);
    };
    if let Some(number) = number {
        bind(update, key, row, has_status)?;
        update.raw_bind_parameter(6, number.get())?;
        if update.raw_execute()? == 1 {
            return Ok(());
        }
        // Somebody has deleted the row, or given it another number.
    }
    bind(upsert, key, row, has_status)?;
    let mut returned = upsert.raw_query();
    *number = returned.next()?.map(|row| row.get(0)).transpose()?.and_then(NonZeroI64::new);
    // The row is written once the statement has run to its end.
    while returned.next()?.is_some() {}
    Ok(())
}

fn bind(statement: &mut CachedStatement<'_>, key: &str, row: &Row, has_status: bool) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(1, key)?;
    statement.raw_bind_parameter(2, row.kind.name())?;
    statement.raw_bind_parameter(3, row.value)?;
    statement.raw_bind_parameter(4, row.time.as_secs_f64())?;
    if has_status {
        // Its readers know the thresholds of this profile and no others.
        statement.raw_bind_parameter(5, Profile::IIT_2022.status(row.kind, row.value).name())?;
    }
    Ok(())
}

/// Writes keys as text; a node's sensors come together and share its address.
#[derive(Default)]
struct Keys {
    text: String,
    node: Option<(NodeNo, usize)>,
}

impl Keys {
    fn write(&mut self, node: NodeNo, id: u8, registry: &Registry<'_>) -> &str {
        match self.node {
            Some((latest, length)) if latest == node => self.text.truncate(length),
            _ => {
                self.text.clear();
                write!(self.text, "{}_", registry.address(node)).expect("a string takes any text");
                self.node = Some((node, self.text.len()));
            }
        }
        write!(self.text, "{id}").expect("a string takes any text");
        &self.text
    }
}

/// Gives a sensor the value that a row has for it, if it is a reading that a node could have sent.
fn restore(row: &rusqlite::Row<'_>, index: &mut Index, known: &mut Known) -> Option<SensorNo> {
    let key = row.get_ref(1).ok()?.as_str().ok()?;
    let kind: SensorKind = row.get_ref(2).ok()?.as_str().ok()?.parse().ok()?;
    let value: u8 = row.get(3).ok()?;
    let time = Time::from_secs_f64(row.get(4).ok()?);
    let sensor = index.find_or_add(known, key, kind, time)?;
    let status = Profile::IIT_2022.status(kind, value);
    let known = &mut known.sensors[sensor.index()];
    // After a crash between the two files `state.db` may be ahead. What the table shows is what counts.
    known.kind = kind;
    known.latest = Some(Reading { time, kind, value, status });
    Some(sensor)
}

/// Makes the table and the mark together, so that a crash leaves either an empty file or one of ours.
fn create(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    let exists: bool = connection.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE",
        [name],
        |row| row.get(0),
    )?;
    if exists {
        return Ok(());
    }
    // Any other name may be a word of SQL.
    let name = if name == NAME { Cow::Borrowed(name) } else { Cow::Owned(format!("\"{name}\"")) };
    connection
        .execute_batch(&format!(
            "BEGIN IMMEDIATE;
             PRAGMA application_id = {APPLICATION_ID};
             CREATE TABLE {name} (
                 ip_id  TEXT PRIMARY KEY NOT NULL,
                 sensor TEXT NOT NULL,
                 value  INTEGER NOT NULL,
                 time   REAL NOT NULL
             );
             COMMIT"
        ))
        .inspect_err(|_| _ = connection.execute_batch("ROLLBACK"))
}

fn upsert(name: &str, columns: Columns) -> String {
    let (column, value, set) =
        if columns.has_status { (", status", ", ?5", ", status = excluded.status") } else { ("", "", "") };
    let returning = columns.row_number.map_or_else(String::new, |number| format!(" RETURNING {number}"));
    format!(
        "INSERT INTO \"{name}\" (ip_id, sensor, value, time{column}) VALUES (?1, ?2, ?3, ?4{value})
         ON CONFLICT (ip_id) DO UPDATE
         SET sensor = excluded.sensor, value = excluded.value, time = excluded.time{set}{returning}"
    )
}
