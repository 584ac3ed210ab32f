//! An entry of the journal as people read it.

use super::{names::called, plain::plain, when::When};
use poe::Entry;
use poe_building::{Directory, EntryKind, State};

/// `12: Kitchen (10.89.21.188) in kitchen`; what an entry is about.
pub(super) fn about(entry: &Entry, names: &Directory) -> String {
    let source = entry.source.as_ref().map(|source| called(names, source));
    match (entry.alarm, source) {
        (Some(id), Some(source)) => format!("#{id} {source}"),
        (Some(id), None) => format!("#{id}"),
        (None, source) => source.unwrap_or_default(),
    }
}

/// Who did it, and by which door.
pub(super) fn by(entry: &Entry) -> String {
    let by = entry.who.as_ref().map(|who| format!("{}, {}", plain(&who.name), plain(&who.origin)));
    by.unwrap_or_default()
}

/// The rest: its rule or its text, the value, the state from then on.
pub(super) fn details(entry: &Entry) -> String {
    // What somebody has done to an alarm says what has changed, and not of which rule; the state is in it then.
    let by_hand =
        matches!(entry.kind, EntryKind::AlarmAcknowledged | EntryKind::AlarmSilenced | EntryKind::AlarmReset);
    let rule = entry.rule.as_deref().filter(|_| by_hand || entry.text.is_empty()).map(plain);
    let value = entry.value.map(|value| format!("value {value}"));
    let text = (!entry.text.is_empty()).then(|| plain(&entry.text));
    let state = entry.state.filter(|state| !(by_hand && entry.text.ends_with(state.name())));
    let (text, state) =
        (text.map(|text| if by_hand { in_words(&text) } else { text }), state.map(State::name));
    let state = state.map(in_words);
    let parts = if by_hand { [rule, value, text, state] } else { [text, rule, value, state] };
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn in_words(states: &str) -> String {
    states.replace('_', " ")
}

/// The whole of it in a line, for those who watch.
pub(super) fn line(entry: &Entry, names: &Directory, when: &When) -> String {
    let mut line = format!("{} {}", when.clock(entry.decided), entry.kind);
    let by = match by(entry) {
        by if by.is_empty() => by,
        by => format!("by {by}"),
    };
    for (between, part) in [(" ", about(entry, names)), (": ", details(entry)), (" ", by)] {
        if !part.is_empty() {
            line.push_str(between);
            line.push_str(&part);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::sample;
    use poe::{AlarmId, Source, Who};

    #[test]
    fn an_entry_is_a_line() {
        let (names, when) = (sample::names(), When::spring());
        let now = when.moment();
        let seen = Entry {
            source: Some(Source::Sensor("10.89.21.188_9".parse().unwrap())),
            alarm: Some(AlarmId(12)),
            state: Some(State::Acknowledged),
            value: Some(0),
            rule: Some("fire".into()),
            who: Some(Who::new("al\u{1b}ice", "console")),
            ..sample::entry(EntryKind::AlarmAcknowledged, now, "unacknowledged -> acknowledged")
        };
        let lines = [
            line(&seen, &names, &when),
            line(&sample::entry(EntryKind::FloodBegan, now, "more than\n10 alarms"), &names, &when),
            line(&sample::entry(EntryKind::ServerStopped, now, ""), &names, &when),
        ];
        expect_test::expect![[r#"
            14:03:07 alarm.acknowledged #12 The�[2Jstove (10.89.21.188_9) in kitchen: fire, value 0, unacknowledged -> acknowledged by al�ice, console
            14:03:07 flood.began: more than�10 alarms
            14:03:07 server.stopped"#]].assert_eq(&lines.join("\n"));
    }
}
