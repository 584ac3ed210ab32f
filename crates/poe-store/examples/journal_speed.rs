//! How fast the journal is: `cargo run --release -p poe-store --example journal_speed [entries]`.

#![allow(clippy::unwrap_used, reason = "it measures, and nobody depends on it")]

use poe_building::{AlarmId, Changes, Class, Entry, EntryKind, NextIds, Source, State, Time};
use poe_store::{DataFolder, EntryFilter, JournalReader, Store, StoreOptions, verify};
use std::time::{Duration, Instant};

/// A storm: so many entries in one commit.
const BATCH: u64 = 5_000;

fn entry(seq: u64) -> Entry {
    let sensor = format!("10.89.{}.{}_8", seq / 250 % 250, seq % 250);
    Entry {
        seq,
        received: Time(seq as i64 * 1_000),
        decided: Time(seq as i64 * 1_000 + 20),
        kind: if seq.is_multiple_of(2) { EntryKind::AlarmRaised } else { EntryKind::AlarmReturned },
        class: Some(Class::Alarm),
        source: Some(Source::Sensor(sensor.parse().unwrap())),
        rule: Some("smoke".into()),
        alarm: Some(AlarmId(seq / 2)),
        state: Some(State::Unacknowledged),
        value: Some(210),
        who: None,
        text: "smoke 210 in the kitchen on the second floor".into(),
    }
}

fn entries(from: u64, to: u64) -> Changes {
    let next = NextIds { seq: to, alarm: to, ..NextIds::default() };
    Changes { entries: (from..to).map(entry).collect(), next: Some(next), ..Changes::default() }
}

fn main() {
    let count: u64 = std::env::args().nth(1).map_or(1_000_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let options = StoreOptions { table_file: folder.path().join("poe.db"), table: "sensors".into() };
        Store::open(DataFolder::lock(folder.path()).unwrap(), options).unwrap()
    };
    let (mut store, _) = open();
    let mut spent = Duration::ZERO;
    for from in (1..=count).step_by(BATCH as usize) {
        let changes = entries(from, (from + BATCH).min(count + 1));
        let begun = Instant::now();
        store.commit(&changes, &mut || {}).unwrap();
        store.tidy().unwrap();
        spent += begun.elapsed();
    }
    println!(
        "{count} entries stored in {spent:.2?}, {:.2} µs each",
        spent.as_secs_f64() * 1e6 / count as f64
    );

    let (mut told, mut all) = (Vec::new(), Vec::new());
    for seq in count + 1..count + 1_001 {
        let changes = entries(seq, seq + 1);
        let begun = Instant::now();
        store.commit(&changes, &mut || told.push(begun.elapsed())).unwrap();
        all.push(begun.elapsed());
        store.tidy().unwrap();
    }
    told.sort();
    all.sort();
    println!("one entry alone: told after {:.0?} (median), all done after {:.0?}", told[500], all[500]);
    store.close();

    let begun = Instant::now();
    let verified = verify(folder.path()).unwrap();
    println!("{} entries verified in {:.2?}: {:?}", verified.entries, begun.elapsed(), verified.finding);

    let begun = Instant::now();
    drop(open());
    println!("opened in {:.2?}", begun.elapsed());
    let reader = JournalReader::open(folder.path()).unwrap();
    let rare = EntryFilter { kind: Some("clock".into()), ..EntryFilter::default() };
    let node =
        EntryFilter { source: Some(Source::Node("10.89.3.7".parse().unwrap())), ..EntryFilter::default() };
    let alarm = EntryFilter { alarm: Some(AlarmId(count / 3)), ..EntryFilter::default() };
    for (what, filter) in [("a kind that never was", rare), ("a node", node), ("an alarm", alarm)] {
        let begun = Instant::now();
        let found = reader.last(None, &filter, 1_000).unwrap().len();
        println!("{found} entries of {what} found in {:.2?}", begun.elapsed());
    }
}
