//! The memory alone, on real files: what it makes, what it leaves as it is, what it refuses.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

#[path = "store/sample.rs"]
mod sample;
#[path = "store/sample_model.rs"]
mod sample_model;
#[path = "store/support.rs"]
mod support;

#[path = "store/backups.rs"]
mod backups;
#[path = "store/damage.rs"]
mod damage;
#[path = "store/foreign.rs"]
mod foreign;
#[path = "store/histories.rs"]
mod histories;
#[path = "store/journal.rs"]
mod journal;
#[path = "store/mark.rs"]
mod mark;
#[path = "store/ours.rs"]
mod ours;
#[path = "store/publication.rs"]
mod publication;
#[path = "store/readers.rs"]
mod readers;
#[path = "store/refused.rs"]
mod refused;
#[path = "store/remembered.rs"]
mod remembered;
#[path = "store/restored.rs"]
mod restored;
#[path = "store/tampered.rs"]
mod tampered;
#[path = "store/upgraded.rs"]
mod upgraded;
