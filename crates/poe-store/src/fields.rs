//! Rows of ours, read column by column. Whatever is wrong with one is told with its name.

use crate::{OpenError, chain::Hash};
use poe_building::{Due, Source, Text, Ticks, Time, Who};
use rusqlite::{Connection, Row, ToSql, types::ValueRef};
use std::{path::Path, str::FromStr, time::Duration};

/// What keeps rows from being read.
#[derive(Debug)]
pub(crate) enum Flaw {
    /// SQLite failed.
    Sqlite(rusqlite::Error),
    /// A row holds what nobody could have written.
    Broken(String),
}

impl From<rusqlite::Error> for Flaw {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Flaw {
    /// The words for it, when this file was read.
    pub(crate) fn of(self, path: &Path) -> OpenError {
        match self {
            Self::Sqlite(cause) => OpenError::sqlite(path, "read", cause),
            Self::Broken(detail) => OpenError::Damaged { path: path.to_owned(), detail },
        }
    }
}

/// Reads every row that the query finds. The first column names the row where something is wrong with it.
pub(crate) fn read_all<T>(
    connection: &Connection,
    table: &str,
    sql: &str,
    parameters: &[&dyn ToSql],
    read: impl Fn(&mut Fields<'_>) -> Result<T, Flaw>,
) -> Result<Vec<T>, Flaw> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let item = read(&mut Fields { row, next: 0 }).map_err(|flaw| match flaw {
            Flaw::Broken(detail) => Flaw::Broken(format!("{table}, row {}: {detail}", name(row))),
            flaw @ Flaw::Sqlite(_) => flaw,
        });
        all.push(item?);
    }
    Ok(all)
}

fn name(row: &Row<'_>) -> String {
    match row.get_ref(0) {
        Ok(ValueRef::Integer(number)) => number.to_string(),
        Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).escape_debug().to_string(),
        _ => "without a name".to_owned(),
    }
}

/// The columns of a row, from left to right.
pub(crate) struct Fields<'a> {
    row: &'a Row<'a>,
    next: usize,
}

impl<'a> Fields<'a> {
    fn value(&mut self) -> Result<ValueRef<'a>, Flaw> {
        let value = self.row.get_ref(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// Columns that do not matter for this row.
    pub(crate) fn skip(&mut self, columns: usize) {
        self.next += columns;
    }

    /// What is wrong with the column that was read last.
    pub(crate) fn broken(&self, found: impl std::fmt::Debug) -> Flaw {
        let column = self.next.checked_sub(1).and_then(|at| self.row.as_ref().column_name(at).ok());
        Flaw::Broken(format!("{} cannot be {found:?}", column.unwrap_or("a column")))
    }

    /// A whole number in the range of its type.
    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, Flaw> {
        match self.value()? {
            ValueRef::Integer(number) => T::try_from(number).map_err(|_| self.broken(number)),
            other => Err(self.broken(other)),
        }
    }

    pub(crate) fn flag(&mut self) -> Result<bool, Flaw> {
        match self.number::<i64>()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.broken(other)),
        }
    }

    pub(crate) fn str(&mut self) -> Result<&'a str, Flaw> {
        let value = self.value()?;
        match value {
            ValueRef::Text(_) => value.as_str().map_err(|_| self.broken("text that is not UTF-8")),
            other => Err(self.broken(other)),
        }
    }

    /// A hash, if it is one.
    pub(crate) fn hash(&mut self) -> Result<Option<Hash>, Flaw> {
        Ok(self.value()?.as_blob().ok().and_then(|hash| hash.try_into().ok()))
    }

    pub(crate) fn text(&mut self) -> Result<Text, Flaw> {
        self.str().map(Text::from)
    }

    /// A word of those that the type knows.
    pub(crate) fn word<T: FromStr>(&mut self) -> Result<T, Flaw> {
        let word = self.str()?;
        word.parse().map_err(|_| self.broken(word))
    }

    pub(crate) fn time(&mut self) -> Result<Time, Flaw> {
        self.number().map(Time)
    }

    /// What an earlier run wrote down as due. On the clock that nobody can set its time has yet to be found.
    pub(crate) fn due(&mut self) -> Result<Due, Flaw> {
        Ok(Due { ticks: Ticks(0), time: self.time()? })
    }

    pub(crate) fn millis(&mut self) -> Result<Duration, Flaw> {
        self.number().map(Duration::from_millis)
    }

    /// Two columns: which kind of source, and its name.
    pub(crate) fn source(&mut self) -> Result<Source, Flaw> {
        let kind = self.str()?;
        let name = self.str()?;
        Source::from_kind_and_name(kind, name).map_err(|_| self.broken(format!("{kind} {name}")))
    }

    /// Two columns: a name and an origin.
    pub(crate) fn who(&mut self) -> Result<Who, Flaw> {
        Ok(Who { name: self.text()?, origin: self.text()? })
    }

    /// What these `columns` hold together; `None` if all of them are empty.
    pub(crate) fn maybe<T>(
        &mut self,
        columns: usize,
        read: impl FnOnce(&mut Self) -> Result<T, Flaw>,
    ) -> Result<Option<T>, Flaw> {
        for at in self.next..self.next + columns {
            if self.row.get_ref(at)? != ValueRef::Null {
                return read(self).map(Some);
            }
        }
        self.next += columns;
        Ok(None)
    }
}

/// A number as SQLite holds it. Ours are counted up from 1 and never come near the end.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A duration as the columns that end in `_ms` hold it.
pub(crate) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
