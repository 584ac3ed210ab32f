//! Any bytes in any pieces give the same frames as one read of them all.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]

use poe_wire::FrameReader;
use proptest::prelude::*;

#[path = "support/pieces.rs"]
mod support;

proptest! {
    #[test]
    fn any_pieces_give_the_frames_of_one_read(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        cuts in prop::collection::vec(0usize..40, 1..60),
    ) {
        support::pieces_agree_with_one_read(&bytes, &cuts);
    }
}

#[test]
fn every_single_and_double_cut_of_three_frames() {
    let bytes: Vec<u8> = (1..=12).collect();
    for first in 0..=bytes.len() {
        for second in 0..=bytes.len() - first {
            support::pieces_agree_with_one_read(&bytes, &[first, second, bytes.len()]);
        }
    }
}

#[test]
fn what_is_held_is_never_more_than_three_bytes() {
    let mut reader = FrameReader::default();
    for n in 1..=9u8 {
        let frames = reader.read(&[n]).count();
        assert_eq!(frames, usize::from(n % 4 == 0));
        assert_eq!(reader.held().len(), usize::from(n % 4));
    }
}

#[test]
fn an_iterator_that_is_dropped_half_way_still_holds_the_rest() {
    let mut reader = FrameReader::default();
    let _never_asked = reader.read(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(reader.held(), [9]);
}

/// The corpus of the fuzz target, replayed on every run of the tests.
#[test]
fn the_fuzz_corpus_replays() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/frames");
    let mut replayed = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is part of the repository") {
        support::fuzz(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 8, "only {replayed} files in {folder}");
}
