//! Where the copies lie until they are in the archive: a folder of their own in the data folder.

use super::parts::{FOLDERS, Files, INNER_MAX, is_file_name, is_inner_name};
use std::{
    fs::{self, DirBuilder, FileType},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// The folder's name. There is one, so that one backup is made at a time; the next start removes what a crash has left.
pub(crate) const NAME: &str = "backup.tmp";

/// The folder. It goes with this value.
#[derive(Debug)]
pub(crate) struct Spool(PathBuf);

impl Spool {
    /// Makes the folder. `AlreadyExists`: another backup is being made.
    pub(crate) fn make(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(NAME);
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Takes hold of every file in the folders that are copied. What is removed there from now on is still here.
    pub(crate) fn hold_folders(&self, data_dir: &Path) -> io::Result<()> {
        for folder in FOLDERS.iter().filter(|folder| folder.files == Files::Still) {
            let from = data_dir.join(folder.name);
            if !from.is_dir() {
                continue;
            }
            let to = self.join(folder.name);
            DirBuilder::new().recursive(true).mode(0o700).create(&to)?;
            for name in file_names(&from)? {
                let (from, to) = (from.join(&name), to.join(&name));
                match hold(&from, &to) {
                    // It was held before, or has just been removed.
                    Err(error)
                        if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => {
                    }
                    held => held?,
                }
            }
        }
        Ok(())
    }

    /// The names under which the archive has the files of the folders.
    pub(crate) fn held(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for folder in FOLDERS.iter().filter(|folder| self.join(folder.name).is_dir()) {
            self.add_held(folder.name, INNER_MAX, &mut names)?;
        }
        Ok(names)
    }

    fn add_held(&self, folder: &str, deeper: usize, names: &mut Vec<String>) -> io::Result<()> {
        let path = self.join(folder);
        names.extend(file_names(&path)?.into_iter().map(|name| format!("{folder}/{name}")));
        if deeper > 0 {
            for inner in folder_names(&path)? {
                self.add_held(&format!("{folder}/{inner}"), deeper - 1, names)?;
            }
        }
        Ok(())
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Err(cause) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%cause, folder = %self.0.display(), "the folder of a backup could not be removed");
        }
    }
}

/// A second name for the same file, which takes no room; a copy, where the disk knows no second names.
fn hold(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error)
            if matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied) =>
        {
            fs::copy(from, to).map(drop)
        }
        linked => linked,
    }
}

/// The files of a folder that belong into a backup, by name.
fn file_names(folder: &Path) -> io::Result<Vec<String>> {
    names(folder, |kind, name| kind.is_file() && is_file_name(name))
}

/// The folders in it that may have such files.
fn folder_names(folder: &Path) -> io::Result<Vec<String>> {
    names(folder, |kind, name| kind.is_dir() && is_inner_name(name))
}

fn names(folder: &Path, belongs: impl Fn(FileType, &str) -> bool) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if entry.file_type().is_ok_and(|kind| belongs(kind, &name)) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}
