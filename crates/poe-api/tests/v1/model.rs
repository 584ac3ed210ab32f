//! What people say of the building, one thing at a time.

use serde_json::{Value, json};

use crate::Hall;

const JSON: &str = "Content-Type: application/json\r\n";

/// The status and the answer to a change.
fn change(hall: &Hall, method: &str, path: &str, body: &Value) -> (u16, Value) {
    match body {
        Value::Null => hall.send(method, path, "", ""),
        body => hall.send(method, path, JSON, &body.to_string()),
    }
}

/// A change that is carried out.
#[track_caller]
fn done(hall: &Hall, method: &str, path: &str, body: &Value) -> Value {
    let (status, answer) = change(hall, method, path, body);
    assert!(status == 200 || status == 201, "{method} {path} {body}: {status} {answer}");
    answer
}

/// Kinds and texts of what the journal says since this entry.
fn told_since(hall: &Hall, seq: u64) -> Vec<String> {
    let entries = hall.get(&format!("events?after={seq}"));
    let line = |entry: &Value| {
        format!("{} {}", entry["kind"].as_str().unwrap(), entry["text"].as_str().unwrap_or_default())
    };
    entries["items"].as_array().unwrap().iter().map(line).collect()
}

fn seq(answer: &Value) -> u64 {
    answer["seq"].as_u64().unwrap()
}

#[test]
fn places_are_added_changed_and_removed() {
    let hall = Hall::open();
    let first = done(&hall, "POST", "buildings", &json!({ "name": "barn", "title": "The old barn" }));
    assert_eq!((&first["version"], &first["committed"]), (&json!(2), &json!(true)));
    done(&hall, "POST", "zones", &json!({ "name": "loft", "kind": "floor", "within": "barn" }));
    assert_eq!(hall.get("zones/loft")["within"], "barn");
    assert_eq!(hall.get("buildings/barn")["title"], "The old barn");
    let changed =
        done(&hall, "PUT", "zones/loft", &json!({ "kind": "floor", "within": "barn", "title": "Hay" }));
    assert_eq!(told_since(&hall, seq(&changed) - 1), ["model.changed place loft: title none -> \"Hay\""]);
    let (status, problem) = change(&hall, "DELETE", "buildings/barn", &Value::Null);
    assert_eq!(status, 422);
    assert!(
        problem["errors"][0].as_str().unwrap().starts_with("place loft: there is no place 'barn'"),
        "{problem}"
    );
    done(&hall, "DELETE", "zones/loft", &Value::Null);
    done(&hall, "DELETE", "buildings/barn", &Value::Null);
    assert_eq!(change(&hall, "GET", "buildings/barn", &Value::Null).0, 404);
}

#[test]
fn what_is_wrong_with_a_place_is_said_of_its_field() {
    let hall = Hall::open();
    for (method, path, body, status, field) in [
        ("POST", "zones", json!({ "kind": "room" }), 422, "name"),
        ("POST", "zones", json!({ "name": "a b", "kind": "room" }), 422, "name"),
        ("POST", "zones", json!({ "name": "x", "kind": "building" }), 422, "kind"),
        ("POST", "zones", json!({ "name": "x", "kind": "hall" }), 422, "kind"),
        ("POST", "zones", json!({ "name": "x", "kind": "floor", "within": "kitchen" }), 422, "within"),
        ("POST", "zones", json!({ "name": "x", "kind": "room", "in": "kitchen" }), 422, "in"),
        ("PUT", "zones/kitchen", json!({ "name": "cook", "kind": "zone" }), 422, "name"),
        ("POST", "zones", json!({ "name": "kitchen", "kind": "zone" }), 409, "name"),
    ] {
        let (said, problem) = change(&hall, method, path, &body);
        assert_eq!((said, problem["field"].as_str()), (status, Some(field)), "{body}: {problem}");
    }
    for path in ["zones/house", "buildings/kitchen", "zones/attic"] {
        assert_eq!(change(&hall, "DELETE", path, &Value::Null).0, 404, "{path}");
    }
}

