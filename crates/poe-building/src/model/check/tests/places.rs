use super::{check, place};
use crate::{NodeInfo, PlaceKind, SensorInfo, Supervision, Switch};
use core::time::Duration;
use expect_test::expect;

fn node(address: &str) -> NodeInfo {
    let address = address.parse().unwrap();
    NodeInfo { address, name: None, place: None, fed_by: None, port: None, supervision: None }
}

fn switch(name: &str, fed_by: Option<&str>) -> Switch {
    Switch { name: name.into(), place: None, fed_by: fed_by.map(Into::into), port: None }
}

fn silence(late_ms: u64, trouble_ms: u64) -> Supervision {
    Supervision { late: Duration::from_millis(late_ms), trouble: Duration::from_millis(trouble_ms) }
}

#[test]
fn names_are_what_people_type() {
    for name in ["", "two words", "-rf", "küche", "a/b", "a\u{202e}b", &"x".repeat(65)] {
        let mut found = String::new();
        let model = crate::Model { places: vec![place(name, PlaceKind::Room, None)], ..Default::default() };
        for problem in model.check() {
            found += &problem.what;
        }
        assert!(found.contains("is not a name"), "{name}: {found}");
    }
    check(
        |model| model.site = "my site".into(),
        &expect![[r#"
            Site name: 'my site' is not a name; use at most 64 letters (a to z), digits, '-', '_' and '.', a letter or digit first
        "#]],
    );
}

#[test]
fn nothing_is_there_twice() {
    check(
        |model| {
            model.places.push(place("main", PlaceKind::Building, None));
            model.places.push(place("Kitchen", PlaceKind::Room, None));
            model.places.push(place("Campus", PlaceKind::Building, None));
            model.places.push(place("system", PlaceKind::Building, None));
            model.switches = vec![switch("a", None), switch("a", None)];
            model.nodes = vec![node("10.0.0.1"), node("10.0.0.2"), node("10.0.0.1")];
            let sensor = SensorInfo { key: "10.0.0.1_1".parse().unwrap(), name: None, place: None };
            model.sensors = vec![sensor.clone(), sensor];
        },
        &expect![[r#"
            Place(4) name: there is already a place 'main'; give this one another name
            Place(5) name: there is already a place 'kitchen', which sounds the same; give this one another name
            Switch(1) name: there is already a switch 'a'; give this one another name
            Place(6) name: 'campus' is the site; call the place something else
            Place(7) name: 'system' is the server itself; call the place something else
            Node(2) address: node 10.0.0.1 is described twice; put it all in one
            Sensor(1) sensor: sensor 10.0.0.1_1 is described twice; put it all in one
        "#]],
    );
}

#[test]
fn references_lead_somewhere() {
    check(
        |model| {
            model.places.push(place("office", PlaceKind::Room, Some("flor-2")));
            model.places.push(place("hut", PlaceKind::Building, Some("campus")));
            model.switches = vec![switch("sw", Some("elsewhere"))];
            model.nodes = vec![NodeInfo {
                place: Some("garage".into()),
                port: Some("7".into()),
                ..node("::ffff:10.0.0.1")
            }];
        },
        &expect![[r#"
            Place(4) within: there is no place 'flor-2'; did you mean 'floor-2'?
            Place(5) within: 'campus' is the site; leave within out for the whole of it
            Switch(0) fed_by: there is no switch 'elsewhere'; describe it, or leave it out
            Node(0) address: write it as 10.0.0.1
            Node(0) place: there is no place 'garage'; describe it, or leave it out
            Node(0) port: a port of which switch? Set switch, or leave port out
        "#]],
    );
}

#[test]
fn a_place_is_only_in_a_larger_one() {
    check(
        |model| {
            model.places[0].within = Some("kitchen".into());
            model.places.push(place("pantry", PlaceKind::Room, Some("kitchen")));
        },
        &expect![[r#"
            Place(0) within: a building cannot be in a room; a building holds floors, these hold zones, and those hold rooms
            Place(4) within: a room cannot be in a room; a building holds floors, these hold zones, and those hold rooms
        "#]],
    );
}

#[test]
fn switches_do_not_feed_themselves() {
    check(
        |model| {
            model.switches = vec![
                switch("outside", Some("a")),
                switch("a", Some("b")),
                switch("b", Some("c")),
                switch("c", Some("a")),
                switch("self", Some("self")),
                switch("good", None),
                switch("fed", Some("good")),
            ];
        },
        &expect![[r#"
            Switch(1) fed_by: switches cannot feed each other in a circle: a is fed by b, by c, by a
            Switch(4) fed_by: switches cannot feed each other in a circle: self is fed by self
        "#]],
    );
}

#[test]
fn nobody_is_silent_for_too_long() {
    check(
        |model| model.supervision = silence(500, 30_000),
        &expect![[r#"
        Site late_s: must be 1 s to 200 s, not 0.5 s: no node may be silent for longer unnoticed
    "#]],
    );
    check(
        |model| model.supervision = silence(10_000, 201_000),
        &expect![[r#"
        Site trouble_s: must be 1 s to 200 s, not 201 s: the trade allows 200 s from the fault to the trouble signal (UL 864)
    "#]],
    );
    check(
        |model| model.supervision = silence(40_000, 30_000),
        &expect![[r#"
        Site late_s: late after 40 s but in trouble after 30 s already; set trouble_s to 40 s or more
    "#]],
    );
    check(
        |model| model.nodes = vec![NodeInfo { supervision: Some(silence(20_000, 300_000)), ..node("::1") }],
        &expect![[r#"
            Node(0) trouble_s: must be 1 s to 200 s, not 300 s: the trade allows 200 s from the fault to the trouble signal (UL 864)
        "#]],
    );
    check(
        |model| model.supervision.late = Duration::from_micros(1_000_001),
        &expect![[r#"
            Site late_s: must be whole milliseconds: nothing here is measured finer
        "#]],
    );
    check(
        |model| model.shelving_max = Duration::from_secs(25 * 3600),
        &expect![[r#"
            Site shelving_max_h: must be 60 s to 24 h, not 25 h: what must be quiet for longer is taken out of service
        "#]],
    );
    check(
        |model| model.shelving_max = Duration::from_millis(100_500),
        &expect![[r#"
        Site shelving_max_h: must be whole seconds
    "#]],
    );
}

#[test]
fn titles_are_one_line_of_text() {
    check(
        |model| {
            model.places[0].title = Some(" ".into());
            model.places[1].title = Some("two\nlines".into());
            model.places[2].title = Some("x".repeat(201).into());
            model.places[3].title = Some("Küche \u{202e}ehcuK".into());
        },
        &expect![[r#"
            Place(0) title: must not be empty; leave it out instead
            Place(1) title: holds \u{a}, which no screen shows; write one line of plain text
            Place(2) title: is longer than 200 characters; say it in fewer
            Place(3) title: holds \u{202e}, which no screen shows; write one line of plain text
        "#]],
    );
}

#[test]
fn there_can_only_be_so_many() {
    check(
        |model| {
            let more = (0..10_000).map(|number| place(&format!("r{number}"), PlaceKind::Room, None));
            model.places.extend(more);
        },
        &expect![[r#"
            Place(10000) : this is one of 10004 places; there can be 10000
        "#]],
    );
    let places = (0..2_000).map(|_| place("", PlaceKind::Room, None)).collect();
    let model = crate::Model { places, ..Default::default() };
    assert_eq!(model.check().len(), 1_000, "who has mended a thousand asks again");
}
