//! What binds the journal's entries together, so that none can be changed, taken out or put in without a trace.
//!
//! The hash of an entry is SHA-256 of the hash before it (32 zeros for the first one) followed by the entry's columns from
//! `seq` to `text`, in the order of the table. A column is one byte for its type and then: nothing (0, NULL), 8 bytes
//! (1, INTEGER), or the length in 8 bytes and so many bytes (3, TEXT). Numbers are little-endian. Two entries that differ in
//! anything therefore differ in what is hashed: what is absent is not what is empty, and no column can borrow from the next.

use aws_lc_rs::digest::{SHA256, digest};
use rusqlite::types::ValueRef;

pub(crate) type Hash = [u8; 32];

/// What the first entry follows.
pub(crate) const NOTHING: Hash = [0; 32];

/// What is hashed for one entry. Kept for the next one, for its memory.
#[derive(Debug, Default)]
pub(crate) struct Link(Vec<u8>);

impl Link {
    /// Begins with the hash of the entry before.
    pub(crate) fn after(&mut self, hash: &[u8]) {
        self.0.clear();
        self.0.extend_from_slice(hash);
    }

    pub(crate) fn column(&mut self, value: ValueRef<'_>) {
        // Types that no column of the journal may have are told apart too: somebody may have brought them there.
        let (tag, bytes) = match value {
            ValueRef::Null => return self.0.push(0),
            ValueRef::Integer(number) => return self.number(1, number.to_le_bytes()),
            ValueRef::Real(number) => return self.number(2, number.to_le_bytes()),
            ValueRef::Text(bytes) => (3, bytes),
            ValueRef::Blob(bytes) => (4, bytes),
        };
        self.number(tag, (bytes.len() as u64).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn number(&mut self, tag: u8, bytes: [u8; 8]) {
        self.0.push(tag);
        self.0.extend_from_slice(&bytes);
    }

    pub(crate) fn hash(&self) -> Hash {
        sha256(&self.0)
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(columns: &[ValueRef<'_>]) -> Hash {
        let mut link = Link::default();
        link.after(&NOTHING);
        columns.iter().for_each(|column| link.column(*column));
        link.hash()
    }

    #[test]
    fn nothing_is_not_empty_and_no_column_borrows_from_the_next() {
        use ValueRef::{Blob, Integer, Null, Text};
        let different = [
            hash(&[Null, Text(b"")]),
            hash(&[Text(b""), Null]),
            hash(&[Text(b""), Text(b"")]),
            hash(&[Text(b"ab"), Text(b"c")]),
            hash(&[Text(b"a"), Text(b"bc")]),
            hash(&[Blob(b"a"), Text(b"bc")]),
            hash(&[Integer(0), Null]),
            hash(&[Null, Integer(0)]),
        ];
        for (at, one) in different.iter().enumerate() {
            assert!(!different[..at].contains(one), "{at}");
        }
    }
}