#[test]
fn of_two_editors_the_second_is_told() {
    let hall = Hall::open();
    let put = |title: &str, version: u64| {
        let body = json!({ "kind": "zone", "within": "ground", "title": title }).to_string();
        hall.send("PUT", "zones/kitchen", &format!("{JSON}If-Match: \"{version}\"\r\n"), &body)
    };
    assert_eq!(put("mine", 1).0, 200);
    let (status, problem) = put("yours", 1);
    assert_eq!(status, 412);
    assert!(problem["detail"].as_str().unwrap().contains("version 2 now"), "{problem}");
    assert_eq!(hall.get("zones/kitchen")["title"], "mine");
    assert_eq!(put("yours", 2).0, 200);
    assert_eq!(put("from the future", 9).0, 412);
    hall.engine.frame(crate::NO_FLAME);
    for path in ["nodes/stove", "sensors/10.0.0.7_7"] {
        for other in ["\"1\"", "\"stale\"", "W/\"3\"", "\"1\"\r\nIf-Match: \"2\""] {
            let headers = format!("{JSON}If-Match: {other}\r\n");
            assert_eq!(hall.send("PATCH", path, &headers, "{}").0, 412, "{path} {other}");
        }
        for before in ["", "\"1\", ", "\"1\"\r\nIf-Match: "] {
            let tag = hall.client.get_text(&format!("/api/v1/{path}")).unwrap().etag.unwrap();
            let headers = format!("{JSON}If-Match: {before}{tag}\r\n");
            assert_eq!(hall.send("PATCH", path, &headers, "{}").0, 200, "{path}: as it was read");
        }
    }
}

#[test]
fn who_has_what_people_say_gets_it_once_and_what_happens_each_time() {
    let hall = Hall::open();
    hall.engine.frame(crate::NO_FLAME);
    let group = json!({ "name": "day", "targets": ["desk"], "level": 1 });
    hall.post("target_groups", &group);
    hall.post("users", &json!({ "name": "anna", "role": "viewer", "password": "four words of mine" }));
    let tag = |path: &str| hall.client.get_text(&format!("/api/v1/{path}")).unwrap().etag.unwrap();
    let known = |path: &str, tag: &str| hall.send("GET", path, &format!("If-None-Match: {tag}\r\n"), "");
    for path in ["building", "rules", "targets/desk", "target_groups", "target_groups/day", "users/anna"] {
        let tag = tag(path);
        for seen in [tag.clone(), format!("W/{tag}"), format!("\"0\", {tag}"), "*".to_owned()] {
            assert_eq!(known(path, &seen), (304, json!("")), "{path} {seen}");
        }
        assert_eq!(known(path, "\"0\"").0, 200, "{path}");
    }
    // Their tag is that of the building, and alarms, readings and nodes come and go without it.
    for path in ["nodes/stove", "sensors/10.0.0.7_7", "zones/kitchen", "buildings/house", "enrolment"] {
        let before = tag(path);
        hall.engine.frame(crate::FLAME);
        assert_eq!(known(path, &before).0, 200, "{path}");
        assert_eq!(tag(path), before, "{path}");
    }
}

#[test]
fn many_editors_at_once_lose_nothing() {
    let hall = Hall::open();
    std::thread::scope(|scope| {
        for editor in 0..4 {
            let client = hall.client.clone();
            scope.spawn(move || {
                for room in 0..5 {
                    let body = json!({ "name": format!("room-{editor}-{room}"), "kind": "room", "within": "kitchen" });
                    client.post("/api/v1/zones", Some(&body)).unwrap();
                }
            });
        }
    });
    let rooms =
        hall.get("zones")["items"].as_array().unwrap().iter().filter(|place| place["kind"] == "room").count();
    assert_eq!(rooms, 20);
}

#[test]
fn nodes_and_sensors_are_described_bit_by_bit() {
    let hall = Hall::open();
    hall.engine.frame(crate::NO_FLAME);
    let changed = done(&hall, "PATCH", "nodes/stove", &json!({ "name": "Oven", "late_s": 20 }));
    assert_eq!(
        told_since(&hall, seq(&changed) - 1),
        ["model.changed node 10.0.0.7: name \"stove\" -> \"Oven\", late none -> 20 s, trouble none -> 30 s"]
    );
    let changed = done(&hall, "PATCH", "nodes/10.0.0.7", &json!({ "place": null, "late_s": null }));
    assert_eq!(
        told_since(&hall, seq(&changed) - 1),
        ["model.changed node 10.0.0.7: place kitchen -> none, late 20 s -> none, trouble 30 s -> none"]
    );
    assert_eq!(
        (&hall.get("nodes/Oven")["name"], &hall.get("nodes/Oven")["place"]),
        (&json!("Oven"), &Value::Null)
    );
    done(&hall, "PATCH", "nodes/10.0.0.9", &json!({ "name": "not heard yet" }));
    done(&hall, "PATCH", "sensors/10.0.0.7_7", &json!({ "name": "Over the stove", "place": "kitchen" }));
    assert_eq!(hall.get("sensors/10.0.0.7_7")["name"], "Over the stove");
    let cleared = done(&hall, "PATCH", "sensors/10.0.0.7_7", &json!({ "name": null, "place": null }));
    assert_eq!(
        told_since(&hall, seq(&cleared) - 1),
        ["model.changed sensor 10.0.0.7_7: removed: name \"Over the stove\", place kitchen"]
    );
    for (path, body, status, field) in [
        ("nodes/Oven", json!({ "place": "attic" }), 422, Some("place")),
        ("nodes/Oven", json!({ "late_s": 500 }), 422, Some("late_s")),
        ("nodes/Oven", json!({ "late_s": "5" }), 422, Some("late_s")),
        ("nodes/Oven", json!({ "port": "7" }), 422, Some("port")),
        ("nodes/Oven", json!({ "address": "10.0.0.8" }), 422, Some("address")),
        ("nodes/nobody", json!({ "name": "x" }), 404, None),
        ("sensors/stove", json!({ "name": "x" }), 404, None),
        ("sensors/10.0.0.7_7", json!({ "name": "" }), 422, Some("name")),
    ] {
        let (said, problem) = change(&hall, "PATCH", path, &body);
        assert_eq!((said, problem["field"].as_str()), (status, field), "{path} {body}: {problem}");
    }
}

