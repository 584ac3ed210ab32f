//! What a viewer would have to draw: a few elements that repeat each other can be more than any machine can.

use std::collections::HashMap;

use super::{DRAWN_MAX, REFERENCES_DEEP_MAX, Refused};

/// Every element, in the order in which they begin.
#[derive(Default)]
pub(super) struct Weights {
    elements: Vec<Weighed>,
    open: Vec<usize>,
    by_name: HashMap<String, usize>,
}

struct Weighed {
    /// The first element that is no longer within it.
    end: usize,
    /// What it repeats, and how often.
    repeats: Vec<(String, u64)>,
}

impl Weights {
    /// An element with these attributes begins.
    pub(super) fn open(&mut self, attributes: &[(&'static str, String)]) {
        let at = self.elements.len();
        // A marker is drawn at every corner of a path, and a corner takes two characters at least.
        let shape = attributes.iter().filter(|(name, _)| ["d", "points"].contains(name));
        let corners = shape.map(|(_, shape)| shape.len() as u64 / 2).sum::<u64>() + 1;
        let mut repeats = Vec::new();
        for (name, value) in attributes {
            match *name {
                // Of two with the same name the first is meant.
                "id" => {
                    self.by_name.entry(value.clone()).or_insert(at);
                }
                "href" => repeats.extend(value.strip_prefix('#').map(|target| (target.to_owned(), 1))),
                _ => {
                    let targets = value.split("url(#").skip(1).filter_map(|rest| rest.split_once(')'));
                    repeats.extend(targets.map(|(target, _)| (target.to_owned(), corners)));
                }
            }
        }
        self.elements.push(Weighed { end: at + 1, repeats });
        self.open.push(at);
    }

    /// The innermost element ends.
    pub(super) fn close(&mut self) {
        if let Some(at) = self.open.pop() {
            self.elements[at].end = self.elements.len();
        }
    }

    pub(super) fn check(&self) -> Result<(), Refused> {
        match self.elements.is_empty() {
            true => Ok(()),
            false => self.weight(0, 0, &mut HashMap::new()).map(drop),
        }
    }

    /// How many elements are drawn for this one. Each is looked at once for every element that it is in, and these are
    /// bounded by the depth of the drawing.
    fn weight(&self, at: usize, deep: usize, known: &mut HashMap<usize, u64>) -> Result<u64, Refused> {
        if let Some(weight) = known.get(&at) {
            return Ok(*weight);
        }
        if deep > REFERENCES_DEEP_MAX {
            return Err(Refused::Circle);
        }
        let mut weight = 0_u64;
        for element in &self.elements[at..self.elements[at].end] {
            weight = weight.saturating_add(1);
            for (target, times) in &element.repeats {
                if let Some(target) = self.by_name.get(target) {
                    let each = self.weight(*target, deep + 1, known)?;
                    weight = weight.saturating_add(each.saturating_mul(*times));
                }
            }
            if weight > DRAWN_MAX {
                return Err(Refused::TooMany {
                    what: "elements, with all that is repeated",
                    most: DRAWN_MAX,
                });
            }
        }
        known.insert(at, weight);
        Ok(weight)
    }
}
