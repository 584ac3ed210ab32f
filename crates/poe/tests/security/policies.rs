//! Every route that the contract names, asked by everybody: what is not allowed is denied, and looks as if it did not exist.

use crate::{
    house::House,
    speech::{Ask, Told, ask},
    support::{PATIENCE, connect_from},
};
use poe_building::Time;
use poe_web::Site;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const ROLES: [&str; 4] = ["viewer", "operator", "engineer", "admin"];

/// Somebody who asks.
struct Caller {
    name: &'static str,
    /// The place of their role among [`ROLES`]; nothing: nobody knows them.
    rank: Option<usize>,
    sees_everything: bool,
    /// What they send with every request.
    header: Option<(&'static str, String)>,
    /// And after the path.
    query: String,
}

impl Caller {
    fn new(name: &'static str, role: Option<&str>, token: &str) -> Self {
        let rank = role.map(|role| ROLES.iter().position(|known| *known == role).unwrap());
        let header = Some(("Authorization", format!("Bearer {token}")));
        Self { name, rank, sees_everything: true, header, query: String::new() }
    }

    fn sent(&self, request: Ask) -> Ask {
        let Ask { target, .. } = &request;
        let request = Ask { target: format!("{target}{}", self.query), ..request };
        match &self.header {
            Some((name, value)) => request.header(name, value),
            None => request,
        }
    }
}

/// Everybody there is: those who may ask something, and those who only look as if they might.
fn everybody(house: &House) -> Vec<Caller> {
    let soon = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(1);
    let soon = Time::default().after(soon).to_string().replace(" UTC", "Z").replace(' ', "T");
    let body = json!({ "name": "expired", "role": "admin", "expires": soon });
    // To the second, so that it may be over before it begins.
    let mut expired = house.owner(ask("POST", "/api/v1/tokens").json(&body));
    if expired.status == 422 {
        let later = Time::from_secs(0).after(SystemTime::now().duration_since(UNIX_EPOCH).unwrap());
        let later = later.after(Duration::from_secs(2)).to_string().replace(" UTC", "Z").replace(' ', "T");
        let body = json!({ "name": "expired", "role": "admin", "expires": later });
        expired = house.owner(ask("POST", "/api/v1/tokens").json(&body));
    }
    let expired = expired.check(201).json()["token"].as_str().unwrap().to_owned();
    let revoked = house.token("revoked", "admin", &[]);
    let id = &revoked[4..12];
    house.owner(ask("DELETE", &format!("/api/v1/tokens/{id}"))).check(204);
    let admin = house.token("admin", "admin", &[]);
    house.user("anna", "operator");
    let cookie = house.login("anna");
    thread::sleep(Duration::from_secs(2));

    let mut all: Vec<_> = ROLES
        .into_iter()
        .map(|role| {
            let token = if role == "admin" { admin.clone() } else { house.token(role, role, &[]) };
            Caller::new(role, Some(role), &token)
        })
        .collect();
    for role in ROLES {
        let token = house.token(&format!("{role} of the house"), role, &["house"]);
        all.push(Caller { sees_everything: false, ..Caller::new("limited", Some(role), &token) });
    }
    let nobody = || Caller::new("nobody", None, "");
    let operator = ROLES.iter().position(|role| *role == "operator");
    all.extend([
        Caller { name: "session", rank: operator, header: Some(("Cookie", cookie.clone())), ..nobody() },
        Caller { header: None, ..nobody() },
        Caller { name: "expired token", ..Caller::new("", None, &expired) },
        Caller { name: "revoked token", ..Caller::new("", None, &revoked) },
        Caller { name: "truncated token", ..Caller::new("", None, &admin[..admin.len() - 1]) },
        Caller { name: "longer token", ..Caller::new("", None, &format!("{admin}0")) },
        Caller { name: "prefix of a token", ..Caller::new("", None, &admin[..13]) },
        Caller { name: "token without its mark", ..Caller::new("", None, &admin[4..]) },
        Caller { name: "token in capitals", ..Caller::new("", None, &admin.to_uppercase()) },
        Caller { name: "empty token", ..nobody() },
        Caller {
            name: "token as a password",
            header: Some(("Authorization", format!("Basic {admin}"))),
            ..nobody()
        },
        Caller {
            name: "token in the query",
            header: None,
            query: format!("?access_token={admin}"),
            ..nobody()
        },
        Caller {
            name: "token in a cookie",
            header: Some(("Cookie", format!("poe_session={admin}"))),
            ..nobody()
        },
        Caller {
            name: "cut cookie",
            header: Some(("Cookie", cookie[..cookie.len() - 1].to_owned())),
            ..nobody()
        },
        // A program that shows a token means it: the cookie beside it does not help.
        Caller { name: "wrong token", ..Caller::new("", None, &format!("poe_{}", "0".repeat(73))) },
    ]);
    all
}

/// A route as the contract has it, or a file of the dashboard.
struct Route {
    method: String,
    /// With names of nothing in the place of its parameters.
    path: String,
    /// The place of the role that it asks for among [`ROLES`].
    rank: Option<usize>,
    everywhere: bool,
}

fn routes(contract: &Value) -> Vec<Route> {
    let mut routes = Vec::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let role = operation["x-role"].as_str();
            let mut filled = path.clone();
            while let (Some(from), Some(to)) = (filled.find('{'), filled.find('}')) {
                filled.replace_range(from..=to, "nothing-here");
            }
            routes.push(Route {
                method: method.to_uppercase(),
                path: filled,
                rank: role.map(|role| ROLES.iter().position(|known| *known == role).unwrap()),
                everywhere: operation["x-everywhere"] == true,
            });
        }
    }
    assert!(routes.len() > 50, "{}", routes.len());
    // Everybody may have the dashboard, and the contract does not speak of its files.
    let files = Site::default().files.iter().map(|file| file.path.to_owned());
    routes.extend(files.map(|path| Route { method: "GET".to_owned(), path, rank: None, everywhere: false }));
    routes
}

