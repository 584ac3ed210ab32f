//! A page as an ntfy server takes it: the body is the message, headers say how loud it is.

use super::{Message, body, plain};
use poe_building::{Class, Reason};

/// An ntfy server makes a file of a message above 4,096 bytes.
const BODY_BYTES_MAX: usize = 4_000;

/// Twenty pages of two such lines each fit into a message.
const LINE_BYTES_MAX: usize = 60;

/// One page may say more.
const SINGLE_LINE_BYTES_MAX: usize = 600;

pub(crate) fn ntfy_body(message: &Message<'_>) -> Vec<u8> {
    let line_max = if message.pages.len() == 1 { SINGLE_LINE_BYTES_MAX } else { LINE_BYTES_MAX };
    plain::clipped(&body(message, line_max), BODY_BYTES_MAX).into_bytes()
}

/// Title, priority and tags. An ntfy server reads headers as UTF-8.
pub(crate) fn ntfy_headers(message: &Message<'_>) -> [(&'static str, String); 3] {
    let (priority, tag) = match message.class() {
        Class::Alarm => ("5", "rotating_light"),
        Class::Supervisory => ("4", "warning"),
        Class::Trouble => ("3", "wrench"),
    };
    let test = message.pages.iter().all(|page| page.promise.reason == Reason::Test);
    let mut tags = format!("{tag},{}", message.class().name());
    if test {
        tags.push_str(",test");
    }
    if message.unsaved() {
        tags.push_str(",unsaved");
    }
    [("Title", message.subject()), ("Priority", priority.to_owned()), ("Tags", tags)]
}
