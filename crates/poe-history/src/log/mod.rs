//! The log: where a batch of readings is durable first.

use crate::error::Result;
use crate::reading::Reading;
use poe_building::{NodeNo, SensorKey};
use std::{net::IpAddr, path::Path, sync::Arc};

/// The end of the log, where batches are added. It belongs to the recorder.
#[derive(Debug)]
pub struct Log {}

/// What an append has cost.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Appended {
    /// Readings.
    pub readings: u64,
    /// Bytes in the log.
    pub bytes: u64,
}

impl Log {
    pub(crate) fn open(folder: &Path) -> Result<(Self, Arc<Waiting>)> {
        let _ = folder;
        todo!()
    }

    /// Adds a batch. When it returns, the batch survives a power cut and is in every answer.
    ///
    /// # Errors
    /// None of it is in the log, and the same batch may be given again.
    pub fn append(
        &mut self,
        readings: &poe_building::Readings,
        address: impl Fn(NodeNo) -> IpAddr,
    ) -> Result<Appended> {
        let _ = (readings, address(NodeNo(0)));
        todo!()
    }
}

/// What waits in the log to be sealed. Shared by the recorder, the keeper and all who ask.
#[derive(Debug, Default)]
pub(crate) struct Waiting {}

impl Waiting {
    /// Everything, oldest first. The last one may be growing: the value shows it as it is now.
    pub(crate) fn segments(&self) -> Vec<Arc<Segment>> {
        todo!()
    }

    /// Has the recorder go on in a new segment with its next batch, so that what there is can be sealed.
    pub(crate) fn cut(&self) {
        todo!()
    }

    /// Forgets segments up to this number, and deletes their files once nobody reads them any more.
    pub(crate) fn remove(&self, through: u64) -> Result<()> {
        let _ = through;
        todo!()
    }
}

/// Some batches, in a file of their own. A value shows the batches that it had at one moment.
#[derive(Debug)]
pub(crate) struct Segment {}

impl Segment {
    /// Numbers ascend.
    pub(crate) fn number(&self) -> u64 {
        todo!()
    }

    /// Whether it will grow no more.
    pub(crate) fn is_closed(&self) -> bool {
        todo!()
    }

    pub(crate) fn batches(&self) -> u64 {
        todo!()
    }

    pub(crate) fn readings(&self) -> u64 {
        todo!()
    }

    pub(crate) fn bytes(&self) -> u64 {
        todo!()
    }

    /// The times of its earliest and latest reading.
    pub(crate) fn times_ms(&self) -> Option<(i64, i64)> {
        todo!()
    }

    /// When it was begun, by the clock that nobody can set.
    pub(crate) fn begun(&self) -> std::time::Instant {
        todo!()
    }

    /// Every node that it has readings of, ascending, with how many.
    pub(crate) fn nodes(&self) -> Result<Vec<(IpAddr, u64)>> {
        todo!()
    }

    /// The readings of one sensor from `from_ms` to before `to_ms`, in the order in which they came, added to `into`.
    pub(crate) fn of_sensor(&self, sensor: SensorKey, range: crate::Range, into: &mut Vec<Reading>) -> Result<()> {
        let _ = (sensor, range, into);
        todo!()
    }

    /// All readings of the nodes from `first` to `last`, both included, in the order in which they came: `take` is called
    /// for each.
    pub(crate) fn of_nodes(
        &self,
        first: IpAddr,
        last: IpAddr,
        take: &mut dyn FnMut(SensorKey, Reading),
    ) -> Result<()> {
        let _ = (first, last, take);
        todo!()
    }
}
