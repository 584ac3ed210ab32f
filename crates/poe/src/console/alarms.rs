//! `a`: what stands, the most important first.

use super::{
    command::{Command, Entry, Mistake},
    filter::Filter,
    names::{called, state, value},
    plain::{plain, printable},
    table::{Column, ROWS_MAX, footer, whole_table},
    when::When,
};
use poe::{Alarm, Class, Source, Suppression};
use poe_api::AlarmFigures;
use poe_building::Directory;
use std::{str::SplitWhitespace, time::Duration};

/// Who has been active for so long has become part of the furniture, and nobody looks any more.
const STALE_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Which signals a person wants to see.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Wanted {
    /// The first of them, as many as a screen bears.
    First,
    All,
    Class(Class),
    /// Those of an address, a sensor, a place or a switch.
    About(String),
}

pub(super) fn read(entry: &Entry, mut words: SplitWhitespace<'_>) -> Result<Command, Mistake> {
    let wanted = words.next().map_or(Wanted::First, |word| match word.to_ascii_lowercase().as_str() {
        "all" => Wanted::All,
        lower => lower.parse().map_or_else(|_| Wanted::About(word.to_owned()), Wanted::Class),
    });
    entry.alone(words, Command::Alarms(wanted))
}

/// What stands, and the suppressions and the flood that belong to the picture.
pub(super) struct Standing<'a> {
    pub(super) alarms: &'a [Alarm],
    pub(super) suppressions: &'a [Suppression],
    pub(super) flood: bool,
}

pub(super) fn answer(standing: &Standing<'_>, wanted: &Wanted, names: &Directory, when: &When) -> String {
    let head = head(standing);
    let found: Vec<_> = standing.alarms.iter().filter(|alarm| is_wanted(alarm, wanted, names)).collect();
    if found.is_empty() {
        return match wanted {
            Wanted::First | Wanted::All => format!("nothing is signalled: {head}"),

            Wanted::Class(class) => format!("{head}\nno {class} signal stands"),
            Wanted::About(word) => {
                format!("{head}\nnothing stands about `{}`; `a` shows all", printable(word))
            }
        };
    }
    let columns = [
        Column::Number("id"),
        Column::Text("class"),
        Column::Text("state"),
        Column::Text("source"),
        Column::Text("message"),
        Column::Text("value"),
        Column::Text("since"),
        Column::Text(""),
        Column::Text(""),
    ];
    let rows_max = if *wanted == Wanted::All { usize::MAX } else { ROWS_MAX };
    let rows = found.iter().take(rows_max).map(|alarm| {
        let raised = alarm.raised.unwrap_or(alarm.since);
        [
            alarm.id.to_string(),
            alarm.class.to_string(),
            state(alarm.state),
            called(names, &alarm.source),
            plain(&alarm.message),
            value(alarm, names),
            when.clock(raised),
            when.ago(Some(raised)),
            remarks(alarm, standing.suppressions, names, when).join(", "),
        ]
    });
    let rows = whole_table(&columns, rows);
    let shown = if *wanted == Wanted::All { 0 } else { found.len() };
    let footer = match shown {
        0 => super::table::counted(found.len(), "signal"),
        shown => footer(shown, "signal", "`a all` shows all"),
    };
    format!("{head}\n{rows}\n{footer}, times in {}", when.zone())
}

/// How much stands, in one line.
fn head(standing: &Standing<'_>) -> String {
    let figures = AlarmFigures::of(standing.alarms);
    let active = by_class(|class| figures.active(class));
    let unacknowledged = by_class(|class| figures.unacknowledged(class));
    let suppressed = by_class(|class| figures.quiet[class as usize]);
    let flood = if standing.flood { "; FLOOD: more alarms come than a person can follow" } else { "" };
    format!("{active} active, {unacknowledged} unacknowledged, {suppressed} suppressed{flood}")
}

/// `3 (2 alarm, 1 trouble)`.
fn by_class(count: impl Fn(Class) -> u64) -> String {
    let counts = Class::ALL.map(|class| (class, count(class)));
    let parts: Vec<_> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(class, count)| format!("{count} {class}"))
        .collect();
    if parts.is_empty() {
        return "0".to_owned();
    }
    let all: u64 = counts.iter().map(|(_, count)| count).sum();
    format!("{all} ({})", parts.join(", "))
}

