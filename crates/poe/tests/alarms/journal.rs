//! A journal that somebody has altered, or that has lost its end, is found out.

use crate::{
    house::{House, verdict},
    support::{PATIENCE, Setup, open_read_only},
};
use rusqlite::Connection;
use std::fs;

/// A house that has had a fire, and was stopped in order.
fn stopped_house() -> House {
    let mut house = House::new();
    let mut node = house.calm_node();
    node.burn();
    house.receiver.page("fire", "raised", PATIENCE);
    house.desk.tell(&house.desk.alarm("fire"), "acknowledge");
    assert!(house.server.stop().success());
    house.assert_whole();
    house
}

/// `poe verify` says that something is wrong, in these words.
#[track_caller]
fn assert_found(setup: &Setup, words: &str) {
    let verdict = verdict(setup);
    assert!(!verdict.status.success() && verdict.stderr.contains(words), "{words:?}: {verdict:?}");
}

#[test]
fn one_byte_that_was_changed_in_an_entry_is_found() {
    let house = stopped_house();
    let state = house.setup.data_path().join("state.db");
    let whole = fs::read(&state).unwrap();
    let number = |sql: &str| -> u32 { open_read_only(&state).query_row(sql, [], |row| row.get(0)).unwrap() };
    let raised = number("SELECT seq FROM journal WHERE kind = 'alarm.raised'");
    let last = number("SELECT max(seq) FROM journal");
    let changes = [
        (format!("UPDATE journal SET text = 'F' || substr(text, 2) WHERE seq = {raised}"), "was changed"),
        (format!("UPDATE journal SET value = value + 1 WHERE seq = {raised}"), "was changed"),
        (format!("UPDATE journal SET received_us = received_us - 1 WHERE seq = {raised}"), "was changed"),
        (format!("UPDATE journal SET hash = zeroblob(32) WHERE seq = {raised}"), "was changed"),
        (format!("DELETE FROM journal WHERE seq = {raised}"), "is missing"),
        (format!("DELETE FROM journal WHERE seq >= {raised}"), "is missing"),
    ];
    for (sql, words) in changes {
        let connection = Connection::open(&state).unwrap();
        connection.execute_batch(&sql).unwrap();
        drop(connection);
        assert_found(&house.setup, &format!("entry {raised} {words}"));
        fs::write(&state, &whole).unwrap();
        house.assert_whole();
    }
    let connection = Connection::open(&state).unwrap();
    let copy = "INSERT INTO journal SELECT ?1, received_us, decided_us, kind, class, source_kind, source, rule, alarm,
                state, value, who, origin, text, hash FROM journal WHERE seq = ?2";
    connection.execute(copy, [last + 1, raised]).unwrap();
    drop(connection);
    assert_found(&house.setup, &format!("entry {} was added", last + 1));
}

#[test]
fn a_byte_that_has_flipped_on_the_disk_is_found() {
    let mut house = House::new();
    // What is refused stands in the journal and nowhere else.
    let refused = house.desk.ask("POST", "/api/v1/alarms/424242/acknowledge", &[], "");
    assert_eq!(refused.status, 404, "{refused:?}");
    assert!(house.server.stop().success());
    let state = house.setup.data_path().join("state.db");
    let whole = fs::read(&state).unwrap();
    let words = b"acknowledge alarm 424242";
    let at = (0..whole.len() - words.len()).rfind(|at| whole[*at..].starts_with(words)).unwrap();
    for offset in 0..words.len() {
        let mut bytes = whole.clone();
        bytes[at + offset] ^= 1;
        fs::write(&state, bytes).unwrap();
        assert_found(&house.setup, "was changed");
    }
    fs::write(&state, whole).unwrap();
    house.assert_whole();
}

#[test]
fn a_log_that_was_cut_is_a_latched_trouble_and_the_first_missing_entry_is_named() {
    let mut house = House::new();
    let mut node = house.calm_node();
    node.burn();
    house.receiver.page("fire", "raised", PATIENCE);
    for _ in 0..30 {
        house.desk.tell(&house.desk.alarm("fire"), "silence");
    }
    let written = house.desk.entries("").len() as u64;
    house.server.kill();
    let log = house.setup.data_path().join("state.db-wal");
    let length = fs::metadata(&log).unwrap().len();
    fs::OpenOptions::new().write(true).open(&log).unwrap().set_len(length / 2).unwrap();

    house.start_again();
    let trouble = house.desk.alarm("journal");
    assert_eq!((&trouble["source"], &trouble["class"]), (&"system".into(), &"trouble".into()));
    assert!(
        trouble["state"] == "unacknowledged" || trouble["state"] == "latched_unacknowledged",
        "{trouble}"
    );
    let kept = house.desk.entries("");
    let first_missing = (1..).find(|seq| !kept.iter().any(|entry| entry["seq"] == *seq)).unwrap();
    assert!(first_missing <= written, "{first_missing} of {written}");
    assert!(
        trouble["message"].as_str().unwrap().contains(&first_missing.to_string()),
        "entry {first_missing}: {trouble}"
    );
    assert_found(&house.setup, &format!("entry {first_missing} is missing"));
    // What comes is numbered after what was lost.
    assert!(kept.iter().any(|entry| entry["seq"].as_u64() > Some(written)), "{kept:?}");

    house.server.kill();
    house.start_again();
    let again = house.desk.alarm("journal");
    assert_eq!(again["id"], trouble["id"], "it is held over a restart");
    assert_found(&house.setup, &format!("entry {first_missing} is missing"));
}

#[test]
fn a_journal_without_its_mark_is_not_taken_for_whole() {
    let mut house = stopped_house();
    fs::remove_file(house.setup.data_path().join("journal.mark")).unwrap();
    assert_found(&house.setup, "the mark is missing");
    house.start_again();
    let trouble = house.desk.alarm("journal");
    assert!(trouble["message"].as_str().unwrap().contains("mark"), "{trouble}");
}

#[test]
fn an_older_copy_of_the_state_is_found_out() {
    let mut house = stopped_house();
    let folder = house.setup.data_path().to_owned();
    let old = fs::read(folder.join("state.db")).unwrap();
    let last = |house: &House| house.desk.entries("").last().unwrap()["seq"].as_u64().unwrap();
    house.start_again();
    house.desk.tell(&house.desk.alarm("fire"), "silence");
    let before = last(&house);
    assert!(house.server.stop().success());
    fs::write(folder.join("state.db"), old).unwrap();
    house.start_again();
    let trouble = house.desk.alarm("journal");
    assert_eq!(trouble["class"], "trouble");
    assert!(last(&house) > before, "no number comes twice");
    assert!(!house.verdict().status.success());
}
