//! Floor plans: what is on them, their pictures, and two people who draw at the same time.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use crate::Hall;

const DRAWING: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 800 600' onload='alert(1)'><script>alert(2)</script><path d='M0 0h8'/></svg>";
const HARMLESS: &str =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 600\"><path d=\"M0 0h8\"/></svg>";

/// An answer: its status, its headers in small letters, and its body.
struct Said {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Said {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

fn say(hall: &Hall, method: &str, path: &str, headers: &str, body: &[u8]) -> Said {
    converse(UnixStream::connect(hall.data.join("poe.sock")).unwrap(), method, path, headers, body)
}

/// Says it over the network, with this token.
fn say_as(hall: &Hall, token: &str, method: &str, path: &str, body: &[u8]) -> Said {
    let headers =
        format!("Host: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n");
    converse(TcpStream::connect(hall.addr).unwrap(), method, path, &headers, body)
}

fn converse(mut stream: impl Read + Write, method: &str, path: &str, headers: &str, body: &[u8]) -> Said {
    let length = body.len();
    let length = if method == "GET" { String::new() } else { format!("Content-Length: {length}\r\n") };
    let head = format!("{method} /api/v1/{path} HTTP/1.1\r\nConnection: close\r\n{length}{headers}\r\n");
    // What is said to be too long is refused before all of it has come; the answer tells.
    let sent = stream.write_all(&[head.as_bytes(), body].concat());
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    assert!(!answer.is_empty(), "sent: {sent:?}, read: {read:?}");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let head = head.lines().map(|line| match line.split_once(':') {
        Some((name, value)) => format!("{}:{value}\n", name.to_lowercase()),
        None => String::new(),
    });
    Said { status, head: head.collect(), body: answer[end + 4..].to_vec() }
}

fn get(hall: &Hall, path: &str, headers: &str) -> Said {
    say(hall, "GET", path, headers, b"")
}

fn draw(hall: &Hall, headers: &str, picture: &[u8]) -> Said {
    say(hall, "PUT", "plans/ground/image", &format!("Content-Type: image/svg+xml\r\n{headers}"), picture)
}

/// A hall with a plan of its ground floor.
fn drawn() -> Hall {
    let hall = Hall::open();
    hall.post("plans", &json!({ "name": "ground", "title": "Ground floor", "place": "ground" }));
    hall
}

#[test]
fn a_plan_is_drawn() {
    let hall = Hall::open();
    let body = r#"{"name": "ground", "place": "ground"}"#;
    let created = say(&hall, "POST", "plans", "Content-Type: application/json\r\n", body.as_bytes());
    assert_eq!(
        (created.status, created.header("location"), created.header("etag")),
        (201, Some("/api/v1/plans/ground"), Some("\"1\""))
    );
    assert_eq!(hall.send_json("plans", body).0, 409, "there is one");
    let on_it = json!({
        "title": "Ground floor", "place": "ground",
        "zones": [{ "place": "kitchen", "corners": [{ "x": 0, "y": 0 }, { "x": 0.5, "y": 0.000001 }, { "x": 0.333333, "y": 1 }] }],
        "placements": [
            { "source": "stove", "x": 0.25, "y": 0.75 },
            { "source": "10.0.0.7_7", "source_kind": "sensor", "x": 1, "y": 0 },
        ],
    });
    let changed = hall.client.put("/api/v1/plans/ground", &on_it).unwrap();
    assert_eq!(changed["version"], 2);
    let plan = get(&hall, "plans/ground", "");
    assert_eq!(plan.header("etag"), Some("\"2\""));
    let shown = json!({
        "name": "ground", "title": "Ground floor", "place": "ground", "image": null, "version": 2,
        "zones": [{ "place": "kitchen", "corners": [{ "x": 0.0, "y": 0.0 }, { "x": 0.5, "y": 1e-6 }, { "x": 0.333333, "y": 1.0 }] }],
        "placements": [
            { "source": "10.0.0.7", "source_kind": "node", "x": 0.25, "y": 0.75 },
            { "source": "10.0.0.7_7", "source_kind": "sensor", "x": 1.0, "y": 0.0 },
        ],
    });
    assert_eq!(plan.json(), shown);
    assert_eq!(get(&hall, "plans/ground", "If-None-Match: \"2\"\r\n").status, 304);
    let item = &hall.get("plans")["items"][0];
    assert_eq!(
        *item,
        json!({
            "name": "ground", "title": "Ground floor", "place": "ground", "image": null, "zone_count": 1, "placement_count": 2, "version": 2,
        })
    );
    let entries = hall.get("events?kind=plan.changed");
    let texts: Vec<&str> =
        entries["items"].as_array().unwrap().iter().filter_map(|entry| entry["text"].as_str()).collect();
    assert_eq!(texts.len(), 2, "{entries}");
    assert!(texts.iter().any(|text| text.contains("title none -> \"Ground floor\"")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("zone kitchen nowhere -> [")), "{texts:?}");
    hall.client.delete("/api/v1/plans/ground").unwrap();
    assert_eq!(get(&hall, "plans/ground", "").status, 404);
    assert_eq!(hall.get("plans")["items"], json!([]));
}

#[test]
fn what_cannot_be_drawn_names_its_field() {
    let hall = drawn();
    let whole =
        |zones: Value, placements: Value| json!({ "zones": zones, "placements": placements }).to_string();
    let corners = json!([{ "x": 0, "y": 0 }, { "x": 1, "y": 0 }, { "x": 1, "y": 1 }]);
    for (body, field) in [
        (whole(json!([{ "place": "attic", "corners": corners }]), json!([])), "zones"),
        (whole(json!([{ "place": "kitchen", "corners": [] }]), json!([])), "zones"),
        (
            whole(json!([{ "place": "kitchen", "corners": [{ "x": 1.5, "y": 0 }] }]), json!([])),
            "zones[0].corners[0].x",
        ),
        (whole(json!([]), json!([{ "source": "kitchen", "x": 0, "y": 0 }])), "placements[0].source"),
        (
            whole(json!([]), json!([{ "source": "x", "source_kind": "node", "x": 0, "y": 0 }])),
            "placements[0].source",
        ),
        (whole(json!([]), json!([{ "source": "stove", "x": -1, "y": 0 }])), "placements[0].x"),
        (json!({ "place": "attic", "zones": [], "placements": [] }).to_string(), "place"),
        (json!({ "title": "x" }).to_string(), "zones"),
        (json!({ "tittle": "x", "zones": [], "placements": [] }).to_string(), "tittle"),
    ] {
        let (status, problem) = hall.send("PUT", "plans/ground", "Content-Type: application/json\r\n", &body);
        assert_eq!((status, problem["field"].as_str()), (422, Some(field)), "{body}: {problem}");
    }
    let (status, problem) = hall.send_json("plans", r#"{"name": "a/b"}"#);
    assert_eq!((status, problem["field"].as_str()), (422, Some("name")));
    assert_eq!(hall.get("plans/ground")["version"], 1, "nothing of it was done");
}

#[test]
fn of_two_who_draw_at_the_same_time_the_second_is_told() {
    let hall = drawn();
    let put = |title: &str, version: &str| {
        let body = json!({ "title": title, "zones": [], "placements": [] }).to_string();
        say(
            &hall,
            "PUT",
            "plans/ground",
            &format!("Content-Type: application/json\r\nIf-Match: {version}\r\n"),
            body.as_bytes(),
        )
    };
    assert_eq!(put("mine", "\"1\"").status, 200);
    let late = put("yours", "\"1\"");
    assert_eq!(late.status, 412);
    assert!(
        late.json()["detail"].as_str().unwrap().contains('2'),
        "the version that it has now: {}",
        late.json()
    );
    assert_eq!(hall.get("plans/ground")["title"], "mine");
    assert_eq!(put("yours", "\"2\"").status, 200);
    assert_eq!(put("from the future", "\"9\"").status, 412);
    assert_eq!(say(&hall, "DELETE", "plans/ground", "If-Match: \"1\"\r\n", b"").status, 412);
    assert_eq!(draw(&hall, "If-Match: \"1\"\r\n", DRAWING.as_bytes()).status, 412);
    assert_eq!(draw(&hall, "If-Match: \"3\"\r\n", DRAWING.as_bytes()).status, 200);
    let tag = get(&hall, "plans/ground/image", "").header("etag").unwrap().to_owned();
    let by_hash = format!("If-Match: {tag}\r\n");
    assert_eq!(
        draw(&hall, &by_hash, b"<svg viewBox='0 0 1 1'/>").status,
        200,
        "the picture's own tag will do"
    );
    assert_eq!(draw(&hall, &by_hash, DRAWING.as_bytes()).status, 412);
    assert_eq!(say(&hall, "DELETE", "plans/ground/image", &by_hash, b"").status, 412);
}

#[test]
fn a_picture_is_made_harmless_and_is_asked_for_each_time() {
    let hall = drawn();
    assert_eq!(get(&hall, "plans/ground/image", "").status, 404);
    let put = draw(&hall, "", DRAWING.as_bytes());
    assert_eq!((put.status, put.header("etag")), (200, Some("\"2\"")));
    let image = hall.get("plans/ground")["image"].clone();
    let hash = image["hash"].as_str().unwrap();
    assert_eq!(
        (&image["format"], &image["width"], &image["height"], &image["bytes"]),
        (&json!("svg"), &json!(800), &json!(600), &json!(HARMLESS.len()))
    );
    let shown = get(&hall, "plans/ground/image", "");
    assert_eq!((shown.status, shown.body.as_slice()), (200, HARMLESS.as_bytes()));
    assert_eq!(shown.header("content-type"), Some("image/svg+xml"));
    assert_eq!(shown.header("content-length"), Some(HARMLESS.len().to_string().as_str()));
    let policy = shown.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
    assert_eq!(shown.head.matches("content-security-policy").count(), 1);
    assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(shown.header("cache-control"), Some("private, no-cache"));
    let tag = format!("\"{hash}\"");
    assert_eq!(shown.header("etag"), Some(tag.as_str()));
    let again = get(&hall, "plans/ground/image", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((again.status, again.body.len()), (304, 0));
    let by_hash = get(&hall, &format!("plans/ground/image?hash={hash}"), "");
    assert_eq!(
        by_hash.header("cache-control"),
        Some("private, no-cache"),
        "who has logged out sees it no more"
    );
    let again = get(&hall, &format!("plans/ground/image?hash={hash}"), &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((again.status, again.header("cache-control")), (304, Some("private, no-cache")));
    assert_eq!(get(&hall, "plans/ground/image?hash=00", "").status, 404, "it is another");
    assert_eq!(get(&hall, "plans", "").header("cache-control"), Some("no-store"), "as everything else");

    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR\0\0\x03\x20\0\0\x02\x58\x08\x06\0\0\0\0\0\0\0\0\0\0\0IEND\xAE\x42\x60\x82";
    let cut = say(&hall, "PUT", "plans/ground/image", "Content-Type: image/png\r\n", &png[..40]);
    assert_eq!(cut.status, 422, "a picture comes whole");
    let said = say(&hall, "PUT", "plans/ground/image", "Content-Type: image/jpeg\r\n", png);
    assert_eq!(said.status, 200);
    let shown = get(&hall, "plans/ground/image", "");
    assert_eq!(
        (shown.header("content-type"), shown.body.as_slice()),
        (Some("image/png"), png.as_slice()),
        "what it is, not what it is said to be"
    );
    let pictures = hall.data.join("plans");
    fs::rename(&pictures, hall.data.join("elsewhere")).unwrap();
    let lost = get(&hall, "plans/ground/image", "");
    assert_eq!(lost.status, 404);
    assert!(lost.json()["detail"].as_str().unwrap().contains("missing or damaged"), "{}", lost.json());
    fs::rename(hall.data.join("elsewhere"), &pictures).unwrap();
    assert_eq!(say(&hall, "DELETE", "plans/ground/image", "", b"").status, 200);
    assert_eq!(hall.get("plans/ground")["image"], Value::Null);
    assert_eq!(get(&hall, "plans/ground/image", "").status, 404);
    assert_eq!(say(&hall, "DELETE", "plans/ground/image", "", b"").status, 404);
}

#[test]
fn a_picture_that_nobody_can_show_is_refused() {
    let hall = drawn();
    for (bytes, expected) in [
        (b"GIF89a".as_slice(), "must be an SVG"),
        (b"<html/>", "must be svg"),
        (b"<svg viewBox='0 0 1 1'>", "in the middle"),
        (b"", "must be an SVG"),
    ] {
        let refused = draw(&hall, "", bytes);
        assert_eq!((refused.status, &refused.json()["field"]), (422, &json!("image")));
        assert!(refused.json()["detail"].as_str().unwrap().contains(expected), "{}", refused.json());
    }
    assert_eq!(
        say(&hall, "PUT", "plans/ground/image", "Content-Type: text/html\r\n", DRAWING.as_bytes()).status,
        415
    );
    assert_eq!(draw(&hall, "", &vec![b' '; 16 * 1024 * 1024 + 1]).status, 413);
    assert_eq!(say(&hall, "PUT", "plans/attic/image", "Content-Type: image/png\r\n", b"x").status, 404);
    assert!(!hall.data.join("plans").exists(), "nothing of it was kept");
}

#[test]
fn whoever_sees_one_building_sees_its_plans_and_nothing_else() {
    let hall = drawn();
    hall.post("buildings", &json!({ "name": "barn" }));
    hall.post("plans", &json!({ "name": "site" }));
    hall.post("plans", &json!({ "name": "hay", "place": "barn" }));
    let corners = json!([{ "x": 0, "y": 0 }, { "x": 1, "y": 0 }, { "x": 1, "y": 1 }]);
    let on_it = json!({
        "place": "ground",
        "zones": [{ "place": "kitchen", "corners": corners }, { "place": "barn", "corners": corners }],
        "placements": [{ "source": "stove", "x": 0, "y": 0 }, { "source": "10.0.0.99", "x": 0, "y": 0 }],
    });
    hall.client.put("/api/v1/plans/ground", &on_it).unwrap();
    draw(&hall, "", DRAWING.as_bytes());
    let token = |role: &str| {
        let token = json!({ "name": role, "role": role, "buildings": ["house"] });
        hall.post("tokens", &token)["token"].as_str().unwrap().to_owned()
    };
    let (viewer, engineer) = (token("viewer"), token("engineer"));
    let get = |path: &str| say_as(&hall, &viewer, "GET", path, b"");
    let plans = get("plans").json();
    let names: Vec<&Value> = plans["items"].as_array().unwrap().iter().map(|plan| &plan["name"]).collect();
    assert_eq!(names, ["ground"]);
    let plan = get("plans/ground").json();
    assert_eq!(
        (plan["zones"].as_array().unwrap().len(), plan["placements"].as_array().unwrap().len()),
        (1, 1),
        "{plan}"
    );
    assert_eq!(get("plans/ground/image").status, 200);
    for path in [
        "plans/hay",
        "plans/site",
        "plans/hay/image",
        "zones/barn",
        "buildings/barn",
        "targets/desk",
        "target_groups",
    ] {
        assert_eq!(get(path).status, 404, "{path}");
    }
    for (method, path) in [
        ("PUT", "plans/ground"),
        ("DELETE", "plans/ground"),
        ("PUT", "plans/ground/image"),
        ("PATCH", "nodes/stove"),
        ("PUT", "profile"),
    ] {
        for token in [&viewer, &engineer] {
            assert_eq!(say_as(&hall, token, method, path, b"{}").status, 404, "{method} {path}");
        }
    }
}

#[test]
fn few_pictures_come_at_a_time() {
    let hall = drawn();
    let begun: Vec<UnixStream> = (0..4)
        .map(|_| {
            let mut stream = UnixStream::connect(hall.data.join("poe.sock")).unwrap();
            let head = "PUT /api/v1/plans/ground/image HTTP/1.1\r\nContent-Type: image/png\r\nContent-Length: 9\r\n\r\n<";
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    let begin = Instant::now();
    while draw(&hall, "", DRAWING.as_bytes()).status != 503 {
        assert!(begin.elapsed() < Duration::from_secs(10), "the four places are taken");
    }
    drop(begun);
    let begin = Instant::now();
    while draw(&hall, "", DRAWING.as_bytes()).status != 200 {
        assert!(begin.elapsed() < Duration::from_secs(10), "whoever is gone leaves a place");
    }
}

#[test]
fn pictures_that_no_plan_has_go() {
    let hall = drawn();
    let files = || {
        let folder = fs::read_dir(hall.data.join("plans")).unwrap();
        let mut names: Vec<String> =
            folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(draw(&hall, "", DRAWING.as_bytes()).status, 200);
    let first = files();
    assert_eq!(draw(&hall, "", b"<svg viewBox='0 0 1 1'/>").status, 200);
    assert_eq!(files().len(), 2, "if the power fails now, the plan may still have the first");
    let long_ago = SystemTime::now() - Duration::from_secs(120);
    File::options()
        .append(true)
        .open(hall.data.join("plans").join(&first[0]))
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    assert_eq!(draw(&hall, "", b"<svg viewBox='0 0 1 1'/>").status, 200);
    let now = hall.get("plans/ground")["image"]["hash"].clone();
    assert_eq!(json!(files()), json!([now]));
}

#[test]
fn a_disk_that_stands_still_loses_no_change() {
    let hall = drawn();
    hall.engine.disk_stands_still(true);
    let changed = hall
        .client
        .put("/api/v1/plans/ground", &json!({ "title": "new", "zones": [], "placements": [] }))
        .unwrap();
    assert_eq!((&changed["version"], &changed["committed"]), (&json!(2), &json!(false)));
    let again = say(
        &hall,
        "PUT",
        "plans/ground",
        "Content-Type: application/json\r\n",
        br#"{"zones": [], "placements": []}"#,
    );
    assert_eq!(again.status, 503, "nobody can see what it would be made from");
    hall.engine.disk_stands_still(false);
    assert_eq!(hall.get("plans/ground")["title"], "new");
}
