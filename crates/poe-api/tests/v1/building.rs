//! Places, nodes, sensors, rules, targets, and the building as a file.

use serde_json::{Value, json};

use crate::{FLAME, Hall, NO_FLAME};

#[test]
fn a_place_is_as_bad_as_the_worst_in_it() {
    let hall = Hall::open();
    let places = |hall: &Hall| {
        let lists = ["buildings", "zones"].map(|list| hall.get(list)["items"].as_array().unwrap().clone());
        let line = |place: &Value| {
            ["name", "kind", "state", "class", "active", "unacknowledged", "quiet", "nodes"]
                .map(|field| place[field].to_string())
                .join(" ")
        };
        lists.concat().iter().map(line).collect::<Vec<_>>().join("\n")
    };
    hall.engine.frame(NO_FLAME);
    expect_test::expect![[r#"
        "site" "site" "normal" null 0 0 0 1
        "house" "building" "normal" null 0 0 0 1
        "ground" "floor" "normal" null 0 0 0 1
        "kitchen" "zone" "normal" null 0 0 0 1"#]]
    .assert_eq(&places(&hall));
    hall.engine.frame(FLAME);
    expect_test::expect![[r#"
        "site" "site" "unacknowledged" "alarm" 1 1 0 1
        "house" "building" "unacknowledged" "alarm" 1 1 0 1
        "ground" "floor" "unacknowledged" "alarm" 1 1 0 1
        "kitchen" "zone" "unacknowledged" "alarm" 1 1 0 1"#]]
    .assert_eq(&places(&hall));
}

#[test]
fn nodes_and_sensors_are_shown_with_names_and_places() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    let mut node = hall.get("nodes")["items"][0].clone();
    (node["first_seen"], node["last_seen"]) = (json!("TIME"), json!("TIME"));
    expect_test::expect![[r#"{"node":"10.0.0.7","name":"stove","place":"kitchen","address":"10.0.0.7","first_seen":"TIME","last_seen":"TIME","supervision":"good","authenticated":false,"approved":true,"connections":0,"sensors":1,"frames":1,"invalid_frames":0}"#]].assert_eq(&node.to_string());
    assert_eq!(hall.get("nodes/stove")["node"], "10.0.0.7");
    let mut sensor = hall.get("sensors?limit=1")["items"][0].clone();
    sensor["time"] = json!("TIME");
    expect_test::expect![[r#"{"ip_id":"10.0.0.7_7","node":"10.0.0.7","id":7,"name":null,"place":"kitchen","kind":"FIRE","value":0,"unit":"","status":"critical","legacy_status":"critical","time":"TIME","quality":"good"}"#]].assert_eq(&sensor.to_string());
    assert_eq!(hall.get("sensors")["next"], Value::Null);
    assert_eq!(hall.get("sensors/10.0.0.7_7")["value"], 0);
    assert!(hall.client.get("/api/v1/sensors/10.0.0.7_8").is_err());
    let settled = hall.post("nodes/stove/retire", &json!({}));
    assert_eq!(settled["node"], "10.0.0.7");
    let moved = hall.post("nodes/stove/move", &json!({ "to": "10.0.0.8" }));
    assert_eq!(moved["node"], "10.0.0.8");
    let (status, problem) = hall.send_json("nodes/stove/move", r#"{"to": "attic"}"#);
    assert_eq!((status, &problem["field"]), (422, &json!("to")));
}

#[test]
fn rules_targets_and_latency_are_shown() {
    let hall = Hall::open();
    let rules = hall.get("rules");
    assert_eq!(rules["profile"], "building");
    assert_eq!(rules["items"][0]["rule"], "fire");
    assert_eq!(rules["items"][0]["voting"], json!({ "kind": "single" }));
    let target = &hall.get("targets")["items"][0];
    assert_eq!((&target["name"], &target["delivery"]), (&json!("desk"), &json!("command")));
    let (status, test) = hall.send("POST", "targets/desk/test", "", "");
    assert_eq!(status, 202);
    let promised = hall.get(&format!("events?after={}", test["seq"].as_u64().unwrap() - 1));
    assert_eq!(promised["items"][0]["kind"], "notification.promised");
    let latency = hall.get("latency");
    assert_eq!(latency["alarm"]["limit_of_trade_ms"], 10_000);
    assert_eq!(latency["trouble"]["limit_of_trade_ms"], 200_000);
    assert_eq!(latency["alarm"]["received_to_committed"]["worst_ms"], Value::Null);
}

#[test]
fn the_server_tells_since_when_it_runs_and_where_it_listens_to_nodes() {
    let health = Hall::open().get("health");
    assert_eq!(health["started"], "2026-03-29T00:00:00.000Z");
    assert_eq!(health["listen"], json!(["0.0.0.0:1234", "[::1]:1235"]));
    assert_eq!(health["udp"], json!(["127.0.0.1:1236"]));
}

#[test]
fn the_building_is_a_file_that_nobody_overwrites_by_accident() {
    let hall = Hall::open();
    let path = "/api/v1/building";
    let toml = "application/toml";
    let before = hall.client.get_text(path).unwrap();
    assert_eq!((before.text.as_str(), before.etag.as_deref()), ("site = site\n", Some("\"1\"")));
    let put = |text: &str, etag| hall.client.put_text(path, toml, text.to_owned(), etag);
    let replaced = put("site = campus", before.etag.as_deref()).unwrap();
    assert_eq!(replaced["version"], 2);
    assert_eq!(hall.client.get_text(path).unwrap().text, "site = campus\n");
    let tried = hall.client.put_text(&format!("{path}?dry_run=true"), toml, "site = field".to_owned(), None);
    let changes = json!(["site field: name campus -> field"]);
    assert_eq!(tried.unwrap(), json!({ "version": 2, "changes": changes }), "what would change");
    assert_eq!(hall.client.get_text(path).unwrap().text, "site = campus\n", "and has not");
    for (query, etag, status) in
        [("dry_run=true", "\"2\"", 200), ("dry_run=true", "\"1\"", 412), ("dryrun=true", "\"2\"", 422)]
    {
        let headers = format!("Content-Type: {toml}\r\nIf-Match: {etag}\r\n");
        let told = hall.send("PUT", &format!("building?{query}"), &headers, "site = campus");
        assert_eq!(told.0, status, "{query} {etag}: {told:?}");
        assert_eq!(told.1["changes"], if status == 200 { json!([]) } else { Value::Null });
    }
    let late = put("site = mine", before.etag.as_deref()).unwrap_err().to_string();
    assert!(late.contains("version 2 now"), "{late}");
    hall.engine.disk_stands_still(true);
    for version in 3..6 {
        assert_eq!(put("site = ours", None).unwrap()["version"], version, "whatever is shown meanwhile");
    }
    hall.engine.disk_stands_still(false);
    assert_eq!(hall.client.get_text(path).unwrap().etag.as_deref(), Some("\"5\""));
    assert_eq!(put("hello", None).unwrap_err().to_string(), "1: there is no site\n2: nor a house");
    let (status, problem) = hall.send("PUT", "building", "Content-Type: text/plain\r\n", "hello");
    assert_eq!((status, problem["errors"].as_array().unwrap().len()), (422, 2));
    assert_eq!(hall.send("PUT", "building", "Content-Type: application/json\r\n", "{}").0, 415);
    for (tag, status) in [("W/\"5\"", 412), ("\"x\"", 412), ("x", 400), ("\"4\", \"5\"", 200)] {
        let headers = format!("Content-Type: application/toml\r\nIf-Match: {tag}\r\n");
        assert_eq!(hall.send("PUT", "building", &headers, "site = x").0, status, "{tag}");
    }
}
