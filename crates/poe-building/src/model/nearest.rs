//! The word that somebody most likely meant.

/// The candidate a person most likely meant by `word`; none, if all differ in more than a third of it.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, candidate) = candidates.map(|candidate| (distance(word, candidate), candidate)).min()?;
    (distance <= candidate.len() / 3).then_some(candidate)
}

/// How many letters must be put in, left out, changed or swapped with their neighbour to come from one word to the
/// other (optimal string alignment).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    let mut before = None;
    for (i, a) in from.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, &b) in to.iter().enumerate() {
            let changed = row[j] + usize::from(a != b);
            let mut least = changed.min(row[j + 1] + 1).min(next[j] + 1);
            if j > 0 && before == Some(b) && to[j - 1] == a {
                least = least.min(above[j - 1] + 1);
            }
            next.push(least);
        }
        above = core::mem::replace(&mut row, next);
        before = Some(a);
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_a_word_may_be_wrong() {
        let known = ["kitchen", "main", "floor-2"];
        for (word, meant) in [
            ("kichen", Some("kitchen")),
            ("mian", Some("main")),
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
