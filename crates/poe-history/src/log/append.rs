//! The recorder's end of the log.

use super::{
    body::{Body, Damage},
    encode::Encoder,
    list::{BATCHES_MAX, List, State},
    memory::Memory,
    waiting::Waiting,
};
use crate::error::{HistoryError, Result};
use nix::fcntl::{FallocateFlags, fallocate};
use poe_building::{NodeNo, Readings};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    net::IpAddr,
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
};

/// A segment that is so large is closed: sealing one takes a second or so, and it is deleted as a whole.
const SEGMENT_BYTES_MAX: u64 = 64 << 20;

/// Room is asked for in such steps, so that a sync has no blocks to look for. On an idle disk that is no gain; on a busy one
/// it took 4 ms in place of 8.
const ROOM_BYTES: u64 = 4 << 20;

/// The end of the log, where batches are added. It belongs to the recorder.
#[derive(Debug)]
pub struct Log {
    folder: PathBuf,
    begun: Sender<Arc<Body>>,
    damage: Arc<Damage>,
    encoder: Encoder,
    pub(super) memory: Memory,
    next_number: u64,
    /// Of the next batch that is not one given again.
    next_sequence: Option<u64>,
    growing: Option<Growing>,
    #[cfg(test)]
    pub(super) failing: Option<Failing>,
}

/// The segment that batches are added to.
#[derive(Debug)]
struct Growing {
    body: Arc<Body>,
    list: Arc<List>,
    /// Where the next batch goes.
    end: u64,
    /// Up to where there is room.
    room: u64,
}

/// What an append has cost.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Appended {
    /// Readings.
    pub readings: u64,
    /// Bytes in the log.
    pub bytes: u64,
}

/// How far a failing write gets.
#[cfg(test)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Failing {
    /// The disk is full.
    Nothing,
    /// Only these bytes are written, and stay.
    Written(usize),
    /// All are written, and stay; the sync fails.
    Synced,
}

impl Log {
    /// Opens the folder, or makes it. Nothing in it is read but names, however much is stored: that is done by who asks
    /// first.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Arc<Waiting>)> {
        make(folder)?;
        let unread = numbers(folder)?;
        let next_number = unread.last().map_or(1, |(number, _)| number + 1);
        let damage = Arc::new(Damage::default());
        let (begun, receiver) = channel();
        let waiting = Arc::new(Waiting::new(unread, receiver, damage.clone()));
        let log = Self {
            folder: folder.to_owned(),
            begun,
            damage,
            encoder: Encoder::default(),
            memory: Memory::default(),
            next_number,
            next_sequence: None,
            growing: None,
            #[cfg(test)]
            failing: None,
        };
        Ok((log, waiting))
    }

    /// Numbers new segments above this one. What is sealed is known by its number: without this, a folder whose segments
    /// are all sealed and deleted would begin again with numbers that count as sealed.
    pub(crate) fn number_above(&mut self, sealed_through: u64) {
        self.next_number = self.next_number.max(sealed_through + 1);
    }

    /// Adds a batch. When it returns, the batch survives a power cut and is in every answer.
    ///
    /// # Errors
    /// None of it is in any answer, and the same batch may be given again: it is then stored once. After a crash that comes
    /// first, it is there as a whole or not at all.
    pub fn append(&mut self, readings: &Readings, address: impl Fn(NodeNo) -> IpAddr) -> Result<Appended> {
        let count = readings.len() as u64;
        if count == 0 {
            return Ok(Appended::default());
        }
        // It begins with the number of the run's first segment: that is above all of an earlier run, since a segment has less
        // than 2^32 batches.
        let sequence = *self.next_sequence.get_or_insert(self.next_number << 32);
        let Some((header, record)) = self.encoder.encode(readings, sequence, address) else {
            let cause = io::Error::new(io::ErrorKind::FileTooLarge, "a batch of more than a gibibyte");
            return Err(HistoryError::disk("append to the log in", &self.folder, cause));
        };
        let mut growing = match self.growing.take() {
            Some(growing) if growing.takes(record.len()) => growing,
            other => {
                if let Some(full) = other {
                    full.close();
                }
                let number = self.next_number;
                self.next_number += 1;
                Growing::create(&self.folder, number, &self.damage)?
            }
        };
        #[cfg(test)]
        let failing = self.failing.take();
        #[cfg(not(test))]
        let failing = None;
        if let Err(cause) = growing.write(record, failing) {
            let path = growing.body.path.clone();
            growing.leave(failing);
            return Err(HistoryError::disk("append to the segment", &path, cause));
        }
        growing.list.push(growing.end, header, self.memory.hold(record), State::Unread);
        growing.end += record.len() as u64;
        growing.body.end();
        if growing.list.len() == 1 {
            // If nobody listens, nobody asks either.
            let _ = self.begun.send(growing.body.clone());
        }
        self.memory.added(&growing.body, &growing.list);
        self.growing = Some(growing);
        self.next_sequence = Some(sequence + 1);
        Ok(Appended { readings: count, bytes: record.len() as u64 })
    }
}

