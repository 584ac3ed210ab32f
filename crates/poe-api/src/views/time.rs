//! Times as RFC 3339 has them: UTC, with milliseconds.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use poe_building::Time;
use serde::{Serialize, Serializer};

/// A time as it is written: `2026-03-29T14:03:07.250Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp(pub(crate) Time);

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
        serializer.collect_str(self)
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
}
