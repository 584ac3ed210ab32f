//! Whatever somebody changes through the API, the journal says who, from where, and what was before and is now.

use crate::{
    house::{BUILDING, House, PASSWORD, login},
    speech::{Ask, ask},
    support::{PATIENCE, connect_from},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, io::Write, net::TcpStream};

const SVG: &str =
    r#"<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="5" height="5"/></svg>"#;

/// Somebody with a token who does everything that there is to do.
struct Auditor {
    house: House,
    token: String,
    node: TcpStream,
}

/// What the journal is to tell.
struct Told {
    kind: &'static str,
    who: &'static str,
    /// Each of these is somewhere in the entry.
    words: &'static [&'static str],
}

/// By the token of the auditor.
fn told(kind: &'static str, words: &'static [&'static str]) -> Told {
    Told { kind, who: "token auditor", words }
}

/// By somebody who has logged in.
fn told_of_anna(kind: &'static str, words: &'static [&'static str]) -> Told {
    Told { kind, who: "anna", words }
}

/// What is done for an operation of the contract. What has to be so before comes from the steps above it.
type Step = (&'static str, fn(&mut Auditor), Told);

impl Auditor {
    fn new() -> Self {
        let house = House::open();
        let token = house.token("auditor", "admin", &[]);
        let node = connect_from([127, 0, 0, 1], house.server.tcp());
        let mut auditor = Self { house, token, node };
        auditor.flame();
        auditor
    }

    #[track_caller]
    fn say(&self, request: Ask) -> crate::speech::Told {
        let told = self.house.told(&request.bearer(&self.token));
        assert!((200..300).contains(&told.status), "{told:?}");
        told
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        let told = self.say(ask("POST", &format!("/api/v1/{path}")).json(body));
        serde_json::from_str(&told.body).unwrap_or_default()
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.say(ask("GET", &format!("/api/v1/{path}"))).json()
    }

    fn frame(&mut self, value: u8) {
        self.node.write_all(&[1, 7, 0, value]).unwrap();
    }

    /// There is a flame in the kitchen, and nobody has seen it.
    fn flame(&mut self) {
        self.frame(0);
        let state = || self.get("alarms?class=alarm")["items"][0]["state"].clone();
        self.house.server.wait_for(|_| state() == "unacknowledged", PATIENCE);
    }

    fn alarm(&self) -> u64 {
        self.get("alarms?class=alarm")["items"][0]["id"].as_u64().unwrap()
    }

    fn of_alarm(&self, verb: &str) {
        self.post(&format!("alarms/{}/{verb}", self.alarm()), &json!({}));
    }

    /// A node that nobody knows waits at the door.
    fn stranger(&self, last: u8) -> TcpStream {
        self.say(ask("PUT", "/api/v1/enrolment").json(&json!({ "mode": "approve" })));
        let mut node = connect_from([127, 0, 0, last], self.house.server.tcp());
        node.write_all(&[0, 7, 0, 0, 1, 7, 0, 1]).unwrap();
        let address = format!("127.0.0.{last}");
        let waits = || self.get("enrolment")["waiting"].to_string().contains(&address);
        self.house.server.wait_for(|_| waits(), PATIENCE);
        node
    }

    fn as_anna(&self, cookie: &str, path: &str, body: &Value) -> crate::speech::Told {
        let request = ask("POST", &format!("/api/v1/{path}")).header("Cookie", cookie).json(body);
        self.house.told(&request)
    }
}

fn steps() -> Vec<Step> {
    vec![
        (
            "post /api/v1/alarms/{id}/silence",
            |it| it.of_alarm("silence"),
            told("alarm.silenced", &["127.0.0.1_7", "sound on -> off"]),
        ),
        (
            "post /api/v1/alarms/{id}/shelve",
            |it| {
                let path = format!("alarms/{}/shelve", it.alarm());
                it.post(&path, &json!({ "minutes": 5, "reason": "painters" }));
            },
            told("suppression.began", &["127.0.0.1_7", "painters (until 20", " UTC)"]),
        ),
        (
            "post /api/v1/alarms/{id}/unshelve",
            |it| it.of_alarm("unshelve"),
            told("suppression.ended", &["127.0.0.1_7", "unshelved (until 20", " UTC -> now)"]),
        ),
        (
            "post /api/v1/alarms/{id}/acknowledge",
            |it| it.of_alarm("acknowledge"),
            told("alarm.acknowledged", &["127.0.0.1_7", "unacknowledged -> acknowledged"]),
        ),
        (
            "post /api/v1/alarms/{id}/reset",
            |it| {
                it.frame(1);
                let state = || it.get("alarms?class=alarm")["items"][0]["state"].clone();
                it.house.server.wait_for(|_| state() == "latched_acknowledged", PATIENCE);
                it.of_alarm("reset");
            },
            told("alarm.reset", &["127.0.0.1_7", "latched_acknowledged -> normal"]),
        ),
        (
            "post /api/v1/alarms/silence_all",
            |it| {
                it.flame();
                let id = it.alarm();
                it.post("alarms/silence_all", &json!({ "alarms": [id] }));
            },
            told("alarm.silenced", &["127.0.0.1_7", "sound on -> off"]),
        ),
        (
            "post /api/v1/alarms/acknowledge_all",
            |it| {
                it.flame();
                let id = it.alarm();
                it.post("alarms/acknowledge_all", &json!({ "alarms": [id] }));
            },
            told("alarm.acknowledged", &["127.0.0.1_7", "unacknowledged -> acknowledged"]),
        ),
        (
            "post /api/v1/emergencies",
            |it| drop(it.post("emergencies", &json!({ "kind": "fire", "zone": "stable", "note": "straw" }))),
            told("alarm.raised", &["stable", "straw"]),
        ),
        (
            "post /api/v1/suppressions",
            |it| drop(it.post("suppressions", &json!({ "source": "stable", "minutes": 5, "reason": "hay" }))),
            told("suppression.began", &["stable", "hay (until 20", " UTC)"]),
        ),
        (
            "delete /api/v1/suppressions/{id}",
            |it| {
                let id = it.get("suppressions")["items"][0]["id"].as_u64().unwrap();
                it.say(ask("DELETE", &format!("/api/v1/suppressions/{id}")));
            },
            told("suppression.ended", &["stable", "(until 20", " UTC -> now)"]),
        ),
        (
            "put /api/v1/building",
            |it| {
                let changed =
                    BUILDING.replace("name = \"stable\", kind", "name = \"stable\", title = \"Stall\", kind");
                it.say(ask("PUT", "/api/v1/building").sent_as("application/toml", changed.into_bytes()));
            },
            told("model.changed", &["stable", "none -> ", "Stall"]),
        ),
        (
            "post /api/v1/buildings",
            |it| {
                drop(
                    it.say(
                        ask("POST", "/api/v1/buildings").json(&json!({ "name": "shed", "title": "Shed" })),
                    ),
                );
            },
            told("model.changed", &["shed", "Shed"]),
        ),
        (
            "put /api/v1/buildings/{name}",
            |it| drop(it.say(ask("PUT", "/api/v1/buildings/shed").json(&json!({ "title": "Old shed" })))),
            told("model.changed", &["shed", "\\\"Shed\\\" -> \\\"Old shed\\\""]),
        ),
        (
            "delete /api/v1/buildings/{name}",
            |it| drop(it.say(ask("DELETE", "/api/v1/buildings/shed"))),
            told("model.changed", &["shed: removed"]),
        ),
        (
            "post /api/v1/zones",
            |it| {
                drop(
                    it.say(ask("POST", "/api/v1/zones").json(
                        &json!({ "name": "loft", "kind": "zone", "within": "house", "title": "Loft" }),
                    )),
                );
            },
            told("model.changed", &["loft", "Loft"]),
        ),
        (
            "put /api/v1/zones/{name}",
            |it| {
                drop(
                    it.say(
                        ask("PUT", "/api/v1/zones/loft")
                            .json(&json!({ "kind": "zone", "within": "house", "title": "Old loft" })),
                    ),
                );
            },
            told("model.changed", &["loft", "\\\"Loft\\\" -> \\\"Old loft\\\""]),
        ),
        (
            "delete /api/v1/zones/{name}",
            |it| drop(it.say(ask("DELETE", "/api/v1/zones/loft"))),
            told("model.changed", &["loft: removed"]),
        ),
        (
            "patch /api/v1/nodes/{node}",
            |it| drop(it.say(ask("PATCH", "/api/v1/nodes/127.0.0.1").json(&json!({ "name": "oven" })))),
            told("model.changed", &["127.0.0.1", "\\\"stove\\\" -> \\\"oven\\\""]),
        ),
        (
            "patch /api/v1/sensors/{ip_id}",
            |it| drop(it.say(ask("PATCH", "/api/v1/sensors/127.0.0.1_7").json(&json!({ "name": "eye" })))),
            told("model.changed", &["127.0.0.1_7", "eye"]),
        ),
        (
            "put /api/v1/rules/{rule}",
            |it| {
                drop(it.say(ask("PUT", "/api/v1/rules/smoke?place=kitchen").json(&json!({ "priority": 2 }))));
            },
            told("rule.changed", &["smoke", "kitchen", "2"]),
        ),
        (
            "delete /api/v1/rules/{rule}",
            |it| drop(it.say(ask("DELETE", "/api/v1/rules/smoke?place=kitchen"))),
            told("rule.changed", &["smoke in kitchen: removed: priority 2"]),
        ),
        (
            "put /api/v1/profile",
            |it| drop(it.say(ask("PUT", "/api/v1/profile").json(&json!({ "profile": "iit-2022" })))),
            told("model.changed", &["profile", "building -> iit-2022"]),
        ),
        (
            "post /api/v1/targets",
            |it| {
                drop(
                    it.say(
                        ask("POST", "/api/v1/targets")
                            .json(&json!({ "name": "horn", "command": { "run": ["/bin/true"] } })),
                    ),
                );
            },
            told("target.changed", &["horn", "/bin/true"]),
        ),
        (
            "put /api/v1/targets/{name}",
            |it| {
                drop(it.say(
                    ask("PUT", "/api/v1/targets/horn").json(&json!({ "command": { "run": ["/bin/false"] } })),
                ));
            },
            told("target.changed", &["horn", "/bin/true", "/bin/false"]),
        ),
        (
            "delete /api/v1/targets/{name}",
            |it| drop(it.say(ask("DELETE", "/api/v1/targets/horn"))),
            told("target.changed", &["horn: removed"]),
        ),
        (
            "post /api/v1/target_groups",
            |it| {
                drop(
                    it.say(
                        ask("POST", "/api/v1/target_groups")
                            .json(&json!({ "name": "day", "targets": ["siren"], "level": 1 })),
                    ),
                );
            },
            told("target.changed", &["day"]),
        ),
        (
            "put /api/v1/target_groups/{name}",
            |it| {
                drop(
                    it.say(
                        ask("PUT", "/api/v1/target_groups/day")
                            .json(&json!({ "targets": ["siren"], "level": 1, "classes": ["alarm"] })),
                    ),
                );
            },
            told("target.changed", &["day", "classes", "alarm"]),
        ),
        (
            "delete /api/v1/target_groups/{name}",
            |it| drop(it.say(ask("DELETE", "/api/v1/target_groups/day"))),
            told("target.changed", &["day: removed"]),
        ),
        (
            "put /api/v1/enrolment",
            |it| drop(it.say(ask("PUT", "/api/v1/enrolment").json(&json!({ "mode": "closed" })))),
            told("model.changed", &["enrolment", "open -> closed"]),
        ),
        (
            "post /api/v1/nodes/{node}/approve",
            |it| {
                let _node = it.stranger(21);
                it.post("nodes/127.0.0.21/approve", &json!({}));
            },
            told("node.approved", &["127.0.0.21", "no -> yes"]),
        ),
        (
            "post /api/v1/nodes/{node}/dismiss",
            |it| {
                let _node = it.stranger(22);
                it.post("nodes/127.0.0.22/dismiss", &json!({}));
            },
            told("node.dismissed", &["127.0.0.22", "waits for approval yes -> no"]),
        ),
        (
            "post /api/v1/nodes/{node}/disconnect",
            |it| drop(it.post("nodes/127.0.0.1/disconnect", &json!({}))),
            told("node.disconnected", &["127.0.0.1", "asked to disconnect: connections 1 -> 0"]),
        ),
        (
            "post /api/v1/nodes/{node}/move",
            |it| drop(it.post("nodes/127.0.0.1/move", &json!({ "to": "127.0.0.31" }))),
            told("node.moved", &["127.0.0.1 is 127.0.0.31 now"]),
        ),
        (
            "post /api/v1/nodes/{node}/retire",
            |it| {
                let connections = || it.get("nodes/127.0.0.21")["connections"].clone();
                it.house.server.wait_for(|_| connections() == 0, PATIENCE);
                it.post("nodes/127.0.0.21/retire", &json!({}));
            },
            told("node.retired", &["127.0.0.21", "retired no -> yes"]),
        ),
        (
            "post /api/v1/targets/{name}/test",
            |it| drop(it.post("targets/siren/test", &json!({}))),
            told("notification.promised", &["siren"]),
        ),
        (
            "post /api/v1/plans",
            |it| drop(it.post("plans", &json!({ "name": "ground", "title": "Ground floor" }))),
            told("plan.changed", &["plan ground added", "title \\\"Ground floor\\\", place none"]),
        ),
        (
            "put /api/v1/plans/{name}",
            |it| {
                let corners = json!([{ "x": 0, "y": 0 }, { "x": 0.5, "y": 0 }, { "x": 0.5, "y": 1 }]);
                let zones = json!([{ "place": "kitchen", "corners": corners }]);
                let plan = json!({ "title": "Below", "place": null, "zones": zones, "placements": [] });
                it.say(ask("PUT", "/api/v1/plans/ground").json(&plan));
            },
            told("plan.changed", &["ground", "Ground floor", "Below", "zone kitchen nowhere -> ["]),
        ),
        (
            "put /api/v1/plans/{name}/image",
            |it| {
                let image = ask("PUT", "/api/v1/plans/ground/image");
                it.say(image.sent_as("image/svg+xml", SVG.into()));
            },
            told("plan.changed", &["ground", "none -> svg"]),
        ),
        (
            "delete /api/v1/plans/{name}/image",
            |it| drop(it.say(ask("DELETE", "/api/v1/plans/ground/image"))),
            told("plan.changed", &["ground", "-> none"]),
        ),
        (
            "delete /api/v1/plans/{name}",
            |it| drop(it.say(ask("DELETE", "/api/v1/plans/ground"))),
            told("plan.changed", &["plan ground removed", "Below", "1 zones", "-> none", "zone kitchen ["]),
        ),
        (
            "post /api/v1/users",
            |it| {
                let anna = json!({ "name": "anna", "role": "viewer", "password": PASSWORD });
                it.post("users", &anna);
            },
            told("user.added", &["anna", "none -> viewer"]),
        ),
        (
            "patch /api/v1/users/{name}",
            |it| drop(it.say(ask("PATCH", "/api/v1/users/anna").json(&json!({ "role": "operator" })))),
            told("user.changed", &["anna", "viewer -> operator"]),
        ),
        (
            "post /api/v1/login",
            |it| drop(it.house.told(&login("anna", PASSWORD)).check(200)),
            told_of_anna("session.began", &["session of anna: none -> open"]),
        ),
        (
            "post /api/v1/logout",
            |it| {
                let cookie = it.house.login("anna");
                it.as_anna(&cookie, "logout", &json!({})).check(204);
            },
            told_of_anna("session.ended", &["session of anna: open -> ended"]),
        ),
        (
            "delete /api/v1/sessions/{id}",
            |it| {
                it.house.login("anna");
                let id = it.get("sessions")["items"][0]["id"].clone();
                it.say(ask("DELETE", &format!("/api/v1/sessions/{}", id.as_str().unwrap())));
            },
            told("session.ended", &["session of anna: open -> ended"]),
        ),
        (
            "post /api/v1/password",
            |it| {
                let cookie = it.house.login("anna");
                let body = json!({ "old": PASSWORD, "new": "eight grey herons" });
                it.as_anna(&cookie, "password", &body).check(204);
            },
            told_of_anna("user.changed", &["anna", "password old -> new"]),
        ),
        (
            "delete /api/v1/users/{name}",
            |it| drop(it.say(ask("DELETE", "/api/v1/users/anna"))),
            told("user.removed", &["anna", "operator -> none"]),
        ),
        (
            "post /api/v1/tokens",
            |it| drop(it.post("tokens", &json!({ "name": "robot", "role": "engineer" }))),
            told("token.created", &["robot", "none -> engineer"]),
        ),
        (
            "delete /api/v1/tokens/{id}",
            |it| {
                let tokens = it.get("tokens");
                let mut tokens = tokens["items"].as_array().unwrap().iter();
                let id = tokens.find(|token| token["name"] == "robot").unwrap()["id"].clone();
                it.say(ask("DELETE", &format!("/api/v1/tokens/{}", id.as_str().unwrap())));
            },
            told("token.revoked", &["robot", "revoked: engineer -> none"]),
        ),
        (
            "post /api/v1/import",
            |it| {
                let lines = "time,node,sensor,kind,value\n2026-03-29T14:00:00Z,10.0.0.9,3,HUMIDITY,40\n";
                it.say(ask("POST", "/api/v1/import?format=csv").sent_as("text/csv", lines.into()));
            },
            told("history.imported", &["1 readings of 1 sensors", "CSV", "2026-03-29T14:00:00.000Z"]),
        ),
        // The last, since it needs a server of its own.
        (
            "post /api/v1/setup",
            |it| {
                it.house = House { server: crate::support::Server::start(&[]) };
                let file = it.house.server.setup().data_path().join("setup-token");
                let token = fs::read_to_string(file).unwrap();
                let body = json!({ "token": token.trim(), "name": "anna", "password": PASSWORD });
                it.house.told(&ask("POST", "/api/v1/setup").json(&body)).check(201);
            },
            told_of_anna("user.added", &["anna", "none -> admin"]),
        ),
    ]
}

#[test]
fn every_change_is_journalled_with_who_and_what() {
    let mut auditor = Auditor::new();
    let contract = auditor.house.contract();
    let changing = contract["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys().filter(|method| *method != "get");
        methods.map(move |method| format!("{method} {path}"))
    });
    let changing: BTreeSet<String> = changing.collect();
    let covered: BTreeSet<String> = steps().iter().map(|(operation, ..)| (*operation).to_owned()).collect();
    assert_eq!(changing, covered, "each operation that changes something has a step here, and no other");

    let mut complaints = Vec::<String>::new();
    for (operation, act, Told { kind, who, words }) in steps() {
        let is_new = operation == "post /api/v1/setup";
        let before = if is_new { 0 } else { auditor.house.last_seq() };
        act(&mut auditor);
        let entries = auditor.house.entries(kind, before);
        let fits = |entry: &Value| {
            let text = entry.to_string();
            entry["who"]["name"] == who
                && entry["who"]["origin"] == "127.0.0.1"
                && words.iter().all(|word| text.contains(word))
        };
        if !entries.iter().any(fits) {
            let seen: Vec<_> = entries.iter().map(|entry| [&entry["who"], &entry["text"]]).collect();
            complaints.push(format!("{operation}: {kind} by {who} with {words:?} is not among {seen:?}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
