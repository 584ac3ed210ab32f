//! Who is told, when, and of what.

use super::{Item, Names, Problems, bounds, items::repeated, places, ways, words};
use crate::{Class, Hours, Model, TargetGroup};
use std::collections::HashSet;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

pub(super) fn check(model: &Model, names: &Names<'_>, problems: &mut Problems) {
    for (at, target) in model.targets.iter().enumerate() {
        let item = Item::Target(at);
        ways::check(item, &target.delivery, problems);
        if let Some(expires) = target.expires {
            let why = "a receiver that restarts needs a minute, and a week later it is no news";
            problems.span(item, "expires_s", expires, bounds::EXPIRY, why);
        }
    }
    for (at, group) in model.groups.iter().enumerate() {
        check_group(model, names, Item::Group(at), group, problems);
    }
    if !model.groups.is_empty() && model.groups.iter().all(|group| group.level != 1) {
        problems.add(
            Item::Group(0),
            "level",
            "no group has level 1, so nobody would be told first; give one level 1",
        );
    }
    if let Some(heartbeat) = &model.heartbeat {
        let item = Item::Heartbeat;
        problems.add_some(item, "url", words::url(&heartbeat.url));
        let why = "who watches wants to know within the hour, and not to be flooded";
        problems.span(item, "interval_s", heartbeat.interval, bounds::HEARTBEAT, why);
        ways::file(item, "ca_file", heartbeat.ca_file.as_ref(), problems);
    }
}

fn check_group(model: &Model, names: &Names<'_>, item: Item, group: &TargetGroup, problems: &mut Problems) {
    if !bounds::DIGIT.contains(&group.level) {
        problems.add(item, "level", format!("must be 1 to 9, not {}; level 1 is told first", group.level));
    }
    if group.targets.is_empty() {
        problems.add(item, "targets", "must name a target; a group of nobody is told nothing");
    }
    for target in &group.targets {
        problems.reference(item, "targets", "target", target, &names.targets);
    }
    for (at, _) in repeated(group.targets.iter()) {
        problems.add(item, "targets", format!("'{}' is there twice", words::shown(&group.targets[at])));
    }
    if group.classes.is_empty() {
        problems.add(item, "classes", "must name a class; leave classes out for all of them");
    }
    for (at, _) in repeated(group.classes.iter()) {
        problems.add(item, "classes", format!("'{}' is there twice", group.classes[at]));
    }
    for place in &group.places {
        places::within(model, names, item, "places", Some(place), problems);
    }
    for (at, _) in repeated(group.places.iter()) {
        problems.add(item, "places", format!("'{}' is there twice", words::shown(&group.places[at])));
    }
    if group.hours.len() > bounds::HOURS {
        problems.add(item, "hours", format!("can be {} times, not {}", bounds::HOURS, group.hours.len()));
    }
    for Hours { days, from, to } in &group.hours {
        if !days.contains(&true) || *from >= DAY || *to > DAY {
            problems.add(
                item,
                "hours",
                "needs a day, and times from 00:00 to 24:00; write it like mon-fri 07:00-18:00",
            );
        }
    }
}

pub(super) fn warn(model: &Model, problems: &mut Problems) {
    let told: HashSet<&str> =
        model.groups.iter().flat_map(|group| &group.targets).map(|name| &**name).collect();
    for (at, target) in model.targets.iter().enumerate() {
        let item = Item::Target(at);
        // Without groups every target is told everything.
        if !model.groups.is_empty() && !told.contains(&*target.name) {
            let name = words::shown(&target.name);
            problems.add(
                item,
                "",
                format!("target '{name}' is in no group, so it is told of restarts alone"),
            );
        }
        ways::warn(item, &target.delivery, problems);
    }
    if !model.groups.is_empty() && model.groups.iter().all(|group| !group.classes.contains(&Class::Alarm)) {
        problems.add(
            Item::Group(0),
            "classes",
            "no group is for class alarm, so an alarm is told to all of them; name the class in one",
        );
    }
}
