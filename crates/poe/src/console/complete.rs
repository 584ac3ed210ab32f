//! What the Tab key offers.

use super::command::{COMMANDS, find};
use poe::Sys;

/// More than this is no help any more, whatever the building's size.
const OFFERED_MAX: usize = 200;

/// Where the word before the cursor begins, and what it can become.
pub(super) fn complete(before: &str, sys: &Sys) -> (usize, Vec<String>) {
    let start = before.rfind(char::is_whitespace).map_or(0, |space| space + 1);
    let (done, word) = before.split_at(start);
    let mut done = done.split_whitespace();
    let Some(name) = done.next() else {
        return (start, commands(word));
    };
    let first_argument = done.next().is_none();
    let offered = match find(name).map(|entry| entry.short) {
        Some("t") => beginning_with(word, ["-c", "-p", "-t", "stop"].map(str::to_owned)),
        Some("v") if first_argument => beginning_with(word, ["on", "off"].map(str::to_owned)),
        Some("s") if first_argument && word.contains('_') => sensors(word, sys),
        Some("l" | "n" | "s") if first_argument => nodes(word, sys),
        _ => Vec::new(),
    };
    (start, offered)
}

fn commands(word: &str) -> Vec<String> {
    let words = COMMANDS.iter().map(|entry| entry.long.to_owned() + " ");
    beginning_with(&word.to_ascii_lowercase(), words)
}

fn nodes(word: &str, sys: &Sys) -> Vec<String> {
    let nodes = sys.nodes().unwrap_or_default();
    beginning_with(word, nodes.iter().map(|node| node.address.to_string()))
}

fn sensors(word: &str, sys: &Sys) -> Vec<String> {
    beginning_with(word, sys.sensors().into_iter().map(|sensor| sensor.ip_id))
}

/// The words that begin so; of too many, what they have in common.
fn beginning_with(word: &str, words: impl IntoIterator<Item = String>) -> Vec<String> {
    let found: Vec<_> = words.into_iter().filter(|candidate| candidate.starts_with(word)).collect();
    if found.len() <= OFFERED_MAX {
        return found;
    }
    let common = found.iter().skip(1).fold(found[0].as_str(), |common, candidate| {
        let same = common.bytes().zip(candidate.bytes()).take_while(|(one, other)| one == other).count();
        // Commands, addresses and keys are ASCII, so that every byte is a place to cut.
        &common[..same]
    });
    vec![common.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_big_building_is_completed_as_far_as_all_its_nodes_agree() {
        let nodes = || (0..1_000).map(|node| format!("10.89.{}.{}", node / 250, node % 250));
        assert_eq!(beginning_with("1", nodes()), ["10.89."]);
        assert_eq!(beginning_with("10.89.3.24", nodes()).len(), 11);
        assert_eq!(beginning_with("10.90", nodes()), [""; 0]);
    }

    #[test]
    fn commands_are_completed_to_their_long_words() {
        assert_eq!(commands("S"), ["sensors "]);
        assert_eq!(commands("").len(), COMMANDS.len());
    }
}
