//! An office in which people come and go, as its nodes read it: what each sensor reads at any moment follows from a seed and
//! that moment alone. So a week of the past is made as quickly as the present, and goes on in it without a seam.

mod incident;
mod spot;

use crate::{COMMON_NODE, seed::Random};
use incident::INCIDENTS;
use poe_wire::SensorKind;
use spot::SPOTS;
use std::time::Duration;

pub use incident::CYCLE;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Where a sensor is: the place of its node among those of the office, and its number in [`COMMON_NODE`].
pub type OfficeSensor = (usize, u8);

/// The office. The same seed gives the same one for ever.
#[derive(Clone, Copy, Debug)]
pub struct Office {
    seed: u64,
}

impl Office {
    /// An office of this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The rooms in which its nodes are, in their order.
    pub fn rooms() -> impl ExactSizeIterator<Item = &'static str> {
        SPOTS.iter().map(|spot| spot.room)
    }

    /// Every sensor, node by node.
    pub fn sensors() -> impl Iterator<Item = OfficeSensor> {
        SPOTS.iter().enumerate().flat_map(|(node, spot)| spot.sensors().map(move |id| (node, id)))
    }

    /// What a sensor reads in peace at a moment, given in milliseconds since 1970 by the clock on the office's wall.
    ///
    /// # Panics
    /// There is no such node or sensor.
    pub fn in_peace(&self, sensor: OfficeSensor, at_ms: i64) -> u8 {
        let (node, id) = sensor;
        let (spot, kind) = (&SPOTS[node], COMMON_NODE[usize::from(id)]);
        // Each sensor has chances of its own.
        let own = self.seed ^ Random::new((node as u64) << 8 | u64::from(id)).next();
        let chance = Chance(own);
        let work = working(at_ms);
        let value = match kind {
            SensorKind::Fire => 1.0,
            SensorKind::Smoke => {
                let cooking = if spot.cooks { 22.0 * bump(at_ms, 12 * HOUR_MS, HOUR_MS) } else { 0.0 };
                56.0 + 8.0 * chance.wander(at_ms, 40 * MINUTE_MS) + cooking + chance.noise(at_ms, 2.5)
            }
            SensorKind::Motion => f64::from(u8::from(chance.happens(at_ms, 40_000, spot.bustle * work))),
            SensorKind::Humidity => {
                let weather = Chance(self.seed).wander(at_ms, 9 * HOUR_MS);
                spot.humidity + 5.0 * weather + 2.0 * chance.wander(at_ms, HOUR_MS)
            }
            SensorKind::Temperature => {
                let outside = Chance(!self.seed).wander(at_ms, 11 * HOUR_MS);
                let drift = chance.wander(at_ms, 50 * MINUTE_MS);
                spot.temperature + spot.warms_by * work + 1.2 * outside + 0.9 * drift
            }
            SensorKind::Water => 1.0 + chance.noise(at_ms, 1.0),
        };
        value.round().clamp(0.0, 255.0) as u8
    }

    /// What a sensor reads with all that happens in the office, so long after it was begun to be watched. `None`: its node
    /// says nothing.
    ///
    /// # Panics
    /// There is no such node or sensor.
    pub fn reading(&self, sensor: OfficeSensor, at_ms: i64, watched: Duration) -> Option<u8> {
        let (node, id) = sensor;
        let peace = self.in_peace(sensor, at_ms);
        let kind = COMMON_NODE[usize::from(id)];
        let mut here = INCIDENTS.iter().filter(|incident| incident.room == SPOTS[node].room);
        here.try_fold(peace, |value, incident| incident.change(kind, value, watched))
    }
}

/// How busy the office is: 0 at night, 1 in the middle of a working day. At the weekend somebody looks in.
fn working(at_ms: i64) -> f64 {
    // 1970 began on a Thursday.
    let is_weekend = matches!((at_ms.div_euclid(DAY_MS) + 4).rem_euclid(7), 0 | 6);
    let most = if is_weekend { 0.15 } else { 1.0 };
    let hour = at_ms.rem_euclid(DAY_MS) as f64 / HOUR_MS as f64;
    most * smooth((hour - 6.5) / 2.5) * smooth((19.5 - hour) / 3.0)
}

/// 1 at a time of each day, falling to 0 within `half` before and after it.
fn bump(at_ms: i64, middle: i64, half: i64) -> f64 {
    let away = (at_ms.rem_euclid(DAY_MS) - middle).abs();
    smooth(1.0 - away as f64 / half as f64)
}

/// From 0 to 1 without a kink.
fn smooth(part: f64) -> f64 {
    let part = part.clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}

/// Chances that depend on nothing but a seed and the moment.
#[derive(Clone, Copy)]
struct Chance(u64);

impl Chance {
    /// -1 to 1, slowly: another value each `period`, and all between them.
    fn wander(self, at_ms: i64, period: i64) -> f64 {
        let (step, within) = (at_ms.div_euclid(period), at_ms.rem_euclid(period));
        let (from, to) = (self.of(step), self.of(step + 1));
        from + (to - from) * smooth(within as f64 / period as f64)
    }

    /// Another value for each second, up to `most` away from 0.
    fn noise(self, at_ms: i64, most: f64) -> f64 {
        most * Chance(self.0.rotate_left(17)).of(at_ms.div_euclid(1_000))
    }

    /// Whether something that does so in one of so many spans of time happens in this one.
    fn happens(self, at_ms: i64, span: i64, share: f64) -> bool {
        (self.of(at_ms.div_euclid(span)) + 1.0) / 2.0 < share
    }

    /// -1 to 1.
    fn of(self, step: i64) -> f64 {
        f64::from(Random::new(self.0 ^ Random::new(step as u64).next()).within(-1_000_000..=1_000_000)) / 1e6
    }
}

#[cfg(test)]
mod tests;
