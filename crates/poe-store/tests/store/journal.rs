//! Reading the journal, beside a store that is open and without one.

use crate::{
    sample::{commit, entries, entry, everything, stove},
    support::{House, query},
};
use poe_building::{AlarmId, Changes, Class, Entry, EntryKind, Source, Time, Who};
use poe_store::{EntryFilter, Found, JournalReader, OpenError, Search};
use rusqlite::{Connection, types::Value};
use std::{fs, sync::Arc, time::Duration};

fn numbers(reader: &JournalReader, filter: &EntryFilter) -> Vec<u64> {
    reader.entries(0, filter, 100).unwrap().iter().map(|stored| stored.entry.seq).collect()
}

#[test]
fn entries_are_read_as_they_were_written_beside_a_running_server_and_after_it() {
    let house = House::new();
    let (mut store, _) = house.store();
    let reader = JournalReader::open(&house.data()).unwrap();
    let all = EntryFilter::default();
    assert_eq!(numbers(&reader, &all), [0; 0]);
    commit(&mut store, &entries(1..=7));
    let check = |reader: &JournalReader| {
        let read: Vec<Entry> =
            reader.entries(0, &all, 100).unwrap().into_iter().map(|stored| stored.entry).collect();
        assert_eq!(read, (1..=7).map(entry).collect::<Vec<_>>());
        let page = |stored: Vec<poe_store::StoredEntry>| {
            stored.iter().map(|stored| stored.entry.seq).collect::<Vec<_>>()
        };
        assert_eq!(page(reader.entries(3, &all, 2).unwrap()), [4, 5]);
        assert_eq!(page(reader.last(None, &all, 3).unwrap()), [7, 6, 5]);
        assert_eq!(page(reader.last(Some(3), &all, 3).unwrap()), [2, 1]);
    };
    check(&reader);
    drop(reader);
    store.close();
    check(&JournalReader::open(&house.data()).unwrap());
    // A folder may be copied without what is only of use while somebody works on it.
    for ending in ["-wal", "-shm"] {
        fs::remove_file(crate::support::beside(&house.state_file(), ending)).unwrap();
    }
    check(&JournalReader::open(&house.data()).unwrap());
}

#[test]
fn a_search_goes_on_from_where_its_time_was_over() {
    const LAST: u64 = 50_000;
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &entries(1..=LAST));
    let reader = JournalReader::open(&house.data()).unwrap();
    let all = EntryFilter::default();
    let seqs = |found: &Found| found.entries.iter().map(|stored| stored.entry.seq).collect::<Vec<_>>();
    let rare = |entry: &Entry| entry.seq % 25_000 == 7;

    // In one breath,
    let long = Duration::from_secs(60);
    let search = |search, limit| reader.search(search, &all, limit, long, rare).unwrap();
    let found = search(Search::After(0), 10);
    assert_eq!((seqs(&found), found.next), (vec![7, 25_007], None));
    let found = search(Search::Before(u64::MAX), 10);
    assert_eq!((seqs(&found), found.next), (vec![25_007, 7], None));
    // as far as it has to look,
    let found = search(Search::After(0), 1);
    assert_eq!((seqs(&found), found.next), (vec![7], Some(7)));
    let found = search(Search::Before(25_007), 1);
    assert_eq!((seqs(&found), found.next), (vec![7], Some(7)));
    assert_eq!(search(Search::After(LAST), 1), Found::default());
    assert_eq!(search(Search::Before(1), 1), Found::default());

    // and without any time.
    for (begin, whole) in [(Search::After(0), [7, 25_007]), (Search::Before(u64::MAX), [25_007, 7])] {
        let (mut walked, mut at, mut pages) = (Vec::new(), Some(begin), 0);
        while let Some(search) = at {
            let found = reader.search(search, &all, 10, Duration::ZERO, rare).unwrap();
            walked.extend(seqs(&found));
            pages += 1;
            at = found.next.map(|next| match begin {
                Search::After(_) => Search::After(next),
                Search::Before(_) => Search::Before(next),
            });
        }
        assert_eq!(walked, whole);
        assert!(pages > 2, "{pages} pages were each read to the end");
    }
}

