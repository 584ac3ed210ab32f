//! Rule settings: each by itself, and what they come to where they hold.

mod alone;
mod chain;
mod combined;
mod together;

use super::{Names, Problems};
use crate::{Model, ProfileName, profile};
use poe_wire::SensorKind;
use std::collections::HashMap;

pub(super) fn check(model: &Model, names: &Names<'_>, problems: &mut Problems) {
    let kinds = kinds(model);
    alone::check(model, names, &kinds, problems);
    together::check(model, names, &kinds, problems);
    combined::check(model, &kinds, problems);
}

/// The kind that each rule is for: the profile's, or what the first setting of a name of people's own says.
type Kinds<'m> = HashMap<&'m str, SensorKind>;

fn kinds(model: &Model) -> Kinds<'_> {
    let mut kinds: Kinds<'_> =
        profile::rules(model.profile).iter().map(|known| (&*known.rule.name, known.kind)).collect();
    for setting in &model.rules {
        if let Some(kind) = setting.kind {
            kinds.entry(&setting.rule).or_insert(kind);
        }
    }
    kinds
}

/// The profile's rule of this name, if it has one.
fn profile_rule(profile: ProfileName, name: &str) -> Option<&'static profile::ProfileRule> {
    profile::rules(profile).iter().find(|known| &*known.rule.name == name)
}
