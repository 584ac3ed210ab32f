//! From the words after `expect` to what must come.

use super::{
    clock,
    parse_names::{Names, unknown},
    script::{Count, Expectation, Expected, KindPattern, Pattern},
};
use poe_building::{Class, EntryKind, State};
use std::time::Duration;

/// What begins the next part of an expectation.
const KEYWORDS: [&str; 15] = [
    "no", "exactly", "at", "within", "until", "so", "ever", "on", "of", "in", "to", "by", "saying", "state",
    "most",
];

/// When it counts.
enum When {
    Within(Duration),
    Until(Duration),
    SoFar,
    Ever,
}

/// Reads what follows `expect`. What counts in the whole story ends at [`Duration::MAX`]: its end is not known yet.
pub(super) fn expectation(
    words: &[&str],
    at: Duration,
    line: usize,
    names: &Names,
) -> Result<Expectation, String> {
    let text = format!("expect {}", words.join(" "));
    let (words, when) = without_when(words)?;
    let is_state = words.first() == Some(&"state");
    let (from, to) = match when {
        Some(When::Within(span)) => (at, at + span),
        Some(When::Until(until)) if until <= at => {
            return Err("it ends before it begins; `until` is a time later than the line's".to_owned());
        }
        Some(When::Until(until)) => (at, until),
        Some(When::SoFar) => (Duration::ZERO, at),
        Some(When::Ever) => (Duration::ZERO, Duration::MAX),
        None if is_state => (at, at),
        None => {
            let ways =
                "`within 5s`, `until 10:00`, `so far` (from the begin to now) or `ever` (in the whole story)";
            return Err(format!("say when: {ways}"));
        }
    };
    let what = if is_state { state(&words[1..], from != to, names)? } else { entries(&words, names)? };
    Ok(Expectation { line, text, from, to, what })
}

/// Takes out the words that tell when.
fn without_when<'w>(words: &[&'w str]) -> Result<(Vec<&'w str>, Option<When>), String> {
    let mut rest = Vec::new();
    let mut when = None;
    let mut left = words;
    while let [word, after @ ..] = left {
        let (found, used) = match (*word, after) {
            ("within", [span, ..]) => (When::Within(clock::span(span)?), 2),
            ("until", [time, ..]) => (When::Until(clock::time(time)?), 2),
            ("so", ["far", ..]) => (When::SoFar, 2),
            ("ever", _) => (When::Ever, 1),
            // What is said may hold any word.
            ("saying", [_, ..]) => {
                rest.extend(&left[..2]);
                left = &left[2..];
                continue;
            }
            _ => {
                rest.push(*word);
                left = after;
                continue;
            }
        };
        if when.replace(found).is_some() {
            return Err("it says twice when it counts".to_owned());
        }
        left = &left[used..];
    }
    Ok((rest, when))
}

/// `STATE of RULE on SOURCE`.
fn state(words: &[&str], sometime: bool, names: &Names) -> Result<Expected, String> {
    match words {
        [state, "of", aim @ ..] => {
            Ok(Expected::State { state: state_named(state)?, aim: names.aim(aim)?, sometime })
        }
        _ => Err("write `expect state STATE of RULE on SOURCE`".to_owned()),
    }
}

/// `[no|exactly N|at least N|at most N] KIND [RULE] [on SOURCE] [of class C] [in STATE] [to TARGET] [by WHO] [saying TEXT]`.
fn entries(words: &[&str], names: &Names) -> Result<Expected, String> {
    let (count, mut left) = count(words)?;
    let mut pattern = Pattern::default();
    while let [word, after @ ..] = left {
        let used = match (*word, after) {
            ("on", source) => {
                let length = source.iter().position(|word| KEYWORDS.contains(word)).unwrap_or(source.len());
                pattern.sources = names.sources(&source[..length])?;
                length
            }
            ("of", ["class", class, ..]) => {
                let known = Class::ALL.iter().map(|class| class.name());
                pattern.class = Some(class.parse().map_err(|_| unknown("class", class, known))?);
                2
            }
            ("in", [state, ..]) => {
                pattern.state = Some(state_named(state)?);
                1
            }
            ("to", [target, ..]) => {
                names.target(target)?;
                pattern.target = Some((*target).to_owned());
                1
            }
            ("by", [who, ..]) => {
                pattern.who = Some((*who).to_owned());
                1
            }
            ("saying", [text, ..]) => {
                pattern.saying = Some((*text).to_owned());
                1
            }
            (word, _) if KEYWORDS.contains(&word) => {
                return Err(format!("`{word}` is followed by nothing that fits"));
            }
            (word, _) if pattern.kind.is_none() => {
                pattern.kind = Some(kind(word)?);
                0
            }
            (word, _) if pattern.rule.is_none() => {
                names.rules(word)?;
                pattern.rule = Some(word.to_owned());
                0
            }
            (word, _) => return Err(format!("`{word}` is one word too many")),
        };
        left = &after[used..];
    }
    if pattern.kind.is_none() {
        return Err("say what is expected, such as alarm.raised".to_owned());
    }
    Ok(Expected::Entries { count, pattern: Box::new(pattern) })
}

fn count<'a, 'w>(words: &'a [&'w str]) -> Result<(Count, &'a [&'w str]), String> {
    let number =
        |word: &str| word.parse::<usize>().map_err(|_| format!("`{word}` is no count; write a number"));
    Ok(match words {
        ["no", rest @ ..] => (Count::Exactly(0), rest),
        ["exactly", count, rest @ ..] => (Count::Exactly(number(count)?), rest),
        ["at", "least", count, rest @ ..] => (Count::AtLeast(number(count)?), rest),
        ["at", "most", count, rest @ ..] => (Count::AtMost(number(count)?), rest),
        rest => (Count::AtLeast(1), rest),
    })
}

/// The kind of an entry, or what all kinds of a subject have in common.
fn kind(word: &str) -> Result<KindPattern, String> {
    if let Ok(kind) = word.parse() {
        return Ok(KindPattern::Exact(kind));
    }
    // What is promised to a target is what people call a notification; the rest is how it fares.
    if word == "notification" || word == "notifications" {
        return Ok(KindPattern::Exact(EntryKind::NotificationPromised));
    }
    let kinds = || EntryKind::ALL.iter().map(|kind| kind.name());
    if kinds().any(|kind| kind.split('.').next() == Some(word)) {
        return Ok(KindPattern::Subject(word.to_owned()));
    }
    Err(unknown("kind of event", word, kinds()))
}

fn state_named(word: &str) -> Result<State, String> {
    let known = State::ALL.iter().map(|state| state.name());
    word.parse().map_err(|_| unknown("state", word, known))
}
