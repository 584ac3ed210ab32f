//! How many combinations of settings there can be: each needs a table of what its values mean.

use super::Kinds;
use crate::{
    Model, RuleScope, SensorKey,
    model::check::{Item, Problems, bounds},
};
use core::net::IpAddr;
use poe_wire::SensorKind;
use std::collections::{HashMap, HashSet};

pub(super) fn check(model: &Model, kinds: &Kinds<'_>, problems: &mut Problems) {
    let placed = placed(model);
    let most: usize = SensorKind::ALL.into_iter().map(|kind| combinations(model, kinds, kind, &placed)).sum();
    if most > bounds::COMBINATIONS {
        let said = format!(
            "there can be {most} combinations of settings, and {} are the most; set rules for places rather than for \
             nodes whose sensors are all over the house",
            bounds::COMBINATIONS
        );
        problems.add(Item::Site, "rules", said);
    }
}

/// How many sensors of a node have a place of their own.
fn placed(model: &Model) -> HashMap<IpAddr, usize> {
    let mut placed = HashMap::new();
    for sensor in model.sensors.iter().filter(|sensor| sensor.place.is_some()) {
        *placed.entry(sensor.key.address).or_default() += 1;
    }
    placed
}

/// The most for a kind. Which settings come from places is decided by the innermost place that has one; each of these can
/// meet with those of a node where one of its sensors is, and those of a sensor meet with what holds there.
fn combinations(
    model: &Model,
    kinds: &Kinds<'_>,
    kind: SensorKind,
    placed: &HashMap<IpAddr, usize>,
) -> usize {
    let (mut places, mut nodes, mut sensors) =
        (HashSet::new(), HashSet::<IpAddr>::new(), HashSet::<SensorKey>::new());
    for setting in model.rules.iter().filter(|setting| kinds.get(&*setting.rule) == Some(&kind)) {
        match &setting.scope {
            RuleScope::Everywhere => {}
            RuleScope::Place(place) => _ = places.insert(place),
            RuleScope::Node(address) => _ = nodes.insert(*address),
            RuleScope::Sensor(key) => _ = sensors.insert(*key),
        }
    }
    let from_places = places.len() + 1;
    let met = |node: &IpAddr| from_places.min(1 + placed.get(node).copied().unwrap_or(0));
    from_places + nodes.iter().map(met).sum::<usize>() + sensors.len()
}
