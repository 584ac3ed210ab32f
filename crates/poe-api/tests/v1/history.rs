//! The history, as people and programs ask for it.

use std::time::Duration;

use poe_history::Retention;
use poe_wire::SensorKind;
use serde_json::{Value, json};

use crate::{FLAME, Hall};

/// 2026-03-29T00:00:00Z.
const DAY_MS: i64 = 1_774_742_400_000;

/// A hall in which the stove's smoke sensor has said something every second for ten minutes: 0, 1, 2 and so on to 99, and
/// again; and another node once.
fn hall() -> Hall {
    let hall = Hall::with_history();
    let (status, imported) = import(&hall, "format=csv", &lines());
    assert_eq!(status, 200, "{imported}");
    let expected = json!({
        "readings": 601, "sensors": 2, "from": "2026-03-29T00:00:00.000Z", "to": "2026-03-29T00:09:59.000Z",
        "left_out": 0, "errors": []
    });
    assert_eq!(imported, expected);
    hall
}

fn lines() -> String {
    let mut lines = "time,node,sensor,kind,value\n".to_owned();
    for second in 0..600_i64 {
        let time = jiff::Timestamp::from_millisecond(DAY_MS + second * 1_000).unwrap();
        lines.push_str(&format!("{time},10.0.0.7,8,SMOKE,{}\n", second % 100));
    }
    lines + "2026-03-29T00:00:30Z,10.0.0.99,1,HUMIDITY,40\n"
}

fn import(hall: &Hall, query: &str, body: &str) -> (u16, Value) {
    hall.send("POST", &format!("import?{query}"), "Content-Type: text/csv\r\n", body)
}

fn refused(hall: &Hall, path: &str) -> String {
    hall.client.get(&format!("/api/v1/{path}")).unwrap_err().to_string()
}

