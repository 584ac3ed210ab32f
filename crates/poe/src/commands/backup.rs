//! `poe backup`: a copy of everything, of a running server or of the folder of one that was stopped.

use super::{Done, ask};
use crate::{console::who, process};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use nix::errno::Errno;
use poe::{
    Db, DbOptions,
    config::{self, Config},
};
use poe_api::client::{ClientError, Download};
use poe_building::Role;
use poe_store::{
    Backup, BackupSource, DataFolder, Manifest, NoRoom, backup_file_name, check_archive, free_room,
};
use std::{
    error::Error,
    fs::{self, File, OpenOptions},
    io::{
        self, BufReader, BufWriter,
        ErrorKind::{PermissionDenied, Unsupported},
        Write, stderr,
    },
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

/// Where a server gives its backup.
const PATH: &str = "/api/v1/backup";

/// Until its first byte, a server copies and checks everything: ten minutes are enough for 50 GB on a slow disk.
const MADE_WITHIN: Duration = Duration::from_secs(600);

pub(crate) fn command() -> Command {
    let to = Arg::new("TO").required(true).value_parser(value_parser!(PathBuf));
    let force = Arg::new("force").long("force").action(ArgAction::SetTrue);
    let command = Command::new("backup")
        .about("Copy everything that is the server's own into one file, while it runs or after it was stopped")
        .after_help(
            "The file is a tar archive with state.db, the table's file, the history, plans and certificates with their keys: \
             keep it as safe as the server. `poe restore` puts it back.",
        )
        .arg(to.help("A folder, for poe-backup-<time>.tar in it, or the name of the file"))
        .arg(force.help("Replace the file, if there is one"));
    ask::of_server(with_table(command))
}

/// Adds the flags that tell where the table is: of a server that was stopped, nobody else knows.
pub(crate) fn with_table(command: Command) -> Command {
    let db = Arg::new("db").long("db").value_name("PATH");
    let table = Arg::new("table").long("table").value_name("NAME");
    command
        .arg(db.help("The table's file, where it is not in the data folder. Also POE_DB."))
        .arg(table.help("The table's name; default sensors. Also POE_TABLE."))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    let to = matches.get_one::<PathBuf>("TO").expect("TO is required");
    let target = Target::new(to, matches.get_flag("force"))?;
    let manifest = match ask::server(matches)?.download(PATH, MADE_WITHIN) {
        Ok(download) => {
            // Of a server in the network, nothing is on a disk of this machine.
            let data_dir =
                if ask::word(matches, "connect").is_some() { None } else { Some(ask::data_dir(matches)?) };
            take(&target, download, data_dir.as_deref())?
        }
        Err(ClientError::NoServer { .. }) if ask::data_dir(matches)?.join("state.db").exists() => {
            let config = config::load(matches, super::environment())?.config;
            back_up_stopped(&target, config)?
        }
        Err(error) => return Err(ask::failed_for(Role::Admin)(error)),
    };
    tell(&target.path, &manifest)
}

/// Says what there is now, and on standard error what is missing in it.
fn tell(path: &Path, manifest: &Manifest) -> Done {
    for warning in manifest.journal_fault.iter().chain(&manifest.warnings) {
        // The backup is there all the same.
        writeln!(stderr(), "warning: {warning}").ok();
    }
    let Manifest { nodes, sensors, last_seq, .. } = manifest;
    let bytes = fs::metadata(path)?.len();
    Ok(process::print(&format!(
        "{}: {bytes} bytes, {nodes} nodes, {sensors} sensors, every entry up to {last_seq}\n",
        path.display()
    ))?)
}

/// Writes what a server sends.
fn take(target: &Target, download: Download, data_dir: Option<&Path>) -> Result<Manifest, Box<dyn Error>> {
    target.check_room(download.bytes().unwrap_or(0), data_dir)?;
    target.write(|file| {
        for piece in download {
            file.write_all(&piece.map_err(ask::failed)?).map_err(|cause| target.failed(&cause))?;
        }
        Ok(())
    })
}

/// Copies the folder of a server that was stopped, and journals it there.
fn back_up_stopped(target: &Target, config: Config) -> Result<Manifest, Box<dyn Error>> {
    let (data_dir, table_file, table) = (config.data_dir.clone(), config.db_path(), config.table);
    let folder = DataFolder::lock(&data_dir)?;
    folder.clear()?;
    let source = BackupSource { data_dir, table_file, table };
    let backup = Backup::make(&source, env!("CARGO_PKG_VERSION"), |copy| {
        Ok(poe_history::copy_stopped(&source.data_dir, copy)?)
    })?;
    target.check_room(backup.bytes(), Some(&source.data_dir))?;
    let manifest = target.write(|file| backup.write(file).map_err(|cause| target.failed(&cause).into()))?;
    let text = backup.summary();
    drop((backup, folder));
    if poe_store::schema_is_current(&source.data_dir)? {
        let BackupSource { data_dir, table_file: file, table } = source;
        if let Err(cause) = note(DbOptions { data_dir, file, table }, &text) {
            // The backup is there all the same.
            writeln!(stderr(), "warning: the journal does not tell of this backup: {cause}").ok();
        }
    }
    Ok(manifest)
}

fn note(db: DbOptions, text: &str) -> Done {
    Ok(Db::open_with(db)?.note_backup(text, &who::operator("command"))?)
}

/// The file that a backup becomes.
struct Target {
    path: PathBuf,
    folder: PathBuf,
    /// Its name until it is whole.
    part: PathBuf,
    replace: bool,
}

impl Target {
    fn new(to: &Path, replace: bool) -> Result<Self, String> {
        let path = if to.is_dir() { to.join(backup_file_name()) } else { to.to_owned() };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        let Some(name) = path.file_name() else { return Err(format!("'{}' names no file", to.display())) };
        if path.is_dir() || !folder.is_dir() {
            return Err(format!("there is no folder '{}'", folder.display()));
        }
        let part = folder.join(format!(".{}.part", name.to_string_lossy()));
        let target = Self { folder, part, replace, path };
        if !replace && target.path.exists() {
            return Err(target.exists());
        }
        Ok(target)
    }

    fn exists(&self) -> String {
        format!("'{}' is there already; name another file, or replace it with --force", self.path.display())
    }

    fn failed(&self, cause: &io::Error) -> String {
        if cause.raw_os_error() == Some(Errno::ENOSPC as i32) {
            return format!("the disk of '{}' is full; nothing was left there", self.folder.display());
        }
        format!("cannot write '{}': {cause}", self.path.display())
    }

    /// `data_dir`: where the server's data is, if on this machine.
    fn check_room(&self, bytes: u64, data_dir: Option<&Path>) -> Result<(), Box<dyn Error>> {
        let free = free_room(&self.folder).map_err(|cause| self.failed(&cause))?;
        let kept = data_dir.map_or(Ok(0), |data_dir| self.kept_for_history(data_dir))?;
        if free < bytes.saturating_add(kept) {
            return Err(NoRoom { path: self.folder.clone(), needed: bytes, kept, free }.into());
        }
        Ok(())
    }

    /// What is to stay free beside the file: on the disk that has the history, days of that would go for it otherwise.
    fn kept_for_history(&self, data_dir: &Path) -> Result<u64, Box<dyn Error>> {
        let disk = |folder: &Path| fs::metadata(folder).map(|found| found.dev()).ok();
        if !data_dir.join("history").is_dir() || disk(data_dir) != disk(&self.folder) {
            return Ok(0);
        }
        Ok(poe_history::kept_free(data_dir)?)
    }

    /// Has the file filled under another name, reads it once more, and gives it its own: nobody finds half of it, and one
    /// that is there is not replaced by accident.
    fn write(
        &self,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), Box<dyn Error>>,
    ) -> Result<Manifest, Box<dyn Error>> {
        let written = self.write_part(fill).and_then(|manifest| {
            self.name().map_err(|cause| match cause.kind() {
                io::ErrorKind::AlreadyExists => self.exists(),
                _ => self.failed(&cause),
            })?;
            Ok(manifest)
        });
        if written.is_err() {
            fs::remove_file(&self.part).ok();
        }
        written
    }

    fn write_part(
        &self,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), Box<dyn Error>>,
    ) -> Result<Manifest, Box<dyn Error>> {
        let failed = |cause: io::Error| self.failed(&cause);
        // One that was left by a run that was killed; its permissions may be any.
        fs::remove_file(&self.part).or_else(unless_missing).map_err(failed)?;
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&self.part);
        let file = file.map_err(failed)?;
        let mut buffered = BufWriter::with_capacity(1 << 20, &file);
        fill(&mut buffered)?;
        buffered.flush().map_err(failed)?;
        drop(buffered);
        file.sync_all().map_err(failed)?;
        let mut written = BufReader::with_capacity(1 << 20, File::open(&self.part).map_err(failed)?);
        check_archive(&mut written)
            .map_err(|cause| format!("the backup did not arrive whole: {cause}").into())
    }

    fn name(&self) -> io::Result<()> {
        if self.replace {
            fs::rename(&self.part, &self.path)?;
        } else {
            match fs::hard_link(&self.part, &self.path) {
                // The disk knows no second names, as those of cameras and sticks.
                Err(error)
                    if matches!(error.kind(), Unsupported | PermissionDenied) && !self.path.exists() =>
                {
                    fs::rename(&self.part, &self.path)?;
                }
                linked => {
                    linked?;
                    fs::remove_file(&self.part)?;
                }
            }
        }
        File::open(&self.folder)?.sync_all()
    }
}

fn unless_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_the_history_a_backup_leaves_what_is_kept_free_there() {
        let folder = tempfile::TempDir::new().unwrap();
        let target = Target::new(&folder.path().join("site.tar"), false).unwrap();
        let kept = poe_history::kept_free(folder.path()).unwrap();
        // Others may write meanwhile, and less than half of that.
        let bytes = free_room(folder.path()).unwrap().saturating_sub(kept / 2);
        target.check_room(bytes, None).unwrap();
        target.check_room(bytes, Some(folder.path())).unwrap();
        fs::create_dir(folder.path().join("history")).unwrap();
        let refused = target.check_room(bytes, Some(folder.path())).unwrap_err().to_string();
        assert!(refused.contains(&format!("and {kept} more are kept free")), "{refused}");
        target.check_room(0, Some(folder.path())).unwrap();
    }
}
