//! The catalogue found out from the files, and what a crash has left behind.

use super::{
    Catalogue, CatalogueFile, Entry, Level, Notice,
    names::{Name, day_of},
    text::SEGMENTS_MAX,
};
use crate::{
    HistoryError,
    error::Result,
    files::{Directory, RawFile, RollupFile, Step},
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
            let sealed_through = name.sealed_through.filter(|number| *number <= SEGMENTS_MAX);
            catalogue.sealed_through = catalogue.sealed_through.max(sealed_through.unwrap_or(0));
        }
    }
    catalogue.entries.sort_by_key(|entry| (entry.level, entry.from_ms, entry.set));
    Ok(catalogue)
}

/// What a file says of itself. Its times are those in its footer, which vouches for itself: a name can be mistyped.
fn entry(folders: &Folders, level: Level, name: &Name, path: &str) -> Result<Entry> {
    let full = folders.path(path);
    let damaged = |why: &str| HistoryError::damaged(&full, why);
    let no_times = || damaged("its footer does not tell its times");
    let rows_of = |directory: &Directory| directory.iter().map(|(_, rows)| rows.end - rows.start).sum();
    let (rows, footer_crc, (from_ms, to_ms)) = match level {
        Level::Raw => {
            let file = RawFile::open(&full)?;
            (rows_of(file.directory()), file.footer_crc(), file.times_ms().ok_or_else(no_times)?)
        }
        Level::Rollup(step) => {
            let file = RollupFile::open(&full)?;
            let (first, last) = file.times_ms().ok_or_else(no_times)?;
            // It tells when its steps begin, and only the name tells when in them its readings were.
            let begins = |ms: i64| ms - ms.rem_euclid(step.millis());
            if (begins(name.from_ms), begins(name.to_ms)) != (first, last) {
                return Err(damaged("its name tells other times than its footer"));
            }
            (rows_of(file.directory()), file.footer_crc(), (name.from_ms, name.to_ms))
        }
    };
    let of = |ms| super::names::folder(level, day_of(ms));
    if of(from_ms) != of(to_ms) || !path.starts_with(&format!("{}/", of(from_ms))) {
        return Err(damaged("its times are not those of its folder"));
    }
    let bytes = fs::metadata(&full).map_err(|cause| HistoryError::disk("look at", &full, cause))?.len();
    let &Name { first: first_set, set, daily, .. } = name;
    Ok(Entry { path: path.to_owned(), level, from_ms, to_ms, rows, bytes, footer_crc, set, first_set, daily })
}

/// What is to be done with a file that has a name of ours, and that the catalogue does not have.
#[derive(PartialEq, Eq, Debug)]
enum Stranger {
    /// A crash has left it: what is in it is elsewhere, or never counted.
    Left,
    /// Somebody has put it there, and nothing else has its readings.
    New,
    /// Some of it may be in other files.
    Doubtful,
}

/// Clears what a crash has left: parts of files, files that were taken out, and files that never got into the catalogue.
/// Entries whose files are missing are taken out. A file that a person has put back is taken into the catalogue, if nothing
/// else stands for its readings, and set aside otherwise: none is deleted that is not surely in other files. Files with other
/// names are left alone.
pub(super) fn clear(folders: &Folders, catalogue: &CatalogueFile) -> Result<()> {
    let before = catalogue.now();
    let known: HashSet<&str> = before.entries.iter().map(|entry| entry.path.as_str()).collect();
    let leaving: HashSet<&str> = before.leaving.iter().map(String::as_str).collect();
    let mut met = HashSet::new();
    let mut strangers = Vec::new();
    let delete = |path: &str| {
        let full = folders.path(path);
        fs::remove_file(&full).map_err(|cause| HistoryError::disk("delete", &full, cause))?;
        if let Some(folder) = full.parent() {
            let _ = fs::remove_dir(folder);
        }
        Ok(())
    };
    for (level, top) in LEVELS {
        each_file(folders, top, &mut |path| {
            if known.contains(path.as_str()) {
                met.insert(path);
            } else if leaving.contains(path.as_str()) || path.ends_with(PART) {
                delete(&path)?;
            } else if let Some(name) = Name::parse(&path) {
                strangers.push((level, name, path));
            }
            Ok(())
        })?;
    }
    for (_, top) in LEVELS {
        // Of days whose first file did not get its name; those with files stay.
        day_folders(folders, top)?.iter().for_each(|folder| drop(fs::remove_dir(folders.path(folder))));
    }
    for part in names_in(&folders.parts())? {
        let path = folders.parts().join(part);
        fs::remove_file(&path).map_err(|cause| HistoryError::disk("delete", &path, cause))?;
    }
    for missing in before.entries.iter().filter(|entry| !met.contains(entry.path.as_str())) {
        catalogue.set_aside(missing, "it is missing")?;
    }
    // Readings first, which show what roll-ups are for; and of each those with the most.
    strangers.sort_by_key(|(level, name, _)| (*level, name.first, std::cmp::Reverse(name.set)));
    for (level, name, path) in strangers {
        match judge(&catalogue.now(), level, &name) {
            Stranger::Left => {
                tracing::warn!("{path} was left by a crash, and is deleted: its readings are elsewhere");
                delete(&path)?;
            }
            Stranger::New => match entry(folders, level, &name, &path) {
                Ok(found) => adopt(catalogue, found)?,
                Err(HistoryError::Damaged { why, .. }) => catalogue.set_stranger_aside(&path, &why)?,
                Err(error) => return Err(error),
            },
            Stranger::Doubtful => {
                let why = "other files may have some of its readings";
                catalogue.set_stranger_aside(&path, why)?;
            }
        }
    }
    Ok(())
}

