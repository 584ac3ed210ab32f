//! The two sets of rules that come with the product.

use crate::{Class, ProfileName, Range, Rule, Status, Voting};
use core::time::Duration;
use poe_wire::SensorKind;
use std::sync::Arc;
use std::sync::LazyLock;

/// A rule and the kind of sensor that it is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProfileRule {
    /// Which sensors.
    pub kind: SensorKind,
    /// What it says.
    pub rule: Arc<Rule>,
}

/// Nobody has acknowledged an alarm for so long: the next groups are told.
const ESCALATION: Duration = Duration::from_secs(300);
/// Motion that pauses for less than this is one observation, since a detector falls back after some seconds.
const MOTION_PAUSE: Duration = Duration::from_secs(60);
/// Smoke that is gone sooner than this was somebody's toast.
const SMOKE_DELAY: Duration = Duration::from_secs(4);

static BUILDING: LazyLock<Vec<ProfileRule>> = LazyLock::new(|| {
    use SensorKind::{Fire, Humidity, Motion, Smoke, Temperature};
    vec![
        latched(alarm(Fire, "fire", Range::only(0), "flame")),
        on_delay(
            supervisory(
                Smoke,
                "smoke-warning",
                Range { deadband: 10, ..Range::at_least(160) },
                Status::Warning,
                "smoke",
            ),
            SMOKE_DELAY,
        ),
        latched(alarm(Smoke, "smoke", Range::at_least(200), "dense smoke")),
        supervisory(Temperature, "temperature-warning", Range::at_least(110), Status::Warning, "heat"),
        alarm(Temperature, "temperature", Range::at_least(135), "great heat"),
        supervisory(Humidity, "humidity", Range::at_least(80), Status::Warning, "humid air"),
        journalled(Motion, "motion", Range::only(1), Status::Normal, "motion"),
    ]
});

static IIT_2022: LazyLock<Vec<ProfileRule>> = LazyLock::new(|| {
    use SensorKind::{Fire, Humidity, Motion, Smoke, Temperature};
    vec![
        latched(alarm(Fire, "fire", Range::only(0), "flame")),
        supervisory(
            Smoke,
            "smoke-warning",
            Range { to: 199, ..Range::at_least(160) },
            Status::Warning,
            "smoke",
        ),
        latched(alarm(Smoke, "smoke", Range::at_least(200), "dense smoke")),
        alarm(Temperature, "temperature", Range::at_least(83), "heat"),
        supervisory(Humidity, "humidity", Range::at_least(80), Status::Critical, "humid air"),
        journalled(Motion, "motion", Range::only(1), Status::Critical, "motion"),
    ]
});

/// The rules of a profile.
pub fn rules(profile: ProfileName) -> &'static [ProfileRule] {
    match profile {
        ProfileName::Building => &BUILDING,
        ProfileName::Iit2022 => &IIT_2022,
    }
}

/// A rule that says nothing special.
pub(crate) fn plain(name: &str, class: Option<Class>, message: &str) -> Rule {
    Rule {
        name: name.into(),
        class,
        priority: class.map_or(9, Class::priority),
        level: Status::Normal,
        range: Range::only(0),
        on_delay: Duration::ZERO,
        off_delay: Duration::ZERO,
        latching: false,
        re_alarm: None,
        escalation: (class == Some(Class::Alarm)).then_some(ESCALATION),
        message: message.into(),
        voting: Voting::Single,
    }
}

fn rule(
    kind: SensorKind,
    name: &str,
    class: Option<Class>,
    range: Range,
    level: Status,
    message: &str,
) -> ProfileRule {
    ProfileRule { kind, rule: Arc::new(Rule { range, level, ..plain(name, class, message) }) }
}

fn alarm(kind: SensorKind, name: &str, range: Range, message: &str) -> ProfileRule {
    rule(kind, name, Some(Class::Alarm), range, Status::Critical, message)
}

fn supervisory(kind: SensorKind, name: &str, range: Range, level: Status, message: &str) -> ProfileRule {
    rule(kind, name, Some(Class::Supervisory), range, level, message)
}

fn journalled(kind: SensorKind, name: &str, range: Range, level: Status, message: &str) -> ProfileRule {
    let observed = rule(kind, name, None, range, level, message);
    change(observed, |rule| rule.off_delay = MOTION_PAUSE)
}

fn latched(from: ProfileRule) -> ProfileRule {
    change(from, |rule| rule.latching = true)
}

fn on_delay(from: ProfileRule, delay: Duration) -> ProfileRule {
    change(from, |rule| rule.on_delay = delay)
}

fn change(ProfileRule { kind, rule }: ProfileRule, how: impl FnOnce(&mut Rule)) -> ProfileRule {
    let mut rule = Arc::unwrap_or_clone(rule);
    how(&mut rule);
    ProfileRule { kind, rule: Arc::new(rule) }
}
