//! The history as it is at one moment, put into a folder: for a backup, while the server goes on or after it was stopped.

use crate::{
    History,
    error::{HistoryError, Result},
    history::{Folders, Moment},
    keeper,
    log::Segment,
};
use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    os::unix::fs::{FileExt, MetadataExt},
    path::Path,
    sync::Arc,
};

/// How often a moment is looked for in which no file turns out to be damaged, and is set aside, while it is copied.
const TRIES_MAX: usize = 8;

/// What is copied of a segment at a time.
const PIECE_BYTES: usize = 256 << 10;

/// Where the copy of a backup lies in the data folder, until the last byte of the backup is taken.
const BACKUP: &str = "backup.tmp";

/// The bytes of files that a backup under way still has, and nobody else: they were removed from the history since, and go
/// with the backup.
pub(crate) fn held_by_backup(data: &Path) -> u64 {
    let copy = Folders { data: data.join(BACKUP) };
    [copy.batches(), copy.history(), copy.rollups()].iter().map(|folder| only_here(folder)).sum()
}

/// The bytes of files that have no other name than the one in this folder, or in one below.
fn only_here(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => only_here(&entry.path()),
            Ok(found) if found.nlink() == 1 => found.len(),
            _ => 0,
        })
        .sum()
}

impl History {
    /// Puts what there is now into a folder, which then has `batches/`, `history/`, `rollups/` and `catalogue/` as a data
    /// folder does.
    /// Files that never change get a second name there, so that this is quick and takes little room.
    ///
    /// # Errors
    /// The disk fails. What is in the folder by then is of no use.
    pub fn copy_to(&self, folder: &Path) -> Result<()> {
        let to = Folders { data: folder.to_owned() };
        // As long as it lives, no file of its catalogue is deleted.
        let mut moment = self.now();
        for _ in 1..TRIES_MAX {
            match self.copy_moment(&moment, &to) {
                Err(HistoryError::Disk { cause, .. }) if cause.kind() == ErrorKind::NotFound => {
                    moment = self.now();
                }
                copied => return copied,
            }
        }
        self.copy_moment(&moment, &to)
    }

    fn copy_moment(&self, moment: &Moment, to: &Folders) -> Result<()> {
        for entry in &moment.catalogue.entries {
            second_name(&self.folders.path(&entry.path), &to.path(&entry.path))?;
        }
        write_new(&to.catalogue(), &mut &keeper::print(&moment.catalogue)[..])?;
        moment.segments.iter().try_for_each(|segment| copy_segment(segment, &to.batches()))
    }
}

/// As [`History::copy_to`], of a data folder that nobody uses.
///
/// # Errors
/// As [`History::copy_to`].
pub fn copy_stopped(data_dir: &Path, folder: &Path) -> Result<()> {
    let (from, to) = (Folders { data: data_dir.to_owned() }, Folders { data: folder.to_owned() });
    for folder in [Folders::batches, Folders::history, Folders::rollups, Folders::keeping] {
        copy_tree(&folder(&from), &folder(&to))?;
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    let failed = |cause| HistoryError::disk("read the folder", from, cause);
    let entries = match fs::read_dir(from) {
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            copy_tree(&path, &to)?;
        } else if kind.is_file() {
            second_name(&path, &to)?;
        }
    }
    Ok(())
}

/// A second name takes no room; where the disk knows none, the file is copied. One that is there already is the same.
fn second_name(from: &Path, to: &Path) -> Result<()> {
    make_folder_of(to)?;
    let named = match fs::hard_link(from, to) {
        Err(cause) if matches!(cause.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
            fs::copy(from, to).map(drop)
        }
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Ok(()),
        named => named,
    };
    named.map_err(|cause| HistoryError::disk("copy", from, cause))
}

/// A segment that grows is copied as far as this value of it goes, and so is one that was deleted meanwhile.
fn copy_segment(segment: &Arc<Segment>, folder: &Path) -> Result<()> {
    let (path, file) = segment.file();
    let to = folder.join(path.file_name().unwrap_or_default());
    if segment.is_closed() {
        match second_name(path, &to) {
            Err(HistoryError::Disk { cause, .. }) if cause.kind() == ErrorKind::NotFound => {}
            named => return named,
        }
    }
    let mut from = io::Read::take(At { file, at: 0 }, segment.bytes());
    write_new(&to, &mut from)
}

/// A file read from its beginning, whoever else reads it.
struct At<'a> {
    file: &'a File,
    at: u64,
}

impl io::Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

fn write_new(path: &Path, content: &mut dyn io::Read) -> Result<()> {
    make_folder_of(path)?;
    let mut write = || {
        let mut file = io::BufWriter::with_capacity(PIECE_BYTES, File::create(path)?);
        io::copy(content, &mut file)?;
        file.flush()
    };
    write().map_err(|cause| HistoryError::disk("write", path, cause))
}

fn make_folder_of(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|cause| HistoryError::disk("make the folder", folder, cause))
}

#[cfg(test)]
mod tests {
    use crate::{ExportFormat, History, Log, Options, Range, Retention, copy_stopped, verify};
    use poe_building::{NodeNo, Readings, Sample, Status, Time};
    use poe_wire::SensorKind;
    use std::{
        fs,
        path::Path,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        thread,
    };
    use tempfile::TempDir;

    /// 2026-11-22T10:00:00Z, in microseconds.
    const BEGIN_US: i64 = 1_795_341_600_000_000;

    fn open(folder: &Path) -> (Arc<History>, Log) {
        let (history, log, _, _) =
            History::open(&Options { data_dir: folder.to_owned(), retention: Retention::default() }).unwrap();
        (history, log)
    }

