//! What a backup says of itself, in its first member.

use serde::{Deserialize, Serialize};

/// The format that is written here, and the only one so far.
pub(crate) const FORMAT: u32 = 1;

/// The name of the manifest in the archive.
pub(crate) const NAME: &str = "manifest.json";

/// The longest manifest that is read, in bytes: room for some 100,000 pictures of plans.
pub(crate) const BYTES_MAX: u64 = 16 << 20;

/// What a backup holds, and what it was made from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// How the archive is laid out: 1.
    pub format: u32,
    /// The version of the program that made it.
    pub program: String,
    /// The schema of `state.db`.
    pub schema: i64,
    /// When it was begun, by RFC 3339, in UTC.
    pub made: String,
    /// The name of the table of latest values.
    pub table: String,
    /// The number of the journal's last entry; 0 if there is none.
    pub last_seq: u64,
    /// How many nodes are known,
    pub nodes: u64,
    /// and how many sensors.
    pub sensors: u64,
    /// How many rows the table has.
    pub rows: u64,
    /// What was wrong with the journal already when the backup was made, in words for people.
    pub journal_fault: Option<String>,
    /// What else is missing, in words for people.
    pub warnings: Vec<String>,
    /// The members that follow, in their order.
    pub members: Vec<Member>,
}

/// A file in a backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Member {
    /// Its name in the archive.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}
