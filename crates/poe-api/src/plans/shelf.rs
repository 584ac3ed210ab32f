//! The folder of the pictures. Each is named by its hash, so that none is ever changed: another takes its place, and it goes
//! a minute after no plan refers to it any more, or at once where its room is needed.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use poe_building::{PlanImage, SecretHash};
use poe_store::{ROOM_KEPT, free_room};
use thiserror::Error;

use crate::auth::hex;
use crate::plans::Picture;
use crate::server::Server;

/// What all pictures may take: a thousand plans of a megabyte. The disk is there for the journal.
const SHELF_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// A picture that no plan refers to stays so long: a backup that has just begun may know of it. A change of a plan takes far
/// less, unless the disk stands still.
const KEPT_FOR: Duration = Duration::from_secs(60);
/// The ending of a file that is being written. Backups leave it out.
const UNFINISHED: &str = ".new";

/// What is on its way to a plan. Whoever writes or removes pictures holds it: together they must stay within
/// [`SHELF_BYTES_MAX`], and none may go that a plan is about to have.
static GOING: Mutex<Vec<Going>> = Mutex::new(Vec::new());

/// A picture that was kept, and that no stored plan is known to have yet.
#[derive(Debug)]
struct Going {
    folder: PathBuf,
    hash: SecretHash,
    since: Instant,
}

/// The folder. Whoever calls it may have to wait for the disk.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
    bytes_max: u64,
    /// What stays free on the disk, in bytes.
    room_kept: u64,
}

/// Why a picture was not kept.
#[derive(Debug, Error)]
pub(crate) enum KeepError {
    #[error("the pictures of all plans would take more than {} MiB; remove one that is no longer needed", most >> 20)]
    Full { most: u64 },
    #[error("the server's disk is too full for a picture: {} MiB of it are kept free for the journal; make room there", kept >> 20)]
    NoRoom { kept: u64 },
    #[error("could not write to {}", path.display())]
    Write {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
}

impl KeepError {
    /// Whether there is too little room, and not something wrong.
    pub(crate) fn is_lack_of_room(&self) -> bool {
        !matches!(self, Self::Write { .. })
    }
}

impl Shelf {
    pub(crate) fn of(server: &dyn Server) -> Shelf {
        Self::at(&server.plans_folder())
    }

    pub(super) fn at(folder: &Path) -> Shelf {
        Shelf { folder: folder.to_owned(), bytes_max: SHELF_BYTES_MAX, room_kept: ROOM_KEPT }
    }

