//! Passwords that are among the first to be tried.

/// Words that people make passwords of, in small letters; a few long ones are passwords by themselves.
const WORDS: &str = include_str!("common.txt");
/// Along these fingers and children go.
const ROADS: [&str; 8] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];
/// So many common words in a row are still one guess among few.
const WORDS_IN_A_ROW: usize = 3;
/// What repeats after so few characters is not longer than these.
const UNIT_CHARS: usize = 4;

/// Whether a password, in small letters, is among those.
pub(super) fn is_common(password: &str) -> bool {
    let chars: Vec<char> = password.chars().collect();
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
    let bare = password.trim_matches(|c: char| !c.is_alphabetic() && c != '@' && c != '$');
    repeats(&chars)
        || follows_roads(&chars)
        || is_made_of_words(&letters(password), WORDS_IN_A_ROW)
        || is_made_of_words(&letters(&unmasked(bare)), WORDS_IN_A_ROW)
}

/// The same few characters again and again.
fn repeats(chars: &[char]) -> bool {
    (1..=UNIT_CHARS).any(|unit| chars.iter().zip(&chars[unit..]).all(|(one, next)| one == next))
}

/// Long pieces of the roads, forwards or backwards, and little besides.
fn follows_roads(chars: &[char]) -> bool {
    let mut pieces = 0;
    let mut at = 0;
    while at < chars.len() {
        at += ROADS.iter().map(|road| follow(&chars[at..], road)).max().unwrap_or(1).max(1);
        pieces += 1;
    }
    pieces * 4 <= chars.len()
}

/// How many characters go along a road from their first on.
fn follow(chars: &[char], road: &str) -> usize {
    let there = |mut road: Box<dyn Iterator<Item = char> + '_>| {
        let begins = road.any(|step| Some(&step) == chars.first());
        if begins { 1 + chars[1..].iter().zip(road).take_while(|(c, step)| **c == *step).count() } else { 0 }
    };
    there(Box::new(road.chars())).max(there(Box::new(road.chars().rev())))
}

/// As it would be without the signs that stand for letters.
fn unmasked(text: &str) -> String {
    let letter = |c| match c {
        '@' | '4' => 'a',
        '$' | '5' => 's',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '7' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

fn is_made_of_words(text: &str, most: usize) -> bool {
    let mut words = WORDS.split_whitespace();
    // Signs and digits alone have their own rules.
    !text.is_empty()
        && words.any(|word| {
            let Some(rest) = text.strip_prefix(word) else { return false };
            rest.is_empty() || most > 1 && is_made_of_words(rest, most - 1)
        })
}
