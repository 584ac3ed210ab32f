//! What is signalled, and what people do about it.

use poe_api::client::ClientError;
use serde_json::{Value, json};

use crate::{FLAME, Hall, NO_FLAME};

/// Status and detail of a refusal.
#[track_caller]
fn refused(answer: Result<Value, ClientError>) -> (u16, String) {
    match answer.unwrap_err() {
        ClientError::Refused { status, detail, field, .. } => {
            (status, field.map(|field| format!("{field}: ")).unwrap_or_default() + &detail)
        }
        other => panic!("{other}"),
    }
}

/// The view without what is different each time.
fn steady(mut alarm: Value) -> String {
    for field in ["since", "raised_at", "acknowledged_at", "acknowledged_by"] {
        if let Some(text) = alarm[field].as_str() {
            let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            alarm[field] = if field == "acknowledged_by" { json!("NAME") } else { json!(form) };
        }
    }
    serde_json::to_string_pretty(&alarm).unwrap()
}

#[test]
fn a_flame_is_listed_acknowledged_and_reset() {
    let hall = Hall::open();
    assert_eq!(hall.get("alarms"), json!({ "items": [], "next": null }));
    hall.engine.frame(FLAME);
    let alarms = hall.get("alarms");
    expect_test::expect![[r#"
        {
          "id": 1,
          "class": "alarm",
          "priority": 1,
          "source": "10.0.0.7_7",
          "source_kind": "sensor",
          "source_name": null,
          "place": "kitchen",
          "rule": "fire",
          "state": "unacknowledged",
          "since": "0000-00-00T00:00:00.000Z",
          "raised_at": "0000-00-00T00:00:00.000Z",
          "value": 0,
          "unit": "",
          "message": "flame",
          "audible": true,
          "first_out": true,
          "stale": false,
          "acknowledged_by": null,
          "acknowledged_at": null,
          "suppressed": null,
          "escalations": 0,
          "committed": true
        }"#]]
    .assert_eq(&steady(alarms["items"][0].clone()));
    let id = alarms["items"][0]["id"].as_u64().unwrap();

    let reset = refused(hall.client.post(&format!("/api/v1/alarms/{id}/reset"), None));
    assert_eq!(reset.0, 409, "{}", reset.1);
    assert!(reset.1.contains("still true"), "{}", reset.1);
    let silent = hall.client.post(&format!("/api/v1/alarms/{id}/silence"), None).unwrap();
    assert_eq!((&silent["audible"], &silent["state"]), (&json!(false), &json!("unacknowledged")));
    let seen = hall.post(&format!("alarms/{id}/acknowledge"), &json!({}));
    expect_test::expect![[r#"
        {
          "id": 1,
          "class": "alarm",
          "priority": 1,
          "source": "10.0.0.7_7",
          "source_kind": "sensor",
          "source_name": null,
          "place": "kitchen",
          "rule": "fire",
          "state": "acknowledged",
          "since": "0000-00-00T00:00:00.000Z",
          "raised_at": "0000-00-00T00:00:00.000Z",
          "value": 0,
          "unit": "",
          "message": "flame",
          "audible": false,
          "first_out": true,
          "stale": false,
          "acknowledged_by": "NAME",
          "acknowledged_at": "0000-00-00T00:00:00.000Z",
          "suppressed": null,
          "escalations": 0,
          "committed": true
        }"#]]
    .assert_eq(&steady(seen));
    hall.engine.frame(NO_FLAME);
    assert_eq!(hall.get(&format!("alarms/{id}"))["state"], "latched_acknowledged");
    let reset = hall.client.post(&format!("/api/v1/alarms/{id}/reset"), None).unwrap();
    assert_eq!((&reset["state"], &reset["committed"]), (&json!("normal"), &json!(true)));
    assert_eq!(hall.get("alarms")["items"], json!([]));
    assert_eq!(hall.get(&format!("alarms/{id}"))["state"], "normal", "found by its number once more");
    let again = refused(hall.client.post(&format!("/api/v1/alarms/{id}/acknowledge"), None));
    assert_eq!(again, (409, "it has already returned to normal".to_owned()));
}

#[test]
fn who_did_it_is_the_user_at_the_socket() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    let id = hall.get("alarms")["items"][0]["id"].as_u64().unwrap();
    let seen = hall.post(&format!("alarms/{id}/acknowledge"), &json!({}));
    let me = nix::unistd::User::from_uid(nix::unistd::getuid()).unwrap().unwrap().name;
    assert_eq!(seen["acknowledged_by"], me.as_str());
    let entry = &hall.get("events?kind=alarm.acknowledged")["items"][0];
    assert_eq!(entry["who"], json!({ "name": me, "origin": "socket" }));
    let by = |who: &str| hall.get(&format!("events?kind=alarm&who={who}"))["items"].clone();
    assert_eq!(by(&me), json!([entry]));
    assert_eq!(by("nobody"), json!([]));
}

#[test]
fn several_are_silenced_and_acknowledged_together() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    let id = hall.get("alarms")["items"][0]["id"].as_u64().unwrap();
    let several = |verb: &str| {
        hall.post(&format!("alarms/{verb}_all"), &json!({ "alarms": [987, id] }))["items"].clone()
    };
    let silent = several("silence");
    assert_eq!(silent.as_array().map(Vec::len), Some(1), "of what is not there nothing is told");
    assert_eq!((&silent[0]["audible"], &silent[0]["state"]), (&json!(false), &json!("unacknowledged")));
    assert_eq!(several("silence"), silent, "once more changes nothing");
    assert_eq!(several("acknowledge")[0]["state"], "acknowledged");
    for none_or_many in [vec![], vec![id; 1_001]] {
        let path = "/api/v1/alarms/silence_all";
        let said = refused(hall.client.post(path, Some(&json!({ "alarms": none_or_many }))));
        assert_eq!(said, (422, "alarms: Give 1 to 1000 alarms.".to_owned()));
    }
}

#[test]
fn the_list_can_be_narrowed() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    let found = |query: &str| hall.get(&format!("alarms?{query}"))["items"].as_array().unwrap().len();
    for query in [
        "",
        "state=unacknowledged",
        "class=alarm",
        "source=10.0.0.7_7",
        "source=10.0.0.7",
        "source=stove",
        "source=kitchen",
        "source=house&source_kind=place",
    ] {
        assert_eq!(found(query), 1, "{query}");
    }
    for query in ["state=acknowledged", "class=trouble", "source=10.0.0.7_8", "source=attic", "source=system"]
    {
        assert_eq!(found(query), 0, "{query}");
    }
    let wrong = refused(hall.client.get("/api/v1/alarms?class=fire"));
    assert_eq!(wrong, (422, "class: One of alarm, supervisory and trouble.".to_owned()));
}

#[test]
fn what_is_shelved_is_quiet_and_can_be_brought_back() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    let id = hall.get("alarms")["items"][0]["id"].as_u64().unwrap();
    let path = |what: &str| format!("/api/v1/alarms/{id}/{what}");
    let shelve = |fields: Value| hall.client.post(&path("shelve"), Some(&fields));
    let needed = |field: &str| (422, format!("{field}: This field is needed."));
    assert_eq!(refused(shelve(json!({ "minutes": 5 }))), needed("reason"));
    assert_eq!(refused(shelve(json!({ "reason": "painters" }))), needed("minutes"));
    let unknown = refused(shelve(json!({ "minutes": 5, "reason": "painters", "until": "noon" })));
    assert_eq!(unknown, (422, "until: There is no such field here.".to_owned()));
    let long = refused(shelve(json!({ "minutes": u64::MAX, "reason": "painters" })));
    assert!(long.0 == 422 && long.1.starts_with("minutes: "), "{long:?}");
    let blank = refused(shelve(json!({ "minutes": 5, "reason": " " })));
    assert!(blank.0 == 422 && blank.1.starts_with("reason: "), "{blank:?}");
    assert_eq!(refused(hall.client.post(&path("unshelve"), None)), (409, "It is not shelved.".to_owned()));

    assert_eq!(shelve(json!({ "minutes": 5, "reason": "painters" })).unwrap()["suppressed"], "shelved");
    let kept = &hall.get("suppressions")["items"][0];
    assert_eq!((&kept["kind"], &kept["reason"]), (&json!("shelved"), &json!("painters")));
    assert_eq!(hall.client.post(&path("unshelve"), None).unwrap()["suppressed"], Value::Null);
    assert_eq!(hall.get("suppressions")["items"], json!([]));
}

