//! Both files together: opened, committed to, and opened anew after the disk has failed.

use crate::{
    Board, CommitError, DataFolder, Latest, OpenError,
    folder::refuse_own_file,
    high_water::HighWater,
    origin::Origin,
    refusals::Refusals,
    sqlite::{Database, Occasion, refuse_orphaned_log},
    state::{Stamps, State},
    table::Table,
};
use poe_building::{Changes, Known, NextIds, Time};
use std::{fs, path::PathBuf, sync::Arc};
use tracing::{info, warn};

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
    board: Arc<Board>,
    /// The last entry of the batch that people have been told of and that the table has yet to take.
    told: Option<u64>,
    /// The numbers that come next, as far as they are committed.
    next: NextIds,
    high_water: HighWater,
    stamps: Stamps,
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
    /// Opens both files, or makes them, and tells what is known.
    ///
    /// # Errors
    /// Anything that makes it unsafe to go on. What was there before is then unchanged; files that were missing may
    /// have been made, with nothing in them. A journal with which something is wrong is no error, but told in
    /// [`Known::journal_fault`].
    pub fn open(folder: DataFolder, options: StoreOptions) -> Result<(Self, Known), OpenError> {
        let state_file = folder.join("state.db");
        folder.clear()?;
        refuse_own_file(&folder, &options.table_file)?;
        refuse_orphaned_log(&options.table_file)?;
        refuse_orphaned_log(&state_file)?;
        let mut table = Table::open(&options.table_file, &options.table, Occasion::Start)?;
        let mut state = State::open(&state_file, Occasion::Start)?;
        let (mut high_water, mark) = HighWater::open(folder.path());
        let (mut known, dead_letters) = state.load(&mark)?;
        let (nodes, sensors) = (known.nodes.len(), known.sensors.len());
        known.last_run = Origin::last_run(folder.path(), state.end().seq, known.last_run);
        table.load(&mut known)?;
        state
            .adopt(&known, nodes, sensors)
            .map_err(|cause| OpenError::sqlite(&state_file, "write to", cause))?;
        for database in [&state.database, &table.database] {
            database.accept().map_err(|cause| OpenError::sqlite(&database.path, "prepare", cause))?;
        }
        high_water.begin(&mark, state.end());
        let store = Self {
            made_table: table.is_ours(),
            latest: Arc::new(Latest::restored(&known)),
            board: Arc::new(Board::restored(&known, dead_letters, state.end().seq)),
            options,
            state_file,
            state: Some(state),
            table: Some(table),
            told: None,
            next: known.next,
            high_water,
            stamps: Stamps::default(),
            refusals: Refusals::default(),
            _folder: folder,
        };
        Ok((store, known))
    }

    /// The latest values that have been committed, for everyone to see.
    pub fn latest(&self) -> Arc<Latest> {
        Arc::clone(&self.latest)
    }

    /// What has been committed of alarms and of what belongs to them, for everyone to see.
    pub fn board(&self) -> Arc<Board> {
        Arc::clone(&self.board)
    }

    /// What has happened to the journal while the server ran, in words for people: its file was replaced by one that lacks
    /// entries.
    pub fn journal_fault(&self) -> Option<&str> {
        self.high_water.fault()
    }

    /// Writes the changes down. Once it returns they survive a power cut, and [`Latest`] shows them. A row that the
    /// table refuses is left out and counted. It is shown all the same: it is what the sensor says, and it must not
    /// keep the others from being stored.
    ///
    /// People must not wait for the table. If there is any news of alarms, it is durable and on the [`Board`] before the
    /// table is touched, and `state_committed` is called: once for a batch, however often that has to be committed.
    ///
    /// # Errors
    /// No value is shown, and the same changes must be committed again. A file on which a read, a write or a sync
    /// has failed is not used as it is again: what the system believes to be written may be lost. It is closed and,
    /// with the next try, opened, checked and emptied of its log; then everything that was ever shown is written anew.
    /// The same happens when a file is no longer where it was.
    pub fn commit(
        &mut self,
        changes: &Changes,
        state_committed: &mut dyn FnMut(),
    ) -> Result<Committed, CommitError> {
        self.commit_news(changes, state_committed)?;
        let committed = self.commit_rows(changes);
        self.keep_mark();
        committed
    }

    /// The first half of a commit: everything but the latest values.
    ///
    /// # Errors
    /// As [`Store::commit`]; people have been told of nothing.
    pub fn commit_news(
        &mut self,
        changes: &Changes,
        state_committed: &mut dyn FnMut(),
    ) -> Result<(), CommitError> {
        self.leave_moved_files();
        self.write_state(changes)?;
        self.next = changes.next.unwrap_or(self.next);
        self.tell(changes, state_committed);
        Ok(())
    }

    /// The second half: the latest values. While the table does not take them, other news can be committed.
    ///
    /// # Errors
    /// As [`Store::commit`]; no value is shown.
    pub fn commit_rows(&mut self, changes: &Changes) -> Result<Committed, CommitError> {
        self.leave_moved_files();
        let rows_refused = self.write_table(changes)?;
        self.latest.publish(changes);
        self.told = None;
        Ok(Committed {
            rows: changes.rows.len() - rows_refused,
            rows_refused,
            state_wal_bytes: self.state.as_ref().map_or(0, |state| state.database.wal_bytes()),
            table_wal_bytes: self.table.as_ref().map_or(0, |table| table.database.wal_bytes()),
        })
    }

    /// Moves the journal's mark on to its last entry. Nobody waits for that. Returns false if it cannot be written; the next
    /// call tries again.
    pub fn keep_mark(&mut self) -> bool {
        self.state.as_ref().is_none_or(|state| self.high_water.keep(state.end(), self.next))
    }

    /// Somebody was told of the signal that this entry of the journal is about. That is kept beside the entry, as a
    /// measure.
    pub fn note_notified(&mut self, seq: u64, time: Time) {
        self.stamps.notified(seq, time);
    }

    fn write_state(&mut self, changes: &Changes) -> Result<(), CommitError> {
        let Self { state, state_file, latest, board, stamps, high_water, .. } = self;
        if state.is_none() {
            let mut anew = State::open(state_file, Occasion::Anew).map_err(CommitError::reopen)?;
            empty_wal(&anew.database)?;
            high_water.compare(anew.end().seq, board.last_seq());
            let registry = latest.beside(changes);
            for replay in [latest.replay(), board.replay()] {
                let written = anew.write(&replay, &registry, stamps);
                written.map_err(|error| CommitError::new(state_file, "write to", error))?;
            }
            info!(file = %state_file.display(), "{} is open again", state_file.display());
            *state = Some(anew);
        }
        let Some(open) = state else { unreachable!("the file has just been opened") };
        let written = open.write(changes, &latest.beside(changes), stamps);
        written.map_err(|error| close_if_suspect(state, state_file, "write to", error))
    }

    /// Shows what is durable now, and has people told of it.
    fn tell(&mut self, changes: &Changes, state_committed: &mut dyn FnMut()) {
        if !changes.has_news() {
            return;
        }
        self.board.commit(changes);
        let last = changes.entries.last().map_or(0, |entry| entry.seq);
        if self.told.is_none_or(|told| last > told) {
            self.told = Some(last);
            state_committed();
        }
    }

    /// Returns how many rows the table has refused.
    fn write_table(&mut self, changes: &Changes) -> Result<usize, CommitError> {
        let Self { table, latest, refusals, made_table, options, .. } = self;
        let StoreOptions { table_file, table: name } = &*options;
        if table.is_none() {
            // An empty file would become one of ours.
            if !*made_table && fs::metadata(table_file).map_or(0, |file| file.len()) == 0 {
                return Err(CommitError::gone(table_file));
            }
            let mut anew = Table::open(table_file, name, Occasion::Anew).map_err(CommitError::reopen)?;
            empty_wal(&anew.database)?;
            let written = anew.write(&latest.replay().rows, &latest.beside(changes));
            let refused = written.map_err(|error| CommitError::new(table_file, "write to", error))?;
            refusals.note(&refused, table_file, name);
            info!(file = %table_file.display(), "{} is open again", table_file.display());
            *table = Some(anew);
        }
        let Some(open) = table else { unreachable!("the file has just been opened") };
        let written = open.write(&changes.rows, &latest.beside(changes));
        let refused = written.map_err(|error| close_if_suspect(table, table_file, "write to", error))?;
        refusals.note(&refused, table_file, name);
        Ok(refused.rows)
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

    /// Called between two commits: keeps the logs short.
    ///
    /// # Errors
    /// What was committed stays so.
    pub fn tidy(&mut self) -> Result<(), CommitError> {
        let doing = "move the log into";
        if let Some(Err(error)) = self.state.as_mut().map(State::tidy) {
            return Err(close_if_suspect(&mut self.state, &self.state_file, doing, error));
        }
        if let Some(Err(error)) = self.table.as_mut().map(Table::tidy) {
            return Err(close_if_suspect(&mut self.table, &self.options.table_file, doing, error));
        }
        if self.stamps.are_due() { self.write_stamps() } else { Ok(()) }
    }

    fn write_stamps(&mut self) -> Result<(), CommitError> {
        match self.state.as_mut().map(|state| state.write_stamps(&mut self.stamps)) {
            Some(Err(error)) => Err(close_if_suspect(&mut self.state, &self.state_file, "write to", error)),
            _ => Ok(()),
        }
    }

    /// Moves the logs into the files, so that the next start is quick, and closes them.
    pub fn close(mut self) {
        if !self.stamps.is_empty()
            && let Err(error) = self.write_stamps()
        {
            warn!(cause = %error.source, "the stamps of the latest entries are lost");
        }
        let databases =
            [self.state.as_ref().map(|state| &state.database), self.table.as_ref().map(|t| &t.database)];
        for database in databases.into_iter().flatten() {
            if let Err(cause) = database.checkpoint() {
                warn!(%cause, file = %database.path.display(), "the log could not be moved into the file");
            }
        }
    }
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
