//! People with passwords, and programs with tokens.

use crate::{
    house::{House, PASSWORD, login},
    speech::ask,
};
use serde_json::json;

#[test]
fn a_login_begins_a_session_and_ends_the_one_before() {
    let house = House::open();
    house.user("anna", "operator");
    let told = house.try_login("anna", PASSWORD).check(200);
    assert_eq!(told.json()["role"], "operator");
    let set = told.header("set-cookie").unwrap();
    assert!(set.starts_with("poe_session=") && set.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{set}");
    let first = told.cookie().unwrap();
    let mut who = house.who(&first).check(200).json();
    let expires: jiff::Timestamp = who["expires"].take().as_str().unwrap().parse().unwrap();
    let idle_h = (expires - jiff::Timestamp::now()).total(jiff::Unit::Hour).unwrap();
    assert!((7.9..=8.0).contains(&idle_h), "{idle_h} h");
    assert_eq!(
        who,
        json!({ "name": "anna", "role": "operator", "buildings": [], "missing": [], "via": "session", "expires": null, "demo": false })
    );

    let second = house.told(&login("anna", PASSWORD).header("Cookie", &first)).check(200).cookie().unwrap();
    assert_ne!(first, second);
    assert_eq!(house.who(&first).status, 401, "rotated");
    let third = house.login("anna");
    assert_eq!(house.who(&second).status, 200, "a session of another browser goes on");

    let sessions = house.told(&ask("GET", "/api/v1/sessions").header("Cookie", &third)).check(200).json();
    let sessions = sessions["items"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    let end = format!("/api/v1/sessions/{}", other["id"].as_str().unwrap());
    house.told(&ask("DELETE", &end).header("Cookie", &third)).check(204);
    assert_eq!((house.who(&second).status, house.who(&third).status), (401, 200));

    let out = house.told(&ask("POST", "/api/v1/logout").header("Cookie", &third)).check(204);
    assert!(out.header("set-cookie").unwrap().contains("poe_session=; "), "{out:?}");
    assert!(out.header("set-cookie").unwrap().ends_with("; Max-Age=0"));
    assert_eq!(out.header("clear-site-data"), Some("\"cache\""), "the pictures of plans");
    assert_eq!(house.who(&third).status, 401);
}

#[test]
fn a_session_ends_with_the_password_the_role_and_the_account() {
    let house = House::open();
    house.user("anna", "viewer");
    let change = |body| house.owner(ask("PATCH", "/api/v1/users/anna").json(&body)).check(200);
    let cookie = house.login("anna");
    change(json!({ "role": "operator" }));
    assert_eq!(house.who(&cookie).status, 401);
    let cookie = house.login("anna");
    change(json!({ "buildings": ["house"] }));
    assert_eq!(house.who(&cookie).status, 401);
    let cookie = house.login("anna");
    change(json!({ "password": "eight grey herons" }));
    assert_eq!(house.who(&cookie).status, 401);
    house.try_login("anna", PASSWORD).check(401);
    std::thread::sleep(std::time::Duration::from_secs(1));
    let cookie = house.try_login("anna", "eight grey herons").check(200).cookie().unwrap();
    house.owner(ask("DELETE", "/api/v1/users/anna")).check(204);
    assert_eq!(house.who(&cookie).status, 401);
}

#[test]
fn people_change_their_own_password() {
    let house = House::open();
    house.user("anna", "viewer");
    let (here, elsewhere) = (house.login("anna"), house.login("anna"));
    let change = |cookie: &str, old: &str, new: &str| {
        let body = json!({ "old": old, "new": new });
        house.told(&ask("POST", "/api/v1/password").header("Cookie", cookie).json(&body))
    };
    assert_eq!(change(&here, "not this one at all", "eight grey herons").check(422).json()["field"], "old");
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(change(&here, PASSWORD, "anna-anna-anna").check(422).json()["field"], "new");
    let now = change(&here, PASSWORD, "eight grey herons").check(204).cookie().unwrap();
    assert_eq!([&here, &elsewhere, &now].map(|cookie| house.who(cookie).status), [401, 401, 200]);
    house.try_login("anna", "eight grey herons").check(200);
    let token = house.token("robot", "viewer", &[]);
    let body = json!({ "old": "x", "new": "eight grey herons" });
    house.told(&ask("POST", "/api/v1/password").bearer(&token).json(&body)).check(409);
    house.told(&ask("POST", "/api/v1/logout").bearer(&token)).check(409);
}

#[test]
fn the_last_administrator_stays() {
    let house = House::open();
    house.user("anna", "admin");
    house.user("bert", "admin");
    house.owner(ask("PATCH", "/api/v1/users/bert").json(&json!({ "buildings": ["house"] }))).check(200);
    for body in [json!({ "role": "engineer" }), json!({ "buildings": ["house"] })] {
        house.owner(ask("PATCH", "/api/v1/users/anna").json(&body)).check(409);
    }
    house.owner(ask("DELETE", "/api/v1/users/anna")).check(409);
    house.owner(ask("DELETE", "/api/v1/users/bert")).check(204);
}

#[test]
fn of_two_who_change_one_account_the_second_is_told() {
    let house = House::open();
    house.user("anna", "viewer");
    let path = "/api/v1/users/anna";
    let seen = house.owner(ask("GET", path)).check(200).header("etag").unwrap().to_owned();
    let change = |role: &str, tag: &str| {
        house.owner(ask("PATCH", path).json(&json!({ "role": role })).header("If-Match", tag))
    };
    let now = change("operator", &seen).check(200).header("etag").unwrap().to_owned();
    assert_ne!(seen, now);
    change("engineer", &seen).check(412);
    assert_eq!(house.owner(ask("GET", path)).json()["role"], "operator");
    change("engineer", "nonsense").check(400);
    change("operator", &now).check(200);
    house.owner(ask("DELETE", path).header("If-Match", &seen)).check(412);
    house.owner(ask("DELETE", path).header("If-Match", &now)).check(204);
}

#[test]
fn over_tls_a_session_is_known_by_its_strict_cookie_alone() {
    let house = House::of(&crate::support::Setup::new().args(["--behind-proxy"]));
    house.user("anna", "viewer");
    let by_tls = |asked: crate::speech::Ask| house.told(&asked.header("X-Forwarded-Proto", "https"));
    let strict = by_tls(login("anna", PASSWORD)).check(200).cookie().unwrap();
    let secret = strict.strip_prefix("__Host-poe_session=").unwrap();
    let who = |cookie: &str| by_tls(ask("GET", "/api/v1/session").header("Cookie", cookie)).status;
    assert_eq!(who(&strict), 200);
    assert_eq!(who(&format!("poe_session={secret}")), 401, "any page of this name can have set it");
    assert_eq!(house.who(&strict).status, 401);
    assert_eq!(house.who(&format!("poe_session={secret}")).status, 200);
}

#[test]
fn a_browser_forgets_the_pictures_of_plans_where_it_can_be_told_to() {
    let house = House::of(&crate::support::Setup::new().args(["--behind-proxy"]));
    house.user("anna", "viewer");
    let told = |proto: Option<&str>| {
        let through = |asked: crate::speech::Ask| match proto {
            Some(proto) => asked.header("X-Forwarded-Proto", proto),
            None => asked,
        };
        let cookie = house.told(&through(login("anna", PASSWORD))).check(200).cookie().unwrap();
        let out = house.told(&through(ask("POST", "/api/v1/logout").header("Cookie", &cookie))).check(204);
        out.header("clear-site-data").map(str::to_owned)
    };
    assert_eq!(told(Some("https")).as_deref(), Some("\"cache\""));
    assert_eq!(told(Some("http")), None, "a browser would not obey, and complain");
}

#[test]
fn what_cannot_be_an_account_is_told_by_its_field() {
    let house = House::open();
    house.user("anna", "viewer");
    let add = |name: &str, password: &str, role: &str, buildings: &[&str]| {
        let body = json!({ "name": name, "password": password, "role": role, "buildings": buildings });
        let told = house.owner(ask("POST", "/api/v1/users").json(&body));
        (told.status, told.json()["field"].as_str().map(str::to_owned))
    };
    let of = |field: &str| (422, Some(field.to_owned()));
    assert_eq!(add("", PASSWORD, "viewer", &[]), of("name"));
    assert_eq!(
        add("server", PASSWORD, "viewer", &[]),
        of("name"),
        "the journal would take it for the server"
    );
    assert_eq!(add("two words", PASSWORD, "viewer", &[]), of("name"));
    assert_eq!(add("bert", "short", "viewer", &[]), of("password"));
    assert_eq!(add("bert", PASSWORD, "king", &[]), of("role"));
    assert_eq!(add("bert", PASSWORD, "viewer", &["nowhere"]), of("buildings"));
    assert_eq!(add("Anna", PASSWORD, "viewer", &[]).0, 409, "nobody is to be taken for her");
    assert_eq!(add("bert", PASSWORD, "viewer", &["house"]), (201, None));
}

#[test]
fn a_token_works_until_it_is_revoked_and_is_told_once() {
    let house = House::open();
    let body = json!({ "name": "robot", "role": "operator", "expires_in_days": 30 });
    let told = house.owner(ask("POST", "/api/v1/tokens").json(&body)).check(201);
    let view = told.json();
    let (text, id) = (view["token"].as_str().unwrap(), view["id"].as_str().unwrap());
    assert!(text.starts_with(&format!("poe_{id}_")) && text.len() == 4 + 8 + 1 + 64, "{text}");
    let path = format!("/api/v1/tokens/{id}");
    assert_eq!(told.header("location"), Some(path.as_str()));
    let who = house.told(&ask("GET", "/api/v1/session").bearer(text)).check(200).json();
    assert_eq!((&who["name"], &who["via"]), (&json!("token robot"), &json!("token")));
    let shown = house.owner(ask("GET", &path)).check(200);
    let list = house.owner(ask("GET", "/api/v1/tokens")).check(200);
    let secret = &text[13..];
    assert!(
        !shown.body.contains(secret) && !list.body.contains(secret) && shown.json()["expires"].is_string()
    );
    house.owner(ask("POST", "/api/v1/tokens").json(&body)).check(409);
    for (field, value) in [
        ("expires", json!("2020-01-01T00:00:00Z")),
        ("expires", json!("tomorrow")),
        ("expires_in_days", json!(0)),
        ("expires_in_days", json!(4_000)),
    ] {
        let mut body = json!({ "name": "other", "role": "viewer" });
        body[field] = value;
        let told = house.owner(ask("POST", "/api/v1/tokens").json(&body)).check(422);
        assert_eq!(told.json()["field"], field);
    }
    house.owner(ask("DELETE", &path)).check(204);
    assert_eq!(house.told(&ask("GET", "/api/v1/session").bearer(text)).status, 401);
    house.owner(ask("DELETE", &path)).check(404);
    assert!(!house.server.stderr().contains(secret) && !house.server.stdout().contains(secret));
}

#[test]
fn sessions_and_uses_outlive_a_restart() {
    let mut house = House::open();
    house.user("anna", "viewer");
    let cookie = house.login("anna");
    let token = house.token("robot", "viewer", &[]);
    house.told(&ask("GET", "/api/v1/session").bearer(&token)).check(200);
    house.server.stop();
    let house = House { server: house.server.setup().start() };
    assert_eq!(house.who(&cookie).status, 200);
    let used = house.owner(ask("GET", "/api/v1/tokens")).json()["items"][0]["last_used"].clone();
    assert!(used.is_string(), "stored at the stop: {used}");
}

#[test]
fn enrolment_is_read_by_all_and_changed_by_engineers() {
    let house = House::open();
    let [viewer, engineer] = ["viewer", "engineer"].map(|role| house.token(role, role, &[]));
    let shown = house.told(&ask("GET", "/api/v1/enrolment").bearer(&viewer)).check(200);
    assert_eq!(shown.json(), json!({ "mode": "open", "items": [], "waiting": [], "next": null }));
    let old = shown.header("etag").unwrap().to_owned();
    let put = |token: &str| ask("PUT", "/api/v1/enrolment").bearer(token).json(&json!({ "mode": "approve" }));
    house.told(&put(&viewer)).check(404);
    let changed = house.told(&put(&engineer).header("If-Match", &old)).check(200);
    assert_eq!(changed.json()["mode"], "approve");
    house.told(&put(&engineer).header("If-Match", &old)).check(412);
    house.told(&put(&engineer).header("If-Match", "\"4000\"")).check(412);
    house.told(&put(&engineer)).check(200);

    let mut node = crate::support::connect_from([127, 0, 0, 9], house.server.tcp());
    std::io::Write::write_all(&mut node, &[0, 7, 0, 0, 1, 7, 0, 0]).unwrap();
    let waiting = || house.told(&ask("GET", "/api/v1/enrolment").bearer(&viewer)).json()["waiting"].clone();
    house.server.wait_for(|_| waiting()[0]["sensors"][0]["value"] == 0, crate::support::PATIENCE);
    let node = &waiting()[0];
    assert_eq!((&node["node"], &node["alarming"]), (&json!("127.0.0.9"), &json!(true)));
    assert_eq!(node["sensors"][0]["quality"], "unapproved");
    let limited = house.token("limited", "viewer", &["house"]);
    let seen = house.told(&ask("GET", "/api/v1/enrolment").bearer(&limited)).check(200).json();
    assert_eq!(seen["waiting"], json!([]), "who sees some buildings sees nothing that is in none");
}
