//! A journal that somebody has touched, or that a disk has lost a part of.

use crate::{
    sample::{commit, entries},
    support::{House, beside, query},
};
use poe_store::{Finding, Verified, VerifyError, verify};
use rusqlite::{Connection, types::Value};
use std::{fs, os::unix::fs::FileExt};

const COLUMNS: [&str; 15] = [
    "seq",
    "received_us",
    "decided_us",
    "kind",
    "class",
    "source_kind",
    "source",
    "rule",
    "alarm",
    "state",
    "value",
    "who",
    "origin",
    "text",
    "hash",
];

/// A house with so many entries in its journal, which nobody has open.
pub(crate) fn with_entries(count: u64) -> House {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &entries(1..=count / 2));
    commit(&mut store, &entries(count / 2 + 1..=count));
    store.close();
    house
}

pub(crate) fn finding(house: &House) -> Option<Finding> {
    verify(&house.data()).unwrap().finding
}

fn state(house: &House) -> Connection {
    Connection::open(house.state_file()).unwrap()
}

pub(crate) fn mark(house: &House) -> std::path::PathBuf {
    house.data().join("journal.mark")
}

/// What is found after this was done to the journal, which is as it was before when this returns.
#[track_caller]
fn after(house: &House, sql: &str) -> Finding {
    let connection = state(house);
    connection.execute_batch(sql).unwrap();
    let found = finding(house);
    connection.execute_batch("DELETE FROM journal; INSERT INTO journal SELECT * FROM saved").unwrap();
    found.unwrap_or_else(|| panic!("nothing was found after {sql}"))
}

fn with_saved_journal(count: u64) -> House {
    let house = with_entries(count);
    state(&house).execute_batch("CREATE TABLE saved AS SELECT * FROM journal").unwrap();
    house
}

#[test]
fn a_journal_that_nobody_touched_is_as_it_was_written() {
    let house = with_entries(9);
    let sound = Verified { entries: 9, last: 9, finding: None };
    assert_eq!(verify(&house.data()).unwrap(), sound);
    let (mut store, known) = house.store();
    assert_eq!(known.journal_fault, None);
    assert_eq!(verify(&house.data()).unwrap(), sound, "while a server runs");
    commit(&mut store, &entries(10..=12));
    assert_eq!(verify(&house.data()).unwrap().last, 12);

    let empty = House::new();
    drop(empty.store());
    assert_eq!(verify(&empty.data()).unwrap(), Verified { entries: 0, last: 0, finding: None });
    let error = verify(empty.folder.path()).unwrap_err();
    assert!(matches!(error, VerifyError::Open(_)), "{error}");
}

#[test]
fn every_byte_of_every_field_counts() {
    let house = with_saved_journal(5);
    let mut flips = 0;
    for seq in 1..=5_u64 {
        for column in COLUMNS {
            let value = query(&state(&house), &format!("SELECT {column} FROM journal WHERE seq = {seq}"));
            let values: Vec<String> = match value[0][0].clone() {
                Value::Null => vec!["0".to_owned(), "''".to_owned()],
                Value::Integer(number) => (0..8).map(|byte| (number ^ 1 << (8 * byte)).to_string()).collect(),
                Value::Text(text) => {
                    flipped(text.as_bytes()).map(|hex| format!("CAST({hex} AS TEXT)")).collect()
                }
                Value::Blob(bytes) => flipped(&bytes).collect(),
                Value::Real(_) => unreachable!(),
            };
            for value in values {
                let strict = Connection::open(house.state_file()).unwrap();
                // What a column may hold is the schema's promise, not the attacker's.
                let set = format!("UPDATE OR IGNORE journal SET {column} = {value} WHERE seq = {seq}");
                if strict.execute(&set, []).is_ok_and(|changed| changed == 1) {
                    flips += 1;
                    let found = after(&house, "");
                    match found {
                        Finding::Changed { seq: found } | Finding::Missing { seq: found } => {
                            assert_eq!(found, seq, "{set}");
                        }
                        Finding::Added { seq: found } => {
                            assert!(column == "seq" && found < 1, "{set}: {found}");
                        }
                        other => panic!("{set}: {other}"),
                    }
                }
            }
        }
    }
    assert!(flips > 500, "{flips}");
    assert_eq!(finding(&house), None);
}

fn flipped(bytes: &[u8]) -> impl Iterator<Item = String> {
    (0..bytes.len()).map(|at| {
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 1;
        let hex: String = flipped.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("x'{hex}'")
    })
}

#[test]
fn what_was_taken_out_is_missed_wherever_it_stood() {
    let house = with_saved_journal(6);
    for seq in 1..=6 {
        let found = after(&house, &format!("DELETE FROM journal WHERE seq = {seq}"));
        assert_eq!(found, Finding::Missing { seq });
        let found = after(&house, &format!("DELETE FROM journal WHERE seq >= {seq}"));
        assert_eq!(found, Finding::Missing { seq });
        let found = after(&house, &format!("DELETE FROM journal WHERE seq <= {seq}"));
        assert_eq!(found, Finding::Missing { seq: 1 });
    }
    assert_eq!(Finding::Missing { seq: 3 }.to_string(), "entry 3 is missing");
}

