//! Lists of the model, an item a row.

use crate::fields::{Flaw, read_all};
use poe_building::Text;
use rusqlite::{Connection, Transaction, params};
use std::collections::HashMap;

/// Writes a list of a row.
pub(crate) fn write<'a>(
    transaction: &Transaction<'_>,
    owner: &str,
    position: i64,
    list: &str,
    items: impl IntoIterator<Item = &'a str>,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO lists (owner, position, list, item, text) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (item, text) in (0_i64..).zip(items) {
        insert.execute(params![owner, position, list, item, text])?;
    }
    Ok(())
}

/// Every list.
pub(crate) struct Lists(HashMap<(String, i64, String), Vec<Text>>);

impl Lists {
    pub(crate) fn read(connection: &Connection) -> Result<Self, Flaw> {
        let sql = "SELECT owner, position, list, text FROM lists ORDER BY owner, position, list, item";
        let rows = read_all(connection, "lists", sql, &[], |fields| {
            let (owner, position) = (fields.str()?.to_owned(), fields.number()?);
            Ok(((owner, position, fields.str()?.to_owned()), fields.text()?))
        })?;
        let mut lists: HashMap<_, Vec<_>> = HashMap::new();
        for (list, item) in rows {
            lists.entry(list).or_default().push(item);
        }
        Ok(Self(lists))
    }

    /// A list of a row.
    pub(crate) fn get(&self, owner: &str, position: i64, list: &str) -> Vec<Text> {
        self.0.get(&(owner.to_owned(), position, list.to_owned())).cloned().unwrap_or_default()
    }
}
