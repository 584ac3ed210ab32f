//! What is where, and what feeds what.

use super::{Item, Names, Problems, items, words};
use crate::{Model, Text};

pub(super) fn check(model: &Model, names: &Names<'_>, problems: &mut Problems) {
    places(model, names, problems);
    switches(model, names, problems);
    loops(model, names, problems);
    for (at, node) in model.nodes.iter().enumerate() {
        let item = Item::Node(at);
        if node.address != node.address.to_canonical() {
            problems.add(item, "address", format!("write it as {}", node.address.to_canonical()));
        }
        problems.add_some(item, "name", node.name.as_deref().and_then(words::title));
        within(model, names, item, "place", node.place.as_ref(), problems);
        fed(names, item, "switch", node.fed_by.as_ref(), node.port.as_ref(), problems);
        if let Some(supervision) = node.supervision {
            items::silence(supervision, item, problems);
        }
    }
    for (at, sensor) in model.sensors.iter().enumerate() {
        let item = Item::Sensor(at);
        if sensor.key.address != sensor.key.address.to_canonical() {
            problems.add(item, "sensor", format!("write its node as {}", sensor.key.address.to_canonical()));
        }
        problems.add_some(item, "name", sensor.name.as_deref().and_then(words::title));
        within(model, names, item, "place", sensor.place.as_ref(), problems);
    }
}

fn places(model: &Model, names: &Names<'_>, problems: &mut Problems) {
    for (at, place) in model.places.iter().enumerate() {
        let item = Item::Place(at);
        problems.add_some(item, "title", place.title.as_deref().and_then(words::title));
        let Some(outer) = within(model, names, item, "within", place.within.as_ref(), problems) else {
            continue;
        };
        let outer = &model.places[outer];
        // Whoever is only ever in something larger is in no circle.
        if outer.kind >= place.kind {
            problems.add(
                item,
                "within",
                format!(
                    "a {} cannot be in a {}; a building holds floors, these hold zones, and those hold rooms",
                    place.kind, outer.kind
                ),
            );
        }
    }
}

/// A reference to a place. The site is no place that needs naming.
pub(super) fn within(
    model: &Model,
    names: &Names<'_>,
    item: Item,
    field: &'static str,
    place: Option<&Text>,
    problems: &mut Problems,
) -> Option<usize> {
    let place = place?;
    if *place == model.site && !names.places.contains_key(&**place) {
        problems.add(item, field, format!("'{place}' is the site; leave {field} out for the whole of it"));
        return None;
    }
    problems.reference(item, field, "place", place, &names.places)
}

fn switches(model: &Model, names: &Names<'_>, problems: &mut Problems) {
    for (at, switch) in model.switches.iter().enumerate() {
        let item = Item::Switch(at);
        within(model, names, item, "place", switch.place.as_ref(), problems);
        fed(names, item, "fed_by", switch.fed_by.as_ref(), switch.port.as_ref(), problems);
    }
}

fn fed(
    names: &Names<'_>,
    item: Item,
    field: &'static str,
    by: Option<&Text>,
    port: Option<&Text>,
    problems: &mut Problems,
) {
    if let Some(by) = by {
        problems.reference(item, field, "switch", by, &names.switches);
    }
    if let Some(port) = port {
        problems.add_some(item, "port", words::title(port));
        if by.is_none() {
            problems.add(item, "port", format!("a port of which switch? Set {field}, or leave port out"));
        }
    }
}

/// Switches that feed each other in a circle: each circle once, at its first switch.
fn loops(model: &Model, names: &Names<'_>, problems: &mut Problems) {
    const NOT_YET: usize = usize::MAX;
    let mut walked_from = vec![NOT_YET; model.switches.len()];
    let feeder =
        |at: usize| model.switches[at].fed_by.as_ref().and_then(|by| names.switches.get(&**by).copied());
    for start in 0..model.switches.len() {
        let mut at = Some(start);
        while let Some(here) = at.filter(|&here| walked_from[here] == NOT_YET) {
            walked_from[here] = start;
            at = feeder(here);
        }
        let Some(closed) = at.filter(|&here| walked_from[here] == start) else { continue };
        let next = |&at: &usize| feeder(at).filter(|&next| next != closed);
        let members = || core::iter::successors(Some(closed), next);
        let (circle, first) = (members().count(), members().min().unwrap_or(closed));
        // From the first on, and back to it; of a long circle its beginning.
        let names = core::iter::successors(Some(first), |&at| feeder(at)).map(|at| &*model.switches[at].name);
        let shown: Vec<&str> = names.take((circle + 1).min(10)).collect();
        let more = if shown.len() <= circle { ", and so on" } else { "" };
        let said = format!("switches cannot feed each other in a circle: {}{more}", shown.join(", by "));
        problems.add(Item::Switch(first), "fed_by", said.replacen(", by ", " is fed by ", 1));
    }
}