#[test]
fn rules_are_set_where_they_differ() {
    let hall = Hall::open();
    let smoke = json!({
        "at_least": 220, "deadband": 10, "on_delay_s": 2.5, "escalation_s": "never",
        "voting": { "kind": "coincidence", "group": "zone", "count": 2 },
    });
    let set = done(&hall, "PUT", "rules/smoke?place=kitchen", &smoke);
    let told = told_since(&hall, seq(&set) - 1);
    assert!(told.len() == 1 && told[0].starts_with("rule.changed rule smoke"), "{told:?}");
    done(&hall, "PUT", "rules/smoke?node=stove", &json!({ "latching": false }));
    done(&hall, "PUT", "rules/humidity", &json!({ "priority": 2, "class": "journal" }));
    let rules = hall.get("rules");
    let set = &rules["settings"][0];
    assert_eq!(
        (&set["scope_kind"], &set["scope"], &set["on_delay_s"], &set["escalation_s"]),
        (&json!("place"), &json!("kitchen"), &json!(2.5), &json!("never"))
    );
    assert_eq!(
        set["voting"],
        json!({ "kind": "coincidence", "group": "zone", "count": 2, "window_s": 10.0 })
    );
    assert_eq!(rules["settings"].as_array().unwrap().len(), 3);
    assert_eq!(rules["settings"][2]["class"], "journal");
    done(&hall, "PUT", "rules/smoke?place=kitchen", &json!({ "at_least": 210 }));
    assert_eq!(hall.get("rules")["settings"][0]["deadband"], Value::Null, "all of it is replaced");
    done(&hall, "DELETE", "rules/smoke?place=kitchen", &Value::Null);
    assert_eq!(change(&hall, "DELETE", "rules/smoke?place=kitchen", &Value::Null).0, 404);
    let changed = done(&hall, "PUT", "profile", &json!({ "profile": "iit-2022" }));
    assert_eq!(
        told_since(&hall, seq(&changed) - 1)[0],
        "model.changed site site: profile building -> iit-2022"
    );
    assert_eq!(hall.get("rules")["profile"], "iit-2022");
    for (path, body, field) in [
        ("rules/smoke?place=attic", json!({ "at_least": 1 }), Some("place")),
        ("rules/smoke?place=kitchen&node=stove", json!({}), Some("place")),
        ("rules/smoke?node=nobody", json!({}), Some("node")),
        ("rules/smoke?sensor=7", json!({}), Some("sensor")),
        ("rules/smoke?scope=kitchen", json!({}), Some("scope")),
        ("rules/smoke?place=kitchen", json!({ "at_least": 300 }), Some("at_least")),
        ("rules/smoke?place=kitchen", json!({ "on_delay_s": 0.0001 }), Some("on_delay_s")),
        ("rules/smoke?place=kitchen", json!({ "re_alarm_s": "ever" }), Some("re_alarm_s")),
        ("rules/smoke?place=kitchen", json!({ "class": "fire" }), Some("class")),
        ("profile", json!({ "profile": "school" }), Some("profile")),
    ] {
        let (status, problem) = change(&hall, "PUT", path, &body);
        assert_eq!((status, problem["field"].as_str()), (422, field), "{path} {body}: {problem}");
    }
}

