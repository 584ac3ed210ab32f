//! Chance that can be repeated. It is our own because a seed in a test's name has to mean the same for ever,
//! which no library promises across its versions.

use std::ops::RangeInclusive;

/// SplitMix64, from Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number of the range, each as likely as the next.
    pub(crate) fn within(&mut self, range: RangeInclusive<i32>) -> i32 {
        let count = i64::from(*range.end()) - i64::from(*range.start()) + 1;
        let offset = (u128::from(self.next()) * count as u128) >> 64;
        (i64::from(*range.start()) + offset as i64) as i32
    }

    /// True once in `n` times.
    pub(crate) fn one_in(&mut self, n: u32) -> bool {
        u128::from(self.next()) * u128::from(n) < 1 << 64
    }
}
