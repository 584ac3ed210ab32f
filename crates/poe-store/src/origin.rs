//! Where the data came from, if that was a backup: a file beside `state.db`, until another restore replaces it.

use crate::backup::Manifest;
use jiff::Timestamp;
use poe_building::{LastRun, Time};
use serde::{Deserialize, Serialize};
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// The file.
pub(crate) const FILE: &str = "restored.json";

/// The backup that a data folder was restored from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// When the backup was made.
    pub made: Timestamp,
    /// The last entry of its journal: whatever is later was written since the restore.
    pub last_seq: u64,
}

impl Origin {
    /// Writes down in this folder which backup it is from.
    pub(crate) fn write(folder: &Path, manifest: &Manifest) -> io::Result<()> {
        let made = manifest.made.parse().map_err(io::Error::other)?;
        let text = serde_json::to_vec(&Self { made, last_seq: manifest.last_seq })?;
        let path = folder.join(FILE);
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(&text)?;
        file.sync_all()
    }

    /// Which backup this folder was restored from; `None` if it was not.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        match File::open(folder.join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            file => Ok(Some(serde_json::from_reader(file?)?)),
        }
    }

    /// How the run before ended, where the journal ends with this entry: a backup is of a server that runs, and a restore is
    /// no crash. As soon as something was written since, the journal tells.
    pub(crate) fn last_run(folder: &Path, last_seq: u64, by_journal: LastRun) -> LastRun {
        match Self::read(folder) {
            Ok(Some(origin)) if origin.last_seq == last_seq => {
                LastRun::Restored(Time(origin.made.as_microsecond()))
            }
            Ok(_) => by_journal,
            Err(cause) => {
                tracing::warn!(%cause, "{} cannot be read, and is left as it is", folder.join(FILE).display());
                by_journal
            }
        }
    }
}
