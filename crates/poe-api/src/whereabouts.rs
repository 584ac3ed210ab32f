//! Which sensors are in which place. It grows with the sensors, and is made anew when people describe the building
//! otherwise.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use poe_building::{SensorKey, Source, Text};
use poe_store::Latest;

use crate::views::SensorNames;

/// Sensors that are read at a time.
const AT_ONCE: usize = 4_096;

/// The sensors of every place, by their positions in [`Latest`].
#[derive(Debug)]
pub(crate) struct Whereabouts {
    names: Arc<SensorNames>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// How many sensors have been looked at.
    count: usize,
    /// In the order in which they became known.
    sensors: HashMap<Text, Vec<u32>>,
}

impl Whereabouts {
    pub(crate) fn new(names: Arc<SensorNames>) -> Self {
        Whereabouts { names, known: Mutex::default() }
    }

    pub(crate) fn names(&self) -> &Arc<SensorNames> {
        &self.names
    }

    /// Looks at the sensors that are new. Called where one may wait.
    pub(crate) fn look(&self, latest: &Latest) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Where the node is that was looked at last: the next sensor is often one of its own.
        let mut last: Option<(IpAddr, Vec<Text>)> = None;
        loop {
            let sensors = latest.sensors(known.count, AT_ONCE);
            if sensors.is_empty() {
                return;
            }
            for sensor in sensors {
                let position = known.count as u32;
                known.count += 1;
                let SensorKey { address, .. } = sensor.key;
                if let Some(source) = self.names.own(sensor.key) {
                    known.add(position, &self.names.places(&source));
                    continue;
                }
                if last.as_ref().is_none_or(|(node, _)| *node != address) {
                    last = Some((address, self.names.places(&Source::Node(address))));
                }
                if let Some((_, places)) = &last {
                    known.add(position, places);
                }
            }
        }
    }

    /// Up to `limit` of the sensors that are known to be in this place, from position `from` on.
    pub(crate) fn sensors(&self, place: &str, from: u32, limit: usize) -> Vec<u32> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sensors) = known.sensors.get(place) else { return Vec::new() };
        let begin = sensors.partition_point(|position| *position < from);
        sensors[begin..].iter().take(limit).copied().collect()
    }
}

impl Known {
    fn add(&mut self, position: u32, places: &[Text]) {
        for place in places {
            match self.sensors.get_mut(place) {
                Some(sensors) => sensors.push(position),
                None => drop(self.sensors.insert(Text::clone(place), vec![position])),
            }
        }
    }
}
