//! Readings in the order in which they are found, put into the order in which they are kept.

use crate::reading::Reading;
use poe_building::{SensorKey, Status};
use poe_wire::SensorKind;
use std::collections::HashMap;

/// Readings that are sorted at a time: 40 MB. Tests want to see it more than once.
pub(super) const GATHERED_MAX: usize = if cfg!(test) { 100 } else { 2_500_000 };

/// Sensors that one import may have, as many as a building.
const SENSORS_MAX: usize = 1 << 20;

/// Readings that are handed on at a time.
const PIECE: usize = 8_192;

const DAY_MS: i64 = 86_400_000;

// What a number of 128 bits has of a reading, from its lowest bit on. Sorting the numbers sorts the readings: by day, sensor,
// time, and as they came.
const STATUS_BITS: u32 = 2;
const KIND_BITS: u32 = 3;
const VALUE_BITS: u32 = 8;
const ARRIVAL_BITS: u32 = 22;
const TIME_BITS: u32 = 27;
const SENSOR_BITS: u32 = 20;
const ARRIVAL_AT: u32 = STATUS_BITS + KIND_BITS + VALUE_BITS;
const TIME_AT: u32 = ARRIVAL_AT + ARRIVAL_BITS;
const SENSOR_AT: u32 = TIME_AT + TIME_BITS;
const DAY_AT: u32 = SENSOR_AT + SENSOR_BITS;

const _: () = {
    assert!(GATHERED_MAX <= 1 << ARRIVAL_BITS);
    assert!(DAY_MS <= 1 << TIME_BITS);
    assert!(SENSORS_MAX <= 1 << SENSOR_BITS);
    assert!(SensorKind::ALL.len() <= 1 << KIND_BITS && Status::ALL.len() <= 1 << STATUS_BITS);
};

/// What was gathered so far.
#[derive(Default)]
pub(super) struct Gather {
    readings: Vec<u128>,
    numbers: HashMap<SensorKey, u32>,
    /// By number.
    sensors: Vec<SensorKey>,
    last: Option<(SensorKey, u32)>,
}

impl Gather {
    pub(super) fn is_full(&self) -> bool {
        self.readings.len() >= GATHERED_MAX
    }

    /// Of how many sensors there were readings so far.
    pub(super) fn sensors(&self) -> usize {
        self.sensors.len()
    }

    /// Adds a reading of a time after 1970. There has to be room.
    pub(super) fn push(&mut self, sensor: SensorKey, reading: Reading) -> Result<(), String> {
        let number = self.number(sensor)?;
        let Reading { time_ms, value, kind, status } = reading;
        let (day, time) = (time_ms.div_euclid(DAY_MS) as u128, time_ms.rem_euclid(DAY_MS) as u128);
        let arrival = self.readings.len() as u128;
        self.readings.push(
            day << DAY_AT
                | u128::from(number) << SENSOR_AT
                | time << TIME_AT
                | arrival << ARRIVAL_AT
                | u128::from(value) << (STATUS_BITS + KIND_BITS)
                | u128::from(kind.byte()) << STATUS_BITS
                | status as u128,
        );
        Ok(())
    }

    fn number(&mut self, sensor: SensorKey) -> Result<u32, String> {
        if let Some((last, number)) = self.last
            && last == sensor
        {
            return Ok(number);
        }
        let next = self.sensors.len();
        let number = *self.numbers.entry(sensor).or_insert(next as u32);
        if number as usize == next {
            if next == SENSORS_MAX {
                return Err(format!("there are more than {SENSORS_MAX} sensors"));
            }
            self.sensors.push(sensor);
        }
        self.last = Some((sensor, number));
        Ok(number)
    }

