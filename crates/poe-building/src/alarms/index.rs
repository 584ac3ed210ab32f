//! Where the alarm of a source and a rule is. It is asked with every crossing, so that asking must cost no memory.

use crate::{AlarmId, Source, Text};
use std::collections::HashMap;

/// There is one alarm for a source and a rule, and few for a source.
#[derive(Default, Debug)]
pub(super) struct Index(HashMap<Source, Vec<(Text, AlarmId)>>);

impl Index {
    pub(super) fn get(&self, source: &Source, rule: &str) -> Option<AlarmId> {
        self.0.get(source)?.iter().find(|(known, _)| **known == *rule).map(|(_, id)| *id)
    }

    /// Whether there is any alarm of the source.
    pub(super) fn has_any(&self, source: &Source) -> bool {
        self.0.contains_key(source)
    }

    pub(super) fn insert(&mut self, source: Source, rule: Text, id: AlarmId) {
        let of_source = self.0.entry(source).or_insert_with(|| Vec::with_capacity(1));
        of_source.retain(|(known, _)| *known != rule);
        of_source.push((rule, id));
    }

    pub(super) fn remove(&mut self, source: &Source, rule: &str) {
        let Some(of_source) = self.0.get_mut(source) else { return };
        of_source.retain(|(known, _)| **known != *rule);
        if of_source.is_empty() {
            self.0.remove(source);
        }
    }
}
