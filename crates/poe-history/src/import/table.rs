//! The table of latest values that a server keeps, or a script before it did, in a file of SQLite.

use super::{
    Intake,
    cells::{Cell, Cells, Content, Whose},
};
use crate::error::{HistoryError, Result};
use rusqlite::{Connection, OpenFlags, Row, types::ValueRef};
use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

/// The name of the table, where nobody says another.
const DEFAULT: &str = "sensors";
/// The columns that it has at least.
const NEEDED: [&str; 4] = ["ip_id", "sensor", "value", "time"];

pub(super) fn read(file: &Path, table: Option<&str>, intake: &mut Intake<'_>) -> Result<()> {
    let unread = |cause: rusqlite::Error| wrong(file, cause.to_string());
    let connection = open(file).map_err(unread)?;
    let table = find(&connection, table).map_err(unread)?.map_err(|why| wrong(file, why))?;
    let has_status = columns(&connection, &table).map_err(unread)?.iter().any(|name| name == "status");
    let status = if has_status { "status" } else { "NULL" };
    let sql = format!("SELECT ip_id, sensor, value, time, {status} FROM {}", quoted(&table));
    let mut select = connection.prepare(&sql).map_err(unread)?;
    let mut rows = select.query([]).map_err(unread)?;
    let mut number = 0;
    while let Some(row) = rows.next().map_err(unread)? {
        number += 1;
        let cell = |at: usize, column| -> rusqlite::Result<Cell<'_>> {
            Ok(Cell { column, content: content(row, at)? })
        };
        let cells = || -> rusqlite::Result<Cells<'_>> {
            Ok(Cells {
                whose: Whose::Key(cell(0, "ip_id")?),
                kind: cell(1, "sensor")?,
                value: cell(2, "value")?,
                time: cell(3, "time")?,
                status: Some(cell(4, "status")?),
            })
        };
        let reading = cells().map_err(unread)?.reading(intake.profile);
        intake.take(number, reading)?;
    }
    Ok(())
}

fn wrong(file: &Path, why: String) -> HistoryError {
    HistoryError::Import { place: file.display().to_string(), why }
}

fn content<'a>(row: &'a Row<'_>, at: usize) -> rusqlite::Result<Content<'a>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Integer(number) => Content::Number(number as f64),
        ValueRef::Real(number) => Content::Number(number),
        ValueRef::Text(text) => std::str::from_utf8(text).map_or(Content::Text("\u{fffd}"), Content::Text),
        ValueRef::Null | ValueRef::Blob(_) => Content::Other,
    })
}

/// Opens the file so that nothing in it or beside it changes. One that has a write-ahead log when it is in use, and is not
/// in use, is read as it lies there: asked in the usual way, SQLite would make a log beside it.
fn open(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    if fs::exists(log).unwrap_or(true) || !wants_log(file) {
        return Connection::open_with_flags(file, flags);
    }
    let mut name = String::from("file:");
    for byte in file.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => name.push((*byte).into()),
            byte => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name.push_str("?immutable=1");
    Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_URI)
}

/// Whether the file's header says so.
fn wants_log(file: &Path) -> bool {
    const READ_VERSION_AT: usize = 19;
    let mut header = [0; READ_VERSION_AT + 1];
    File::open(file).and_then(|mut file| file.read_exact(&mut header)).is_ok() && header[READ_VERSION_AT] == 2
}

/// The table that is meant, or why there is none.
fn find(connection: &Connection, wanted: Option<&str>) -> rusqlite::Result<Result<String, String>> {
    let mut tables = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")?;
    let tables: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let lacks = |table: &str| -> rusqlite::Result<Option<&str>> {
        let columns = columns(connection, table)?;
        Ok(NEEDED.into_iter().find(|needed| !columns.iter().any(|column| column == needed)))
    };
    let is_there = |name: &str| tables.iter().find(|table| table.eq_ignore_ascii_case(name)).cloned();
    let named = match wanted {
        Some(name) => match is_there(name) {
            Some(table) => Some(table),
            None => {
                return Ok(Err(format!("there is no table {name}; there is {}", listed(&tables))));
            }
        },
        None => is_there(DEFAULT),
    };
    if let Some(table) = named {
        return Ok(match lacks(&table)? {
            None => Ok(table),
            Some(column) => Err(format!(
                "the table {table} has no column {column}; needed are {}, with or without status",
                NEEDED.join(", ")
            )),
        });
    }
    let mut fitting = Vec::new();
    for table in &tables {
        if lacks(table)?.is_none() {
            fitting.push(table.clone());
        }
    }
    Ok(match &fitting[..] {
        [table] => Ok(table.clone()),
        [] => {
            Err(format!("no table in it has the columns {}; there is {}", NEEDED.join(", "), listed(&tables)))
        }
        several => Err(format!("several tables fit: {}; say which one", listed(several))),
    })
}

fn listed(tables: &[String]) -> String {
    if tables.is_empty() { "none".to_owned() } else { tables.join(", ") }
}

/// The names of a table's columns, in small letters.
fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut columns = connection.prepare("SELECT lower(name) FROM pragma_table_info(?1)")?;
    columns.query_map([table], |row| row.get(0))?.collect()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
