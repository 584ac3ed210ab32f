//! What nodes send, and what the real program makes of it.

mod support;

#[path = "wire/contract.rs"]
mod contract;
