//! What a server tells, and small orders, at each door.

use crate::{
    doors::Door,
    support::{PATIENCE, poe},
};
use serde_json::Value;
use std::io::Read;

#[test]
fn lists_and_orders_are_the_same_at_the_socket() {
    lists_and_orders(&Door::socket());
}

#[test]
fn lists_and_orders_are_the_same_over_http_with_a_token() {
    lists_and_orders(&Door::http("operator"));
}

#[test]
fn lists_and_orders_are_the_same_over_https_under_an_own_authority() {
    lists_and_orders(&Door::https("operator"));
}

fn lists_and_orders(door: &Door) {
    assert_eq!(door.says(&["nodes"]), "no node is known yet: none has sent a value\n");
    assert_eq!(door.says(&["sensors"]), "no sensor is known yet\n");
    let mut node = door.burns();

    let nodes = door.says(&["nodes"]);
    assert!(
        nodes.starts_with("node ") && nodes.contains("\n127.0.0.1 ") && nodes.ends_with("1 node\n"),
        "{nodes}"
    );
    let sensors = door.says(&["sensors", "--status", "critical", "--kind", "fire"]);
    assert!(sensors.contains("127.0.0.1_7") && sensors.ends_with("\n1 sensor\n"), "{sensors}");
    assert_eq!(door.says(&["sensors", "--quality", "lost"]), "no such sensor\n");
    assert_eq!(door.tells(&["sensors", "--node", "127.0.0.1"])["items"][0]["ip_id"], "127.0.0.1_7");
    let told = door.refuses(&["sensors", "--status", "purple"]);
    assert!(told.starts_with("error: status: "), "{told}");
    assert!(door.says(&["zones"]).contains("site"));

    assert!(door.says(&["alarms"]).contains("1 unacknowledged"));
    assert!(door.says(&["alarms", "ack", "1"]).contains("alarm 1 is acknowledged"));
    let acknowledged = door.tells(&["events", "--kind", "alarm.acknowledged", "--from", "2020-01-01"]);
    assert_eq!(acknowledged["items"].as_array().unwrap().len(), 1, "{acknowledged}");
    assert_eq!(door.says(&["events", "--to", "2020-01-01T12:00"]), "no such entry\n");
    let told = door.refuses(&["events", "--from", "yesterday"]);
    assert!(told.contains("'yesterday' is no time; write it like 2026-03-29"), "{told}");

    let told = door.says(&["node", "disconnect", "127.0.0.1"]);
    assert_eq!(told, "node 127.0.0.1 is disconnected: 1 connection closed\n");
    node.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(node.read(&mut [0]).unwrap_or(0), 0, "the server has closed it");
    let told = door.refuses(&["node", "disconnect", "10.99.99.99"]);
    assert!(told.contains("There is no node of this address or name."), "{told}");
}

#[test]
fn programs_get_whole_lists_as_the_server_has_them() {
    let door = Door::socket();
    let nodes = 260;
    let target = door.server.tcp().to_string();
    let simulated = poe(["simulate", "-c", &nodes.to_string(), "-p", "1", "--connect", &target]);
    assert!(simulated.status.success(), "{}", simulated.stderr);
    let sensors = nodes * 21;
    assert!(sensors > 5_000, "more than a page");
    door.server.wait_for(
        |server| {
            server.metric("poe_sensors") == f64::from(sensors) && server.metric("poe_rows_waiting") == 0.0
        },
        PATIENCE,
    );
    let list = door.tells(&["sensors"]);
    let mut keys: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|it| it["ip_id"].to_string()).collect();
    assert_eq!((keys.len(), &list["next"]), (sensors as usize, &Value::Null));
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), sensors as usize);
    let table = door.says(&["sensors"]);
    assert!(table.ends_with(&format!("\n{sensors} sensors\n")), "{}", table.lines().last().unwrap());
    assert_eq!(table.lines().count(), sensors as usize + 2, "one head, and a row for each");

    // Field by field and in the same order as in the answer itself.
    let (_, answer) = door.server.local_get("/api/v1/sensors?limit=1");
    let first = answer.split_once("{\"items\":[").unwrap().1.split_once(']').unwrap().0;
    let printed = door.says(&["sensors", "--json"]);
    assert!(printed.starts_with(&format!("{{\"items\":[{first},")), "{first} in {}", &printed[..300]);
}

#[test]
fn a_reader_who_has_seen_enough_ends_a_long_list() {
    let door = Door::socket();
    let _node = door.burns();
    let flags = door.flags.join(" ");
    let line = format!(
        "{} sensors {flags} | true; {} nodes --json {flags} | head -c 1",
        crate::support::POE,
        crate::support::POE
    );
    let ended = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
    assert!(ended.status.success());
    assert_eq!((ended.stdout, ended.stderr), (b"{".to_vec(), Vec::new()));
}
