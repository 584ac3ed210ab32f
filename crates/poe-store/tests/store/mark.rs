//! The journal's mark: what it tells after a crash, a cut log, a lost file.

use crate::{
    sample::{commit, entries},
    support::{House, beside},
    tampered::{finding, mark, with_entries},
};
use poe_building::{LastRun, NextIds};
use poe_store::{Finding, Store, Verified, verify};
use std::{fs, os::unix::fs::FileExt, path::Path};

/// Kills the server: the files are left as they are at this moment.
fn killed(house: &House, store: Store) -> House {
    let after = House::new();
    copy(&house.data(), &after.data());
    drop(store);
    after
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_log_that_was_cut_off_is_noticed_at_the_next_start() {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &entries(1..=10));
    let log = |house: &House| beside(&house.state_file(), "-wal");
    let before = fs::metadata(log(&house)).unwrap().len();
    commit(&mut store, &entries(11..=20));
    let house = killed(&house, store);
    fs::OpenOptions::new().write(true).open(log(&house)).unwrap().set_len(before).unwrap();

    let told = "entries 11 to 20 of the journal were written and are missing";
    assert_eq!(finding(&house), Some(Finding::Missing { seq: 11 }));
    let (store, known) = house.store();
    assert_eq!(known.journal_fault.as_deref(), Some(told));
    assert_eq!(
        known.next,
        NextIds { seq: 21, alarm: 21, ..NextIds::default() },
        "none that was shown comes twice"
    );
    drop(store);
    let (mut store, known) = house.store();
    assert_eq!(known.journal_fault.as_deref(), Some(told), "until there is something new");
    commit(&mut store, &entries(21..=23));
    store.close();
    let (_, known) = house.store();
    assert_eq!((known.journal_fault, known.next.seq), (None, 24));
    assert_eq!(finding(&house), Some(Finding::Missing { seq: 11 }), "what is lost stays lost");
}

#[test]
fn a_flipped_bit_in_the_log_is_noticed_at_the_next_start() {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &entries(1..=10));
    let log = beside(&house.state_file(), "-wal");
    let before = fs::metadata(&log).unwrap().len();
    commit(&mut store, &entries(11..=20));
    commit(&mut store, &entries(21..=30));
    let house = killed(&house, store);
    let log = fs::OpenOptions::new().write(true).open(beside(&house.state_file(), "-wal")).unwrap();
    log.write_all_at(b"~", before + 500).unwrap();
    let (_, known) = house.store();
    assert_eq!(known.journal_fault.unwrap(), "entries 11 to 30 of the journal were written and are missing");
}

#[test]
fn a_crash_between_commit_and_mark_is_no_fault() {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &entries(1..=10));
    let before = fs::read(mark(&house)).unwrap();
    commit(&mut store, &entries(11..=20));
    let house = killed(&house, store);
    fs::write(mark(&house), before).unwrap();
    assert_eq!(verify(&house.data()).unwrap(), Verified { entries: 20, last: 20, finding: None });
    let (mut store, known) = house.store();
    assert_eq!((known.journal_fault, known.next.seq), (None, 21));
    assert!(matches!(known.last_run, LastRun::Broken(_)));
    commit(&mut store, &entries(21..=21));
    assert_eq!(finding(&house), None);
}

#[test]
fn half_a_mark_is_a_mark_and_none_is_told() {
    let house = with_entries(6);
    let whole = fs::read(mark(&house)).unwrap();
    for slot in [0, 4_096] {
        let mut torn = whole.clone();
        torn[slot + 9] ^= 1;
        fs::write(mark(&house), torn).unwrap();
        assert_eq!(finding(&house), None);
        assert_eq!(house.store().1.journal_fault, None);
    }
    let told = |house: &House| {
        let told = house.store().1.journal_fault.unwrap();
        (finding(house).unwrap().to_string(), told)
    };
    fs::write(mark(&house), "nonsense").unwrap();
    fs::write(mark(&house), vec![7; 8_192]).unwrap();
    let (found, fault) = told(&house);
    assert!(found.starts_with("the mark is damaged"), "{found}");
    assert!(fault.starts_with("its mark, journal.mark, is damaged"), "{fault}");
    fs::remove_file(mark(&house)).unwrap();
    let (found, fault) = told(&house);
    assert!(found.starts_with("the mark is missing"), "{found}");
    assert!(fault.starts_with("its mark, journal.mark, is missing"), "{fault}");
    // It is there again with the next entry.
    let (mut store, _) = house.store();
    commit(&mut store, &entries(7..=7));
    store.close();
    assert_eq!(finding(&house), None);
}

#[test]
fn a_mark_that_cannot_be_written_is_told_and_keeps_nothing_from_being_stored() {
    let house = House::new();
    fs::create_dir_all(mark(&house)).unwrap();
    let (mut store, known) = house.store();
    assert!(known.journal_fault.is_some(), "nobody knows what there was");
    store.commit(&entries(1..=3), &mut || {}).unwrap();
    assert!(!store.keep_mark());
    assert!(!store.keep_mark());
    fs::remove_dir(mark(&house)).unwrap();
    assert!(store.keep_mark());
    assert_eq!(verify(&house.data()).unwrap(), Verified { entries: 3, last: 3, finding: None });
}

#[test]
fn a_state_that_was_lost_is_told_by_the_mark() {
    let house = with_entries(6);
    for ending in ["", "-wal", "-shm"] {
        fs::remove_file(beside(&house.state_file(), ending)).unwrap();
    }
    let (_, known) = house.store();
    assert_eq!(known.journal_fault.unwrap(), "entries 1 to 6 of the journal were written and are missing");
    assert_eq!(known.next, NextIds { seq: 7, alarm: 7, ..NextIds::default() });
}
