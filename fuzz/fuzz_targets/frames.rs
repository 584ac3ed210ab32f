//! Any bytes in any pieces give the same frames as one read.
#![no_main]

#[path = "../../crates/poe-wire/tests/support/pieces.rs"]
mod support;

libfuzzer_sys::fuzz_target!(|input: &[u8]| support::fuzz(input));
