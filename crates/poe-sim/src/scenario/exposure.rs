//! What a sensor of the story is exposed to, if anything happens where it is.

use super::script::SensorDeed;
use crate::seed::Random;
use std::time::Duration;

/// One sensor's surroundings.
#[derive(Clone, Default, Debug)]
pub(super) struct Exposure {
    level: Option<Level>,
    noise: u8,
    flapping: Option<Flapping>,
    /// What it was exposed to last.
    last: Option<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Level {
    /// Where it begins; `None`: at what the sensor reads first.
    from: Option<u8>,
    to: u8,
    begins: Duration,
    over: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Flapping {
    to: u8,
    begins: Duration,
    every: Duration,
    times: u32,
}

impl Exposure {
    /// Something happens here.
    pub(super) fn change(&mut self, deed: SensorDeed, now: Duration) {
        match deed {
            SensorDeed::Is(value) => {
                self.level = Some(Level { from: None, to: value, begins: now, over: Duration::ZERO });
            }
            SensorDeed::GoesTo { value, over } => {
                self.level = Some(Level { from: self.last, to: value, begins: now, over });
            }
            SensorDeed::Noise(noise) => self.noise = noise,
            SensorDeed::Flaps { to, every, times } => {
                self.flapping = Some(Flapping { to, begins: now, every, times });
            }
            SensorDeed::Recovers => *self = Self { last: self.last, ..Self::default() },
            SensorDeed::Posts { .. } | SensorDeed::Fails(_) => {}
        }
    }

    /// What the sensor is exposed to now, where it would read `natural` in peace.
    pub(super) fn value(&mut self, natural: u8, now: Duration, random: &mut Random) -> u8 {
        let mut value = self.level.as_mut().map_or(natural, |level| level.at(now, natural));
        if let Some(flapping) = self.flapping
            && flapping.is_over_there(now)
        {
            value = flapping.to;
        }
        self.last = Some(value);
        let noise = i32::from(self.noise);
        if noise == 0 {
            return value;
        }
        (i32::from(value) + random.within(-noise..=noise)).clamp(0, 255) as u8
    }
}

impl Level {
    fn at(&mut self, now: Duration, natural: u8) -> u8 {
        let from = f64::from(*self.from.get_or_insert(natural));
        let passed = now.saturating_sub(self.begins);
        if passed >= self.over {
            return self.to;
        }
        let part = passed.as_secs_f64() / self.over.as_secs_f64();
        (from + (f64::from(self.to) - from) * part).round() as u8
    }
}

impl Flapping {
    fn is_over_there(&self, now: Duration) -> bool {
        let passed = now.saturating_sub(self.begins).as_nanos();
        let every = self.every.as_nanos();
        passed / every < u128::from(self.times) && passed % every < every / 2
    }
}
