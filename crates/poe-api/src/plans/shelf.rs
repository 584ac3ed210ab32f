//! The folder of the pictures. Each is named by its hash, so that none is ever changed: another takes its place, and it goes
//! when no plan refers to it any more.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use poe_building::{PlanImage, SecretHash};
use thiserror::Error;

use crate::auth::hex;
use crate::plans::Picture;
use crate::server::Server;

/// What all pictures may take: a thousand plans of a megabyte. The disk is there for the journal.
const SHELF_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// A picture that no plan refers to may be on its way to one, or be what the plan goes back to if the power fails now. This
/// is far longer than a change takes.
const KEPT_FOR: Duration = Duration::from_secs(60);
/// The ending of a file that is being written. Backups leave it out.
const UNFINISHED: &str = ".new";

/// One picture is written at a time, since together they must stay within [`SHELF_BYTES_MAX`].
static WRITING: Mutex<()> = Mutex::new(());

/// The folder. Whoever calls it may have to wait for the disk.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
    bytes_max: u64,
}

/// Why a picture was not kept.
#[derive(Debug, Error)]
pub(crate) enum KeepError {
    #[error("the pictures of all plans would take more than {} MiB; remove one that is no longer needed", most >> 20)]
    Full { most: u64 },
    #[error("could not write to {}", path.display())]
    Write {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
}

impl Shelf {
    pub(crate) fn of(server: &dyn Server) -> Shelf {
        Shelf { folder: server.plans_folder(), bytes_max: SHELF_BYTES_MAX }
    }

    /// Keeps a picture so that it survives whatever happens from now on.
    pub(crate) fn keep(&self, picture: &Picture) -> Result<(), KeepError> {
        let failed = |cause| KeepError::Write { path: self.folder.clone(), cause };
        let _one_at_a_time = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        self.make_folder().map_err(failed)?;
        let place = self.place(&picture.image.hash);
        let there = fs::metadata(&place).map_or(0, |found| found.len());
        let taken = self.bytes().map_err(failed)? - there;
        if taken + picture.image.bytes > self.bytes_max {
            return Err(KeepError::Full { most: self.bytes_max });
        }
        self.write(&place, &picture.bytes).map_err(failed)
    }

    /// The file of a picture.
    pub(crate) fn open(&self, image: &PlanImage) -> io::Result<File> {
        let file = File::open(self.place(&image.hash))?;
        if file.metadata()?.len() == image.bytes {
            Ok(file)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "it has another size than it had"))
        }
    }

    /// The picture is about to be replaced: it stays for a while all the same.
    pub(crate) fn spare(&self, image: &PlanImage) {
        let touched =
            File::open(self.place(&image.hash)).and_then(|file| file.set_modified(SystemTime::now()));
        if let Err(error) = touched {
            tracing::debug!(%error, "a picture that is being replaced could not be spared");
        }
    }

    /// Removes what has been there for a while and is no picture of a plan.
    pub(crate) fn tidy(&self, used: &HashSet<SecretHash>) {
        let _one_at_a_time = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let used: HashSet<String> = used.iter().map(|hash| hex(&hash.0)).collect();
        if let Err(error) = self.remove_all_but(&used) {
            tracing::warn!(%error, "could not look for pictures that no plan has in {}", self.folder.display());
        }
    }

    fn remove_all_but(&self, used: &HashSet<String>) -> io::Result<()> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let is_ours = name.to_str().is_some_and(|name| is_hash(name) || name.ends_with(UNFINISHED));
            let is_used = name.to_str().is_some_and(|name| used.contains(name));
            let age = SystemTime::now().duration_since(entry.metadata()?.modified()?);
            if is_ours && !is_used && age.is_ok_and(|age| age >= KEPT_FOR) {
                fs::remove_file(entry.path())?;
                tracing::info!("removed the picture {}, which no plan has", entry.path().display());
            }
        }
        Ok(())
    }

    fn make_folder(&self) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            Err(_) => Ok(()),
            Ok(()) => sync(self.folder.parent().unwrap_or(Path::new("."))),
        }
    }

    fn bytes(&self) -> io::Result<u64> {
        fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
    }

    /// Writes beside the place, makes it durable, and moves it there.
    fn write(&self, place: &Path, bytes: &[u8]) -> io::Result<()> {
        static WRITTEN: AtomicU64 = AtomicU64::new(0);
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let new = self.folder.join(format!("{}-{number}{UNFINISHED}", std::process::id()));
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&new, place))
            .and_then(|()| sync(&self.folder));
        if written.is_err() {
            // What cannot be removed now is when it is old.
            fs::remove_file(&new).ok();
        }
        written
    }

    fn place(&self, hash: &SecretHash) -> PathBuf {
        self.folder.join(hex(&hash.0))
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn picture(width: u32) -> Picture {
        Picture::new(format!("<svg viewBox='0 0 {width} 1'/>").into_bytes()).unwrap()
    }

    fn age(path: &Path) {
        let long_ago = SystemTime::now() - 2 * KEPT_FOR;
        File::options().append(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }

    #[test]
    fn pictures_are_kept_until_no_plan_has_them() {
        let data = tempfile::tempdir().unwrap();
        let shelf = Shelf { folder: data.path().join("plans"), bytes_max: SHELF_BYTES_MAX };
        shelf.tidy(&HashSet::new());
        let pictures = [picture(1), picture(2), picture(3)];
        for picture in &pictures {
            shelf.keep(picture).unwrap();
            shelf.keep(picture).unwrap();
        }
        let place = |at: usize| shelf.place(&pictures[at].image.hash);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&shelf.folder), mode(&place(0))), (0o700, 0o600));
        for (name, old) in [("7.new", true), ("8.new", false), ("notes", true)] {
            fs::write(shelf.folder.join(name), "x").unwrap();
            if old {
                age(&shelf.folder.join(name));
            }
        }
        [place(0), place(1)].iter().for_each(|path| age(path));
        shelf.tidy(&HashSet::from([pictures[0].image.hash]));
        let there = |name: &str| shelf.folder.join(name).exists();
        assert_eq!([0, 1, 2].map(|at| place(at).exists()), [true, false, true], "used, old, young");
        assert_eq!(["7.new", "8.new", "notes"].map(there), [false, true, true], "the notes are not ours");
        shelf.spare(&pictures[0].image);
        shelf.tidy(&HashSet::new());
        assert!(shelf.open(&pictures[0].image).is_ok(), "what was replaced just now stays for a while");
        fs::write(place(0), "cut").unwrap();
        assert!(shelf.open(&pictures[0].image).is_err());
    }

    #[test]
    fn a_full_shelf_says_so() {
        let data = tempfile::tempdir().unwrap();
        let two = picture(1).image.bytes * 2;
        let shelf = Shelf { folder: data.path().join("plans"), bytes_max: two };
        shelf.keep(&picture(1)).unwrap();
        shelf.keep(&picture(2)).unwrap();
        shelf.keep(&picture(2)).unwrap();
        let refused = shelf.keep(&picture(3)).unwrap_err();
        assert!(matches!(refused, KeepError::Full { .. }), "{refused}");
        assert_eq!(fs::read_dir(&shelf.folder).unwrap().count(), 2, "and nothing is left of it");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let shelf = Shelf { folder: "/proc/plans".into(), bytes_max: SHELF_BYTES_MAX };
        assert_eq!(shelf.keep(&picture(1)).unwrap_err().to_string(), "could not write to /proc/plans");
    }
}
