//! One node and the latest value of each of its sensors.

use crate::{
    NodeNo, Reading, SensorKey, SensorNo, Silence, Ticks, Time,
    conflict::Contest,
    supervision::Cadence,
    table::{Band, Table, TableNo},
};
use core::net::IpAddr;
use poe_wire::SensorKind;

/// A node as others may see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeView {
    /// Its number.
    pub node: NodeNo,
    /// Its address, which is its name until somebody gives it another.
    pub address: IpAddr,
    /// When its first POST came.
    pub first_seen: Time,
    /// When its latest valid frame came; from before the start, the latest of its readings that were stored.
    pub last_seen: Option<Time>,
    /// Open connections.
    pub connections: u32,
    /// How many sensors it has.
    pub sensors: u32,
    /// Whole frames since the start, the invalid ones included.
    pub frames: u64,
    /// Frames since the start that meant nothing.
    pub invalid_frames: u64,
    /// Those of them with an unknown operation; the others have an unknown sensor type.
    pub invalid_opt: u64,
    /// Whether it is heard.
    pub supervision: Silence,
    /// Whether somebody said that it is one of ours; until then it is shown as new.
    pub approved: bool,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) address: IpAddr,
    pub(crate) first_seen: Time,
    pub(crate) last_seen: Option<Time>,
    /// When it was heard last, on the clock that nobody can set.
    pub(crate) heard: Ticks,
    pub(crate) cadence: Cadence,
    pub(crate) silence: Silence,
    /// Somebody said that it is gone for good: it is not missed until it is heard again.
    pub(crate) retired: bool,
    /// What was signalled of it was withdrawn: it is judged anew when it is heard again.
    pub(crate) withdrawn: bool,
    /// Somebody said that it is one of ours.
    pub(crate) approved: bool,
    /// The connection that spoke last.
    pub(crate) speaker: u32,
    /// Set while several connections speak for it.
    pub(crate) contest: Option<Box<Contest>>,
    pub(crate) connections: u32,
    pub(crate) frames: u64,
    pub(crate) invalid_frames: u64,
    pub(crate) invalid_opt: u64,
    /// Where in `sensors` an id is, if it is anywhere: the sensor there must be asked for its id. As long as the highest id
    /// needs, since a campus has tens of thousands of nodes and few have 256 sensors.
    places: Vec<u8>,
    pub(crate) sensors: Vec<Sensor>,
    /// Sensors by place whose latest value is not yet handed to the recorder.
    pub(crate) changed: PlaceSet,
    /// Those of them whose status changed.
    pub(crate) urgent: PlaceSet,
    /// Whether the node waits in line for the recorder's next full round.
    pub(crate) in_line: bool,
    /// Sensors by place whose value has changed since they were last looked after,
    pub(crate) moved: PlaceSet,
    /// and for how many seconds each had not, by then.
    pub(crate) still_s: Vec<u16>,
    /// Those with which something was wrong when they were compared.
    pub(crate) unhealthy: PlaceSet,
    pub(crate) looked_after: Ticks,
    /// The timer that will ask whether it is silent.
    pub(crate) armed: Option<Ticks>,
}

/// A sensor's latest state: 16 bytes, since a campus has hundreds of thousands of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sensor {
    /// When its latest reading came; [`Time::NEVER`] until the first.
    pub(crate) time: Time,
    pub(crate) no: SensorNo,
    /// What its values mean, and with that its kind.
    pub(crate) table: TableNo,
    pub(crate) id: u8,
    pub(crate) value: u8,
}

/// A set of places in a node's sensors.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct PlaceSet([u64; 4]);

impl Node {
    pub(crate) fn new(address: IpAddr, first_seen: Time) -> Self {
        Self {
            address,
            first_seen,
            last_seen: None,
            heard: Ticks(0),
            cadence: Cadence::default(),
            silence: Silence::Heard,
            retired: false,
            withdrawn: false,
            approved: false,
            speaker: 0,
            contest: None,
            connections: 0,
            frames: 0,
            invalid_frames: 0,
            invalid_opt: 0,
            places: Vec::new(),
            sensors: Vec::new(),
            changed: PlaceSet::default(),
            urgent: PlaceSet::default(),
            in_line: false,
            moved: PlaceSet::default(),
            still_s: Vec::new(),
            unhealthy: PlaceSet::default(),
            looked_after: Ticks(0),
            armed: None,
        }
    }

    /// The place of the sensor with this id.
    #[inline]
    pub(crate) fn place(&self, id: u8) -> Option<u8> {
        let place = *self.places.get(usize::from(id))?;
        let sensor = self.sensors.get(usize::from(place))?;
        (sensor.id == id).then_some(place)
    }

