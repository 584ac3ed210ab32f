//! What is journalled only, such as motion: one entry when it begins, one when it has not been seen for a while.

use super::Alarms;
use crate::{Due, EntryKind, Moment, Rule, SensorKey, Source, timers::Timer};
use std::sync::Arc;

/// Something that goes on.
#[derive(Debug)]
pub(super) struct Observation {
    rule: Arc<Rule>,
    /// When it is over, unless it is seen again.
    ends: Option<Due>,
    armed: bool,
}

impl Alarms {
    pub(super) fn observe(&mut self, key: SensorKey, rule: &Arc<Rule>, holds: bool, now: Moment) {
        let of_sensor = self.observations.get_mut(&key);
        let known = of_sensor.and_then(|all| all.iter_mut().find(|known| known.rule.name == rule.name));
        match known {
            Some(observation) if holds => observation.ends = None,
            Some(observation) => {
                let due = now.due(observation.rule.off_delay);
                observation.ends = Some(due);
                if !core::mem::replace(&mut observation.armed, true) {
                    self.timers.set(due.ticks, Timer::Observation(key));
                }
            }
            None if holds => {
                let begun = Observation { rule: Arc::clone(rule), ends: None, armed: false };
                self.observations.entry(key).or_insert_with(|| Vec::with_capacity(1)).push(begun);
                let name = Arc::clone(&rule.name);
                self.note_lightly(EntryKind::ObservationBegan, now, Source::Sensor(key), name);
            }
            None => {}
        }
    }

    pub(super) fn observation_due(&mut self, key: SensorKey, now: Moment) {
        let Some(mut of_sensor) = self.observations.remove(&key) else { return };
        of_sensor.retain_mut(|observation| {
            observation.armed = false;
            match observation.ends {
                Some(due) if due.ticks <= now.ticks => {
                    let name = Arc::clone(&observation.rule.name);
                    self.note_lightly(EntryKind::ObservationEnded, now, Source::Sensor(key), name);
                    return false;
                }
                Some(due) => {
                    observation.armed = true;
                    self.timers.set(due.ticks, Timer::Observation(key));
                }
                None => {}
            }
            true
        });
        if !of_sensor.is_empty() {
            self.observations.insert(key, of_sensor);
        }
    }
}
