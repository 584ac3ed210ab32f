//! What the fuzzer begins with is tried by every run.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

#[path = "support/folder.rs"]
mod folder;

use std::{fs, path::Path};

#[test]
fn a_folder_of_any_bytes_is_opened_and_asked_without_a_panic() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/folder");
    let mut tried = 0;
    for seed in fs::read_dir(corpus).unwrap() {
        let seed = fs::read(seed.unwrap().path()).unwrap();
        folder::fuzz(&seed);
        // Cut short, and with a byte that is another.
        for at in (0..seed.len()).step_by(97) {
            folder::fuzz(&seed[..at]);
            let mut flipped = seed.clone();
            flipped[at] ^= 0x41;
            folder::fuzz(&flipped);
        }
        tried += 1;
    }
    assert!(tried >= 3, "the corpus is not here");
}
