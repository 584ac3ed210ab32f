//! What keeps strangers out, and what people may do: the real program, asked over HTTP by all kinds of callers.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

#[path = "security/accounts.rs"]
mod accounts;
#[path = "security/audit.rs"]
mod audit;
#[path = "security/bodies.rs"]
mod bodies;
#[path = "security/first.rs"]
mod first;
#[path = "security/guesses.rs"]
mod guesses;
#[path = "security/house.rs"]
mod house;
#[path = "security/pages.rs"]
mod pages;
#[path = "security/policies.rs"]
mod policies;
#[path = "security/speech.rs"]
mod speech;
#[path = "security/twice.rs"]
mod twice;
#[path = "security/wrong_clock.rs"]
mod wrong_clock;