#[cfg(not(test))]
type Failing = std::convert::Infallible;

impl Growing {
    fn create(folder: &Path, number: u64, damage: &Arc<Damage>) -> Result<Self> {
        let path = folder.join(format!("{number:012}.log"));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(|cause| HistoryError::disk("begin the segment", &path, cause))?;
        if let Err(error) = sync_folder(folder) {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        let list = Arc::new(List::with_room(BATCHES_MAX));
        let body = Arc::new(Body::new(number, path, file, damage.clone(), list.clone()));
        body.begin();
        Ok(Self { body, list, end: 0, room: 0 })
    }

    /// Begins to add a batch of so many bytes, if there is room and nobody has asked for another segment.
    fn takes(&self, bytes: usize) -> bool {
        let room = self.end + bytes as u64 <= SEGMENT_BYTES_MAX && self.list.len() < BATCHES_MAX;
        self.body.begin() && room
    }

    /// Nothing is added any more.
    fn close(&self) {
        self.body.cut();
        self.body.end();
    }

    /// Leaves the segment after a failure: what the disk has now, nobody knows. One without a batch is deleted, so that a full
    /// disk does not gather them; if that fails too, the sequence tells a batch that is there twice.
    fn leave(self, failing: Option<Failing>) {
        self.close();
        #[cfg(test)]
        if failing.is_some_and(|failing| failing != Failing::Nothing) {
            return;
        }
        let _ = failing;
        let _ = match self.end {
            0 => fs::remove_file(&self.body.path),
            end => self.body.file.set_len(end).and_then(|()| self.body.file.sync_data()),
        };
    }

    fn write(&mut self, record: &[u8], failing: Option<Failing>) -> io::Result<()> {
        #[cfg(test)]
        if let Some(failing) = failing {
            let written = match failing {
                Failing::Nothing => 0,
                Failing::Written(bytes) => bytes.min(record.len()),
                Failing::Synced => record.len(),
            };
            self.body.file.write_all_at(&record[..written], self.end)?;
            return Err(io::Error::other("injected"));
        }
        let _ = failing;
        self.make_room(self.end + record.len() as u64);
        self.body.file.write_all_at(record, self.end)?;
        self.body.file.sync_data()
    }

    /// Asks for room up to `end` and some more. The file's length stays: what was not written is not there after a crash.
    fn make_room(&mut self, end: u64) {
        if end > self.room {
            let bytes = (end - self.room).next_multiple_of(ROOM_BYTES);
            let (from, count) = (self.room as i64, bytes as i64);
            let keep = FallocateFlags::FALLOC_FL_KEEP_SIZE;
            // Where it cannot be had, the write says so, or does without.
            self.room = match fallocate(&self.body.file, keep, from, count) {
                Ok(()) => self.room + bytes,
                Err(_) => u64::MAX,
            };
        }
    }
}

/// Makes the folder. What nodes say is not for everybody: only the server looks into the log.
fn make(folder: &Path) -> Result<()> {
    let disk = |cause| HistoryError::disk("make the folder", folder, cause);
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(disk)?;
    folder.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|cause| HistoryError::disk("sync the folder", folder, cause))
}

/// The segments in a folder, by number. Other files are none of ours.
pub(super) fn numbers(folder: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let disk = |cause| HistoryError::disk("list the folder", folder, cause);
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder).map_err(disk)? {
        let path = entry.map_err(disk)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".log"));
        // Twelve digits are written; a number that does not fit into the upper half of a sequence is none.
        let digits = |name: &&str| name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit());
        let number = name.filter(digits).and_then(|name| name.parse::<u32>().ok());
        if let Some(number) = number {
            segments.push((u64::from(number), path));
        }
    }
    segments.sort_unstable();
    Ok(segments)
}
