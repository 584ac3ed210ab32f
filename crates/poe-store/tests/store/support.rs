//! A building with a memory, without sockets and threads between them.

use poe_building::{Building, Changes, Input, Limits, Scope, Time};
use poe_store::{CommitError, Committed, DataFolder, OpenError, Store, StoreOptions};
use poe_wire::{Message, SensorKind};
use rusqlite::{Connection, types::Value};
use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Where a building's memory lies. It goes with the last use.
pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) table_file: PathBuf,
    pub(crate) table: &'static str,
}

impl House {
    /// A house whose table is in a file of ours.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let table_file = folder.path().join("data/poe.db");
        Self { folder, table_file, table: "sensors" }
    }

    /// A house whose table is in a file that this SQL has made.
    pub(crate) fn with_file_of_another(table: &'static str, sql: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let table_file = folder.path().join("site.db");
        Connection::open(&table_file).unwrap().execute_batch(sql).unwrap();
        Self { folder, table_file, table }
    }

    pub(crate) fn state_file(&self) -> PathBuf {
        self.folder.path().join("data/state.db")
    }

    pub(crate) fn open(&self) -> Result<Night, OpenError> {
        let folder = DataFolder::lock(&self.folder.path().join("data"))?;
        let options = StoreOptions { table_file: self.table_file.clone(), table: self.table.to_owned() };
        let (store, known) = Store::open(folder, options)?;
        let building = Building::restore(Limits::default(), &known, Time::from_secs(0));
        Ok(Night { building, store, changes: Changes::default() })
    }

    /// Why it cannot be opened, in one line.
    #[track_caller]
    pub(crate) fn refusal(&self) -> String {
        let Err(error) = self.open() else { panic!("it was opened") };
        let text = error.to_string();
        assert!(!text.contains('\n'), "more than one line: {text}");
        text
    }

    /// What another program sees in the table.
    pub(crate) fn rows(&self) -> Vec<Vec<Value>> {
        self.query(&format!("SELECT * FROM {} ORDER BY ip_id", self.table))
    }

    /// What another program is answered.
    pub(crate) fn query(&self, sql: &str) -> Vec<Vec<Value>> {
        query(&Connection::open(&self.table_file).unwrap(), sql)
    }

    pub(crate) fn value(&self, key: &str) -> Option<i64> {
        let rows = self.query(&format!("SELECT value FROM {} WHERE ip_id = '{key}'", self.table));
        rows.first().map(|row| match row[0] {
            Value::Integer(value) => value,
            ref other => panic!("{other:?}"),
        })
    }

    /// The log of the table's file.
    pub(crate) fn wal(&self) -> PathBuf {
        beside(&self.table_file, "-wal")
    }

    pub(crate) fn wal_bytes(&self) -> u64 {
        fs::metadata(self.wal()).map_or(0, |file| file.len())
    }
}

/// A building at work.
pub(crate) struct Night {
    pub(crate) building: Building,
    pub(crate) store: Store,
    changes: Changes,
}

impl Night {
    /// Readings come from a node, this many seconds after 1970.
    pub(crate) fn read(&mut self, node: &str, at_s: i64, readings: &[(u8, SensorKind, u8)]) {
        let frame = |&(id, kind, value)| poe_wire::Frame::from(Message::Post { id, kind, value }).0;
        let bytes: Vec<u8> = readings.iter().flat_map(frame).collect();
        let input = Input::Datagram { from: node.parse().unwrap(), bytes: &bytes };
        self.building.handle(input, Time::from_secs(at_s), &mut Vec::new());
    }

    /// Writes down what has changed, as the recorder does: the same batch until it is stored.
    pub(crate) fn commit(&mut self) -> Result<Committed, CommitError> {
        self.building.take_changes(Scope::All, &mut self.changes);
        let committed = self.store.commit(&self.changes, &mut || {})?;
        self.changes.clear();
        self.store.tidy()?;
        Ok(committed)
    }

    /// Readings come and are stored.
    #[track_caller]
    pub(crate) fn record(&mut self, node: &str, at_s: i64, readings: &[(u8, SensorKind, u8)]) {
        self.read(node, at_s, readings);
        self.commit().unwrap();
    }
}

pub(crate) fn query(connection: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..columns).map(|column| row.get(column)).collect();
    statement.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}

pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(ending);
    name.into()
}

/// The bytes of every file in the folder, by name, but of those that only say who is there just now.
pub(crate) fn fingerprint(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.append(&mut fingerprint(&path));
        } else if !path.to_string_lossy().ends_with("-shm") && !path.ends_with("poe.lock") {
            let mut hasher = DefaultHasher::new();
            fs::read(&path).unwrap().hash(&mut hasher);
            files.insert(path, hasher.finish());
        }
    }
    files
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
