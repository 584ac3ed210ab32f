//! `e`: the latest entries of the journal.

use super::{
    command::{Command, Entry, Mistake},
    event::{about, by, details},
    house::{Heard, House},
    plain::printable,
    table::{Column, whole_table},
    when::When,
};
use poe::{AlarmId, Class, EntryKind, Source};
use poe_building::{Directory, SensorKey};
use poe_store::{EntryFilter, Inside};
use std::{net::IpAddr, str::SplitWhitespace};

/// Entries, unless a person says otherwise: a screen.
const COUNT: usize = 20;
/// As many as a person looks through. Whoever needs more takes the HTTP interface.
const COUNT_MAX: usize = 1_000;

/// Which entries a person wants to see.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Wanted {
    /// `None`: a screen of them.
    count: Option<usize>,
    kind: Option<String>,
    class: Option<Class>,
    alarm: Option<AlarmId>,
    /// An address, a sensor, a place or a switch.
    about: Option<String>,
}

pub(super) fn read(_: &Entry, words: SplitWhitespace<'_>) -> Result<Command, Mistake> {
    let mut wanted = Wanted::default();
    for word in words {
        let lower = word.to_ascii_lowercase();
        if let Some(id) = word.strip_prefix('#') {
            let id = id.parse().map_err(|_| {
                Mistake::new(format!("`{}` is no alarm's number; try `e #12`", printable(word)))
            })?;
            wanted.alarm = Some(AlarmId(id));
        } else if word.chars().all(|digit| digit.is_ascii_digit()) {
            let count = word.parse().ok().filter(|count| (1..=COUNT_MAX).contains(count));
            let count = count.ok_or_else(|| {
                let word = printable(word);
                Mistake::new(format!(
                    "`{word}`: a count is from 1 to {COUNT_MAX}; an alarm's events are `e #{word}`"
                ))
            })?;
            wanted.count = Some(count);
        } else if is_kind(&lower) {
            wanted.kind = Some(lower);
        } else if let Ok(class) = lower.parse() {
            wanted.class = Some(class);
        } else {
            wanted.about = Some(word.to_owned());
        }
    }
    Ok(Command::Events(wanted))
}

/// What is before the dot of a kind, each once.
pub(super) fn subjects() -> Vec<&'static str> {
    let mut subjects: Vec<_> =
        EntryKind::ALL.iter().filter_map(|kind| kind.name().split('.').next()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}

pub(super) fn answer(house: &dyn House, wanted: &Wanted, names: &Directory, when: &When) -> Heard<String> {
    let filter = match filter(wanted, names) {
        Ok(filter) => filter,
        Err(mistake) => return Ok(mistake.to_string()),
    };
    let entries = house.entries(&filter, wanted.count.unwrap_or(COUNT))?;
    Ok(list(&entries, names, when))
}

