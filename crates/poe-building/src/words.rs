//! Enums that people and programs read as words: written by their `name`, read back from `ALL`.

macro_rules! words {
    ($($type:ty),+ $(,)?) => {$(
        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.name())
            }
        }

        impl core::str::FromStr for $type {
            type Err = $crate::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|known| known.name() == word).ok_or($crate::UnknownWord)
            }
        }
    )+};
}

pub(crate) use words;

/// A word that is none of those which are known there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownWord;

impl core::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("not a word that is known here")
    }
}

impl core::error::Error for UnknownWord {}
