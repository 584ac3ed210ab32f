//! Whose files are: what root does in the folder of another has to be of use to that one, and must not reach further than
//! they could themselves.

use nix::unistd::{Gid, Uid, geteuid, setfsgid, setfsuid};
use std::{
    fs::{self, File},
    io,
    marker::PhantomData,
    os::unix::fs::{MetadataExt, fchown},
    path::Path,
};

/// Gives a file that was just made at this path to whoever has the folder. Only root can, and only root has to.
pub(crate) fn give(file: &File, path: &Path) -> io::Result<()> {
    if !geteuid().is_root() {
        return Ok(());
    }
    let folder = fs::metadata(folder_of(path))?;
    give_to(file, folder.uid(), folder.gid())
}

/// Gives a file away.
pub(crate) fn give_to(file: &File, uid: u32, gid: u32) -> io::Result<()> {
    let found = file.metadata()?;
    if (found.uid(), found.gid()) == (uid, gid) {
        return Ok(());
    }
    fchown(file, Some(uid), Some(gid))
}

/// The folder of a file.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// While it lives, whatever this thread does with files it does as the owner of a folder, if it is root: a link that they
/// have put in our way leads nowhere where they could not go by themselves, and what is made is theirs. Open files stay as
/// they are.
#[derive(Debug)]
pub(crate) struct AsOwner {
    before: Option<(Uid, Gid)>,
    /// It holds for one thread.
    _here: PhantomData<*const ()>,
}

impl AsOwner {
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        let owner = Self::root();
        if owner.before.is_none() {
            return Ok(owner);
        }
        let found = fs::metadata(folder)?;
        let (uid, gid) = (Uid::from_raw(found.uid()), Gid::from_raw(found.gid()));
        act_as(uid, gid);
        // The system tells of no failure, but each time of the one before.
        if act_as(uid, gid) != (uid, gid) {
            return Err(io::Error::other("root cannot act as the folder's owner here"));
        }
        Ok(owner)
    }

    /// As root again, if it is root: for open files, and for what is only looked at.
    pub(crate) fn root() -> Self {
        let before = geteuid().is_root().then(|| act_as(Uid::from_raw(0), Gid::from_raw(0)));
        Self { before, _here: PhantomData }
    }
}

/// Returns who it was before.
fn act_as(uid: Uid, gid: Gid) -> (Uid, Gid) {
    (setfsuid(uid), setfsgid(gid))
}

impl Drop for AsOwner {
    fn drop(&mut self) {
        if let Some((uid, gid)) = self.before {
            act_as(uid, gid);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    /// `nobody`.
    const ANOTHER: u32 = 65_534;

    #[test]
    fn what_root_does_for_another_reaches_no_further_than_they_could() {
        if !geteuid().is_root() {
            eprintln!("skipped: only root can act as somebody else");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let (precious, data) = (folder.path().join("precious"), folder.path().join("data"));
        fs::write(&precious, "precious").unwrap();
        fs::create_dir(&data).unwrap();
        chown(&data, Some(ANOTHER), Some(ANOTHER)).unwrap();
        symlink(&precious, data.join("file")).unwrap();
        symlink(folder.path(), data.join("folder")).unwrap();

        let owner = AsOwner::of(&data).unwrap();
        for path in [data.join("file"), data.join("folder/new")] {
            let refused = fs::write(&path, "overwritten").unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{}", path.display());
        }
        fs::write(data.join("theirs"), "").unwrap();
        {
            let _root = AsOwner::root();
            fs::write(data.join("ours"), "").unwrap();
        }
        fs::write(data.join("theirs again"), "").unwrap();
        drop(owner);

        fs::write(&precious, "root may").unwrap();
        let owner_of =
            |name: &str| fs::metadata(data.join(name)).map(|file| (file.uid(), file.gid())).unwrap();
        assert_eq!(owner_of("theirs"), (ANOTHER, ANOTHER));
        assert_eq!(owner_of("theirs again"), (ANOTHER, ANOTHER));
        assert_eq!(owner_of("ours"), (0, 0));
        let ours = data.join("ours");
        give(&File::open(&ours).unwrap(), &ours).unwrap();
        assert_eq!(owner_of("ours"), (ANOTHER, ANOTHER));
    }
}
