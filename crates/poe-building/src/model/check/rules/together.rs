//! What the settings of a rule come to, at every place, node and sensor where they meet.

use super::{Kinds, Names, alone, chain::Settings, profile_rule};
use crate::{
    Model, Range, RuleScope, RuleSetting, Voting,
    model::check::{Item, Problems, bounds, words},
};
use poe_wire::SensorKind;
use std::collections::{HashMap, HashSet};

pub(super) fn check(model: &Model, names: &Names<'_>, kinds: &Kinds<'_>, problems: &mut Problems) {
    let settings = Settings::new(model, names);
    let second_looks = SecondLooks::new(model, kinds);
    let mut told = HashSet::new();
    for (at, scope) in meetings(model) {
        let setting = &model.rules[at];
        let chain = settings.chain(&scope);
        let mut found = Vec::new();
        let resolved = settings.resolve(&setting.rule, &chain);
        if resolved.founded {
            found.extend(threshold(setting, resolved.range));
        } else {
            found.push(("rule", alone::unknown(model, &setting.rule)));
        }
        found.extend(second_looks.problem(setting, kinds, &settings, &chain));
        for (field, what) in found {
            // Every sensor that a setting reaches would say the same.
            if told.insert((at, field)) {
                problems.add(Item::Rule(at), field, what);
            }
        }
    }
    rules_of_a_kind(model, kinds, problems);
}

/// Every setting at its own scope; and a node's settings at each of its sensors that is somewhere else than the node.
fn meetings(model: &Model) -> Vec<(usize, RuleScope)> {
    let mut of_nodes: HashMap<_, Vec<usize>> = HashMap::new();
    let mut meetings = Vec::new();
    for (at, setting) in model.rules.iter().enumerate() {
        meetings.push((at, setting.scope.clone()));
        if let RuleScope::Node(address) = setting.scope {
            of_nodes.entry(address).or_default().push(at);
        }
    }
    for sensor in model.sensors.iter().filter(|sensor| sensor.place.is_some()) {
        let settings = of_nodes.get(&sensor.key.address).into_iter().flatten();
        meetings.extend(settings.map(|&at| (at, RuleScope::Sensor(sensor.key))));
    }
    meetings
}

/// A rule must be able to begin, and to end.
fn threshold(setting: &RuleSetting, range: Range) -> Option<(&'static str, String)> {
    let Range { from, to, deadband } = range;
    if from > to {
        let (field, other) =
            if setting.at_least.is_some() { ("at_least", "at_most") } else { ("at_most", "at_least") };
        return Some((field, format!("no value is at least {from} and at most {to}; set {other}, too")));
    }
    let ends = range.ends(0) || range.ends(u8::MAX);
    (!ends).then(|| {
        let field = if setting.deadband.is_some() {
            "deadband"
        } else if setting.at_least.is_some() || setting.at_most.is_none() {
            "at_least"
        } else {
            "at_most"
        };
        let what = match (from, to) {
            (0, u8::MAX) => "every value fulfils it, so it could never end; set at_least or at_most".to_owned(),
            _ => format!(
                "{from} to {to} with a deadband of {deadband} leaves no value that ends it; make the deadband smaller"
            ),
        };
        (field, what)
    })
}

/// Rules that ask for a second look, at the same sensor or at another.
struct SecondLooks<'m> {
    rules: Vec<&'m str>,
}

impl<'m> SecondLooks<'m> {
    fn new(model: &'m Model, kinds: &Kinds<'_>) -> Self {
        let of_smoke = model.rules.iter().filter(|setting| {
            kinds.get(&*setting.rule) == Some(&SensorKind::Smoke) && setting.voting.is_some_and(second_look)
        });
        let mut rules: Vec<&str> = of_smoke.map(|setting| &*setting.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        Self { rules }
    }

    fn problem(
        &self,
        setting: &RuleSetting,
        kinds: &Kinds<'_>,
        settings: &Settings<'_>,
        chain: &[RuleScope],
    ) -> Option<(&'static str, String)> {
        let voting = setting.voting.filter(|&voting| second_look(voting))?;
        let kind = kinds.get(&*setting.rule).copied();
        let verifies = voting == Voting::Verification;
        if verifies && kind != Some(SensorKind::Smoke) {
            let what = "verification is for smoke only, which drifts and comes back; others speak at once";
            return Some(("voting", what.to_owned()));
        }
        if kind != Some(SensorKind::Smoke) {
            return None;
        }
        let conflict = |rule: &&&str| {
            let other = settings.resolve(rule, chain).voting;
            ***rule != *setting.rule && second_look(other) && (other == Voting::Verification) != verifies
        };
        let other = self.rules.iter().find(conflict)?;
        let (field, mine, theirs) = match verifies {
            true => ("voting", "verification", "cross_zone"),
            false => ("cross_zone", "cross_zone", "verification"),
        };
        let other = words::shown(other);
        Some((
            field,
            format!(
                "{mine} never goes together with {theirs}, which rule '{other}' has on the same sensors; choose one"
            ),
        ))
    }
}

fn second_look(voting: Voting) -> bool {
    matches!(voting, Voting::Verification | Voting::CrossZone { .. })
}

fn rules_of_a_kind(model: &Model, kinds: &Kinds<'_>, problems: &mut Problems) {
    let mut count: HashMap<SensorKind, usize> = HashMap::new();
    let mut seen: HashSet<&str> = HashSet::new();
    for (at, setting) in model.rules.iter().enumerate() {
        let name = &*setting.rule;
        let Some(&kind) = kinds.get(name) else { continue };
        if profile_rule(model.profile, name).is_some() || !seen.insert(name) {
            continue;
        }
        let of_the_profile =
            || crate::profile::rules(model.profile).iter().filter(|known| known.kind == kind).count();
        let count = count.entry(kind).or_insert_with(of_the_profile);
        *count += 1;
        if *count > bounds::RULES_OF_A_KIND {
            let most = bounds::RULES_OF_A_KIND;
            let what =
                format!("{kind} has {most} rules already, and every reading is held against all of them");
            problems.add(Item::Rule(at), "rule", what);
        }
    }
}
