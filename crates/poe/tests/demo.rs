//! `poe serve --demo`: a building that is made up is there at once, lives, and never meets a real one.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

use poe_api::client::Client;
use serde_json::Value;
use std::{collections::BTreeSet, fs, time::Instant};
use support::{PATIENCE, Server, Setup};

fn demo() -> Setup {
    Setup::new().arg("--demo")
}

fn get(server: &Server, path: &str) -> Value {
    let client = Client::local(server.setup().data_path().join("poe.sock"));
    client.get(&format!("/api/v1/{path}")).unwrap()
}

fn count(list: &Value) -> usize {
    list["items"].as_array().unwrap().len()
}

/// How often the sensor was heard in the last so many hours.
fn readings(server: &Server, sensor: &str, hours: u32) -> u64 {
    let from = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours.into());
    let buckets = get(server, &format!("history/{sensor}?step=1h&from={from}"));
    buckets["items"].as_array().unwrap().iter().map(|bucket| bucket["count"].as_u64().unwrap()).sum()
}

#[test]
fn a_demo_has_a_building_with_plans_and_a_past_and_its_nodes_speak() {
    let mut server = demo().start();
    assert_eq!(count(&get(&server, "zones")), 2 + 8 + 16, "floors, zones and rooms");
    let plans = get(&server, "plans");
    assert_eq!(count(&plans), 2);
    for plan in plans["items"].as_array().unwrap() {
        assert_eq!((&plan["zone_count"], &plan["image"]["format"]), (&4.into(), &"svg".into()), "{plan}");
        assert!(plan["placement_count"].as_u64().unwrap() >= 8);
        let name = plan["name"].as_str().unwrap();
        let (status, picture) = server.local_get(&format!("/api/v1/plans/{name}/image"));
        assert!(status == 200 && picture.contains("Corridor"), "{status}");
    }
    assert!(readings(&server, "127.20.0.12_18", 24) > 23 * 60, "a day is there from the first moment on");
    assert!(readings(&server, "127.20.0.12_18", 7 * 24) > 23 * 60 + 6 * 23 * 6, "and coarser a week");

    let every = |server: &Server| count(&get(server, "sensors")) == 16 * 5 + 2;
    server.wait_for(every, PATIENCE);
    let placed = |plan: &str| -> Vec<String> {
        let plan = get(&server, &format!("plans/{plan}"));
        plan["placements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["source"].as_str().unwrap().to_owned())
            .collect()
    };
    let heard: BTreeSet<String> = ["nodes", "sensors"]
        .iter()
        .zip(["node", "ip_id"])
        .flat_map(|(list, key)| {
            let list = get(&server, list);
            list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it[key].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    for source in [placed("ground"), placed("first")].concat() {
        assert!(heard.contains(&source), "{source} is on a plan, and says nothing");
    }
    let before = server.metric("poe_readings_total");
    server.wait_for(|server| server.metric("poe_readings_total") >= before + 80.0, PATIENCE);
    let alarms = get(&server, "alarms");
    assert_eq!(alarms["items"], Value::Array(Vec::new()), "a building that is well begins in peace");
    assert_eq!(count(&get(&server, "targets")), 0, "nobody is told of what is made up");
    for path in ["session", "health", "setup", "login"] {
        assert_eq!(get(&server, path)["demo"], true, "{path}");
    }
    assert!(server.stop().success());
}

#[test]
fn a_demo_goes_on_where_it_was_and_nothing_is_there_twice() {
    let setup = demo();
    let mut server = setup.start();
    server.wait_for(|server| server.metric("poe_readings_total") >= 82.0, PATIENCE);
    let changed =
        |server: &Server| count(&get(server, "events?kind=model")) + count(&get(server, "events?kind=plan"));
    let (changes, version) = (changed(&server), get(&server, "plans/ground")["version"].clone());
    let day = readings(&server, "127.20.0.11_17", 24);
    assert!(server.stop().success());

    let begun = Instant::now();
    let mut server = setup.start();
    assert_eq!((changed(&server), &get(&server, "plans/ground")["version"]), (changes, &version));
    let since = readings(&server, "127.20.0.11_17", 24) - day;
    // One each two seconds, one for each minute in between, and what this machine needs to look.
    let most = begun.elapsed().as_secs() / 2 + 10;
    assert!(since <= most, "{since} readings were added");
    assert!(server.stop().success());

    let refused = Setup::new().data_dir(setup.data_path()).try_start().unwrap_err();
    assert!(!refused.status.success());
    assert!(refused.stderr.contains("is made up: start it with --demo"), "{}", refused.stderr);
}

#[test]
fn what_is_real_is_left_alone() {
    let mut server = Server::start(&[]);
    for path in ["session", "health", "setup", "login"] {
        assert_eq!(get(&server, path)["demo"], false, "{path}");
    }
    let health = get(&server, "health");
    assert_eq!(health["listen"], serde_json::json!([server.tcp()]), "with the port that it has become");
    let time = |name: &str| health[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let since = time("time").duration_since(time("started"));
    assert!(!since.is_negative() && since < jiff::SignedDuration::from_secs(60), "{health}");
    let setup = server.setup().clone();
    assert!(server.stop().success());
    let files = || {
        fs::read_dir(setup.data_path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect::<BTreeSet<_>>()
    };
    let before = files();
    let refused = setup.clone().arg("--demo").try_start().unwrap_err();
    assert!(refused.stderr.contains("is not a demo's folder"), "{}", refused.stderr);
    assert_eq!(files(), before);
    let refused = demo().db(setup.scratch().join("site.db")).try_start().unwrap_err();
    assert!(refused.stderr.contains("keeps its table in its own folder"), "{}", refused.stderr);
    setup.start();
}

#[test]
fn nobody_but_this_machine_reaches_a_demo() {
    let server = demo().start();
    // Of the process: what listens (0A), by inode.
    let sockets: BTreeSet<String> = fs::read_dir(format!("/proc/{}/fd", server.pid()))
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.unwrap().path()).ok())
        .filter_map(|to| Some(to.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut listening = Vec::new();
    for table in ["tcp", "tcp6"] {
        let table = fs::read_to_string(format!("/proc/{}/net/{table}", server.pid())).unwrap_or_default();
        for line in table.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if fields[3] == "0A" && sockets.contains(fields[9]) {
                listening.push(fields[1].split(':').next().unwrap().to_owned());
            }
        }
    }
    assert_eq!(listening, ["0100007F"; 2], "nodes and HTTP, on 127.0.0.1");
}

#[test]
fn a_start_says_what_to_open() {
    let server = Server::start(&[]);
    server.wait_for(|server| server.stdout().contains("dashboard "), PATIENCE);
    let lines: Vec<String> = server.stdout().lines().map(str::to_owned).collect();
    let told = [
        format!("listening tcp {}", server.tcp()),
        format!("listening http {}", server.http()),
        format!("dashboard http://{}/", server.http()),
    ];
    assert_eq!(lines, told, "what programs read comes first, as ever");
}