fn list(newest_first: &[poe::Entry], names: &Directory, when: &When) -> String {
    if newest_first.is_empty() {
        return "the journal has no such entry".to_owned();
    }
    let columns = [
        Column::Number("no."),
        Column::Text("time"),
        Column::Text("event"),
        Column::Text("about"),
        Column::Text("by"),
        Column::Text(""),
    ];
    let rows = newest_first.iter().rev().map(|entry| {
        [
            entry.seq.to_string(),
            when.clock(entry.decided),
            entry.kind.to_string(),
            about(entry, names),
            by(entry),
            details(entry),
        ]
    });
    let count = match newest_first.len() {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    format!("{}\n{count}, times in {}", whole_table(&columns, rows), when.zone())
}

fn is_kind(word: &str) -> bool {
    EntryKind::ALL.iter().any(|kind| kind.name() == word) || subjects().contains(&word)
}

fn filter(wanted: &Wanted, names: &Directory) -> Result<EntryFilter, Mistake> {
    let source = wanted.about.as_deref().map(|word| source(word, names)).transpose()?;
    let inside = source.as_ref().and_then(|source| Inside::of(source, names));
    let Wanted { kind, class, alarm, .. } = wanted.clone();
    Ok(EntryFilter { kind, class, alarm, source, inside, ..EntryFilter::default() })
}

fn source(word: &str, names: &Directory) -> Result<Source, Mistake> {
    let model = names.model();
    let same = |name: &str| name.eq_ignore_ascii_case(word);
    if let Ok(address) = word.parse::<IpAddr>() {
        return Ok(Source::Node(address.to_canonical()));
    }
    if let Ok(key) = word.parse::<SensorKey>() {
        return Ok(Source::Sensor(key));
    }
    if same("system") {
        return Ok(Source::System);
    }
    let place = model.places.iter().map(|place| &place.name).chain([&model.site]).find(|name| same(name));
    let switch = || model.switches.iter().map(|switch| &switch.name).find(|name| same(name));
    place
        .map(|name| Source::Place(name.clone()))
        .or_else(|| switch().map(|name| Source::Switch(name.clone())))
        .ok_or_else(|| {
            let (word, subjects) = (printable(word), subjects().join(", "));
            Mistake::new(format!(
                "nothing is called `{word}`; events are about {subjects}, or an address, a sensor or a place"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{command::tests::check, sample};
    use expect_test::expect;
    use poe::Who;

    #[test]
    fn entries_can_be_chosen() {
        check(
            "e
             e 50 Alarm
             events alarm.raised #12
             e trouble 10.89.21.188
             e kitchen
             e 0
             e 123456
             e #x",
            &expect![[r#"
                e => Events(Wanted { count: None, kind: None, class: None, alarm: None, about: None })
                e 50 Alarm => Events(Wanted { count: Some(50), kind: Some("alarm"), class: None, alarm: None, about: None })
                events alarm.raised #12 => Events(Wanted { count: None, kind: Some("alarm.raised"), class: None, alarm: Some(AlarmId(12)), about: None })
                e trouble 10.89.21.188 => Events(Wanted { count: None, kind: None, class: Some(Trouble), alarm: None, about: Some("10.89.21.188") })
                e kitchen => Events(Wanted { count: None, kind: None, class: None, alarm: None, about: Some("kitchen") })
                e 0 => `0`: a count is from 1 to 1000; an alarm's events are `e #0`
                e 123456 => `123456`: a count is from 1 to 1000; an alarm's events are `e #123456`
                e #x => `#x` is no alarm's number; try `e #12`
            "#]],
        );
        let names = sample::names();
        let sources = ["10.89.21.188", "10.89.21.188_9", "Kitchen", "site", "system", "gar\u{7}age"];
        let read = |word: &str| match source(word, &names) {
            Ok(source) => format!("{source:?}"),
            Err(mistake) => mistake.to_string(),
        };
        expect![[r#"
            Node(10.89.21.188)
            Sensor(SensorKey { address: 10.89.21.188, id: 9 })
            Place("kitchen")
            Place("site")
            System
            nothing is called `gar\u{7}age`; events are about alarm, backup, clock, command, flood, history, journal, login, model, node, notification, observation, plan, rule, sensor, server, session, suppression, target, token, user, or an address, a sensor or a place"#]].assert_eq(&sources.map(read).join("\n"));
    }

    #[test]
    fn the_newest_entry_is_the_last() {
        let (names, when) = (sample::names(), When::spring());
        let stored = |seq, seconds, text: &str| {
            let entry = sample::entry(EntryKind::AlarmAcknowledged, when.seconds_before(seconds), text);
            let who = Some(Who::new("alice", "console"));
            poe::Entry { seq, who, ..entry }
        };
        let entries = [stored(42, 0, "a\u{1b}b"), stored(41, 60, "")];
        expect![[r#"
            no.  time      event               about  by
             41  14:02:07  alarm.acknowledged         alice, console
             42  14:03:07  alarm.acknowledged         alice, console  a�b
            2 entries, times in UTC"#]]
        .assert_eq(&list(&entries, &names, &when));
        assert_eq!(list(&[], &names, &when), "the journal has no such entry");
    }
}
