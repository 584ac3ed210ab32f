//! The high-water mark: how far the journal was once written, in a file of its own.
//!
//! A flipped bit in a log makes SQLite drop all the transactions after it and still say "ok"; a file can be replaced by an
//! older copy. So the last entry's number and hash are written down once more, beside `state.db`: after each commit that
//! holds entries, and never before it. A journal that is ahead of its mark is therefore as it should be, and one that is
//! behind has lost entries. The mark also holds the numbers that come next, so that none that was shown comes twice.
//!
//! The file has two slots, in blocks of their own, which are overwritten in turn: a power cut while one is written leaves
//! the other.

use crate::{
    chain::{NOTHING, sha256},
    owner,
    state::End,
};
use poe_building::NextIds;
use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The file's name in the data folder.
pub(crate) const FILE: &str = "journal.mark";

/// Slots lie in different blocks of the disk.
const SLOT_APART: u64 = 4_096;
const SLOTS: u64 = 2;
const MAGIC: &[u8; 8] = b"poemark1";
/// The magic, four numbers and the hash, and then their SHA-256.
const FIELDS_BYTES: usize = 8 + 4 * 8 + 32;
const SLOT_BYTES: usize = FIELDS_BYTES + 32;

/// What a slot holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mark {
    pub(crate) end: End,
    pub(crate) next: NextIds,
}

/// What was found in the file.
#[derive(Debug)]
pub(crate) enum Found {
    /// There is no file, or one in which nothing was ever written.
    Nothing,
    /// Neither slot is whole.
    Damaged,
    /// It could not be read.
    Unreadable(io::Error),
    /// The newer of the whole slots.
    Mark(Mark),
}

/// The file, as the one who writes it has it.
#[derive(Debug)]
pub(crate) struct MarkFile {
    path: PathBuf,
    /// `None` until it is needed, and after an error.
    file: Option<File>,
    /// The slot that is written next.
    slot: u64,
    /// What has still to be written, after an error.
    waiting: Option<Mark>,
}

/// Reads the mark of a data folder. A server may be writing it.
pub(crate) fn read(folder: &Path) -> Found {
    match File::open(folder.join(FILE)).and_then(|file| slots(&file)) {
        Ok(Slots { blank: true, .. }) => Found::Nothing,
        Ok(slots) => slots.newest().map_or(Found::Damaged, |(_, mark)| Found::Mark(mark)),
        Err(error) if error.kind() == ErrorKind::NotFound => Found::Nothing,
        Err(error) => Found::Unreadable(error),
    }
}

impl MarkFile {
    pub(crate) fn new(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let newest = File::open(&path).and_then(|file| slots(&file)).ok().and_then(Slots::newest);
        let slot = newest.map_or(0, |(slot, _)| (slot + 1) % SLOTS);
        Self { path, file: None, slot, waiting: None }
    }

    /// Writes down how far the journal is. It is durable when this returns.
    ///
    /// # Errors
    /// It is kept, and written with the next one or by [`MarkFile::retry`].
    pub(crate) fn write(&mut self, mark: Mark) -> io::Result<()> {
        self.waiting = Some(mark);
        self.retry()
    }

    /// Writes what could not be written before.
    pub(crate) fn retry(&mut self) -> io::Result<()> {
        let Some(mark) = self.waiting else { return Ok(()) };
        // A file that was moved or deleted is seen by nobody.
        self.file.take_if(|file| file.metadata().map_or(true, |file| file.nlink() == 0));
        let written = self.write_slot(mark);
        match &written {
            Ok(()) => {
                self.waiting = None;
                self.slot = (self.slot + 1) % SLOTS;
            }
            // After a sync that has failed, the next one on the same file may say that all is well. The slot that was
            // begun is taken again, for the other one is whole.
            Err(_) => self.file = None,
        }
        written
    }

    fn write_slot(&mut self, mark: Mark) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(open(&self.path)?),
        };
        file.write_all_at(&encode(mark), self.slot * SLOT_APART)?;
        file.sync_data()
    }
}

/// Opens the file, or makes it durably.
fn open(path: &Path) -> io::Result<File> {
    match fs::OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        opened => return opened,
    }
    let file = fs::OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    owner::give(&file, path)?;
    // At its full length at once: later writes then only overwrite, for which a full disk has room.
    file.write_all_at(&[0; SLOT_BYTES], 0)?;
    file.write_all_at(&[0; SLOT_BYTES], SLOT_APART)?;
    file.sync_all()?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}

