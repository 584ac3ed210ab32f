//! A segment as those see it who ask. Answers are the same whether a batch is in memory or only in its file.

use super::{
    body::Body,
    list::{Batch, Held, List, State, Totals},
    record::{Bursts, Directory, HEADER_BYTES, Header, Nonsense, READING_BYTES, reading},
};
use crate::{
    Range,
    error::{HistoryError, Result},
    reading::Reading,
};
use poe_building::SensorKey;
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::unix::fs::FileExt,
    sync::{Arc, OnceLock},
    time::Instant,
};

/// Some batches, in a file of their own. A value shows the batches that it had at one moment.
#[derive(Debug)]
pub(crate) struct Segment {
    body: Arc<Body>,
    closed: bool,
    totals: Totals,
    /// In memory already, or read when it is asked for.
    list: OnceLock<Arc<List>>,
}

/// Who is given the readings of a sensor.
pub(crate) trait Taker {
    /// Whether the next batch is wanted, of which no reading is earlier than this.
    fn wants(&mut self, from_ms: i64) -> Wish;

    /// Takes a reading.
    fn take(&mut self, reading: Reading);
}

/// What is to be done with a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wish {
    Take,
    LeaveOut,
    /// Nor is anything after it wanted.
    Stop,
}

/// The bytes of the batch that is being looked at, if they are not in memory.
#[derive(Default)]
struct Buffers {
    directory: Vec<u8>,
    bursts: Vec<u8>,
}

/// Every node.
const FIRST: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
const LAST: IpAddr = IpAddr::V6(Ipv6Addr::from_bits(u128::MAX));

impl Segment {
    /// The segment as it is now.
    pub(super) fn now(body: Arc<Body>) -> Self {
        // Whether it is closed is looked at first: one that is has all its batches in the list.
        let closed = body.is_closed();
        let (list, totals) = body.known();
        Self { body, closed, totals, list: list.map(OnceLock::from).unwrap_or_default() }
    }

    /// Numbers ascend.
    pub(crate) fn number(&self) -> u64 {
        self.body.number
    }

