//! What the cells of a row mean: times, kinds, values, as people and programs write them.

use crate::reading::Reading;
use jiff::{Timestamp, civil};
use poe_building::{Profile, SensorKey};
use poe_wire::SensorKind;
use std::net::IpAddr;

/// Numbers from here on are milliseconds: as seconds they would lie in the year 5138.
const MILLIS_FROM: f64 = 1e11;

/// What is in the cells of one row.
pub(super) struct Cells<'a> {
    pub(super) whose: Whose<'a>,
    pub(super) kind: Cell<'a>,
    pub(super) value: Cell<'a>,
    pub(super) time: Cell<'a>,
    /// Nothing, or nothing in it: the thresholds tell.
    pub(super) status: Option<Cell<'a>>,
}

/// One cell, and the name of its column.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) column: &'a str,
    pub(super) content: Content<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Content<'a> {
    Text(&'a str),
    Number(f64),
    /// Nothing, or what cannot be any of it.
    Other,
}

/// Which cells tell whose reading it is.
pub(super) enum Whose<'a> {
    Key(Cell<'a>),
    NodeAndSensor(Cell<'a>, Cell<'a>),
}

impl Cells<'_> {
    /// The reading, or what is wrong with it and what would be right.
    pub(super) fn reading(&self, profile: &Profile) -> Result<(SensorKey, Reading), String> {
        let key = match &self.whose {
            Whose::Key(cell) => cell.as_text("a sensor's key, such as 10.89.21.188_17")?,
            Whose::NodeAndSensor(node, sensor) => {
                let wanted = "an address, such as 10.89.21.188";
                let address: IpAddr = node.as_text(wanted)?;
                SensorKey { address: address.to_canonical(), id: sensor.as_byte()? }
            }
        };
        let kind = self.kind.as_kind()?;
        let value = self.value.as_byte()?;
        let status = match self.status {
            Some(cell) if !cell.is_empty() => cell.as_text("normal, warning, critical or undefined")?,
            _ => profile.status(kind, value),
        };
        Ok((key, Reading { time_ms: self.time.as_millis()?, value, kind, status }))
    }
}

impl Cell<'_> {
    fn is_empty(&self) -> bool {
        matches!(self.content, Content::Other | Content::Text(""))
    }

    fn wrong(&self, wanted: &str) -> String {
        let Self { column, content } = self;
        match content {
            Content::Text("") | Content::Other => format!("{column} is empty; it has to be {wanted}"),
            Content::Text(text) => format!("{column} is {:?}; it has to be {wanted}", shortened(text)),
            Content::Number(number) => format!("{column} is {number}; it has to be {wanted}"),
        }
    }

    fn as_text<T: std::str::FromStr>(&self, wanted: &str) -> Result<T, String> {
        match self.content {
            Content::Text(text) => text.trim().parse().map_err(|_| self.wrong(wanted)),
            _ => Err(self.wrong(wanted)),
        }
    }

    fn as_byte(&self) -> Result<u8, String> {
        let wanted = "a whole number from 0 to 255";
        match self.content {
            Content::Number(number) if number.fract() == 0.0 && (0.0..=255.0).contains(&number) => {
                Ok(number as u8)
            }
            Content::Text(_) => self.as_text(wanted),
            _ => Err(self.wrong(wanted)),
        }
    }

    fn as_kind(&self) -> Result<SensorKind, String> {
        let Content::Text(text) = self.content else { return Err(self.wrong(&kinds())) };
        let text = text.trim();
        let known = text.parse().ok().or_else(|| text.to_ascii_uppercase().parse().ok());
        known.ok_or_else(|| self.wrong(&kinds()))
    }

    /// To the nearest millisecond: seconds with a fraction are seldom exact.
    fn as_millis(&self) -> Result<i64, String> {
        let number = |number: f64| {
            let millis = if number.abs() < MILLIS_FROM { number * 1_000.0 } else { number };
            // What no calendar has stays out of reach of every range.
            millis.is_finite().then_some(millis.round() as i64)
        };
        let millis = match self.content {
            Content::Number(seconds) => number(seconds),
            Content::Text(text) => match text.trim().parse::<f64>() {
                Ok(seconds) => number(seconds),
                Err(_) => text.trim().parse::<Timestamp>().ok().map(nearest_millis),
            },
            Content::Other => None,
        };
        millis.ok_or_else(|| match self.content {
            Content::Text(text) if text.trim().parse::<civil::DateTime>().is_ok() => self.wrong(
                "a time with its offset from UTC, such as 2026-03-14T09:26:53.589Z or 2026-03-14T10:26:53.589+01:00: without \
                 one it could be any of 26 hours. What SQLite's datetime() has written is UTC, and only lacks the Z",
            ),
            _ => self.wrong("a time, such as 2026-03-14T09:26:53.589Z, or seconds or milliseconds since 1970"),
        })
    }
}

