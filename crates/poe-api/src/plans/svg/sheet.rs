//! Declarations of CSS, and style sheets of them. They are taken apart and put together again from what is known.

use super::{names, values};

/// `fill:red;stroke:url(#hatch)`, without what is not known to do no harm.
pub(super) fn declarations(text: &str, may_refer: bool) -> String {
    let text = without_comments(text);
    let harmless = text.split(';').filter_map(|declaration| {
        let (property, value) = declaration.split_once(':')?;
        let (property, value) = (names::property(property.trim())?, values::plain(value)?);
        (may_refer || !value.contains("url(")).then(|| format!("{property}:{value}"))
    });
    harmless.collect::<Vec<_>>().join(";")
}

/// A style sheet without anything that begins with an @, and without references: what a rule refers to would have to be
/// counted once for each element that it holds for.
pub(super) fn harmless(text: &str) -> String {
    let text = without_comments(text);
    let rules = text.split('}').filter_map(|rule| {
        let (selector, declared) = rule.split_once('{')?;
        // What ends with a semicolon before a selector is an order such as @import.
        let selector = selector.rsplit(';').next().unwrap_or(selector);
        let selector = selector.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        let declared = declarations(declared, false);
        (is_plain(&selector) && !declared.is_empty()).then(|| format!("{selector}{{{declared}}}"))
    });
    rules.collect::<Vec<_>>().join("\n")
}

fn is_plain(selector: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || " .#,*>+~:_-".contains(c);
    !selector.is_empty() && selector.chars().all(is_plain)
}

/// What a comment without an end holds is left out with it.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        kept.push(' ');
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}
