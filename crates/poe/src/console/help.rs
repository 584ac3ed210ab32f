//! `h`: what can be typed.

use super::command::COMMANDS;

/// The widest line of the help, so that it fits a small terminal.
const WIDTH: usize = 79;

pub(super) fn answer() -> String {
    let mut text = String::new();
    for entry in &COMMANDS {
        let also = format!("  {}, {} {}", entry.short, entry.long, entry.arguments);
        text.push_str(also.trim_end());
        text.push('\n');
        push_wrapped(&mut text, entry.about);
    }
    text.push_str(
        "Tab completes, the arrow keys bring back earlier lines, Ctrl-D leaves the\n\
         console and lets the server run.",
    );
    text
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
              l, list [ADDRESS]
                    list connections: since when, how many frames, how many of them invalid
              n, nodes [ADDRESS]
                    nodes: first and last seen, connections, sensors, frames
              s, sensors [ADDRESS]
                    sensors and their latest values; those of one node: s 10.89.21.188
              t, test [-c CLIENTS] [-p PACKETS] [-t SECONDS]
                    launch simulated clients (1), each of which sends packets (5; -1:
                    without end), so many seconds apart (0); t stop: stop them
              v, verbose [on|off]
                    verbose on and off: show what happens while it happens
              h, help
                    this help
              q, quit
                    quit: store everything and stop the server
            Tab completes, the arrow keys bring back earlier lines, Ctrl-D leaves the
            console and lets the server run."#]]
        .assert_eq(&answer());
        assert!(answer().lines().all(|line| line.len() <= WIDTH));
    }
}
