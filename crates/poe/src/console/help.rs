//! `h`: what can be typed.

use super::{
    catalogue::COMMANDS,
    command::{Command, Entry, Mistake, find, unknown},
};
use std::str::SplitWhitespace;

/// The widest line of the help, so that it fits a small terminal.
const WIDTH: usize = 79;

pub(super) fn read(entry: &Entry, mut words: SplitWhitespace<'_>) -> Result<Command, Mistake> {
    let Some(name) = words.next() else { return Ok(Command::Help(None)) };
    let about = find(name).ok_or_else(|| unknown(name))?;
    entry.alone(words, Command::Help(Some(about)))
}

pub(super) fn answer(about: Option<&Entry>) -> String {
    let mut text = String::new();
    if let Some(entry) = about {
        push_page(&mut text, entry);
        return text.trim_end().to_owned();
    }
    for entry in &COMMANDS {
        push_entry(&mut text, entry);
    }
    text.push_str(
        "`h COMMAND` says more and shows examples. Tab completes, the arrow keys bring\n\
         back earlier lines, Ctrl-D leaves the console and lets the server run.",
    );
    text
}

fn push_entry(text: &mut String, entry: &Entry) {
    let Entry { short, long, arguments, .. } = entry;
    let words = if short == long { (*short).to_owned() } else { format!("{short}, {long}") };
    text.push_str(format!("  {words} {arguments}").trim_end());
    text.push('\n');
    push_wrapped(text, entry.about);
}

fn push_page(text: &mut String, entry: &Entry) {
    push_entry(text, entry);
    if !entry.more.is_empty() {
        push_wrapped(text, entry.more);
    }
    let width = entry.examples.iter().map(|(line, _)| line.len()).max().unwrap_or(0);
    for (line, does) in entry.examples {
        text.push_str(&format!("POE-TERM: {line:width$}   {does}\n"));
    }
}

fn push_wrapped(text: &mut String, about: &str) {
    const INDENT: &str = "       ";
    let mut line = INDENT.to_owned();
    for word in about.split(' ') {
        if line.len() + 1 + word.len() > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = INDENT.to_owned();
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help() {
        expect_test::expect![[r#"
              a, alarms [all|CLASS|SOURCE]
                    alarms, supervisory and trouble signals that stand, the most important
                    first
              ack, acknowledge ID...|all
                    acknowledge: somebody has seen it; `a` shows the IDs
              silence ID...
                    end the sound of an alarm, and nothing else
              reset ID...
                    release a latched alarm, once its condition is gone
              shelve ID MINUTES REASON...
                    keep an alarm quiet for a while; it is still watched and journalled
              unshelve ID...
                    end a shelving before its time
              emergency KIND ZONE [NOTE...]
                    raise an alarm by hand: fire, extreme_weather, active_shooter or
                    public_safety
              e, events [COUNT|KIND|#ALARM|SOURCE ...]
                    the latest entries of the journal (20), the newest last
              z, zones
                    places and the worst that stands in each
              l, list [ADDRESS]
                    list connections: since when, how many frames, how many of them invalid
              n, nodes [ADDRESS]
                    nodes: first and last seen, connections, sensors, frames; and those
                    that wait for approval
              approve ADDRESS...
                    a node that is new, or waits for approval, is one of ours
              dismiss ADDRESS...
                    a node that waits for approval is none of ours; it comes again if it
                    sends again
              s, sensors [ADDRESS]
                    sensors and their latest values; those of one node: s 10.89.21.188
              t, test [-c CLIENTS] [-p PACKETS] [-t SECONDS]
                    launch simulated clients (1), each of which sends packets (5; -1:
                    without end), so many seconds apart (0); t stop: stop them
              v, verbose [on|off]
                    verbose on and off: show what happens while it happens
              h, help [COMMAND]
                    this help, or all about one command
              q, quit
                    quit: store everything and stop the server; `poe console` is left, and
                    its server goes on
            `h COMMAND` says more and shows examples. Tab completes, the arrow keys bring
            back earlier lines, Ctrl-D leaves the console and lets the server run."#]]
        .assert_eq(&answer(None));
        assert!(answer(None).lines().all(|line| line.len() <= WIDTH));
    }

    #[test]
    fn a_page() {
        expect_test::expect![[r#"
              ack, acknowledge ID...|all
                    acknowledge: somebody has seen it; `a` shows the IDs
                    It ends the sound of the alarm and keeps who has seen it. A latched
                    alarm still has to be reset. `all` is every alarm that is
                    unacknowledged now; what is kept quiet is left as it is.
            POE-TERM: ack 12      alarm 12 has been seen
            POE-TERM: ack 12 13   both
            POE-TERM: ack all     every one that asks for it"#]]
        .assert_eq(&answer(find("ack")));
        let pages = COMMANDS.iter().map(|entry| answer(Some(entry)));
        assert!(
            pages.flat_map(|page| page.lines().map(str::len).collect::<Vec<_>>()).all(|width| width <= 90)
        );
        assert!(COMMANDS.iter().all(|entry| !entry.examples.is_empty()));
        for (line, _) in COMMANDS.iter().flat_map(|entry| entry.examples) {
            assert!(crate::console::command::parse(line).is_ok(), "{line}");
        }
    }
}
