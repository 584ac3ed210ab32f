//! What an attribute or a declaration may say.

/// What looks like a call, and is harmless: colours and transformations.
const FUNCTIONS: [&str; 10] =
    ["hsl", "hsla", "matrix", "rgb", "rgba", "rotate", "scale", "skewx", "skewy", "translate"];

/// Pictures within a drawing: pixels alone, since a drawing within it would not have been looked at.
const PICTURES: [&str; 4] = [
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/jpg;base64,",
    "data:image/webp;base64,",
];

/// Numbers, lengths, colours, words, paths. There is no colon, no slash, no backslash and no semicolon in them, and so no
/// address, no comment, no escape and no second declaration.
pub(super) fn plain(text: &str) -> Option<String> {
    let text = spaced(text);
    let is_plain = |c: char| {
        if c.is_ascii() {
            c.is_ascii_alphanumeric() || " #.,%+-()'\"_".contains(c)
        } else {
            c.is_alphanumeric()
        }
    };
    if text.is_empty() || !text.chars().all(is_plain) || !quotes_match(&text) {
        return None;
    }
    let mut harmless = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, inside)) = rest.split_once('(') {
        let called = before.rsplit([' ', ',', ')', '\'', '"']).next().unwrap_or(before);
        harmless.push_str(&before[..before.len() - called.len()]);
        if called.eq_ignore_ascii_case("url") {
            let (target, after) = inside.split_once(')')?;
            let target = fragment(target.trim().trim_matches(['\'', '"']))?;
            harmless.extend(["url(", &target, ")"]);
            rest = after;
        } else {
            let known = FUNCTIONS.into_iter().any(|known| called.eq_ignore_ascii_case(known));
            if !known {
                return None;
            }
            harmless.extend([called, "("]);
            rest = inside;
        }
    }
    harmless.push_str(rest);
    Some(harmless)
}

/// A name by which another part of the drawing refers to this one.
pub(super) fn name(text: &str) -> Option<String> {
    let text = text.trim();
    let is_plain = |c: char| c.is_alphanumeric() || "._-".contains(c);
    (!text.is_empty() && text.chars().all(is_plain)).then(|| text.to_owned())
}

/// Names with spaces between them.
pub(super) fn names(text: &str) -> Option<String> {
    let kept: Vec<String> = text.split_ascii_whitespace().filter_map(name).collect();
    (!kept.is_empty()).then(|| kept.join(" "))
}

/// A part of this drawing.
pub(super) fn fragment(text: &str) -> Option<String> {
    name(text.trim().strip_prefix('#')?).map(|name| format!("#{name}"))
}

/// A picture of pixels that is in the drawing itself.
pub(super) fn picture(text: &str) -> Option<String> {
    let text: String = text.split_ascii_whitespace().collect();
    let start = PICTURES
        .into_iter()
        .find(|start| text.get(..start.len()).is_some_and(|said| said.eq_ignore_ascii_case(start)))?;
    let data = &text[start.len()..];
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    data.bytes().all(is_base64).then(|| format!("{start}{data}"))
}

/// With one space where there was any, and none at the ends.
fn spaced(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn quotes_match(text: &str) -> bool {
    let mut open = None;
    for quote in text.chars().filter(|c| matches!(c, '\'' | '"')) {
        match open {
            None => open = Some(quote),
            Some(begun) if begun == quote => open = None,
            Some(_) => {}
        }
    }
    open.is_none()
}
