//! The rules: those of the profile in force, and what people have set beside them.

use std::time::Duration;

use poe_building::{Class, Group, Model, ProfileRule, RuleScope, RuleSetting, Text, Voting, profile_rules};
use poe_wire::SensorKind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::Page;
use crate::request::PartOfList;
use crate::words::{ClassWord, ProfileNameWord, SensorKindWord};

/// What makes an alarm: the rules of the profile, and the settings that refine them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rules)]
pub(crate) struct RulesView {
    #[schema(value_type = ProfileNameWord)]
    profile: &'static str,
    version: u64,
    /// The profile's rules, or a page of them.
    items: Vec<RuleView>,
    /// What differs from them, and where.
    settings: Vec<SettingView>,
    /// Given as `after`, the list goes on from here; nothing: it is at its end.
    next: Option<u64>,
}

impl RulesView {
    /// With the settings whose scope somebody sees, all of them beside each page.
    pub(crate) fn new(model: &Model, sees: impl Fn(&RuleScope) -> bool, part: &PartOfList) -> Self {
        let Page { items, next } = part.page(profile_rules(model.profile).iter().map(RuleView::from));
        RulesView {
            profile: model.profile.name(),
            version: model.version,
            items,
            settings: model.rules.iter().filter(|set| sees(&set.scope)).map(SettingView::from).collect(),
            next,
        }
    }
}

/// A rule of the profile. Spans are in seconds; null: never.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rule)]
struct RuleView {
    #[schema(value_type = String)]
    rule: Text,
    #[schema(value_type = SensorKindWord)]
    kind: &'static str,
    /// Null: it is journalled only.
    #[schema(value_type = Option<ClassWord>)]
    class: Option<&'static str>,
    priority: u8,
    status: &'static str,
    from: u8,
    to: u8,
    deadband: u8,
    on_delay_s: f64,
    off_delay_s: f64,
    latching: bool,
    re_alarm_s: Option<f64>,
    escalation_s: Option<f64>,
    #[schema(value_type = String)]
    message: Text,
    voting: VotingView,
}

impl From<&ProfileRule> for RuleView {
    fn from(ProfileRule { kind, rule }: &ProfileRule) -> Self {
        RuleView {
            rule: rule.name.clone(),
            kind: kind.name(),
            class: rule.class.map(Class::name),
            priority: rule.priority,
            status: rule.level.name(),
            from: rule.range.from,
            to: rule.range.to,
            deadband: rule.range.deadband,
            on_delay_s: rule.on_delay.as_secs_f64(),
            off_delay_s: rule.off_delay.as_secs_f64(),
            latching: rule.latching,
            re_alarm_s: rule.re_alarm.as_ref().map(Duration::as_secs_f64),
            escalation_s: rule.escalation.as_ref().map(Duration::as_secs_f64),
            message: rule.message.clone(),
            voting: rule.voting.into(),
        }
    }
}

/// What differs from a rule of the profile, and where. What is null stays as it is further out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleSetting)]
struct SettingView {
    #[schema(value_type = String)]
    rule: Text,
    /// `everywhere`, `place`, `node` or `sensor`.
    scope_kind: &'static str,
    scope: Option<String>,
    #[schema(value_type = Option<SensorKindWord>)]
    kind: Option<&'static str>,
    /// A class, or `journal`: it is journalled only.
    class: Option<&'static str>,
    priority: Option<u8>,
    at_least: Option<u8>,
    at_most: Option<u8>,
    deadband: Option<u8>,
    on_delay_s: Option<f64>,
    off_delay_s: Option<f64>,
    latching: Option<bool>,
    re_alarm_s: Option<Span>,
    escalation_s: Option<Span>,
    #[schema(value_type = Option<String>)]
    message: Option<Text>,
    voting: Option<VotingView>,
}

/// The word for a signal that is none.
const JOURNAL: &str = "journal";

/// Seconds, or `never`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SpanOrNever)]
#[serde(untagged)]
enum Span {
    Seconds(f64),
    Never(&'static str),
}

impl Span {
    fn new(span: Option<Duration>) -> Self {
        span.map_or(Span::Never("never"), |span| Span::Seconds(span.as_secs_f64()))
    }
}

impl From<&RuleSetting> for SettingView {
    fn from(set: &RuleSetting) -> Self {
        let (scope_kind, scope) = match &set.scope {
            RuleScope::Everywhere => ("everywhere", None),
            RuleScope::Place(name) => ("place", Some(name.to_string())),
            RuleScope::Node(address) => ("node", Some(address.to_string())),
            RuleScope::Sensor(key) => ("sensor", Some(key.to_string())),
        };
        SettingView {
            rule: set.rule.clone(),
            scope_kind,
            scope,
            kind: set.kind.map(SensorKind::name),
            class: set.class.map(|class| class.map_or(JOURNAL, |class| class.name())),
            priority: set.priority,
            at_least: set.at_least,
            at_most: set.at_most,
            deadband: set.deadband,
            on_delay_s: set.on_delay.as_ref().map(Duration::as_secs_f64),
            off_delay_s: set.off_delay.as_ref().map(Duration::as_secs_f64),
            latching: set.latching,
            re_alarm_s: set.re_alarm.map(Span::new),
            escalation_s: set.escalation.map(Span::new),
            message: set.message.clone(),
            voting: set.voting.map(VotingView::from),
        }
    }
}

/// How many sensors have to agree.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Voting)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum VotingView {
    Single,
    Coincidence { group: &'static str, count: u8, window_s: f64 },
    CrossZone { group: &'static str, window_s: f64 },
    Verification,
}

impl From<Voting> for VotingView {
    fn from(voting: Voting) -> Self {
        let word = |group: Group| match group {
            Group::Node => "node",
            Group::Zone => "zone",
        };
        match voting {
            Voting::Single => VotingView::Single,
            Voting::Coincidence { group, count, window } => {
                VotingView::Coincidence { group: word(group), count, window_s: window.as_secs_f64() }
            }
            Voting::CrossZone { group, window } => {
                VotingView::CrossZone { group: word(group), window_s: window.as_secs_f64() }
            }
            Voting::Verification => VotingView::Verification,
        }
    }
}