#[test]
fn readings_come_page_by_page() {
    let hall = hall();
    let path = format!("history/10.0.0.7_8?from={DAY_MS}&to=2026-03-29T00:10:00Z&limit=250");
    let (mut values, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = hall.get(&format!("{path}{after}"));
        assert_eq!((&page["ip_id"], &page["step_s"]), (&json!("10.0.0.7_8"), &Value::Null));
        assert_eq!(page["from"], "2026-03-29T00:00:00.000Z");
        values.extend(page["items"].as_array().unwrap().iter().map(|item| item["value"].as_i64().unwrap()));
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(pages, 3);
    assert_eq!(values, (0..600).map(|second| second % 100).collect::<Vec<_>>());
    let first = hall.get(&format!("history/10.0.0.7_8?from={DAY_MS}&to={}", DAY_MS + 1));
    let expected =
        json!([{ "time": "2026-03-29T00:00:00.000Z", "value": 0, "kind": "SMOKE", "status": "normal" }]);
    assert_eq!(first["items"], expected);
    let whole = hall.get(&format!("history/10.0.0.7_8?from={DAY_MS}&to={}&limit=100000", DAY_MS + 600_000));
    assert_eq!((whole["items"].as_array().unwrap().len(), &whole["next"]), (600, &Value::Null));
}

#[test]
fn steps_are_summed_up_and_a_gap_is_a_gap() {
    let hall = hall();
    let path = format!("history/10.0.0.7_8?from={}&to={}&step=5m", DAY_MS - 300_000, DAY_MS + 900_000);
    let told = hall.get(&path);
    let bucket = |time: &str, last: u8| json!({ "time": time, "count": 300, "min": 0, "max": 99, "mean": 49.5, "last": last });
    let expected = json!([bucket("2026-03-29T00:00:00.000Z", 99), bucket("2026-03-29T00:05:00.000Z", 99)]);
    assert_eq!((&told["items"], &told["step_s"], &told["next"]), (&expected, &json!(300.0), &Value::Null));
    // More parts than one.
    let fine = hall.get(&format!("history/10.0.0.7_8?from={DAY_MS}&to={}&step=100ms", DAY_MS + 1_000_000));
    let items = fine["items"].as_array().unwrap();
    assert_eq!(items.len(), 600);
    assert_eq!(
        items[599],
        json!({ "time": "2026-03-29T00:09:59.000Z", "count": 1, "min": 99, "max": 99, "mean": 99.0, "last": 99 })
    );
    // From where an answer has stopped.
    let rest = hall.get(&format!("{path}&after=0.{}", DAY_MS + 300_000));
    assert_eq!(rest["items"], json!([bucket("2026-03-29T00:05:00.000Z", 99)]));
}

#[test]
fn several_sensors_come_together() {
    let hall = hall();
    let times = format!("from={DAY_MS}&to={}&step=10m", DAY_MS + 600_000);
    let told = hall.get(&format!("history?sensor=10.0.0.99_1&sensor=10.0.0.7_8&sensor=10.0.0.7_9&{times}"));
    let expected = json!([
        { "ip_id": "10.0.0.99_1", "items": [{ "time": "2026-03-29T00:00:00.000Z", "count": 1, "min": 40, "max": 40, "mean": 40.0, "last": 40 }] },
        { "ip_id": "10.0.0.7_8", "items": [{ "time": "2026-03-29T00:00:00.000Z", "count": 600, "min": 0, "max": 99, "mean": 49.5, "last": 99 }] },
        { "ip_id": "10.0.0.7_9", "items": [] },
    ]);
    assert_eq!((&told["items"], &told["next"]), (&expected, &Value::Null));
    let rest = hall.get(&format!("history?sensor=10.0.0.99_1&sensor=10.0.0.7_8&{times}&after=1.{DAY_MS}"));
    assert_eq!(rest["items"], json!([expected[1]]));
    let many = (0..51).map(|id| format!("sensor=10.0.0.7_{id}&")).collect::<String>();
    assert!(refused(&hall, &format!("history?{many}{times}")).contains("Between 1 and 50"));
    assert!(refused(&hall, &format!("history?{times}")).contains("Between 1 and 50"));
    assert!(refused(&hall, "history?sensor=10.0.0.7_8").contains("say how long they are"));
}

#[test]
fn what_makes_no_sense_is_refused_with_its_name() {
    let hall = hall();
    for (query, expected) in [
        ("from=2&to=1", "from: This must be before to."),
        ("step=1s&from=0&to=100000000", "step: At most 20000 steps"),
        ("step=5m&limit=7", "limit: This goes with single readings"),
        ("limit=100001", "limit: Between 1 and 100000."),
        ("from=0&to=100&after=x", "after: "),
        ("from=0&to=100&after=100.0", "after: "),
        ("from=0&to=100&step=10ms&after=0.5", "after: "),
        ("form=1", "form: There is no such parameter here."),
    ] {
        let told = refused(&hall, &format!("history/10.0.0.7_8?{query}"));
        assert!(told.contains(expected), "{query}: {told}");
    }
    assert!(refused(&hall, "history/kitchen").contains("no sensor of this key"));
    // Nobody has heard of it: it has said nothing.
    assert_eq!(hall.get("history/10.0.0.200_1")["items"], json!([]));
    let none = Hall::open();
    assert!(refused(&none, "history/10.0.0.7_8").contains("keeps no history"));
}

#[test]
fn an_account_for_some_buildings_sees_their_sensors_alone() {
    let hall = hall();
    hall.engine.frame(FLAME);
    let fields = json!({ "name": "guard", "role": "viewer", "buildings": ["house"] });
    let token = hall.post("tokens", &fields)["token"].as_str().unwrap().to_owned();
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let ask = |path: &str| hall.ask_over_tcp(path, &bearer);
    let times = format!("from={DAY_MS}&to={}", DAY_MS + 600_000);
    assert_eq!(ask(&format!("history/10.0.0.7_8?{times}")).0, 200);
    let hidden = ask(&format!("history/10.0.0.99_1?{times}"));
    assert_eq!((hidden.0, &hidden), (404, &ask(&format!("history/10.0.0.77_1?{times}"))));
    for list in ["history?step=1h&", "export?"] {
        let hidden = ask(&format!("{list}sensor=10.0.0.7_8&sensor=10.0.0.99_1"));
        assert_eq!((hidden.0, &hidden), (422, &ask(&format!("{list}sensor=10.0.0.7_8&sensor=10.0.0.77_1"))));
    }
    assert_eq!(ask("storage/history"), ask("storage/nothing"), "it tells of other buildings, too");
    let (status, all) = ask("export");
    assert_eq!(status, 200);
    assert!(!all.to_string().contains("10.0.0.99"), "{all}");
}

#[test]
fn an_export_is_csv_or_parquet() {
    let hall = hall();
    let csv = hall.client.get_text("/api/v1/export").unwrap().text;
    let mut told = csv.lines();
    assert_eq!(told.next(), Some("time,node,sensor,kind,value,status"));
    assert_eq!(told.clone().count(), 601);
    assert!(told.all(|line| line.starts_with("2026-03-29") && line.split(',').count() == 6), "{csv}");
    let one = hall.client.get_text("/api/v1/export?sensor=10.0.0.99_1&format=csv").unwrap().text;
    assert_eq!(one.lines().count(), 2, "{one}");
    let none = hall.client.get_text(&format!("/api/v1/export?to={DAY_MS}")).unwrap().text;
    assert_eq!(none.lines().count(), 1, "{none}");
    let parquet = hall.client.download("/api/v1/export?format=parquet", Duration::from_secs(10));
    let parquet: Vec<u8> = parquet.unwrap().flat_map(|piece| piece.unwrap().to_vec()).collect();
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    assert!(refused(&hall, "export?format=xlsx").contains("One of csv and parquet."));
    // What one server has exported another takes, and the same is told by both.
    let other = Hall::with_history();
    assert_eq!(import(&other, "format=csv", &csv).0, 200);
    assert_eq!(other.client.get_text("/api/v1/export").unwrap().text, csv);
}

#[test]
fn an_import_is_journalled_and_the_same_is_imported_once() {
    let hall = hall();
    let entries = hall.get("events?kind=history.imported");
    let text = entries["items"][0]["text"].as_str().unwrap();
    assert!(text.contains("601 readings of 2 sensors were imported from CSV"), "{text}");
    assert_eq!(import(&hall, "format=csv", &lines()).0, 422, "it was imported before");
    let wrong = format!("{}never,10.0.0.7,8,SMOKE,1\n", lines().replace("10.0.0.7,8", "10.0.0.7,9"));
    let (status, told) = import(&hall, "format=csv", &wrong);
    assert_eq!((status, &told["field"]), (422, &json!("body")), "{told}");
    assert_eq!(
        hall.get(&format!("history/10.0.0.7_9?from={DAY_MS}&to={}", DAY_MS + 600_000))["items"],
        json!([])
    );
    let (status, told) = import(&hall, "format=csv&lenient=true", &wrong);
    assert_eq!((status, &told["left_out"]), (200, &json!(1)), "{told}");
    assert_eq!(told["errors"].as_array().unwrap().len(), 1);
    for (query, status) in [
        ("", 422),
        ("format=xml", 422),
        ("format=csv&table=x", 422),
        ("format=readings", 422),
        ("format=readings&first_node=10.1.0.1", 422),
        ("format=readings&first_node=10.1.0.1&kinds=NOISE", 422),
        ("format=table", 422),
    ] {
        assert_eq!(import(&hall, query, "x").0, status, "{query}");
    }
    assert_eq!(hall.send("POST", "import?format=csv", "Content-Type: text/html\r\n", "x").0, 415);
    assert!(!hall.data.join("imports/incoming").exists(), "nothing stays");
}

#[test]
fn the_figures_tell_what_is_kept() {
    let hall = hall();
    let figures = hall.get("storage/history");
    assert_eq!(figures["oldest"], "2026-03-29T00:00:00.000Z", "{figures}");
    let kept = figures["readings_sealed"].as_u64().unwrap() + figures["readings_waiting"].as_u64().unwrap();
    assert_eq!(kept, 601, "{figures}");
}

#[test]
fn the_figures_tell_how_long_what_is_kept_and_the_room_that_there_is() {
    let figures = Hall::with_history().get("storage/history");
    let without_end = json!({
        "history_keep_days": null, "history_keep_days_of": [], "history_max_gib": null, "rollup_keep_days": null
    });
    assert_eq!(figures["retention"], without_end);
    let disk = &figures["disk"];
    let bytes = |name: &str| disk[name].as_u64().unwrap();
    assert!(bytes("free_bytes") <= bytes("total_bytes") && bytes("kept_free_bytes") > 0, "{disk}");
    assert_eq!(disk["nearly_full"], false, "nobody has looked yet");

    let days = |days: u64| Duration::from_hours(24 * days);
    let retention = Retention {
        age: Some(days(400)),
        age_of_kind: vec![(SensorKind::Motion, days(30))],
        bytes: Some(5 << 30),
        rollup_age: Some(days(3_650)),
    };
    assert_eq!(
        Hall::with_retention(retention).get("storage/history")["retention"],
        json!({
            "history_keep_days": 400.0, "history_keep_days_of": [{ "kind": "MOTION", "days": 30.0 }],
            "history_max_gib": 5.0, "rollup_keep_days": 3650.0
        })
    );
}

#[test]
fn what_a_crash_has_left_of_an_import_is_gone_after_a_start() {
    let hall = Hall::with_files(&[("imports/incoming", "time,node")]);
    assert!(!hall.data.join("imports/incoming").exists());
}
