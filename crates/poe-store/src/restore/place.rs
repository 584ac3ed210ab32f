//! Putting what was unpacked and found right in its place.
//!
//! Everything lies in a folder of its own by then, durably, and the folder has the name that says so. From there each file
//! is one rename away from its place, and every step can be taken again: whoever comes after a crash goes on.

use crate::{
    backup::parts::{FOLDERS, MARK, STATE},
    origin,
    owner::{AsOwner, folder_of},
    snapshot::beside,
};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// What the folder is called while it is filled, and once all of it is there, with a time between.
pub(crate) const FOLDER: &str = "restoring-";
pub(crate) const UNFINISHED: &str = ".tmp";
pub(crate) const READY: &str = ".ready";

/// Where what was there before goes, with a time behind it.
pub(crate) const ASIDE: &str = "before-restore-";

/// What has to be known to go on, in the folder.
const PLAN: &str = "restoring.json";

/// What SQLite keeps beside a database, and never belongs to another one.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What is to be put where.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// The time in the folder's name.
    pub(crate) stamp: String,
    /// What of the data folder is put in place. Whatever else of it is ours is put aside.
    pub(crate) parts: Vec<String>,
    /// The table's file as it was unpacked, on the disk that it goes to,
    pub(crate) table_from: PathBuf,
    /// and where it goes.
    pub(crate) table_to: PathBuf,
}

impl Plan {
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(self)?;
        fs::write(folder.join(PLAN), text)?;
        File::open(folder.join(PLAN))?.sync_all()
    }

    /// `None`: it was never written, or everything is in its place.
    pub(crate) fn read(folder: &Path) -> io::Result<Option<Self>> {
        let text = match fs::read(folder.join(PLAN)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let plan: Self = serde_json::from_slice(&text)?;
        // Whoever may write to the folder must not have root move or delete what is elsewhere.
        let stamp = &plan.stamp;
        let is_of_folder = folder.file_stem().is_some_and(|stem| *stem == *format!("{FOLDER}{stamp}"));
        if !is_of_folder || plan.table_from != Self::table_from(&plan.table_to, stamp) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{PLAN} is not of this restore")));
        }
        Ok(Some(plan))
    }

    /// Where the table's file is unpacked: beside its place, one rename away.
    pub(crate) fn table_from(table_to: &Path, stamp: &str) -> PathBuf {
        beside(table_to, &format!(".{FOLDER}{stamp}"))
    }
}

/// What of ours is in the data folder.
pub(crate) fn parts() -> impl Iterator<Item = &'static str> {
    [STATE, MARK, origin::FILE].into_iter().chain(FOLDERS.iter().map(|folder| folder.name))
}

/// Puts everything from the folder, which is called ready, in its place, and what was there aside. It may have been begun
/// before. Returns where what was there is now, if there was anything.
pub(crate) fn place(data_dir: &Path, ready: &Path) -> io::Result<Option<PathBuf>> {
    let owner = AsOwner::of(data_dir)?;
    let Some(plan) = Plan::read(ready)? else {
        fs::remove_dir_all(ready)?;
        return Ok(None);
    };
    let aside = Aside { folder: data_dir.join(format!("{ASIDE}{}", plan.stamp)) };
    for part in parts() {
        let (from, to) = (ready.join(part), data_dir.join(part));
        if plan.parts.iter().any(|planned| planned == part) {
            replace(&from, &to, |path| aside.take(path))?;
        } else {
            aside.take(&to)?;
        }
    }
    drop(owner);
    let Plan { table_from, table_to, stamp, .. } = &plan;
    let is_in_data_dir = is_in(table_to, data_dir);
    let table_owner = AsOwner::of(folder_of(table_to))?;
    if is_in_data_dir {
        replace(table_from, table_to, |path| aside.take(path))?;
    } else {
        replace(table_from, table_to, |path| aside_beside(table_to, path, stamp))?;
    }
    File::open(folder_of(table_to))?.sync_all()?;
    drop(table_owner);
    let _owner = AsOwner::of(data_dir)?;
    for folder in [data_dir, &aside.folder].into_iter().filter(|folder| folder.exists()) {
        File::open(folder)?.sync_all()?;
    }
    fs::remove_file(ready.join(PLAN))?;
    fs::remove_dir_all(ready)?;
    Ok(Some(aside.folder).filter(|folder| folder.exists()))
}

/// A time for the names that no restore before has taken: what was put aside stays.
pub(crate) fn free_stamp(data_dir: &Path, table: &Path, now: &str) -> String {
    let is_free = |stamp: &String| {
        let taken = [data_dir.join(format!("{ASIDE}{stamp}")), beside(table, &format!(".{ASIDE}{stamp}"))];
        !taken.iter().any(|path| exists(path))
    };
    let later = (2..).map(|number: u64| format!("{now}-{number}"));
    [now.to_owned()].into_iter().chain(later).find(is_free).expect("there is no end of numbers")
}

/// Removes what an unpacking that was cut short has left. Nothing of it was in its place.
pub(crate) fn discard(unfinished: &Path) -> io::Result<()> {
    let _owner = AsOwner::of(folder_of(unfinished))?;
    if let Ok(Some(plan)) = Plan::read(unfinished) {
        let _table_owner = AsOwner::of(folder_of(&plan.table_from))?;
        crate::snapshot::remove(&plan.table_from)?;
    }
    fs::remove_dir_all(unfinished)
}

/// Whether the file lies in the folder itself.
fn is_in(file: &Path, folder: &Path) -> bool {
    let parent = file.parent().map(Path::canonicalize);
    matches!((parent, folder.canonicalize()), (Some(Ok(parent)), Ok(folder)) if parent == folder)
}

/// The new one is in its place as soon as it is no longer where it was unpacked: then there is nothing left to do.
fn replace(from: &Path, to: &Path, mut aside: impl FnMut(&Path) -> io::Result<()>) -> io::Result<()> {
    if !exists(from) {
        return Ok(());
    }
    for companion in COMPANIONS {
        aside(&beside(to, companion))?;
    }
    aside(to)?;
    fs::rename(from, to)
}

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// The folder for what was there before.
struct Aside {
    folder: PathBuf,
}

impl Aside {
    /// Moves this there, if there is any.
    fn take(&self, path: &Path) -> io::Result<()> {
        let Some(name) = path.file_name().filter(|_| exists(path)) else { return Ok(()) };
        if !self.folder.exists() {
            DirBuilder::new().mode(0o700).create(&self.folder)?;
        }
        fs::rename(path, self.folder.join(name))
    }
}

/// A file on another disk stays on it: `site.db-wal` becomes `site.db.before-restore-…-wal`.
fn aside_beside(table: &Path, path: &Path, stamp: &str) -> io::Result<()> {
    if !exists(path) {
        return Ok(());
    }
    let ending = path.to_string_lossy();
    let companion = COMPANIONS.into_iter().find(|companion| path != table && ending.ends_with(companion));
    fs::rename(path, beside(table, &format!(".{ASIDE}{stamp}{}", companion.unwrap_or_default())))
}
