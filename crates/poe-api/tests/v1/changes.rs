//! What changes, told to those who follow: sensors and nodes, twice a second at most.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use poe_api::client::{Event, Events};
use serde_json::{Value, json};

use crate::{FLAME, Hall, NO_FLAME};

const STOVE: &str = "10.0.0.7";
/// A node that nobody has placed.
const STRANGER: &str = "10.0.0.8";

/// What a client that applies everything it is told knows of the sensors.
type Known = BTreeMap<String, Value>;

fn apply(known: &mut Known, event: &Event) {
    if event.kind == "reading" {
        assert_eq!(event.id, None, "only what is in the journal has an id");
        known.insert(event.data["ip_id"].as_str().unwrap().to_owned(), event.data.clone());
    }
}

/// The list, without what does not change.
fn listed(hall: &Hall, path: &str) -> Known {
    let items = hall.get(path)["items"].as_array().unwrap().clone();
    let told = items.into_iter().map(|mut item| {
        let fields = item.as_object_mut().unwrap();
        fields.remove("name");
        fields.remove("place");
        (item["ip_id"].as_str().unwrap().to_owned(), item)
    });
    told.collect()
}

/// Reads until the client knows what the list says.
#[track_caller]
fn await_state(events: &mut Events, known: &mut Known, hall: &Hall, path: &str) {
    let begun = Instant::now();
    while *known != listed(hall, path) {
        assert!(begun.elapsed() < Duration::from_secs(10), "{known:?}, not {:?}", listed(hall, path));
        apply(known, &events.next().unwrap().unwrap());
    }
}

/// Frames of any sensors that do no harm, always the same.
fn dice() -> impl FnMut(u32) -> u8 {
    let mut seed = 4_711_u32;
    move |below| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((seed >> 16) % below) as u8
    }
}

#[test]
fn whoever_applies_all_readings_knows_what_the_list_says() {
    let hall = Hall::open();
    hall.engine.frames(STOVE, &[NO_FLAME, [1, 8, 4, 70]]);
    let mut events = hall.client.follow_some("kind=reading", None).unwrap();
    assert_eq!(events.next().unwrap().unwrap().kind, "snapshot");
    // At first the state of every sensor, at once.
    let mut known = Known::new();
    (0..2).for_each(|_| apply(&mut known, &events.next().unwrap().unwrap()));
    assert_eq!(known, listed(&hall, "sensors"));

    let mut roll = dice();
    for _ in 0..3 {
        for _ in 0..50 {
            let node = ["10.0.0.7", "10.0.0.8", "10.0.0.9"][usize::from(roll(3))];
            // Humidity on any of a hundred sensors, so that blocks fill and new ones begin.
            hall.engine.frames(node, &[[1, 10 + roll(100), 3, 30 + roll(20)]]);
        }
        await_state(&mut events, &mut known, &hall, "sensors");
    }
    assert!(known.len() > 64, "{}", known.len());
}

