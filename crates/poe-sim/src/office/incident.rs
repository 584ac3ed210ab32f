//! What happens in the office while somebody watches it: small things, each of which ends by itself, again and again.

use poe_wire::SensorKind;
use std::time::Duration;

/// After so long everything happens again.
pub const CYCLE: Duration = Duration::from_secs(10 * 60);

/// Something that happens in a room, once in each [`CYCLE`].
#[derive(Debug)]
pub(super) struct Incident {
    pub(super) room: &'static str,
    /// When it begins, since the begin of the cycle.
    from_s: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    /// The node says nothing for so long.
    Silence { for_s: u64 },
    /// What sensors of a kind read rises to a value, stays there, and falls back to what they would read.
    Rise { kind: SensorKind, to: u8, rises_s: u64, stays_s: u64, falls_s: u64 },
}

#[rustfmt::skip]
pub(super) static INCIDENTS: [Incident; 4] = [
    // Somebody makes toast: a smoke warning that clears.
    Incident { room: "kitchen", from_s: 40, what: What::Rise { kind: SensorKind::Smoke, to: 176, rises_s: 15, stays_s: 30, falls_s: 30 } },
    // The cable of the archive's node is loose: it is late, in trouble, and comes back.
    Incident { room: "archive", from_s: 160, what: What::Silence { for_s: 75 } },
    // The dishwasher is opened: humid air.
    Incident { room: "canteen", from_s: 310, what: What::Rise { kind: SensorKind::Humidity, to: 86, rises_s: 20, stays_s: 50, falls_s: 50 } },
    // The air conditioning of the servers pauses: heat.
    Incident { room: "servers", from_s: 450, what: What::Rise { kind: SensorKind::Temperature, to: 113, rises_s: 50, stays_s: 30, falls_s: 60 } },
];

impl Incident {
    /// What a sensor of the room reads in place of `value`. `None`: its node says nothing.
    pub(super) fn change(&self, kind: SensorKind, value: u8, watched: Duration) -> Option<u8> {
        let in_cycle = Duration::from_millis((watched.as_millis() % CYCLE.as_millis()) as u64);
        let Some(passed) = in_cycle.checked_sub(Duration::from_secs(self.from_s)) else { return Some(value) };
        let passed = passed.as_secs_f64();
        match self.what {
            What::Silence { for_s } => (passed >= for_s as f64).then_some(value),
            What::Rise { kind: concerned, to, rises_s, stays_s, falls_s } if concerned == kind => {
                let (rises, stays, falls) = (rises_s as f64, stays_s as f64, falls_s as f64);
                let risen = (passed / rises).min((rises + stays + falls - passed) / falls).clamp(0.0, 1.0);
                let (from, to) = (f64::from(value), f64::from(to));
                Some((from + (to - from) * risen).round() as u8)
            }
            What::Rise { .. } => Some(value),
        }
    }
}