fn is_wanted(alarm: &Alarm, wanted: &Wanted, names: &Directory) -> bool {
    match wanted {
        Wanted::First | Wanted::All => true,
        Wanted::Class(class) => alarm.class == *class,
        Wanted::About(word) => {
            let filter = Filter::new(word);
            let named = match &alarm.source {
                Source::Sensor(key) => filter.has_sensor(key.address, &key.to_string()),
                Source::Node(address) => filter.has_node(*address),
                Source::Place(_) | Source::Switch(_) | Source::System => false,
            };
            named || names.path(&alarm.source).iter().any(|at| at.to_string().eq_ignore_ascii_case(word))
        }
    }
}

/// What else there is to know of an alarm.
fn remarks(alarm: &Alarm, suppressions: &[Suppression], names: &Directory, when: &When) -> Vec<String> {
    let mut remarks = Vec::new();
    if alarm.first_out {
        remarks.push("FIRST-OUT".to_owned());
    }
    if alarm.state.is_active() && when.moment().since(alarm.raised.unwrap_or(alarm.since)) >= STALE_AFTER {
        remarks.push("STALE".to_owned());
    }
    if let Some((who, time)) = &alarm.acknowledged {
        remarks.push(format!("seen by {} {}", plain(&who.name), when.clock(*time)));
    }
    if alarm.quiet.is_some() {
        remarks.push(quiet(alarm, suppressions, names, when));
    } else if alarm.is_loud() && !alarm.audible {
        remarks.push("silenced".to_owned());
    }
    remarks
}