    /// The sensor with this id.
    pub(crate) fn sensor(&self, id: u8) -> Option<&Sensor> {
        self.place(id).map(|place| &self.sensors[usize::from(place)])
    }

    /// Adds a sensor, which must be a new one, and returns its place.
    pub(crate) fn add(&mut self, no: SensorNo, id: u8, kind: SensorKind) -> u8 {
        debug_assert!(self.place(id).is_none());
        let place =
            u8::try_from(self.sensors.len()).expect("a node has one sensor for each of 256 ids at most");
        if self.sensors.len() == self.sensors.capacity() {
            // Half of what doubling would waste: the common node has 21.
            self.sensors.reserve_exact((self.sensors.len() / 2).max(7));
        }
        self.sensors.push(Sensor { time: Time::NEVER, no, table: TableNo::unresolved(kind), id, value: 0 });
        if self.places.len() <= usize::from(id) {
            self.places.resize(usize::from(id) + 1, 0);
        }
        self.places[usize::from(id)] = place;
        place
    }

    pub(crate) fn view(&self, node: NodeNo) -> NodeView {
        NodeView {
            node,
            address: self.address,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            connections: self.connections,
            sensors: self.sensors.len() as u32,
            frames: self.frames,
            invalid_frames: self.invalid_frames,
            invalid_opt: self.invalid_opt,
            supervision: self.silence,
            approved: self.approved,
        }
    }

    /// What people and tables call one of its sensors.
    pub(crate) fn key(&self, id: u8) -> SensorKey {
        SensorKey { address: self.address, id }
    }
}

impl Sensor {
    /// Brings back the latest reading. What it means is looked up with the next one, since alarms may have been written
    /// down with a later value than this.
    pub(crate) fn restore(&mut self, latest: Reading) {
        self.time = latest.time;
        self.value = latest.value;
    }

    pub(crate) fn kind(&self, tables: &[Table]) -> SensorKind {
        tables[self.table.index()].kind
    }

    /// Its latest value, if it has sent one.
    pub(crate) fn latest(&self) -> Option<u8> {
        (self.time != Time::NEVER).then_some(self.value)
    }

    /// What its latest value means.
    pub(crate) fn band(&self, tables: &[Table]) -> Option<Band> {
        self.latest().map(|value| tables[self.table.index()].band(value))
    }
}

impl FromIterator<u8> for PlaceSet {
    fn from_iter<I: IntoIterator<Item = u8>>(places: I) -> Self {
        let mut set = Self::default();
        places.into_iter().for_each(|place| set.insert(place));
        set
    }
}

impl PlaceSet {
    pub(crate) fn contains(self, place: u8) -> bool {
        self.0[usize::from(place / 64)] & (1 << (place % 64)) != 0
    }

    #[inline]
    pub(crate) fn insert(&mut self, place: u8) {
        self.0[usize::from(place / 64)] |= 1 << (place % 64);
    }

    pub(crate) fn remove_all(&mut self, other: Self) {
        for (word, gone) in self.0.iter_mut().zip(other.0) {
            *word &= !gone;
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == [0; 4]
    }

    pub(crate) fn len(self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The places, in order.
    pub(crate) fn iter(self) -> impl Iterator<Item = u8> {
        self.0.into_iter().enumerate().flat_map(|(at, mut word)| {
            core::iter::from_fn(move || {
                let bit = word.trailing_zeros();
                word = word.checked_sub(1)? & word;
                Some((at as u32 * 64 + bit) as u8)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_holds_a_sensor_for_every_id() {
        let mut node = Node::new("10.0.0.1".parse().unwrap(), Time(0));
        for id in (0..=255u8).rev() {
            assert_eq!(node.place(id), None);
            node.add(SensorNo(u32::from(id)), id, SensorKind::Water);
        }
        for id in 0..=255 {
            assert_eq!(node.place(id), Some(255 - id));
        }
    }

    #[test]
    fn a_place_set_gives_back_what_went_in() {
        let mut set = PlaceSet::default();
        let places = [0, 1, 63, 64, 127, 128, 200, 255];
        places.iter().for_each(|place| set.insert(*place));
        assert_eq!(set.iter().collect::<Vec<_>>(), places);
        assert_eq!(set.len(), places.len());
        set.remove_all(set);
        assert!(set.is_empty());
    }

    #[test]
    fn a_sensor_is_sixteen_bytes() {
        assert_eq!(size_of::<Sensor>(), 16);
    }
}
