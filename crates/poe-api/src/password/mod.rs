//! Passwords: which will do, and how they are kept.
//!
//! They are kept as argon2id strings (PHC format), each with the parameters that it was made with, so that those can be
//! raised later: a password is hashed anew at the next login then.

mod common;

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use poe_building::Text;

use crate::auth::random;

/// The fewest characters: what NIST SP 800-63B asks of a password that stands alone, and a few more.
pub const CHARS_MIN: usize = 12;
/// The most: a long sentence, and little enough to be hashed at once.
pub const CHARS_MAX: usize = 128;

/// What a new hash costs: 64 MiB, three passes, one lane. That is a tenth of a second here, and years for who guesses.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;
/// A stored hash that costs less proves nothing: somebody has put it there.
const MEMORY_KIB_LEAST: u32 = 19 * 1024;
const PASSES_LEAST: u32 = 2;
/// One that costs more would stop the machine.
const MEMORY_KIB_MOST: u32 = 256 * 1024;

/// Of no password at all, at the present cost: it is tried where there is no user, so that nobody learns that from the time.
const OF_NOBODY: &str =
    "$argon2id$v=19$m=65536,t=3,p=1$bm9ib2R5IGlzIGhlcmU$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a password will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It has fewer than [`CHARS_MIN`] characters.
    TooShort,
    /// It has more than [`CHARS_MAX`] characters.
    TooLong,
    /// Many others have it, or it follows a pattern that everybody tries.
    Common,
    /// Without the user's name in it, it would be too short.
    HoldsName,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::TooShort => {
                write!(f, "A password has at least {CHARS_MIN} characters; a few words do well.")
            }
            Unfit::TooLong => write!(f, "A password has at most {CHARS_MAX} characters."),
            Unfit::Common => {
                f.write_str(
                    "This password is little more than a word or a pattern that is tried first. Use a few words of your own.",
                )
            }
            Unfit::HoldsName => {
                write!(
                    f,
                    "Without the user's name in it this password has fewer than {CHARS_MIN} characters."
                )
            }
        }
    }
}

impl std::error::Error for Unfit {}

/// Whether a user of this name may have this password.
///
/// # Errors
/// It is too short, too long, or too easily guessed.
pub fn check(name: &str, password: &str) -> Result<(), Unfit> {
    let count = password.chars().count();
    if count < CHARS_MIN {
        return Err(Unfit::TooShort);
    }
    if count > CHARS_MAX {
        return Err(Unfit::TooLong);
    }
    let (small, name) = (password.to_lowercase(), name.to_lowercase());
    if !name.is_empty() && small.contains(&name) && small.replace(&name, "").chars().count() < CHARS_MIN {
        return Err(Unfit::HoldsName);
    }
    if common::is_common(&small) { Err(Unfit::Common) } else { Ok(()) }
}

/// The argon2id string of a password. It takes a tenth of a second and 64 MiB, so that it is called where one may wait.
#[must_use]
pub fn hash(password: &str) -> Text {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the present cost is within argon2's bounds");
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: PasswordHash = hasher
        .hash_password_with_salt(password.as_bytes(), &random::<16>())
        .expect("a salt of 16 bytes and any password below 4 GiB will do");
    hash.to_string().into()
}

/// Whether this is the password of whoever has this argon2id string; of nobody, if there is none. Either takes as long.
pub(crate) fn fits(password: &str, kept: Option<&str>) -> bool {
    let usable = kept.filter(|kept| cost(kept).is_some_and(Cost::is_enough));
    let Ok(hash) = PasswordHash::new(usable.unwrap_or(OF_NOBODY)) else { return false };
    let verified = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
    verified && usable.is_some()
}

/// Whether it was made at a lower cost than new ones are.
pub(crate) fn is_outdated(kept: &str) -> bool {
    cost(kept).is_none_or(|cost| cost.memory_kib < MEMORY_KIB || cost.passes < PASSES)
}

#[derive(Debug, Clone, Copy)]
struct Cost {
    memory_kib: u32,
    passes: u32,
}

impl Cost {
    fn is_enough(self) -> bool {
        (MEMORY_KIB_LEAST..=MEMORY_KIB_MOST).contains(&self.memory_kib) && self.passes >= PASSES_LEAST
    }
}

fn cost(kept: &str) -> Option<Cost> {
    let hash = PasswordHash::new(kept).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let is_ours = hash.algorithm.as_str() == "argon2id";
    is_ours.then_some(Cost { memory_kib: params.m_cost(), passes: params.t_cost() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_is_refused() {
        for (password, why) in [
            ("short", Unfit::TooShort),
            ("elevenchars", Unfit::TooShort),
            (&*"x1".repeat(65), Unfit::TooLong),
            ("aaaaaaaaaaaaaaaa", Unfit::Common),
            ("abcabcabcabc", Unfit::Common),
            ("123456789012", Unfit::Common),
            ("qwertyuiop123", Unfit::Common),
            ("zyxwvutsrqponm", Unfit::Common),
            ("Password1234!", Unfit::Common),
            ("P@ssw0rd2026!", Unfit::Common),
            ("passwordpassword", Unfit::Common),
            ("adminadmin123", Unfit::Common),
            ("Welcome-Building-1", Unfit::Common),
            ("correct horse battery staple", Unfit::Common),
            ("kirchhoff-2026", Unfit::HoldsName),
            ("KIRCHHOFF.kirchhoff", Unfit::HoldsName),
        ] {
            assert_eq!(check("kirchhoff", password), Err(why), "{password:?}");
        }
        for good in [
            "seven grey herons",
            "kirchhoff counts currents twice",
            "ключ под ковриком",
            "vT9#kq27Lm!x",
            "lampe tisch regen 4",
        ] {
            assert_eq!(check("kirchhoff", good), Ok(()), "{good:?}");
        }
        assert_eq!(check("", "seven grey herons"), Ok(()));
    }

    #[test]
    fn a_password_fits_its_own_hash_and_no_other() {
        let kept = hash("seven grey herons");
        assert!(kept.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"), "{kept}");
        assert!(fits("seven grey herons", Some(&kept)) && !fits("seven grey heron", Some(&kept)));
        assert!(!is_outdated(&kept) && hash("seven grey herons") != kept, "each has a salt of its own");
        assert!(!fits("", None) && !fits("nobody is here", None));
    }

    #[test]
    fn a_cheaper_hash_is_good_down_to_the_floor() {
        let of = |memory, passes| {
            let params = Params::new(memory, passes, 1, None).unwrap();
            let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let hash: PasswordHash =
                hasher.hash_password_with_salt(b"seven grey herons", &random::<16>()).unwrap();
            hash.to_string()
        };
        let floor = of(MEMORY_KIB_LEAST, PASSES_LEAST);
        assert!(fits("seven grey herons", Some(&floor)) && is_outdated(&floor));
        for below in
            [of(MEMORY_KIB_LEAST - 1, PASSES), of(MEMORY_KIB_LEAST, 1), "plain".to_owned(), String::new()]
        {
            assert!(!fits("seven grey herons", Some(&below)) && !fits("plain", Some(&below)), "{below}");
        }
    }
}
