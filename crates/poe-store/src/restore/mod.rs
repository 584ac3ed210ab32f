//! A backup put back: unpacked beside, looked through, and only then put in its place.

pub(crate) mod place;

use crate::{
    DataFolder, OpenError, VerifyError,
    backup::{
        FORMAT, Manifest, Member, ReadError, Seen, copy_and_hash,
        parts::{MARK, STATE, TABLE, folder, is_member, mode},
        read,
    },
    folder::refuse_own_file,
    migrations,
    origin::{self, Origin},
    owner::{AsOwner, folder_of, give_to},
    room::{self, NoRoom, RoomError},
    snapshot::{beside, find_faults, open_still},
    sqlite::find_damage,
    verify,
};
use jiff::Timestamp;
use place::{FOLDER, Plan, READY, UNFINISHED, discard, free_stamp, parts, place};
use std::{
    collections::BTreeSet,
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// What was put back.
#[derive(Debug)]
pub struct Restored {
    /// What the backup said of itself.
    pub manifest: Manifest,
    /// Where that is now what was there before, if there was anything.
    pub aside: Option<PathBuf>,
}

/// Why a backup is not put back. Everything is as it was, unless the error says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The archive is not one, or damaged.
    #[error(transparent)]
    Archive(#[from] ReadError),
    /// There is something in the places already.
    #[error("there is already {}; name another folder with --data-dir, or move these aside with --force", present.join(", "))]
    Present {
        /// What.
        present: Vec<String>,
    },
    /// The disk is too full.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The folder, or the table's place, cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What was unpacked is not right.
    #[error("{name} in the backup is damaged: {detail}")]
    Damaged {
        /// The member.
        name: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// Something could not be written.
    #[error("cannot use {}: {cause}", path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// Puts a backup back while no server runs. `force`: what is there already is put aside, and never deleted.
///
/// # Errors
/// The backup is not whole or not right, or there is something in its places. Nothing has changed then. If the
/// system fails while the files are put in their places, the next start goes on.
pub fn restore(
    folder: &DataFolder,
    table_file: &Path,
    archive: &mut dyn Read,
    force: bool,
) -> Result<Restored, RestoreError> {
    folder.clear()?;
    refuse_own_file(folder, table_file)?;
    let present = present(folder.path(), table_file);
    if !force && !present.is_empty() {
        return Err(RestoreError::Present { present });
    }
    let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let stamp = free_stamp(folder.path(), table_file, &now);
    // Whoever has the folder may exchange what is in it while root writes there. The table's folder may be another's.
    let owner = AsOwner::of(folder.path()).map_err(at(folder.path()))?;
    let unpacking = Unpacking::begin(folder.path(), table_file, stamp)?;
    let unpacked = unpacking.unpack(archive).and_then(|manifest| {
        unpacking.check(&manifest)?;
        unpacking.finish(&manifest)?;
        Ok(manifest)
    });
    let manifest = match unpacked {
        Ok(manifest) => manifest,
        Err(error) => {
            if let Err(cause) = discard(&unpacking.folder) {
                let folder = unpacking.folder.display();
                tracing::warn!(%cause, %folder, "what was unpacked could not be removed");
            }
            return Err(error);
        }
    };
    let ready = unpacking.ready();
    fs::rename(&unpacking.folder, &ready).and_then(|()| sync(folder.path())).map_err(at(&ready))?;
    // Each folder's part is put in its place by its owner.
    drop(owner);
    let aside = place(folder.path(), &ready).map_err(|cause| OpenError::Restore { path: ready, cause })?;
    Ok(Restored { manifest, aside })
}

/// What is in the places that a backup would take.
fn present(data_dir: &Path, table_file: &Path) -> Vec<String> {
    let paths = parts().map(|part| data_dir.join(part)).chain([beside(&data_dir.join(STATE), "-wal")]);
    let there = paths.chain([table_file.to_owned()]).filter(|path| fs::symlink_metadata(path).is_ok());
    there.map(|path| path.display().to_string()).collect()
}

/// A backup that is being unpacked.
struct Unpacking {
    folder: PathBuf,
    plan: Plan,
    data_dir: PathBuf,
}

impl Unpacking {
    fn begin(data_dir: &Path, table_file: &Path, stamp: String) -> Result<Self, RestoreError> {
        let folder = data_dir.join(format!("{FOLDER}{stamp}{UNFINISHED}"));
        let table_to = std::path::absolute(table_file).map_err(at(table_file))?;
        let table_from = Plan::table_from(&table_to, &stamp);
        let plan = Plan { stamp, parts: Vec::new(), table_from, table_to };
        DirBuilder::new().mode(0o700).create(&folder).map_err(at(&folder))?;
        // Whoever finds the folder has to know of the file beside the table.
        plan.write(&folder).map_err(at(&folder))?;
        Ok(Self { folder, plan, data_dir: data_dir.to_owned() })
    }

    fn ready(&self) -> PathBuf {
        self.data_dir.join(format!("{FOLDER}{}{READY}", self.plan.stamp))
    }

    fn unpack(&self, archive: &mut dyn Read) -> Result<Manifest, RestoreError> {
        read(archive, |manifest| self.admit(manifest), |member, content| self.take(member, content))
    }

    /// Looks through the manifest before anything is unpacked.
    fn admit(&self, manifest: &Manifest) -> Result<(), RestoreError> {
        if manifest.format > FORMAT || manifest.schema > migrations::latest() {
            return Err(ReadError::Later { program: manifest.program.clone() }.into());
        }
        let mut names = BTreeSet::new();
        for Member { name, .. } in &manifest.members {
            if !is_member(name) || !names.insert(name) {
                let told = format!(
                    "it names {:?}, which no backup has, or has once",
                    name.escape_debug().to_string()
                );
                return Err(ReadError::Manifest(told).into());
            }
        }
        if let Some(missing) =
            [STATE, TABLE].into_iter().find(|needed| !names.iter().any(|name| *name == needed))
        {
            return Err(ReadError::Manifest(format!("it names no {missing}")).into());
        }
        let bytes = |is_table: bool| {
            let members = manifest.members.iter().filter(|member| (member.name == TABLE) == is_table);
            members.map(|member| member.bytes).fold(0, u64::saturating_add)
        };
        // What is only looked at may be anybody's.
        let _root = AsOwner::root();
        let table_folder = folder_of(&self.plan.table_to);
        let (ours, table) = (bytes(false), bytes(true));
        let device = |path: &Path| fs::metadata(path).map(|folder| folder.dev()).map_err(at(path));
        if device(&self.folder)? == device(table_folder)? {
            return enough_room(&self.folder, ours.saturating_add(table));
        }
        enough_room(&self.folder, ours)?;
        enough_room(table_folder, table)
    }

    fn take(&self, member: &Member, content: &mut dyn Read) -> io::Result<Seen> {
        if let Some((folder, _)) = member.name.rsplit_once('/') {
            DirBuilder::new().recursive(true).mode(0o700).create(self.folder.join(folder))?;
        }
        let mut file = self.make(&member.name)?;
        let taken = copy_and_hash(content, &mut file)?;
        file.sync_all()?;
        Ok(taken)
    }

    /// Makes the file of a member, for whoever is to have it.
    fn make(&self, name: &str) -> io::Result<File> {
        let mode = mode(name);
        let make = |path: &Path| {
            let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
            file.set_permissions(Permissions::from_mode(mode)).map(|()| file)
        };
        if name != TABLE {
            return make(&self.folder.join(name));
        }
        let Plan { table_from, table_to, .. } = &self.plan;
        let owner = AsOwner::of(folder_of(table_to))?;
        let file = make(table_from)?;
        drop(owner);
        // The table is whose it was: it may belong to another program.
        let _root = AsOwner::root();
        let (like, mode) = match fs::metadata(table_to) {
            Ok(old) => (old.clone(), old.mode() & 0o777),
            Err(_) => (fs::metadata(&self.data_dir)?, mode),
        };
        give_to(&file, like.uid(), like.gid())?;
        file.set_permissions(Permissions::from_mode(mode)).map(|()| file)
    }

    /// Whether what was unpacked is what a server could have left.
    fn check(&self, manifest: &Manifest) -> Result<(), RestoreError> {
        let damaged = |name, detail: String| Err(RestoreError::Damaged { name, detail });
        let unreadable = |cause: rusqlite::Error| cause.to_string();
        let table_folder = folder_of(&self.plan.table_to);
        let owner = AsOwner::of(table_folder).map_err(at(table_folder))?;
        let table = open_still(&self.plan.table_from)
            .and_then(|connection| find_damage(&connection, Some(&manifest.table)))
            .unwrap_or_else(|cause| Some(unreadable(cause)));
        drop(owner);
        if let Some(detail) = table {
            return damaged(TABLE, detail);
        }
        let path = self.folder.join(STATE);
        let state = open_still(&path).and_then(|connection| {
            let fault = find_faults(&connection)?;
            let schema: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            let differs =
                || (schema != manifest.schema).then(|| "its schema is not the manifest's".to_owned());
            Ok(fault.or_else(differs))
        });
        if let Some(detail) = state.unwrap_or_else(|cause| Some(unreadable(cause))) {
            return damaged(STATE, detail);
        }
        self.check_journal(manifest)
    }

    fn check_journal(&self, manifest: &Manifest) -> Result<(), RestoreError> {
        let verified = match verify(&self.folder) {
            Ok(verified) => verified,
            Err(VerifyError::NoJournal) => return Ok(()),
            Err(VerifyError::Open(error)) => return Err(error.into()),
            Err(error) => return Err(RestoreError::Damaged { name: STATE, detail: error.to_string() }),
        };
        match verified.finding {
            // It was so when the backup was made, and the server tells of it.
            Some(_) if manifest.journal_fault.is_some() => Ok(()),
            Some(finding) => {
                Err(RestoreError::Damaged { name: MARK, detail: format!("the journal: {finding}") })
            }
            None if verified.last != manifest.last_seq => {
                let detail = format!("its last entry is {} and not {}", verified.last, manifest.last_seq);
                Err(RestoreError::Damaged { name: STATE, detail })
            }
            None => Ok(()),
        }
    }

    /// Gives folders their modes and the table to whom it belongs to, and makes everything durable.
    fn finish(&self, manifest: &Manifest) -> Result<(), RestoreError> {
        let mut parts: Vec<String> = Vec::new();
        let mut folders: BTreeSet<&str> = BTreeSet::new();
        for Member { name, .. } in &manifest.members {
            let part = name.split_once('/').map_or(&**name, |(folder, _)| folder);
            if part != TABLE && !parts.iter().any(|known| known == part) {
                parts.push(part.to_owned());
            }
            folders.extend(name.match_indices('/').map(|(end, _)| &name[..end]));
        }
        // What is in a folder comes after it: here it has to be durable first.
        for name in folders.into_iter().rev() {
            let path = self.folder.join(name);
            let mode = folder(&format!("{name}/")).map_or(0o700, |folder| folder.mode);
            fs::set_permissions(&path, Permissions::from_mode(mode)).map_err(at(&path))?;
            sync(&path).map_err(at(&path))?;
        }
        let origin = self.folder.join(origin::FILE);
        Origin::write(&self.folder, manifest).map_err(at(&origin))?;
        parts.push(origin::FILE.to_owned());
        let plan = Plan { parts, ..self.plan.clone() };
        plan.write(&self.folder).and_then(|()| sync(&self.folder)).map_err(at(&self.folder))?;
        let table_folder = folder_of(&self.plan.table_to);
        let _owner = AsOwner::of(table_folder).map_err(at(table_folder))?;
        sync(table_folder).map_err(at(table_folder))
    }
}

fn enough_room(folder: &Path, bytes: u64) -> Result<(), RestoreError> {
    room::check(folder, bytes, room::KEPT).map_err(|error| match error {
        RoomError::No(no) => no.into(),
        RoomError::Unknown(cause) => at(folder)(cause),
    })
}

fn at(path: &Path) -> impl Fn(io::Error) -> RestoreError {
    move |cause| RestoreError::File { path: path.to_owned(), cause }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
