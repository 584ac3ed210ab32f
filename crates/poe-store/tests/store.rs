//! The memory alone, on real files: what it makes, what it leaves as it is, what it refuses.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

#[path = "store/support.rs"]
mod support;

#[path = "store/damage.rs"]
mod damage;
#[path = "store/foreign.rs"]
mod foreign;
#[path = "store/ours.rs"]
mod ours;
#[path = "store/readers.rs"]
mod readers;
#[path = "store/refused.rs"]
mod refused;
