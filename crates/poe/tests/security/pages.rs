//! Pages of others, which a browser shows to somebody who is logged in here.

use crate::{
    house::{House, PASSWORD, login},
    speech::ask,
};
use serde_json::json;

#[test]
fn a_foreign_page_changes_nothing() {
    let house = House::open();
    house.user("anna", "admin");
    let cookie = house.login("anna");
    let emergency = || {
        let body = json!({ "kind": "fire", "zone": "kitchen" });
        ask("POST", "/api/v1/emergencies").header("Cookie", &cookie).json(&body)
    };
    for (name, value) in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Origin", "http://localhost.evil.example"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        house.told(&emergency().header(name, value)).check(403);
        house.told(&login("anna", PASSWORD).header(name, value)).check(403);
        house
            .told(&ask("DELETE", "/api/v1/users/anna").header("Cookie", &cookie).header(name, value))
            .check(403);
    }
    // What a form can send without asking first.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let body = br#"{"kind":"fire","zone":"kitchen"}"#.to_vec();
        let form = ask("POST", "/api/v1/emergencies").header("Cookie", &cookie).sent_as(kind, body);
        house.told(&form).check(415);
    }
    house.told(&emergency().header("Host", "evil.example")).check(421);
    let alarms = || house.owner(ask("GET", "/api/v1/alarms?class=alarm")).json()["items"].clone();
    assert_eq!(alarms(), json!([]));
    let ours = emergency().header("Origin", "http://localhost").header("Sec-Fetch-Site", "same-origin");
    house.told(&ours).check(201);
    let preflight = ask("OPTIONS", "/api/v1/emergencies")
        .header("Origin", "https://evil.example")
        .header("Access-Control-Request-Method", "POST");
    let told = house.told(&preflight);
    assert!(told.headers.iter().all(|(name, _)| !name.starts_with("access-control-")), "{told:?}");
}
