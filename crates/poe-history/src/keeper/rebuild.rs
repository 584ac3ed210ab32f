//! The catalogue found out from the files, and what a crash has left behind.

use super::{Catalogue, Entry, Level, names::Name};
use crate::{
    HistoryError,
    error::Result,
    files::{RawFile, RollupFile, Step},
    history::Folders,
};
use std::{collections::HashSet, fs, io, path::Path, sync::Arc};

/// How the name of a file ends that is being written.
pub(super) const PART: &str = ".parquet.part";

const LEVELS: [(Level, &str); 3] = [
    (Level::Raw, "history"),
    (Level::Rollup(Step::Minute), "rollups/minute"),
    (Level::Rollup(Step::Hour), "rollups/hour"),
];

/// A catalogue of the files that there are. Of files that have become another, only that other is in it; what cannot be read
/// is not in it either, and stays where it is.
pub(super) fn from_files(folders: &Folders) -> Result<Catalogue> {
    let mut catalogue = Catalogue { next_set: 1, ..Catalogue::default() };
    for (level, top) in LEVELS {
        let mut found: Vec<(Name, String)> = Vec::new();
        each_file(folders, top, &mut |path| {
            if let Some(name) = Name::parse(&path) {
                found.push((name, path));
            }
            Ok(())
        })?;
        for (name, path) in &found {
            let folder = path.rsplit_once('/').map(|(folder, _)| folder);
            let is_replaced = found.iter().any(|(other, other_path)| {
                other_path.rsplit_once('/').map(|(folder, _)| folder) == folder && other.replaces(name)
            });
            if is_replaced {
                continue;
            }
            match entry(folders, level, name, path) {
                Ok(entry) => catalogue.entries.push(Arc::new(entry)),
                Err(error) => tracing::error!("{error}"),
            }
            catalogue.next_set = catalogue.next_set.max(name.set + 1);
            catalogue.sealed_through = catalogue.sealed_through.max(name.sealed_through.unwrap_or(0));
        }
    }
    catalogue.entries.sort_by_key(|entry| (entry.level, entry.from_ms, entry.set));
    Ok(catalogue)
}

/// What a file says of itself.
fn entry(folders: &Folders, level: Level, name: &Name, path: &str) -> Result<Entry> {
    let full = folders.path(path);
    let (rows, footer_crc) = match level {
        Level::Raw => {
            let file = RawFile::open(&full)?;
            (file.directory().iter().map(|(_, rows)| rows.end - rows.start).sum(), file.footer_crc())
        }
        Level::Rollup(_) => {
            let file = RollupFile::open(&full)?;
            (file.directory().iter().map(|(_, rows)| rows.end - rows.start).sum(), file.footer_crc())
        }
    };
    let bytes = fs::metadata(&full).map_err(|cause| HistoryError::disk("look at", &full, cause))?.len();
    let &Name { first: first_set, from_ms, to_ms, set, daily, .. } = name;
    Ok(Entry { path: path.to_owned(), level, from_ms, to_ms, rows, bytes, footer_crc, set, first_set, daily })
}

/// Removes what a crash has left: parts of files, and files with names of ours that the catalogue does not have. Returns those
/// of the catalogue that are missing. Other files are left alone.
pub(super) fn clear(folders: &Folders, catalogue: &Catalogue) -> Result<Vec<Arc<Entry>>> {
    let known: HashSet<&str> = catalogue.entries.iter().map(|entry| entry.path.as_str()).collect();
    let mut met = HashSet::new();
    for (_, top) in LEVELS {
        each_file(folders, top, &mut |path| {
            if known.contains(path.as_str()) {
                met.insert(path);
            } else if Name::parse(&path).is_some() || path.ends_with(PART) {
                let full = folders.path(&path);
                fs::remove_file(&full).map_err(|cause| HistoryError::disk("delete", &full, cause))?;
                if let Some(folder) = full.parent() {
                    let _ = fs::remove_dir(folder);
                }
            }
            Ok(())
        })?;
    }
    Ok(catalogue.entries.iter().filter(|entry| !met.contains(entry.path.as_str())).cloned().collect())
}

/// The path of every file in the folders of the history that has one of our endings, from the data folder on.
pub(crate) fn files(folders: &Folders) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for (_, top) in LEVELS {
        each_file(folders, top, &mut |path| {
            files.extend((path.ends_with(".parquet") || path.ends_with(PART)).then_some(path));
            Ok(())
        })?;
    }
    Ok(files)
}

/// Calls `take` with the path of every file in the folders within `top`, from the data folder on.
fn each_file(folders: &Folders, top: &str, take: &mut dyn FnMut(String) -> Result<()>) -> Result<()> {
    for folder in names_in(&folders.path(top))? {
        if !folder.starts_with("date=") && !folder.starts_with("month=") {
            continue;
        }
        let folder = format!("{top}/{folder}");
        for name in names_in(&folders.path(&folder))? {
            take(format!("{folder}/{name}"))?;
        }
    }
    Ok(())
}

/// How many files lie in a folder; none, if it is not there.
pub(super) fn files_in(folder: &Path) -> u64 {
    names_in(folder).map_or(0, |names| names.len() as u64)
}

/// The names in a folder, sorted; none, if it is not there. A name that is no text is not ours.
fn names_in(folder: &Path) -> Result<Vec<String>> {
    let failed = |cause| HistoryError::disk("read the folder", folder, cause);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(cause) => return Err(failed(cause)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(failed)?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}