/// A request that does no harm if it is let in: what it brings is of no use.
fn harmless(method: &str, path: &str) -> Ask {
    let request = ask(method, path);
    if method == "GET" { request } else { request.sent_as("text/plain", b"x".to_vec()) }
}

#[test]
fn every_route_denies_whom_it_does_not_name() {
    let house = House::open();
    let everybody = everybody(&house);
    let routes = routes(&house.contract());
    let told = |caller: &Caller, route: &Route, path: &str| -> Told {
        house.told(&caller.sent(harmless(&route.method, path)))
    };
    let mut complaints = Vec::new();
    for route in &routes {
        for caller in &everybody {
            let answer = told(caller, route, &route.path);
            let absent = told(caller, route, "/api/v1/absent");
            let expected_absent = if caller.rank.is_some() { 404 } else { 401 };
            assert_eq!(absent.status, expected_absent, "{}: {absent:?}", caller.name);
            let is_let_in = match (route.rank, caller.rank) {
                // Since there is an account.
                (None, _) if route.path == "/api/v1/setup" => {
                    assert_eq!(answer.status, 404, "{} {answer:?}", caller.name);
                    continue;
                }
                (None, _) => true,
                (Some(_), None) => false,
                (Some(least), Some(rank)) => rank >= least && (caller.sees_everything || !route.everywhere),
            };
            let was_let_in = answer.status != 401 && answer != absent;
            if is_let_in != was_let_in {
                let Route { method, path, .. } = route;
                complaints.push(format!("{} at {method} {path}: {answer:?}", caller.name));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_dashboard_is_the_same_whoever_asks() {
    let house = House::open();
    let everybody = everybody(&house);
    for file in Site::default().files {
        let told = house.told(&ask("GET", file.path)).check(200);
        for caller in &everybody {
            assert_eq!(
                house.told(&caller.sent(ask("GET", file.path))),
                told,
                "{} {}",
                file.path,
                caller.name
            );
        }
    }
}

#[test]
fn odd_methods_open_nothing() {
    let house = House::open();
    // Until there is an account, this machine may read the metrics.
    house.user("anna", "viewer");
    let viewer = house.token("viewer", "viewer", &[]);
    for Route { path, rank, .. } in routes(&house.contract()) {
        for method in ["TRACE", "PROPFIND", "CONNECT", "OPTIONS", "get", "Post", "X"] {
            let stranger = house.told(&ask(method, &path));
            assert!((400..502).contains(&stranger.status), "{method} {path}: {stranger:?}");
            if path.starts_with("/api/") && method != "CONNECT" {
                assert_eq!(stranger.status, 401, "{method} {path}: {stranger:?}");
            }
            let known = house.told(&ask(method, &path).bearer(&viewer));
            assert!((400..502).contains(&known.status), "{method} {path}: {known:?}");
        }
        if rank.is_some() {
            let head = house.told(&ask("HEAD", &path));
            assert_eq!((head.status, head.body.as_str()), (401, ""), "HEAD {path}");
        }
    }
}

#[test]
fn odd_paths_and_encodings_open_nothing() {
    let house = House::open();
    let (viewer, admin) = (house.token("viewer", "viewer", &[]), house.token("admin", "admin", &[]));
    let long = "a".repeat(8_000);
    for Route { path, rank, .. } in routes(&house.contract()) {
        if rank.is_none() {
            continue;
        }
        let encoded = path.replacen("/v1/", "/%761/", 1).replacen("/metrics", "/%6detrics", 1);
        let variants = [
            format!("/{path}"),
            path.replacen('/', "//", 2),
            format!("/.{path}"),
            format!("/x/..{path}"),
            format!("/healthz/..{path}"),
            format!("/%2e%2e{path}"),
            format!("/healthz%2f..{path}"),
            format!("/healthz;{path}"),
            format!("{path}/"),
            format!("{path}/."),
            format!("{path}%00"),
            format!("{path}%20"),
            format!("{path}.json"),
            format!("{path};a=b"),
            path.to_uppercase(),
            path.replace('/', "\\"),
            path.replacen("/api", "/api%2f", 1),
            encoded,
            format!("{path}/{long}"),
            format!("http://localhost/{path}"),
            format!("http://localhost/healthz/..{path}"),
        ];
        for variant in variants.iter().filter(|variant| **variant != path) {
            for request in [ask("GET", variant), ask("GET", variant).header("X-Original-URL", "/healthz")] {
                let told = house.told(&request);
                assert!([400, 401, 404, 405, 414, 431].contains(&told.status), "{variant}: {told:?}");
            }
        }
        let overridden = ask("POST", "/healthz").header("X-HTTP-Method-Override", "GET");
        assert_eq!(house.told(&overridden).status, 405);
    }
    for variant in ["/api/v1//users", "/api/v1/users/", "/api/v1/USERS", "/api/v1/./users", "/api/v1/%75sers"]
    {
        let seen = |token: &str| house.told(&ask("GET", variant).bearer(token));
        assert_eq!(
            (seen(&viewer).status, seen(&admin).status),
            (404, 404),
            "a path has one spelling: {variant}"
        );
        assert_eq!(seen(&viewer), seen(&admin));
    }
}

#[test]
fn what_is_out_of_reach_looks_as_if_it_were_not_there() {
    let house = House::open();
    let limited = house.token("guard of the house", "operator", &["house"]);
    let all = house.token("guard of all", "operator", &[]);
    let mut node = connect_from([127, 0, 0, 2], house.server.tcp());
    node.write_all(&[0, 7, 0, 0, 1, 7, 0, 0]).unwrap();
    let alarms = |token: &str| {
        house.told(&ask("GET", "/api/v1/alarms?class=alarm").bearer(token)).check(200).json()["items"].clone()
    };
    house.server.wait_for(|_| alarms(&all)[0]["state"] == "unacknowledged", PATIENCE);
    // An alarm goes ahead of the row that it came with.
    let row = || house.told(&ask("GET", "/api/v1/sensors/127.0.0.2_7").bearer(&all)).status;
    house.server.wait_for(|_| row() == 200, PATIENCE);
    assert_eq!(alarms(&limited), json!([]));
    let id = alarms(&all)[0]["id"].as_u64().unwrap();
    for (there, absent) in [
        (format!("GET /api/v1/alarms/{id}"), "GET /api/v1/alarms/987654".to_owned()),
        (
            format!("POST /api/v1/alarms/{id}/acknowledge"),
            "POST /api/v1/alarms/987654/acknowledge".to_owned(),
        ),
        ("GET /api/v1/nodes/127.0.0.2".to_owned(), "GET /api/v1/nodes/127.0.0.77".to_owned()),
        ("GET /api/v1/nodes/manger".to_owned(), "GET /api/v1/nodes/nowhere".to_owned()),
        (
            "POST /api/v1/nodes/127.0.0.2/disconnect".to_owned(),
            "POST /api/v1/nodes/127.0.0.77/disconnect".to_owned(),
        ),
        ("GET /api/v1/sensors/127.0.0.2_7".to_owned(), "GET /api/v1/sensors/127.0.0.77_7".to_owned()),
    ] {
        let say = |line: &str, token: &str| {
            let (method, path) = line.split_once(' ').unwrap();
            house.told(&ask(method, path).bearer(token))
        };
        let hidden = say(&there, &limited);
        assert_eq!((hidden.status, &hidden), (404, &say(&absent, &limited)), "{there}");
        if there.starts_with("GET") {
            say(&there, &all).check(200);
        }
    }
    for list in ["sensors", "nodes", "events", "alarms"] {
        let told = house.told(&ask("GET", &format!("/api/v1/{list}")).bearer(&limited)).check(200);
        assert!(!told.body.contains("127.0.0.2"), "{list}: {}", told.body);
    }
}

#[test]
fn what_is_named_beside_the_path_is_as_unknown_as_what_is_not_there() {
    let house = House::open();
    let limited = house.token("guard of the house", "engineer", &["house"]);
    let all = house.token("guard of all", "engineer", &[]);
    for scope in ["place=barn", "node=127.0.0.2", "place=kitchen"] {
        let setting = ask("PUT", &format!("/api/v1/rules/smoke?{scope}")).json(&json!({ "priority": 2 }));
        house.owner(setting).check(200);
    }
    let told = |method: &str, path: &str, token: &str| {
        house.told(&ask(method, &format!("/api/v1/{path}")).bearer(token))
    };
    for (there, absent) in [
        ("sensors?zone=stable", "sensors?zone=nowhere"),
        ("sensors?zone=barn", "sensors?zone=nowhere"),
        ("sensors?node=manger", "sensors?node=nobody"),
        ("sensors?node=127.0.0.2", "sensors?node=127.0.0.99"),
        ("live?for_s=1&zone=stable", "live?for_s=1&zone=nowhere"),
        ("live?for_s=1&zone=kitchen,stable", "live?for_s=1&zone=kitchen,nowhere"),
    ] {
        let hidden = told("GET", there, &limited);
        assert_eq!(hidden, told("GET", absent, &limited), "{there}");
        told("GET", there, &all).check(200);
    }
    for path in ["sensors?zone=kitchen", "sensors?node=stove", "sensors?zone=campus"] {
        told("GET", path, &limited).check(200);
    }
    let rules = told("GET", "rules", &limited).check(200);
    assert!(rules.body.contains("kitchen"), "{}", rules.body);
    for name in ["barn", "127.0.0.2", "stable"] {
        assert!(!rules.body.contains(name), "{name}: {}", rules.body);
        assert!(name == "stable" || told("GET", "rules", &all).body.contains(name), "{name}");
    }

    // What is kept quiet elsewhere is not counted, either.
    let quiet = json!({ "source": "manger", "minutes": 5, "reason": "repaired" });
    house.owner(ask("POST", "/api/v1/suppressions").json(&quiet)).check(201);
    let count = |token: &str| {
        let mut stream = TcpStream::connect(house.server.http()).unwrap();
        let head = format!("Host: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n");
        write!(stream, "GET /api/v1/live?for_s=1 HTTP/1.1\r\n{head}\r\n").unwrap();
        let mut told = String::new();
        stream.read_to_string(&mut told).unwrap();
        let data = told.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        serde_json::from_str::<Value>(data).unwrap()["suppressions"].clone()
    };
    assert_eq!((count(&limited), count(&all)), (json!(0), json!(1)));
}

#[test]
fn no_method_tells_of_a_path_whose_methods_are_for_others() {
    let house = House::open();
    let viewer = house.token("viewer", "viewer", &[]);
    let limited = house.token("admin of the house", "admin", &["house"]);
    let admin = house.token("admin", "admin", &[]);
    for (path, token) in
        ["users", "backup", "building", "health"].into_iter().zip([&viewer, &limited].into_iter().cycle())
    {
        for method in ["PATCH", "DELETE", "OPTIONS", "X"] {
            let told =
                |path: &str, token: &str| house.told(&ask(method, &format!("/api/v1/{path}")).bearer(token));
            assert!(
                told(path, &admin).check(405).header("allow").unwrap().starts_with("GET,HEAD"),
                "{method} {path}"
            );
            let hidden = told(path, token);
            assert_eq!((hidden.status, &hidden), (404, &told("absent", token)), "{method} {path}");
            assert_eq!(hidden.header("allow"), None, "{method} {path}");
        }
    }
}
