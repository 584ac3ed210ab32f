//! Time as the building is told it: the wall's, which stamps carry, and the steady one, by which it waits.

use core::{fmt, time::Duration};

/// Microseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(pub i64);

impl Time {
    /// Earlier than any clock shows: the stamp of what has never been.
    pub const NEVER: Self = Self(i64::MIN);

    /// A whole number of seconds since 1970.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs * 1_000_000)
    }

    /// Seconds since 1970 with a fraction, as the table's `time` column has them. What no clock can show
    /// (not a number, or beyond the range of `i64` microseconds) is brought to the nearest that one can.
    pub fn from_secs_f64(secs: f64) -> Self {
        Self((secs * 1e6).round() as i64)
    }

    /// Seconds since 1970 with a fraction.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// So much later.
    #[must_use]
    pub const fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span) as i64))
    }

    /// How much later this is than `earlier`; nothing if it is not.
    pub const fn since(self, earlier: Self) -> Duration {
        let passed = self.0.saturating_sub(earlier.0);
        Duration::from_micros(if passed > 0 { passed as u64 } else { 0 })
    }
}

/// As journal texts show it: `2026-11-23 09:04:19 UTC`, to the second.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(1_000_000);
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Years begin in March here, so that a leap day is the last of its year; 719,468 days before 1970 began year 0.
        let days = days + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

/// Microseconds on a clock that nobody can set: it starts anywhere and only goes on. A restart starts it anew.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Ticks(pub u64);

impl Ticks {
    /// So much later.
    #[must_use]
    pub const fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span)))
    }

    /// How much later this is than `earlier`; nothing if it is not.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

/// Now, on both clocks. Stamps take the wall's time, everything that lasts is measured in ticks: so a clock that is set
/// neither ends a shelving nor accuses a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Moment {
    /// What stamps carry.
    pub time: Time,
    /// What durations are measured by.
    pub ticks: Ticks,
}

impl Moment {
    /// When something is due that lasts this long from now.
    pub const fn due(self, span: Duration) -> Due {
        Due { ticks: self.ticks.after(span), time: self.time.after(span) }
    }

    /// Brings back what an earlier run wrote down as due. A wall that was set meanwhile makes nothing wait for longer
    /// than `longest`.
    pub fn due_again(self, time: Time, longest: Duration) -> Due {
        self.due(time.since(self.time).min(longest))
    }
}

impl From<Time> for Moment {
    /// For those who have one clock alone, as stories do: its ticks start in 1970.
    fn from(time: Time) -> Self {
        Self { time, ticks: Ticks(u64::try_from(time.0).unwrap_or(0)) }
    }
}

/// When something is due: what is waited for, and what is written down.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Due {
    /// On the clock that nobody can set.
    pub ticks: Ticks,
    /// On the wall, for people and for the next run.
    pub time: Time,
}

const fn micros(span: Duration) -> u64 {
    let micros = span.as_micros();
    if micros > i64::MAX as u128 { i64::MAX as u64 } else { micros as u64 }
}
