//! Readings of one sensor.

use super::{MOMENTS, is_over, merge::Merge, sources};
use crate::{History, Range, error::Result, history::Moment, reading::Reading};
use poe_building::SensorKey;
use std::time::Instant;

/// Some readings of a sensor, by time.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Readings {
    /// In order.
    pub readings: Vec<Reading>,
    /// Where to go on, if there are more or if time ran out: a moment, and how many readings of that moment are told
    /// already.
    pub next: Option<(i64, u32)>,
}

impl History {
    /// The readings of a sensor, `limit` at most, as far as they are found by the deadline. `skip` of those in the range's
    /// first millisecond are left out. To go on after an answer, ask from its [`Readings::next`] on.
    ///
    /// # Errors
    /// The disk fails, or more files are damaged than one question gets past; these have then been set aside, and asking
    /// again is answered from the rest.
    pub fn readings(
        &self,
        sensor: SensorKey,
        range: Range,
        skip: u32,
        limit: usize,
        deadline: Option<Instant>,
    ) -> Result<Readings> {
        let range = range.within(MOMENTS);
        self.ask(|moment| self.readings_of(moment, sensor, range, skip, limit, deadline))
    }

    fn readings_of(
        &self,
        moment: &Moment,
        sensor: SensorKey,
        range: Range,
        skip: u32,
        limit: usize,
        deadline: Option<Instant>,
    ) -> Result<Readings> {
        let at_once = limit.saturating_add(1).saturating_add(skip as usize);
        let mut merge = Merge::new(sources::of_sensor(self, moment, sensor, range, at_once)).until(deadline);
        let mut readings = Vec::new();
        let mut skipped = 0;
        let goes_on_at = loop {
            // One more than is wanted tells where to go on.
            if readings.len() > limit {
                let next: &Reading = &readings[limit];
                let time_ms = next.time_ms;
                readings.truncate(limit);
                break Some(time_ms);
            }
            let wanted = limit.saturating_add(1) - readings.len();
            if is_over(deadline) {
                break merge.begins_ms();
            }
            if !merge.read(wanted.saturating_add((skip - skipped) as usize), &mut readings)? {
                break None;
            }
            if skipped < skip {
                skipped += leave_out(&mut readings, skip - skipped, range.from_ms);
            }
        };
        let next = goes_on_at.map(|time_ms| {
            let told = readings.iter().rev().take_while(|reading| reading.time_ms == time_ms).count();
            let told_before = if time_ms == range.from_ms { skip } else { 0 };
            (time_ms, u32::try_from(told).unwrap_or(u32::MAX).saturating_add(told_before))
        });
        Ok(Readings { readings, next })
    }
}

/// Leaves out up to `most` readings of this moment. Returns how many.
fn leave_out(readings: &mut Vec<Reading>, most: u32, time_ms: i64) -> u32 {
    let of_it = readings.iter().take(most as usize).take_while(|reading| reading.time_ms == time_ms).count();
    readings.drain(..of_it);
    of_it as u32
}
