//! Which part of the file each item of the model came from.

use super::{error::Found, table::Table};
use poe_building::{Item, Problem};
use std::collections::{HashMap, HashSet};
use toml::de::{DeTable, DeValue};

/// The tables that became items.
#[derive(Default)]
pub(super) struct Sections<'a, 'i> {
    tables: HashMap<Item, Section<'a, 'i>>,
    not_understood: HashSet<Item>,
    found: Vec<Found>,
}

struct Section<'a, 'i> {
    at: usize,
    entries: &'a DeTable<'i>,
}

impl<'a, 'i> Sections<'a, 'i> {
    /// Reads the table of an item, and keeps where it stood.
    pub(super) fn one<T>(
        &mut self,
        item: Item,
        mut table: Table<'a, 'i>,
        read: impl FnOnce(&mut Table<'a, 'i>) -> T,
    ) -> T {
        let section = Section { at: table.at(), entries: table.entries() };
        self.tables.insert(item, section);
        let value = read(&mut table);
        let found = table.finish();
        if !found.is_empty() {
            self.not_understood.insert(item);
        }
        self.found.extend(found);
        value
    }

    /// Reads every table of a kind. Each becomes an item, understood or not, so that the indexes agree.
    pub(super) fn each<T>(
        &mut self,
        tables: Vec<Table<'a, 'i>>,
        item: fn(usize) -> Item,
        read: impl Fn(&mut Table<'a, 'i>) -> T,
    ) -> Vec<T> {
        tables.into_iter().enumerate().map(|(at, table)| self.one(item(at), table, &read)).collect()
    }

    /// The items of which something could not be read.
    pub(super) fn not_understood(&self) -> &HashSet<Item> {
        &self.not_understood
    }

    /// What could not be read.
    pub(super) fn take_found(&mut self) -> Vec<Found> {
        std::mem::take(&mut self.found)
    }

    /// Where a problem of the model stands in the file: at its key, or where the item begins if it has no such key.
    pub(super) fn found(&self, Problem { item, field, what }: Problem) -> Found {
        let name = name(item);
        let key = if field.is_empty() { name.to_owned() } else { format!("{name}.{field}") };
        let Some(section) = self.tables.get(&item) else { return Found { at: 0, key, what } };
        let (mut at, mut entries) = (section.at, Some(section.entries));
        for part in field.split('.') {
            let Some((written, value)) = entries.and_then(|entries| entries.get_key_value(part)) else {
                break;
            };
            at = written.span().start;
            entries = match value.get_ref() {
                DeValue::Table(inner) => Some(inner),
                _ => None,
            };
        }
        Found { at, key, what }
    }
}

/// What the table of an item is called in the file.
fn name(item: Item) -> &'static str {
    match item {
        Item::Site => "site",
        Item::Place(_) => "place",
        Item::Switch(_) => "switch",
        Item::Node(_) => "node",
        Item::Sensor(_) => "sensor",
        Item::Rule(_) => "rule",
        Item::Target(_) => "target",
        Item::Group(_) => "group",
        Item::Heartbeat => "heartbeat",
    }
}
