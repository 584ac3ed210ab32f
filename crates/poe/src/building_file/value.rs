//! Values of the file, and what to say when one is not of the shape that its key takes.

use poe_building::{Text, nearest};
use std::{fmt::Display, str::FromStr, time::Duration};
use toml::de::DeValue;

/// The value, or what is wrong with it and what to try.
pub(super) type Shape<T> = Result<T, String>;

pub(super) fn text(value: &DeValue<'_>) -> Shape<Text> {
    match value {
        DeValue::String(text) => Ok((&**text).into()),
        other => Err(format!("must be text, not {}; write it in quotes", noun(other))),
    }
}

pub(super) fn texts(value: &DeValue<'_>) -> Shape<Vec<Text>> {
    match value {
        DeValue::Array(items) => items.iter().map(|item| text(item.get_ref())).collect(),
        other => {
            Err(format!("must be a list, not {}; write it in brackets, like [\"one\", \"two\"]", noun(other)))
        }
    }
}

pub(super) fn flag(value: &DeValue<'_>) -> Shape<bool> {
    match value {
        DeValue::Boolean(flag) => Ok(*flag),
        other => Err(format!("must be true or false, without quotes, not {}", noun(other))),
    }
}

pub(super) fn whole(value: &DeValue<'_>, most: u64) -> Shape<u64> {
    let number = match value {
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    number.filter(|number| *number <= most).ok_or_else(|| {
        let shown = match value {
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            other => noun(other).to_owned(),
        };
        format!("must be a whole number from 0 to {most}, not {shown}")
    })
}

/// Seconds with a fraction, down to the millisecond.
pub(super) fn secs(value: &DeValue<'_>) -> Shape<Duration> {
    let number = number(value, "seconds")?;
    let millis = (number * 1e3).round();
    // What is left of three digits after rounding is the noise of binary fractions.
    if (number * 1e3 - millis).abs() > 1e-3 {
        return Err(format!("must be whole milliseconds, such as 0.25, not {number}"));
    }
    Ok(Duration::from_millis(millis as u64))
}

/// Hours with a fraction, to the nearest second.
pub(super) fn hours(value: &DeValue<'_>) -> Shape<Duration> {
    Ok(Duration::from_secs((number(value, "hours")? * 3600.0).round() as u64))
}

/// A length of time that a [`Duration`] can hold; the model says how long is too long.
fn number(value: &DeValue<'_>, unit: &str) -> Shape<f64> {
    const MOST: f64 = 1e9;
    let number = match value {
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number as f64)
        }
        DeValue::Float(number) => number.as_str().parse().ok(),
        other => return Err(format!("must be a number of {unit}, without quotes, not {}", noun(other))),
    };
    let fits = |number: &f64| (0.0..=MOST).contains(number);
    number.filter(fits).ok_or_else(|| format!("must be a number of {unit}, 0 or more"))
}

pub(super) fn word<T: Copy + Display>(word: &str, all: &[T]) -> Shape<T> {
    let known: Vec<String> = all.iter().map(|known| known.to_string().to_lowercase()).collect();
    if let Some(at) = known.iter().position(|known| known == word) {
        return Ok(all[at]);
    }
    let hint = match nearest(word, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("it can be {}", known.join(", ")),
    };
    Err(format!("unknown word '{}'; {hint}", word.escape_debug()))
}

pub(super) fn parsed<T: FromStr>(text: &str, what: &str, like: &str) -> Shape<T> {
    text.parse().map_err(|_| format!("'{}' is not {what}; write it like {like}", text.escape_debug()))
}

fn noun(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