fn judge(catalogue: &Catalogue, level: Level, name: &Name) -> Stranger {
    // Numbers are given with the catalogue that has them: this one was never in any, and the log, or whoever imports, still
    // has its readings.
    if name.set >= catalogue.next_set {
        return Stranger::Left;
    }
    let (first_day, last_day) = (day_of(name.from_ms), day_of(name.to_ms));
    let of = |level: Level| {
        let same_time =
            move |entry: &&Arc<Entry>| day_of(entry.from_ms) <= last_day && first_day <= day_of(entry.to_ms);
        let shares = |entry: &&Arc<Entry>| entry.first_set <= name.set && name.first <= entry.set;
        catalogue.of(level).filter(same_time).filter(shares).collect::<Vec<_>>()
    };
    // What was made of files that are still there, and whatever it is made of, from its first set to its last.
    let is_made_of = |files: &[&Arc<Entry>]| {
        files.iter().any(|file| file.first_set == name.first) && files.iter().any(|file| file.set == name.set)
    };
    let finer: &[Level] = match level {
        Level::Raw => &[],
        Level::Rollup(Step::Minute) => &[Level::Raw],
        Level::Rollup(Step::Hour) => &[Level::Raw, Level::Rollup(Step::Minute)],
    };
    let levels: Vec<_> = std::iter::once(&level).chain(finer).map(|level| of(*level)).collect();
    if levels.iter().any(|files| is_made_of(files)) {
        Stranger::Left
    } else if levels.iter().all(Vec::is_empty) {
        Stranger::New
    } else {
        Stranger::Doubtful
    }
}

/// Takes a file into the catalogue. What it sums up to is made anew where it is missing.
fn adopt(catalogue: &CatalogueFile, found: Entry) -> Result<()> {
    let text = format!(
        "{} was put there by somebody, and is part of the history now: {} rows",
        found.path, found.rows
    );
    catalogue.change(|catalogue| {
        catalogue.entries.push(Arc::new(found));
        true
    })?;
    tracing::warn!("{text}");
    catalogue.notice(Notice::Damaged { text });
    Ok(())
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
    let parts = folders.parts();
    files.extend(names_in(&parts)?.into_iter().map(|part| parts.join(part).display().to_string()));
    Ok(files)
}

/// Calls `take` with the path of every file in the folders within `top`, from the data folder on.
fn each_file(folders: &Folders, top: &str, take: &mut dyn FnMut(String) -> Result<()>) -> Result<()> {
    for folder in day_folders(folders, top)? {
        for name in names_in(&folders.path(&folder))? {
            take(format!("{folder}/{name}"))?;
        }
    }
    Ok(())
}

/// The folders of days, or months, within `top`.
fn day_folders(folders: &Folders, top: &str) -> Result<Vec<String>> {
    let names = names_in(&folders.path(top))?.into_iter();
    let days = names.filter(|name| name.starts_with("date=") || name.starts_with("month="));
    Ok(days.map(|name| format!("{top}/{name}")).collect())
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