#[test]
fn targets_keep_their_secrets_to_themselves() {
    let hall = Hall::open();
    let mail = json!({ "host": "mail.local", "user": "poe", "password_file": "/etc/poe/mail", "from": "poe@house", "to": ["anna@house"] });
    let added = done(&hall, "POST", "targets", &json!({ "name": "mail", "email": mail }));
    let told = told_since(&hall, seq(&added) - 1);
    assert!(told.len() == 1 && told[0].starts_with("target.changed target mail: added"), "{told:?}");
    let shown = hall.get("targets/mail");
    assert_eq!(
        shown["email"],
        json!({ "host": "mail.local", "port": 587, "security": "starttls", "ca_file": null, "user": "poe", "has_password": true, "from": "poe@house", "to": ["anna@house"] })
    );
    let files = |hall: &Hall| {
        ["targets", "targets/mail", "target_groups"]
            .iter()
            .any(|path| hall.get(path).to_string().contains("/etc/poe"))
    };
    assert!(!files(&hall));
    let kept = json!({ "host": "mail.local", "security": "tls", "user": "poe", "from": "poe@house", "to": ["anna@house"] });
    done(&hall, "PUT", "targets/mail", &json!({ "email": kept, "expires_s": 3600 }));
    let shown = hall.get("targets/mail");
    assert_eq!(
        (&shown["email"]["has_password"], &shown["email"]["port"], &shown["expires_s"]),
        (&json!(true), &json!(465), &json!(3600.0))
    );
    let cleared =
        json!({ "host": "mail.local", "password_file": null, "from": "poe@house", "to": ["anna@house"] });
    done(&hall, "PUT", "targets/mail", &json!({ "email": cleared }));
    assert_eq!(hall.get("targets/mail")["email"]["has_password"], false);
    done(
        &hall,
        "PUT",
        "targets/mail",
        &json!({ "webhook": { "url": "https://10.0.0.5/poe", "secret_file": "/etc/poe/key" } }),
    );
    assert_eq!(
        hall.get("targets/mail")["webhook"],
        json!({ "url": "https://10.0.0.5/poe", "format": "json", "has_secret": true, "ca_file": null })
    );
    assert_eq!(hall.get("targets/desk")["command"], json!({ "run": ["/bin/true"], "limit_s": 1.0 }));
    for (body, field) in [
        (json!({ "email": mail, "command": { "run": ["/bin/true"] } }), Some("command")),
        (json!({ "email": mail, "webhook": { "url": "https://x" } }), Some("webhook")),
        (json!({}), None),
        (json!({ "name": "post", "email": mail }), Some("name")),
        (json!({ "expires_s": 1, "webhook": { "url": "https://x" } }), Some("expires_s")),
        (json!({ "expires_s": "soon", "webhook": { "url": "https://x" } }), Some("expires_s")),
        (json!({ "sms": { "number": "112" } }), Some("sms")),
        (json!({ "email": { "from": "poe@house", "to": [] } }), Some("email.host")),
        (json!({ "email": { "host": "mail.local", "from": "poe@house", "to": [] } }), Some("email.to")),
        (
            json!({ "email": { "host": "a b", "from": "poe@house", "to": ["anna@house"] } }),
            Some("email.host"),
        ),
        (
            json!({ "email": { "host": "a", "port": 0, "from": "poe@house", "to": ["anna@house"] } }),
            Some("email.port"),
        ),
        (
            json!({ "email": { "host": "a", "port": 99999, "from": "poe@house", "to": ["anna@house"] } }),
            Some("email.port"),
        ),
        (
            json!({ "email": { "host": "a", "user": "poe", "from": "poe@house", "to": ["anna@house"] } }),
            Some("email.user"),
        ),
        // Of several fields the first.
        (json!({ "email": { "host": "a b", "from": "poe", "to": ["anna"] } }), Some("email.host")),
        (json!({ "webhook": { "url": "ftp://x" } }), Some("webhook.url")),
        (json!({ "webhook": { "url": "https://x", "secret_file": "key" } }), Some("webhook.secret_file")),
        (json!({ "webhook": { "url": "https://x", "ca_file": "ca" } }), Some("webhook.ca_file")),
        (json!({ "webhook": { "url": "http://x", "format": "xml" } }), Some("webhook.format")),
        (
            json!({ "email": { "host": "mail.local", "from": "poe", "to": ["anna@house"] } }),
            Some("email.from"),
        ),
        (json!({ "command": { "run": [] } }), Some("command.run")),
        (json!({ "command": { "run": ["/bin/true"], "limit_s": 1000 } }), Some("command.limit_s")),
    ] {
        let (status, problem) = change(&hall, "PUT", "targets/mail", &body);
        assert_eq!((status, problem["field"].as_str()), (422, field), "{body}: {problem}");
    }
    let several = json!({ "email": { "host": "a b", "from": "poe", "to": ["anna@house", "anna"] } });
    let problem = change(&hall, "PUT", "targets/mail", &several).1;
    let errors: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|error| error.as_str().unwrap()).collect();
    assert_eq!(problem["detail"], errors[0], "in the words that are about the field");
    assert!(errors[1].starts_with("email.from: ") && errors[2].starts_with("email.to: "), "{errors:?}");

    let siren = json!({ "run": ["/bin/true"] });
    for (body, status, field) in [
        (json!({ "name": "desk", "command": siren }), 409, Some("name")),
        (json!({ "name": "Desk", "command": siren }), 422, Some("name")),
        (json!({ "name": "the desk", "command": siren }), 422, Some("name")),
        (json!({ "command": siren }), 422, Some("name")),
    ] {
        let (told, problem) = change(&hall, "POST", "targets", &body);
        assert_eq!((told, problem["field"].as_str()), (status, field), "{body}: {problem}");
    }
    assert_eq!(
        change(&hall, "PUT", "targets/nobody", &json!({ "command": { "run": ["/bin/true"] } })).0,
        404
    );
}

