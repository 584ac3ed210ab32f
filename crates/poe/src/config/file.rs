//! The TOML file, read with the place of every key, so that a mistake can be pointed at.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Given;
use super::error::{Origin, Place, Problem, Refusal};
use super::settings::{Form, SETTINGS, Setting};

/// A thousand times the example. What is longer is some other file, perhaps one without end.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// What the file at `path` gives, in the order of its lines.
pub(super) fn read(named_by: &Origin, path: &Path) -> Vec<Result<Given, Problem>> {
    match read_bounded(path) {
        Ok(bytes) => parse(path, &bytes),
        Err(cause) => {
            let (named_by, path) = (named_by.clone(), path.to_owned());
            vec![Err(Problem::Unreadable { named_by, path, cause })]
        }
    }
}

/// What the bytes of a file give; `path` is for the messages.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Vec<Result<Given, Problem>> {
    let place = |offset| place(path, bytes, offset);
    let not_toml = |offset, message: &str| {
        vec![Err(Problem::Syntax { place: place(offset), message: message.to_owned() })]
    };
    let text = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return not_toml(error.valid_up_to(), "this is not UTF-8 text"),
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => return not_toml(error.span().map_or(0, |span| span.start), error.message()),
    };
    let mut entries: Vec<_> = table.iter().flat_map(|(key, value)| entries(key, value)).collect();
    entries.sort_by_key(|(offset, ..)| *offset);
    let is_both = |name: &str| entries.iter().any(|(_, key, _)| key == name);
    let is_twice = is_both(NOTIFY_ALLOW) && is_both(NOTIFY_ALLOW_DOTTED);
    entries
        .iter()
        .map(|(offset, key, value)| match key.as_str() {
            NOTIFY_ALLOW_DOTTED if is_twice => Err(twice(place(*offset))),
            key => entry(place(*offset), key, value),
        })
        .collect()
}

/// A setting under its two names: people write it as a part of `notify`, too.
const NOTIFY_ALLOW: &str = "notify_allow";
const NOTIFY_ALLOW_DOTTED: &str = "notify.allow";
const NOTIFY: &str = "notify";

/// Where a key of the file stands, what it is called, and its value. What is in the table `notify` counts by itself.
fn entries<'t, 'i>(
    key: &Spanned<DeString<'i>>,
    value: &'t Spanned<DeValue<'i>>,
) -> Vec<(usize, String, &'t DeValue<'i>)> {
    match value.get_ref() {
        DeValue::Table(table) if key.get_ref() == NOTIFY => {
            let inner = |(key, value): (&Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>)| {
                (key.span().start, format!("{NOTIFY}.{}", key.get_ref()), value.get_ref())
            };
            table.iter().map(inner).collect()
        }
        value => vec![(key.span().start, key.get_ref().to_string(), value)],
    }
}

fn twice(place: Place) -> Problem {
    let refusal = Refusal::Shape("notify.allow is the same setting, which can be given once");
    Problem::Value { origin: Origin::File(place), key: NOTIFY_ALLOW, refusal }
}

fn entry(place: Place, key: &str, value: &DeValue<'_>) -> Result<Given, Problem> {
    let name = if key == NOTIFY_ALLOW_DOTTED { NOTIFY_ALLOW } else { key };
    let Some(setting) = SETTINGS.iter().find(|setting| setting.key == name) else {
        let nearest = poe_building::nearest(key, SETTINGS.iter().map(|setting| setting.key));
        return Err(Problem::UnknownKey { place, key: key.to_owned(), nearest });
    };
    let origin = Origin::File(place);
    match list_or_scalar(setting, value) {
        Ok(text) => Ok(Given { setting, text, origin }),
        Err(refusal) => Err(Problem::Value { origin, key: setting.key, refusal }),
    }
}

fn list_or_scalar(setting: &Setting, value: &DeValue<'_>) -> Result<String, Refusal> {
    match (&setting.form, value) {
        (Form::List(_), DeValue::Array(items)) => {
            let texts: Result<Vec<_>, _> = items.iter().map(|item| scalar(item.get_ref())).collect();
            Ok(texts?.join(","))
        }
        (_, value) => scalar(value),
    }
}

/// Any scalar becomes text: the setting then says what it wanted, which helps more than "expected a string".
fn scalar(value: &DeValue<'_>) -> Result<String, Refusal> {
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(integer) => Ok(u64::from_str_radix(integer.as_str(), integer.radix())
            .map_or_else(|_| integer.to_string(), |number| number.to_string())),
        DeValue::Float(float) => Ok(float.to_string()),
        DeValue::Boolean(truth) => Ok(truth.to_string()),
        DeValue::Datetime(time) => Ok(time.to_string()),
        DeValue::Array(_) => {
            Err(Refusal::Shape("a list stands where one value belongs; write it without [ and ]"))
        }
        DeValue::Table(_) => {
            Err(Refusal::Shape("a table stands where a value belongs; write the value after the = sign"))
        }
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    let fits = bytes.len() as u64 <= FILE_BYTES_MAX;
    fits.then_some(bytes).ok_or_else(|| io::Error::other("it is too long for a configuration"))
}

fn place(path: &Path, text: &[u8], offset: usize) -> Place {
    let before = &text[..offset.min(text.len())];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    Place {
        path: path.to_owned(),
        line: before.iter().filter(|&&byte| byte == b'\n').count() + 1,
        column: String::from_utf8_lossy(&before[line_start..]).chars().count() + 1,
    }
}
