//! Backups: a consistent copy of all that is ours, made while a server commits or after it was stopped.
//!
//! Both databases are looked at as they are at one moment, the table's first: `state.db` is written before the table, so that
//! a copy whose state is a moment ahead is what a crash leaves, and what every start reconciles. They are copied into
//! a folder of their own by connections of their own, then read from there into the archive. The history is taken last:
//! whatever row or entry tells of a reading, the reading was in the history before.

mod archive;
mod look;
mod manifest;
pub(crate) mod parts;
mod spool;

pub use archive::ReadError;
pub(crate) use archive::{Seen, copy_and_hash, read};
pub(crate) use manifest::FORMAT;
pub use manifest::{Manifest, Member};
pub(crate) use spool::NAME as SPOOL;

use crate::{
    OpenError,
    mark::{self, Mark, MarkFile},
    migrations::version,
    room::{self, NoRoom, RoomError},
    snapshot::Snapshot,
};
use jiff::Timestamp;
use look::{look_at_state, look_at_table};
use parts::{MARK, STATE, TABLE};
use spool::Spool;
use std::{
    error::Error,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// What is to be copied.
#[derive(Clone, Debug)]
pub struct BackupSource {
    /// The folder with what is ours.
    pub data_dir: PathBuf,
    /// The file with the table that others read. All of it is copied, whatever else is in it.
    pub table_file: PathBuf,
    /// The table's name.
    pub table: String,
}

impl BackupSource {
    fn state_file(&self) -> PathBuf {
        self.data_dir.join(STATE)
    }
}

/// A backup that is ready to be read. What it takes on the disk of the data folder is given back when it is dropped.
#[derive(Debug)]
pub struct Backup {
    spool: Spool,
    manifest: Manifest,
    manifest_text: Vec<u8>,
    time: Timestamp,
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is another one under way.
    #[error("another backup is being made; wait until it is done")]
    Busy,
    /// The disk is too full.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// There is nothing to copy.
    #[error("cannot read {}: {cause}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file is not what it should be.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file could not be copied.
    #[error("cannot copy {}: {cause}", path.display())]
    Copy {
        /// The file.
        path: PathBuf,
        /// What was said about it.
        cause: String,
    },
    /// A backup of what is damaged would be found out only when it is needed.
    #[error("{} is damaged ({detail}), so that no backup is made of it; keep the older ones", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The history could not be taken hold of.
    #[error("cannot copy the history: {0}")]
    History(#[source] Box<dyn Error + Send + Sync>),
    /// The copies cannot be kept or read.
    #[error("cannot use {}: {cause}", path.display())]
    Spool {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl Backup {
    /// Copies everything, beside a server that runs or after one that was stopped; in the second case the caller has the
    /// folder locked. What was committed before the call is in the copy. It takes as long as the disk needs for the
    /// copies, and as much room there; memory does not grow with them.
    ///
    /// `history` puts the history, as it is at one moment, into the folder that it is given: `batches/`, `history/`,
    /// `rollups/` and `catalogue/`, as they lie in a data folder. A file there may be a second name of one that never changes.
    ///
    /// # Errors
    /// Something could not be copied, or is damaged. Nothing is left behind.
    pub fn make(
        source: &BackupSource,
        program: &str,
        history: impl FnOnce(&Path) -> Result<(), Box<dyn Error + Send + Sync>>,
    ) -> Result<Self, BackupError> {
        let time = Timestamp::now();
        for path in [&source.state_file(), &source.table_file] {
            // SQLite has no words for a file that is not there.
            fs::metadata(path).map_err(|cause| BackupError::Missing { path: path.clone(), cause })?;
        }
        let spool = Spool::make(&source.data_dir).map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Busy,
            _ => BackupError::Spool { path: source.data_dir.join(SPOOL), cause },
        })?;
        // A mark that is read before the journal can only be behind it, unless entries were lost.
        let found = mark::read(&source.data_dir);
        let schema = copy_all(&spool, source, history)?;

        let rows = look_at_table(&spool, source)?;
        let state = look_at_state(&spool, source, schema, &found)?;
        let unkept = |cause| BackupError::Spool { path: spool.path().to_owned(), cause };
        keep_mark(&spool, &source.data_dir, state.mark).map_err(unkept)?;
        let members = members(&spool).map_err(unkept)?;
        let manifest = Manifest {
            format: FORMAT,
            program: program.to_owned(),
            schema,
            made: time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            table: source.table.clone(),
            last_seq: state.last_seq,
            nodes: state.nodes,
            sensors: state.sensors,
            rows,
            warnings: state.warnings(&members),
            journal_fault: state.journal_fault,
            members,
        };
        let manifest_text =
            serde_json::to_vec_pretty(&manifest).expect("numbers and texts, and texts for keys");
        Ok(Self { spool, manifest, manifest_text, time })
    }

    /// What it holds.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The size of the archive, to the byte.
    pub fn bytes(&self) -> u64 {
        archive::bytes(&self.manifest_text, &self.manifest.members)
    }

    /// The name for a file with it: `poe-backup-20260314T092653Z.tar`.
    pub fn file_name(&self) -> String {
        file_name(self.time)
    }

    /// What the journal keeps of it.
    pub fn summary(&self) -> String {
        let Manifest { last_seq, sensors, .. } = &self.manifest;
        let bytes = self.bytes();
        format!("backup of {bytes} bytes with {sensors} sensors and every entry up to {last_seq}")
    }

    /// Writes the archive: [`Backup::bytes`] bytes of `application/x-tar`. It can be read by any `tar`.
    ///
    /// # Errors
    /// A copy cannot be read any more, or nobody takes it.
    pub fn write(&self, into: &mut dyn Write) -> io::Result<()> {
        let time = self.time.as_second().unsigned_abs();
        archive::write(self.spool.path(), &self.manifest_text, &self.manifest.members, time, into)
    }
}

/// The name of a backup that is made now.
pub fn backup_file_name() -> String {
    file_name(Timestamp::now())
}

/// Reads a whole archive, and tells what it holds.
///
/// # Errors
/// It is not whole, or something in it is not as its manifest tells.
pub fn check_archive(archive: &mut dyn Read) -> Result<Manifest, ReadError> {
    read(archive, |_| Ok(()), |_, content| copy_and_hash(content, &mut io::sink()))
}

fn file_name(time: Timestamp) -> String {
    format!("poe-backup-{}.tar", time.strftime("%Y%m%dT%H%M%SZ"))
}

/// Copies both databases as they are at one moment, and takes hold of every other file. Returns the schema of `state.db`.
fn copy_all(
    spool: &Spool,
    source: &BackupSource,
    history: impl FnOnce(&Path) -> Result<(), Box<dyn Error + Send + Sync>>,
) -> Result<i64, BackupError> {
    let BackupSource { data_dir, table_file, .. } = source;
    let state_file = source.state_file();
    let unkept = |cause| BackupError::Spool { path: spool.path().to_owned(), cause };
    let unread = |path: &Path, cause| OpenError::sqlite(path, "read", cause);

    spool.hold_folders(data_dir).map_err(unkept)?;
    let table = Snapshot::take(table_file).map_err(|cause| unread(table_file, cause))?;
    let state = Snapshot::take(&state_file).map_err(|cause| unread(&state_file, cause))?;
    // Once more: a picture that this state knows may have come since.
    spool.hold_folders(data_dir).map_err(unkept)?;
    let schema = version(&state_file, &state.connection)?;
    history(spool.path()).map_err(BackupError::History)?;

    let table_bytes = table.bytes().map_err(|cause| unread(table_file, cause))?;
    let state_bytes = state.bytes().map_err(|cause| unread(&state_file, cause))?;
    room::check(data_dir, table_bytes + state_bytes, room::KEPT).map_err(|error| match error {
        RoomError::No(no) => BackupError::NoRoom(no),
        RoomError::Unknown(cause) => unkept(cause),
    })?;
    // While the table is looked at, its log grows, or, without one, its writers wait: it comes first.
    for (snapshot, path, name) in [(table, table_file, TABLE), (state, &state_file, STATE)] {
        let copied = snapshot.copy(&spool.join(name));
        copied.map_err(|cause| BackupError::Copy { path: path.clone(), cause: cause.to_string() })?;
    }
    Ok(schema)
}

/// What is in the archive, in its order.
fn members(spool: &Spool) -> io::Result<Vec<Member>> {
    let marked = spool.join(MARK).exists().then(|| MARK.to_owned());
    let names = [TABLE, STATE].map(str::to_owned).into_iter().chain(marked).chain(spool.held()?);
    let member = |name: String| {
        let (bytes, sha256) = copy_and_hash(&mut File::open(spool.join(&name))?, &mut io::sink())?;
        Ok(Member { name, bytes, sha256 })
    };
    names.map(member).collect()
}

/// Puts a mark beside the copied journal: one that fits its end, or, if something was wrong with it already, the one that
/// tells so.
fn keep_mark(spool: &Spool, data_dir: &Path, mark: Option<Mark>) -> io::Result<()> {
    match mark {
        Some(mark) => MarkFile::new(spool.path()).write(mark),
        None => match fs::copy(data_dir.join(MARK), spool.join(MARK)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
    }
}
