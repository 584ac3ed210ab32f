//! What the disk, other programs at the same file and the clock can do to the real program, and what it makes of it.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

use support::ground;

#[path = "storage/clock.rs"]
mod clock;
#[path = "storage/counter.rs"]
mod counter;
#[path = "storage/damage.rs"]
mod damage;
#[path = "storage/failing.rs"]
mod failing;
#[path = "storage/flood.rs"]
mod flood;
#[path = "storage/full.rs"]
mod full;
#[path = "storage/killed.rs"]
mod killed;
#[path = "storage/locked.rs"]
mod locked;
#[path = "storage/power.rs"]
mod power;
#[path = "storage/stopped.rs"]
mod stopped;
