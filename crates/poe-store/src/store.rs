//! Both files together: opened, committed to, and opened anew after the disk has failed.

use crate::{
    Cause, CommitError, DataFolder, Latest, OpenError,
    error::in_one_line,
    refusals::Refusals,
    sqlite::{Database, Occasion, refuse_orphaned_log},
    state::State,
    table::Table,
};
use poe_building::{Changes, Known};
use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use tracing::{info, warn};

/// The files in the data folder that are the server's own.
const OWN_FILES: [&str; 5] = ["state.db", "state.db-wal", "state.db-shm", "state.db-journal", "poe.lock"];

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
    /// Whether the table's file is one that we made, and would make again.
    made_table: bool,
    latest: Arc<Latest>,
    refusals: Refusals,
    /// Held until the last write is done.
    _folder: DataFolder,
}

/// What a commit has left behind.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Committed {
    /// Rows written to the table.
    pub rows: usize,
    /// Rows left out, since a constraint or a trigger of the table forbids them.
    pub rows_refused: usize,
    /// Bytes of the log of `state.db`.
    pub state_wal_bytes: u64,
    /// Bytes of the log of the table's file.
    pub table_wal_bytes: u64,
}

impl Store {
    /// Opens both files, or makes them, and tells who is known.
    ///
    /// # Errors
    /// Anything that makes it unsafe to go on. What was there before is then unchanged; files that were missing may
    /// have been made, with nothing in them.
    pub fn open(folder: DataFolder, options: StoreOptions) -> Result<(Self, Known), OpenError> {
        let state_file = folder.join("state.db");
        refuse_own_file(&folder, &options.table_file)?;
        refuse_orphaned_log(&options.table_file)?;
        refuse_orphaned_log(&state_file)?;
        let mut table = Table::open(&options.table_file, &options.table, Occasion::Start)?;
        let mut state = State::open(&state_file, Occasion::Start)?;
        let mut known = state.load()?;
        let (nodes, sensors) = (known.nodes.len(), known.sensors.len());
        table.load(&mut known)?;
        state
            .adopt(&known, nodes, sensors)
            .map_err(|cause| OpenError::sqlite(&state_file, "write to", cause))?;
        for database in [&state.database, &table.database] {
            database.accept().map_err(|cause| OpenError::sqlite(&database.path, "prepare", cause))?;
        }
        let latest = Arc::new(Latest::restored(&known));
        let made_table = table.is_ours();
        let store = Self {
            made_table,
            options,
            state_file,
            state: Some(state),
            table: Some(table),
            latest,
            refusals: Refusals::default(),
            _folder: folder,
        };
        Ok((store, known))
    }

    /// What has been committed, for everyone to see.
    pub fn latest(&self) -> Arc<Latest> {
        Arc::clone(&self.latest)
    }

    /// Writes the changes down. Once it returns they survive a power cut, and [`Latest`] shows them. A row that the
    /// table refuses is left out and counted. It is shown all the same: it is what the sensor says, and it must not
    /// keep the others from being stored.
    ///
    /// # Errors
    /// Nothing is shown, and the same changes must be committed again. A file on which a read, a write or a sync
    /// has failed is not used as it is again: what the system believes to be written may be lost. It is closed and,
    /// with the next try, opened, checked and emptied of its log; then everything that was ever shown is written anew.
    /// The same happens when a file is no longer where it was.
    pub fn commit(&mut self, changes: &Changes) -> Result<Committed, CommitError> {
        self.leave_moved_files();
        self.reopen()?;
        let (Some(state), Some(table)) = (&mut self.state, &mut self.table) else {
            unreachable!("both files have just been opened")
        };
        let registry = self.latest.beside(changes);
        if let Err(error) = state.write(changes, &registry) {
            return Err(close_if_suspect(&mut self.state, &self.state_file, "write to", error));
        }
        let refused = match table.write(&changes.rows, &registry) {
            Ok(refused) => refused,
            Err(error) => {
                return Err(close_if_suspect(&mut self.table, &self.options.table_file, "write to", error));
            }
        };
        drop(registry);
        self.refusals.note(&refused, &self.options.table_file, &self.options.table);
        self.latest.publish(changes);
        Ok(Committed {
            rows: changes.rows.len() - refused.rows,
            rows_refused: refused.rows,
            state_wal_bytes: state.database.wal_bytes(),
            table_wal_bytes: table.database.wal_bytes(),
        })
    }

    /// Closes files that are no longer where they were: nobody would see what is written to them.
    fn leave_moved_files(&mut self) {
        if let Some(state) = self.state.take_if(|state| state.database.has_moved()) {
            warn!(file = %state.database.path.display(), "{} was moved or deleted", state.database.path.display());
        }
        if let Some(table) = self.table.take_if(|table| table.database.has_moved()) {
            warn!(file = %table.database.path.display(), "{} was moved or deleted", table.database.path.display());
        }
    }

