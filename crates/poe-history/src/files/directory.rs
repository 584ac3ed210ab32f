//! Which rows of a file belong to which sensor: kept in the footer, and in memory while the footer is.

use poe_building::SensorKey;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::Range,
};

/// Which rows of a file belong to which sensor. A campus has hundreds of thousands of sensors, and several of these are in
/// memory at a time: a sensor takes nine bytes, and its node 24 once.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// Ascending, with the place of the first sensor of each.
    nodes: Vec<(IpAddr, u32)>,
    /// The number of each sensor on its node.
    ids: Vec<u8>,
    /// The first row of each.
    firsts: Vec<u64>,
    rows: u64,
}

impl Directory {
    /// The rows of a sensor; none, if it has none.
    pub(crate) fn rows_of(&self, sensor: SensorKey) -> Range<u64> {
        let Ok(node) = self.nodes.binary_search_by_key(&sensor.address, |(address, _)| *address) else {
            return 0..0;
        };
        let places = self.places(node);
        match self.ids[places.clone()].binary_search(&sensor.id) {
            Ok(at) => self.rows_at(places.start + at),
            Err(_) => 0..0,
        }
    }

    /// The sensor at this place of the order, with its rows.
    pub(crate) fn get(&self, at: usize) -> Option<(SensorKey, Range<u64>)> {
        let id = *self.ids.get(at)?;
        let node = self.nodes.partition_point(|(_, first)| *first as usize <= at) - 1;
        Some((SensorKey { address: self.nodes[node].0, id }, self.rows_at(at)))
    }

    /// Every sensor, ascending, with its rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (SensorKey, Range<u64>)> {
        self.nodes.iter().enumerate().flat_map(|(node, (address, _))| {
            let sensor = |at| (SensorKey { address: *address, id: self.ids[at] }, self.rows_at(at));
            self.places(node).map(sensor)
        })
    }

    /// The places of a node's sensors.
    fn places(&self, node: usize) -> Range<usize> {
        let end = self.nodes.get(node + 1).map_or(self.ids.len(), |(_, first)| *first as usize);
        self.nodes[node].1 as usize..end
    }

    fn rows_at(&self, at: usize) -> Range<u64> {
        self.firsts[at]..self.firsts.get(at + 1).copied().unwrap_or(self.rows)
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The sensor that the last row belongs to.
    pub(super) fn last(&self) -> Option<SensorKey> {
        let ((address, _), id) = self.nodes.last().zip(self.ids.last())?;
        Some(SensorKey { address: *address, id: *id })
    }

    /// Adds rows at the end. The sensor is the last one, or comes after it.
    pub(super) fn add(&mut self, sensor: SensorKey, rows: u64) {
        if self.last() != Some(sensor) {
            if self.nodes.last().is_none_or(|(address, _)| *address != sensor.address) {
                self.nodes.push((sensor.address, self.ids.len() as u32));
            }
            self.ids.push(sensor.id);
            self.firsts.push(self.rows);
        }
        self.rows += rows;
    }

    /// How much memory it fills.
    pub(super) fn memory(&self) -> usize {
        self.nodes.capacity() * size_of::<(IpAddr, u32)>()
            + self.ids.capacity()
            + self.firsts.capacity() * size_of::<u64>()
    }

    /// As bytes: each sensor as the number of bytes that its address shares with the one before (16 with its family), the
    /// rest of the address, its id and its number of rows.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut before: Vec<u8> = Vec::new();
        for (sensor, rows) in self.iter() {
            let address = octets(sensor.address);
            let same_family = before.len() == address.len();
            let shared =
                if same_family { before.iter().zip(&address).take_while(|(a, b)| a == b).count() } else { 0 };
            let family = if address.len() == 16 { 0x20 } else { 0 };
            bytes.push(family | shared as u8);
            bytes.extend_from_slice(&address[shared..]);
            bytes.push(sensor.id);
            put_varint(&mut bytes, rows.end - rows.start);
            before = address;
        }
        bytes
    }

    /// Reads what [`Directory::encode`] wrote; nothing, if it is not that.
    pub(super) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut directory = Self::default();
        let mut address = [0; 16];
        let mut length_before = 0;
        while let Some((head, rest)) = bytes.split_first() {
            let length = if head & 0x20 == 0 { 4 } else { 16 };
            let shared = usize::from(head & 0x1f);
            if shared > length || (shared > 0 && length_before != length) || head & 0xc0 != 0 {
                return None;
            }
            let (own, rest) = rest.split_at_checked(length - shared)?;
            address[shared..length].copy_from_slice(own);
            let (id, mut rest) = rest.split_first()?;
            let rows = take_varint(&mut rest)?;
            let sensor = SensorKey { address: address_of(&address[..length])?, id: *id };
            directory.rows.checked_add(rows)?;
            if rows == 0 || directory.last().is_some_and(|last| last >= sensor) {
                return None;
            }
            directory.add(sensor, rows);
            length_before = length;
            bytes = rest;
        }
        // It is kept, and grows no more.
        directory.nodes.shrink_to_fit();
        directory.ids.shrink_to_fit();
        directory.firsts.shrink_to_fit();
        Some(directory)
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().to_vec(),
    }
}

fn address_of(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(octets).ok()?).into()),
        _ => Some(Ipv6Addr::from(<[u8; 16]>::try_from(octets).ok()?).into()),
    }
}

/// Adds a number in seven bits to the byte, the lowest first.
pub(super) fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes such a number away; nothing, if there is none.
pub(super) fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let low = u64::from(byte & 0x7f);
        if shift == 63 && low > 1 {
            return None;
        }
        number |= low << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sensor() -> impl Strategy<Value = SensorKey> {
        let four = any::<u32>().prop_map(|bits| IpAddr::from(Ipv4Addr::from(bits)));
        let six = any::<u128>().prop_map(|bits| IpAddr::from(Ipv6Addr::from(bits)));
        (prop_oneof![four, six], any::<u8>()).prop_map(|(address, id)| SensorKey { address, id })
    }

    proptest! {
        #[test]
        fn a_directory_is_read_as_it_was_written(
            sensors in proptest::collection::btree_map(sensor(), 1_u64..1_000_000, 0..40),
        ) {
            let mut directory = Directory::default();
            for (sensor, rows) in &sensors {
                directory.add(*sensor, *rows);
            }
            let read = Directory::decode(&directory.encode()).expect("it was just written");
            prop_assert_eq!(read.iter().collect::<Vec<_>>(), directory.iter().collect::<Vec<_>>());
            let mut first = 0;
            for (sensor, rows) in sensors {
                prop_assert_eq!(read.rows_of(sensor), first..first + rows);
                first += rows;
            }
            prop_assert_eq!(read.rows(), first);
        }

        #[test]
        fn any_bytes_are_a_directory_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Directory::decode(&bytes);
        }
    }

    #[test]
    fn a_sensor_that_is_not_there_has_no_rows() {
        let mut directory = Directory::default();
        let key = |id| SensorKey { address: IpAddr::from([10, 89, 0, 1]), id };
        directory.add(key(3), 5);
        assert!(directory.rows_of(key(2)).is_empty());
        assert!(directory.rows_of(key(4)).is_empty());
        assert_eq!(directory.rows_of(key(3)), 0..5);
    }
}
