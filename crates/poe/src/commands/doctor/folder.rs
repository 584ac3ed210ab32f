//! The data folder: whose it is, who may look into it, and the disk below it.

use super::{report::Check, server::Running};
use nix::{
    sys::{
        statfs::{self, FsType, statfs},
        statvfs::statvfs,
    },
    unistd::{Uid, User},
};
use poe::config::Config;
use poe_store::{Leftover, free_room};
use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// Below this, a full building has filled the disk within minutes;
const FREE_LEAST: u64 = 64 << 20;
/// below this, somebody should look after it.
const FREE_LOW: u64 = 1 << 30;
/// Each log, each copy and each picture takes a file.
const FILES_LEAST: u64 = 1_000;
/// What an upgrade or a restore has kept is of no use for so long.
const KEPT_LONG: Duration = Duration::from_secs(30 * 86_400);

/// What `statfs` says of the file systems of Linux that `nix` has no names for.
const RAMFS: i64 = 0x8584_58f6;
const CIFS: i64 = 0xff53_4d42;
const SMB2: i64 = 0xfe53_4d42;

pub(super) fn check(config: &Config) -> Vec<Check> {
    let folder = &config.data_dir;
    match fs::metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let found = format!("{} is not there yet", folder.display());
            vec![Check::warning(
                "data folder",
                found,
                "start `poe serve`, which makes it, or name another with --data-dir",
            )]
        }
        Err(error) => {
            let found = format!("{}: {error}", folder.display());
            vec![Check::problem("data folder", found, "ask as the user whom the server runs as, or as root")]
        }
        Ok(metadata) => vec![owner(folder, &metadata), modes(folder, &metadata), disk(folder), room(folder)],
    }
}

fn owner(folder: &Path, metadata: &fs::Metadata) -> Check {
    const NAME: &str = "owner";
    let strangers: Vec<String> = private_files(folder)
        .into_iter()
        .filter(|path| fs::symlink_metadata(path).is_ok_and(|file| file.uid() != metadata.uid()))
        .map(|path| path.display().to_string())
        .collect();
    let owner = name_of(metadata.uid());
    if !strangers.is_empty() {
        let found = format!("not of {owner}, to whom the folder belongs: {}", strangers.join(", "));
        return Check::problem(NAME, found, format!("chown -R {owner} {}", folder.display()));
    }
    let we = Uid::effective();
    if !we.is_root() && we.as_raw() != metadata.uid() {
        let found = format!("{} belongs to {owner}, and you are {}", folder.display(), name_of(we.as_raw()));
        return Check::warning(
            NAME,
            found,
            format!("ask as {owner}, or as root: not everything can be looked at"),
        );
    }
    Check::ok(NAME, format!("{} belongs to {owner}", folder.display()))
}

fn name_of(uid: u32) -> String {
    let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    user.map_or_else(|| uid.to_string(), |user| user.name)
}

fn modes(folder: &Path, metadata: &fs::Metadata) -> Check {
    const NAME: &str = "permissions";
    if metadata.mode() & 0o022 != 0 {
        let found = format!("others may write to {} (mode {:o})", folder.display(), metadata.mode() & 0o777);
        return Check::problem(NAME, found, format!("chmod 755 {}", folder.display()));
    }
    let open: Vec<String> = private_files(folder)
        .into_iter()
        .filter(|path| {
            fs::symlink_metadata(path).is_ok_and(|file| file.mode() & 0o077 != 0 && !file.is_symlink())
        })
        .map(|path| path.display().to_string())
        .collect();
    if open.is_empty() {
        return Check::ok(NAME, "what is the server's own is for its user alone");
    }
    let found = format!("others may look into {}", open.join(", "));
    Check::problem(NAME, found, format!("chmod go= {}; then change passwords and keys", open.join(" ")))
}

/// What nobody else may read. The table is for everybody, and so are certificates.
fn private_files(folder: &Path) -> Vec<PathBuf> {
    let names =
        |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_private = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let own = ["journal.mark", "poe.lock", "poe.sock", "setup-token", "plans", "batches", "backup.tmp"];
        own.contains(&&*name)
            || ["state.db", "before-restore-", "restoring-"].iter().any(|begin| name.starts_with(begin))
    };
    let keys =
        names(&folder.join("tls")).filter(|path| path.extension().is_some_and(|ending| ending == "key"));
    names(folder).filter(is_private).chain(keys).collect()
}

fn disk(folder: &Path) -> Check {
    const NAME: &str = "disk";
    let Ok(found) = statfs(folder) else {
        return Check::warning(NAME, "the system does not tell", "look at `df`");
    };
    let kind = found.filesystem_type();
    let is = |magic: i64| kind == FsType(magic as _);
    if kind == statfs::TMPFS_MAGIC || is(RAMFS) {
        let cure = "move the data folder to a disk: what is in memory is gone with the power";
        return Check::problem(NAME, format!("{} is in memory", folder.display()), cure);
    }
    if kind == statfs::NFS_SUPER_MAGIC || is(CIFS) || is(SMB2) {
        let cure = "move the data folder to a disk of this machine: locks and syncs over a network cannot be relied on";
        return Check::problem(NAME, format!("{} is on another machine", folder.display()), cure);
    }
    Check::ok(NAME, format!("{} is on a disk", folder.display()))
}

fn room(folder: &Path) -> Check {
    const NAME: &str = "room";
    let (Ok(free), Ok(disk)) = (free_room(folder), statvfs(folder)) else {
        return Check::warning(NAME, "the system does not tell", "look at `df`");
    };
    let found = format!("{} MiB are free", free >> 20);
    let cure = "delete what is not needed, or move the data folder to a larger disk";
    // Some file systems have as many files as there is room for, and say that they have none.
    if disk.files() > 0 && disk.files_available() < FILES_LEAST {
        return Check::problem(NAME, format!("only {} more files can be made", disk.files_available()), cure);
    }
    if free < FREE_LEAST {
        Check::problem(NAME, found, cure)
    } else if free < FREE_LOW {
        Check::warning(NAME, found, cure)
    } else {
        Check::ok(NAME, found)
    }
}

/// What was left by something that was cut short, and what is kept for the way back.
pub(super) fn leftovers(config: &Config, running: &Running) -> Vec<Check> {
    const NAME: &str = "leftovers";
    let Ok(found) = poe_store::leftovers(&config.data_dir) else { return Vec::new() };
    let checks: Vec<Check> = found
        .iter()
        .filter_map(|leftover| match leftover {
            // A backup may be under way.
            Leftover::CutShort(_) if running.is_there() => None,
            Leftover::CutShort(path) => {
                let found = format!("{} was left by something that was cut short", path.display());
                Some(Check::warning(
                    NAME,
                    found,
                    "start the server, which removes it or brings a restore to its end",
                ))
            }
            Leftover::BeforeRestore(path) => kept(path, "a restore"),
            Leftover::BeforeUpgrade(path) => kept(path, "an upgrade"),
        })
        .collect();
    if checks.is_empty() { vec![Check::ok(NAME, "none that matter")] } else { checks }
}

fn kept(path: &Path, what: &str) -> Option<Check> {
    let changed = fs::symlink_metadata(path).ok()?.ctime();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let found = format!("{} is kept from before {what}, more than a month ago", path.display());
    let is_old = now.as_secs() > changed.unsigned_abs() + KEPT_LONG.as_secs();
    is_old.then(|| Check::warning("leftovers", found, "delete it if nobody wants to go back"))
}
