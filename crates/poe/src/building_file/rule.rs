//! A rule, or what differs from it somewhere.

use super::{place, table::Table};
use poe_building::{Class, Group, RuleScope, RuleSetting, Voting};
use poe_wire::SensorKind;
use std::{fmt, time::Duration};

/// Long enough that two detectors of a room see the same fire, unless the file says otherwise.
pub(super) const WINDOW: Duration = Duration::from_secs(10);

pub(super) fn setting(table: &mut Table<'_, '_>) -> RuleSetting {
    let rule = table.needed_text("rule", "smoke");
    RuleSetting {
        scope: scope(table),
        kind: table.word("kind", &SensorKind::ALL),
        at_least: table.byte("at_least"),
        at_most: table.byte("at_most"),
        deadband: table.byte("deadband"),
        class: table.word("class", &ClassOrJournal::ALL).map(|word| word.0),
        priority: table.byte("priority"),
        on_delay: table.secs("on_delay_s"),
        off_delay: table.secs("off_delay_s"),
        latching: table.flag("latching"),
        re_alarm: table.secs_or_never("re_alarm_s"),
        escalation: table.secs_or_never("escalation_s"),
        message: table.text("message"),
        voting: voting(table),
        rule,
    }
}

fn scope(table: &mut Table<'_, '_>) -> RuleScope {
    const PLACES: [&str; 3] = ["place", "node", "sensor"];
    let given: Vec<&'static str> = PLACES.into_iter().filter(|key| table.has(key)).collect();
    if let [first, second, ..] = given[..] {
        table.refuse(
            second,
            format!("there is {first}, too; a rule is set in one place, so write one [[rule]] for each"),
        );
    }
    match given.first() {
        None => RuleScope::Everywhere,
        Some(&"place") => RuleScope::Place(table.text("place").unwrap_or_else(|| "".into())),
        Some(&"node") => RuleScope::Node(place::address(table, "node")),
        Some(_) => RuleScope::Sensor(place::key(table, "sensor")),
    }
}

fn voting(table: &mut Table<'_, '_>) -> Option<Voting> {
    const WAYS: [&str; 3] = ["voting", "coincidence", "cross_zone"];
    let given: Vec<&'static str> = WAYS.into_iter().filter(|key| table.has(key)).collect();
    if let [first, second, ..] = given[..] {
        table.refuse(second, format!("there is {first}, too; choose one"));
    }
    match *given.first()? {
        "voting" => table.word("voting", &Plain::ALL).map(|word| match word {
            Plain::Single => Voting::Single,
            Plain::Verification => Voting::Verification,
        }),
        "coincidence" => {
            let mut inner = table.table("coincidence")?;
            let group = group(&mut inner);
            let count = inner.byte("count");
            let count = inner.needed("count", count, "2", 2);
            let window = inner.secs("window_s").unwrap_or(WINDOW);
            table.close(inner);
            Some(Voting::Coincidence { group, count, window })
        }
        _ => {
            let mut inner = table.table("cross_zone")?;
            let (group, window) = (group(&mut inner), inner.secs("window_s").unwrap_or(WINDOW));
            table.close(inner);
            Some(Voting::CrossZone { group, window })
        }
    }
}

fn group(table: &mut Table<'_, '_>) -> Group {
    let of = table.word("of", &Of::ALL).map(|of| of.0);
    table.needed("of", of, "\"zone\"", Group::Zone)
}

/// The class of a rule as a word; `journal`: no signal.
#[derive(Clone, Copy)]
pub(super) struct ClassOrJournal(pub(super) Option<Class>);

impl ClassOrJournal {
    const ALL: [Self; 4] =
        [Self(Some(Class::Alarm)), Self(Some(Class::Supervisory)), Self(Some(Class::Trouble)), Self(None)];
}

impl fmt::Display for ClassOrJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.map_or("journal", Class::name))
    }
}

/// Ways of voting that are one word.
#[derive(Clone, Copy)]
enum Plain {
    Single,
    Verification,
}

impl Plain {
    const ALL: [Self; 2] = [Self::Single, Self::Verification];
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single => "single",
            Self::Verification => "verification",
        })
    }
}

/// Whose sensors are counted together, as a word.
#[derive(Clone, Copy)]
pub(super) struct Of(pub(super) Group);

impl Of {
    const ALL: [Self; 2] = [Self(Group::Node), Self(Group::Zone)];
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Group::Node => "node",
            Group::Zone => "zone",
        })
    }
}
