//! A page as Slack and those who imitate it take it.

use super::{Message, body, plain};
use serde::Serialize;

/// Slack cuts a text at 40,000 characters.
const TEXT_BYTES_MAX: usize = 30_000;

/// A name or message is a line, not a page.
const LINE_BYTES_MAX: usize = 600;

#[derive(Serialize)]
struct Body {
    text: String,
    /// Asterisks and underscores in names are letters.
    mrkdwn: bool,
}

/// # Errors
/// None that is known: a struct of a text and a truth can be written.
pub(crate) fn slack(message: &Message<'_>) -> serde_json::Result<Vec<u8>> {
    let text = format!("{}\n{}", message.subject(), body(message, LINE_BYTES_MAX));
    serde_json::to_vec(&Body { text: escaped(&plain::clipped(&text, TEXT_BYTES_MAX)), mrkdwn: false })
}

/// As Slack says that text has to be escaped. Its imitators also call people by a bare `@`, which a character without a
/// width takes apart.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('@', "@\u{200b}")
}
