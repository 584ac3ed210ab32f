//! Whoever follows some places, or may see some buildings alone.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::{FLAME, Hall};

/// The house with the stove in its kitchen, a barn with a manger in its stable, and a node that nobody has placed.
fn hall() -> Hall {
    let hall = Hall::open();
    hall.post("buildings", &json!({ "name": "barn" }));
    hall.post("zones", &json!({ "name": "stable", "kind": "zone", "within": "barn" }));
    place(&hall, "10.0.0.8", "stable");
    for node in ["10.0.0.7", "10.0.0.8", "10.0.0.9"] {
        hall.engine.frames(node, &[[1, 3, 4, 70]]);
    }
    hall
}

fn place(hall: &Hall, node: &str, place: &str) {
    let placed = json!({ "place": place }).to_string();
    let told = hall.send("PATCH", &format!("nodes/{node}"), "Content-Type: application/json\r\n", &placed);
    assert_eq!(told.0, 200, "{}", told.1);
}

/// What a viewer who sees these buildings sends along.
fn guard(hall: &Hall, name: &str, buildings: &[&str]) -> String {
    let fields = json!({ "name": name, "role": "viewer", "buildings": buildings });
    let token = hall.post("tokens", &fields)["token"].as_str().unwrap().to_owned();
    format!("Authorization: Bearer {token}\r\n")
}

/// What is told in a second or more: the name of each event, and what it says.
fn told(addr: SocketAddr, query: &str, headers: &str) -> Vec<(String, Value)> {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    write!(stream, "GET /api/v1/live?{query} HTTP/1.0\r\nHost: {addr}\r\n{headers}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 200"), "{answer}");
    let event = |event: &str| {
        let line = |begin: &str| event.lines().find_map(|line| line.strip_prefix(begin));
        let data = serde_json::from_str(line("data: ").unwrap()).unwrap();
        (line("event: ").unwrap().to_owned(), data)
    };
    body.split_terminator("\n\n").map(event).collect()
}

/// The last part of the address of each node of which there is a reading, and of each that is told of itself.
fn seen(told: &[(String, Value)]) -> [String; 2] {
    [("reading", "ip_id"), ("node", "node")].map(|(kind, field)| {
        let of_kind = told.iter().filter(|(event, _)| event == kind).map(|(_, data)| data[field].as_str());
        let mut nodes: Vec<_> =
            of_kind.map(|name| name.unwrap()["10.0.0.".len()..][..1].to_owned()).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes.concat()
    })
}

#[test]
fn several_places_come_in_one_line() {
    let hall = hall();
    let guard = guard(&hall, "guard", &[]);
    let seen = |query: &str| seen(&told(hall.addr, &format!("for_s=1&{query}"), &guard));
    assert_eq!(seen(""), ["789", "789"]);
    assert_eq!(seen("zone=kitchen"), ["7", "7"]);
    assert_eq!(seen("zone=stable,kitchen"), ["78", "78"]);
    assert_eq!(seen("zone=stable,barn"), ["8", "8"]);
    assert_eq!(seen("zone=stable&everywhere=node"), ["8", "789"]);
    let (status, problem) = hall.send("GET", "live?zone=kitchen,attic", "", "");
    assert_eq!((status, &problem["field"]), (422, &json!("zone")));
    assert_eq!(problem["detail"], "There is no place of this name.");
}

#[test]
fn whoever_sees_several_buildings_follows_them_in_one_line_and_nothing_else() {
    let hall = hall();
    let [house, both] =
        [&["house"][..], &["house", "barn"]].map(|buildings| guard(&hall, &buildings.join("-"), buildings));
    assert_eq!(seen(&told(hall.addr, "for_s=1", &both)), ["78", "78"]);
    assert_eq!(seen(&told(hall.addr, "for_s=1&zone=kitchen&everywhere=node", &both)), ["7", "78"]);
    assert_eq!(seen(&told(hall.addr, "for_s=1&zone=kitchen&everywhere=node,reading", &house)), ["7", "7"]);
    let refused = |zone: &str| hall.ask_over_tcp(&format!("live?for_s=1&zone={zone}"), &house);
    for unseen in ["stable", "kitchen,stable", "kitchen,barn,house"] {
        assert_eq!(refused(unseen), refused("attic"), "{unseen}");
        assert_eq!(refused(unseen).0, 422);
    }
}

#[test]
fn of_buildings_that_are_gone_nothing_is_told() {
    let hall = hall();
    let [barn, both] =
        [&["barn"][..], &["house", "barn"]].map(|buildings| guard(&hall, &buildings.join("-"), buildings));
    let missing = |guard: &str| hall.ask_over_tcp("session", guard).1["missing"].clone();
    assert_eq!((missing(&barn), missing(&both)), (json!([]), json!([])));
    place(&hall, "10.0.0.8", "kitchen");
    for path in ["zones/stable", "buildings/barn"] {
        assert_eq!(hall.send("DELETE", path, "", "").0, 200, "{path}");
    }
    assert_eq!((missing(&barn), missing(&both)), (json!(["barn"]), json!(["barn"])));
    assert_eq!(hall.ask_over_tcp("session", &both).1["buildings"], json!(["house", "barn"]));

    hall.engine.frame(FLAME);
    let nothing = told(hall.addr, "for_s=3&everywhere=alarm,event", &barn);
    let kinds: Vec<_> = nothing.iter().map(|(event, _)| event.as_str()).collect();
    assert_eq!(kinds, ["snapshot", "current", "heartbeat"]);
    assert_eq!((&nothing[0].1["alarms"], &nothing[0].1["counts"]["alarm"]["shown"]), (&json!([]), &json!(0)));
    let rest = told(hall.addr, "for_s=1", &both);
    assert_eq!(seen(&rest), ["78", "78"], "both are in the house now");
    assert_eq!(rest[0].1["alarms"].as_array().unwrap().len(), 1, "{}", rest[0].1);
}

#[test]
fn a_place_that_is_moved_out_of_sight_is_followed_no_more() {
    let hall = hall();
    let (house, both) = (guard(&hall, "house", &["house"]), guard(&hall, "both", &["house", "barn"]));
    let addr = hall.addr;
    let follow = |guard: String| thread::spawn(move || told(addr, "for_s=3&zone=kitchen", &guard));
    let following = [house, both].map(follow);
    thread::sleep(Duration::from_millis(500));
    let moved = json!({ "kind": "zone", "within": "barn" }).to_string();
    let put = hall.send("PUT", "zones/kitchen", "Content-Type: application/json\r\n", &moved);
    assert_eq!(put.0, 200, "{}", put.1);
    // Whoever is being told at this moment may still be told where it was.
    thread::sleep(Duration::from_secs(1));
    hall.engine.frame(FLAME);
    let [limited, wide] = following.map(|following| following.join().unwrap());
    let flames = |told: &[(String, Value)]| {
        let is_flame = |data: &Value| data["ip_id"] == "10.0.0.7_7" || data["source"] == "10.0.0.7_7";
        told.iter().filter(|(_, data)| is_flame(data)).map(|(event, _)| event.clone()).collect::<Vec<_>>()
    };
    assert_eq!(flames(&limited), [""; 0]);
    for kind in ["event", "alarm", "reading"] {
        assert!(flames(&wide).iter().any(|event| event == kind), "{kind}: {:?}", flames(&wide));
    }
}
