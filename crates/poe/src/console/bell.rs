//! The sound of an alarm at a terminal.

use std::{
    io::{self, IsTerminal, Write, stdout},
    time::{Duration, Instant},
};

/// A fire that nobody has acknowledged or silenced rings again after so long.
const AGAIN: Duration = Duration::from_secs(10);
/// Between two strokes: closer together nobody hears that they are two.
const PAUSE: Duration = Duration::from_secs(1);
/// What makes a terminal ring, or flash where its owner has it so.
const BEL: &[u8] = b"\x07";

/// Rings by itself rather than with a line: so it is heard also while an answer is written or a list is looked through,
/// when lines have to wait.
pub(super) struct Bell {
    /// A script has no ears.
    at_terminal: bool,
    wanted: bool,
    rung: Option<Instant>,
    /// When it was last asked whether something goes on sounding.
    asked: Option<Instant>,
}

impl Bell {
    pub(super) fn new() -> Self {
        Self { at_terminal: stdout().is_terminal(), wanted: false, rung: None, asked: None }
    }

    /// Something new is to be heard, as soon as may be.
    pub(super) fn want(&mut self) {
        self.wanted = true;
    }

    /// Rings if it is time. `sounding` says whether an alarm still asks to be heard.
    pub(super) fn ring(&mut self, now: Instant, sounding: impl FnOnce() -> bool) {
        if self.at_terminal && self.is_due(now, sounding) {
            let strike = || -> io::Result<()> {
                let mut out = stdout().lock();
                out.write_all(BEL)?;
                out.flush()
            };
            // A terminal that is gone is missed elsewhere.
            strike().ok();
        }
    }

    /// How soon it may have to ring.
    pub(super) fn rest(&self, now: Instant) -> Duration {
        match self.rung {
            Some(rung) if self.wanted => PAUSE.saturating_sub(now - rung),
            _ if self.wanted => Duration::ZERO,
            _ => PAUSE,
        }
    }

    fn is_due(&mut self, now: Instant, sounding: impl FnOnce() -> bool) -> bool {
        let since = |then: Option<Instant>| then.map_or(Duration::MAX, |then| now - then);
        let is_new = self.wanted && since(self.rung) >= PAUSE;
        if !is_new {
            if since(self.rung.max(self.asked)) < AGAIN {
                return false;
            }
            self.asked = Some(now);
            if !sounding() {
                return false;
            }
        }
        (self.wanted, self.rung) = (false, Some(now));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rings_at_once_then_every_ten_seconds_until_it_is_silenced() {
        let start = Instant::now();
        let mut bell = Bell { at_terminal: true, wanted: false, rung: None, asked: None };
        let mut rings = Vec::new();
        for tenth in 0..600_u32 {
            let now = start + Duration::from_millis(100) * tenth;
            // Two alarms half a second apart, the last one silenced after 35 s.
            if tenth == 52 || tenth == 57 {
                bell.want();
            }
            if bell.is_due(now, || (52..350).contains(&tenth)) {
                rings.push(tenth);
            }
        }
        assert_eq!(rings, [52, 62, 162, 262]);
    }
}
