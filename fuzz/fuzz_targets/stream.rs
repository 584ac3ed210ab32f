//! Any streams, in any pieces and from several nodes at once, make the building that a naive reader would make.
#![no_main]

#[path = "../../crates/poe-building/tests/support/fuzz.rs"]
mod support;

libfuzzer_sys::fuzz_target!(|input: &[u8]| support::fuzz(input));
