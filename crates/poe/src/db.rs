//! The database of a server, opened and checked before anything listens.

use crate::clock::Clock;
use poe_building::{
    Access, Building, Changes, EntryKind, Known, Limits, Model, Order, OrderRefused, Scope, Time, Who,
};
use poe_store::{BackupSource, CommitError, DataFolder, OpenError, Store, StoreOptions};
use std::path::{Path, PathBuf};

/// An open database: the table that others read, and the folder with what is the server's own.
///
/// It is locked: no other server can use the same folder at the same time.
#[derive(Debug)]
pub struct Db {
    pub(crate) store: Store,
    pub(crate) known: Known,
    /// Where everything lies.
    pub(crate) source: BackupSource,
}

/// Where a database lies.
#[derive(Clone, Debug)]
pub struct DbOptions {
    /// The folder with what is the server's own. It is made if it does not exist.
    pub data_dir: PathBuf,
    /// The SQLite file with the table that others read. It is made if it does not exist, and only then altered.
    pub file: PathBuf,
    /// The table's name.
    pub table: String,
}

/// Why an order could not be carried out while no server runs.
#[derive(Debug, thiserror::Error)]
pub enum SetBuildingError {
    /// The building refuses it, as one that contradicts itself.
    #[error("{0}")]
    Refused(#[from] OrderRefused),
    /// It cannot be stored.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Db {
    /// Opens the SQLite file at `path`, or makes it. The table is called `sensors`; what is the server's own lies
    /// beside the file, in a folder of the same name with `.poe` at its end.
    ///
    /// # Errors
    /// The file is no database, is damaged, belongs to another program and has no fitting table, or is in use.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let file = path.as_ref().to_owned();
        let mut data_dir = file.clone().into_os_string();
        data_dir.push(".poe");
        Self::open_with(DbOptions { data_dir: data_dir.into(), file, table: "sensors".to_owned() })
    }

    /// The same with every name given.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn open_with(options: DbOptions) -> Result<Self, OpenError> {
        let DbOptions { data_dir, file, table } = options;
        let folder = DataFolder::lock(&data_dir)?;
        let options = StoreOptions { table_file: file.clone(), table: table.clone() };
        let (store, known) = Store::open(folder, options)?;
        Ok(Self { store, known, source: BackupSource { data_dir, table_file: file, table } })
    }

    /// Puts a building in force while no server runs, and returns its version. It is journalled as on a running one.
    ///
    /// # Errors
    /// The building contradicts itself, or cannot be stored.
    pub fn set_building(self, model: Model, who: &Who) -> Result<u64, SetBuildingError> {
        let order = Order::SetModel { model: Box::new(model), from_version: None };
        Ok(self.order([order], who)?.model().version)
    }

    /// What people have said about the building.
    pub fn model(&self) -> &Model {
        &self.known.model
    }

    /// The time of the last reading that was stored.
    pub fn last_reading(&self) -> Option<Time> {
        self.known.sensors.iter().filter_map(|sensor| sensor.latest).map(|reading| reading.time).max()
    }

    /// Who may come in.
    pub fn access(&self) -> &Access {
        &self.known.access
    }

    /// Carries out an order while no server runs. It is journalled as on a running one, also if it is refused.
    ///
    /// # Errors
    /// It is refused, or cannot be stored.
    pub fn carry_out(self, order: Order, who: &Who) -> Result<(), SetBuildingError> {
        self.carry_out_all([order], who)
    }

    /// The same with several orders, in their order and in one step, up to the first that is refused.
    ///
    /// # Errors
    /// One is refused, or they cannot be stored.
    pub fn carry_out_all(
        self,
        orders: impl IntoIterator<Item = Order>,
        who: &Who,
    ) -> Result<(), SetBuildingError> {
        self.order(orders, who).map(drop)
    }

    /// Journals that a backup was made while no server ran, as a running one does it.
    ///
    /// # Errors
    /// It cannot be stored.
    pub fn note_backup(self, text: &str, who: &Who) -> Result<(), SetBuildingError> {
        self.carry_out(Order::Note { kind: EntryKind::BackupMade, source: None, text: text.into() }, who)
    }

    /// Carries out orders, and returns the building as it is then.
    fn order(
        mut self,
        orders: impl IntoIterator<Item = Order>,
        who: &Who,
    ) -> Result<Building, SetBuildingError> {
        let stamps = self.known.sensors.iter().filter_map(|sensor| sensor.latest).map(|latest| latest.time);
        let mut clock = Clock::new(stamps);
        let mut building = Building::restore(Limits::default(), &self.known, clock.now());
        let done = orders.into_iter().try_for_each(|order| building.order(order, who, clock.now()).map(drop));
        let mut changes = Changes::default();
        building.take_changes(Scope::All, &mut changes);
        self.store.commit(&changes, &mut || {})?;
        self.store.close();
        done?;
        Ok(building)
    }
}
