//! What a line means.

use super::{
    acknowledge::Marked, alarms, catalogue::COMMANDS, events, filter::Filter, plain::printable,
    simulation::Simulation,
};
use poe::{AlarmId, Emergency};
use std::{fmt, net::IpAddr, str::SplitWhitespace};

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Command {
    /// What there is, or all about one command.
    Help(Option<&'static Entry>),
    Quit,
    Alarms(alarms::Wanted),
    Acknowledge(Marked),
    Silence(Vec<AlarmId>),
    Reset(Vec<AlarmId>),
    Shelve {
        alarm: AlarmId,
        minutes: u32,
        reason: String,
    },
    Unshelve(Vec<AlarmId>),
    Emergency {
        kind: Emergency,
        place: String,
        note: String,
    },
    Events(events::Wanted),
    Zones,
    Connections(Filter),
    Nodes(Filter),
    Approve(Vec<IpAddr>),
    Dismiss(Vec<IpAddr>),
    Sensors(Filter),
    Simulate(Simulation),
    StopSimulations,
    /// On or off; `None` is the other of the two.
    Verbose(Option<bool>),
}

/// Why a line is no command, and what to try.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Mistake(String);

/// A command as the help and the completion have it.
pub(super) struct Entry {
    pub(super) short: &'static str,
    pub(super) long: &'static str,
    pub(super) arguments: &'static str,
    pub(super) about: &'static str,
    /// What only its own page of the help says.
    pub(super) more: &'static str,
    /// Lines as they are typed, and what each does.
    pub(super) examples: &'static [(&'static str, &'static str)],
    pub(super) read: fn(&Entry, SplitWhitespace<'_>) -> Result<Command, Mistake>,
}

/// Reads a line; an empty one is no command.
pub(super) fn parse(line: &str) -> Result<Option<Command>, Mistake> {
    let mut words = line.split_whitespace();
    let Some(name) = words.next() else { return Ok(None) };
    let entry = find(name).ok_or_else(|| unknown(name))?;
    (entry.read)(entry, words).map(Some)
}

/// The command of this name, the short one or the long one.
pub(super) fn find(name: &str) -> Option<&'static Entry> {
    COMMANDS
        .iter()
        .find(|entry| entry.short.eq_ignore_ascii_case(name) || entry.long.eq_ignore_ascii_case(name))
}

pub(super) fn unknown(name: &str) -> Mistake {
    Mistake(format!("there is no command `{}`; `h` shows what there is", printable(name)))
}

impl Mistake {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }
}

impl Entry {
    /// `t [-c CLIENTS] [-p PACKETS] [-t SECONDS]`.
    pub(super) fn usage(&self) -> String {
        format!("{} {}", self.short, self.arguments).trim_end().to_owned()
    }

    pub(super) fn alone(&self, mut words: SplitWhitespace<'_>, command: Command) -> Result<Command, Mistake> {
        words.next().map_or(Ok(command), |word| Err(self.odd(word)))
    }

    pub(super) fn filter(&self, mut words: SplitWhitespace<'_>) -> Result<Filter, Mistake> {
        let filter = words.next().map_or(Filter::All, Filter::new);
        words.next().map_or(Ok(filter), |word| Err(self.odd(word)))
    }

    /// A word that does not belong there.
    pub(super) fn odd(&self, word: &str) -> Mistake {
        Mistake(format!(
            "`{}` is not understood after `{}`; try `{}`",
            printable(word),
            self.short,
            self.usage()
        ))
    }

    /// A word that is not there.
    pub(super) fn missing(&self, what: &str) -> Mistake {
        let example = self.examples.first().map_or(self.short, |(line, _)| line);
        Mistake(format!("{what} is missing after `{}`; try `{example}`", self.short))
    }
}

impl PartialEq for Entry {
    /// There is one entry of a name.
    fn eq(&self, other: &Self) -> bool {
        self.short == other.short
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use expect_test::expect;

    pub(in crate::console) fn check(lines: &str, expected: &expect_test::Expect) {
        let read = |line: &str| match parse(line) {
            Ok(Some(command)) => format!("{line} => {command:?}\n"),
            Ok(None) => format!("{line} => nothing\n"),
            Err(mistake) => format!("{line} => {mistake}\n"),
        };
        expected.assert_eq(&lines.lines().map(|line| read(line.trim())).collect::<String>());
    }

    #[test]
    fn short_and_long_words() {
        check(
            "
             h
             HELP
             q
             quit
             l
             list 10.89
             n 10.89.21.188
             nodes
             s 10.89.21.188_17
             sensors
             v
             verbose off
             t
             t stop",
            &expect![[r#"
                 => nothing
                h => Help(None)
                HELP => Help(None)
                q => Quit
                quit => Quit
                l => Connections(All)
                list 10.89 => Connections(Word("10.89"))
                n 10.89.21.188 => Nodes(Node(10.89.21.188))
                nodes => Nodes(All)
                s 10.89.21.188_17 => Sensors(Word("10.89.21.188_17"))
                sensors => Sensors(All)
                v => Verbose(None)
                verbose off => Verbose(Some(false))
                t => Simulate(Simulation { clients: 1, packets: Some(5), pause: 0ns })
                t stop => StopSimulations
            "#]],
        );
    }

    #[test]
    fn mistakes_are_met_with_kindness() {
        check(
            "frobnicate
             x\u{1b}[2J
             q now
             s a b
             v maybe
             v on off",
            &expect![[r#"
                frobnicate => there is no command `frobnicate`; `h` shows what there is
                x[2J => there is no command `x\u{1b}[2J`; `h` shows what there is
                q now => `now` is not understood after `q`; try `q`
                s a b => `b` is not understood after `s`; try `s [ADDRESS]`
                v maybe => `maybe` is not understood after `v`; try `v [on|off]`
                v on off => `on` is not understood after `v`; try `v [on|off]`
            "#]],
        );
    }
}
