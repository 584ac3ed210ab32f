//! Those who watch what happens: told once it is stored, since what has been shown must survive.

use poe_building::Status;
use poe_wire::{Frame, SensorKind};
use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::mpsc::{SyncSender, TrySendError},
    time::{Duration, Instant},
};

/// What could not be stored within this time is told all the same, and marked.
const UNSTORED_AFTER: Duration = Duration::from_millis(250);
/// Notices that wait to be stored: 250 ms of a storm. Beyond, the oldest are told unstored.
const WAITING_MAX: usize = 16_384;

/// A notice, as a watcher gets it.
#[derive(Clone, PartialEq, Debug)]
pub struct Told {
    /// What has happened.
    pub notice: Notice,
    /// Whether it survives a sudden end. It is `false` only if the disk took too long.
    pub stored: bool,
}

/// Something that has just happened, for those who watch.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// A peer has connected.
    Connected {
        /// Its address.
        address: IpAddr,
        /// Its port.
        port: u16,
    },
    /// A connection has ended.
    Disconnected {
        /// The peer's address.
        address: IpAddr,
        /// The peer's port.
        port: u16,
        /// Whole frames that came on it.
        frames: u64,
    },
    /// A peer sent its first POST and is a node from now on.
    NodeAdded {
        /// Its address.
        address: IpAddr,
    },
    /// A node has a sensor that was not known.
    SensorAdded {
        /// The node's address.
        address: IpAddr,
        /// The sensor's number on its node.
        id: u8,
        /// What it measures.
        kind: SensorKind,
    },
    /// A sensor posts another kind than before.
    KindChanged {
        /// The node's address.
        address: IpAddr,
        /// The sensor's number on its node.
        id: u8,
        /// What it was.
        from: SensorKind,
        /// What it is now.
        to: SensorKind,
    },
    /// A reading has another status than the one before.
    StatusChanged {
        /// The node's address.
        address: IpAddr,
        /// The sensor's number on its node.
        id: u8,
        /// The status before; `None` for the first reading.
        from: Option<Status>,
        /// The status now.
        to: Status,
        /// The value that did it.
        value: u8,
    },
    /// A frame that means nothing.
    FrameInvalid {
        /// Where it came from.
        address: IpAddr,
        /// Its four bytes.
        frame: Frame,
    },
    /// A new sensor was refused because the building is full.
    SensorRefused {
        /// The node's address.
        address: IpAddr,
        /// The sensor's number on its node.
        id: u8,
    },
    /// A connection is read beside its frames' edges and was closed.
    OutOfStep {
        /// The peer's address.
        address: IpAddr,
    },
}

/// The watchers, and what they are about to be told.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    watchers: Vec<SyncSender<Told>>,
    waiting: VecDeque<(Instant, Notice)>,
    /// How many of the waiting the batch in the recorder's hand covers.
    in_hand: usize,
}

impl Watch {
    pub(crate) fn add(&mut self, watcher: SyncSender<Told>) {
        self.watchers.push(watcher);
    }

    /// Whether it is worth the trouble to make a notice.
    pub(crate) fn is_watched(&self) -> bool {
        !self.watchers.is_empty()
    }

    /// Something has happened.
    pub(crate) fn note(&mut self, notice: Notice) {
        if self.is_watched() {
            self.waiting.push_back((Instant::now(), notice));
            if self.waiting.len() > WAITING_MAX {
                self.tell_oldest(false);
            }
        }
    }

    /// Everything so far is in the batch that the recorder has just been given.
    pub(crate) fn handed_over(&mut self) {
        self.in_hand = self.waiting.len();
    }

    /// The recorder has stored its batch.
    pub(crate) fn stored(&mut self) {
        while self.in_hand > 0 {
            self.tell_oldest(true);
        }
    }

    /// At the end of a round: tells at once what needed no storing, and what has waited too long for it.
    pub(crate) fn settle(&mut self, nothing_to_store: bool) {
        while let Some((since, _)) = self.waiting.front()
            && (nothing_to_store || since.elapsed() >= UNSTORED_AFTER)
        {
            self.tell_oldest(nothing_to_store);
        }
    }

    /// When the oldest has waited too long.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.waiting.front().map(|(since, _)| *since + UNSTORED_AFTER)
    }

    /// Who does not keep up misses it; who has gone is forgotten.
    fn tell_oldest(&mut self, stored: bool) {
        self.in_hand = self.in_hand.saturating_sub(1);
        if let Some((_, notice)) = self.waiting.pop_front() {
            let told = Told { notice, stored };
            self.watchers.retain(|watcher| {
                !matches!(watcher.try_send(told.clone()), Err(TrySendError::Disconnected(_)))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn step(n: u8) -> Notice {
        Notice::OutOfStep { address: [10, 0, 0, n].into() }
    }

    #[test]
    fn a_notice_is_told_when_its_batch_is_stored_and_not_before() {
        let mut watch = Watch::default();
        watch.note(step(0));
        let (sender, told) = mpsc::sync_channel(9);
        watch.add(sender);
        watch.note(step(1));
        watch.handed_over();
        watch.note(step(2));
        watch.settle(false);
        assert!(told.try_recv().is_err());
        watch.stored();
        assert_eq!(told.try_recv(), Ok(Told { notice: step(1), stored: true }));
        assert!(told.try_recv().is_err(), "the second came after the batch was handed over");
        watch.settle(true);
        assert_eq!(told.try_recv(), Ok(Told { notice: step(2), stored: true }));
    }

    #[test]
    fn a_disk_that_takes_too_long_marks_the_notice() {
        let mut watch = Watch::default();
        let (sender, told) = mpsc::sync_channel(9);
        watch.add(sender);
        watch.note(step(1));
        watch.handed_over();
        watch.waiting[0].0 -= UNSTORED_AFTER;
        watch.settle(false);
        assert_eq!(told.try_recv(), Ok(Told { notice: step(1), stored: false }));
        watch.note(step(2));
        watch.stored();
        assert!(told.try_recv().is_err(), "the batch did not cover the second");
    }

    #[test]
    fn nobody_watching_keeps_nothing() {
        let mut watch = Watch::default();
        watch.note(step(1));
        assert_eq!(watch.next_due(), None);
    }
}
