//! Names and places for those who show things: the model, indexed.

use crate::{Model, Source, Text, book::RuleBook};
use poe_wire::SensorKind;
use std::sync::Arc;

/// Answers what something is called, where it is, and what is in what. Made anew when the model has changed.
#[derive(Debug)]
pub struct Directory(RuleBook);

impl Directory {
    /// Indexes a model.
    pub fn new(model: Arc<Model>) -> Self {
        Self(RuleBook::new(model))
    }

    /// The model that it was made from.
    pub fn model(&self) -> &Arc<Model> {
        &self.0.model
    }

    /// What people call a source, if somebody gave it a name.
    pub fn name(&self, source: &Source) -> Option<Text> {
        self.0.name(source).cloned()
    }

    /// The innermost place of a source, by its name.
    pub fn place(&self, source: &Source) -> Option<Text> {
        self.0.path(source).into_iter().skip(1).find_map(|at| match at {
            Source::Place(name) if name != self.0.model.site => Some(name),
            _ => None,
        })
    }

    /// What a source is in, from itself outwards: its node, what feeds that, its places, the site.
    pub fn path(&self, source: &Source) -> Vec<Source> {
        self.0.path(source)
    }

    /// One line for people: the name, what it stands for, where it is.
    pub fn called(&self, source: &Source) -> String {
        self.0.called(source)
    }

    /// Which kind of sensor a rule is for, if it is for one.
    pub fn kind_of_rule(&self, rule: &str) -> Option<SensorKind> {
        self.0.kind_of_rule(rule)
    }
}
