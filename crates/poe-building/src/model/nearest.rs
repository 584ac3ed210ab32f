//! The word that somebody most likely meant.

/// The candidate a person most likely meant by `word`; none, if all differ in more than a third of it.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, candidate) = candidates.map(|candidate| (distance(word, candidate), candidate)).min()?;
    (distance <= candidate.len() / 3).then_some(candidate)
}

/// How many letters must be put in, left out or changed to come from one word to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.chars().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[row.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_a_word_may_be_wrong() {
        let known = ["kitchen", "main", "floor-2"];
        for (word, meant) in [
            ("kichen", Some("kitchen")),
            ("mian", None),
            ("maim", Some("main")),
            ("floor-3", Some("floor-2")),
            ("garage", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known.into_iter()), meant, "{word}");
        }
        assert_eq!(nearest("main", [].into_iter()), None);
    }
}
