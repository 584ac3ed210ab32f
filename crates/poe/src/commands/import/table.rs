//! A file of SQLite with a log beside it, which has its last changes. Neither is touched: a copy of both becomes one file.

use std::{
    fs::{self, DirBuilder, File, Metadata},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
    process, thread,
    time::Duration,
};

/// How often a copy is begun of files that change meanwhile, and the pause before each: a program that writes now and then
/// leaves room for one, and one that writes all the time is to be told of.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(300);

/// A file of SQLite that is all there is of it.
#[derive(Debug)]
pub(super) enum Table {
    /// As it was.
    AsItIs(PathBuf),
    /// A copy with what was in the log.
    Copied(Copied),
}

/// A copy in a folder of its own, which goes with it.
#[derive(Debug)]
pub(super) struct Copied {
    folder: PathBuf,
}

impl Table {
    /// The file, or a copy if a log is beside it.
    pub(super) fn of(path: &Path) -> Result<Self, String> {
        match fs::metadata(log_of(path)) {
            Ok(log) if log.len() > 0 => {}
            _ => return Ok(Self::AsItIs(path.to_owned())),
        }
        let failed = |cause: io::Error| {
            format!(
                "cannot copy '{}' and the log beside it, which has its last changes: {cause}",
                path.display()
            )
        };
        for _ in 0..TRIES {
            let copied = Copied::new().map_err(failed)?;
            let before = State::of(path).map_err(failed)?;
            // Times of files are told in steps of some milliseconds: by then, whatever changes them has another time.
            thread::sleep(PAUSE);
            fs::copy(path, copied.file()).map_err(failed)?;
            // A log that is gone by now has been moved into the file.
            match fs::copy(log_of(path), log_of(&copied.file())) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(failed(cause)),
                _ => {}
            }
            if before == State::of(path).map_err(failed)? {
                poe_history::take_in_log(&copied.file()).map_err(|error| error.to_string())?;
                return Ok(Self::Copied(copied));
            }
        }
        Err(format!(
            "'{}' is being written to by another program all the time. Close that one, or take a copy: sqlite3 FILE \"VACUUM \
             INTO 'copy.db'\"",
            path.display()
        ))
    }

    pub(super) fn path(&self) -> PathBuf {
        match self {
            Self::AsItIs(path) => path.clone(),
            Self::Copied(copied) => copied.file(),
        }
    }
}

impl Copied {
    /// A folder for nobody else, where the system has them.
    fn new() -> io::Result<Self> {
        for nth in 0_u64.. {
            let folder = std::env::temp_dir().join(format!("poe-import-{}-{nth}", process::id()));
            match DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => return Ok(Self { folder }),
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
                Err(cause) => return Err(cause),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn file(&self) -> PathBuf {
        self.folder.join("table.db")
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// How the file and its log stand: it is the same as long as nobody writes.
#[derive(PartialEq, Eq)]
struct State([Option<(u64, i64, i64)>; 2]);

impl State {
    fn of(path: &Path) -> io::Result<Self> {
        let told = |found: Metadata| (found.len(), found.mtime(), found.mtime_nsec());
        let file = File::open(path)?.metadata()?;
        Ok(Self([Some(told(file)), fs::metadata(log_of(path)).ok().map(told)]))
    }
}

fn log_of(path: &Path) -> PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    fn rows(path: &Path) -> i64 {
        Connection::open(path)
            .unwrap()
            .query_row("SELECT count(*) FROM sensors", [], |row| row.get(0))
            .unwrap()
    }

    /// What a program leaves that was killed: half of its changes in the file, half in the log.
    fn left_over(folder: &Path) -> PathBuf {
        let (live, file) = (folder.join("live.db"), folder.join("left over.db"));
        let program = Connection::open(&live).unwrap();
        program
            .execute_batch(
                "PRAGMA journal_mode = WAL; CREATE TABLE sensors (value INTEGER); INSERT INTO sensors VALUES (1);
                 PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO sensors VALUES (2)",
            )
            .unwrap();
        fs::copy(&live, &file).unwrap();
        fs::copy(log_of(&live), log_of(&file)).unwrap();
        file
    }

    #[test]
    fn what_is_in_a_log_that_was_left_over_is_read_and_nothing_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = left_over(folder.path());
        let (bytes, log) = (fs::read(&file).unwrap(), fs::read(log_of(&file)).unwrap());
        let table = Table::of(&file).unwrap();
        let copy = table.path();
        assert_ne!(copy, file);
        assert_eq!((rows(&copy), log_of(&copy).exists()), (2, false));
        assert_eq!((fs::read(&file).unwrap(), fs::read(log_of(&file)).unwrap()), (bytes, log));
        let left = fs::read_dir(folder.path()).unwrap().count();
        drop(table);
        assert!(!copy.exists() && !copy.parent().unwrap().exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), left);
    }

    #[test]
    fn a_file_without_a_log_is_read_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        Connection::open(&file).unwrap().execute_batch("CREATE TABLE sensors (value INTEGER)").unwrap();
        assert_eq!(Table::of(&file).unwrap().path(), file);
        fs::write(log_of(&file), "").unwrap();
        assert_eq!(Table::of(&file).unwrap().path(), file);
    }
}
