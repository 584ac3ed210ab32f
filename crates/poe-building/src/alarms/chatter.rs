//! Chatter: a sensor that crosses its threshold again and again.

use super::Alarms;
use crate::{Moment, SensorKey, Source, Ticks, builtin, timers::Timer};
use core::time::Duration;
use std::collections::HashMap;

/// So many cycles
const CYCLES: usize = 3;
/// within this time are chatter, which is over once there has been none for as long.
const WINDOW: Duration = Duration::from_secs(60);
/// While a sensor chatters, its condition has to be gone for so long before its alarm returns. Without this a loose
/// contact would fill the journal.
pub(super) const CHATTER_OFF_DELAY: Duration = Duration::from_secs(10);

/// The sensors that have crossed their thresholds lately. One timer looks through all that do not chatter: where every
/// sensor of a campus crosses once, a timer for each would take more room than what it is for.
#[derive(Default, Debug)]
pub(super) struct ChatterBook {
    sensors: HashMap<SensorKey, Cycles>,
    swept: Option<Ticks>,
}

/// When a sensor has crossed its threshold lately.
#[derive(Debug)]
struct Cycles {
    /// The latest, the oldest first.
    latest: [Ticks; CYCLES],
    /// So many of them there have been.
    seen: u8,
    chatters: bool,
}

impl Cycles {
    fn begin(now: Ticks, chatters: bool) -> Self {
        Self { latest: [now; CYCLES], seen: 1, chatters }
    }

    /// When it is over, unless there is another.
    fn over(&self) -> Ticks {
        self.latest[CYCLES - 1].after(WINDOW)
    }

    /// Notes another, and says whether so many have come so fast.
    fn go_on(&mut self, now: Ticks) -> bool {
        self.latest.rotate_left(1);
        self.latest[CYCLES - 1] = now;
        self.seen = self.seen.saturating_add(1);
        usize::from(self.seen) >= CYCLES && now.since(self.latest[0]) <= WINDOW
    }
}

impl Alarms {
    /// A sensor has just crossed its threshold into what its rule is about.
    pub(super) fn note_cycle(&mut self, key: SensorKey, now: Moment) {
        let Some(cycles) = self.chatter.sensors.get_mut(&key) else {
            self.chatter.sensors.insert(key, Cycles::begin(now.ticks, false));
            if self.chatter.swept.is_none() {
                self.sweep_later(now);
            }
            return;
        };
        if cycles.go_on(now.ticks) && !core::mem::replace(&mut cycles.chatters, true) {
            self.timers.set(cycles.over(), Timer::Chatter(key));
            self.own_condition(&Source::Sensor(key), builtin::HEALTH_CHATTER, true, None, now);
        }
    }

    /// After a restart: the sensor was known to chatter, and has to prove anew that it no longer does.
    pub(super) fn chatters_still(&mut self, key: SensorKey, now: Moment) {
        let cycles = Cycles::begin(now.ticks, true);
        self.timers.set(cycles.over(), Timer::Chatter(key));
        self.chatter.sensors.insert(key, cycles);
    }

    /// How long a condition must be gone before its alarm returns, beside what its rule says.
    pub(super) fn off_delay_min(&self, key: SensorKey) -> Duration {
        let chatters = self.chatter.sensors.get(&key).is_some_and(|cycles| cycles.chatters);
        if chatters { CHATTER_OFF_DELAY } else { Duration::ZERO }
    }

    pub(super) fn chatter_due(&mut self, key: SensorKey, now: Moment) {
        let Some(cycles) = self.chatter.sensors.get(&key) else { return };
        if cycles.over() > now.ticks {
            self.timers.set(cycles.over(), Timer::Chatter(key));
            return;
        }
        self.chatter.sensors.remove(&key);
        self.own_condition(&Source::Sensor(key), builtin::HEALTH_CHATTER, false, None, now);
    }

    /// Forgets those that crossed and did not go on with it.
    pub(super) fn sweep_chatter(&mut self, now: Moment) {
        self.chatter.swept = None;
        let sensors = &mut self.chatter.sensors;
        sensors.retain(|_, cycles| cycles.chatters || cycles.over() > now.ticks);
        if sensors.len() < sensors.capacity() / 4 {
            sensors.shrink_to_fit();
        }
        if sensors.values().any(|cycles| !cycles.chatters) {
            self.sweep_later(now);
        }
    }

    fn sweep_later(&mut self, now: Moment) {
        let due = now.ticks.after(WINDOW);
        self.timers.rearm(&mut self.chatter.swept, Some(due), Timer::ChatterBook);
    }
}