#[test]
fn what_was_put_in_is_found_wherever_it_stands() {
    let house = with_saved_journal(6);
    let rest = COLUMNS[1..].join(", ");
    for seq in [i64::MIN, -3, 0, 7, 8, 4_000, i64::MAX] {
        let found =
            after(&house, &format!("INSERT INTO journal SELECT {seq}, {rest} FROM saved WHERE seq = 6"));
        assert_eq!(found, Finding::Added { seq });
    }
    // In between there is no number free, so that the others have to move.
    for seq in 1..=6 {
        let found = after(
            &house,
            &format!(
                "UPDATE journal SET seq = -seq WHERE seq >= {seq};
                 UPDATE journal SET seq = 1 - seq WHERE seq < 0;
                 INSERT INTO journal SELECT {seq}, {rest} FROM saved WHERE seq = 1"
            ),
        );
        // The first one itself, put in before itself, is the first one.
        assert_eq!(found, Finding::Changed { seq: seq.max(2) });
    }
    for (one, other) in [(1, 2), (3, 5), (5, 6)] {
        let found = after(
            &house,
            &format!(
                "UPDATE journal SET seq = 99 WHERE seq = {one}; UPDATE journal SET seq = {one} WHERE seq = {other};
                 UPDATE journal SET seq = {other} WHERE seq = 99"
            ),
        );
        assert_eq!(found, Finding::Changed { seq: one });
    }
}

#[test]
fn a_chain_that_was_made_anew_does_not_fit_the_mark() {
    let house = with_entries(6);
    // Somebody with our program and a folder of his own writes a journal that holds together.
    let forged = House::new();
    let (mut store, _) = forged.store();
    let mut changes = entries(1..=6);
    changes.entries[2].text = "nothing happened".into();
    commit(&mut store, &changes);
    store.close();
    for ending in ["", "-wal", "-shm"] {
        fs::copy(beside(&forged.state_file(), ending), beside(&house.state_file(), ending)).unwrap();
    }
    assert_eq!(finding(&house), Some(Finding::Rewritten { seq: 6 }));
    let (_, known) = house.store();
    let fault = known.journal_fault.unwrap();
    assert_eq!(fault, "entry 6 of the journal is missing, or not the one that was written");
}

#[test]
fn no_raw_byte_of_the_file_changes_an_entry_unnoticed() {
    let house = with_entries(5);
    fs::remove_file(beside(&house.state_file(), "-wal")).unwrap();
    fs::remove_file(beside(&house.state_file(), "-shm")).unwrap();
    let page = match query(&state(&house), "SELECT rootpage FROM sqlite_schema WHERE name = 'journal'")[0][0]
    {
        Value::Integer(page) => (page as u64 - 1) * 4_096,
        ref other => panic!("{other:?}"),
    };
    let whole = fs::read(house.state_file()).unwrap();
    let entries = read(&house).unwrap();
    assert_eq!(entries.len(), 5);
    let copy = House::new();
    fs::create_dir(copy.data()).unwrap();
    fs::copy(mark(&house), mark(&copy)).unwrap();
    fs::write(copy.state_file(), &whole).unwrap();
    let file = fs::OpenOptions::new().write(true).open(copy.state_file()).unwrap();
    let (mut found, mut harmless) = (0, 0);
    for at in page..page + 4_096 {
        let byte = whole[at as usize];
        file.write_all_at(&[byte ^ 0x01], at).unwrap();
        match verify(&copy.data()).unwrap().finding {
            Some(_) => found += 1,
            // What lies between the entries is not part of any.
            None => {
                harmless += 1;
                assert_eq!(read(&copy).as_ref(), Ok(&entries), "byte {at}");
            }
        }
        file.write_all_at(&[byte], at).unwrap();
    }
    assert!(found > 500, "{found} of {}", found + harmless);
    assert_eq!(finding(&copy), None);

    for at in [0, 18, 100, 4_096, page, page + 4_000] {
        let mut damaged = whole.clone();
        damaged[at as usize..][..90].fill(0xA5);
        fs::write(copy.state_file(), damaged).unwrap();
        match verify(&copy.data()) {
            Ok(verified) => assert!(verified.finding.is_some() || at == 4_096, "{at}"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

fn read(house: &House) -> Result<Vec<Vec<Value>>, rusqlite::Error> {
    let connection = Connection::open(house.state_file())?;
    let mut statement = connection.prepare(&format!("SELECT {} FROM journal", COLUMNS.join(", ")))?;
    let row = |row: &rusqlite::Row<'_>| (0..COLUMNS.len()).map(|column| row.get(column)).collect();
    statement.query_map([], row)?.collect()
}

#[test]
fn a_page_of_zeros_is_told() {
    let house = with_entries(2_000);
    let file = fs::OpenOptions::new().write(true).open(house.state_file()).unwrap();
    let pages = fs::metadata(house.state_file()).unwrap().len() / 4_096;
    file.write_all_at(&[0; 4_096], (pages / 2) * 4_096).unwrap();
    let finding = finding(&house).unwrap();
    assert!(matches!(finding, Finding::Unreadable { after: 1.., .. }), "{finding}");
}
