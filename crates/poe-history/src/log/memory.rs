//! What the recorder keeps in memory of the batches that it has written, within bounds: the oldest goes first.

use super::{
    body::Body,
    list::{Batch, Held, List},
};
use std::{collections::VecDeque, mem::size_of, sync::Arc};

/// The records of the newest batches: half a minute of a large building. Older ones are read from the file, by their directories.
const RECORDS_BYTES_MAX: usize = 10 << 20;

/// Lists and directories. Beyond it directories are read from the file, and then lists.
const INDEX_BYTES_MAX: usize = 16 << 20;

#[derive(Debug, Default)]
pub(super) struct Memory {
    records: Kept,
    directories: Kept,
    /// Closed segments whose lists are in memory; each stands for its list's bytes.
    lists: VecDeque<(Arc<Body>, usize)>,
    lists_bytes: usize,
    bounds: Bounds,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) records_bytes: usize,
    pub(super) index_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { records_bytes: RECORDS_BYTES_MAX, index_bytes: INDEX_BYTES_MAX }
    }
}

/// Batches of which something is in memory, oldest first.
#[derive(Debug, Default)]
struct Kept {
    batches: VecDeque<Slot>,
    bytes: usize,
}

/// A batch, by its segment and its place in the list.
#[derive(Debug)]
struct Slot {
    body: Arc<Body>,
    list: Arc<List>,
    index: usize,
    bytes: usize,
}

impl Slot {
    fn batch(&self) -> Option<&Batch> {
        self.list.get(self.index)
    }
}

impl Kept {
    fn push(&mut self, slot: Slot) {
        self.bytes += slot.bytes;
        self.batches.push_back(slot);
    }

    fn pop(&mut self) -> Option<Slot> {
        let slot = self.batches.pop_front()?;
        self.bytes -= slot.bytes;
        Some(slot)
    }

    fn pop_removed(&mut self) {
        while self.batches.front().is_some_and(|slot| slot.body.is_removed()) {
            self.pop();
        }
    }
}

impl Memory {
    #[cfg(test)]
    pub(super) fn bounded(bounds: Bounds) -> Self {
        Self { bounds, ..Self::default() }
    }

    /// The record, to be kept with its batch, unless that alone is too much.
    pub(super) fn hold(&self, record: &[u8]) -> Held {
        if record.len() <= self.bounds.records_bytes {
            Held::Record(Arc::from(record))
        } else {
            Held::Nothing
        }
    }

    /// The list's newest batch was added.
    pub(super) fn added(&mut self, body: &Arc<Body>, list: &Arc<List>) {
        let Some(index) = list.len().checked_sub(1) else { return };
        if index == 0 {
            self.lists.push_back((body.clone(), 0));
        }
        if let Some((_, bytes)) = self.lists.back_mut() {
            *bytes += size_of::<Batch>();
            self.lists_bytes += size_of::<Batch>();
        }
        let slot = |bytes| Slot { body: body.clone(), list: list.clone(), index, bytes };
        match list.get(index).map(Batch::held) {
            Some(Held::Record(record)) => self.records.push(slot(record.len())),
            Some(Held::Directory(directory)) => self.directories.push(slot(directory.len())),
            _ => {}
        }
        self.forget_removed();
        self.shrink();
    }

    fn forget_removed(&mut self) {
        self.records.pop_removed();
        self.directories.pop_removed();
        while let Some((_, bytes)) = self.lists.pop_front_if(|(body, _)| body.is_removed()) {
            self.lists_bytes -= bytes;
        }
    }

    /// Comes back within the bounds, or nearly so, if somebody looks at the oldest just now.
    fn shrink(&mut self) {
        while self.records.bytes > self.bounds.records_bytes {
            let Some(slot) = self.records.pop() else { break };
            let directory = slot.batch().and_then(Batch::directory);
            let bytes = directory.as_ref().map_or(0, |directory| directory.len());
            let less = directory.map_or(Held::Nothing, Held::Directory);
            if !slot.batch().is_none_or(|batch| batch.hold(less)) {
                self.records.bytes += slot.bytes;
                self.records.batches.push_front(slot);
                break;
            }
            self.directories.push(Slot { bytes, ..slot });
        }
        while self.directories.bytes + self.lists_bytes > self.bounds.index_bytes {
            let Some(slot) = self.directories.pop() else { break };
            if !slot.batch().is_none_or(|batch| batch.hold(Held::Nothing)) {
                self.directories.bytes += slot.bytes;
                self.directories.batches.push_front(slot);
                break;
            }
        }
        while self.directories.batches.is_empty() && self.lists_bytes > self.bounds.index_bytes {
            let closed = |(body, _): &mut (Arc<Body>, usize)| body.is_closed() && body.give_up_list();
            let Some((_, bytes)) = self.lists.pop_front_if(closed) else { break };
            self.lists_bytes -= bytes;
        }
    }
}
