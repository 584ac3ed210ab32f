//! What of a day is not sealed yet, by sensor, in little memory.

use super::super::{
    export::Wanted,
    slices::{SLICE_MAX, Slices},
    sources,
};
use crate::{Range, error::Result, history::Moment, log::Segment, reading::Reading};
use poe_building::SensorKey;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::IpAddr,
    sync::Arc,
};

/// Readings that are held and sorted at once, in about 8 MB. A node that has more is read by itself, sensor by sensor, in
/// slices.
const HELD_MAX: u64 = if cfg!(test) { 20 } else { 128 * 1024 };

/// The readings of a range that are in the log.
#[derive(Debug)]
pub(super) struct Unsealed {
    segments: Vec<Arc<Segment>>,
    range: Range,
    /// What is still to be read.
    rest: VecDeque<Group>,
    /// By sensor, then by time.
    held: VecDeque<(SensorKey, Reading)>,
}

/// What is read at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Group {
    /// From one node to another, both included.
    Nodes(IpAddr, IpAddr),
    /// One node, of which the sensors are to be found out.
    Large(IpAddr),
    Sensor(SensorKey),
}

/// What is not sealed yet of one sensor.
#[derive(Debug)]
pub(super) enum Taken {
    /// All of it, by time.
    Held(Vec<Reading>),
    /// Where it is to be read.
    Slices(Vec<Slices>),
}

impl Unsealed {
    pub(super) fn new(moment: &Moment, range: Range) -> Result<Self> {
        let segments: Vec<_> = sources::segments(moment, range).cloned().collect();
        let mut nodes = BTreeMap::new();
        for segment in &segments {
            for (node, readings) in segment.nodes()? {
                *nodes.entry(node).or_default() += readings;
            }
        }
        Ok(Self { segments, range, rest: groups(&nodes, HELD_MAX), held: VecDeque::new() })
    }

    /// The lowest sensor that is wanted and was not taken.
    pub(super) fn next(&mut self, wanted: &Wanted) -> Result<Option<SensorKey>> {
        loop {
            if let Some((sensor, _)) = self.held.front() {
                return Ok(Some(*sensor));
            }
            match self.rest.front() {
                None => return Ok(None),
                Some(Group::Sensor(sensor)) => return Ok(Some(*sensor)),
                Some(&Group::Large(node)) => {
                    let mut sensors = BTreeSet::new();
                    self.each(node, node, wanted, &mut |sensor, _| {
                        sensors.insert(sensor);
                    })?;
                    self.rest.pop_front();
                    sensors.into_iter().rev().for_each(|sensor| self.rest.push_front(Group::Sensor(sensor)));
                }
                Some(&Group::Nodes(first, last)) => {
                    let mut held = Vec::from(std::mem::take(&mut self.held));
                    self.each(first, last, wanted, &mut |sensor, reading| held.push((sensor, reading)))?;
                    self.rest.pop_front();
                    // Stable, so that of one moment the later stays later.
                    held.sort_by_key(|(sensor, reading)| (*sensor, reading.time_ms));
                    self.held = held.into();
                }
            }
        }
    }

    /// The readings of the lowest sensor, if it is this one.
    pub(super) fn take(&mut self, sensor: SensorKey) -> Taken {
        if self.held.is_empty() && self.rest.front() == Some(&Group::Sensor(sensor)) {
            self.rest.pop_front();
            let slices = |segment| Slices::new(segment, sensor, self.range, SLICE_MAX);
            return Taken::Slices(self.segments.iter().map(slices).collect());
        }
        let end = self.held.partition_point(|(held, _)| *held <= sensor);
        Taken::Held(self.held.drain(..end).map(|(_, reading)| reading).collect())
    }

    /// Gives all readings of some nodes that are wanted, in the order in which they came.
    fn each(
        &self,
        first: IpAddr,
        last: IpAddr,
        wanted: &Wanted,
        take: &mut dyn FnMut(SensorKey, Reading),
    ) -> Result<()> {
        for segment in &self.segments {
            segment.of_nodes(first, last, &mut |sensor, reading| {
                if self.range.holds(reading.time_ms) && wanted.has(sensor) {
                    take(sensor, reading);
                }
            })?;
        }
        Ok(())
    }
}

/// Nodes in groups that have `most` readings at most; one that has more, by itself.
fn groups(nodes: &BTreeMap<IpAddr, u64>, most: u64) -> VecDeque<Group> {
    let mut groups = VecDeque::new();
    let mut open: Option<(IpAddr, IpAddr, u64)> = None;
    let close = |open: &mut Option<(IpAddr, IpAddr, u64)>, groups: &mut VecDeque<Group>| {
        groups.extend(open.take().map(|(first, last, _)| Group::Nodes(first, last)));
    };
    for (&node, &readings) in nodes {
        if open.is_some_and(|(_, _, held)| held + readings > most) {
            close(&mut open, &mut groups);
        }
        if readings > most {
            groups.push_back(Group::Large(node));
        } else {
            let (first, held) = open.map_or((node, 0), |(first, _, held)| (first, held));
            open = Some((first, node, held + readings));
        }
    }
    close(&mut open, &mut groups);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_read_in_groups_that_fit_and_a_large_one_by_itself() {
        let node = |last: u8| IpAddr::from([10, 0, 0, last]);
        let nodes =
            [(1, 4), (2, 4), (3, 4), (4, 11), (5, 10), (6, 1)].map(|(last, count)| (node(last), count));
        let expected = [
            Group::Nodes(node(1), node(2)),
            Group::Nodes(node(3), node(3)),
            Group::Large(node(4)),
            Group::Nodes(node(5), node(5)),
            Group::Nodes(node(6), node(6)),
        ];
        assert_eq!(Vec::from(groups(&nodes.into_iter().collect(), 10)), expected);
    }
}
