//! From a sensor outwards: who refines whom.

use super::{Names, profile_rule};
use crate::{Model, PlaceKind, Range, RuleScope, RuleSetting, SensorKey, Text, Voting};
use core::net::IpAddr;
use std::collections::HashMap;

/// Every setting by its rule and where it holds.
pub(super) struct Settings<'m> {
    model: &'m Model,
    names: &'m Names<'m>,
    at: HashMap<(&'m str, &'m RuleScope), usize>,
}

/// What a rule comes to somewhere.
pub(super) struct Resolved {
    /// Whether the profile or a setting that stands alone says what it is.
    pub(super) founded: bool,
    /// The values that fulfil it.
    pub(super) range: Range,
    /// How many sensors have to agree, and which setting says so, if one does.
    pub(super) voting: Voting,
}

impl<'m> Settings<'m> {
    pub(super) fn new(model: &'m Model, names: &'m Names<'m>) -> Self {
        let at = model.rules.iter().enumerate().map(|(at, setting)| ((&*setting.rule, &setting.scope), at));
        Self { model, names, at: at.collect() }
    }

    /// The setting of a rule at exactly this scope.
    pub(super) fn get(&self, rule: &str, scope: &RuleScope) -> Option<&'m RuleSetting> {
        self.at.get(&(rule, scope)).map(|&at| &self.model.rules[at])
    }

    /// The scopes that reach a thing, from the outermost inwards.
    pub(super) fn chain(&self, scope: &RuleScope) -> Vec<RuleScope> {
        let mut outwards = Vec::new();
        match scope {
            RuleScope::Everywhere => {}
            RuleScope::Place(place) => self.places(Some(place), &mut outwards),
            RuleScope::Node(address) => {
                outwards.push(scope.clone());
                self.places(self.place_of_node(*address), &mut outwards);
            }
            RuleScope::Sensor(key) => {
                outwards.extend([scope.clone(), RuleScope::Node(key.address)]);
                self.places(self.place_of_sensor(*key), &mut outwards);
            }
        }
        outwards.push(RuleScope::Everywhere);
        outwards.reverse();
        outwards
    }

    /// What the rule comes to where this chain leads.
    pub(super) fn resolve(&self, rule: &str, chain: &[RuleScope]) -> Resolved {
        const EVERY_VALUE: Range = Range::at_least(0);
        let known = profile_rule(self.model.profile, rule).map(|known| &known.rule);
        let mut resolved = Resolved {
            founded: known.is_some(),
            range: known.map_or(EVERY_VALUE, |known| known.range),
            voting: known.map_or(Voting::Single, |known| known.voting),
        };
        let mut outermost = known.is_none();
        for setting in chain.iter().filter_map(|scope| self.get(rule, scope)) {
            if outermost {
                let threshold = setting.at_least.is_some() || setting.at_most.is_some();
                resolved.founded = setting.kind.is_some() && threshold;
                outermost = false;
            }
            let range = &mut resolved.range;
            range.from = setting.at_least.unwrap_or(range.from);
            range.to = setting.at_most.unwrap_or(range.to);
            range.deadband = setting.deadband.unwrap_or(range.deadband);
            resolved.voting = setting.voting.unwrap_or(resolved.voting);
        }
        resolved
    }

    fn place_of_node(&self, address: IpAddr) -> Option<&'m Text> {
        self.names.nodes.get(&address).and_then(|&at| self.model.nodes[at].place.as_ref())
    }

    fn place_of_sensor(&self, key: SensorKey) -> Option<&'m Text> {
        let own = self.names.sensors.get(&key).and_then(|&at| self.model.sensors[at].place.as_ref());
        own.or_else(|| self.place_of_node(key.address))
    }

    /// The place and those around it. More than there are kinds of place can only be a mistake, told elsewhere.
    fn places(&self, place: Option<&Text>, outwards: &mut Vec<RuleScope>) {
        let mut next = place.cloned();
        for _ in PlaceKind::ALL {
            let Some(name) = next else { return };
            next = self.names.places.get(&*name).and_then(|&at| self.model.places[at].within.clone());
            outwards.push(RuleScope::Place(name));
        }
    }
}
