//! Floor plans and the building over HTTP, with the real program: a picture that would do harm, a restart, and two people
//! who edit the same thing.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    os::unix::{fs::PermissionsExt, net::UnixStream},
};
use support::{
    PATIENCE, Server, Setup,
    ground::{self, Disk},
};

/// Status, headers in small letters, and body of an answer at the local socket.
fn say(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (u16, String, String) {
    let mut stream = UnixStream::connect(server.setup().data_path().join("poe.sock")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_lowercase(), body.to_owned())
}

/// A change with a JSON body, made from this version.
fn change(server: &Server, method: &str, path: &str, version: u64, body: &Value) -> (u16, Value) {
    let tag = format!("\"{version}\"");
    let headers = [("Content-Type", "application/json"), ("If-Match", tag.as_str())];
    let (status, _, answer) = say(server, method, &format!("/api/v1/{path}"), &headers, &body.to_string());
    (status, serde_json::from_str(&answer).unwrap())
}

fn get(server: &Server, path: &str) -> Value {
    let (status, _, body) = say(server, "GET", &format!("/api/v1/{path}"), &[], "");
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

/// The journal's entries of a kind: who, and what.
fn told(server: &Server, kind: &str) -> Vec<(String, String)> {
    let entries = get(server, &format!("events?kind={kind}"));
    let line = |entry: &Value| (entry["who"].to_string(), entry["text"].as_str().unwrap().to_owned());
    entries["items"].as_array().unwrap().iter().map(line).collect()
}

const ATTACK: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 80 60' onload='alert(1)'><script>alert(2)</script>\
    <a href='javascript:alert(3)'><rect width='8' style='background:url(http://evil)'/></a></svg>";
const HARMLESS: &str =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 80 60\"><g><rect width=\"8\"/></g></svg>";

#[test]
fn a_picture_is_harmless_and_there_after_a_restart() {
    let server = Server::start(&[]);
    let setup = server.setup().clone();
    let json = [("Content-Type", "application/json")];
    assert_eq!(say(&server, "POST", "/api/v1/plans", &json, r#"{"name": "cellar"}"#).0, 201);
    const IMAGE: &str = "/api/v1/plans/cellar/image";
    let (status, _, answer) = say(&server, "PUT", IMAGE, &[("Content-Type", "image/svg+xml")], ATTACK);
    assert_eq!(status, 200, "{answer}");
    let check = |server: &Server| {
        let (status, head, body) = say(server, "GET", IMAGE, &[], "");
        assert_eq!((status, body.as_str()), (200, HARMLESS));
        assert!(head.contains("content-type: image/svg+xml"), "{head}");
        assert!(head.contains("content-security-policy: default-src 'none'; style-src"), "{head}");
        assert!(head.contains("x-content-type-options: nosniff"), "{head}");
    };
    check(&server);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = setup.data_path().join("plans");
    let file = folder.join(get(&server, "plans/cellar")["image"]["hash"].as_str().unwrap());
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    server.wait_for(|server| told(server, "plan.changed").len() == 2, PATIENCE);
    drop(server);
    let server = setup.start();
    check(&server);
    assert_eq!(get(&server, "plans/cellar")["version"], 2);
}

#[test]
fn a_picture_leaves_the_disk_to_the_journal() {
    const NAME: &str = "a_picture_leaves_the_disk_to_the_journal";
    let Ok(disk) = Disk::in_memory(16) else {
        ground::has(NAME, "a disk of its own", false);
        return;
    };
    let server = Setup::new().data_dir(disk.path().join("data")).start();
    let json = [("Content-Type", "application/json")];
    assert_eq!(say(&server, "POST", "/api/v1/plans", &json, r#"{"name": "cellar"}"#).0, 201);
    let svg = [("Content-Type", "image/svg+xml")];
    let (status, _, answer) = say(&server, "PUT", "/api/v1/plans/cellar/image", &svg, HARMLESS);
    assert_eq!(status, 507, "{answer}");
    assert!(answer.contains("64 MiB of it are kept free for the journal"), "{answer}");
    assert_eq!(get(&server, "plans/cellar")["image"], Value::Null);
}

#[test]
fn two_editors_and_what_the_journal_says_of_them() {
    let server = Server::start(&[]);
    let (status, answer) = change(&server, "POST", "buildings", 0, &json!({ "name": "main" }));
    assert_eq!(status, 201, "{answer}");
    let version = answer["version"].as_u64().unwrap();
    let (status, first) =
        change(&server, "PUT", "buildings/main", version, &json!({ "title": "Main Building" }));
    assert_eq!(status, 200, "{first}");
    let (status, second) =
        change(&server, "PUT", "buildings/main", version, &json!({ "title": "Haupthaus" }));
    assert_eq!(status, 412);
    assert!(second["detail"].as_str().unwrap().contains(&format!("version {} now", version + 1)), "{second}");
    assert_eq!(get(&server, "buildings/main")["title"], "Main Building");

    let version = first["version"].as_u64().unwrap();
    let command = json!({ "name": "siren", "command": { "run": ["/bin/true"] } });
    assert_eq!(change(&server, "POST", "targets", version, &command).0, 201);
    assert_eq!(
        change(&server, "PUT", "rules/smoke?place=main", version + 1, &json!({ "at_least": 220 })).0,
        200
    );
    let plan = [("Content-Type", "application/json")];
    assert_eq!(say(&server, "POST", "/api/v1/plans", &plan, r#"{"name": "ground"}"#).0, 201);
    let drawn = json!({ "title": "Ground floor", "place": "main", "zones": [], "placements": [] });
    assert_eq!(change(&server, "PUT", "plans/ground", 1, &drawn).0, 200);
    assert_eq!(change(&server, "PUT", "plans/ground", 1, &drawn).0, 412);

    server.wait_for(|server| told(server, "plan.changed").len() == 2, PATIENCE);
    for (kind, expected) in [
        ("model.changed", "place main: title none -> \"Main Building\""),
        ("target.changed", "target siren: added"),
        ("rule.changed", "rule smoke"),
        ("plan.changed", "plan ground: title none -> \"Ground floor\", place none -> \"main\""),
    ] {
        let entries = told(&server, kind);
        assert!(entries.iter().any(|(_, text)| text.starts_with(expected)), "{kind}: {entries:?}");
        assert!(entries.iter().all(|(who, _)| who != "null"), "{kind}: {entries:?}");
    }
}
