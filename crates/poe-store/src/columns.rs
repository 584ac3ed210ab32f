//! Whether a table, made by us or by somebody else, can take readings.

use crate::OpenError;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::{Path, PathBuf};

/// The columns that we fill; `status` where it exists.
const COLUMNS: [&str; 4] = ["ip_id", "sensor", "value", "time"];
/// What SQLite calls the number of a row, unless a column is called so.
const ROW_NUMBERS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// What the table looks like, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    pub(crate) has_status: bool,
    /// What the number of a row can be called; `None` if rows have no numbers, or columns have taken all its names.
    pub(crate) row_number: Option<&'static str>,
}

impl Columns {
    /// Looks at the table, and refuses one that cannot take readings.
    pub(crate) fn discover(connection: &Connection, path: &Path, table: &str) -> Result<Self, OpenError> {
        let failed = |cause| OpenError::sqlite(path, "read the schema of", cause);
        let unfit = |problem: String| OpenError::UnfitTable {
            path: PathBuf::from(path),
            table: table.to_owned(),
            problem,
        };
        let sql = "SELECT type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE";
        let found = connection
            .query_row(sql, [table], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)))
            .optional()
            .map_err(failed)?;
        let (without_rowid, primary_key) = match found {
            Some((kind, without_rowid)) if kind == "table" => (without_rowid, primary_key(connection, table)),
            Some((kind, _)) => return Err(unfit(format!("it is a {kind}, which takes no readings"))),
            None => return Err(OpenError::NoTable { path: path.to_owned(), table: table.to_owned() }),
        };
        let primary_key = primary_key.map_err(failed)?;

        let mut missing = COLUMNS.to_vec();
        let mut row_numbers = if without_rowid { Vec::new() } else { ROW_NUMBERS.to_vec() };
        let mut has_status = false;
        let sql =
            "SELECT name, type, \"notnull\", dflt_value IS NOT NULL, hidden FROM pragma_table_xinfo(?1)";
        let mut statement = connection.prepare(sql).map_err(failed)?;
        let mut rows = statement.query([table]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let name: String = row.get(0).map_err(failed)?;
            let kind: String = row.get(1).map_err(failed)?;
            let (required, has_default, hidden): (bool, bool, i64) =
                (row.get(2).map_err(failed)?, row.get(3).map_err(failed)?, row.get(4).map_err(failed)?);
            let numbers_rows = !without_rowid
                && kind.eq_ignore_ascii_case("INTEGER")
                && primary_key == [name.to_lowercase()];
            let lower = name.to_lowercase();
            row_numbers.retain(|number| *number != lower);
            if let Some(at) = missing.iter().position(|column| *column == lower) {
                missing.remove(at);
            } else if lower == "status" {
                has_status = true;
            } else if required && !has_default && !numbers_rows && hidden == 0 {
                return Err(unfit(format!(
                    "its column {name:?} must have a value, and readings have none for it; give it a default or allow NULL"
                )));
            }
        }
        if let [column, ..] = missing[..] {
            return Err(unfit(format!(
                "it has no column {column:?}; needed are ip_id, sensor, value and time"
            )));
        }
        if primary_key != ["ip_id"] && !has_unique_index(connection, table).map_err(failed)? {
            return Err(unfit(
                "its column \"ip_id\" is not unique, so that a sensor could have two rows; make it UNIQUE"
                    .to_owned(),
            ));
        }
        Ok(Self { has_status, row_number: row_numbers.first().copied() })
    }
}

/// The columns of the primary key in lower case.
fn primary_key(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT lower(name) FROM pragma_table_xinfo(?1) WHERE pk > 0 ORDER BY pk";
    connection.prepare(sql)?.query_map([table], |row| row.get(0))?.collect()
}

/// Whether an index, other than that of the primary key, lets no `ip_id` come twice.
fn has_unique_index(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (
        SELECT 1 FROM pragma_index_list(?1) AS i
        WHERE i.\"unique\" AND NOT i.partial
          AND (SELECT group_concat(lower(coalesce(name, ''))) FROM pragma_index_info(i.name)) = 'ip_id')";
    connection.query_row(sql, params![table], |row| row.get(0))
}
