//! What a line means.

use super::filter::Filter;
use crate::commands::simulate::parse_seconds;
use std::{fmt, str::SplitWhitespace, time::Duration};

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Command {
    Help,
    Quit,
    Connections(Filter),
    Nodes(Filter),
    Sensors(Filter),
    Simulate(Simulation),
    StopSimulations,
    /// On or off; `None` is the other of the two.
    Verbose(Option<bool>),
}

/// Nodes to be played.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Simulation {
    pub(super) clients: u32,
    /// `None`: without end.
    pub(super) packets: Option<u64>,
    pub(super) pause: Duration,
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
    read: fn(&Entry, SplitWhitespace<'_>) -> Result<Command, Mistake>,
}

pub(super) static COMMANDS: [Entry; 7] = [
    Entry {
        short: "l",
        long: "list",
        arguments: "[ADDRESS]",
        about: "list connections: since when, how many frames, how many of them invalid",
        read: |entry, words| entry.filter(words).map(Command::Connections),
    },
    Entry {
        short: "n",
        long: "nodes",
        arguments: "[ADDRESS]",
        about: "nodes: first and last seen, connections, sensors, frames",
        read: |entry, words| entry.filter(words).map(Command::Nodes),
    },
    Entry {
        short: "s",
        long: "sensors",
        arguments: "[ADDRESS]",
        about: "sensors and their latest values; those of one node: s 10.89.21.188",
        read: |entry, words| entry.filter(words).map(Command::Sensors),
    },
    Entry {
        short: "t",
        long: "test",
        arguments: "[-c CLIENTS] [-p PACKETS] [-t SECONDS]",
        about: "launch simulated clients (1), each of which sends packets (5; -1: without end), so many seconds \
                apart (0); t stop: stop them",
        read: |_, words| read_simulation(words),
    },
    Entry {
        short: "v",
        long: "verbose",
        arguments: "[on|off]",
        about: "verbose on and off: show what happens while it happens",
        read: |entry, mut words| match (words.next(), words.next()) {
            (None, _) => Ok(Command::Verbose(None)),
            (Some("on"), None) => Ok(Command::Verbose(Some(true))),
            (Some("off"), None) => Ok(Command::Verbose(Some(false))),
            (Some(word), _) => Err(entry.odd(word)),
        },
    },
    Entry {
        short: "h",
        long: "help",
        arguments: "",
        about: "this help",
        read: |entry, words| entry.alone(words, Command::Help),
    },
    Entry {
        short: "q",
        long: "quit",
        arguments: "",
        about: "quit: store everything and stop the server",
        read: |entry, words| entry.alone(words, Command::Quit),
    },
];

/// The most clients of one simulation.
const CLIENTS_MAX: u32 = 200_000;

/// Reads a line; an empty one is no command.
pub(super) fn parse(line: &str) -> Result<Option<Command>, Mistake> {
    let mut words = line.split_whitespace();
    let Some(name) = words.next() else { return Ok(None) };
    let Some(entry) = find(name) else {
        return Err(Mistake(format!("there is no command `{}`; `h` shows what there is", printable(name))));
    };
    (entry.read)(entry, words).map(Some)
}

/// The command of this name, the short one or the long one.
pub(super) fn find(name: &str) -> Option<&'static Entry> {
    COMMANDS
        .iter()
        .find(|entry| entry.short.eq_ignore_ascii_case(name) || entry.long.eq_ignore_ascii_case(name))
}

impl Entry {
    /// `t [-c CLIENTS] [-p PACKETS] [-t SECONDS]`.
    pub(super) fn usage(&self) -> String {
        format!("{} {}", self.short, self.arguments).trim_end().to_owned()
    }

    fn alone(&self, mut words: SplitWhitespace<'_>, command: Command) -> Result<Command, Mistake> {
        words.next().map_or(Ok(command), |word| Err(self.odd(word)))
    }

    fn filter(&self, mut words: SplitWhitespace<'_>) -> Result<Filter, Mistake> {
        let filter = words.next().map_or(Filter::All, Filter::new);
        words.next().map_or(Ok(filter), |word| Err(self.odd(word)))
    }

    fn odd(&self, word: &str) -> Mistake {
        Mistake(format!(
            "`{}` is not understood after `{}`; try `{}`",
            printable(word),
            self.short,
            self.usage()
        ))
    }
}

