//! `/api/v1/rules/{rule}` and `/api/v1/profile`: what makes an alarm, changed.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use poe_building::{Class, Group, Item, Model, RuleScope, RuleSetting, Text, Voting};
use poe_wire::SensorKind;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::answer::Answer;
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::{Problem, ProblemView};
use crate::request::{self, Path, Seconds, SecondsOrNever};
use crate::routes::table::Routes;
use crate::routes::v1::edit::{Edit, edit};
use crate::routes::v1::nodes;
use crate::routes::v1::versions::Changed;
use crate::words::{ProfileNameWord, SensorKindWord, Word};

/// Long enough that two detectors of a room see the same fire, unless a setting says otherwise.
const WINDOW: Duration = Duration::from_secs(10);

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::ENGINEER, routes!(replace))
        .add(Policy::ENGINEER, routes!(remove))
        .add(Policy::ENGINEER, routes!(set_profile))
}

/// Where a setting holds: one of these, or everywhere.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Where {
    /// In this place, and in every place in it.
    place: Option<String>,
    /// On this node: its address or its name.
    node: Option<String>,
    /// For this sensor: its `ip_id`.
    sensor: Option<String>,
}

impl Where {
    fn scope(&self, model: &Model) -> Result<RuleScope, Problem> {
        match (&self.place, &self.node, &self.sensor) {
            (None, None, None) => Ok(RuleScope::Everywhere),
            (Some(place), None, None) => Ok(RuleScope::Place(place.as_str().into())),
            (None, Some(node), None) => {
                let unknown = || Problem::unfit("node", "There is no node of this address or name.");
                nodes::address(node, model).map(RuleScope::Node).ok_or_else(unknown)
            }
            (None, None, Some(sensor)) => {
                let unfit = |_| Problem::unfit("sensor", "A sensor is named like 10.89.21.188_9.");
                sensor.parse().map(RuleScope::Sensor).map_err(unfit)
            }
            _ => Err(Problem::unfit(
                "place",
                "A setting holds in one place: give one of place, node and sensor.",
            )),
        }
    }
}

/// What differs from the rule as it is further out. What is left out, or null, stays as it is there.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SettingBody {
    /// For which sensors. A rule of the profile keeps its kind.
    kind: Option<SensorKindWord>,
    /// Fulfilled by this value or more,
    at_least: Option<u8>,
    /// or by this value or less.
    at_most: Option<u8>,
    /// Once fulfilled, a value must be farther away than this to end it.
    deadband: Option<u8>,
    class: Option<ClassOrJournal>,
    /// Within the class, 1 before 9.
    #[schema(minimum = 1, maximum = 9)]
    priority: Option<u8>,
    on_delay_s: Option<Seconds>,
    off_delay_s: Option<Seconds>,
    latching: Option<bool>,
    re_alarm_s: Option<SecondsOrNever>,
    escalation_s: Option<SecondsOrNever>,
    #[schema(value_type = Option<String>, max_length = 200)]
    message: Option<Text>,
    voting: Option<VotingBody>,
}

/// The signal that a rule raises; `journal`: none, it is written down only.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ClassOrJournal {
    Alarm,
    Supervisory,
    Trouble,
    Journal,
}

/// How many sensors have to agree.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = VotingSetting)]
enum VotingBody {
    /// Each speaks for itself.
    Single,
    /// So many of the group within the window, 10 s unless it is given.
    Coincidence { group: GroupWord, count: u8, window_s: Option<Seconds> },
    /// Two different detectors of the group within the window, 10 s unless it is given.
    CrossZone { group: GroupWord, window_s: Option<Seconds> },
    /// A second look at the same sensor.
    Verification,
}

/// Whose sensors are counted together.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VotingGroup)]
enum GroupWord {
    Node,
    Zone,
}

impl SettingBody {
    fn setting(self, rule: &str, scope: RuleScope) -> RuleSetting {
        let span = |seconds: Option<Seconds>| seconds.map(|Seconds(span)| span);
        RuleSetting {
            rule: rule.into(),
            scope,
            kind: self.kind.map(|Word(kind): Word<SensorKind>| kind),
            at_least: self.at_least,
            at_most: self.at_most,
            deadband: self.deadband,
            class: self.class.map(ClassOrJournal::class),
            priority: self.priority,
            on_delay: span(self.on_delay_s),
            off_delay: span(self.off_delay_s),
            latching: self.latching,
            re_alarm: self.re_alarm_s.map(|SecondsOrNever(span)| span),
            escalation: self.escalation_s.map(|SecondsOrNever(span)| span),
            message: self.message,
            voting: self.voting.map(VotingBody::voting),
        }
    }
}