fn nearest_millis(time: Timestamp) -> i64 {
    let micros = time.as_microsecond();
    (micros + 500).div_euclid(1_000)
}

fn kinds() -> String {
    let names = SensorKind::ALL.map(SensorKind::name);
    let (last, others) = names.split_last().expect("there are six kinds");
    format!("{} or {last}", others.join(", "))
}

/// The beginning of what somebody wrote: a line of a message is short.
fn shortened(text: &str) -> String {
    const CHARACTERS_MAX: usize = 40;
    match text.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Result<i64, String> {
        Cell { column: "time", content: Content::Text(text) }.as_millis()
    }

    #[test]
    fn a_time_is_read_to_the_millisecond_however_it_is_written() {
        for (text, right) in [
            ("2026-03-14T09:26:53.589Z", 1_773_480_413_589),
            ("2026-03-14 09:26:53.589Z", 1_773_480_413_589),
            ("2026-03-14T10:26:53.589+01:00", 1_773_480_413_589),
            ("2026-03-14T09:26:53Z", 1_773_480_413_000),
            ("2026-03-14T09:26:53.589499Z", 1_773_480_413_589),
            ("2026-03-14T09:26:53.5895Z", 1_773_480_413_590),
            ("1773480413.589", 1_773_480_413_589),
            ("1773480413", 1_773_480_413_000),
            (" 1773480413589 ", 1_773_480_413_589),
            ("1.773480413589e9", 1_773_480_413_589),
        ] {
            assert_eq!(millis(text), Ok(right), "{text}");
        }
        for text in ["", "yesterday", "2026-03-14T09:26:53", "nan", "inf", "14.03.2026"] {
            let told = millis(text).unwrap_err();
            assert!(told.contains("such as 2026-03-14T09:26:53.589Z"), "{text}: {told}");
        }
        for text in ["2026-03-14T09:26:53", "2026-03-14 09:26:53", "2026-03-14 09:26:53.589", "2026-03-14"] {
            let told = millis(text).unwrap_err();
            assert!(told.contains("offset from UTC") && told.contains("lacks the Z"), "{text}: {told}");
        }
        for millis in 1_773_480_413_000..1_773_480_414_000_i64 {
            let cell = Cell { column: "time", content: Content::Number(millis as f64 / 1_000.0) };
            assert_eq!(cell.as_millis(), Ok(millis), "as the REAL of a table");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_what_would_be_right() {
        let cell = |content| Cell { column: "value", content };
        let told = [
            cell(Content::Text("256")).as_byte().unwrap_err(),
            cell(Content::Number(0.5)).as_byte().unwrap_err(),
            cell(Content::Other).as_byte().unwrap_err(),
            cell(Content::Text("smok")).as_kind().unwrap_err(),
        ];
        expect_test::expect![[r#"
            value is "256"; it has to be a whole number from 0 to 255
            value is 0.5; it has to be a whole number from 0 to 255
            value is empty; it has to be a whole number from 0 to 255
            value is "smok"; it has to be FIRE, SMOKE, MOTION, HUMIDITY, TEMPERATURE or WATER"#]]
        .assert_eq(&told.join("\n"));
        assert_eq!(cell(Content::Text("smoke")).as_kind(), Ok(SensorKind::Smoke));
        assert_eq!(cell(Content::Number(255.0)).as_byte(), Ok(255));
    }
}
