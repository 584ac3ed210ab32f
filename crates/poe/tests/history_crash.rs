//! The history outlives `kill -9` at any moment and damage to any of its files.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

#[path = "storage/counter.rs"]
#[allow(dead_code, reason = "shared with the tests of the table")]
mod counter;
#[path = "history/damaged.rs"]
mod damaged;
#[path = "history/killed.rs"]
mod killed;
#[path = "history/ledger.rs"]
mod ledger;
#[path = "history/past.rs"]
#[allow(dead_code, reason = "shared with the tests of the files")]
mod past;
