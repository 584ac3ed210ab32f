//! Writing certificates and keys so that nobody ever reads half of one, or a key that is not theirs.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

/// Makes the folder for certificates, which everybody may look into: one of them is for everybody.
pub(super) fn make_folder(path: &Path, owner: Owner) -> io::Result<()> {
    match DirBuilder::new().mode(0o755).create(path) {
        Ok(()) => owner.take(&File::open(path)?),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(cause) => Err(cause),
    }
}

/// Writes the file beside its place, makes it durable, and moves it there.
pub(super) fn replace(path: &Path, text: &str, mode: u32, owner: Owner) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = Path::new(&new);
    // One that was left by a run that was cut short would keep its mode.
    match fs::remove_file(new) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(new)?;
    // The umask may have taken something away.
    file.set_permissions(Permissions::from_mode(mode))?;
    owner.take(&file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(new, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// Whose files shall be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    uid: u32,
    gid: u32,
}

impl Owner {
    /// Whoever has this folder: a server that runs as its own user must be able to read what root makes for it.
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        let found = fs::metadata(folder)?;
        Ok(Owner { uid: found.uid(), gid: found.gid() })
    }

    fn take(self, file: &File) -> io::Result<()> {
        let found = file.metadata()?;
        if (found.uid(), found.gid()) == (self.uid, self.gid) {
            return Ok(());
        }
        fchown(file, Some(self.uid), Some(self.gid))
    }
}
