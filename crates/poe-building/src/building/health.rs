//! Whether a sensor can be believed: judged by single jumps of its value, and now and then by how it compares with
//! itself and its siblings. What is found is supervisory, and never keeps a fire quiet.

use super::Building;
use crate::{
    Moment, NodeNo, SensorKey, Source,
    alarms::{Alarms, Before},
    builtin,
    node::{Node, Sensor},
    table::{Reach, Table},
};
use poe_wire::SensorKind;

/// A temperature sensor whose siblings, or whose own last value, are above this does not read zero: it gives no number.
const PLAUSIBLE_ABOVE: u8 = 10;
/// A sensor whose value has not moved for so long is stuck if a sibling has,
const STUCK_AFTER_S: u16 = 12 * 60 * 60;
/// within this time.
const SIBLING_MOVED_WITHIN_S: u16 = 60 * 60;
/// A smoke sensor that reads nothing at all for so long is not connected: clean air reads more.
const FLAT_AFTER_S: u16 = 10 * 60;
/// A sensor so far from the middle of at least this many siblings
const OUTLIER_DISTANCE: u8 = 48;
const OUTLIER_SIBLINGS_MIN: usize = 4;

/// A value that has left its band, or the first: is it one that can be believed? Then its rules are asked.
pub(super) fn judge(alarms: &mut Alarms, node: &Node, place: u8, before: Before, now: Moment) {
    let sensor = &node.sensors[usize::from(place)];
    let tables = &alarms.book.tables;
    let kind = sensor.kind(tables);
    let key = node.key(sensor.id);
    if !matches!(kind, SensorKind::Temperature | SensorKind::Humidity | SensorKind::Water) {
        return alarms.crossed(key, sensor.table, before, sensor.value, now);
    }
    let table = &tables[sensor.table.index()];
    let reach = table.band(sensor.value).reach;
    let reach_before = before.value().map(|before| table.band(before).reach);
    if kind == SensorKind::Water {
        if matches!((reach_before, reach), (Some(Reach::High), Reach::Low) | (Some(Reach::Low), Reach::High))
        {
            let text = format!("from {} to {}", before.value().unwrap_or_default(), sensor.value);
            alarms.own_incident(&Source::Sensor(key), builtin::HEALTH_BYTE_WRAP, text.into(), now);
        }
        return alarms.crossed(key, sensor.table, before, sensor.value, now);
    }
    let source = Source::Sensor(key);
    let signalled = alarms.has_any(&source);
    let gave_no_value = signalled && alarms.gives_no_value(&source);
    let fault = match (kind, reach) {
        (SensorKind::Humidity, Reach::Zero) => Some(builtin::HEALTH_NAN_ZERO),
        (_, Reach::Zero) if zero_is_no_number(node, sensor, kind, before, alarms) => {
            Some(builtin::HEALTH_NAN_ZERO)
        }
        (SensorKind::Temperature, Reach::High)
            if matches!(reach_before, Some(Reach::Zero | Reach::Low))
                || (signalled && alarms.holds(&source, builtin::HEALTH_BYTE_WRAP)) =>
        {
            Some(builtin::HEALTH_BYTE_WRAP)
        }
        _ => None,
    };
    for rule in [builtin::HEALTH_NAN_ZERO, builtin::HEALTH_BYTE_WRAP] {
        if signalled || fault == Some(rule) {
            alarms.own_condition(&source, rule, fault == Some(rule), None, now);
        }
    }
    if fault.is_none() {
        let before = if gave_no_value && before != Before::Nothing { Before::Unlike } else { before };
        alarms.crossed(key, sensor.table, before, sensor.value, now);
    }
}

fn zero_is_no_number(
    node: &Node,
    sensor: &Sensor,
    kind: SensorKind,
    before: Before,
    alarms: &Alarms,
) -> bool {
    let tables = &alarms.book.tables;
    let mut siblings =
        node.sensors.iter().filter(|other| other.id != sensor.id && other.kind(tables) == kind);
    let judged_anew = before == Before::Nothing
        && alarms.holds(&Source::Sensor(node.key(sensor.id)), builtin::HEALTH_NAN_ZERO);
    judged_anew
        || before.value().is_some_and(|before| before >= PLAUSIBLE_ABOVE)
        || siblings.any(|other| other.latest().is_some_and(|value| value >= PLAUSIBLE_ABOVE))
}

/// What the siblings of a sensor say about it.
struct Found {
    key: SensorKey,
    flat: bool,
    stuck: bool,
    outlier: Option<u8>,
}