#[derive(Default)]
struct Slots {
    marks: [Option<Mark>; SLOTS as usize],
    blank: bool,
}

impl Slots {
    /// Entries are only ever added, so that the slot with the higher number is the newer.
    fn newest(self) -> Option<(u64, Mark)> {
        let marks = (0..).zip(self.marks);
        marks.filter_map(|(slot, mark)| Some((slot, mark?))).max_by_key(|(_, mark)| mark.end.seq)
    }
}

fn slots(file: &File) -> io::Result<Slots> {
    let mut slots = Slots { blank: true, ..Slots::default() };
    for (slot, mark) in (0..).zip(&mut slots.marks) {
        let mut bytes = [0; SLOT_BYTES];
        match file.read_exact_at(&mut bytes, slot * SLOT_APART) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => continue,
            Err(error) => return Err(error),
        }
        *mark = decode(&bytes);
        slots.blank &= bytes == [0; SLOT_BYTES];
    }
    Ok(slots)
}

fn encode(mark: Mark) -> [u8; SLOT_BYTES] {
    let Mark { end, next } = mark;
    let mut bytes = Vec::with_capacity(SLOT_BYTES);
    bytes.extend_from_slice(MAGIC);
    for number in [end.seq, next.alarm, next.suppression, next.promise] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&end.hash);
    bytes.extend_from_slice(&sha256(&bytes));
    bytes.try_into().expect("the fields have these lengths")
}

fn decode(bytes: &[u8; SLOT_BYTES]) -> Option<Mark> {
    let (fields, checksum) = bytes.split_at(FIELDS_BYTES);
    if !fields.starts_with(MAGIC) || sha256(fields) != checksum {
        return None;
    }
    let number = |at: usize| {
        let bytes = &fields[8 + 8 * at..][..8];
        u64::from_le_bytes(bytes.try_into().expect("eight bytes were taken"))
    };
    let mut hash = NOTHING;
    hash.copy_from_slice(&fields[8 + 4 * 8..]);
    let seq = number(0);
    let next = NextIds { seq: seq + 1, alarm: number(1), suppression: number(2), promise: number(3) };
    Some(Mark { end: End { seq, hash }, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(seq: u64) -> Mark {
        let next = NextIds { seq: seq + 1, alarm: 2 * seq, suppression: 7, promise: 9 };
        Mark { end: End { seq, hash: [seq as u8; 32] }, next }
    }

    fn found(folder: &Path) -> Option<Mark> {
        match read(folder) {
            Found::Mark(mark) => Some(mark),
            _ => None,
        }
    }

    #[test]
    fn a_torn_write_leaves_the_mark_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = MarkFile::new(folder.path());
        assert!(matches!(read(folder.path()), Found::Nothing));
        for seq in 1..=3 {
            file.write(mark(seq)).unwrap();
            assert_eq!(found(folder.path()), Some(mark(seq)));
        }
        let path = folder.path().join(FILE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        // The third is in the slot of the first.
        let torn = File::options().write(true).open(&path).unwrap();
        torn.write_all_at(b"torn", 20).unwrap();
        assert_eq!(found(folder.path()), Some(mark(2)));
        // The next one goes there again, and not over the last whole one.
        let mut file = MarkFile::new(folder.path());
        torn.set_len(SLOT_APART + SLOT_BYTES as u64).unwrap();
        file.write(mark(4)).unwrap();
        torn.write_all_at(b"torn", 20).unwrap();
        assert_eq!(found(folder.path()), Some(mark(2)));
    }

    #[test]
    fn no_byte_of_a_slot_can_change_unnoticed() {
        let whole = encode(mark(300));
        assert_eq!(decode(&whole), Some(mark(300)));
        for at in 0..SLOT_BYTES {
            let mut bytes = whole;
            bytes[at] ^= 1;
            assert_eq!(decode(&bytes), None, "{at}");
        }
    }

    #[test]
    fn what_could_not_be_written_is_written_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        fs::create_dir(&path).unwrap();
        let mut file = MarkFile::new(folder.path());
        file.write(mark(1)).unwrap_err();
        fs::remove_dir(&path).unwrap();
        file.retry().unwrap();
        assert_eq!(found(folder.path()), Some(mark(1)));
        fs::remove_file(&path).unwrap();
        file.write(mark(2)).unwrap();
        assert_eq!(found(folder.path()), Some(mark(2)), "a file that was deleted is made anew");
    }
}
