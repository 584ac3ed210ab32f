//! The data folder: all that is ours, used by one server at a time.

use crate::{
    OpenError,
    backup::parts::{FOLDERS, Folder},
    leftovers, mark, origin, owner,
};
use nix::fcntl::{Flock, FlockArg, OFlag};
use std::{
    fs::{self, DirBuilder, File, Permissions},
    io::{self, Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The files in the data folder that are the server's own.
const OWN_FILES: [&str; 7] =
    ["state.db", "state.db-wal", "state.db-shm", "state.db-journal", mark::FILE, origin::FILE, "poe.lock"];

/// The data folder, locked as long as this value lives. The lock goes with the process, also by `kill -9`.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: Flock<File>,
}

impl DataFolder {
    /// Makes the folder if there is none, and locks it.
    ///
    /// # Errors
    /// [`OpenError::FolderInUse`] with the process id of the server that has it, or [`OpenError::Folder`].
    pub fn lock(path: &Path) -> Result<Self, OpenError> {
        let failed = |cause| OpenError::Folder { path: path.to_owned(), cause };
        // Others may enter, since the table that they read lies here by default; what is ours has mode 0600.
        let new = !path.exists();
        DirBuilder::new().recursive(true).mode(0o755).create(path).map_err(failed)?;
        if new {
            // The umask has no say.
            fs::set_permissions(path, Permissions::from_mode(0o755)).map_err(failed)?;
        }
        let file = open_lock(&path.join("poe.lock")).map_err(failed)?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(mut lock) => {
                write_pid(&mut lock).map_err(failed)?;
                Ok(Self { path: path.to_owned(), _lock: lock })
            }
            Err((mut file, nix::errno::Errno::EWOULDBLOCK)) => {
                let mut pid = String::new();
                let known = file.read_to_string(&mut pid).is_ok() && !pid.trim().is_empty();
                let pid = if known { pid.trim().to_owned() } else { "unknown".to_owned() };
                Err(OpenError::FolderInUse { path: path.to_owned(), pid })
            }
            Err((_, errno)) => Err(failed(errno.into())),
        }
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes what was cut short in it, and brings a restore whose files were all there to its end. [`crate::Store::open`]
    /// begins with that.
    ///
    /// # Errors
    /// [`OpenError::Restore`], or the folder cannot be read.
    pub fn clear(&self) -> Result<(), OpenError> {
        leftovers::clear(self)
    }

    /// The path of a file in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// Refuses to put the table into a file that is ours alone, whatever way leads there: what is written for the one would
/// destroy the other.
pub(crate) fn refuse_own_file(folder: &DataFolder, table_file: &Path) -> Result<(), OpenError> {
    let parent = table_file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let (inside, deeper) =
        match (parent.unwrap_or(Path::new(".")).canonicalize(), folder.path().canonicalize()) {
            // A restore would put such a folder aside as a whole, and whoever keeps it removes what it does not know.
            (Ok(parent), Ok(folder)) => {
                let is_in = |own: &Folder| parent.starts_with(folder.join(own.name));
                (parent == folder, FOLDERS.iter().any(is_in))
            }
            // A folder that has yet to be made is not the data folder, which is locked.
            (Err(error), _) if error.kind() == io::ErrorKind::NotFound => (false, false),
            (Err(cause), _) => return Err(OpenError::File { path: table_file.to_owned(), cause }),
            (_, Err(cause)) => return Err(OpenError::Folder { path: folder.path().to_owned(), cause }),
        };
    let file = |path: &Path| fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    let table = file(table_file);
    let is_own = |name: &str| {
        let same_name = inside && table_file.file_name().is_some_and(|table| table == name);
        same_name || (table.is_some() && table == file(&folder.join(name)))
    };
    // Of an upgrade: the copy that is made, and what was there before.
    let of_upgrade = inside
        && table_file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"state.db."));
    if deeper || of_upgrade || OWN_FILES.into_iter().any(is_own) {
        return Err(OpenError::OwnFile { path: table_file.to_owned() });
    }
    Ok(())
}

/// Opens the file of the lock, or makes it. A link in its place would have us write elsewhere.
fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).mode(0o600).custom_flags(OFlag::O_NOFOLLOW.bits());
    match options.clone().create_new(true).open(path) {
        Ok(file) => owner::give(&file, path).map(|()| file),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(path),
        Err(error) => Err(error),
    }
}

fn write_pid(file: &mut File) -> io::Result<()> {
    let line = format!("{}\n", std::process::id());
    // Written before it is cut: a full disk might not give back the space of an emptied file.
    file.rewind()?;
    file.write_all(line.as_bytes())?;
    file.set_len(line.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_told_who_has_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/data");
        let first = DataFolder::lock(&path).unwrap();
        let refused = DataFolder::lock(&path).unwrap_err().to_string();
        assert!(refused.contains(&format!("in use by process {};", std::process::id())), "{refused}");
        drop(first);
        DataFolder::lock(&path).unwrap();
    }
}
