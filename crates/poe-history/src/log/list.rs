//! The batches of a segment, in memory: a list that grows while others read it, without a lock.

use super::record::{HEADER_BYTES, Header};
use std::sync::{
    Arc, Mutex, OnceLock, PoisonError, TryLockError,
    atomic::{AtomicU8, AtomicUsize, Ordering},
};

/// Batches of a segment: three quarters of an hour of ticks. With their directories left out, the list of a full segment
/// fills 10 MiB.
pub(super) const BATCHES_MAX: usize = 65_536;

const PART: usize = 128;

/// So many batches, made when the first is added.
type Part = Box<[OnceLock<Batch>]>;

/// Batches in order. One thread adds to it.
#[derive(Debug)]
pub(super) struct List {
    parts: Box<[OnceLock<Part>]>,
    len: AtomicUsize,
}

/// A batch, and what of it is in memory.
#[derive(Debug)]
pub(super) struct Batch {
    /// Where in the file it begins.
    pub(super) at: u64,
    pub(super) header: Header,
    /// The sums up to and including this one.
    pub(super) totals: Totals,
    held: Mutex<Held>,
    state: AtomicU8,
}

/// What is in memory of a batch.
#[derive(Clone, Debug)]
pub(super) enum Held {
    Nothing,
    Directory(Arc<[u8]>),
    Record(Arc<[u8]>),
}

/// What is known of the bytes in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum State {
    /// They were never read.
    Unread,
    /// They were what they should be.
    Checked,
    /// They are not what was written. The batch is left out of every answer.
    Lost,
}

impl State {
    fn from_byte(byte: u8) -> Self {
        match byte {
            0 => Self::Unread,
            1 => Self::Checked,
            _ => Self::Lost,
        }
    }
}

/// Sums over some batches.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Totals {
    pub(super) batches: u64,
    pub(super) readings: u64,
    /// Up to the end of the last one.
    pub(super) bytes: u64,
    /// The earliest and the latest time.
    pub(super) times_ms: Option<(i64, i64)>,
}

impl Totals {
    /// With one more batch.
    pub(super) fn with(self, at: u64, header: &Header) -> Self {
        let (from, to) = self.times_ms.unwrap_or((header.from_ms, header.to_ms));
        Self {
            batches: self.batches + 1,
            readings: self.readings + u64::from(header.readings),
            bytes: at + u64::from(header.length),
            times_ms: Some((from.min(header.from_ms), to.max(header.to_ms))),
        }
    }
}

impl List {
    /// An empty list that can hold so many batches.
    pub(super) fn with_room(batches: usize) -> Self {
        let parts = (0..batches.div_ceil(PART)).map(|_| OnceLock::new()).collect();
        Self { parts, len: AtomicUsize::new(0) }
    }

    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    pub(super) fn get(&self, index: usize) -> Option<&Batch> {
        self.parts.get(index / PART)?.get()?.get(index % PART)?.get()
    }

    /// The sums of the first `len` batches.
    pub(super) fn totals(&self, len: usize) -> Totals {
        len.checked_sub(1).and_then(|last| self.get(last)).map(|batch| batch.totals).unwrap_or_default()
    }

    /// Adds a batch. Others see it when this returns. A full list takes none: it says so.
    pub(super) fn push(&self, at: u64, header: Header, held: Held, state: State) -> bool {
        let len = self.len();
        let Some(part) = self.parts.get(len / PART) else { return false };
        let part = part.get_or_init(|| (0..PART).map(|_| OnceLock::new()).collect());
        let totals = self.totals(len).with(at, &header);
        let batch = Batch { at, header, totals, held: Mutex::new(held), state: AtomicU8::new(state as u8) };
        let added = part[len % PART].set(batch).is_ok();
        self.len.store(len + usize::from(added), Ordering::Release);
        added
    }
}

impl Batch {
    pub(super) fn held(&self) -> Held {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has less of it in memory. Somebody who looks at it just now is not waited for: then it stays, and this says no.
    pub(super) fn hold(&self, less: Held) -> bool {
        match self.held.try_lock() {
            Ok(mut held) => *held = less,
            Err(TryLockError::Poisoned(held)) => *held.into_inner() = less,
            Err(TryLockError::WouldBlock) => return false,
        }
        true
    }

    /// The directory alone, of a batch whose record is in memory.
    pub(super) fn directory(&self) -> Option<Arc<[u8]>> {
        match self.held() {
            Held::Record(record) => {
                record.get(HEADER_BYTES..HEADER_BYTES + self.header.directory_bytes()).map(Arc::from)
            }
            Held::Directory(directory) => Some(directory),
            Held::Nothing => None,
        }
    }

    pub(super) fn state(&self) -> State {
        State::from_byte(self.state.load(Ordering::Relaxed))
    }

    /// Remembers what was found, and tells what was known before.
    pub(super) fn set_state(&self, state: State) -> State {
        State::from_byte(self.state.swap(state as u8, Ordering::Relaxed))
    }
}
