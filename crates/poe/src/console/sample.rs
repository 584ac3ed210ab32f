//! A small building and what happens in it, for the tests of the console.

use super::{house::Carried, when::When};
use poe::{Alarm, AlarmId, Class, Entry, EntryKind, Source, State};
use poe_building::{Directory, Model, NodeInfo, Place, PlaceKind, SensorInfo, Time};
use std::sync::Arc;

/// A canteen with a kitchen in it, and a stove with a name that does harm to terminals.
pub(super) fn names() -> Directory {
    let place = |name: &str, kind, within: Option<&str>| Place {
        name: name.into(),
        kind,
        within: within.map(Into::into),
        title: None,
    };
    let address = "10.89.21.188".parse().unwrap();
    let node = NodeInfo {
        address,
        name: Some("Kitchen".into()),
        place: Some("kitchen".into()),
        fed_by: None,
        port: None,
        supervision: None,
    };
    let stove = SensorInfo {
        key: "10.89.21.188_9".parse().unwrap(),
        name: Some("The\u{1b}[2Jstove".into()),
        place: None,
    };
    Directory::new(Arc::new(Model {
        places: vec![
            place("canteen", PlaceKind::Zone, None),
            place("kitchen", PlaceKind::Room, Some("canteen")),
        ],
        nodes: vec![node],
        sensors: vec![stove],
        ..Model::default()
    }))
}

/// A flame at sensor 7 of the kitchen, three minutes ago, and nobody has seen it.
pub(super) fn flame(id: u64, when: &When) -> Alarm {
    let since = when.seconds_before(180);
    Alarm {
        id: AlarmId(id),
        source: Source::Sensor("10.89.21.188_7".parse().unwrap()),
        rule: "fire".into(),
        class: Class::Alarm,
        priority: 1,
        state: State::Unacknowledged,
        since,
        raised: Some(since),
        holds: true,
        audible: true,
        value: Some(0),
        message: "flame".into(),
        acknowledged: None,
        quiet: None,
        delay: None,
        ask_again: None,
        escalate: None,
        escalations: 0,
        first_out: false,
        stamp: since,
    }
}

pub(super) fn carried(alarm: Alarm) -> Carried {
    Carried { alarm: Some(alarm), stored: true }
}

pub(super) fn entry(kind: EntryKind, decided: Time, text: &str) -> Entry {
    Entry {
        seq: 41,
        received: decided,
        decided,
        kind,
        class: None,
        source: None,
        rule: None,
        alarm: None,
        state: None,
        value: None,
        who: None,
        text: text.into(),
    }
}
