//! What a message says, before and in each format: one page, or several that go out together.

mod cap;
mod json;
mod ntfy;
pub(crate) mod plain;
mod slack;
mod text;

pub(crate) use cap::cap;
pub use json::SCHEMA_VERSION;
pub(crate) use json::json;
pub(crate) use ntfy::{ntfy_body, ntfy_headers};
pub(crate) use slack::slack;
pub(crate) use text::body;

use crate::page::Page;
use aws_lc_rs::digest::{SHA256, digest};
use poe_building::{Class, Reason};
use std::{fmt::Write as _, sync::Arc};

/// A subject is a line on a telephone; this is more than any shows.
const SUBJECT_BYTES_MAX: usize = 200;

/// A key in a header: every server takes a line of this length.
const HEADER_KEY_BYTES_MAX: usize = 200;

/// Pages that go out together, at least one.
pub(crate) struct Message<'a> {
    pub(crate) site: &'a str,
    pub(crate) pages: &'a [Arc<Page>],
    /// What makes a second copy of it recognisable.
    pub(crate) key: String,
}

impl<'a> Message<'a> {
    pub(crate) fn new(site: &'a str, pages: &'a [Arc<Page>]) -> Self {
        let key = match pages {
            [page] => page.promise.key.to_string(),
            pages => {
                let keys: Vec<&str> = pages.iter().map(|page| &*page.promise.key).collect();
                hex(digest(&SHA256, keys.join("\n").as_bytes()).as_ref())
            }
        };
        Self { site, pages, key }
    }

    /// The class of its most important page.
    pub(crate) fn class(&self) -> Class {
        self.pages.iter().map(|page| page.promise.class).min().unwrap_or(Class::Trouble)
    }

    /// Whether something of it is not on the disk yet.
    pub(crate) fn unsaved(&self) -> bool {
        self.pages.iter().any(|page| page.unsaved)
    }

    /// What it says, in one line.
    pub(crate) fn subject(&self) -> String {
        let subject = match self.pages {
            [page] => format!("{}: {}", title(page), plain::line(&page.promise.summary)),
            pages => {
                let first = pages.first().map_or("", |page| &*page.promise.summary);
                format!("{}: {}, ...", self.count(), plain::line(first))
            }
        };
        plain::clipped(&subject, SUBJECT_BYTES_MAX)
    }

    /// How many there are of what.
    pub(crate) fn count(&self) -> String {
        let one_class = self.pages.iter().all(|page| page.promise.class == self.class());
        let what = match self.class() {
            Class::Alarm if one_class => "alarms",
            Class::Supervisory if one_class => "supervisory signals",
            Class::Trouble if one_class => "troubles",
            _ => "signals",
        };
        format!("{} {what}", self.pages.len())
    }

    /// The key as a header can hold it: what is not visible ASCII is percent-encoded, a long one is its SHA-256.
    pub(crate) fn header_key(&self) -> String {
        let mut safe = String::with_capacity(self.key.len());
        for byte in self.key.bytes() {
            match byte {
                b'!'..=b'~' if byte != b'%' => safe.push(char::from(byte)),
                _ => _ = write!(safe, "%{byte:02X}"),
            }
        }
        if safe.len() > HEADER_KEY_BYTES_MAX { self.digest() } else { safe }
    }

    /// The SHA-256 of the key, in hexadecimal: it fits where hardly any character does.
    pub(crate) fn digest(&self) -> String {
        hex(digest(&SHA256, self.key.as_bytes()).as_ref())
    }
}

/// The word that a page's line begins with.
fn title(page: &Page) -> &'static str {
    match (page.promise.reason, page.promise.class) {
        (Reason::Test, _) => "Test",
        (_, Class::Alarm) => "ALARM",
        (_, Class::Supervisory) => "Supervisory",
        (_, Class::Trouble) => "Trouble",
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
