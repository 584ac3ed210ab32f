//! Any bytes in a folder of the history are read, or told to be damaged.
#![no_main]

#[path = "../../crates/poe-history/tests/support/folder.rs"]
mod support;

libfuzzer_sys::fuzz_target!(|input: &[u8]| support::fuzz(input));