impl Building {
    /// Looks at every sensor of a node that is heard, every ten seconds or so.
    pub(super) fn look_after_sensors(&mut self, no: NodeNo, now: Moment) {
        let node = &mut self.nodes[no.index()];
        let passed = now.ticks.since(core::mem::replace(&mut node.looked_after, now.ticks));
        // After a pause of the server nobody knows what has moved.
        let passed_s = passed.as_secs().min(200) as u16;
        node.still_s.resize(node.sensors.len(), 0);
        for (place, still_s) in node.still_s.iter_mut().enumerate() {
            *still_s = still_s.saturating_add(passed_s);
            if node.moved.contains(place as u8) {
                *still_s = 0;
            }
        }
        node.moved = Default::default();
        let node = &self.nodes[no.index()];
        let found: Vec<Found> = (0..node.sensors.len())
            .filter_map(|place| compare(node, place, &self.alarms.book.tables))
            .collect();
        let unhealthy = found.iter().filter(|found| found.flat || found.stuck || found.outlier.is_some());
        let unhealthy = unhealthy.filter_map(|found| node.place(found.key.id)).collect();
        self.nodes[no.index()].unhealthy = unhealthy;
        for Found { key, flat, stuck, outlier } in found {
            let source = Source::Sensor(key);
            let middle = outlier.map(|middle| format!("far from its siblings, around {middle}").into());
            self.alarms.own_condition(&source, builtin::HEALTH_FLAT, flat, None, now);
            self.alarms.own_condition(&source, builtin::HEALTH_STUCK, stuck && !flat, None, now);
            self.alarms.own_condition(&source, builtin::HEALTH_OUTLIER, outlier.is_some(), middle, now);
        }
    }
}

impl Building {
    /// After a restart: what was known of a sensor's health holds until the sensor proves that it is over.
    pub(super) fn remember_unhealthy(&mut self) {
        for alarm in self.alarms.iter().filter(|alarm| alarm.holds) {
            let still_s = match &*alarm.rule {
                builtin::HEALTH_FLAT => FLAT_AFTER_S,
                builtin::HEALTH_STUCK => STUCK_AFTER_S,
                builtin::HEALTH_OUTLIER => 0,
                _ => continue,
            };
            let Source::Sensor(key) = alarm.source else { continue };
            let Some(no) = self.by_address.get(&key.address) else { continue };
            let node = &mut self.nodes[no.index()];
            if let Some(place) = node.place(key.id) {
                node.unhealthy.insert(place);
                node.still_s.resize(node.sensors.len(), 0);
                node.still_s[usize::from(place)] = still_s;
            }
        }
    }
}

/// What is wrong with a sensor, or was: `None` if nothing is and nothing is signalled.
fn compare(node: &Node, place: usize, tables: &[Table]) -> Option<Found> {
    let sensor = &node.sensors[place];
    let kind = sensor.kind(tables);
    let value = sensor.latest()?;
    let signalled = node.unhealthy.contains(place as u8);
    if !matches!(kind, SensorKind::Smoke | SensorKind::Temperature | SensorKind::Humidity) {
        // It may have been another kind before.
        let found = Found { key: node.key(sensor.id), flat: false, stuck: false, outlier: None };
        return signalled.then_some(found);
    }
    let still_s = node.still_s[place];
    let key = node.key(sensor.id);
    // The two kinds that a DHT22 measures move together.
    let related = |other: SensorKind| (other == SensorKind::Smoke) == (kind == SensorKind::Smoke);
    let siblings = || {
        let others = node.sensors.iter().enumerate().filter(move |(at, _)| *at != place);
        others.filter(|(_, other)| related(other.kind(tables)))
    };
    let flat = kind == SensorKind::Smoke && value == 0 && still_s >= FLAT_AFTER_S;
    let stuck =
        still_s >= STUCK_AFTER_S && siblings().any(|(at, _)| node.still_s[at] < SIBLING_MOVED_WITHIN_S);
    let outlier =
        (kind == SensorKind::Smoke).then(|| middle_of(siblings().map(|(_, other)| other))).flatten();
    // A value that fulfils a rule speaks for itself.
    let trips = tables[sensor.table.index()].band(value).trips != 0;
    let outlier = outlier.filter(|middle| middle.abs_diff(value) >= OUTLIER_DISTANCE && !trips);
    (flat || stuck || outlier.is_some() || signalled).then_some(Found { key, flat, stuck, outlier })
}

/// The middle of the siblings' values, if there are enough of them.
fn middle_of<'a>(siblings: impl Iterator<Item = &'a Sensor>) -> Option<u8> {
    let mut values: Vec<u8> = siblings.filter_map(Sensor::latest).collect();
    values.sort_unstable();
    (values.len() >= OUTLIER_SIBLINGS_MIN).then(|| values[values.len() / 2])
}
