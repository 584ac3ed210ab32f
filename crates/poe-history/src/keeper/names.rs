//! What files are called, and where they lie.
//!
//! A name says what is needed to find the catalogue's entry again if the catalogue is lost, and `date=`, `month=` are what
//! DuckDB, Polars and Spark take for columns.

use super::Level;
use crate::files::Step;

/// A day of UTC, in milliseconds: leap seconds are not counted.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// What one name says: `00000012-00000019-1795392000000-1795478399600-d-s77.parquet`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Name {
    /// The lowest set that has become part of it.
    pub(super) first: u64,
    /// Its own set, which is the highest of these.
    pub(super) set: u64,
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
    /// Whether it is a whole day's or month's.
    pub(super) daily: bool,
    /// With this file, everything up to this segment of the log is in files.
    pub(super) sealed_through: Option<u64>,
    /// A bit for each kind whose readings were removed from it.
    pub(super) kinds_removed: u8,
}

impl Name {
    /// A name of a file that was sealed, or has become of the sets from `first` on. Its times are those of its content.
    pub(super) fn new(first: u64, set: u64) -> Self {
        Self { first, set, from_ms: 0, to_ms: 0, daily: false, sealed_through: None, kinds_removed: 0 }
    }

    /// The name of a file, or of the file at a path.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next()?.strip_suffix(".parquet")?;
        // Times before 1970 begin with a minus, which is written as an `m`.
        let mut parts = name.split('-');
        let time = |text: &str| match text.strip_prefix('m') {
            Some(digits) => format!("-{digits}").parse::<i64>().ok(),
            None => text.parse::<u64>().ok()?.try_into().ok(),
        };
        let mut it = Self {
            first: parts.next()?.parse().ok()?,
            set: parts.next()?.parse().ok()?,
            from_ms: time(parts.next()?)?,
            to_ms: time(parts.next()?)?,
            daily: false,
            sealed_through: None,
            kinds_removed: 0,
        };
        for part in parts {
            match part.split_at_checked(1)? {
                ("d", "") => it.daily = true,
                ("s", number) => it.sealed_through = Some(number.parse().ok()?),
                ("k", bits) => it.kinds_removed = u8::from_str_radix(bits, 16).ok()?,
                _ => return None,
            }
        }
        // What is written otherwise is not ours, however alike it looks.
        (it.to_string() == name).then_some(it)
    }

    /// Whether this file has everything that the other has, so that a crash has left the other behind.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        let same = (self.first, self.set) == (other.first, other.set);
        let holds = self.first <= other.first && other.set <= self.set;
        let later =
            (self.daily, self.kinds_removed.count_ones()) > (other.daily, other.kinds_removed.count_ones());
        let in_time = other.kinds_removed != self.kinds_removed
            || (self.from_ms <= other.from_ms && other.to_ms <= self.to_ms);
        holds && in_time && (!same || later)
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = |ms: i64| if ms < 0 { format!("m{}", ms.unsigned_abs()) } else { ms.to_string() };
        write!(f, "{:08}-{:08}-{}-{}", self.first, self.set, time(self.from_ms), time(self.to_ms))?;
        if self.daily {
            write!(f, "-d")?;
        }
        if let Some(number) = self.sealed_through {
            write!(f, "-s{number}")?;
        }
        if self.kinds_removed > 0 {
            write!(f, "-k{:02x}", self.kinds_removed)?;
        }
        Ok(())
    }
}

/// The UTC day in which a moment lies, counted from 1970-01-01.
pub(crate) fn day_of(ms: i64) -> i64 {
    ms.div_euclid(DAY_MS)
}

/// A day as people write it: `2026-11-23`.
pub(crate) fn date(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A day's month: `2026-11`.
pub(crate) fn month(day: i64) -> String {
    let (year, month, _) = civil(day);
    format!("{year:04}-{month:02}")
}

/// The folder of a file about this day, from the data folder on.
pub(super) fn folder(level: Level, day: i64) -> String {
    match level {
        Level::Raw => format!("history/date={}", date(day)),
        Level::Rollup(Step::Minute) => format!("rollups/minute/date={}", date(day)),
        Level::Rollup(Step::Hour) => format!("rollups/hour/month={}", month(day)),
    }
}

/// Year, month and day of the Gregorian calendar. Whole eras of 400 years have the same length, and a year that begins with
/// March has its leap day at its end; years far off are as good as any, so that no clock can bring this to a halt.
fn civil(day: i64) -> (i64, i64, i64) {
    let days = day + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_have_the_dates_of_the_calendar() {
        let begin = jiff::civil::date(1900, 1, 1);
        let first = day_of(-2_208_988_800_000);
        for days in (0..90_000).step_by(7) {
            let at = begin.checked_add(jiff::Span::new().days(days)).unwrap();
            assert_eq!(date(first + days), at.to_string());
        }
        assert_eq!((date(0), month(31)), ("1970-01-01".into(), "1970-02".into()));
        assert!(!date(i64::MAX / DAY_MS).is_empty() && !date(i64::MIN / DAY_MS).is_empty());
    }

    #[test]
    fn what_is_not_named_as_ours_is_not_ours() {
        for name in
            ["a.parquet", "1-2-3-4.parquet", "00000001-00000001-5-6-x.parquet", "00000001-00000001-5-6"]
        {
            assert_eq!(Name::parse(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_name_says_what_it_was_made_from(
            first: u32, more: u32, from_ms: i64, to_ms: i64, daily: bool,
            sealed_through: Option<u64>, kinds_removed in 0u8..64,
        ) {
            let (first, set) = (u64::from(first), u64::from(first) + u64::from(more));
            let name = Name { first, set, from_ms, to_ms, daily, sealed_through, kinds_removed };
            prop_assert_eq!(Name::parse(&format!("history/date=x/{name}.parquet")), Some(name));
        }
    }
}
