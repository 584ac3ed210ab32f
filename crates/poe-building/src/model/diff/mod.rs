//! What has changed from one model to the next, item by item, in the words of the journal.

mod fields;
#[cfg(test)]
mod tests;
mod told;

use super::Model;
use crate::Source;
use core::hash::Hash;
use fields::{Field, Site};
use std::collections::HashMap;

/// What a change is about: the journal has a word for each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// The site, a place, a switch, a node or a sensor.
    Model,
    /// A rule.
    Rule,
    /// Who is told: a target, a group, the heartbeat.
    Target,
}

/// One item that was added, removed or changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// What it is about.
    pub subject: Subject,
    /// The item, if the building has it as a source of signals.
    pub source: Option<Source>,
    /// What was before and what is now, in one line.
    pub text: String,
}

impl Model {
    /// What is different in `new`, item by item. The version, and the order in which items are listed, do not count.
    pub fn diff(&self, new: &Model) -> Vec<Difference> {
        let mut found = Vec::new();
        compare(&[Site(self)], &[Site(new)], &mut found);
        compare(&self.places, &new.places, &mut found);
        compare(&self.switches, &new.switches, &mut found);
        compare(&self.nodes, &new.nodes, &mut found);
        compare(&self.sensors, &new.sensors, &mut found);
        compare(&self.rules, &new.rules, &mut found);
        compare(&self.targets, &new.targets, &mut found);
        compare(&self.groups, &new.groups, &mut found);
        compare(self.heartbeat.as_slice(), new.heartbeat.as_slice(), &mut found);
        found
    }
}

/// What can be compared: it has a key by which the same item is found again, and fields.
trait Compared {
    type Key<'a>: Eq + Hash
    where
        Self: 'a;
    const SUBJECT: Subject;

    fn key(&self) -> Self::Key<'_>;
    /// What it is called at the beginning of a line.
    fn name(&self) -> String;
    fn source(&self) -> Option<Source>;
    fn fields(&self) -> Vec<Field>;
    /// Those of the fields of which only a part is shown, as they are. They are compared and never told.
    fn hidden(&self) -> Vec<Field> {
        Vec::new()
    }
}

fn compare<T: Compared + PartialEq>(old: &[T], new: &[T], found: &mut Vec<Difference>) {
    let mut added: HashMap<T::Key<'_>, &T> = new.iter().map(|item| (item.key(), item)).collect();
    for before in old {
        match added.remove(&before.key()) {
            Some(now) if now == before => {}
            Some(now) => found.push(difference(now, &changes(before, now))),
            None => found.push(difference(before, &whole("removed", &before.fields()))),
        }
    }
    // In the order in which they are listed, not that of a map.
    for now in new {
        if added.remove(&now.key()).is_some() {
            found.push(difference(now, &whole("added", &now.fields())));
        }
    }
}

fn difference<T: Compared>(item: &T, text: &str) -> Difference {
    Difference { subject: T::SUBJECT, source: item.source(), text: format!("{}: {text}", item.name()) }
}

fn whole(what: &str, fields: &[Field]) -> String {
    let said = fields.iter().filter_map(|(name, value)| Some(format!("{name} {}", short(value.as_deref()?))));
    let said: Vec<String> = said.collect();
    if said.is_empty() { what.to_owned() } else { format!("{what}: {}", said.join(", ")) }
}

fn changes<T: Compared>(before: &T, now: &T) -> String {
    // An item always lists the same fields, in the same order.
    let hidden: Vec<&str> = before
        .hidden()
        .into_iter()
        .zip(now.hidden())
        .filter_map(|(before, now)| (before != now).then_some(now.0))
        .collect();
    let fields = before.fields().into_iter().zip(now.fields());
    let said: Vec<String> = fields.filter_map(|(before, now)| change(before, now, &hidden)).collect();
    said.join(", ")
}

/// What has become of a field. `hidden` are those that have changed where it may not be seen.
fn change((name, before): Field, (_, now): Field, hidden: &[&str]) -> Option<String> {
    let shown = |value: &Option<String>| short(value.as_deref().unwrap_or("none"));
    if before != now {
        Some(format!("{name} {} -> {}", shown(&before), shown(&now)))
    } else if hidden.contains(&name) {
        Some(format!("{name} {} (changed in what is not shown)", shown(&now)))
    } else {
        None
    }
}

/// A journal entry is a line, not a list of ten thousand places.
fn short(value: &str) -> String {
    const CHARS: usize = 200;
    match value.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}..", &value[..end]),
        None => value.to_owned(),
    }
}