/// `shelved by alice until 15:00:00: the oven is being cleaned`.
fn quiet(alarm: &Alarm, suppressions: &[Suppression], names: &Directory, when: &When) -> String {
    let path = names.path(&alarm.source);
    let covers = |suppression: &&Suppression| {
        Some(suppression.kind) == alarm.quiet
            && suppression.rule.as_ref().is_none_or(|rule| *rule == alarm.rule)
            && path.contains(&suppression.source)
    };
    let word = alarm.quiet.map_or("quiet", poe::Quiet::name).replace('_', " ");
    let Some(suppression) = suppressions.iter().find(covers) else { return word };
    let by = match suppression.kind {
        poe::Quiet::SuppressedByDesign => String::new(),
        poe::Quiet::Shelved | poe::Quiet::OutOfService => format!(" by {}", plain(&suppression.owner.name)),
    };
    let until = suppression.ends.map(|ends| format!(" until {}", when.clock(ends.time))).unwrap_or_default();
    format!("{word}{by}{until}: {}", plain(&suppression.reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::sample;
    use expect_test::expect;
    use poe::{AlarmId, Quiet, State, Who};
    use poe_building::{Moment, SuppressionId};

    fn standing(when: &When) -> (Vec<Alarm>, Vec<Suppression>) {
        let bob = Who::new("bob\u{7}", "console");
        let stove = Source::Sensor("10.89.21.188_9".parse().unwrap());
        let yesterday = when.seconds_before(90_000);
        let alarms = vec![
            Alarm { first_out: true, ..sample::flame(12, when) },
            Alarm {
                state: State::LatchedAcknowledged,
                acknowledged: Some((bob.clone(), when.seconds_before(60))),
                source: stove.clone(),
                rule: "smoke".into(),
                message: "dense\nsmoke".into(),
                value: Some(213),
                ..sample::flame(13, when)
            },
            Alarm {
                class: Class::Supervisory,
                state: State::Acknowledged,
                raised: Some(yesterday),
                rule: "temperature-warning".into(),
                message: "heat".into(),
                value: Some(112),
                ..sample::flame(7, when)
            },
            Alarm {
                class: Class::Trouble,
                source: Source::Node("10.89.21.188".parse().unwrap()),
                rule: "node.silent".into(),
                message: "node is silent".into(),
                value: None,
                quiet: Some(Quiet::Shelved),
                audible: false,
                ..sample::flame(9, when)
            },
            Alarm { source: Source::Place("canteen".into()), audible: false, ..sample::flame(14, when) },
        ];
        let ends = Moment::from(when.moment()).due(Duration::from_secs(1_800));
        let shelf = Suppression {
            id: SuppressionId(1),
            kind: Quiet::Shelved,
            source: Source::Place("kitchen".into()),
            rule: None,
            owner: bob,
            reason: "it is being moved".into(),
            began: yesterday,
            ends: Some(ends),
            ended: None,
        };
        (alarms, vec![shelf])
    }

    #[test]
    fn each_signal_has_a_row_with_all_that_is_known() {
        let (names, when) = (sample::names(), When::spring());
        let (alarms, suppressions) = standing(&when);
        let standing = Standing { alarms: &alarms, suppressions: &suppressions, flood: true };
        let text = answer(&standing, &Wanted::First, &names, &when);
        expect![[r#"
            4 (2 alarm, 1 supervisory, 1 trouble) active, 3 (2 alarm, 1 trouble) unacknowledged, 1 (1 trouble) suppressed; FLOOD: more alarms come than a person can follow
            id  class        state                    source                                    message         value     since
            12  alarm        !! unacknowledged        Kitchen (10.89.21.188_7) in kitchen       flame           0         14:00:07          3 min ago  FIRST-OUT
            13  alarm        #  latched acknowledged  The�[2Jstove (10.89.21.188_9) in kitchen  dense�smoke     213       14:00:07          3 min ago  seen by bob� 14:02:07
             7  supervisory  !  acknowledged          Kitchen (10.89.21.188_7) in kitchen       heat            112 degF  2026-03-28 13:03  25 h ago   STALE
             9  trouble      !! unacknowledged        Kitchen (10.89.21.188) in kitchen         node is silent            14:00:07          3 min ago  shelved by bob� until 14:33:07: it is being moved
            14  alarm        !! unacknowledged        canteen                                   flame           0         14:00:07          3 min ago  silenced
            5 signals, times in UTC"#]].assert_eq(&text);
        assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'));
    }

    #[test]
    fn they_can_be_chosen_by_class_and_by_source() {
        let (names, when) = (sample::names(), When::spring());
        let (alarms, _) = standing(&when);
        let ids = |word: &str| -> Vec<u64> {
            let wanted = match crate::console::command::parse(&format!("a {word}")) {
                Ok(Some(Command::Alarms(wanted))) => wanted,
                other => panic!("{other:?}"),
            };
            alarms.iter().filter(|alarm| is_wanted(alarm, &wanted, &names)).map(|alarm| alarm.id.0).collect()
        };
        assert_eq!(ids(""), [12, 13, 7, 9, 14]);
        assert_eq!(ids("ALARM"), [12, 13, 14]);
        assert_eq!(ids("trouble"), [9]);
        assert_eq!(ids("10.89.21.188"), [12, 13, 7, 9]);
        assert_eq!(ids("10.89.21.188_9"), [13]);
        assert_eq!(ids("10.90"), [0; 0]);
        assert_eq!(ids("Canteen"), [12, 13, 7, 9, 14]);
    }

    #[test]
    fn a_quiet_night_and_a_flood_are_both_short() {
        let (names, when) = (sample::names(), When::spring());
        let quiet = Standing { alarms: &[], suppressions: &[], flood: false };
        expect!["nothing is signalled: 0 active, 0 unacknowledged, 0 suppressed"].assert_eq(&answer(
            &quiet,
            &Wanted::First,
            &names,
            &when,
        ));
        let about = Wanted::About("x\u{1b}[2J".to_owned());
        expect![[r#"
            0 active, 0 unacknowledged, 0 suppressed
            nothing stands about `x\u{1b}[2J`; `a` shows all"#]]
        .assert_eq(&answer(&quiet, &about, &names, &when));

        let alarms: Vec<_> =
            (1..=1_000).map(|id| Alarm { id: AlarmId(id), ..sample::flame(1, &when) }).collect();
        let flood = Standing { alarms: &alarms, suppressions: &[], flood: true };
        let text = answer(&flood, &Wanted::First, &names, &when);
        expect!["the first 200 of 1000 signals; `a all` shows all, times in UTC"]
            .assert_eq(text.lines().last().unwrap());
        assert_eq!(answer(&flood, &Wanted::All, &names, &when).lines().count(), 1_003);
    }
}