    /// Whether it will grow no more.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(crate) fn batches(&self) -> u64 {
        self.totals.batches
    }

    /// How many were written. Fewer are answered if the file was damaged since.
    pub(crate) fn readings(&self) -> u64 {
        self.totals.readings
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.totals.bytes
    }

    /// Its file, of which the first [`Segment::bytes`] are what this value shows. Others may have deleted it by now.
    pub(crate) fn file(&self) -> (&std::path::Path, &std::fs::File) {
        (&self.body.path, &self.body.file)
    }

    /// The times of its earliest and latest reading.
    pub(crate) fn times_ms(&self) -> Option<(i64, i64)> {
        self.totals.times_ms
    }

    /// When it was begun, by the clock that nobody can set. One of an earlier run: when its first reading came.
    pub(crate) fn begun(&self) -> Instant {
        self.body.begun
    }

    /// Every node that it has readings of, ascending, with how many.
    pub(crate) fn nodes(&self) -> Result<Vec<(IpAddr, u64)>> {
        let mut sums = HashMap::new();
        let mut buffers = Buffers::default();
        for batch in self.list()? {
            self.look(batch, FIRST, LAST, false, &mut buffers, &mut |address, readings, _| {
                *sums.entry(address).or_default() += u64::from(readings);
                Ok(())
            })?;
        }
        let mut nodes: Vec<_> = sums.into_iter().collect();
        nodes.sort_unstable();
        Ok(nodes)
    }

    /// The readings of one sensor in a range, in the order in which they came, given to `taker` one by one: however many there
    /// are, no more than a batch is in memory for it.
    pub(crate) fn each_of_sensor(
        &self,
        sensor: SensorKey,
        range: Range,
        taker: &mut dyn Taker,
    ) -> Result<()> {
        let SensorKey { address, id } = sensor;
        let mut buffers = Buffers::default();
        for batch in self.list()?.filter(|batch| range.meets(batch.header.from_ms, batch.header.to_ms)) {
            match taker.wants(batch.header.from_ms) {
                Wish::Take => {}
                Wish::LeaveOut => continue,
                Wish::Stop => break,
            }
            self.look(batch, address, address, true, &mut buffers, &mut |_, _, mut bursts| {
                while let Some((time_ms, bytes)) = bursts.next()? {
                    if range.holds(time_ms) {
                        for bytes in bytes.chunks_exact(READING_BYTES).filter(|bytes| bytes[0] == id) {
                            taker.take(reading(time_ms, bytes)?);
                        }
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The same, added to `into`.
    #[cfg(test)]
    pub(crate) fn of_sensor(&self, sensor: SensorKey, range: Range, into: &mut Vec<Reading>) -> Result<()> {
        struct All<'a>(&'a mut Vec<Reading>);
        impl Taker for All<'_> {
            fn wants(&mut self, _: i64) -> Wish {
                Wish::Take
            }

            fn take(&mut self, reading: Reading) {
                self.0.push(reading);
            }
        }
        self.each_of_sensor(sensor, range, &mut All(into))
    }

    /// All readings of the nodes from `first` to `last`, both included, in the order in which they came: `take` is called
    /// for each.
    pub(crate) fn of_nodes(
        &self,
        first: IpAddr,
        last: IpAddr,
        take: &mut dyn FnMut(SensorKey, Reading),
    ) -> Result<()> {
        let mut buffers = Buffers::default();
        for batch in self.list()? {
            self.look(batch, first, last, true, &mut buffers, &mut |address, _, mut bursts| {
                while let Some((time_ms, bytes)) = bursts.next()? {
                    for bytes in bytes.chunks_exact(READING_BYTES) {
                        take(SensorKey { address, id: bytes[0] }, reading(time_ms, bytes)?);
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The batches that it shows.
    fn list(&self) -> Result<impl Iterator<Item = &Batch>> {
        let list = match self.list.get() {
            Some(list) => list,
            None => {
                let read = Arc::new(self.body.read_list(self.totals.bytes)?);
                self.list.get_or_init(|| read)
            }
        };
        Ok((0..self.totals.batches as usize).map_while(|index| list.get(index)))
    }

    /// Calls `take` for each node from `first` to `last` that the batch has readings of, with how many these are and, if
    /// `bursts` are asked for, its bursts. A batch that is damaged is left out, and told of.
    fn look(
        &self,
        batch: &Batch,
        first: IpAddr,
        last: IpAddr,
        bursts: bool,
        buffers: &mut Buffers,
        take: &mut Take<'_>,
    ) -> Result<()> {
        if batch.state() == State::Lost {
            return Ok(());
        }
        match self.try_look(batch, (first, last), bursts, buffers, take) {
            Ok(()) => Ok(()),
            Err(Trouble::Disk(cause)) if cause.kind() != io::ErrorKind::UnexpectedEof => {
                Err(HistoryError::disk("read the segment", &self.body.path, cause))
            }
            Err(Trouble::Disk(_) | Trouble::Nonsense) => {
                if batch.set_state(State::Lost) != State::Lost {
                    let (path, readings) = (self.body.path.display(), batch.header.readings);
                    let at = batch.at;
                    self.body
                        .damage
                        .tell(format!("{path} is damaged: {readings} readings at byte {at} are lost"));
                }
                Ok(())
            }
        }
    }

    fn try_look(
        &self,
        batch: &Batch,
        nodes: (IpAddr, IpAddr),
        bursts: bool,
        buffers: &mut Buffers,
        take: &mut Take<'_>,
    ) -> std::result::Result<(), Trouble> {
        let header = &batch.header;
        let directory_bytes = header.directory_bytes();
        let held = batch.held();
        if let Held::Record(record) = &held {
            let (directory, data) = record[HEADER_BYTES..].split_at(directory_bytes);
            return Part::new(header, directory, nodes)?.each(|span| data.get(span), take);
        }
        if let Held::Directory(directory) = &held {
            let part = Part::new(header, directory, nodes)?;
            if part.entries.is_empty() {
                return Ok(());
            }
            if !bursts {
                return part.each(|_| Some(&[]), take);
            }
        }
        if batch.state() == State::Unread {
            self.read(batch.at, header.length as usize, &mut buffers.bursts)?;
            if Header::read(&buffers.bursts) != Some(*header) || !header.fits(&buffers.bursts) {
                return Err(Trouble::Nonsense);
            }
            batch.set_state(State::Checked);
            let (directory, data) = buffers.bursts[HEADER_BYTES..].split_at(directory_bytes);
            return Part::new(header, directory, nodes)?.each(|span| data.get(span), take);
        }
        let directory = match &held {
            Held::Directory(directory) => directory,
            _ => {
                self.read(batch.at + HEADER_BYTES as u64, directory_bytes, &mut buffers.directory)?;
                &buffers.directory[..]
            }
        };
        let part = Part::new(header, directory, nodes)?;
        if !bursts || part.entries.is_empty() {
            return part.each(|_| Some(&[]), take);
        }
        let span = part.span.clone();
        let data = batch.at + (HEADER_BYTES + directory_bytes) as u64;
        self.read(data + span.start as u64, span.len(), &mut buffers.bursts)?;
        part.each(|own| buffers.bursts.get(own.start - span.start..own.end - span.start), take)
    }

    fn read(&self, at: u64, bytes: usize, into: &mut Vec<u8>) -> io::Result<()> {
        into.resize(bytes, 0);
        self.body.file.read_exact_at(into, at)
    }
}

/// Takes a node, how many readings it has, and its bursts.
type Take<'a> = dyn FnMut(IpAddr, u32, Bursts<'_>) -> std::result::Result<(), Nonsense> + 'a;

/// Why a batch could not be looked at.
enum Trouble {
    Disk(io::Error),
    Nonsense,
}

impl From<io::Error> for Trouble {
    fn from(cause: io::Error) -> Self {
        Self::Disk(cause)
    }
}

impl From<Nonsense> for Trouble {
    fn from(Nonsense: Nonsense) -> Self {
        Self::Nonsense
    }
}

/// The nodes of a batch that are asked for.
struct Part<'a> {
    base_ms: i64,
    directory: Directory<'a>,
    entries: std::ops::Range<usize>,
    /// Where their bursts lie, one after the other.
    span: std::ops::Range<usize>,
}

impl<'a> Part<'a> {
    fn new(
        header: &Header,
        directory: &'a [u8],
        (first, last): (IpAddr, IpAddr),
    ) -> std::result::Result<Self, Nonsense> {
        let directory = Directory::new(header, directory).ok_or(Nonsense)?;
        let entries = directory.entries(first, last);
        let span = directory.span(&entries).ok_or(Nonsense)?;
        Ok(Self { base_ms: header.base_ms, directory, entries, span })
    }

    /// Calls `take` for each, with the bytes that `bursts` finds for a span.
    fn each<'b>(
        &self,
        bursts: impl Fn(std::ops::Range<usize>) -> Option<&'b [u8]>,
        take: &mut Take<'_>,
    ) -> std::result::Result<(), Trouble> {
        for index in self.entries.clone() {
            let entry = self.directory.entry(index).ok_or(Nonsense)?;
            let span = self.directory.span(&(index..index + 1)).ok_or(Nonsense)?;
            if span.start < self.span.start || self.span.end < span.end {
                return Err(Trouble::Nonsense);
            }
            let bytes = bursts(span).ok_or(Nonsense)?;
            take(entry.address, entry.readings, Bursts { base_ms: self.base_ms, bytes })?;
        }
        Ok(())
    }
}