#[test]
fn groups_say_who_is_told_of_what() {
    let hall = Hall::open();
    done(
        &hall,
        "POST",
        "target_groups",
        &json!({ "name": "day", "targets": ["desk"], "hours": ["mon-fri 07:00-18:00"], "places": ["ground"] }),
    );
    let group = json!({ "name": "day", "level": 1, "targets": ["desk"], "classes": ["alarm", "supervisory", "trouble"], "places": ["ground"], "hours": ["mon-fri 07:00-18:00"] });
    assert_eq!(hall.get("target_groups")["items"], json!([group]));
    assert_eq!(hall.get("target_groups/day"), group);
    done(&hall, "PUT", "target_groups/day", &group);
    assert_eq!(hall.get("target_groups/day"), group, "what is shown can be sent back");
    let (status, problem) = change(&hall, "DELETE", "targets/desk", &Value::Null);
    assert_eq!(status, 422);
    assert!(
        problem["detail"].as_str().unwrap().starts_with("group day: there is no target 'desk'"),
        "{problem}"
    );
    for (body, field) in [
        (json!({ "targets": ["nobody"] }), "targets"),
        (json!({ "targets": ["desk"], "level": 12 }), "level"),
        (json!({ "targets": ["desk"], "hours": ["always"] }), "hours[0]"),
        (json!({ "targets": ["desk"], "classes": ["fire"] }), "classes[0]"),
        (json!({ "targets": ["desk"], "classes": [] }), "classes"),
        (json!({ "targets": ["desk"], "places": ["attic"] }), "places"),
        (json!({ "targets": ["desk"], "places": ["ground", "ground"] }), "places"),
        (json!({ "targets": [] }), "targets"),
        (json!({ "level": 1 }), "targets"),
        (json!({ "targets": ["desk"], "level": 2 }), "level"),
        (json!({ "targets": ["desk"], "name": "night" }), "name"),
    ] {
        let (status, problem) = change(&hall, "PUT", "target_groups/day", &body);
        assert_eq!((status, problem["field"].as_str()), (422, Some(field)), "{body}: {problem}");
    }
    let (status, problem) =
        change(&hall, "POST", "target_groups", &json!({ "name": "day", "targets": ["desk"] }));
    assert_eq!((status, &problem["field"]), (409, &json!("name")));
    // What is said of one group can be wrong since another says nothing else.
    done(&hall, "POST", "target_groups", &json!({ "name": "night", "targets": ["desk"] }));
    done(&hall, "PUT", "target_groups/day", &json!({ "targets": ["desk"], "level": 2 }));
    let second = json!({ "targets": ["desk"], "level": 2 });
    let (status, problem) = change(&hall, "PUT", "target_groups/night", &second);
    assert_eq!((status, &problem["field"]), (422, &json!("level")), "{problem}");
    assert!(problem["detail"].as_str().unwrap().starts_with("group day: no group has level 1"), "{problem}");
    done(&hall, "DELETE", "target_groups/day", &Value::Null);
    done(&hall, "PUT", "target_groups/night", &json!({ "targets": ["desk"] }));
    done(&hall, "DELETE", "target_groups/night", &Value::Null);
    done(&hall, "DELETE", "targets/desk", &Value::Null);
    assert_eq!(hall.get("targets")["items"], json!([]));
}
