//! Entries and alarms to be written down, with every field in use somewhere.

use crate::{sample_model::model, support::House};
use poe_building::{
    Alarm, AlarmId, Changes, Class, Due, Entry, EntryKind, Known, NextIds, Promise, PromiseId, Quiet, Reason,
    Source, State, Suppression, SuppressionId, Text, Ticks, Time, Who,
};
use poe_store::{DataFolder, Store, StoreOptions};
use std::sync::Arc;

impl House {
    /// The memory alone, without a building.
    pub(crate) fn store(&self) -> (Store, Known) {
        let folder = DataFolder::lock(&self.folder.path().join("data")).unwrap();
        let options = StoreOptions { table_file: self.table_file.clone(), table: self.table.to_owned() };
        Store::open(folder, options).unwrap()
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }
}

/// Commits without anybody who wants to be told.
#[track_caller]
pub(crate) fn commit(store: &mut Store, changes: &Changes) {
    store.commit(changes, &mut || {}).unwrap();
    store.tidy().unwrap();
}

pub(crate) fn text(text: &str) -> Option<Text> {
    Some(text.into())
}

pub(crate) fn due(secs: i64) -> Option<Due> {
    Some(Due { ticks: Ticks(0), time: Time::from_secs(secs) })
}

pub(crate) fn stove() -> Source {
    Source::Sensor("10.89.21.188_8".parse().unwrap())
}

/// An entry of the journal. They differ in what they leave empty.
pub(crate) fn entry(seq: u64) -> Entry {
    let time = Time(1_000_000_000 * seq as i64);
    let bare = Entry {
        seq,
        received: time,
        decided: Time(time.0 + 150),
        kind: EntryKind::ServerStarted,
        class: None,
        source: None,
        rule: None,
        alarm: None,
        state: None,
        value: None,
        who: None,
        text: "".into(),
    };
    match seq % 3 {
        0 => bare,
        1 => Entry {
            kind: EntryKind::AlarmRaised,
            class: Some(Class::Alarm),
            source: Some(stove()),
            rule: text("smoke"),
            alarm: Some(AlarmId(seq)),
            state: Some(State::Unacknowledged),
            value: Some(210),
            text: "smoke in the kitchen".into(),
            ..bare
        },
        _ => Entry {
            kind: EntryKind::AlarmAcknowledged,
            class: Some(Class::Supervisory),
            source: Some(Source::Place("kitchen \u{1f525}".into())),
            who: Some(Who::new("porter", "console")),
            text: "seen".into(),
            ..bare
        },
    }
}

/// Entries with these numbers, and nothing else.
pub(crate) fn entries(numbers: std::ops::RangeInclusive<u64>) -> Changes {
    let seq = numbers.end() + 1;
    let next = NextIds { seq, alarm: seq, ..NextIds::default() };
    Changes { entries: numbers.map(entry).collect(), next: Some(next), ..Changes::default() }
}

/// An alarm that was just raised.
pub(crate) fn alarm(id: u64) -> Alarm {
    Alarm {
        id: AlarmId(id),
        source: stove(),
        rule: "smoke".into(),
        class: Class::Alarm,
        priority: 1,
        state: State::Unacknowledged,
        since: Time::from_secs(100),
        raised: Some(Time::from_secs(100)),
        holds: true,
        audible: true,
        value: Some(210),
        message: "smoke in the kitchen".into(),
        acknowledged: None,
        quiet: None,
        delay: None,
        ask_again: None,
        escalate: due(400),
        escalations: 0,
        first_out: true,
        stamp: Time::from_secs(99),
    }
}

/// Another one, of which everything that can be said is said.
pub(crate) fn old_alarm(id: u64) -> Alarm {
    Alarm {
        source: Source::Switch("sw-1".into()),
        class: Class::Trouble,
        priority: 3,
        state: State::Acknowledged,
        since: Time::NEVER,
        value: None,
        acknowledged: Some((Who::new("porter", "10.0.0.7"), Time::from_secs(120))),
        quiet: Some(Quiet::OutOfService),
        delay: due(130),
        ask_again: due(3_700),
        escalations: 2,
        first_out: false,
        ..alarm(id)
    }
}

pub(crate) fn suppression(id: u64) -> Suppression {
    Suppression {
        id: SuppressionId(id),
        kind: Quiet::Shelved,
        source: Source::Node("::1".parse().unwrap()),
        rule: text("smoke"),
        owner: Who::new("porter", "socket"),
        reason: "welding".into(),
        began: Time::from_secs(100),
        ends: due(3_700),
        ended: None,
    }
}

pub(crate) fn promise(id: u64) -> Promise {
    Promise {
        id: PromiseId(id),
        target: "duty".into(),
        seq: 1,
        alarm: Some(AlarmId(1)),
        class: Class::Alarm,
        priority: 1,
        reason: Reason::Raised,
        key: "10.89.21.188_8/smoke/99/raised".into(),
        summary: "smoke in the kitchen".into(),
        promised: Time::from_secs(100),
        expires: Time::from_secs(86_500),
    }
}

/// A batch with something of everything.
pub(crate) fn everything() -> Changes {
    let waiting = Alarm { raised: None, state: State::Normal, escalate: None, delay: due(104), ..alarm(3) };
    let by_design = Suppression {
        kind: Quiet::SuppressedByDesign,
        source: Source::System,
        rule: None,
        ends: None,
        ..suppression(2)
    };
    Changes {
        alarms: [alarm(1), old_alarm(2), waiting].map(Arc::new).into(),
        suppressions: vec![suppression(1), by_design],
        promises: vec![promise(1), Promise { alarm: None, reason: Reason::Test, ..promise(2) }, promise(3)],
        model: Some(Arc::new(model())),
        next: Some(NextIds { seq: 6, alarm: 4, suppression: 3, promise: 4 }),
        ..entries(1..=5)
    }
}
