//! That no model, however odd, asks for more than there is.

use super::*;
use crate::{Place, PlaceKind, SensorInfo};

/// Rules in 256 places and for 300 nodes, each of which has a sensor in every place.
fn scattered() -> Model {
    let place = |no: usize| Text::from(format!("room-{no}"));
    let node = |no: u16| IpAddr::from([10, 0, (no >> 8) as u8, no as u8]);
    let set = |scope| RuleSetting { at_least: Some(210), ..RuleSetting::new("smoke", scope) };
    let places = (0..256).map(|no| set(RuleScope::Place(place(no))));
    let sensor = |address: IpAddr, id: u8| SensorInfo {
        key: SensorKey { address, id },
        name: None,
        place: Some(place(usize::from(id))),
    };
    Model {
        places: (0..256)
            .map(|no| Place { name: place(no), kind: PlaceKind::Room, within: None, title: None })
            .collect(),
        sensors: (0..300).flat_map(|no| (0..=255).map(move |id| sensor(node(no), id))).collect(),
        rules: places.chain((0..300).map(|no| set(RuleScope::Node(node(no))))).collect(),
        ..Model::default()
    }
}

#[test]
fn more_combinations_of_settings_than_tables_are_refused_and_panic_nobody() {
    let model = scattered();
    assert!(model.check().iter().any(|problem| problem.what.contains("combinations")));
    let keys: Vec<SensorKey> = model.sensors.iter().map(|sensor| sensor.key).collect();
    let mut book = RuleBook::new(Arc::new(model));
    for key in keys.into_iter().take(2_000) {
        let table = book.table_of(key, SensorKind::Smoke);
        assert!(!table.is_unresolved());
    }
    assert!(book.take_left_out(), "it is told");
    assert!(!book.take_left_out(), "once");
}
