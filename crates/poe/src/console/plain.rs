//! Texts of others, fit for a terminal.

/// A text without anything that moves the cursor or lets letters run backwards. Names and messages are checked where
/// they come in; this is the last door before the screen.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|letter| if is_unseen(letter) { char::REPLACEMENT_CHARACTER } else { letter }).collect()
}

/// What a person has typed, to be shown in an answer.
pub(crate) fn printable(word: &str) -> String {
    const LENGTH_MAX: usize = 60;
    let mut text: String = word.chars().take(LENGTH_MAX).flat_map(char::escape_debug).collect();
    if word.chars().nth(LENGTH_MAX).is_some() {
        text.push('…');
    }
    text
}

fn is_unseen(letter: char) -> bool {
    let turns = matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    letter.is_control() || turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_moves_no_cursor() {
        assert_eq!(plain("Küche \u{1b}[2J\n\u{9b}1A\u{7f}"), "Küche \u{fffd}[2J\u{fffd}\u{fffd}1A\u{fffd}");
        assert_eq!(plain("stove\u{202e}evots"), "stove\u{fffd}evots");
        assert_eq!(printable(&"x\u{7}".repeat(40)), format!("{}…", "x\\u{7}".repeat(30)));
    }
}
