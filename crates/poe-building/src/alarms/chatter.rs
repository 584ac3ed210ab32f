//! Chatter: a sensor that crosses its threshold again and again.

use super::Alarms;
use crate::{Moment, SensorKey, Source, Ticks, builtin, timers::Timer};
use core::time::Duration;

/// So many cycles
const CYCLES: usize = 3;
/// within this time are chatter, which is over once there has been none for as long.
const WINDOW: Duration = Duration::from_secs(60);
/// While a sensor chatters, its condition has to be gone for so long before its alarm returns. Without this a loose
/// contact would fill the journal.
pub(super) const CHATTER_OFF_DELAY: Duration = Duration::from_secs(10);

/// When a sensor has crossed its threshold lately.
#[derive(Debug)]
pub(super) struct Cycles {
    /// The latest, the oldest first.
    latest: [Option<Ticks>; CYCLES],
    chatters: bool,
}

impl Alarms {
    /// A sensor has just crossed its threshold into what its rule is about.
    pub(super) fn note_cycle(&mut self, key: SensorKey, now: Moment) {
        let timers = &mut self.timers;
        let cycles = self.chatter.entry(key).or_insert_with(|| {
            timers.set(now.ticks.after(WINDOW), Timer::Chatter(key));
            Cycles { latest: [None; CYCLES], chatters: false }
        });
        cycles.latest.rotate_left(1);
        cycles.latest[CYCLES - 1] = Some(now.ticks);
        let fast = cycles.latest[0].is_some_and(|oldest| now.ticks.since(oldest) <= WINDOW);
        if fast && !core::mem::replace(&mut cycles.chatters, true) {
            self.own_condition(&Source::Sensor(key), builtin::HEALTH_CHATTER, true, None, now);
        }
    }

    /// After a restart: the sensor was known to chatter, and has to prove anew that it no longer does.
    pub(super) fn chatters_still(&mut self, key: SensorKey, now: Moment) {
        self.chatter.insert(key, Cycles { latest: [None, None, Some(now.ticks)], chatters: true });
        self.timers.set(now.ticks.after(WINDOW), Timer::Chatter(key));
    }

    pub(super) fn chatters(&self, key: SensorKey) -> bool {
        self.chatter.get(&key).is_some_and(|cycles| cycles.chatters)
    }

    pub(super) fn chatter_due(&mut self, key: SensorKey, now: Moment) {
        let Some(cycles) = self.chatter.get(&key) else { return };
        let over = cycles.latest[CYCLES - 1].unwrap_or_default().after(WINDOW);
        if over > now.ticks {
            self.timers.set(over, Timer::Chatter(key));
            return;
        }
        self.chatter.remove(&key);
        self.own_condition(&Source::Sensor(key), builtin::HEALTH_CHATTER, false, None, now);
    }
}
