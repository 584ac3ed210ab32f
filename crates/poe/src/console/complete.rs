//! What the Tab key offers.

use super::{catalogue::COMMANDS, command::find, events, filter::Filter, house::House, plain::plain};
use poe::{Alarm, Emergency, EntryKind, Quiet};

/// More than this is no help any more, whatever the building's size. It also has to fit on a screen: while the editor
/// asks whether to show another page, no alarm could be told.
const OFFERED_MAX: usize = 40;

/// Where the word before the cursor begins, and what it can become.
pub(super) fn complete(before: &str, house: &dyn House) -> (usize, Vec<String>) {
    let start = before.rfind(char::is_whitespace).map_or(0, |space| space + 1);
    let (done, word) = before.split_at(start);
    let mut done = done.split_whitespace();
    let Some(name) = done.next() else {
        return (start, commands(word));
    };
    let place = done.count();
    let first_argument = place == 0;
    let words = |words: &[&str]| beginning_with(word, words.iter().map(|word| (*word).to_owned()));
    let offered = match find(name).map(|entry| entry.short) {
        Some("t") => words(&["-c", "-p", "-t", "stop"]),
        Some("v") if first_argument => words(&["on", "off"]),
        Some("s") if first_argument && word.contains('_') => sensors(word, house),
        Some("l" | "n" | "s") if first_argument => nodes(word, house),
        Some("approve") => beginning_with(word, unapproved(house)),
        Some("dismiss") => beginning_with(word, held(house)),
        Some("h") if first_argument => commands(word),
        Some("a") if first_argument => words(&["all", "alarm", "supervisory", "trouble"]),
        Some("ack") => {
            let all = first_argument.then(|| "all".to_owned());
            let alarms = ids(house, |alarm| alarm.state.is_unacknowledged());
            beginning_with(word, alarms.into_iter().chain(all))
        }
        Some("silence") => beginning_with(word, ids(house, |alarm| alarm.audible)),
        Some("reset") => beginning_with(word, ids(house, |_| true)),
        Some("shelve") if first_argument => beginning_with(word, ids(house, |alarm| alarm.quiet.is_none())),
        Some("unshelve") => beginning_with(word, ids(house, |alarm| alarm.quiet == Some(Quiet::Shelved))),
        Some("emergency") if first_argument => {
            beginning_with(word, Emergency::ALL.map(|kind| format!("{kind} ", kind = kind.name())))
        }
        Some("emergency") if place == 1 => places(word, house),
        Some("e") if word.contains('.') => {
            words(&EntryKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>())
        }
        Some("e") => words(&events::subjects()),
        _ => Vec::new(),
    };
    (start, offered)
}

fn ids(house: &dyn House, wanted: impl Fn(&Alarm) -> bool) -> Vec<String> {
    house.known_alarms().iter().filter(|alarm| wanted(alarm)).map(|alarm| alarm.id.to_string()).collect()
}

fn places(word: &str, house: &dyn House) -> Vec<String> {
    let directory = house.names();
    let model = directory.model();
    let names = model.places.iter().map(|place| &place.name).chain([&model.site]);
    beginning_with(word, names.map(|name| plain(name)))
}

fn commands(word: &str) -> Vec<String> {
    let words = COMMANDS.iter().map(|entry| entry.long.to_owned() + " ");
    beginning_with(&word.to_ascii_lowercase(), words)
}

fn nodes(word: &str, house: &dyn House) -> Vec<String> {
    let nodes = house.nodes().unwrap_or_default();
    beginning_with(word, nodes.iter().map(|node| node.address.to_string()))
}

fn held(house: &dyn House) -> Vec<String> {
    let held = house.quarantine().unwrap_or_default();
    held.iter().map(|node| node.address.to_string()).collect()
}

fn unapproved(house: &dyn House) -> Vec<String> {
    let nodes = house.nodes().unwrap_or_default();
    let new = nodes.iter().filter(|node| !node.approved).map(|node| node.address.to_string());
    held(house).into_iter().chain(new).collect()
}

fn sensors(word: &str, house: &dyn House) -> Vec<String> {
    let node = word.rsplit_once('_').map_or(word, |(node, _)| node);
    let sensors = house.sensors(&Filter::new(node)).unwrap_or_default();
    beginning_with(word, sensors.into_iter().map(|sensor| sensor.ip_id))
}

/// The words that begin so; of too many, what they have in common.
fn beginning_with(word: &str, words: impl IntoIterator<Item = String>) -> Vec<String> {
    let found: Vec<_> = words.into_iter().filter(|candidate| candidate.starts_with(word)).collect();
    if found.len() <= OFFERED_MAX {
        return found;
    }
    let common = found.iter().skip(1).fold(found[0].as_str(), |common, candidate| {
        let same = common.chars().zip(candidate.chars()).take_while(|(one, other)| one == other);
        &common[..same.map(|(letter, _)| letter.len_utf8()).sum()]
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
        assert_eq!(commands("SE"), ["sensors "]);
        assert_eq!(commands("").len(), COMMANDS.len());
    }
}
