//! One table of the file, read key by key.
//!
//! What is wrong is noted and nothing is given, so that the rest can still be judged. Every key that was asked for is
//! known; the others are mistakes.

use super::{
    error::Found,
    value::{self, Shape},
};
use poe_building::{Text, nearest};
use std::{fmt::Display, str::FromStr, time::Duration};
use toml::de::{DeTable, DeValue};

/// A table and what is wrong in it.
pub(super) struct Table<'a, 'i> {
    path: String,
    at: usize,
    entries: &'a DeTable<'i>,
    asked: Vec<&'static str>,
    found: Vec<Found>,
}

impl<'a, 'i> Table<'a, 'i> {
    pub(super) fn new(path: impl Into<String>, at: usize, entries: &'a DeTable<'i>) -> Self {
        Self { path: path.into(), at, entries, asked: Vec::new(), found: Vec::new() }
    }

    /// Where it begins.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn entries(&self) -> &'a DeTable<'i> {
        self.entries
    }

    /// Whether the key is there, understood or not.
    pub(super) fn has(&mut self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// Says what is wrong with the key; where the table begins, if the key is not there.
    pub(super) fn refuse(&mut self, key: &str, what: impl Into<String>) {
        let at = self.entries.get_key_value(key).map_or(self.at, |(written, _)| written.span().start);
        self.found.push(Found { at, key: self.path_of(key), what: what.into() });
    }

    /// The value of a key that cannot be left out; something harmless, if it is not there or not right.
    pub(super) fn needed<T>(&mut self, key: &'static str, value: Option<T>, like: &str, harmless: T) -> T {
        if value.is_none() && !self.has(key) {
            self.refuse(key, format!("is missing; write it like {key} = {like}"));
        }
        value.unwrap_or(harmless)
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<Text> {
        self.shaped(key, value::text)
    }

    /// A name that cannot be left out.
    pub(super) fn needed_text(&mut self, key: &'static str, like: &str) -> Text {
        let text = self.text(key);
        self.needed(key, text, &format!("\"{like}\""), "".into())
    }

    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<Text>> {
        self.shaped(key, value::texts)
    }

    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        self.shaped(key, value::flag)
    }

    pub(super) fn byte(&mut self, key: &'static str) -> Option<u8> {
        self.shaped(key, |value| value::whole(value, u8::MAX.into()))
            .and_then(|number| u8::try_from(number).ok())
    }

    pub(super) fn port(&mut self, key: &'static str) -> Option<u16> {
        self.shaped(key, |value| value::whole(value, u16::MAX.into()))
            .and_then(|number| u16::try_from(number).ok())
    }

    pub(super) fn secs(&mut self, key: &'static str) -> Option<Duration> {
        self.shaped(key, value::secs)
    }

    /// Seconds, or the word for never.
    pub(super) fn secs_or_never(&mut self, key: &'static str) -> Option<Option<Duration>> {
        self.shaped(key, |value| match value {
            DeValue::String(word) if word == "never" => Ok(None),
            DeValue::String(_) => Err("must be seconds, such as 300, or \"never\"".into()),
            value => value::secs(value).map(Some),
        })
    }

    pub(super) fn hours(&mut self, key: &'static str) -> Option<Duration> {
        self.shaped(key, value::hours)
    }

    /// One of a few words.
    pub(super) fn word<T: Copy + Display>(&mut self, key: &'static str, all: &[T]) -> Option<T> {
        self.shaped(key, |value| value::text(value).and_then(|word| value::word(&word, all)))
    }

    /// Some of a few words.
    pub(super) fn words<T: Copy + Display>(&mut self, key: &'static str, all: &[T]) -> Option<Vec<T>> {
        self.shaped(key, |value| value::texts(value)?.iter().map(|word| value::word(word, all)).collect())
    }

    /// Text of which there is more to say than that it is text.
    pub(super) fn parsed<T: FromStr>(&mut self, key: &'static str, what: &str, like: &str) -> Option<T> {
        self.shaped(key, |value| value::text(value).and_then(|text| value::parsed(&text, what, like)))
    }

    pub(super) fn parsed_list<T: FromStr>(
        &mut self,
        key: &'static str,
        what: &str,
        like: &str,
    ) -> Option<Vec<T>> {
        self.shaped(key, |value| {
            value::texts(value)?.iter().map(|text| value::parsed(text, what, like)).collect()
        })
    }

    /// A table in this one; hand it back to [`Table::close`].
    pub(super) fn table(&mut self, key: &'static str) -> Option<Self> {
        match self.get(key)? {
            (at, DeValue::Table(entries)) => Some(Self::new(self.path_of(key), at, entries)),
            (_, DeValue::Array(_)) => {
                self.refuse(key, format!("there is only one; write [{key}] and not [[{key}]]"));
                None
            }
            _ => {
                self.refuse(key, "must be a table; write its keys in braces, or below it in brackets");
                None
            }
        }
    }

    /// Takes over what is wrong with a table in this one.
    pub(super) fn close(&mut self, inner: Self) {
        self.found.extend(inner.finish());
    }

    /// A list of tables.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<Self> {
        let Some((_, value)) = self.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value else {
            self.refuse(key, format!("there can be many; write [[{key}]] and not [{key}]"));
            return Vec::new();
        };
        let path = self.path_of(key);
        let mut tables = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::Table(entries) => tables.push(Self::new(&*path, item.span().start, entries)),
                _ => self.refuse(key, format!("must be tables; write [[{key}]] above each")),
            }
        }
        tables
    }

    /// What is wrong, the keys that nobody knows among it.
    pub(super) fn finish(mut self) -> Vec<Found> {
        for (written, _) in self.entries {
            let key: &str = written.get_ref();
            if self.asked.contains(&key) {
                continue;
            }
            let hint = nearest(key, self.asked.iter().copied()).map_or_else(
                || format!("known here: {}", self.asked.join(", ")),
                |near| format!("did you mean '{near}'?"),
            );
            let what = format!("unknown key '{}'; {hint}", key.escape_debug());
            self.found.push(Found { at: written.span().start, key: self.path.clone(), what });
        }
        self.found
    }

    fn shaped<T>(&mut self, key: &'static str, shape: impl FnOnce(&DeValue<'i>) -> Shape<T>) -> Option<T> {
        let (_, value) = self.get(key)?;
        match shape(value) {
            Ok(value) => Some(value),
            Err(what) => {
                self.refuse(key, what);
                None
            }
        }
    }

    fn get(&mut self, key: &'static str) -> Option<(usize, &'a DeValue<'i>)> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.get_key_value(key).map(|(written, value)| (written.span().start, value.get_ref()))
    }

    fn path_of(&self, key: &str) -> String {
        match (&*self.path, key) {
            ("", key) => key.to_owned(),
            (path, "") => path.to_owned(),
            (path, key) => format!("{path}.{key}"),
        }
    }
}
