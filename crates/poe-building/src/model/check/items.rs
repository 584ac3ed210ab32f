//! The site as a whole, how much of everything there is, and that nothing is there twice.

use super::{Item, Problems, bounds, words};
use crate::{Model, Supervision};
use core::{fmt::Display, hash::Hash};
use std::collections::HashMap;

pub(super) fn check(model: &Model, problems: &mut Problems) {
    site(model, problems);
    lengths(model, problems);
    unique(model, problems);
}

fn site(model: &Model, problems: &mut Problems) {
    problems.add_some(Item::Site, "name", words::name(&model.site));
    if &*model.site == "system" {
        problems.add(Item::Site, "name", "'system' is the server itself; call the site something else");
    }
    silence(model.supervision, Item::Site, problems);
    problems.span(
        Item::Site,
        "shelving_max_h",
        model.shelving_max,
        bounds::SHELVING,
        "what must be quiet for longer is taken out of service",
    );
    if model.shelving_max.subsec_nanos() != 0 {
        problems.add(Item::Site, "shelving_max_h", "must be whole seconds");
    }
}

/// How long a node may be silent.
pub(super) fn silence(Supervision { late, trouble }: Supervision, item: Item, problems: &mut Problems) {
    problems.span(item, "late_s", late, bounds::SILENCE, "no node may be silent for longer unnoticed");
    problems.span(
        item,
        "trouble_s",
        trouble,
        bounds::SILENCE,
        "the trade allows 200 s from the fault to the trouble signal (UL 864)",
    );
    if late > trouble {
        let (late, trouble) = (words::secs(late), words::secs(trouble));
        problems.add(
            item,
            "late_s",
            format!(
                "late after {late} but in trouble after {trouble} already; set trouble_s to {late} or more"
            ),
        );
    }
}

fn lengths(model: &Model, problems: &mut Problems) {
    let mut most = |length: usize, most: usize, noun: &str, item: fn(usize) -> Item| {
        if length > most {
            problems.add(item(most), "", format!("this is one of {length} {noun}; there can be {most}"));
        }
    };
    most(model.places.len(), bounds::PLACES, "places", Item::Place);
    most(model.switches.len(), bounds::SWITCHES, "switches", Item::Switch);
    most(model.nodes.len(), bounds::NODES, "nodes", Item::Node);
    most(model.sensors.len(), bounds::SENSORS, "sensors", Item::Sensor);
    most(model.rules.len(), bounds::RULES, "rules", Item::Rule);
    most(model.targets.len(), bounds::TARGETS, "targets", Item::Target);
    most(model.groups.len(), bounds::GROUPS, "groups", Item::Group);
}

fn unique(model: &Model, problems: &mut Problems) {
    // On the phone `Main` and `main` are one name.
    let aloud = |name: &str| name.to_ascii_lowercase();
    let mut named = |noun: &str, names: &mut dyn Iterator<Item = &str>, item: fn(usize) -> Item| {
        let names: Vec<&str> = names.collect();
        for (at, name) in names.iter().enumerate() {
            problems.add_some(item(at), "name", words::name(name));
        }
        for (at, first) in repeated(names.iter().map(|name| aloud(name))) {
            let (name, same) = (words::shown(names[at]), words::shown(names[first]));
            problems.add(
                item(at),
                "name",
                if name == same {
                    format!("there is already a {noun} '{name}'; give this one another name")
                } else {
                    format!("there is already a {noun} '{same}', which sounds the same; give this one another name")
                },
            );
        }
    };
    named("place", &mut model.places.iter().map(|place| &*place.name), Item::Place);
    named("switch", &mut model.switches.iter().map(|switch| &*switch.name), Item::Switch);
    named("target", &mut model.targets.iter().map(|target| &*target.name), Item::Target);
    named("group", &mut model.groups.iter().map(|group| &*group.name), Item::Group);
    for (at, place) in model.places.iter().enumerate() {
        let taken = [(&*model.site, "the site"), ("system", "the server itself")];
        if let Some((name, whose)) = taken.into_iter().find(|(name, _)| aloud(name) == aloud(&place.name)) {
            problems.add(
                Item::Place(at),
                "name",
                format!("'{name}' is {whose}; call the place something else"),
            );
        }
    }
    once("node", "address", model.nodes.iter().map(|node| node.address), Item::Node, problems);
    once("sensor", "sensor", model.sensors.iter().map(|sensor| sensor.key), Item::Sensor, problems);
}

fn once<K: Copy + Eq + Hash + Display>(
    noun: &str,
    field: &'static str,
    keys: impl Iterator<Item = K> + Clone,
    item: fn(usize) -> Item,
    problems: &mut Problems,
) {
    let again = repeated(keys.clone());
    let keys: Vec<K> = if again.is_empty() { Vec::new() } else { keys.collect() };
    for (at, _) in again {
        problems.add(item(at), field, format!("{noun} {} is described twice; put it all in one", keys[at]));
    }
}

/// Where something comes again, each with where it came first.
pub(super) fn repeated<K: Eq + Hash>(keys: impl Iterator<Item = K>) -> Vec<(usize, usize)> {
    let mut first = HashMap::new();
    let again = keys.enumerate().filter_map(|(at, key)| {
        let first = *first.entry(key).or_insert(at);
        (first != at).then_some((at, first))
    });
    again.collect()
}
