//! Secrets that programs and browsers show. They are random, so that one SHA-256 keeps them well.

use std::fmt;

use aws_lc_rs::{constant_time, digest, rand};
use poe_building::SecretHash;

/// 256 bits, written as 64 hexadecimal digits.
const SECRET_BYTES: usize = 32;
/// As many as tell a thousand tokens apart, and few enough to be read out on a telephone.
const ID_BYTES: usize = 4;

/// A secret, as its owner shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Secret([u8; SECRET_BYTES]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// One that nobody has ever seen.
    pub(crate) fn random() -> Secret {
        Secret(random())
    }

    /// Reads what `text` wrote.
    pub(crate) fn parse(text: &str) -> Option<Secret> {
        Some(Secret(parse_hex(text)?))
    }

    /// Its text, for its owner alone.
    pub(crate) fn text(self) -> String {
        hex(&self.0)
    }

    pub(crate) fn hash(self) -> SecretHash {
        hash_of(&self.0)
    }

    /// Whether it is the one that this was made of.
    pub(crate) fn fits(self, hash: &SecretHash) -> bool {
        constant_time::verify_slices_are_equal(&self.hash().0, &hash.0).is_ok()
    }
}

/// A token as its owner shows it: `poe_<id>_<secret>`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenText<'a> {
    pub(crate) id: &'a str,
    pub(crate) secret: Secret,
}

impl<'a> TokenText<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (id, secret) = text.strip_prefix("poe_")?.split_once('_')?;
        let secret = Secret::parse(secret)?;
        parse_hex::<ID_BYTES>(id).map(|_| TokenText { id, secret })
    }

    /// A new id.
    pub(crate) fn new_id() -> String {
        hex(&random::<ID_BYTES>())
    }

    pub(crate) fn write(id: &str, secret: Secret) -> String {
        format!("poe_{id}_{}", secret.text())
    }
}

/// SHA-256.
pub(crate) fn hash_of(bytes: &[u8]) -> SecretHash {
    let hash = digest::digest(&digest::SHA256, bytes);
    SecretHash(hash.as_ref().try_into().expect("a SHA-256 has 32 bytes"))
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system gives random bytes from its start on");
    bytes
}

/// In small hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Small letters only, so that every secret has one spelling.
fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 2 * N || !text.bytes().all(is_hex) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_one_spelling() {
        let (id, secret) = (TokenText::new_id(), Secret::random());
        let text = TokenText::write(&id, secret);
        let read = TokenText::parse(&text).unwrap();
        assert_eq!((read.id, read.secret), (&*id, secret));
        assert!(read.secret.fits(&secret.hash()) && !read.secret.fits(&Secret::random().hash()));
        for wrong in
            [&text[..text.len() - 1], &format!("{text}0"), &text.to_uppercase(), &text[4..], "", "poe__"]
        {
            assert!(TokenText::parse(wrong).is_none(), "{wrong:?}");
        }
        assert!(!format!("{read:?}").contains(&secret.text()));
    }
}
