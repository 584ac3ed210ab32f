//! Whether what people said makes sense, before anything is built on it. Who imports a file, gives an order or calls
//! the API gets the same answers in the same words, and all of them at once.

mod bounds;
mod items;
mod people;
mod places;
mod rules;
#[cfg(test)]
mod tests;
mod ways;
pub(super) mod words;

use super::{Model, nearest};
use crate::{SensorKey, Text};
use core::{net::IpAddr, time::Duration};
use std::collections::HashMap;

/// Something that does not make sense.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Which of the items.
    pub item: Item,
    /// What about it, in the words of the building file: `within`, `email.port`. Empty: the whole of it.
    pub field: &'static str,
    /// What is wrong, and what to try.
    pub what: String,
}

/// An item of a model, by its index in the model's list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Item {
    /// What is said of the site as a whole.
    Site,
    /// Of [`Model::places`].
    Place(usize),
    /// Of [`Model::switches`].
    Switch(usize),
    /// Of [`Model::nodes`].
    Node(usize),
    /// Of [`Model::sensors`].
    Sensor(usize),
    /// Of [`Model::rules`].
    Rule(usize),
    /// Of [`Model::targets`].
    Target(usize),
    /// Of [`Model::groups`].
    Group(usize),
    /// [`Model::heartbeat`].
    Heartbeat,
}

impl Model {
    /// Everything that does not make sense, up to a thousand of it. A model without problems can be put in force and
    /// be written to a file.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Problems::default();
        let names = Names::new(self);
        items::check(self, &mut problems);
        places::check(self, &names, &mut problems);
        rules::check(self, &names, &mut problems);
        people::check(self, &names, &mut problems);
        problems.list
    }

    /// What is odd, but may be meant.
    pub fn warnings(&self) -> Vec<Problem> {
        let mut problems = Problems::default();
        people::warn(self, &mut problems);
        problems.list
    }
}

/// The problems found so far.
#[derive(Default)]
struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    fn add(&mut self, item: Item, field: &'static str, what: impl Into<String>) {
        if self.list.len() < bounds::PROBLEMS {
            self.list.push(Problem { item, field, what: what.into() });
        }
    }

    /// Adds what one of the judges in [`words`] has found, if it has.
    fn add_some(&mut self, item: Item, field: &'static str, what: Option<String>) {
        if let Some(what) = what {
            self.add(item, field, what);
        }
    }

    /// A length of time within bounds, and in whole milliseconds, which is what a file can hold.
    fn span(
        &mut self,
        item: Item,
        field: &'static str,
        span: Duration,
        (least, most): (Duration, Duration),
        why: &str,
    ) {
        if span < least || span > most {
            let (least, most, span) = (words::secs(least), words::secs(most), words::secs(span));
            self.add(item, field, format!("must be {least} to {most}, not {span}: {why}"));
        } else if !span.subsec_nanos().is_multiple_of(1_000_000) {
            self.add(item, field, "must be whole milliseconds: nothing here is measured finer");
        }
    }

    /// Where the item of this name is; a problem if there is none.
    fn reference(
        &mut self,
        item: Item,
        field: &'static str,
        noun: &str,
        name: &str,
        known: &HashMap<&str, usize>,
    ) -> Option<usize> {
        let found = known.get(name).copied();
        if found.is_none() {
            // A hint is worth a look through a thousand names, not through ten thousand for each of a thousand problems.
            let near = nearest(name, known.keys().copied().take(bounds::HINTS));
            let hint = near
                .map_or("describe it, or leave it out".to_owned(), |near| format!("did you mean '{near}'?"));
            self.add(item, field, format!("there is no {noun} '{}'; {hint}", words::shown(name)));
        }
        found
    }
}

/// Where every name is.
struct Names<'m> {
    places: HashMap<&'m str, usize>,
    switches: HashMap<&'m str, usize>,
    targets: HashMap<&'m str, usize>,
    nodes: HashMap<IpAddr, usize>,
    sensors: HashMap<SensorKey, usize>,
}

impl<'m> Names<'m> {
    fn new(model: &'m Model) -> Self {
        fn index<'m>(names: impl Iterator<Item = &'m Text>) -> HashMap<&'m str, usize> {
            names.enumerate().map(|(at, name)| (&**name, at)).collect()
        }
        Self {
            places: index(model.places.iter().map(|place| &place.name)),
            switches: index(model.switches.iter().map(|switch| &switch.name)),
            targets: index(model.targets.iter().map(|target| &target.name)),
            nodes: model.nodes.iter().enumerate().map(|(at, node)| (node.address, at)).collect(),
            sensors: model.sensors.iter().enumerate().map(|(at, sensor)| (sensor.key, at)).collect(),
        }
    }
}