fn read_simulation(mut words: SplitWhitespace<'_>) -> Result<Command, Mistake> {
    let mut simulation = Simulation { clients: 1, packets: Some(5), pause: Duration::ZERO };
    if words.clone().eq(["stop"]) {
        return Ok(Command::StopSimulations);
    }
    while let Some(word) = words.next() {
        // `-c 5` and `-c5` are the same.
        let (flag, value) = match word.get(..2) {
            Some(flag @ ("-c" | "-p" | "-t")) => (flag, &word[2..]),
            _ => {
                let word = printable(word);
                return Err(Mistake(format!("`t` knows no `{word}`; try `t -c 3 -p 5 -t 1`, or `t stop`")));
            }
        };
        let value = match value {
            "" => words
                .next()
                .ok_or_else(|| Mistake(format!("a number is missing after `{flag}`; try `t {flag} 3`")))?,
            value => value,
        };
        let mistake =
            |what: String| Mistake(format!("`{flag} {}`: {what}; try `t {flag} 3`", printable(value)));
        match flag {
            "-c" => {
                let clients = value.parse().ok().filter(|clients| (1..=CLIENTS_MAX).contains(clients));
                simulation.clients = clients
                    .ok_or_else(|| mistake(format!("clients are a whole number from 1 to {CLIENTS_MAX}")))?;
            }
            "-p" => {
                let packets: Option<i64> = value.parse().ok().filter(|packets| *packets >= -1);
                let packets = packets
                    .ok_or_else(|| mistake("packets are a whole number, or -1: without end".to_owned()))?;
                simulation.packets = u64::try_from(packets).ok();
            }
            _ => {
                simulation.pause = parse_seconds(value).map_err(|_| {
                    mistake("seconds are a number, 0 or more, with a fraction if you like".to_owned())
                })?;
            }
        }
    }
    Ok(Command::Simulate(simulation))
}

/// What a person has written, without anything that would move the cursor.
fn printable(word: &str) -> String {
    const LENGTH_MAX: usize = 60;
    let mut text: String = word.chars().take(LENGTH_MAX).flat_map(char::escape_debug).collect();
    if word.chars().nth(LENGTH_MAX).is_some() {
        text.push('…');
    }
    text
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn check(lines: &str, expected: &expect_test::Expect) {
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
                h => Help
                HELP => Help
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
    fn simulated_clients() {
        check(
            "t -c 3 -p 5 -t 1
             t -t .25 -c2
             t -p -1
             t -p-1 -c 200000
             t -c 0
             t -c many
             t -c
             t -c -p 5
             t -p -2
             t -p 1.5
             t -t -1
             t -t inf
             t 5
             t -x 5
             t stop now",
            &expect![[r#"
                t -c 3 -p 5 -t 1 => Simulate(Simulation { clients: 3, packets: Some(5), pause: 1s })
                t -t .25 -c2 => Simulate(Simulation { clients: 2, packets: Some(5), pause: 250ms })
                t -p -1 => Simulate(Simulation { clients: 1, packets: None, pause: 0ns })
                t -p-1 -c 200000 => Simulate(Simulation { clients: 200000, packets: None, pause: 0ns })
                t -c 0 => `-c 0`: clients are a whole number from 1 to 200000; try `t -c 3`
                t -c many => `-c many`: clients are a whole number from 1 to 200000; try `t -c 3`
                t -c => a number is missing after `-c`; try `t -c 3`
                t -c -p 5 => `-c -p`: clients are a whole number from 1 to 200000; try `t -c 3`
                t -p -2 => `-p -2`: packets are a whole number, or -1: without end; try `t -p 3`
                t -p 1.5 => `-p 1.5`: packets are a whole number, or -1: without end; try `t -p 3`
                t -t -1 => `-t -1`: seconds are a number, 0 or more, with a fraction if you like; try `t -t 3`
                t -t inf => `-t inf`: seconds are a number, 0 or more, with a fraction if you like; try `t -t 3`
                t 5 => `t` knows no `5`; try `t -c 3 -p 5 -t 1`, or `t stop`
                t -x 5 => `t` knows no `-x`; try `t -c 3 -p 5 -t 1`, or `t stop`
                t stop now => `t` knows no `stop`; try `t -c 3 -p 5 -t 1`, or `t stop`
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
