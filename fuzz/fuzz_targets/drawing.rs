//! Any drawing is refused, or made harmless.
#![no_main]

#[path = "../../crates/poe-api/tests/support/drawing.rs"]
mod support;

libfuzzer_sys::fuzz_target!(|input: &[u8]| support::fuzz(input));
