//! The corpus of the fuzz target `stream`, replayed on every run of the tests.

#[path = "support/fuzz.rs"]
mod support;

#[test]
fn the_fuzz_corpus_replays() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/stream");
    let mut replayed = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is part of the repository") {
        support::fuzz(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 8, "only {replayed} files in {folder}");
}
