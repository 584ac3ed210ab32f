//! Both files together: opened, committed to, and opened anew after the disk has failed.

use crate::{Cause, CommitError, DataFolder, Latest, OpenError, state::State, table::Table};
use poe_building::{Changes, Known};
use std::{path::PathBuf, sync::Arc};

/// Which files a store uses.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The file with the table that others read.
    pub table_file: PathBuf,
    /// The table's name: letters, digits and underscores.
    pub table: String,
}

/// The memory. It belongs to one thread, the recorder's.
#[derive(Debug)]
pub struct Store {
    options: StoreOptions,
    state_file: PathBuf,
    /// `None` after the disk has failed, until the file could be opened anew.
    state: Option<State>,
    table: Option<Table>,
    latest: Arc<Latest>,
    /// Held until the last write is done.
    _folder: DataFolder,
}

/// What a commit has left behind.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Committed {
    /// Rows written to the table.
    pub rows: usize,
    /// Bytes of the log of `state.db`.
    pub state_wal_bytes: u64,
    /// Bytes of the log of the table's file.
    pub table_wal_bytes: u64,
}

impl Store {
    /// Opens both files, or makes them, and tells who is known.
    ///
    /// # Errors
    /// Anything that makes it unsafe to go on. Nothing has been changed then.
    pub fn open(folder: DataFolder, options: StoreOptions) -> Result<(Self, Known), OpenError> {
        let state_file = folder.join("state.db");
        let mut table = Table::open(&options.table_file, &options.table)?;
        let mut state = State::open(&state_file)?;
        let mut known = state.load()?;
        let (nodes, sensors) = (known.nodes.len(), known.sensors.len());
        table.load(&mut known)?;
        state
            .adopt(&known, nodes, sensors)
            .map_err(|cause| OpenError::sqlite(&state_file, "write to", cause))?;
        let latest = Arc::new(Latest::restored(&known));
        let store =
            Self { options, state_file, state: Some(state), table: Some(table), latest, _folder: folder };
        Ok((store, known))
    }

    /// What has been committed, for everyone to see.
    pub fn latest(&self) -> Arc<Latest> {
        Arc::clone(&self.latest)
    }

    /// Writes the changes down. Once it returns they survive a power cut, and [`Latest`] shows them.
    ///
    /// # Errors
    /// Nothing is shown, and the same changes must be committed again. A file on which a read, a write or a sync
    /// has failed is not used as it is again: what the system believes to be written may be lost. It is closed and,
    /// with the next try, opened, checked and emptied of its log, before the changes are written anew.
    pub fn commit(&mut self, changes: &Changes) -> Result<Committed, CommitError> {
        let registry = self.latest.beside(changes);

        let state = reopen(&mut self.state, || State::open(&self.state_file), |state| &state.database)?;
        if let Err(error) = state.write(changes, &registry) {
            return Err(close_if_suspect(&mut self.state, &self.state_file, "write to", error));
        }
        let options = &self.options;
        let open = || Table::open(&options.table_file, &options.table);
        let table = reopen(&mut self.table, open, |table| &table.database)?;
        if let Err(error) = table.write(&changes.rows, &registry) {
            return Err(close_if_suspect(&mut self.table, &self.options.table_file, "write to", error));
        }
        drop(registry);
        self.latest.publish(changes);
        Ok(Committed {
            rows: changes.rows.len(),
            state_wal_bytes: state.database.wal_bytes(),
            table_wal_bytes: table.database.wal_bytes(),
        })
    }

    /// Called between two commits: keeps the logs short.
    ///
    /// # Errors
    /// What was committed stays so.
    pub fn tidy(&mut self) -> Result<(), CommitError> {
        let doing = "move the log into";
        if let Some(Err(error)) = self.state.as_ref().map(State::tidy) {
            return Err(close_if_suspect(&mut self.state, &self.state_file, doing, error));
        }
        if let Some(Err(error)) = self.table.as_mut().map(Table::tidy) {
            return Err(close_if_suspect(&mut self.table, &self.options.table_file, doing, error));
        }
        Ok(())
    }

    /// Moves the logs into the files, so that the next start is quick, and closes them.
    pub fn close(self) {
        let databases =
            [self.state.as_ref().map(|state| &state.database), self.table.as_ref().map(|t| &t.database)];
        for database in databases.into_iter().flatten() {
            if let Err(cause) = database.checkpoint() {
                tracing::warn!(%cause, file = %database.path.display(), "the log could not be moved into the file");
            }
        }
    }
}

/// The open file, opened anew if it was closed after a failure.
fn reopen<T>(
    slot: &mut Option<T>,
    open: impl FnOnce() -> Result<T, OpenError>,
    database: impl FnOnce(&T) -> &crate::sqlite::Database,
) -> Result<&mut T, CommitError> {
    if slot.is_none() {
        let opened = open().map_err(CommitError::reopen)?;
        let database = database(&opened);
        // Frames of the log that were written but never synced would be taken for durable by the next sync. Moved
        // into the file they are written again, and that sync counts.
        let emptied =
            database.empty_wal().map_err(|error| CommitError::new(&database.path, "check", error))?;
        if !emptied {
            return Err(CommitError::busy(&database.path, "empty the log of"));
        }
        tracing::info!(file = %database.path.display(), "the file is open again after a failure");
        *slot = Some(opened);
    }
    Ok(slot.as_mut().expect("it was put there above"))
}

/// Makes the error that is told, and closes the file if it can no longer be trusted.
fn close_if_suspect<T>(
    slot: &mut Option<T>,
    path: &std::path::Path,
    doing: &'static str,
    error: rusqlite::Error,
) -> CommitError {
    let error = CommitError::new(path, doing, error);
    if !error.cause.may_retry_as_is() {
        *slot = None;
    }
    error
}

impl CommitError {
    fn new(path: &std::path::Path, doing: &'static str, error: rusqlite::Error) -> Self {
        Self { path: path.to_owned(), doing, cause: Cause::of(&error), source: Box::new(error) }
    }

    fn busy(path: &std::path::Path, doing: &'static str) -> Self {
        Self { path: path.to_owned(), doing, cause: Cause::Busy, source: "a reader holds on to it".into() }
    }

    fn reopen(error: OpenError) -> Self {
        let (path, cause) = match &error {
            OpenError::Locked { path } => (path.clone(), Cause::Busy),
            OpenError::Sqlite { path, cause, .. } => (path.clone(), Cause::of(cause)),
            OpenError::File { path, .. } => (path.clone(), Cause::Io),
            OpenError::Folder { path, .. }
            | OpenError::FolderInUse { path, .. }
            | OpenError::NotADatabase { path }
            | OpenError::Damaged { path, .. }
            | OpenError::NewerSchema { path, .. }
            | OpenError::NoTable { path, .. }
            | OpenError::UnfitTable { path, .. } => (path.clone(), Cause::Other),
        };
        Self { path, doing: "open", cause, source: Box::new(error) }
    }
}