#[test]
fn a_place_goes_out_of_service_and_comes_back() {
    let hall = Hall::open();
    hall.engine.frame(NO_FLAME);
    let begun =
        hall.post("suppressions", &json!({ "source": "kitchen", "minutes": 60, "reason": "new stove" }));
    hall.engine.frame(FLAME);
    assert_eq!(hall.get("alarms")["items"][0]["suppressed"], "out_of_service");
    let id = begun["id"].as_u64().unwrap();
    assert_eq!(hall.client.delete(&format!("/api/v1/suppressions/{id}")).unwrap()["committed"], true);
    assert_eq!(hall.get("alarms")["items"][0]["suppressed"], Value::Null);
    let twice = refused(hall.client.delete(&format!("/api/v1/suppressions/{id}")));
    assert_eq!(twice.0, 404);
    let nowhere = json!({ "source": "attic", "minutes": 60, "reason": "new roof" });
    let nowhere = refused(hall.client.post("/api/v1/suppressions", Some(&nowhere)));
    assert!(nowhere.0 == 422 && nowhere.1.starts_with("source: "), "{nowhere:?}");
}

#[test]
fn an_emergency_is_raised_by_hand() {
    let hall = Hall::open();
    let (status, alarm) =
        hall.send_json("emergencies", r#"{"kind": "fire", "zone": "kitchen", "note": "smell"}"#);
    assert_eq!(status, 201);
    assert_eq!((&alarm["source"], &alarm["place"]), (&json!("kitchen"), &json!("kitchen")));
    assert!(alarm["message"].as_str().unwrap().ends_with(": smell"), "{alarm}");
    let (status, problem) = hall.send_json("emergencies", r#"{"kind": "boredom", "zone": "kitchen"}"#);
    assert_eq!((status, &problem["field"]), (422, &json!("kind")));
    let (status, problem) = hall.send_json("emergencies", r#"{"kind": "fire", "zone": "attic"}"#);
    assert_eq!((status, &problem["field"]), (422, &json!("zone")));
}

#[test]
fn an_order_that_is_not_yet_stored_says_so() {
    let hall = Hall::open();
    hall.engine.frame(FLAME);
    let id = hall.get("alarms")["items"][0]["id"].as_u64().unwrap();
    hall.engine.disk_stands_still(true);
    let seen = hall.post(&format!("alarms/{id}/acknowledge"), &json!({}));
    assert_eq!((&seen["state"], &seen["committed"]), (&json!("acknowledged"), &json!(false)));
}

#[test]
fn what_is_unknown_is_not_found() {
    let hall = Hall::open();
    for path in ["alarms/77", "alarms/x", "alarms/-1", "nodes/attic", "nodes/10.0.0.99", "nowhere"] {
        assert_eq!(refused(hall.client.get(&format!("/api/v1/{path}"))).0, 404, "{path}");
    }
    for path in ["alarms/77/acknowledge", "targets/nobody/test", "nodes/10.0.0.99/retire"] {
        assert_eq!(refused(hall.client.post(&format!("/api/v1/{path}"), None)).0, 404, "{path}");
    }
}

#[test]
fn long_lists_come_page_by_page_whatever_ends_meanwhile() {
    let hall = Hall::open();
    let ids = |page: &Value| {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    for node in ["10.0.0.7", "10.0.0.8", "10.0.0.9"] {
        hall.engine.frames(node, &[FLAME]);
    }
    let all = ids(&hall.get("alarms"));
    let [first, second, ..] = all[..] else { panic!("{all:?}") };
    let page = hall.get("alarms?limit=2");
    assert_eq!((ids(&page), &page["next"]), (all[..2].to_vec(), &json!(second)));
    // The one that was told last ends, and all that come behind it are told all the same.
    let flame_goes = |alarm: u64| {
        let source = hall.get(&format!("alarms/{alarm}"))["source"].as_str().unwrap().to_owned();
        hall.engine.frames(source.split_once('_').unwrap().0, &[NO_FLAME]);
        hall.client.post(&format!("/api/v1/alarms/{alarm}/acknowledge"), None).unwrap();
        hall.client.post(&format!("/api/v1/alarms/{alarm}/reset"), None).unwrap();
    };
    flame_goes(second);
    assert_eq!(ids(&hall.get("alarms"))[0], first);
    let rest = hall.get(&format!("alarms?after={second}"));
    assert_eq!((ids(&rest), &rest["next"]), (all[2..].to_vec(), &Value::Null));
    let unknown = refused(hall.client.get("/api/v1/alarms?after=99"));
    assert_eq!(
        unknown,
        (422, "after: This alarm is not known any more: begin anew, without `after`.".into())
    );
    assert_eq!(refused(hall.client.get("/api/v1/alarms?limit=10001")).0, 422);

    for node in ["10.0.0.7", "10.0.0.8", "10.0.0.9"] {
        hall.post("suppressions", &json!({ "source": node, "minutes": 5, "reason": "tested" }));
    }
    let all = ids(&hall.get("suppressions"));
    let page = hall.get("suppressions?limit=2");
    assert_eq!((ids(&page), &page["next"]), (all[..2].to_vec(), &json!(all[1])));
    let rest = hall.get(&format!("suppressions?after={}&limit=1", all[1]));
    assert_eq!((ids(&rest), &rest["next"]), (all[2..].to_vec(), &Value::Null));
}
