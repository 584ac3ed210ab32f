//! The fields of what is there, and of rules, as the journal shows them.

use super::{Compared, Subject};
use crate::{
    Group, Model, NodeInfo, Place, RuleScope, RuleSetting, SensorInfo, SensorKey, Source, Supervision,
    Switch, Text, Voting, model::check::words::secs,
};
use core::{net::IpAddr, time::Duration};

/// A field's name and its value, if it has one.
pub(super) type Field = (&'static str, Option<String>);

/// What a model says of the site as a whole.
pub(super) struct Site<'m>(pub(super) &'m Model);

impl PartialEq for Site<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.fields() == other.fields()
    }
}

impl Compared for Site<'_> {
    type Key<'a>
        = ()
    where
        Self: 'a;
    const SUBJECT: Subject = Subject::Model;

    fn key(&self) {}

    fn name(&self) -> String {
        format!("site {}", self.0.site)
    }

    fn source(&self) -> Option<Source> {
        Some(Source::Place(self.0.site.clone()))
    }

    fn fields(&self) -> Vec<Field> {
        let Supervision { late, trouble } = self.0.supervision;
        vec![
            ("name", Some(self.0.site.to_string())),
            ("profile", Some(self.0.profile.to_string())),
            ("enrolment", Some(self.0.enrolment.to_string())),
            ("late", Some(secs(late))),
            ("trouble", Some(secs(trouble))),
            ("shelving_max", Some(secs(self.0.shelving_max))),
        ]
    }
}

impl Compared for Place {
    type Key<'a> = &'a str;
    const SUBJECT: Subject = Subject::Model;

    fn key(&self) -> &str {
        &self.name
    }

    fn name(&self) -> String {
        format!("place {}", self.name)
    }

    fn source(&self) -> Option<Source> {
        Some(Source::Place(self.name.clone()))
    }

    fn fields(&self) -> Vec<Field> {
        let Self { name: _, kind, within, title } = self;
        vec![("kind", Some(kind.to_string())), ("within", plain(within)), ("title", quoted(title))]
    }
}

impl Compared for Switch {
    type Key<'a> = &'a str;
    const SUBJECT: Subject = Subject::Model;

    fn key(&self) -> &str {
        &self.name
    }

    fn name(&self) -> String {
        format!("switch {}", self.name)
    }

    fn source(&self) -> Option<Source> {
        Some(Source::Switch(self.name.clone()))
    }

    fn fields(&self) -> Vec<Field> {
        let Self { name: _, place, fed_by, port } = self;
        vec![("place", plain(place)), ("fed_by", plain(fed_by)), ("port", quoted(port))]
    }
}

impl Compared for NodeInfo {
    type Key<'a> = IpAddr;
    const SUBJECT: Subject = Subject::Model;

    fn key(&self) -> IpAddr {
        self.address
    }

    fn name(&self) -> String {
        format!("node {}", self.address)
    }

    fn source(&self) -> Option<Source> {
        Some(Source::Node(self.address))
    }

    fn fields(&self) -> Vec<Field> {
        let Self { address: _, name, place, fed_by, port, supervision } = self;
        vec![
            ("name", quoted(name)),
            ("place", plain(place)),
            ("switch", plain(fed_by)),
            ("port", quoted(port)),
            ("late", supervision.map(|it| secs(it.late))),
            ("trouble", supervision.map(|it| secs(it.trouble))),
        ]
    }
}

impl Compared for SensorInfo {
    type Key<'a> = SensorKey;
    const SUBJECT: Subject = Subject::Model;

    fn key(&self) -> SensorKey {
        self.key
    }

    fn name(&self) -> String {
        format!("sensor {}", self.key)
    }

    fn source(&self) -> Option<Source> {
        Some(Source::Sensor(self.key))
    }

    fn fields(&self) -> Vec<Field> {
        let Self { key: _, name, place } = self;
        vec![("name", quoted(name)), ("place", plain(place))]
    }
}

impl Compared for RuleSetting {
    type Key<'a> = (&'a str, &'a RuleScope);
    const SUBJECT: Subject = Subject::Rule;

    fn key(&self) -> (&str, &RuleScope) {
        (&self.rule, &self.scope)
    }

    fn name(&self) -> String {
        match &self.scope {
            RuleScope::Everywhere => format!("rule {}", self.rule),
            RuleScope::Place(place) => format!("rule {} in {place}", self.rule),
            RuleScope::Node(address) => format!("rule {} on {address}", self.rule),
            RuleScope::Sensor(key) => format!("rule {} for {key}", self.rule),
        }
    }

    fn source(&self) -> Option<Source> {
        match &self.scope {
            RuleScope::Everywhere => None,
            RuleScope::Place(place) => Some(Source::Place(place.clone())),
            RuleScope::Node(address) => Some(Source::Node(*address)),
            RuleScope::Sensor(key) => Some(Source::Sensor(*key)),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let or_never = |span: Option<Duration>| span.map_or_else(|| "never".to_owned(), secs);
        vec![
            ("kind", self.kind.map(|kind| kind.to_string())),
            ("at_least", self.at_least.map(|value| value.to_string())),
            ("at_most", self.at_most.map(|value| value.to_string())),
            ("deadband", self.deadband.map(|value| value.to_string())),
            (
                "class",
                self.class.map(|class| class.map_or_else(|| "journal".to_owned(), |it| it.to_string())),
            ),
            ("priority", self.priority.map(|priority| priority.to_string())),
            ("on_delay", self.on_delay.map(secs)),
            ("off_delay", self.off_delay.map(secs)),
            ("latching", self.latching.map(|latching| latching.to_string())),
            ("re_alarm", self.re_alarm.map(or_never)),
            ("escalation", self.escalation.map(or_never)),
            ("message", quoted(&self.message)),
            ("voting", self.voting.map(voting)),
        ]
    }
}

fn plain(name: &Option<Text>) -> Option<String> {
    name.as_ref().map(ToString::to_string)
}

pub(super) fn quoted(text: &Option<Text>) -> Option<String> {
    text.as_ref().map(|text| format!("{text:?}"))
}

fn voting(voting: Voting) -> String {
    let of = |group| match group {
        Group::Node => "node",
        Group::Zone => "zone",
    };
    match voting {
        Voting::Single => "single".to_owned(),
        Voting::Coincidence { group, count, window } => {
            format!("{count} of a {} within {}", of(group), secs(window))
        }
        Voting::CrossZone { group, window } => format!("two of a {} within {}", of(group), secs(window)),
        Voting::Verification => "verification".to_owned(),
    }
}
