//! What nodes and strangers send, and what the real program makes of it.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

// The tests that wait longest come first by name, so that the others fill the time.
#[path = "wire/absent.rs"]
mod absent;
#[path = "wire/admission.rs"]
mod admission;
#[path = "wire/bytes.rs"]
mod bytes;
#[path = "wire/command_line.rs"]
mod command_line;
#[path = "wire/connections.rs"]
mod connections;
#[path = "wire/contract.rs"]
mod contract;
#[path = "wire/datagrams.rs"]
mod datagrams;
#[path = "wire/greetings.rs"]
mod greetings;
#[path = "wire/node.rs"]
mod node;
