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
    let mut header = Header::new_gnu();
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

/// The size of what is read, and its SHA-256 in hexadecimal digits, while it is written elsewhere.
pub(crate) fn copy_and_hash(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<(u64, String)> {
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

/// Reads the manifest, and then every member that it names, in its order: nothing else may be in the archive. Each is given
/// to `take` with its content, of which it has to return size and hash.
pub(crate) fn read(
    from: &mut dyn Read,
    begin: &mut dyn FnMut(&Manifest) -> Result<(), ReadError>,
    take: &mut dyn FnMut(&Member, &mut dyn Read) -> io::Result<(u64, String)>,
) -> Result<Manifest, ReadError> {
    let mut archive = tar::Archive::new(from);
    // Raw: whatever could name a file in another way, such as a link or a longer name, is one member too many.
    let mut entries = archive.entries()?.raw(true);
    let first = entries.next().ok_or(ReadError::NotABackup)?.map_err(|_| ReadError::NotABackup)?;
    let is_manifest = first.header().entry_type() == EntryType::Regular
        && &*first.path_bytes() == manifest::NAME.as_bytes()
        && first.size() <= manifest::BYTES_MAX;
    if !is_manifest {
        return Err(ReadError::NotABackup);
    }
    let mut text = Vec::new();
    first.take(manifest::BYTES_MAX).read_to_end(&mut text)?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|cause| ReadError::Manifest(cause.to_string()))?;
    begin(&manifest)?;
    for member in &manifest.members {
        let damaged = |what| ReadError::Member { name: member.name.clone(), what };
        let mut entry = match entries.next() {
            Some(entry) => entry.map_err(|_| damaged("the archive is cut off or damaged there"))?,
            None => return Err(damaged("it is missing: the archive was cut off")),
        };
        if entry.header().entry_type() != EntryType::Regular || &*entry.path_bytes() != member.name.as_bytes()
        {
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
    }
    match entries.next() {
        None => Ok(manifest),
        Some(_) => Err(ReadError::More),
    }
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
