//! The archive: a tar file without compression, whose first member tells what follows.

use super::manifest::{self, Manifest, Member};
use aws_lc_rs::digest::{Context, SHA256};
use std::{
    fmt::Write as _,
    fs::File,
    io::{self, Read, Write},
    path::Path,
};
use tar::{Builder, EntryType, Header};

/// A member begins, and ends, at a multiple of this.
const BLOCK: u64 = 512;
/// Longer names are written in two parts.
const NAME_BYTES: usize = 100;
/// Bytes that are read and hashed at a time.
const PIECE: usize = 64 << 10;

/// The size of an archive with this manifest, to the byte.
pub(crate) fn bytes(manifest: &[u8], members: &[Member]) -> u64 {
    let sizes = members.iter().map(|member| member.bytes).chain([manifest.len() as u64]);
    sizes.map(|bytes| BLOCK + bytes.next_multiple_of(BLOCK)).sum::<u64>() + 2 * BLOCK
}

/// Writes the archive; the members are files of these names in the folder.
pub(crate) fn write(
    folder: &Path,
    manifest: &[u8],
    members: &[Member],
    time: u64,
    into: &mut dyn Write,
) -> io::Result<()> {
    let mut archive = Builder::new(into);
    append(&mut archive, manifest::NAME, manifest.len() as u64, time, manifest)?;
    for Member { name, bytes, .. } in members {
        // A file that is shorter than it was would put everything after it in a wrong place.
        let file = Whole { file: File::open(folder.join(name))?, left: *bytes };
        append(&mut archive, name, *bytes, time, file)?;
    }
    archive.finish()
}

fn append(
    archive: &mut Builder<&mut dyn Write>,
    name: &str,
    bytes: u64,
    time: u64,
    content: impl Read,
) -> io::Result<()> {
    // The one header has room for a longer name, and the other is what archives have had from the beginning.
    let mut header = if name.len() > NAME_BYTES { Header::new_ustar() } else { Header::new_gnu() };
    header.set_entry_type(EntryType::Regular);
    header.set_size(bytes);
    // There are keys among them.
    header.set_mode(0o600);
    header.set_mtime(time);
    header.set_uid(0);
    header.set_gid(0);
    archive.append_data(&mut header, name, content)
}

/// Exactly so many bytes of a file.
struct Whole {
    file: File,
    left: u64,
}

impl Read for Whole {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read(&mut buffer[..most])?;
        if read == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// The size of a member's content, and its SHA-256 in hexadecimal digits.
pub(crate) type Seen = (u64, String);

/// Copies what is read, and tells what it was.
pub(crate) fn copy_and_hash(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<Seen> {
    let (mut hash, mut bytes) = (Context::new(&SHA256), 0);
    let mut piece = vec![0; PIECE];
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        hash.update(&piece[..read]);
        to.write_all(&piece[..read])?;
        bytes += read as u64;
    }
    Ok((bytes, hexadecimal(hash.finish().as_ref())))
}

/// Bytes as people and file names write them.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes any text");
        text
    })
}

/// Reads the manifest, and then every member that it names, in its order: nothing else may be in the archive. `admit` may
/// refuse what the manifest tells; `take` is given each member with its content, and has to read it.
pub(crate) fn read<E: From<ReadError>>(
    from: &mut dyn Read,
    admit: impl FnOnce(&Manifest) -> Result<(), E>,
    mut take: impl FnMut(&Member, &mut dyn Read) -> io::Result<Seen>,
) -> Result<Manifest, E> {
    let mut archive = tar::Archive::new(from);
    // Raw: whatever could name a file in another way, such as a link or a longer name, is one member too many.
    let mut entries = archive.entries().map_err(ReadError::Io)?.raw(true);
    let manifest = read_manifest(entries.next())?;
    admit(&manifest)?;
    for member in &manifest.members {
        read_member(entries.next(), member, &mut take)?;
    }
    match entries.next() {
        None => Ok(manifest),
        Some(_) => Err(ReadError::More.into()),
    }
}

type Next<'a, R> = Option<io::Result<tar::Entry<'a, R>>>;

fn is_file(entry: &tar::Entry<'_, impl Read>, name: &str) -> bool {
    entry.header().entry_type() == EntryType::Regular && &*entry.path_bytes() == name.as_bytes()
}

fn read_manifest<R: Read>(first: Next<'_, R>) -> Result<Manifest, ReadError> {
    let first = first.and_then(Result::ok).ok_or(ReadError::NotABackup)?;
    if !is_file(&first, manifest::NAME) || first.size() > manifest::BYTES_MAX {
        return Err(ReadError::NotABackup);
    }
    let mut text = Vec::new();
    first.take(manifest::BYTES_MAX).read_to_end(&mut text)?;
    serde_json::from_slice(&text).map_err(|cause| ReadError::Manifest(cause.to_string()))
}

fn read_member<R: Read>(
    next: Next<'_, R>,
    member: &Member,
    take: &mut impl FnMut(&Member, &mut dyn Read) -> io::Result<Seen>,
) -> Result<(), ReadError> {
    let damaged = |what| ReadError::Member { name: member.name.clone(), what };
    let mut entry = match next {
        Some(entry) => entry.map_err(|_| damaged("the archive is cut off or damaged there"))?,
        None => return Err(damaged("it is missing: the archive was cut off")),
    };
    if !is_file(&entry, &member.name) {
        return Err(damaged("something else is in its place"));
    }
    if entry.size() != member.bytes {
        return Err(damaged("its size is not the one in the manifest"));
    }
    let (bytes, sha256) = take(member, &mut entry)?;
    if bytes != member.bytes {
        return Err(damaged("the archive was cut off in it"));
    }
    if sha256 != member.sha256 {
        return Err(damaged("it was changed: its SHA-256 is not the one in the manifest"));
    }
    Ok(())
}

/// Why an archive is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is something else.
    #[error("it is not a backup of a poe server")]
    NotABackup,
    /// Its first member cannot be understood.
    #[error("its manifest cannot be understood: {0}")]
    Manifest(String),
    /// A later program made it.
    #[error("a later program, {program}, made it; use that one, or a newer one")]
    Later {
        /// Its version.
        program: String,
    },
    /// A member is not as the manifest tells.
    #[error("{}: {what}", name.escape_debug())]
    Member {
        /// Its name.
        name: String,
        /// What is wrong.
        what: &'static str,
    },
    /// There is more in it than the manifest tells.
    #[error("there is more in it than its manifest tells of")]
    More,
    /// It cannot be read, or what is in it not be written.
    #[error("{0}")]
    Io(#[from] io::Error),
}
