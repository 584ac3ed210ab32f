//! The heartbeat: when it is due and how it stands. Pure; somebody else notices when it stays away.

use crate::{failure::Failure, figures::HeartbeatFigures, format::plain};
use poe_building::{Heartbeat, Moment, Text, Ticks, Time};
use std::time::Duration;

/// The shortest interval that is kept: whoever watches for a building's server does not look more often.
const INTERVAL_MIN: Duration = Duration::from_secs(1);

/// The longest reason that is shown, in bytes.
const REASON_BYTES_MAX: usize = 400;

/// A heartbeat and its schedule.
pub(crate) struct Beat {
    heartbeat: Heartbeat,
    due: Ticks,
    under_way: bool,
    failed: Option<Text>,
    failures: u64,
    last_success: Option<Time>,
}

impl Beat {
    /// The first one is due at once.
    pub(crate) fn new(heartbeat: Heartbeat, now: Ticks) -> Self {
        Self { heartbeat, due: now, under_way: false, failed: None, failures: 0, last_success: None }
    }

    /// The heartbeat is described anew; if it is another, it is due at once.
    pub(crate) fn describe(&mut self, heartbeat: Heartbeat, now: Ticks) {
        if self.heartbeat != heartbeat {
            self.heartbeat = heartbeat;
            self.due = now;
        }
    }

    /// The heartbeat, if it is due. Beats that fell behind, as in a machine that slept, are not made up for.
    pub(crate) fn depart(&mut self, now: Ticks) -> Option<Heartbeat> {
        if self.under_way || now < self.due {
            return None;
        }
        self.under_way = true;
        let interval = self.heartbeat.interval.max(INTERVAL_MIN);
        let next = self.due.after(interval);
        self.due = if next > now { next } else { now.after(interval) };
        Some(self.heartbeat.clone())
    }

    pub(crate) fn landed(&mut self, result: Result<(), Failure>, now: Moment) {
        self.under_way = false;
        match result {
            Ok(()) => {
                self.failed = None;
                self.last_success = Some(now.time);
            }
            Err(failure) => {
                self.failures += 1;
                let reason = plain::line(&failure.to_string());
                self.failed = Some(plain::clipped(&reason, REASON_BYTES_MAX).into());
            }
        }
    }

    /// When the next one is due; one under way is waited for.
    pub(crate) fn due(&self) -> Option<Ticks> {
        (!self.under_way).then_some(self.due)
    }

    pub(crate) fn figures(&self) -> HeartbeatFigures {
        HeartbeatFigures {
            failed: self.failed.clone(),
            failures: self.failures,
            last_success: self.last_success,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_keep_their_time_and_are_not_made_up_for() {
        let heartbeat =
            Heartbeat { url: "http://watch/".into(), interval: Duration::from_secs(60), ca_file: None };
        let at = |secs: i64| Moment::from(Time::from_secs(secs));
        let mut beat = Beat::new(heartbeat, at(1000).ticks);
        assert!(beat.depart(at(1000).ticks).is_some());
        assert!(beat.depart(at(1070).ticks).is_none(), "one at a time");
        beat.landed(Err(Failure::Unreachable("gone\r\nX".into())), at(1070));
        assert_eq!(beat.figures().failed.as_deref(), Some("gone X"));
        assert!(beat.depart(at(1070).ticks).is_some());
        beat.landed(Ok(()), at(1071));
        assert_eq!((beat.figures().failed, beat.due()), (None, Some(at(1120).ticks)));
        assert!(beat.depart(at(5000).ticks).is_some());
        beat.landed(Ok(()), at(5000));
        assert_eq!(beat.due(), Some(at(5060).ticks));
    }
}
