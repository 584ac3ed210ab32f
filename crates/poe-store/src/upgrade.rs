//! `state.db` of an older program is brought up to date as a copy, which takes its place once it is right. The old one is
//! kept beside it, for the way back.
//!
//! At every moment the name `state.db` leads to a whole database: the old one, or the new one.

use crate::{
    OpenError,
    migrations::{self, may_change, migrate},
    owner, room,
    snapshot::{Snapshot, beside, count, find_faults, remove},
};
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};
use tracing::info;

/// The copy, until it is right. What a crash leaves of it is removed by the next start.
pub(crate) const COPY: &str = "state.db.upgrading";

/// How long another program may still hold the file.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// Old files of one version that are kept: more come only from going back and forth, and from somebody who looks.
const KEPT_MAX: u32 = 100;

/// Brings a file with an earlier schema up to date. Nobody of this program may have it open.
///
/// # Errors
/// It cannot be brought up to date; it is then as it was.
pub(crate) fn upgrade(path: &Path) -> Result<(), OpenError> {
    let failed = |cause| OpenError::sqlite(path, "open", cause);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let old = Connection::open_with_flags(path, flags).map_err(failed)?;
    old.busy_timeout(BUSY_WAIT).map_err(failed)?;
    // What is refused may be looked into later, with its log.
    old.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
    let found = migrations::version(path, &old)?;
    let copy = path.with_file_name(COPY);
    let done = upgrade_as_copy(path, found, old, &copy);
    if done.is_err()
        && let Err(cause) = remove(&copy)
    {
        tracing::warn!(%cause, file = %copy.display(), "an unfinished copy could not be removed");
    }
    done
}

fn upgrade_as_copy(path: &Path, found: i64, old: Connection, copy: &Path) -> Result<(), OpenError> {
    let told = |problem: String| OpenError::Upgrade { path: path.to_owned(), found, problem };
    let of_sqlite = |cause: rusqlite::Error| match OpenError::sqlite(path, "bring up to date", cause) {
        OpenError::Sqlite { cause, .. } => told(cause.to_string()),
        other => other,
    };
    let of_file = |cause: io::Error| told(cause.to_string());

    // All of it into the file itself: the log cannot be kept with it.
    let emptied = old.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    if emptied.map_err(of_sqlite)? != 0 {
        return Err(OpenError::Locked { path: path.to_owned() });
    }
    let before = Snapshot::take(path).map_err(of_sqlite)?;
    let rows = tables(&before.connection).map_err(of_sqlite)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    room::check(folder, before.bytes().map_err(of_sqlite)?, 0).map_err(|error| told(error.to_string()))?;
    remove(copy).map_err(of_file)?;
    before.copy(copy).map_err(|error| told(error.to_string()))?;

    let new = Connection::open(copy).map_err(of_sqlite)?;
    new.pragma_update(None, "synchronous", "FULL").map_err(of_sqlite)?;
    migrate(path, &new).map_err(|error| match error {
        OpenError::Sqlite { cause, .. } => told(cause.to_string()),
        other => other,
    })?;
    if let Some(fault) = find_faults(&new).map_err(of_sqlite)? {
        return Err(told(fault));
    }
    compare(&rows, &tables(&new).map_err(of_sqlite)?, found).map_err(told)?;
    // The last connection moves the log into the file, and removes it.
    new.close().map_err(|(_, cause)| of_sqlite(cause))?;
    File::open(copy).and_then(|file| file.sync_all()).map_err(of_file)?;

    // The last connection to the old one, too: its log is empty, and nothing must be found beside the new file.
    old.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(of_sqlite)?;
    old.close().map_err(|(_, cause)| of_sqlite(cause))?;
    if fs::metadata(beside(path, "-wal")).map_or(0, |log| log.len()) > 0 {
        // Somebody has written to it meanwhile.
        return Err(OpenError::Locked { path: path.to_owned() });
    }
    let kept = keep(path, found).map_err(of_file)?;
    for ending in ["-wal", "-shm"] {
        match fs::remove_file(beside(path, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(of_file(error)),
            _ => {}
        }
    }
    sync(folder).map_err(of_file)?;
    fs::rename(copy, path).and_then(|()| sync(folder)).map_err(of_file)?;
    let latest = migrations::latest();
    info!(
        kept = %kept.display(),
        "{} was brought from schema version {found} to {latest}; the old one is kept as {}",
        path.display(),
        kept.display()
    );
    Ok(())
}

/// Gives the old file a second name, `state.db.v2` for version 2, and leaves those that have one already as they are.
fn keep(path: &Path, version: i64) -> io::Result<PathBuf> {
    let ours = fs::metadata(path)?;
    for number in 1..=KEPT_MAX {
        let ending = if number == 1 { format!(".v{version}") } else { format!(".v{version}.{number}") };
        let kept = beside(path, &ending);
        match fs::metadata(&kept) {
            // A start that was cut short has kept it.
            Ok(file) if (file.dev(), file.ino()) == (ours.dev(), ours.ino()) => return Ok(kept),
            Ok(_) => continue,
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(_) => {}
        }
        match fs::hard_link(path, &kept) {
            Err(error)
                if matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied) =>
            {
                copy_durably(path, &kept)?;
            }
            linked => linked?,
        }
        return Ok(kept);
    }
    Err(io::Error::other(format!(
        "{KEPT_MAX} old files of version {version} are kept already; move some away"
    )))
}