#[test]
fn a_filter_finds_by_kind_class_source_alarm_and_time() {
    let house = House::new();
    let (mut store, _) = house.store();
    let about = |seq, source| Entry { source: Some(source), ..entry(seq) };
    let node = |address: &str| Source::Node(address.parse().unwrap());
    let sensor = |key: &str| Source::Sensor(key.parse().unwrap());
    let more = vec![
        about(8, node("10.89.21.188")),
        about(9, sensor("10.89.21.18_8")),
        about(10, node("10.89.21.18")),
        Entry { kind: EntryKind::NodeLate, ..about(11, sensor("10.89.21.189_8")) },
        Entry {
            kind: EntryKind::ModelChanged,
            class: None,
            who: Some(Who::new("anna", "10.0.0.5")),
            ..about(12, Source::System)
        },
    ];
    commit(&mut store, &entries(1..=7));
    commit(&mut store, &Changes { entries: more, ..Changes::default() });
    let reader = JournalReader::open(&house.data()).unwrap();
    let all = EntryFilter::default;
    let find = |filter: EntryFilter| numbers(&reader, &filter);
    let kind = |kind: &str| find(EntryFilter { kind: Some(kind.to_owned()), ..all() });
    assert_eq!(kind("alarm"), [1, 2, 4, 5, 7, 8, 10]);
    assert_eq!(kind("alarm.raised"), [1, 4, 7, 10]);
    assert_eq!(kind("alar"), [0; 0]);
    assert_eq!(kind("node"), [11]);
    assert_eq!(find(EntryFilter { class: Some(Class::Supervisory), ..all() }), [2, 5, 8, 11]);
    let source = |source| find(EntryFilter { source: Some(source), ..all() });
    assert_eq!(source(stove()), [1, 4, 7]);
    assert_eq!(source(node("10.89.21.188")), [1, 4, 7, 8], "a node with its sensors");
    assert_eq!(source(node("10.89.21.18")), [9, 10]);
    assert_eq!(source(Source::Place("kitchen \u{1f525}".into())), [2, 5]);
    assert_eq!(find(EntryFilter { alarm: Some(AlarmId(4)), ..all() }), [4]);
    let who = |name: &str| find(EntryFilter { who: Some(name.to_owned()), ..all() });
    assert_eq!((who("anna"), who("ann")), (vec![12], vec![]));
    let (from, to) = (Some(entry(3).decided), Some(entry(5).decided));
    assert_eq!(find(EntryFilter { from, to, ..all() }), [3, 4]);
    let both = EntryFilter { from, kind: Some("alarm".to_owned()), class: Some(Class::Alarm), ..all() };
    assert_eq!(find(both), [4, 7, 10]);
}

#[test]
fn a_signal_carries_its_stamps_and_a_text_of_any_kind_stays_as_it_is() {
    let house = House::new();
    let (mut store, _) = house.store();
    let odd = Entry {
        text: "a\0b\n\u{202e}'; DROP TABLE journal; --".into(),
        who: Some(Who::new("", "")),
        ..entry(6)
    };
    commit(&mut store, &everything());
    store.note_notified(1, Time::from_secs(77));
    store.note_notified(1, Time::from_secs(78));
    commit(&mut store, &Changes { entries: vec![odd.clone()], ..Changes::default() });
    let reader = JournalReader::open(&house.data()).unwrap();
    let read = reader.entries(0, &EntryFilter::default(), 100).unwrap();
    assert!(read[0].committed.unwrap() > Time::from_secs(1_600_000_000));
    assert_eq!(read[0].notified, Some(Time::from_secs(77)), "the first one counts");
    assert_eq!((read[1].committed, read[1].notified), (None, None), "it is about no alarm");
    assert_eq!((&read[5].entry, read.len()), (&odd, 6));
}

#[test]
fn stamps_do_not_wait_for_ever_for_the_next_entry() {
    let house = House::new();
    let (mut store, _) = house.store();
    let stamped = || {
        let state = Connection::open(house.state_file()).unwrap();
        query(&state, "SELECT count(*) FROM stamps WHERE committed_us IS NOT NULL")
    };
    commit(&mut store, &entries(1..=1));
    assert_eq!(stamped(), [[Value::Integer(0)]]);
    std::thread::sleep(Duration::from_millis(1_050));
    store.tidy().unwrap();
    assert_eq!(stamped(), [[Value::Integer(1)]]);
    commit(&mut store, &entries(2..=4));
    store.close();
    assert_eq!(stamped(), [[Value::Integer(2)]]);
}

#[test]
fn what_cannot_be_read_is_named() {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &entries(1..=7));
    store.close();
    let state = Connection::open(house.state_file()).unwrap();
    state.execute_batch("UPDATE journal SET kind = 'party' WHERE seq = 3").unwrap();
    let reader = JournalReader::open(&house.data()).unwrap();
    let error = reader.entries(0, &EntryFilter::default(), 100).unwrap_err().to_string();
    assert!(error.contains("journal, row 3: kind cannot be \"party\""), "{error}");
    assert_eq!(reader.entries(3, &EntryFilter::default(), 100).unwrap().len(), 4);

    let nowhere = JournalReader::open(house.folder.path()).unwrap_err();
    assert!(matches!(&nowhere, OpenError::File { .. }), "{nowhere}");
}

#[test]
fn a_storm_is_stored_quickly() {
    let house = House::new();
    let (mut store, _) = house.store();
    let alarms = (1..=10_000).map(crate::sample::alarm).map(Arc::new).collect();
    let storm = Changes { alarms, ..entries(1..=10_000) };
    let begun = std::time::Instant::now();
    commit(&mut store, &storm);
    let took = begun.elapsed();
    println!("10,000 entries and alarms took {took:?}");
    // Some ten times of what it takes unoptimised.
    assert!(took < Duration::from_secs(5), "{took:?}");
}
