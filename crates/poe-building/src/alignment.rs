//! Is a stream still read at its frames' edges?
//!
//! Frames carry no mark of where they begin. A stream that has lost a byte betrays itself by frames that mean
//! nothing and by frames that give known sensors another kind. Half of them bad closes nothing, since a node with
//! some unknown sensors is like that; two thirds of the last [`WINDOW`] do.
//!
//! The common node's burst that is shifted by two bytes stays just below that: 13 of its 21 frames are bad. But 8 of these
//! announce a known sensor with another kind, which no node in its right mind goes on doing.

/// How many of a connection's latest frames are judged: 18 bursts of the common node.
const WINDOW: u16 = 384;
/// So many bad frames in the window close the connection: two thirds.
const BAD_MAX: u16 = WINDOW / 3 * 2;
/// So many do if a third of the window are contradicting announcements: seven twelfths, well above half.
const BAD_CONTRADICTING_MAX: u16 = WINDOW / 12 * 7;
const CONTRADICTIONS_MIN: u16 = WINDOW / 3;

/// Judges one connection. While every frame is good it costs a null pointer.
#[derive(Default, Debug)]
pub(crate) struct Alignment(Option<Box<Window>>);

#[derive(Default, Debug)]
struct Window {
    bad: Marks,
    /// Those of the bad that announced a known sensor with another kind.
    contradictions: Marks,
    at: u16,
}

/// One bit for each frame of the window.
#[derive(Default, Debug)]
struct Marks {
    bits: [u64; WINDOW as usize / 64],
    count: u16,
}

/// How a frame was bad.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// It means nothing, or posts another kind for a known sensor.
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
                window.push(None);
            }
            if window.bad.count == 0 {
                self.0 = None;
            }
        }
    }

    /// Notes a bad frame.
    pub(crate) fn bad(&mut self, fault: Fault) {
        self.0.get_or_insert_default().push(Some(fault));
    }

    /// Whether so many frames were bad that the stream must be out of step.
    pub(crate) fn lost(&self) -> bool {
        self.0.as_ref().is_some_and(|window| {
            let contradicting = window.contradictions.count >= CONTRADICTIONS_MIN;
            window.bad.count >= if contradicting { BAD_CONTRADICTING_MAX } else { BAD_MAX }
        })
    }
}

impl Window {
    fn push(&mut self, fault: Option<Fault>) {
        self.bad.set(self.at, fault.is_some());
        self.contradictions.set(self.at, fault == Some(Fault::Contradiction));
        self.at = (self.at + 1) % WINDOW;
    }
}

impl Marks {
    fn set(&mut self, at: u16, mark: bool) {
        let (word, bit) = (usize::from(at / 64), at % 64);
        let was = self.bits[word] >> bit & 1;
        self.bits[word] = self.bits[word] & !(1 << bit) | u64::from(mark) << bit;
        self.count = self.count + u16::from(mark) - was as u16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rule as one would say it.
    fn naive(frames: &[Option<Fault>]) -> bool {
        let last = || frames.iter().rev().take(384);
        let bad = last().filter(|fault| fault.is_some()).count();
        let contradictions = last().filter(|fault| **fault == Some(Fault::Contradiction)).count();
        bad >= 256 || bad >= 224 && contradictions >= 128
    }

    fn run() -> impl Strategy<Value = (Option<Fault>, u32)> {
        let fault = prop_oneof![Just(None), Just(Some(Fault::Bad)), Just(Some(Fault::Contradiction))];
        (fault, 0u32..200)
    }

    proptest! {
        #[test]
        fn agrees_with_counting_the_last_384(runs in prop::collection::vec(run(), 1..20)) {
            let (mut alignment, mut frames) = (Alignment::default(), Vec::new());
            for (fault, count) in runs {
                match fault {
                    None => alignment.good(count),
                    Some(fault) => (0..count).for_each(|_| alignment.bad(fault)),
                }
                frames.resize(frames.len() + count as usize, fault);
                prop_assert_eq!(alignment.lost(), naive(&frames));
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
}