impl ClassOrJournal {
    fn class(self) -> Option<Class> {
        match self {
            ClassOrJournal::Alarm => Some(Class::Alarm),
            ClassOrJournal::Supervisory => Some(Class::Supervisory),
            ClassOrJournal::Trouble => Some(Class::Trouble),
            ClassOrJournal::Journal => None,
        }
    }
}

impl VotingBody {
    fn voting(self) -> Voting {
        let span = |seconds: Option<Seconds>| seconds.map_or(WINDOW, |Seconds(span)| span);
        let group = |group: GroupWord| match group {
            GroupWord::Node => Group::Node,
            GroupWord::Zone => Group::Zone,
        };
        match self {
            VotingBody::Single => Voting::Single,
            VotingBody::Coincidence { group: of, count, window_s } => {
                Voting::Coincidence { group: group(of), count, window: span(window_s) }
            }
            VotingBody::CrossZone { group: of, window_s } => {
                Voting::CrossZone { group: group(of), window: span(window_s) }
            }
            VotingBody::Verification => Voting::Verification,
        }
    }
}

/// Sets a rule there: one of the profile, or one of your own. The ETag is the version of all that people say about the
/// building.
#[utoipa::path(put, path = "/api/v1/rules/{rule}", tag = "rules", operation_id = "set_rule",
    params(("rule" = String, Path, description = "The rule's name."), Where,
        ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = SettingBody,
    responses(
        (status = 200, description = "It is in force.", body = Changed, headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn replace(
    State(door): State<Door>,
    caller: Known,
    Path(rule): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let at: Where = request::query(&uri)?;
    let body: SettingBody = request::json(request).await?;
    let change = move |model: &mut Model| -> Edit {
        let setting = body.clone().setting(&rule, at.scope(model)?);
        let place = match find(model, &rule, &setting.scope) {
            Some(place) => {
                model.rules[place] = setting;
                place
            }
            None => {
                model.rules.push(setting);
                model.rules.len() - 1
            }
        };
        Ok(Some(Item::Rule(place)))
    };
    let (version, ordered) = edit(&door, &caller, &headers, change).await?;
    Ok(Changed::answer(version, ordered))
}

/// The rule is there again as it is further out.
#[utoipa::path(delete, path = "/api/v1/rules/{rule}", tag = "rules", operation_id = "unset_rule",
    params(("rule" = String, Path, description = "The rule's name."), Where,
        ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    responses(
        (status = 200, description = "It is no longer set there.", body = Changed, headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn remove(
    State(door): State<Door>,
    caller: Known,
    Path(rule): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let at: Where = request::query(&uri)?;
    request::nothing(request).await?;
    let change = move |model: &mut Model| -> Edit {
        let unknown = || Problem::new(StatusCode::NOT_FOUND, "This rule is not set there.");
        let place = find(model, &rule, &at.scope(model)?).ok_or_else(unknown)?;
        model.rules.remove(place);
        Ok(None)
    };
    let (version, ordered) = edit(&door, &caller, &headers, change).await?;
    Ok(Changed::answer(version, ordered))
}

/// The rules to begin with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProfileBody {
    profile: ProfileNameWord,
}

/// Puts the rules of this profile in force; what is set beside them stays.
#[utoipa::path(put, path = "/api/v1/profile", tag = "rules", operation_id = "set_profile",
    params(("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = ProfileBody,
    responses(
        (status = 200, description = "It is in force.", body = Changed, headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn set_profile(
    State(door): State<Door>,
    caller: Known,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let ProfileBody { profile: Word(profile) } = request::json(request).await?;
    let change = move |model: &mut Model| -> Edit {
        model.profile = profile;
        Ok(Some(Item::Site))
    };
    let (version, ordered) = edit(&door, &caller, &headers, change).await?;
    Ok(Changed::answer(version, ordered))
}

fn find(model: &Model, rule: &str, scope: &RuleScope) -> Option<usize> {
    model.rules.iter().position(|setting| *setting.rule == *rule && setting.scope == *scope)
}
