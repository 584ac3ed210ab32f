//! Of where somebody is told: everything, or what is in some places.

use std::sync::Arc;

use poe_building::{Reach, Source, Text};

use crate::views::SensorNames;

/// Names in order, each once: whoever asks for the same places is told the same bytes.
type Places = Arc<[Text]>;

/// What is told, by where it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    /// What is in any of these; nothing: wherever it is.
    asked: Option<Places>,
    /// Of that, what is in any of these; nothing: all of it. It is looked at for each thing that is told, since a place
    /// that somebody follows can be moved out of their sight.
    seen: Option<Places>,
}

impl Scope {
    /// All that somebody with this reach may see. A building that is no place any more holds nothing.
    pub(super) fn all(reach: &Reach) -> Self {
        let is_limited = !reach.is_everywhere();
        Scope { asked: None, seen: is_limited.then(|| places(reach.buildings().to_vec())) }
    }

    /// Of this, what is in any of these places.
    pub(super) fn within(&self, asked: Vec<Text>) -> Self {
        let asked = Some(places(asked)).filter(|asked| self.seen.as_ref() != Some(asked));
        Scope { asked, seen: self.seen.clone() }
    }

    /// Whether something is told that is in these places.
    pub(super) fn has(&self, places: &[Text]) -> bool {
        is_in(self.asked.as_ref(), places) && self.shows(places)
    }

    /// The places whose things are told, as far as it [wants](Self::wants) them; nothing stands for everything. Many follow
    /// the same place, and few the same places: what changes is looked for and written for each place by itself.
    pub(super) fn zones(&self) -> Vec<Option<Text>> {
        match self.asked.as_ref().or(self.seen.as_ref()) {
            Some(zones) => zones.iter().cloned().map(Some).collect(),
            None => vec![None],
        }
    }

    /// Whether the things of one of these places are to be told: it is in sight, and in no other one with which they are
    /// told already.
    pub(super) fn wants(&self, zone: &Text, names: &SensorNames) -> bool {
        let path = names.places(&Source::Place(zone.clone()));
        let zones = self.asked.as_ref().or(self.seen.as_ref());
        let is_told = |at: usize| is_in(zones, &path[at..=at]) && self.shows(&path[at..]);
        self.shows(&path) && !(1..path.len()).any(is_told)
    }

    /// Whether something in these places may be seen.
    fn shows(&self, places: &[Text]) -> bool {
        is_in(self.seen.as_ref(), places)
    }
}

/// Whether one of the places is one of these; it is, if that does not matter.
fn is_in(set: Option<&Places>, places: &[Text]) -> bool {
    set.is_none_or(|set| places.iter().any(|place| set.binary_search(place).is_ok()))
}

fn places(mut names: Vec<Text>) -> Places {
    names.sort_unstable();
    names.dedup();
    names.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<Text> {
        names.iter().map(|name| Text::from(*name)).collect()
    }

    #[test]
    fn the_same_places_are_one_scope_however_they_are_named() {
        let everybody = Scope::all(&Reach::of(Vec::new()));
        assert_eq!(everybody.within(names(&["b", "a", "b"])), everybody.within(names(&["a", "b"])));
        let limited = Scope::all(&Reach::of(names(&["b", "a"])));
        assert_eq!(limited.within(names(&["a", "b"])), limited, "whoever asks for all they see");
        assert_ne!(limited.within(names(&["a"])), limited);
        assert_ne!(limited, everybody);
    }

    #[test]
    fn a_place_that_was_moved_out_of_sight_is_told_of_no_more() {
        let scope = Scope::all(&Reach::of(names(&["house"]))).within(names(&["kitchen"]));
        assert!(scope.has(&names(&["kitchen", "house", "site"])));
        assert!(!scope.has(&names(&["kitchen", "barn", "site"])));
        assert!(!scope.has(&names(&["cellar", "house", "site"])));
        assert!(!scope.has(&[]));
    }
}