/// For disks that know no second names.
fn copy_durably(from: &Path, to: &Path) -> io::Result<()> {
    let half = beside(to, ".part");
    remove(&half)?;
    let mut old = File::open(from)?;
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
    owner::give(&new, &half)?;
    io::copy(&mut old, &mut new)?;
    new.set_permissions(old.metadata()?.permissions())?;
    new.sync_all()?;
    fs::rename(half, to)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// How many rows every table has.
fn tables(connection: &Connection) -> rusqlite::Result<BTreeMap<String, u64>> {
    let sql =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let mut select = connection.prepare(sql)?;
    let names = select.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    names.into_iter().map(|name| Ok((name.clone(), count(connection, &name)?))).collect()
}

/// No table may have lost or won rows, unless a step says that it does.
fn compare(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>, found: i64) -> Result<(), String> {
    for (table, rows) in before.iter().filter(|(table, _)| !may_change(found, table)) {
        match after.get(table) {
            Some(now) if now == rows => {}
            Some(now) => return Err(format!("table {table} had {rows} rows and would have {now}")),
            None => return Err(format!("table {table} with {rows} rows would be gone")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_get_lost_are_found_out() {
        let tables = |text: &str| -> BTreeMap<String, u64> {
            let pair = |word: &str| {
                word.split_once('=').map(|(name, rows)| (name.to_owned(), rows.parse().unwrap()))
            };
            text.split(' ').filter_map(pair).collect()
        };
        let before = tables("nodes=2 sensors=9");
        assert_eq!(compare(&before, &tables("nodes=2 sensors=9 plans=0"), 2), Ok(()));
        let lost = compare(&before, &tables("nodes=2 sensors=8"), 2).unwrap_err();
        assert_eq!(lost, "table sensors had 9 rows and would have 8");
        let gone = compare(&before, &tables("nodes=2"), 2).unwrap_err();
        assert_eq!(gone, "table sensors with 9 rows would be gone");
    }

    #[test]
    fn an_older_kept_file_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        fs::write(&path, "first").unwrap();
        assert_eq!(keep(&path, 2).unwrap(), folder.path().join("state.db.v2"));
        assert_eq!(keep(&path, 2).unwrap(), folder.path().join("state.db.v2"), "the same file again");
        fs::remove_file(&path).unwrap();
        fs::write(&path, "second").unwrap();
        assert_eq!(keep(&path, 2).unwrap(), folder.path().join("state.db.v2.2"));
        assert_eq!(fs::read_to_string(folder.path().join("state.db.v2")).unwrap(), "first");
        assert_eq!(fs::read_to_string(folder.path().join("state.db.v2.2")).unwrap(), "second");
    }

    #[test]
    fn a_disk_without_second_names_keeps_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let (path, kept) = (folder.path().join("state.db"), folder.path().join("state.db.v2"));
        fs::write(&path, "old").unwrap();
        fs::write(beside(&kept, ".part"), "half of one that was cut short").unwrap();
        copy_durably(&path, &kept).unwrap();
        assert_eq!(fs::read_to_string(&kept).unwrap(), "old");
        assert_eq!(fs::metadata(&kept).unwrap().mode(), fs::metadata(&path).unwrap().mode());
        assert!(!beside(&kept, ".part").exists());
    }
}
