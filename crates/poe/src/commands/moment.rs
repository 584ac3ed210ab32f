//! Times as people give them to a command.

use jiff::{Timestamp, civil, tz::TimeZone};

/// A day, from its beginning at this place; an hour and minute of it; or a full time with its offset.
///
/// # Errors
/// It is none of these.
pub(crate) fn read(text: &str) -> Result<Timestamp, String> {
    // A full time begins like one of this place.
    let full = || text.parse::<Timestamp>().ok();
    let here = |time: civil::DateTime| time.to_zoned(TimeZone::system()).ok().map(|time| time.timestamp());
    let of_day = || here(text.parse::<civil::DateTime>().ok()?);
    let day = || here(text.parse::<civil::Date>().ok()?.to_datetime(civil::Time::midnight()));
    let unfit =
        || format!("'{text}' is no time; write it like 2026-03-29, 2026-03-29T14:00 or 2026-03-29T14:00:00Z");
    full().or_else(of_day).or_else(day).ok_or_else(unfit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_an_offset_is_one_of_this_place() {
        let here = |time: civil::DateTime| time.to_zoned(TimeZone::system()).unwrap().timestamp();
        assert_eq!(read("2026-03-29T14:00:00+02:00").unwrap().to_string(), "2026-03-29T12:00:00Z");
        assert_eq!(read("2026-03-29"), Ok(here(civil::date(2026, 3, 29).at(0, 0, 0, 0))));
        assert_eq!(read("2026-03-29T14:00"), Ok(here(civil::date(2026, 3, 29).at(14, 0, 0, 0))));
        assert_eq!(read("2026-03-29 14:00:05"), Ok(here(civil::date(2026, 3, 29).at(14, 0, 5, 0))));
        for text in ["", "today", "2026-13-01", "14:00"] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
