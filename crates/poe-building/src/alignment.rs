//! Is a stream still read at its frames' edges?
//!
//! Frames carry no mark of where they begin. A stream that has lost a byte betrays itself by frames that mean
//! nothing and by frames that give known sensors another kind. Half of them bad closes nothing, since a node with
//! some unknown sensors is like that; two thirds of the last [`WINDOW`] do.

/// How many of a connection's latest frames are judged: 18 bursts of the common node.
const WINDOW: u16 = 384;
/// So many bad frames in the window close the connection: two thirds.
const BAD_MAX: u16 = WINDOW / 3 * 2;

/// How far back [`Alignment::doubtful`] looks, and how much it takes: an out-of-step burst of the common node gives
/// eight contradicting announcements in a row, just before it makes up sensors that do not exist.
const DOUBT_WINDOW: u32 = u16::BITS;
const DOUBT_MIN: u32 = DOUBT_WINDOW / 2;

/// Judges one connection. While every frame is good it costs a null pointer.
#[derive(Default, Debug)]
pub(crate) struct Alignment(Option<Box<Window>>);

#[derive(Debug)]
struct Window {
    /// One bit per frame of the window, set if it was bad.
    bad: [u64; WINDOW as usize / 64],
    bad_count: u16,
    at: u16,
    /// The latest frames, one bit each, set if it announced a known sensor with another kind.
    contradictions: u16,
}

/// How a frame was bad.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It means nothing, or posts another kind for a known sensor, or for a sensor born in doubt.
    Bad,
    /// It announces a known sensor with another kind.
    Contradiction,
}

impl Alignment {
    /// Notes `count` good frames in a row.
    #[inline]
    pub(crate) fn good(&mut self, count: u32) {
        if let Some(window) = &mut self.0 {
            for _ in 0..count.min(u32::from(WINDOW)) {
                window.push(false);
            }
            window.contradictions = window.contradictions.checked_shl(count).unwrap_or(0);
            if window.bad_count == 0 {
                self.0 = None;
            }
        }
    }

    /// Notes a bad frame.
    pub(crate) fn bad(&mut self, fault: Fault) {
        let window = self
            .0
            .get_or_insert_with(|| Box::new(Window { bad: [0; _], bad_count: 0, at: 0, contradictions: 0 }));
        window.push(true);
        window.contradictions = window.contradictions << 1 | u16::from(fault == Fault::Contradiction);
    }

    /// Whether so many frames were bad that the stream must be out of step.
    pub(crate) fn lost(&self) -> bool {
        self.0.as_ref().is_some_and(|window| window.bad_count >= BAD_MAX)
    }

    /// Whether a sensor that appears just now is more likely made up by a stream that is out of step. Its frames
    /// are handled like any other's, but count as bad here.
    pub(crate) fn doubtful(&self) -> bool {
        self.0.as_ref().is_some_and(|window| window.contradictions.count_ones() >= DOUBT_MIN)
    }
}

impl Window {
    fn push(&mut self, bad: bool) {
        let (word, bit) = (usize::from(self.at / 64), self.at % 64);
        let was = self.bad[word] >> bit & 1;
        self.bad[word] = self.bad[word] & !(1 << bit) | u64::from(bad) << bit;
        self.bad_count = self.bad_count + u16::from(bad) - was as u16;
        self.at = (self.at + 1) % WINDOW;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule as one would say it: bad frames among the last 384.
    fn naive(frames: &[bool]) -> bool {
        frames.iter().rev().take(384).filter(|bad| **bad).count() >= 256
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_counting_the_last_384(runs in proptest::collection::vec((0u32..300, 0u32..300), 1..20)) {
            let (mut alignment, mut frames) = (Alignment::default(), Vec::new());
            for (good, bad) in runs {
                alignment.good(good);
                frames.resize(frames.len() + good as usize, false);
                for _ in 0..bad {
                    alignment.bad(Fault::Bad);
                }
                frames.resize(frames.len() + bad as usize, true);
                proptest::prop_assert_eq!(alignment.lost(), naive(&frames));
            }
        }
    }

    #[test]
    fn a_connection_that_recovers_owns_nothing_again() {
        let mut alignment = Alignment::default();
        alignment.bad(Fault::Bad);
        alignment.good(383);
        assert!(alignment.0.is_some());
        alignment.good(1);
        assert!(alignment.0.is_none());
    }

    #[test]
    fn doubt_passes_with_sixteen_good_frames() {
        let mut alignment = Alignment::default();
        for _ in 0..8 {
            assert!(!alignment.doubtful());
            alignment.bad(Fault::Contradiction);
        }
        assert!(alignment.doubtful());
        alignment.good(16);
        assert!(!alignment.doubtful());
    }
}
