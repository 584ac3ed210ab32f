//! The common node as a model: what its 21 sensors read in a building where nothing is wrong.

use crate::{
    fault::{Failing, SensorFault},
    seed::Random,
};
use poe_wire::{FRAME_BYTES, Frame, Message, SensorKind};
use std::ops::RangeInclusive;

/// The sensors of the common node; a sensor's id is its place in this list.
#[rustfmt::skip]
pub const COMMON_NODE: [SensorKind; 21] = {
    use SensorKind::{Fire, Humidity, Motion, Smoke, Temperature, Water};
    [
        Fire, Fire, Fire, Fire, Fire, Fire, Fire, Fire,
        Smoke, Smoke, Smoke, Smoke, Smoke, Smoke, Smoke, Smoke,
        Motion, Humidity, Temperature, Temperature, Water,
    ]
};

/// The length of one burst: a frame of every sensor.
pub const BURST_BYTES: usize = COMMON_NODE.len() * FRAME_BYTES;

/// One node, and the room around it as its seed has it. It raises no alarm: no flame, little smoke, a room
/// of 70 to 76 degF, and now and then someone walks by.
#[derive(Clone, Debug)]
pub struct CommonNode {
    random: Random,
    sensors: [Sensor; COMMON_NODE.len()],
    failing: [Option<Failing>; COMMON_NODE.len()],
}

impl CommonNode {
    /// A node that has just been switched on. The same seed gives the same node for ever.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let sensors = COMMON_NODE.map(|kind| Sensor::new(kind, &mut random));
        Self { random, sensors, failing: [const { None }; COMMON_NODE.len()] }
    }

    /// From its next reading on this sensor fails; the others read what they would have read. An id that the node does
    /// not have, or a fault that its kind of sensor does not have, changes nothing.
    pub fn fail(&mut self, id: u8, fault: SensorFault) {
        if let Some(kind) = COMMON_NODE.get(usize::from(id))
            && fault.fits(*kind)
        {
            self.failing[usize::from(id)] = Some(Failing::new(fault, id.into()));
        }
    }

    /// This sensor reads what is there again.
    pub fn mend(&mut self, id: u8) {
        if let Some(failing) = self.failing.get_mut(usize::from(id)) {
            *failing = None;
        }
    }

    /// Reads every sensor, as the firmware does about every 2 s, and posts what they read, in the order of
    /// [`COMMON_NODE`].
    pub fn frames(&mut self) -> [Frame; COMMON_NODE.len()] {
        self.frames_where(|_, value| value)
    }

    /// As [`frames`](Self::frames), in a room where something happens: `there` makes of a sensor's id and of what it would
    /// read in peace what it is exposed to. A sensor that [fails](Self::fail) reports something else all the same.
    pub fn frames_where(&mut self, mut there: impl FnMut(u8, u8) -> u8) -> [Frame; COMMON_NODE.len()] {
        std::array::from_fn(|place| {
            let (id, kind) = (place as u8, COMMON_NODE[place]);
            let mut value = there(id, self.sensors[place].read(&mut self.random));
            if let Some(failing) = &mut self.failing[place] {
                value = failing.read(kind, value);
            }
            Message::Post { id, kind, value }.into()
        })
    }

    /// The next [`frames`](Self::frames) as the bytes that go over the wire.
    pub fn burst(&mut self) -> [u8; BURST_BYTES] {
        let mut bytes = [0; BURST_BYTES];
        for (place, frame) in bytes.as_chunks_mut().0.iter_mut().zip(self.frames()) {
            *place = frame.0;
        }
        bytes
    }
}

/// A sensor and what it is exposed to: `level` is in hundredths of its value's unit, for the motion detector
/// in bursts that the present motion will still last.
#[derive(Clone, Debug)]
struct Sensor {
    kind: SensorKind,
    level: i32,
}

impl Sensor {
    fn new(kind: SensorKind, random: &mut Random) -> Self {
        Self { kind, level: levels(kind).map_or(0, |levels| random.within(levels)) }
    }

    fn read(&mut self, random: &mut Random) -> u8 {
        let value = match self.kind {
            SensorKind::Fire => 1,
            SensorKind::Smoke => self.drifted(8, random) / 100 + random.within(-5..=5),
            SensorKind::Motion => i32::from(self.moves(random)),
            SensorKind::Humidity => self.drifted(6, random) / 100,
            // A walk of 0.04 degF a burst strays about one degree in an hour.
            SensorKind::Temperature => self.drifted(4, random) / 100,
            // So near 0 that a stream shifted by three bytes now and then posts a flame that is none.
            SensorKind::Water => random.within(0..=3),
        };
        u8::try_from(value).expect("every level is below 100 and above the noise around it")
    }

    fn drifted(&mut self, step: i32, random: &mut Random) -> i32 {
        if let Some(levels) = levels(self.kind) {
            self.level = (self.level + random.within(-step..=step)).clamp(*levels.start(), *levels.end());
        }
        self.level
    }

    fn moves(&mut self, random: &mut Random) -> bool {
        self.level = match self.level {
            0 if random.one_in(60) => random.within(1..=8),
            0 => 0,
            bursts_left => bursts_left - 1,
        };
        self.level > 0
    }
}

/// Where a drifting level stays, in hundredths.
fn levels(kind: SensorKind) -> Option<RangeInclusive<i32>> {
    match kind {
        SensorKind::Smoke => Some(4_500..=7_000),
        SensorKind::Humidity => Some(3_500..=5_000),
        SensorKind::Temperature => Some(7_000..=7_600),
        SensorKind::Fire | SensorKind::Motion | SensorKind::Water => None,
    }
}