    /// Hands everything on and is empty then: by day, by sensor, by time; of one time in the order in which they came. A day is
    /// its number since 1970.
    pub(super) fn drain<E>(
        &mut self,
        mut each: impl FnMut(i64, SensorKey, &[Reading]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut ascending: Vec<u32> = (0..self.sensors.len() as u32).collect();
        ascending.sort_unstable_by_key(|number| self.sensors[*number as usize]);
        let mut ranks = vec![0_u32; ascending.len()];
        for (rank, number) in ascending.iter().enumerate() {
            ranks[*number as usize] = rank as u32;
        }
        let mask = ((1 << SENSOR_BITS) - 1) << SENSOR_AT;
        for reading in &mut self.readings {
            let number = field(*reading, SENSOR_AT, SENSOR_BITS) as usize;
            *reading = *reading & !mask | u128::from(ranks[number]) << SENSOR_AT;
        }
        self.readings.sort_unstable();
        let mut piece = Vec::with_capacity(PIECE);
        for of_sensor in self.readings.chunk_by(|one, other| one >> SENSOR_AT == other >> SENSOR_AT) {
            let day = (of_sensor[0] >> DAY_AT) as i64;
            let rank = field(of_sensor[0], SENSOR_AT, SENSOR_BITS) as usize;
            let sensor = self.sensors[ascending[rank] as usize];
            for some in of_sensor.chunks(PIECE) {
                piece.clear();
                piece.extend(some.iter().map(|packed| unpack(*packed)));
                each(day, sensor, &piece)?;
            }
        }
        self.readings.clear();
        Ok(())
    }
}

fn field(packed: u128, at: u32, bits: u32) -> u32 {
    (packed >> at) as u32 & ((1 << bits) - 1)
}

fn unpack(packed: u128) -> Reading {
    let day = (packed >> DAY_AT) as i64;
    let kind = field(packed, STATUS_BITS, KIND_BITS) as u8;
    Reading {
        time_ms: day * DAY_MS + i64::from(field(packed, TIME_AT, TIME_BITS)),
        value: field(packed, STATUS_BITS + KIND_BITS, VALUE_BITS) as u8,
        kind: SensorKind::from_byte(kind).expect("a kind was packed"),
        status: Status::ALL[field(packed, 0, STATUS_BITS) as usize],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reading() -> impl Strategy<Value = (SensorKey, Reading)> {
        let times = prop_oneof![0..4 * DAY_MS, (0..4_i64).prop_map(|day| day * DAY_MS)];
        let sensor = (0_u8..3, 0_u8..3, any::<bool>());
        (sensor, times, any::<u8>(), 0_u8..6, 0_usize..4).prop_map(
            |((node, id, six), since, value, kind, status)| {
                let address =
                    if six { [0, 0, 0, 0, 0, 0, 0, node.into()].into() } else { [10, 0, 0, node].into() };
                let kind = SensorKind::from_byte(kind).unwrap();
                let time_ms = 1_760_000_000_000 / DAY_MS * DAY_MS + since;
                (SensorKey { address, id }, Reading { time_ms, value, kind, status: Status::ALL[status] })
            },
        )
    }

    proptest! {
        #[test]
        fn everything_comes_back_in_order(runs in prop::collection::vec(prop::collection::vec(reading(), 0..60), 0..4)) {
            let mut gather = Gather::default();
            for run in runs {
                let mut right = run.clone();
                right.sort_by_key(|(sensor, reading)| (reading.time_ms.div_euclid(DAY_MS), *sensor, reading.time_ms));
                for (sensor, reading) in run {
                    gather.push(sensor, reading).unwrap();
                }
                let mut found = Vec::new();
                let drained: Result<(), ()> = gather.drain(|day, sensor, readings| {
                    assert!(readings.iter().all(|reading| reading.time_ms.div_euclid(DAY_MS) == day));
                    found.extend(readings.iter().map(|reading| (sensor, *reading)));
                    Ok(())
                });
                drained.unwrap();
                prop_assert_eq!(found, right);
                prop_assert!(gather.readings.is_empty());
            }
        }
    }
}
