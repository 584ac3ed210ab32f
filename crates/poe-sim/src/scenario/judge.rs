//! What was expected, held against what came.

use super::{
    Aim, Clock, Scenario, Seen,
    parse_names::begins_with,
    script::{Count, Expectation, Expected, KindPattern, Pattern},
};
use poe_building::{Entry, State};
use std::fmt;

/// So many entries are told of those that came.
const TOLD_MAX: usize = 5;

/// An expectation that did not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Its line.
    pub line: usize,
    /// What was expected, as it was written, and when.
    pub expected: String,
    /// What came instead, one thing a line.
    pub came: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.expected)?;
        self.came.iter().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

impl Scenario {
    /// Every expectation that did not hold, in the order of the lines. `seen` is the journal from the story's begin on.
    pub fn judge(&self, seen: &[Seen]) -> Vec<Failure> {
        let failures = self.expectations.iter().filter_map(|expectation| {
            let came = match &expectation.what {
                Expected::Entries { count, pattern } => entries(expectation, *count, pattern, seen),
                Expected::State { state, aim, sometime } => {
                    state_of(expectation, *state, aim, *sometime, seen)
                }
            }?;
            let Expectation { line, text, from, to, .. } = expectation;
            let when = match from == to {
                true => format!("at {}", Clock(*to)),
                false => format!("from {} to {}", Clock(*from), Clock(*to)),
            };
            Some(Failure { line: *line, expected: format!("{text} ({when})"), came })
        });
        let mut failures: Vec<Failure> = failures.collect();
        failures.sort_by_key(|failure| failure.line);
        failures
    }
}

/// What came instead of so many entries; `None`, if they came.
fn entries(expectation: &Expectation, count: Count, pattern: &Pattern, seen: &[Seen]) -> Option<Vec<String>> {
    let in_time = |seen: &&Seen| expectation.from <= seen.at && seen.at <= expectation.to;
    let matching = || seen.iter().filter(|seen| pattern.matches(&seen.entry));
    let came: Vec<&Seen> = matching().filter(in_time).collect();
    let holds = match count {
        Count::Exactly(wanted) => came.len() == wanted,
        Count::AtLeast(wanted) => came.len() >= wanted,
        Count::AtMost(wanted) => came.len() <= wanted,
    };
    if holds {
        return None;
    }
    if !came.is_empty() {
        return Some(listed(&format!("came {}:", times(came.len())), came.into_iter()));
    }
    if matching().next().is_some() {
        return Some(listed("came at another time:", matching()));
    }
    let alike = |seen: &&Seen| pattern.is_of_kind(&seen.entry) && in_time(seen);
    if seen.iter().any(|seen| alike(&seen)) {
        return Some(listed("did not come; alike:", seen.iter().filter(alike)));
    }
    Some(vec!["did not come".to_owned()])
}

/// In which state an alarm was instead; `None`, if it was in this one.
fn state_of(
    expectation: &Expectation,
    wanted: State,
    aim: &Aim,
    sometime: bool,
    seen: &[Seen],
) -> Option<Vec<String>> {
    let states = seen.iter().filter_map(|seen| {
        let entry = &seen.entry;
        let is_meant = entry.rule.as_ref() == Some(&aim.rule) && entry.source.as_ref() == Some(&aim.source);
        entry.state.filter(|_| is_meant).map(|state| (seen.at, state, seen))
    });
    let before = states.clone().rfind(|(at, ..)| *at <= expectation.from);
    let during = || states.clone().filter(|(at, ..)| *at > expectation.from && *at <= expectation.to);
    let last = during().next_back().or(before);
    let is_now = last.map_or(State::Normal, |(_, state, _)| state);
    let was = before.map_or(State::Normal, |(_, state, _)| state);
    if is_now == wanted || (sometime && (was == wanted || during().any(|(_, state, _)| state == wanted))) {
        return None;
    }
    let since =
        last.map_or_else(|| "and nothing was told of it".to_owned(), |(.., seen)| format!("since {seen}"));
    Some(vec![format!("was {is_now}, {since}")])
}

fn listed<'a>(title: &str, seen: impl Iterator<Item = &'a Seen>) -> Vec<String> {
    let mut lines = vec![title.to_owned()];
    let mut left_out = 0;
    for (number, seen) in seen.enumerate() {
        if number < TOLD_MAX {
            lines.push(format!("  {seen}"));
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        lines.push(format!("  and {left_out} more"));
    }
    lines
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

impl Pattern {
    fn is_of_kind(&self, entry: &Entry) -> bool {
        match &self.kind {
            None => true,
            Some(KindPattern::Exact(kind)) => entry.kind == *kind,
            Some(KindPattern::Subject(subject)) => {
                entry.kind.name().split('.').next() == Some(subject.as_str())
            }
        }
    }

    fn matches(&self, entry: &Entry) -> bool {
        let same =
            |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
        let of_source = || entry.source.as_ref().is_some_and(|source| self.sources.contains(source));
        let of_rule = |wanted: &String| entry.rule.as_deref().is_some_and(|rule| begins_with(rule, wanted));
        // A notification's entry begins with the name of its target.
        let target = entry.kind.is_of_notification().then(|| entry.text.split(' ').next()).flatten();
        self.is_of_kind(entry)
            && self.rule.as_ref().is_none_or(of_rule)
            && (self.sources.is_empty() || of_source())
            && (self.class.is_none() || self.class == entry.class)
            && (self.state.is_none() || self.state == entry.state)
            && same(&self.target, target)
            && same(&self.who, entry.who.as_ref().map(|who| &*who.name))
            && self.saying.as_deref().is_none_or(|saying| entry.text.contains(saying))
    }
}
