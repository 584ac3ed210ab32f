//! What `t` is to play.

use super::{
    command::{Command, Mistake},
    plain::printable,
};
use crate::commands::simulate::parse_seconds;
use std::{str::SplitWhitespace, time::Duration};

/// Nodes to be played.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Simulation {
    pub(super) clients: u32,
    /// `None`: without end.
    pub(super) packets: Option<u64>,
    pub(super) pause: Duration,
}

/// The most clients of one simulation.
const CLIENTS_MAX: u32 = 200_000;

pub(super) fn read(mut words: SplitWhitespace<'_>) -> Result<Command, Mistake> {
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
                return Err(Mistake::new(format!(
                    "`t` knows no `{word}`; try `t -c 3 -p 5 -t 1`, or `t stop`"
                )));
            }
        };
        let value = match value {
            "" => words.next().ok_or_else(|| {
                Mistake::new(format!("a number is missing after `{flag}`; try `t {flag} 3`"))
            })?,
            value => value,
        };
        let mistake =
            |what: String| Mistake::new(format!("`{flag} {}`: {what}; try `t {flag} 3`", printable(value)));
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

#[cfg(test)]
mod tests {
    use crate::console::command::tests::check;
    use expect_test::expect;

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
}
