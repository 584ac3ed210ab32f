//! The first start: nobody has an account, and only who sits at the machine can make one.

use crate::{
    house::{BUILDING, House, PASSWORD},
    speech::{Ask, ask},
    support::{Server, Setup},
};
use serde_json::json;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

fn token_file(server: &Server) -> PathBuf {
    server.setup().data_path().join("setup-token")
}

fn token(server: &Server) -> String {
    fs::read_to_string(token_file(server)).unwrap().trim().to_owned()
}

fn set_up(token: &str, password: &str) -> Ask {
    ask("POST", "/api/v1/setup").json(&json!({ "token": token, "name": "anna", "password": password }))
}

#[test]
fn the_setup_token_makes_one_account_and_then_nothing_is_there() {
    let mut server = Server::start(&[]);
    let http = server.http();
    let file = token_file(&server);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let right = token(&server);
    assert_eq!(right.len(), 32, "128 bits");
    assert!(!server.stderr().contains(&right) && !server.stdout().contains(&right), "no log tells it");
    assert_eq!(ask("GET", "/api/v1/setup").to(http).check(200).json()["token_valid"], true);
    assert_eq!(ask("GET", "/api/v1/users").to(http).status, 401);

    let wrong = set_up("00112233445566778899aabbccddeeff", PASSWORD).to(http).check(422).json();
    assert_eq!(wrong["field"], "token");
    let begun = Instant::now();
    let weak = set_up(&right, "password1234").to(http).check(422).json();
    assert_eq!(weak["field"], "password", "a right token is not blamed for the password");
    assert!(begun.elapsed() > Duration::from_millis(900), "after a wrong one it waits for its turn");

    let made = set_up(&right, PASSWORD).to(http).check(201);
    assert_eq!((&made.json()["name"], &made.json()["role"]), (&json!("anna"), &json!("admin")));
    assert_eq!(made.header("location"), Some("/api/v1/users/anna"));
    assert!(!made.body.contains("argon2") && !made.body.contains(PASSWORD));
    let cookie = made.cookie().unwrap();
    let house = House { server };
    assert_eq!(house.who(&cookie).check(200).json()["name"], "anna");
    assert!(!file.exists(), "the token has served");
    for entry in ["user.added", "session.began"] {
        let entry = &house.entries(entry, 0)[0];
        assert_eq!((&entry["who"]["name"], &entry["who"]["origin"]), (&json!("anna"), &json!("127.0.0.1")));
    }

    let http = house.server.http();
    for request in [ask("GET", "/api/v1/setup"), set_up(&right, PASSWORD), set_up("", "")] {
        let gone = request.to(http).check(404);
        let absent = ask("GET", "/api/v1/absent").header("Cookie", &cookie).to(http);
        assert_eq!(gone, absent, "as if nothing had ever been there");
    }
    server = house.server;
    server.stop();
    let server = server.setup().start();
    assert!(!token_file(&server).exists(), "there is an account");
}

#[test]
fn a_restart_makes_another_token() {
    let mut server = Server::start(&[]);
    let old = token(&server);
    server.kill();
    let mut server = server.setup().start();
    let new = token(&server);
    assert_ne!(old, new);
    assert_eq!(set_up(&old, PASSWORD).to(server.http()).status, 422);
    let file = token_file(&server);
    server.stop();
    assert!(!file.exists(), "a server that has stopped leaves no token behind");
}

#[test]
fn an_account_made_at_the_socket_ends_the_setup() {
    let house = House { server: Server::start(&[]) };
    let right = token(&house.server);
    house.user("anna", "admin");
    assert_eq!(set_up(&right, PASSWORD).to(house.server.http()).status, 404);
    let file = token_file(&house.server);
    house.server.wait_for(|_| !file.exists(), Duration::from_secs(10));
}

#[test]
fn only_loopback_listens_for_http_and_nobody_is_known() {
    let server = Setup::new().args(["--listen", "0.0.0.0:0"]).start();
    let port = server.http().port();
    assert!(server.http().ip().is_loopback());
    let sockets = Command::new("ss").args(["-Hltn"]).output().unwrap();
    let text = String::from_utf8(sockets.stdout).unwrap();
    let ours: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_whitespace().nth(3))
        .filter(|local| local.ends_with(&format!(":{port}")))
        .collect();
    assert_eq!(ours, [format!("127.0.0.1:{port}")]);
    let house = House { server };
    house.owner(ask("PUT", "/api/v1/building").sent_as("application/toml", BUILDING.into())).check(200);
    for list in ["users", "tokens", "sessions"] {
        let items = house.owner(ask("GET", &format!("/api/v1/{list}"))).check(200).json()["items"].clone();
        assert_eq!(items, json!([]), "{list}");
    }
}
