//! What a setting says, whatever the others say.

use super::{Kinds, profile_rule};
use crate::{
    Class, Group, Model, RuleScope, RuleSetting, Voting, builtin,
    model::{
        check::{Item, Names, Problems, bounds, items::repeated, places, words},
        nearest,
    },
    profile,
};
use core::time::Duration;

pub(super) fn check(model: &Model, names: &Names<'_>, kinds: &Kinds<'_>, problems: &mut Problems) {
    for (at, setting) in model.rules.iter().enumerate() {
        let item = Item::Rule(at);
        name(setting, item, problems);
        scope(model, names, setting, item, problems);
        if let Some(priority) = setting.priority
            && !bounds::DIGIT.contains(&priority)
        {
            problems.add(item, "priority", format!("must be 1 to 9, not {priority}; 1 goes first"));
        }
        spans(setting, item, problems);
        problems.add_some(item, "message", setting.message.as_deref().and_then(words::title));
        profile_keeps(model, kinds, setting, item, problems);
        voting(setting.voting, item, problems);
    }
    for (at, first) in repeated(model.rules.iter().map(|setting| (&setting.rule, &setting.scope))) {
        let setting = &model.rules[first];
        let said = format!("rule '{}' is set there already; put it all in one", words::shown(&setting.rule));
        problems.add(Item::Rule(at), "rule", said);
    }
}

fn name(setting: &RuleSetting, item: Item, problems: &mut Problems) {
    problems.add_some(item, "rule", words::name(&setting.rule));
    if builtin::rule(&setting.rule).is_some() || setting.rule.starts_with("emergency.") {
        let said =
            format!("'{}' is a rule of the server's own and stays as it is", words::shown(&setting.rule));
        problems.add(item, "rule", said);
    }
}

fn scope(model: &Model, names: &Names<'_>, setting: &RuleSetting, item: Item, problems: &mut Problems) {
    match &setting.scope {
        RuleScope::Everywhere => {}
        RuleScope::Place(place) => {
            places::within(model, names, item, "place", Some(place), problems);
        }
        // A node that nobody described can have rules all the same.
        RuleScope::Node(address) if *address != address.to_canonical() => {
            problems.add(item, "node", format!("write it as {}", address.to_canonical()));
        }
        RuleScope::Sensor(key) if key.address != key.address.to_canonical() => {
            problems.add(item, "sensor", format!("write its node as {}", key.address.to_canonical()));
        }
        RuleScope::Node(_) | RuleScope::Sensor(_) => {}
    }
}

fn spans(setting: &RuleSetting, item: Item, problems: &mut Problems) {
    let mut span = |field, span: Option<Duration>, bounds, why| {
        if let Some(span) = span {
            problems.span(item, field, span, bounds, why);
        }
    };
    span("on_delay_s", setting.on_delay, bounds::DELAY, "what nobody hears of for longer is no alarm");
    span("off_delay_s", setting.off_delay, bounds::DELAY, "what is gone for longer has returned to normal");
    let why = "nobody can answer faster, and after a day it is listed as stale anyway";
    span("re_alarm_s", setting.re_alarm.flatten(), bounds::ANSWER, why);
    span("escalation_s", setting.escalation.flatten(), bounds::ANSWER, why);
}

/// What the profile has decided and nobody changes.
fn profile_keeps(
    model: &Model,
    kinds: &Kinds<'_>,
    setting: &RuleSetting,
    item: Item,
    problems: &mut Problems,
) {
    let name = &*setting.rule;
    match profile_rule(model.profile, name) {
        Some(known) => {
            if setting.kind.is_some_and(|kind| kind != known.kind) {
                let said = format!("rule '{name}' is for {} and keeps its kind; leave kind out", known.kind);
                problems.add(item, "kind", said);
            }
            if known.rule.class == Some(Class::Alarm) && setting.class == Some(None) {
                problems.add(
                    item,
                    "class",
                    format!(
                        "'{name}' raises alarms, and nothing can be suppressed without an end; shelve it, take its \
                         sensors out of service, or make it supervisory"
                    ),
                );
            }
        }
        // A rule of people's own is for one kind, wherever it is refined.
        None => {
            if let Some(first) =
                kinds.get(name).filter(|first| setting.kind.is_some_and(|kind| kind != **first))
            {
                let said = format!(
                    "rule '{}' is for {first} elsewhere; give this one another name",
                    words::shown(name)
                );
                problems.add(item, "kind", said);
            }
        }
    }
}

fn voting(voting: Option<Voting>, item: Item, problems: &mut Problems) {
    let why = "nodes speak about once a second, and an hour later it is another event";
    match voting {
        Some(Voting::Coincidence { group: Group::Node | Group::Zone, count, window }) => {
            if count < 2 {
                let said = format!("must be 2 or more, not {count}; one alone needs no coincidence");
                problems.add(item, "coincidence.count", said);
            }
            problems.span(item, "coincidence.window_s", window, bounds::WINDOW, why);
        }
        Some(Voting::CrossZone { group: Group::Node | Group::Zone, window }) => {
            problems.span(item, "cross_zone.window_s", window, bounds::WINDOW, why);
        }
        Some(Voting::Single | Voting::Verification) | None => {}
    }
}

/// How the missing kind and threshold of a name that the profile does not have are asked for.
pub(super) fn unknown(model: &Model, name: &str) -> String {
    let known = profile::rules(model.profile).iter().map(|known| &*known.rule.name);
    let hint = nearest(name, known).map_or_else(String::new, |near| format!(" (did you mean '{near}'?)"));
    let (profile, name) = (model.profile, words::shown(name));
    format!(
        "profile {profile} has no rule '{name}'{hint}; a rule of your own needs kind, and at_least or at_most"
    )
}
