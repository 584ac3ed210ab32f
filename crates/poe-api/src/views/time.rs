//! Times as RFC 3339 has them: UTC, with milliseconds.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use poe_building::Time;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::short::ShortText;

const DAY_S: i64 = 24 * 60 * 60;

/// A time as it is written: `2026-03-29T14:03:07.250Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(as = Time, value_type = String, format = DateTime)]
pub(crate) struct Stamp(pub(crate) Time);

impl Stamp {
    /// The text of any time from 1970 to 2399, as nearly all are, in a tenth of the time that a calendar takes.
    fn quick(self) -> Option<ShortText> {
        const END_S: i64 = 13_569_465_600;
        let micros = self.0.0;
        let second = micros.div_euclid(1_000_000);
        if !(0..END_S).contains(&second) {
            return None;
        }
        let (year, month, day) = date(second / DAY_S);
        let of_day = (second % DAY_S) as u32;
        let mut text = ShortText::default();
        for (number, count, end) in [
            (year, 4, b'-'),
            (month, 2, b'-'),
            (day, 2, b'T'),
            (of_day / 3_600, 2, b':'),
            (of_day / 60 % 60, 2, b':'),
            (of_day % 60, 2, b'.'),
            // Cut, not rounded: nothing is shown as later than it was.
            ((micros % 1_000_000 / 1_000) as u32, 3, b'Z'),
        ] {
            text.digits(number, count);
            text.push(end);
        }
        Some(text)
    }
}

/// The date of a day since 1970, by Howard Hinnant's `civil_from_days`: a year begins in March, so that a leap day is its
/// last.
fn date(days: i64) -> (u32, u32, u32) {
    let days = days as u32 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u32::from(month <= 2), month, day)
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What no calendar shows is brought to the nearest that one does.
        let end = if self.0 < Time::default() { Timestamp::MIN } else { Timestamp::MAX };
        let time = Timestamp::from_microsecond(self.0.0).unwrap_or(end);
        // Cut, not rounded: nothing is shown as later than it was.
        write!(f, "{time:.3}")
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.quick() {
            Some(text) => serializer.serialize_str(text.as_str()),
            None => serializer.collect_str(self),
        }
    }
}

impl From<Time> for Stamp {
    fn from(time: Time) -> Self {
        Stamp(time)
    }
}

/// What the wall's clock shows.
pub(crate) fn now() -> Time {
    // A clock before 1970 is wrong, and makes nothing look old.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::default().after(since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_has_milliseconds_and_is_never_late() {
        let stamps = [0, 999, 1_000, 1_774_792_987_250_999, -1, 253_402_207_200_000_000]
            .map(|micros| Stamp(Time(micros)).to_string());
        expect_test::expect![[r#"
            1970-01-01T00:00:00.000Z
            1970-01-01T00:00:00.000Z
            1970-01-01T00:00:00.001Z
            2026-03-29T14:03:07.250Z
            1969-12-31T23:59:59.999Z
            9999-12-30T22:00:00.000Z"#]]
        .assert_eq(&stamps.join("\n"));
        assert!(Stamp(Time::NEVER).to_string().starts_with('-'), "no clock shows it, and nothing fails");
        assert!(Stamp(Time(i64::MAX)).to_string().starts_with("9999-12-"));
    }

    #[test]
    fn the_quick_way_writes_what_the_calendar_does() {
        let same = |micros: i64| {
            let stamp = Stamp(Time(micros));
            assert_eq!(serde_json::to_string(&stamp).unwrap(), format!("\"{stamp}\""));
        };
        // Every day that has a quick text, and one beyond; at another time of day each.
        let days = 13_569_465_600 / DAY_S;
        (0..=days).for_each(|day| same((day * DAY_S + day % DAY_S) * 1_000_000 + day));
        [-1, 0, 999_999, 13_569_465_599_999_999, i64::MAX, i64::MIN].into_iter().for_each(same);
        assert!(
            Stamp(Time(13_569_465_599_999_999)).quick().is_some_and(|text| text.as_str().starts_with("2399"))
        );
    }
}
