//! Time as a story has it: `04:30` since it began, `1:04:30`, `04:30.250`, and how long: `250ms`, `30s`, `5m`, `2h`, `1d`.

use std::{fmt, time::Duration};

/// Longer than any story: a month. A mistyped time is told and not waited for.
const LONGEST: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// A time since the story began, as people read it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Clock(pub Duration);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0.as_secs(), self.0.subsec_millis());
        if seconds >= 60 * 60 {
            write!(f, "{}:", seconds / (60 * 60))?;
        }
        write!(f, "{:02}:{:02}", seconds / 60 % 60, seconds % 60)?;
        if millis > 0 {
            write!(f, ".{millis:03}")?;
        }
        Ok(())
    }
}

/// Reads `mm:ss` or `h:mm:ss`, with a fraction if need be.
pub(super) fn time(word: &str) -> Result<Duration, String> {
    let wrong = || format!("`{word}` is no time; write it like 04:30, 1:04:30 or 04:30.250");
    let (whole, fraction) = word.split_once('.').unwrap_or((word, "0"));
    let parts: Vec<&str> = whole.split(':').collect();
    if !(2..=3).contains(&parts.len()) || !(1..=3).contains(&fraction.len()) {
        return Err(wrong());
    }
    let mut seconds = 0;
    for (place, part) in parts.iter().enumerate() {
        let number = digits(part).ok_or_else(wrong)?;
        // Minutes and seconds end at 60; what comes first may be longer.
        if place > 0 && (number >= 60 || part.len() != 2) {
            return Err(wrong());
        }
        seconds = seconds * 60 + number;
    }
    let millis = digits(&format!("{fraction:0<3}")).ok_or_else(wrong)?;
    bounded(Duration::from_millis(seconds * 1_000 + millis), word)
}

/// Reads a number with its unit.
pub(super) fn span(word: &str) -> Result<Duration, String> {
    let wrong = || format!("`{word}` is no length of time; write it like 250ms, 30s, 5m, 2h or 1d");
    let at = word.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = word.split_at(at);
    let number = digits(number).ok_or_else(wrong)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60 * 1_000,
        "h" => 60 * 60 * 1_000,
        "d" => 24 * 60 * 60 * 1_000,
        _ => return Err(wrong()),
    };
    bounded(Duration::from_millis(number * millis), word)
}

fn digits(text: &str) -> Option<u64> {
    let plain = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn bounded(span: Duration, word: &str) -> Result<Duration, String> {
    if span > LONGEST { Err(format!("`{word}` is longer than a month")) } else { Ok(span) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for text in ["00:00", "04:30", "1:04:30", "25:00:00", "00:00.250"] {
            assert_eq!(Clock(time(text).unwrap()).to_string(), text);
        }
        assert_eq!(time("90:00"), Ok(Duration::from_secs(90 * 60)));
        assert_eq!(time("00:01.5"), Ok(Duration::from_millis(1_500)));
        for wrong in ["", "5", "5s", "00:60", "1:4:30", "00:00.", "00:00.1234", "-1:00", "9999:00:00", "a:00"]
        {
            assert!(time(wrong).is_err(), "{wrong}");
        }
        assert_eq!(span("2h"), Ok(Duration::from_secs(7_200)));
        for wrong in ["", "5", "s", "5 s", "5sec", "-5s", "99d", "99999999999s"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
