//! Times as people say them: on the clock of the place, and how long ago.

use jiff::{Timestamp, tz::TimeZone};
use poe::Time;

/// This moment at this place.
pub(crate) struct When {
    now: Timestamp,
    zone: TimeZone,
}

impl When {
    pub(crate) fn now() -> Self {
        Self { now: Timestamp::now(), zone: TimeZone::system() }
    }

    pub(crate) fn moment(&self) -> Time {
        Time(self.now.as_microsecond())
    }

    /// `14:03:07` if it was today, else `2026-03-29 14:03`.
    pub(crate) fn clock(&self, time: Time) -> String {
        let Ok(time) = Timestamp::from_microsecond(time.0) else { return "-".to_owned() };
        let [time, now] = [time, self.now].map(|time| time.to_zoned(self.zone.clone()));
        let form = if time.date() == now.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" };
        time.strftime(form).to_string()
    }

    /// `3 s ago`, `5 min ago`, `7 h ago`, `12 d ago`.
    pub(crate) fn ago(&self, time: Option<Time>) -> String {
        let Some(time) = time else { return "-".to_owned() };
        match self.now.as_microsecond().saturating_sub(time.0) / 1_000_000 {
            ..=0 => "now".to_owned(),
            seconds @ 1..120 => format!("{seconds} s ago"),
            seconds @ 120..7_200 => format!("{} min ago", seconds / 60),
            seconds @ 7_200..172_800 => format!("{} h ago", seconds / 3_600),
            seconds => format!("{} d ago", seconds / 86_400),
        }
    }

    /// The zone of [`When::clock`].
    pub(crate) fn zone(&self) -> String {
        match self.zone.iana_name() {
            Some("Etc/UTC" | "Etc/Unknown") => "UTC".to_owned(),
            Some(name) => name.to_owned(),
            None => self.now.to_zoned(self.zone.clone()).strftime("%Z").to_string(),
        }
    }
}

#[cfg(test)]
impl When {
    /// 2026-03-29 14:03:07 in UTC.
    pub(crate) fn spring() -> Self {
        Self { now: "2026-03-29T14:03:07Z".parse().unwrap(), zone: TimeZone::UTC }
    }

    pub(crate) fn seconds_before(&self, seconds: i64) -> Time {
        Time::from_secs(self.now.as_second() - seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_say_them() {
        let when = When::spring();
        let said = [0, 1, 119, 120, 7_199, 7_200, 86_400, 172_800, -5].map(|seconds| {
            let time = when.seconds_before(seconds);
            format!("{} {}", when.clock(time), when.ago(Some(time)))
        });
        expect_test::expect![[r#"
            14:03:07 now
            14:03:06 1 s ago
            14:01:08 119 s ago
            14:01:07 2 min ago
            12:03:08 119 min ago
            12:03:07 2 h ago
            2026-03-28 14:03 24 h ago
            2026-03-27 14:03 2 d ago
            14:03:12 now"#]]
        .assert_eq(&said.join("\n"));
        assert_eq!([when.ago(None), when.clock(Time(i64::MAX)), when.zone()], ["-", "-", "UTC"]);
    }

    #[test]
    fn the_clock_is_that_of_the_place() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let when = When { zone, ..When::spring() };
        assert_eq!(when.clock(when.seconds_before(0)), "16:03:07");
        assert_eq!(when.zone(), "CEST");
    }
}
