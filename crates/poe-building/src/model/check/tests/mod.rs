//! What does not make sense, and what people are told about it.

mod people;
mod places;
mod rules;

use crate::{Model, Place, PlaceKind, Text};
use expect_test::Expect;

/// A building that makes sense, but for what `change` does to it.
#[track_caller]
fn check(change: impl FnOnce(&mut Model), expected: &Expect) {
    let mut model = house();
    assert_eq!(model.check(), []);
    change(&mut model);
    let problems = model.check();
    let told: String =
        problems.iter().map(|it| format!("{:?} {}: {}\n", it.item, it.field, it.what)).collect();
    expected.assert_eq(&told);
}

fn house() -> Model {
    Model {
        site: "campus".into(),
        places: vec![
            place("main", PlaceKind::Building, None),
            place("floor-2", PlaceKind::Floor, Some("main")),
            place("canteen", PlaceKind::Zone, Some("floor-2")),
            place("kitchen", PlaceKind::Room, Some("canteen")),
        ],
        ..Model::default()
    }
}

fn place(name: &str, kind: PlaceKind, within: Option<&str>) -> Place {
    Place { name: name.into(), kind, within: within.map(Text::from), title: None }
}