    /// A burst of three sensors each second, from one to before another.
    fn append(log: &mut Log, seconds: std::ops::Range<i64>) {
        let mut readings = Readings::default();
        for second in seconds {
            let sample =
                |id| Sample { id, kind: SensorKind::Water, value: second as u8, status: Status::Undefined };
            readings.push(NodeNo(0), Time(BEGIN_US + second * 1_000_000), (0..3).map(sample));
        }
        log.append(&readings, |_| [10, 0, 0, 7].into()).unwrap();
    }

    fn told(history: &Arc<History>) -> String {
        let mut export =
            history.export(Range { from_ms: 0, to_ms: i64::MAX }, None, ExportFormat::Csv).unwrap();
        let mut bytes = Vec::new();
        while let Some(piece) = export.next_piece().unwrap() {
            bytes.extend_from_slice(&piece);
        }
        String::from_utf8(bytes).unwrap()
    }

    fn check(copy: &Path, right: &str) {
        let report = verify(copy).unwrap();
        assert_eq!(report.findings, [""; 0]);
        let (history, mut log) = open(copy);
        assert_eq!(told(&history), right);
        // It goes on where the other was.
        append(&mut log, 90_000..90_001);
        assert_eq!(told(&history).lines().count(), right.lines().count() + 3);
        history.keep_now(&AtomicBool::new(false)).unwrap();
        assert_eq!(told(&history).lines().count(), right.lines().count() + 3);
        assert_eq!(verify(copy).unwrap().findings, [""; 0]);
    }

    #[test]
    fn a_copy_has_what_is_sealed_and_what_is_not() {
        let (house, never) = (TempDir::new().unwrap(), AtomicBool::new(false));
        let (history, mut log) = open(house.path());
        let copies = TempDir::new_in(house.path()).unwrap();
        let take = |name: &str| {
            let copy = copies.path().join(name);
            history.copy_to(&copy).unwrap();
            (copy, told(&history))
        };
        let empty = take("empty");
        append(&mut log, 0..100);
        let growing = take("growing");
        history.keep_now(&never).unwrap();
        let sealed = take("sealed");
        append(&mut log, 100..200);
        let both = take("both");
        // What is in the copy is not touched by what happens later.
        append(&mut log, 86_000..86_100);
        history.keep_now(&never).unwrap();
        append(&mut log, 86_100..86_200);
        drop((history, log));
        let stopped = copies.path().join("stopped");
        copy_stopped(house.path(), &stopped).unwrap();
        let all = told(&open(house.path()).0);
        for (copy, right) in [empty, growing, sealed, both, (stopped, all)] {
            check(&copy, &right);
        }
    }

    #[test]
    fn a_copy_is_of_one_moment_while_readings_come_and_are_sealed() {
        let house = TempDir::new().unwrap();
        let (history, mut log) = open(house.path());
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                for second in 0..400 {
                    append(&mut log, second * 20..second * 20 + 20);
                }
                done.store(true, Ordering::Relaxed);
            });
            scope.spawn(|| {
                let never = AtomicBool::new(false);
                while !done.load(Ordering::Relaxed) {
                    history.keep_now(&never).unwrap();
                }
            });
            while !done.load(Ordering::Relaxed) {
                let copy = TempDir::new_in(house.path()).unwrap();
                let before = told(&history).lines().count();
                history.copy_to(copy.path()).unwrap();
                let after = told(&history).lines().count();
                let of_copy = told(&open(copy.path()).0).lines().count();
                assert!((before..=after).contains(&of_copy), "{before} {of_copy} {after}");
                assert_eq!(of_copy % 60, 1, "batches are whole");
                assert_eq!(verify(copy.path()).unwrap().findings, [""; 0]);
            }
        });
        // Files that somebody was reading still are deleted now.
        history.keep_now(&AtomicBool::new(false)).unwrap();
        assert_eq!(verify(house.path()).unwrap().findings, [""; 0]);
    }

    #[test]
    fn what_is_damaged_in_a_copy_is_found() {
        let (house, never) = (TempDir::new().unwrap(), AtomicBool::new(false));
        let (history, mut log) = open(house.path());
        append(&mut log, 0..5_000);
        history.keep_now(&never).unwrap();
        append(&mut log, 5_000..5_100);
        append(&mut log, 5_100..5_200);
        let entries = history.catalogue.now().entries.clone();
        drop((history, log));
        let segment = fs::read_dir(house.path().join("batches")).unwrap().flatten().next().unwrap().path();
        let paths = entries.iter().map(|entry| house.path().join(&entry.path)).chain([segment.clone()]);
        for path in paths {
            let whole = fs::read(&path).unwrap();
            // The last batch of the log could have been cut off by a crash.
            let end = if path == segment { whole.len() / 2 } else { whole.len() };
            for at in (0..end).step_by(end.div_ceil(40)) {
                let mut damaged = whole.clone();
                damaged[at] ^= 0x10;
                fs::write(&path, damaged).unwrap();
                let findings = verify(house.path()).unwrap().findings;
                let name = path.file_name().unwrap().to_str().unwrap();
                assert!(
                    findings.iter().any(|finding| finding.contains(name)),
                    "{name} at {at}: {findings:?}"
                );
            }
            fs::write(&path, &whole).unwrap();
        }
        let stranger = house.path().join(&entries[0].path).with_file_name("other.parquet");
        fs::copy(house.path().join(&entries[0].path), stranger).unwrap();
        fs::remove_file(house.path().join(&entries[1].path)).unwrap();
        let findings = verify(house.path()).unwrap().findings;
        assert!(
            findings.iter().any(|finding| finding.contains("other.parquet is in no catalogue")),
            "{findings:?}"
        );
        assert!(findings.contains(&format!("{} is missing", entries[1].path)), "{findings:?}");
    }
}
