//! Guards what the compiler does not: which crate may know what, the copies in git, and the words in the files.
//! A complaint names the file, the line and the cure.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]

#[path = "house/arrows.rs"]
mod arrows;
#[path = "house/copies.rs"]
mod copies;
#[path = "house/faults.rs"]
mod faults;
#[path = "house/purity.rs"]
mod purity;
#[path = "house/source.rs"]
mod source;
#[path = "house/words.rs"]
mod words;