    /// Opens what was closed, and writes everything that was ever shown to it.
    fn reopen(&mut self) -> Result<(), CommitError> {
        if self.state.is_some() && self.table.is_some() {
            return Ok(());
        }
        let replay = self.latest.replay();
        let nothing_new = Changes::default();
        let registry = self.latest.beside(&nothing_new);
        if self.state.is_none() {
            let mut state = State::open(&self.state_file, Occasion::Anew).map_err(CommitError::reopen)?;
            empty_wal(&state.database)?;
            let written = state.write(&replay, &registry);
            written.map_err(|error| CommitError::new(&self.state_file, "write to", error))?;
            info!(file = %self.state_file.display(), "{} is open again", self.state_file.display());
            self.state = Some(state);
        }
        if self.table.is_none() {
            let StoreOptions { table_file, table } = &self.options;
            // An empty file would become one of ours.
            if !self.made_table && fs::metadata(table_file).map_or(0, |file| file.len()) == 0 {
                return Err(CommitError::gone(table_file));
            }
            let mut table = Table::open(table_file, table, Occasion::Anew).map_err(CommitError::reopen)?;
            empty_wal(&table.database)?;
            let written = table.write(&replay.rows, &registry);
            let refused = written.map_err(|error| CommitError::new(table_file, "write to", error))?;
            self.refusals.note(&refused, table_file, &self.options.table);
            info!(file = %table_file.display(), "{} is open again", table_file.display());
            self.table = Some(table);
        }
        Ok(())
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
                warn!(%cause, file = %database.path.display(), "the log could not be moved into the file");
            }
        }
    }
}

/// Refuses to put the table into a file that is ours alone, whatever way leads there: what is written for the one would
/// destroy the other.
fn refuse_own_file(folder: &DataFolder, table_file: &Path) -> Result<(), OpenError> {
    let parent = table_file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let inside = match (parent.unwrap_or(Path::new(".")).canonicalize(), folder.path().canonicalize()) {
        (Ok(parent), Ok(folder)) => parent == folder,
        // A folder that has yet to be made is not the data folder, which is locked.
        (Err(error), _) if error.kind() == io::ErrorKind::NotFound => false,
        (Err(cause), _) => return Err(OpenError::File { path: table_file.to_owned(), cause }),
        (_, Err(cause)) => return Err(OpenError::Folder { path: folder.path().to_owned(), cause }),
    };
    let file = |path: &Path| fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    let table = file(table_file);
    let is_own = |name: &str| {
        let same_name = inside && table_file.file_name().is_some_and(|table| table == name);
        same_name || (table.is_some() && table == file(&folder.join(name)))
    };
    if OWN_FILES.into_iter().any(is_own) {
        return Err(OpenError::OwnFile { path: table_file.to_owned() });
    }
    Ok(())
}

/// Frames of a log that were written but never synced would be taken for durable by the next sync. Moved into the file
/// they are written again, and that sync counts.
fn empty_wal(database: &Database) -> Result<(), CommitError> {
    match database.empty_wal().and_then(|emptied| database.accept().map(|()| emptied)) {
        Ok(true) => Ok(()),
        Ok(false) => Err(CommitError::busy(&database.path, "empty the log of")),
        Err(error) => Err(CommitError::new(&database.path, "check", error)),
    }
}

/// Makes the error that is told, and closes the file if it can no longer be trusted.
fn close_if_suspect<T>(
    slot: &mut Option<T>,
    path: &Path,
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
    fn new(path: &Path, doing: &'static str, error: rusqlite::Error) -> Self {
        let error = in_one_line(error);
        Self { path: path.to_owned(), doing, cause: Cause::of(&error), source: Box::new(error) }
    }

    fn gone(path: &Path) -> Self {
        let source = "it is gone or empty, and belongs to another program that has to make it".into();
        Self { path: path.to_owned(), doing: "open", cause: Cause::Io, source }
    }

    fn busy(path: &Path, doing: &'static str) -> Self {
        Self { path: path.to_owned(), doing, cause: Cause::Busy, source: "a reader holds on to it".into() }
    }

    fn reopen(error: OpenError) -> Self {
        let (path, cause) = match &error {
            OpenError::Locked { path } => (path.clone(), Cause::Busy),
            OpenError::Sqlite { path, cause, .. } => (path.clone(), Cause::of(cause)),
            OpenError::File { path, .. } => (path.clone(), Cause::Io),
            OpenError::Folder { path, .. }
            | OpenError::FolderInUse { path, .. }
            | OpenError::OwnFile { path }
            | OpenError::NotADatabase { path }
            | OpenError::Damaged { path, .. }
            | OpenError::NewerSchema { path, .. }
            | OpenError::NoTable { path, .. }
            | OpenError::UnfitTable { path, .. } => (path.clone(), Cause::Other),
        };
        Self { path, doing: "open", cause, source: Box::new(error) }
    }
}
