//! Conditions on versions, where two people may edit the same thing.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::problem::Problem;

const UNFIT: Problem =
    Problem::new(StatusCode::BAD_REQUEST, "If-Match must be the ETag that you were given, in its quotes.");
const OTHER: Problem = Problem::new(
    StatusCode::PRECONDITION_FAILED,
    "This is not its ETag: somebody has changed it meanwhile, or the tag is of something else. Read it again.",
);

/// The version of what an answer shows.
pub(crate) fn etag(version: u64) -> (HeaderName, HeaderValue) {
    let quoted = HeaderValue::try_from(format!("\"{version}\""));
    (header::ETAG, quoted.expect("a number in quotes needs no escaping"))
}

/// The version that a change is to be made from, by `If-Match: "7"`; any, if there is none, or an asterisk.
pub(crate) fn if_match(headers: &HeaderMap, current: u64) -> Result<Option<u64>, Problem> {
    if_match_either(headers, current, None)
}

/// The same of what goes by another tag as well, without its quotes.
pub(crate) fn if_match_either(
    headers: &HeaderMap,
    current: u64,
    also: Option<&str>,
) -> Result<Option<u64>, Problem> {
    let lines: Vec<&[u8]> =
        headers.get_all(header::IF_MATCH).into_iter().map(HeaderValue::as_bytes).collect();
    match lines[..] {
        [] => return Ok(None),
        [line] if line.trim_ascii() == b"*" => return Ok(None),
        _ => {}
    }
    let tags: Option<Vec<Vec<Tag<'_>>>> = lines.into_iter().map(tags).collect();
    let tags = tags.ok_or(UNFIT)?.concat();
    if tags.is_empty() {
        return Err(UNFIT);
    }
    // A weak tag promises less than a change needs, so that it never matches.
    let strong = || tags.iter().filter(|tag| !tag.is_weak);
    let is_also = |tag: &Tag<'_>| also.is_some_and(|also| tag.word == also.as_bytes());
    if strong().any(|tag| tag.version() == Some(current) || is_also(tag)) {
        return Ok(Some(current));
    }
    // What is in force may be newer than what is shown while the disk is slow: whoever changes it looks again.
    strong().filter_map(Tag::version).max().map(Some).ok_or(OTHER)
}

/// Whether whoever asks has this version already.
pub(crate) fn is_known(headers: &HeaderMap, version: u64) -> bool {
    has_tag(headers, &format!("\"{version}\""))
}

/// Whether whoever asks has what this tag stands for. It is in quotes.
pub(crate) fn has_tag(headers: &HeaderMap, current: &str) -> bool {
    let current = current.trim_matches('"').as_bytes();
    headers.get_all(header::IF_NONE_MATCH).into_iter().map(HeaderValue::as_bytes).any(|line| {
        // A line that makes no sense is no reason to keep the answer back.
        line.trim_ascii() == b"*" || tags(line).unwrap_or_default().iter().any(|tag| tag.word == current)
    })
}

/// A tag as it was said.
#[derive(Debug, Clone, Copy)]
struct Tag<'a> {
    is_weak: bool,
    word: &'a [u8],
}

impl Tag<'_> {
    /// The version that it is the tag of, written as we write it.
    fn version(&self) -> Option<u64> {
        let word = str::from_utf8(self.word).ok()?;
        word.parse().ok().filter(|version: &u64| version.to_string() == word)
    }
}

/// The tags of a line, between commas; nothing, if it is no list of tags. A bare number is one as well.
fn tags(line: &[u8]) -> Option<Vec<Tag<'_>>> {
    let mut tags = Vec::new();
    let mut rest = line.trim_ascii();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(b",") {
            rest = after.trim_ascii_start();
            continue;
        }
        let weak = rest.strip_prefix(b"W/");
        let (word, after) = if let Some(quoted) = weak.unwrap_or(rest).strip_prefix(b"\"") {
            let end = quoted.iter().position(|byte| *byte == b'"')?;
            (&quoted[..end], &quoted[end + 1..])
        } else {
            let end = rest.iter().position(|byte| *byte == b',').unwrap_or(rest.len());
            let bare = rest[..end].trim_ascii_end();
            (Some(bare).filter(|bare| !bare.is_empty() && bare.iter().all(u8::is_ascii_digit))?, &rest[end..])
        };
        tags.push(Tag { is_weak: weak.is_some(), word });
        rest = after.trim_ascii_start();
        if !(rest.is_empty() || rest.starts_with(b",")) {
            return None;
        }
    }
    Some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (name.clone(), HeaderValue::from_str(line).unwrap())).collect()
    }

    /// What is asked for of version 5, whose picture is `abc`; or the refusal.
    fn asked(lines: &[&str]) -> Result<Option<u64>, u16> {
        let headers = headers(&header::IF_MATCH, lines);
        if_match_either(&headers, 5, Some("abc")).map_err(|problem| problem.status.as_u16())
    }

    #[test]
    fn a_change_is_made_from_any_of_the_tags_that_are_said() {
        assert_eq!(asked(&[]), Ok(None));
        assert_eq!(asked(&[" * "]), Ok(None));
        for now in [
            &["\"5\""][..],
            &["5"],
            &["\"4\", \"5\""],
            &["\"4\",,\"5\" ,"],
            &["\"4\"", "\"5\""],
            &["W/\"5\", \"5\""],
            &["\"a,b\", \"5\""],
            &["\"abc\""],
        ] {
            assert_eq!(asked(now), Ok(Some(5)), "{now:?}");
        }
        assert_eq!(asked(&["\"4\""]), Ok(Some(4)));
        assert_eq!(asked(&["\"3\", \"6\""]), Ok(Some(6)), "which may be in force, and not shown yet");
    }

    #[test]
    fn a_tag_that_is_none_of_ours_does_not_match() {
        for other in [
            &["\"stale\""][..],
            &["\"\""],
            &["W/\"5\""],
            &["\"05\""],
            &["\"+5\""],
            &["\"*\""],
            &["\"\u{e9}\""],
            &["\"5 \""],
            &["W/\"5\", \"x\""],
        ] {
            assert_eq!(asked(other), Err(412), "{other:?}");
        }
        for unfit in [
            &[""][..],
            &[","],
            &["stale"],
            &["\"5"],
            &["5\""],
            &["\"4\"\"5\""],
            &["\"4\" \"5\""],
            &["W/5"],
            &["w/\"5\""],
            &["*, \"5\""],
            &["*", "\"5\""],
            &["-5"],
        ] {
            assert_eq!(asked(unfit), Err(400), "{unfit:?}");
        }
    }

    #[test]
    fn what_is_known_is_known_by_a_weak_tag_as_well() {
        let is_known = |lines: &[&str]| is_known(&headers(&header::IF_NONE_MATCH, lines), 5);
        for known in [
            &["\"5\""][..],
            &["W/\"5\""],
            &["\"4\", W/\"5\""],
            &["\"4\"", "\"5\""],
            &["*"],
            &["\"a,b\",\"5\""],
        ] {
            assert!(is_known(known), "{known:?}");
        }
        for other in [&[][..], &["\"4\""], &["\"4,5\""], &["\"05\""], &["\"5"], &["\"5\" x"]] {
            assert!(!is_known(other), "{other:?}");
        }
    }
}