    /// Keeps a picture so that it survives whatever happens from now on. It is on its way to a plan then, until it is
    /// [settled](Self::settle). `used`: what the stored plans have.
    pub(crate) fn keep(
        &self,
        picture: &Picture,
        used: impl Fn() -> HashSet<SecretHash>,
    ) -> Result<(), KeepError> {
        let failed = |cause: io::Error| match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                KeepError::NoRoom { kept: self.room_kept }
            }
            _ => KeepError::Write { path: self.folder.clone(), cause },
        };
        let mut going = going();
        self.make_folder().map_err(failed)?;
        let image = &picture.image;
        if self.lack_of_room(image).map_err(failed)?.is_some() {
            self.remove_unused(&used(), &going, Duration::ZERO).map_err(failed)?;
        }
        if let Some(lack) = self.lack_of_room(image).map_err(failed)? {
            return Err(lack);
        }
        self.write(&self.place(&image.hash), &picture.bytes).map_err(failed)?;
        going.push(Going { folder: self.folder.clone(), hash: image.hash, since: Instant::now() });
        Ok(())
    }

    /// A picture that was kept has arrived: the plan that has it is stored.
    pub(crate) fn settle(&self, image: &PlanImage) {
        let mut going = going();
        let is_it = |going: &Going| going.folder == self.folder && going.hash == image.hash;
        if let Some(at) = going.iter().position(is_it) {
            going.swap_remove(at);
        }
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

    /// Removes what has been there for a while and is no picture of a plan. `is_storing`: a moment before, whatever was
    /// ordered a minute ago was stored, so that what is on its way for so long has got lost.
    pub(crate) fn tidy(&self, used: impl Fn() -> HashSet<SecretHash>, is_storing: bool) {
        let mut going = going();
        if is_storing {
            going.retain(|going| going.folder != self.folder || going.since.elapsed() < KEPT_FOR);
        }
        if let Err(error) = self.remove_unused(&used(), &going, KEPT_FOR) {
            tracing::warn!(%error, "could not look for pictures that no plan has in {}", self.folder.display());
        }
    }

    /// Why a picture does not fit as things are, if it does not.
    fn lack_of_room(&self, image: &PlanImage) -> io::Result<Option<KeepError>> {
        let there = fs::metadata(self.place(&image.hash)).map_or(0, |found| found.len());
        let taken = self.bytes()?.saturating_sub(there).saturating_add(image.bytes);
        Ok(if taken > self.bytes_max {
            Some(KeepError::Full { most: self.bytes_max })
        } else if free_room(&self.folder)? < image.bytes.saturating_add(self.room_kept) {
            Some(KeepError::NoRoom { kept: self.room_kept })
        } else {
            None
        })
    }

    /// Removes what no plan has, what is not on its way to one, and what is so old.
    fn remove_unused(&self, used: &HashSet<SecretHash>, going: &[Going], least: Duration) -> io::Result<()> {
        let going = going.iter().filter(|going| going.folder == self.folder).map(|going| &going.hash);
        let wanted: HashSet<String> = used.iter().chain(going).map(|hash| hex(&hash.0)).collect();
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let is_ours = name.to_str().is_some_and(|name| is_hash(name) || name.ends_with(UNFINISHED));
            let is_wanted = name.to_str().is_some_and(|name| wanted.contains(name));
            if !is_ours || is_wanted {
                continue;
            }
            let age = SystemTime::now().duration_since(entry.metadata()?.modified()?);
            if least.is_zero() || age.is_ok_and(|age| age >= least) {
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

fn going() -> MutexGuard<'static, Vec<Going>> {
    GOING.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn shelf(data: &tempfile::TempDir, bytes_max: u64) -> Shelf {
        Shelf { folder: data.path().join("plans"), bytes_max, room_kept: 0 }
    }

    fn nothing() -> HashSet<SecretHash> {
        HashSet::new()
    }

    fn age(path: &Path) {
        let long_ago = SystemTime::now() - 2 * KEPT_FOR;
        File::options().append(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }

    #[test]
    fn pictures_are_kept_until_no_plan_has_them() {
        let data = tempfile::tempdir().unwrap();
        let shelf = shelf(&data, SHELF_BYTES_MAX);
        shelf.tidy(nothing, true);
        let pictures = [picture(1), picture(2), picture(3), picture(4)];
        for picture in &pictures {
            shelf.keep(picture, nothing).unwrap();
            shelf.keep(picture, nothing).unwrap();
        }
        for picture in &pictures[..3] {
            shelf.settle(&picture.image);
            shelf.settle(&picture.image);
        }
        // Another one of the same bytes is still on its way.
        shelf.settle(&pictures[3].image);
        let place = |at: usize| shelf.place(&pictures[at].image.hash);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&shelf.folder), mode(&place(0))), (0o700, 0o600));
        for (name, old) in [("7.new", true), ("8.new", false), ("notes", true)] {
            fs::write(shelf.folder.join(name), "x").unwrap();
            if old {
                age(&shelf.folder.join(name));
            }
        }
        [place(0), place(1), place(3)].iter().for_each(|path| age(path));
        shelf.tidy(|| HashSet::from([pictures[0].image.hash]), true);
        let there = |name: &str| shelf.folder.join(name).exists();
        let found = [0, 1, 2, 3].map(|at| place(at).exists());
        assert_eq!(found, [true, false, true, true], "used, old, young, on its way");
        assert_eq!(["7.new", "8.new", "notes"].map(there), [false, true, true], "the notes are not ours");
        shelf.spare(&pictures[0].image);
        shelf.tidy(nothing, true);
        assert!(shelf.open(&pictures[0].image).is_ok(), "what was replaced just now stays for a while");
        fs::write(place(0), "cut").unwrap();
        assert!(shelf.open(&pictures[0].image).is_err());
    }

    #[test]
    fn what_is_on_its_way_is_given_up_only_while_orders_are_stored() {
        let data = tempfile::tempdir().unwrap();
        let shelf = shelf(&data, SHELF_BYTES_MAX);
        let picture = picture(1);
        shelf.keep(&picture, nothing).unwrap();
        age(&shelf.place(&picture.image.hash));
        let long_ago = Instant::now().checked_sub(2 * KEPT_FOR).unwrap();
        going().iter_mut().filter(|going| going.folder == shelf.folder).for_each(|it| it.since = long_ago);
        shelf.tidy(nothing, false);
        assert!(shelf.open(&picture.image).is_ok(), "the disk stands still, and the plan may get it yet");
        shelf.tidy(nothing, true);
        assert!(shelf.open(&picture.image).is_err());
    }

    #[test]
    fn a_full_shelf_gives_up_what_no_plan_has_and_then_says_so() {
        let data = tempfile::tempdir().unwrap();
        let shelf = shelf(&data, picture(1).image.bytes * 2);
        for width in [1, 2, 2, 3] {
            let picture = picture(width);
            shelf.keep(&picture, nothing).unwrap();
            shelf.settle(&picture.image);
        }
        assert!(shelf.open(&picture(1).image).is_err(), "it was replaced, and its room is needed");
        let used = || HashSet::from([picture(3).image.hash]);
        shelf.keep(&picture(4), used).unwrap();
        let refused = shelf.keep(&picture(5), used).unwrap_err();
        assert!(matches!(refused, KeepError::Full { .. }), "{refused}");
        assert_eq!(fs::read_dir(&shelf.folder).unwrap().count(), 2, "and nothing is left of it");
    }

    #[test]
    fn a_picture_leaves_room_for_the_journal() {
        let data = tempfile::tempdir().unwrap();
        let shelf = Shelf { room_kept: u64::MAX, ..shelf(&data, SHELF_BYTES_MAX) };
        let refused = shelf.keep(&picture(1), nothing).unwrap_err();
        assert!(matches!(refused, KeepError::NoRoom { .. }) && refused.is_lack_of_room(), "{refused}");
        assert_eq!(fs::read_dir(&shelf.folder).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let shelf = Shelf { folder: "/proc/plans".into(), bytes_max: SHELF_BYTES_MAX, room_kept: 0 };
        let refused = shelf.keep(&picture(1), nothing).unwrap_err();
        assert_eq!(refused.to_string(), "could not write to /proc/plans");
    }
}