#[test]
fn a_sensor_is_told_twice_a_second_at_most_and_the_latest_value_wins() {
    let hall = Hall::open();
    let humidity = |value| hall.engine.frames(STOVE, &[[1, 7, 3, value]]);
    humidity(30);
    let mut events = hall.client.follow_some("kind=reading", None).unwrap();
    let mut times = Vec::new();
    let begun = Instant::now();
    let (mut value, mut told) = (30, 0);
    while begun.elapsed() < Duration::from_secs(3) {
        value = 30 + value % 40;
        humidity(value);
        std::thread::sleep(Duration::from_millis(5));
        // What was told until now is read at the end; nothing of this fills a socket.
    }
    humidity(99);
    while told != 99 {
        let event = events.next().unwrap().unwrap();
        if event.kind == "reading" {
            told = event.data["value"].as_u64().unwrap();
            times.push(event.data["time"].as_str().unwrap().to_owned());
        }
    }
    assert!((4..=8).contains(&times.len()), "in 3 s and a little: {times:?}");
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn a_zone_is_everything_in_it_and_no_more() {
    let hall = Hall::open();
    hall.engine.frames(STOVE, &[NO_FLAME]);
    hall.engine.frames(STRANGER, &[NO_FLAME]);
    let kinds = |events: &mut Events, until: &str| {
        let mut told = BTreeMap::<String, Vec<String>>::new();
        for event in events.map(Result::unwrap) {
            let about = event.data.get("source").or(event.data.get("ip_id")).or(event.data.get("node"));
            let about = about.and_then(Value::as_str).unwrap_or("nothing").to_owned();
            let is_last = event.kind == until;
            told.entry(event.kind).or_default().push(about);
            if is_last {
                break;
            }
        }
        told.remove("heartbeat");
        told
    };
    let mut house = hall.client.follow_some("zone=house", None).unwrap();
    let told = kinds(&mut house, "node");
    assert_eq!(told["reading"], [format!("{STOVE}_7")]);
    assert_eq!(told["node"], [STOVE]);

    let screen = "kind=alarm,event,reading&zone=kitchen&everywhere=alarm,event";
    let mut screen = hall.client.follow_some(screen, None).unwrap();
    assert_eq!(kinds(&mut screen, "reading")["reading"], [format!("{STOVE}_7")]);
    hall.engine.frames(STRANGER, &[FLAME]);
    assert_eq!(kinds(&mut screen, "alarm")["alarm"], [format!("{STRANGER}_7")]);
    // The house hears nothing of the stranger; its own flame is the first that it is told.
    hall.engine.frames(STOVE, &[FLAME]);
    assert_eq!(kinds(&mut house, "alarm")["alarm"], [format!("{STOVE}_7")]);
    let snapshot = |parameters: &str| {
        let mut events = hall.client.follow_some(parameters, None).unwrap();
        events.next().unwrap().unwrap().data["counts"]["alarm"]["active"].clone()
    };
    assert_eq!(snapshot(""), 2);
    assert_eq!(snapshot("zone=ground"), 1);
    assert_eq!(snapshot("zone=ground&everywhere=alarm"), 2);

    // What was missed is narrowed as well.
    let mut missed = hall.client.follow_some("kind=event&zone=kitchen", Some(0)).unwrap();
    let missed = kinds(&mut missed, "snapshot");
    assert!(
        missed["event"].iter().all(|source| source.starts_with(STOVE) || source == "kitchen"),
        "{missed:?}"
    );
    assert!(missed["event"].contains(&format!("{STOVE}_7")));
}

#[test]
fn nodes_are_told_when_they_appear() {
    let hall = Hall::open();
    let mut events = hall.client.follow_some("kind=node", None).unwrap();
    assert_eq!(events.next().unwrap().unwrap().kind, "snapshot");
    hall.engine.frames(STRANGER, &[NO_FLAME]);
    let is_new = |event: &Event| event.kind == "node" && event.data["node"] == STRANGER;
    let node = events.map(Result::unwrap).find(is_new).unwrap();
    let mut listed = hall.get(&format!("nodes/{STRANGER}"));
    for (field, told) in node.data.as_object().unwrap() {
        assert_eq!(listed[field].take(), *told, "{field}");
    }
}

#[test]
fn an_unknown_word_is_refused_and_named() {
    let hall = Hall::open();
    for (parameters, field) in [
        ("kind=alarms", "kind"),
        ("zone=attic", "zone"),
        ("everywhere=yes", "everywhere"),
        ("zones=house", "zones"),
    ] {
        let (status, problem) = hall.send("GET", &format!("live?{parameters}"), "", "");
        assert_eq!((status, &problem["field"]), (422, &json!(field)), "{parameters}: {problem}");
    }
}

#[test]
fn lists_of_sensors_are_narrowed_and_paged() {
    let hall = Hall::open();
    let humidities: Vec<[u8; 4]> = (20..=255).map(|id| [1, id, 3, 40]).collect();
    for node in ["10.0.0.7", "10.0.0.8", "10.0.0.9"] {
        hall.engine.frames(node, &humidities);
    }
    hall.engine.frames(STOVE, &[FLAME, [1, 8, 4, 70]]);
    let list = |parameters: &str| {
        let page = hall.get(&format!("sensors?{parameters}"));
        let items = page["items"].as_array().unwrap().clone();
        (items, page["next"].as_u64())
    };
    let (all, next) = list("limit=10000");
    assert_eq!((all.len(), next), (3 * 236 + 2, None));
    // One alone is written in another way, and says the same.
    for item in all.iter().step_by(100) {
        assert_eq!(hall.get(&format!("sensors/{}", item["ip_id"].as_str().unwrap())), *item);
    }
    for (parameters, count) in [
        ("node=stove", 238),
        ("node=10.0.0.8", 236),
        ("zone=house", 238),
        ("zone=kitchen&kind=FIRE", 1),
        ("kind=TEMPERATURE", 1),
        ("quality=good", 710),
        ("quality=lost", 0),
        ("node=10.0.0.9&zone=house", 0),
        ("zone=site", 710),
    ] {
        assert_eq!(list(&format!("{parameters}&limit=10000")).0.len(), count, "{parameters}");
        // Page by page it is the same list.
        let (mut paged, mut after) = (Vec::new(), Some(0));
        while let Some(from) = after {
            let (items, next) = list(&format!("{parameters}&limit=100&after={from}"));
            paged.extend(items);
            after = next;
        }
        assert_eq!(paged, list(&format!("{parameters}&limit=10000")).0, "{parameters}");
    }
    let flames = list("kind=FIRE").0;
    assert_eq!(list(&format!("status={}", flames[0]["status"].as_str().unwrap())).0, flames);
    for (parameters, field) in
        [("quality=fine", "quality"), ("kind=FLAME", "kind"), ("node=oven", "node"), ("status=x", "status")]
    {
        let (status, problem) = hall.send("GET", &format!("sensors?{parameters}"), "", "");
        assert_eq!((status, &problem["field"]), (422, &json!(field)), "{parameters}: {problem}");
    }
    assert_eq!(list("after=99999999999"), (Vec::new(), None));
    assert_eq!(list("after=709"), (all[709..].to_vec(), None));
}
